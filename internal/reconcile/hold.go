package reconcile

import (
	"cmp"
	"hash/fnv"
	"maps"
	"slices"
	"time"

	"conversion"
)

// Patience is how often something that goes away by itself is tried before people see it.
const Patience = 4

// checkAgain is when a field is looked at again that only a change of its definition lets
// be written: should that change have been missed.
const checkAgain = 24 * time.Hour

// candidate is an own claim that the rule and mode of now let go to a record's field.
type candidate struct {
	conversion.FieldWrite
	field conversion.Field
}

// sift leaves out of what would be written to a record what is held, and returns the rest
// (spec 4.9). A hold ends with its cause: the own claim was replaced, the field's
// definition changed, its time has come, or what it depends on changed. While a refused
// value is tried again its hold is kept, so that it is known since when and how often.
func sift(e *conversion.Entity, l *conversion.Link, wanted []candidate, t Terms, left *conversion.Left) []conversion.FieldWrite {
	s := sieve{link: l, wanted: wanted, now: t.Now, left: left, held: make(map[conversion.VarID]conversion.FieldHold)}
	trials := s.refusedBefore()
	s.blockUnwritable()
	s.blockRewritten(t.Rewrites)
	s.holdAlong()
	whole := wholeOf(l.Holds)
	if whole != nil && recordStands(*whole, e, l, t.Now) && len(wanted) > 0 {
		waitUntil(left, whole.Retry)
		l.Holds = sorted(append(s.kept(trials), *whole))
		return nil
	}
	l.Holds = sorted(s.kept(trials))
	if whole != nil && len(wanted) > len(s.held) {
		l.Holds = sorted(append(l.Holds, *whole)) // it is tried now
	}
	return s.rest()
}

// sieve is one record's wanted fields on their way through its holds.
type sieve struct {
	link   *conversion.Link
	wanted []candidate
	now    conversion.Moment
	left   *conversion.Left
	held   map[conversion.VarID]conversion.FieldHold // what stays behind
}

// refusedBefore finds out which of Salesforce's refusals still stand, and returns those
// that are tried again. Fields that were held together are let go together.
func (s *sieve) refusedBefore() (trials []conversion.FieldHold) {
	free := make(map[conversion.VarID]bool) // by the variable that was refused
	var stand []conversion.FieldHold
	for _, h := range s.link.Holds {
		c := s.find(h.Var)
		switch {
		case h.Whole() || ours(h.Code):
		case c == nil || c.Number != h.Number: // dealt with, or replaced
			free[root(h)] = true
		default:
			free[root(h)] = free[root(h)] || s.now >= h.Retry || redefined(h, *c) || s.joined(h, c.field)
			stand = append(stand, h)
		}
	}
	for _, h := range stand {
		if free[root(h)] {
			trials = append(trials, h)
		} else {
			s.held[h.Var] = h
		}
	}
	return trials
}

// redefined reports whether the field's definition changed since it refused the value, to
// one that may take it.
func redefined(h conversion.FieldHold, c candidate) bool {
	return c.field.Shape() != h.Shape && c.field.Check(c.Value) == nil
}

// joined reports whether a field that h depends on is to be written now, and was not when
// h was refused.
func (s *sieve) joined(h conversion.FieldHold, field conversion.Field) bool {
	return slices.ContainsFunc(s.wanted, func(c candidate) bool {
		i, held := conversion.FindHold(s.link.Holds, c.Var)
		same := held && s.link.Holds[i].Number == c.Number
		return c.Var != h.Var && !same && field.Together(c.field)
	})
}

