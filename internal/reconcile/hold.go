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

// wholeOf is the hold of the record itself, nil when there is none.
func wholeOf(holds []conversion.FieldHold) *conversion.FieldHold {
	if i, ok := conversion.FindHold(holds, 0); ok {
		h := holds[i]
		return &h
	}
	return nil
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
// quarter of an hour at most; what waits for a person an hour, doubling, a day at most; a new
// record that the next look-up or pull puts right, not so long at first. A fifth more or less, by the record, keeps many from coming back at once.
func backoff(h conversion.FieldHold, w conversion.Write) time.Duration {
	d := min(time.Hour<<min(h.Tries-1, 5), 24*time.Hour)
	switch {
	case h.Fix == conversion.FixItself:
		d = min(15*time.Second<<min(h.Tries-1, 10), 15*time.Minute)
	case h.Code == "DUPLICATES_DETECTED" && w.Action == conversion.ActionCreate && h.Tries == 1:
		d = 15 * time.Second // it is looked up, and linked (spec 4.2)
	case h.Field == "AccountId" && w.Action == conversion.ActionCreate && h.Tries <= 3:
		d = 5 * time.Minute // its Account went; the next pull tells which it is now
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