// blockUnwritable holds what describe says cannot be written now.
func (s *sieve) blockUnwritable() {
	for _, c := range s.wanted {
		switch {
		case !c.field.Live():
			s.block(c, conversion.FieldHold{
				Code: conversion.HoldFieldGone, Fix: conversion.FixSalesforce, Retry: s.now.Add(checkAgain),
				Message: c.Field + " is no longer there in Salesforce, or is hidden from the connected user.",
				Hint:    "Give the connected user access to it, or leave the variable out of the sync.",
			})
		case !c.field.Updateable:
			s.block(c, conversion.FieldHold{
				Code: conversion.HoldNotWritable, Fix: conversion.FixSalesforce, Retry: s.now.Add(checkAgain),
				Message: "The connected Salesforce user may not edit " + c.Field + ".",
				Hint:    "Give the user edit access to the field, or let Salesforce always win for the variable.",
			})
		}
	}
}

// blockRewritten holds what others keep changing after us (spec 4.7).
func (s *sieve) blockRewritten(limit int) {
	for _, c := range s.wanted {
		r := rewritesOf(s.link, c.Var)
		if r == nil || limit == 0 || timesSince(*r, s.now) <= limit {
			continue
		}
		s.block(c, conversion.FieldHold{
			Code: conversion.HoldOscillation, Fix: conversion.FixSalesforce, Retry: calmAt(*r, limit), By: r.By,
			Message: "Somebody else has changed " + c.Field + " after us more than 3 times within 24 hours.",
			Hint:    "Find out which automation or integration writes the field, and let one system own it.",
		})
	}
}

// block holds a field for a reason of ours; since when it has been so is kept.
func (s *sieve) block(c candidate, h conversion.FieldHold) {
	if _, held := s.held[c.Var]; held {
		return
	}
	h.Var, h.Field, h.Number, h.Shape, h.Since, h.Tries = c.Var, c.Field, c.Number, c.field.Shape(), s.now, 1
	if i, ok := conversion.FindHold(s.link.Holds, c.Var); ok {
		if was := s.link.Holds[i]; was.Code == h.Code {
			h.Since, h.Born = was.Since, was.Born
		}
	}
	s.held[c.Var] = h
}

// holdAlong keeps back what depends on a field that is held.
func (s *sieve) holdAlong() {
	for again := true; again; {
		again = false
		for _, c := range s.wanted {
			if _, held := s.held[c.Var]; held {
				continue
			}
			for _, other := range s.wanted {
				if h, held := s.held[other.Var]; held && c.field.Together(other.field) {
					s.held[c.Var], again = along(h, c), true
					break
				}
			}
		}
	}
}

// along is the hold of a field that depends on a held one.
func along(h conversion.FieldHold, c candidate) conversion.FieldHold {
	h.With = root(h)
	h.Var, h.Field, h.Number, h.Shape = c.Var, c.Field, c.Number, c.field.Shape()
	return h
}

// root is the variable that was refused itself.
func root(h conversion.FieldHold) conversion.VarID { return cmp.Or(h.With, h.Var) }

// ours reports whether a hold is found anew whenever it is planned.
func ours(code string) bool {
	return code == conversion.HoldOscillation || code == conversion.HoldNotWritable || code == conversion.HoldFieldGone
}

func (s *sieve) find(id conversion.VarID) *candidate {
	i := slices.IndexFunc(s.wanted, func(c candidate) bool { return c.Var == id })
	if i < 0 {
		return nil
	}
	return &s.wanted[i]
}

// kept are the holds that the link goes on with.
func (s *sieve) kept(trials []conversion.FieldHold) []conversion.FieldHold {
	var kept []conversion.FieldHold
	for _, h := range s.held {
		waitUntil(s.left, h.Retry)
		kept = append(kept, h)
	}
	for _, h := range trials {
		if _, held := s.held[h.Var]; !held {
			kept = append(kept, h)
		}
	}
	return kept
}

// waitUntil notes the earliest time of what is held.
func waitUntil(left *conversion.Left, until conversion.Moment) {
	if left.Held == 0 || until < left.Held {
		left.Held = until
	}
}

func (s *sieve) rest() []conversion.FieldWrite {
	var rest []conversion.FieldWrite
	for _, c := range s.wanted {
		if _, held := s.held[c.Var]; !held {
			rest = append(rest, c.FieldWrite)
		}
	}
	return rest
}

// wholeOf is the hold of the record itself, nil when there is none.
func wholeOf(holds []conversion.FieldHold) *conversion.FieldHold {
	if i, ok := conversion.FindHold(holds, 0); ok {
		h := holds[i]
		return &h
	}
	return nil
}

// recordStands reports whether a refusal of the record as a whole still stands: nothing was
// edited here or there since, and its time has not come.
func recordStands(h conversion.FieldHold, e *conversion.Entity, l *conversion.Link, now conversion.Moment) bool {
	return now < h.Retry && e.Numbers == h.Number && uint64(l.Reading.Modstamp) == h.Shape &&
		(e.Live() || h.Since >= e.Deleted)
}

func sorted(holds []conversion.FieldHold) []conversion.FieldHold {
	slices.SortFunc(holds, func(a, b conversion.FieldHold) int { return cmp.Compare(a.Var, b.Var) })
	return holds
}

// Hold takes a known refusal of a write into the group (spec 4.9): nothing was stored, so
// nothing can echo. A field that is to blame is held alone, with what depends on it; a
// refusal that names none of the write's fields holds the record. What goes away by itself
// holds the record for a short while.
func Hold(g conversion.Group, w conversion.Write, f *conversion.RemoteError, s *conversion.Schema, t Terms) {
	l := g.Link(w.Ref)
	holds, stamp := &g.Entity.Holds, madeOf(t.Rules)
	if w.Action != conversion.ActionCreate {
		if l == nil {
			return
		}
		Refuse(l, w)
		holds, stamp = &l.Holds, uint64(l.Reading.Modstamp)
	}
	if w.Action == conversion.ActionDelete { // what was held before the deletion matters no more
		l.Holds = slices.DeleteFunc(l.Holds, func(h conversion.FieldHold) bool { return h.Since < g.Entity.Deleted })
	}
	blamed := blame(w, f, s)
	if len(blamed) == 0 {
		put(holds, w, conversion.FieldHold{Field: namedBy(w, f), Number: g.Entity.Numbers, Shape: stamp}, f, t.Now)
		return
	}
	for _, h := range blamed {
		h.Born = w.Action == conversion.ActionCreate
		put(holds, w, h, f, t.Now)
	}
}

// blame finds the fields of a write that its refusal names, and what depends on them. It
// is empty when the record has to be held: a new one is not made without a field that it
// requires, without its e-mail, or without what it gets from elsewhere than its own values.
func blame(w conversion.Write, f *conversion.RemoteError, s *conversion.Schema) []conversion.FieldHold {
	if f.Retry {
		return nil
	}
	wanted := candidates(w, s)
	sv := sieve{wanted: wanted, held: make(map[conversion.VarID]conversion.FieldHold)}
	for _, c := range wanted {
		if !slices.Contains(f.Fields, c.Field) {
			continue
		}
		sv.held[c.Var] = conversion.FieldHold{Var: c.Var, Field: c.Field, Number: c.Number, Shape: c.field.Shape()}
	}
	sv.holdAlong()
	var blamed []conversion.FieldHold
	for _, c := range wanted {
		h, held := sv.held[c.Var]
		v := s.ByID(c.Var)
		if held && (c.Number == 0 || w.Action == conversion.ActionCreate && (c.field.Required || isKey(v))) {
			return nil
		}
		if held {
			blamed = append(blamed, h)
		}
	}
	return blamed
}

// candidates are a write's fields with their definitions.
func candidates(w conversion.Write, s *conversion.Schema) []candidate {
	var list []candidate
	for _, f := range w.Fields {
		if v := s.ByID(f.Var); v != nil {
			field, _ := v.On(w.Ref.Object)
			list = append(list, candidate{f, field})
		}
	}
	return list
}

// namedBy is the field of a write that its refusal names first, "" for none.
func namedBy(w conversion.Write, f *conversion.RemoteError) string {
	if f.Retry || len(f.Fields) == 0 {
		return ""
	}
	return f.Fields[0]
}

// put adds a refusal to the holds, in place of an earlier one of the same variable: its
// tries are counted on, and the time since when it is there is kept.
func put(holds *[]conversion.FieldHold, w conversion.Write, h conversion.FieldHold, f *conversion.RemoteError, now conversion.Moment) {
	h.Code, h.Message, h.Hint, h.Fix, h.Since, h.Tries = f.Code, f.Message, f.Hint, f.Fix, now, 1
	i, there := conversion.FindHold(*holds, h.Var)
	if there {
		if was := (*holds)[i]; was.Number == h.Number || h.Whole() {
			h.Since, h.Tries = was.Since, was.Tries+1
			h.Born = h.Born || was.Born
		}
	}
	h.Retry = now.Add(backoff(h, w))
	if there {
		(*holds)[i] = h
		return
	}
	*holds = slices.Insert(*holds, i, h)
}

// backoff says how long a refused write waits: what goes away by itself 15 s, doubling, a
// quarter of an hour at most; what waits for a person an hour, doubling, a day at most. A
// fifth more or less, by the record, keeps many from coming back at once.
func backoff(h conversion.FieldHold, w conversion.Write) time.Duration {
	d := min(time.Hour<<min(h.Tries-1, 5), 24*time.Hour)
	switch {
	case h.Fix == conversion.FixItself:
		d = min(15*time.Second<<min(h.Tries-1, 10), 15*time.Minute)
	case h.Code == "DUPLICATES_DETECTED" && w.Action == conversion.ActionCreate && h.Tries == 1:
		d = 15 * time.Second // it is looked up, and linked (spec 4.2)
	}
	hash := fnv.New32a()
	_, _ = hash.Write([]byte(w.EntityID + w.Ref.String()))
	return d + d/5*time.Duration(int(hash.Sum32()+uint32(h.Tries)*7919)%200-100)/100
}

// Release drops what was held of a record that now took the write, and of fields whose own
// claims are dealt with.
func Release(e *conversion.Entity, l *conversion.Link, w conversion.Write) {
	l.Holds = slices.DeleteFunc(l.Holds, func(h conversion.FieldHold) bool {
		if h.Whole() {
			return len(w.Fields) > 0
		}
		state, own := l.Field(h.Var), e.OwnClaim(h.Var)
		return own == nil || state == nil || state.Settled >= own.Number
	})
}

// CreateHeld returns until when the creation of the entity's record is held as a whole, 0
// when it may be tried: a refusal stands until something is edited here, the admin chooses
// other defaults, or its time comes.
func CreateHeld(e *conversion.Entity, rules conversion.Rules, now conversion.Moment) conversion.Moment {
	if h := wholeOf(e.Holds); h != nil && now < h.Retry && e.Numbers == h.Number && h.Shape == madeOf(rules) {
		return h.Retry
	}
	return 0
}

// madeOf identifies what of the rules a new record is made of.
func madeOf(rules conversion.Rules) uint64 {
	h := fnv.New64a()
	for _, field := range slices.Sorted(maps.Keys(rules.Defaults)) {
		_, _ = h.Write([]byte(field + "\x00" + rules.Defaults[field] + "\x00"))
	}
	return h.Sum64()
}

// withoutHeld leaves out of a record to be created what Salesforce refused of it: it is
// held once the record is there.
func withoutHeld(e *conversion.Entity, fields []conversion.FieldWrite, s *conversion.Schema, o conversion.Object) []conversion.FieldWrite {
	var kept []conversion.FieldHold
	if whole := wholeOf(e.Holds); whole != nil {
		kept = append(kept, *whole) // until it is made
	}
	for _, c := range candidates(conversion.Write{Ref: conversion.Ref{Object: o}, Fields: fields}, s) {
		i, held := conversion.FindHold(e.Holds, c.Var)
		if held && e.Holds[i].Number == c.Number && e.Holds[i].Shape == c.field.Shape() {
			kept = append(kept, e.Holds[i])
		}
	}
	e.Holds = sorted(kept)
	return slices.DeleteFunc(fields, func(f conversion.FieldWrite) bool {
		_, held := conversion.FindHold(e.Holds, f.Var)
		return held && f.Var != 0
	})
}

// carryHolds moves what was left out of the record's creation to its link: it is not
// settled, and goes once its cause is gone.
func carryHolds(e *conversion.Entity, l *conversion.Link) {
	for _, h := range e.Holds {
		if own := e.OwnClaim(h.Var); !h.Whole() && own != nil && own.Number == h.Number {
			state := l.Ensure(h.Var)
			state.Settled = min(state.Settled, h.Number-1)
			l.Holds = append(l.Holds, h)
		}
	}
	e.Holds = nil
}

// born reports whether the claim was left out when the record was made.
func born(l *conversion.Link, c conversion.OwnClaim) bool {
	i, ok := conversion.FindHold(l.Holds, c.Var)
	return ok && l.Holds[i].Born && l.Holds[i].Number == c.Number
}

// HeldRows are what people are told of what is held of a group: as is the object it is
// still to be created as, "" when it is not. What goes away by itself is told once it did
// not for a while.
func HeldRows(g conversion.Group, as conversion.Object) []conversion.Held {
	var rows []conversion.Held
	add := func(ref conversion.Ref, holds []conversion.FieldHold) {
		for _, h := range holds {
			if h.Fix != conversion.FixItself || h.Tries >= Patience {
				rows = append(rows, heldRow(g.Entity.ID, ref, h, holds))
			}
		}
	}
	for _, l := range g.Links {
		add(l.Ref, l.Holds)
	}
	if as != "" {
		add(conversion.Ref{Object: as}, g.Entity.Holds)
	}
	return rows
}

// heldRow words one hold. What is held along with a refused field has its cause.
func heldRow(entityID string, ref conversion.Ref, h conversion.FieldHold, holds []conversion.FieldHold) conversion.Held {
	row := conversion.Held{
		EntityID: entityID, Ref: ref, Field: h.Field, Fix: h.Fix, Code: h.Code, Message: h.Message, Hint: h.Hint,
		UserID: h.By, Since: h.Since, Retry: h.Retry, Cause: conversion.Cause(h.Code, ref.Object, h.Field),
	}
	if i, ok := conversion.FindHold(holds, h.With); ok && h.With != 0 {
		row.Cause = conversion.Cause(h.Code, ref.Object, holds[i].Field)
		row.Message = "It waits for " + holds[i].Field + ", with which it has to fit. " + h.Message
	}
	return row
}

// Retry lets go at once what of a group is held and chosen: somebody says that its cause is
// gone. Others' changes of a field are forgiven. It returns how many holds it chose; the
// entity then has something to send. as is the object it is still to be created as, if any.
func Retry(g conversion.Group, as conversion.Object, chosen func(conversion.Held) bool, now conversion.Moment) (n int) {
	release := func(ref conversion.Ref, holds []conversion.FieldHold) (roots map[conversion.VarID]bool) {
		roots = make(map[conversion.VarID]bool)
		for i, h := range holds {
			if chosen(heldRow(g.Entity.ID, ref, h, holds)) {
				holds[i].Retry = now
				roots[root(h)] = true
				n++
			}
		}
		return roots
	}
	for _, l := range g.Links {
		roots := release(l.Ref, l.Holds)
		l.Rewrites = slices.DeleteFunc(l.Rewrites, func(r conversion.Rewrites) bool { return roots[r.Var] })
	}
	release(conversion.Ref{Object: as}, g.Entity.Holds)
	if n > 0 {
		g.Entity.Retry = 0
		g.Entity.Dirty = cmp.Or(g.Entity.Dirty, now)
	}
	return n
}
