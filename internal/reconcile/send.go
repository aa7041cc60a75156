package reconcile

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"conversion"
)

// Terms are what a plan is made under.
type Terms struct {
	Rules conversion.Rules
	Now   conversion.Moment // by our own clock
	Wait  time.Duration     // how long a request of unknown outcome may still take effect (spec 4.3)
	Self  string            // the connected Salesforce user: whose edits are our own
	// CompanyName and AccountID are those of a contact's company: what a new Lead and a
	// new Contact get (spec 4.4, 4.5). Empty when there is none.
	CompanyName string
	AccountID   string
	Rewrites    int // how often a day others may change a field after us before it is held (spec 4.7); 0: ever so often
	// Keyed are the objects whose creates are upserts by our External Id field (spec 4.3).
	Keyed map[conversion.Object]bool
	// Withheld are own claims of the group that an admin has to let go first (spec 4.11).
	Withheld []WithheldClaim
}

// Send plans what has to be written to the records that the group is linked to: an update
// for each field whose newest own claim still has to go out, or a deletion for an entity
// that was deleted (spec 4.1, 4.8, 5). It stores the intents in the group and settles what
// needs no writing. Records are never created here; see Create.
//
// What cannot go now is left, and the plan says for what it waits.
func Send(g conversion.Group, s *conversion.Schema, t Terms) conversion.Plan {
	plan := conversion.Plan{Group: g, Expect: g.Entity.Version}
	g.Entity.Holds = nil // nothing is to be created
	if !g.Entity.Live() {
		plan.Writes = deletions(g, t, &plan.Left)
		return plan
	}
	var refused []conversion.VarID
	for _, l := range g.Links {
		if !l.Live() {
			continue
		}
		refused = append(refused, settleRefused(g, l, s, t)...)
		write := update(g, l, s, t, &plan.Left)
		if len(write.Fields) > 0 {
			plan.Writes = append(plan.Writes, write)
		}
	}
	plan.Problems = append(unreached(g, t.Rules, plan.Left.Parked), refusedInBulk(g, s, refused)...)
	return plan
}

// update plans the update of one record, without what is held of it (spec 4.9).
func update(g conversion.Group, l *conversion.Link, s *conversion.Schema, t Terms, left *conversion.Left) conversion.Write {
	write := conversion.Write{Action: conversion.ActionUpdate, Ref: l.Ref, EntityID: g.Entity.ID, Parent: accountOf(l)}
	write.Fields = sift(g.Entity, l, wanted(g, l, s, t, left), t, left)
	for _, f := range write.Fields {
		intent := &l.Field(f.Var).Intent
		*intent = conversion.Intent{Value: f.Value, Number: f.Number, At: t.Now, Again: intent.Number == f.Number}
	}
	sortFields(write.Fields)
	return write
}

// wanted are the own claims that may go to a record by the rule and mode of now. It
// settles what needs no writing.
func wanted(g conversion.Group, l *conversion.Link, s *conversion.Schema, t Terms, left *conversion.Left) []candidate {
	var list []candidate
	for i := range l.Fields {
		forget(&l.Fields[i], t, left)
	}
	for _, c := range g.Entity.Own {
		v := s.ByID(c.Var)
		state := l.Field(c.Var)
		if v == nil || state == nil || state.Seen.Absent() {
			left.Waiting = left.Waiting || waitsForReading(l, v, c)
			continue // the record has no such field, or we never read it
		}
		way := conversion.Updating(l.Ref.Object)
		if born(l, c) {
			way |= conversion.Creating(l.Ref.Object)
		}
		if c.Number <= state.Settled || c.Reach&way == 0 {
			continue
		}
		value, ok := valueFor(v, c, t)
		if !ok {
			left.Lacking = true
			continue
		}
		switch decide(g, v, c, value, state, l.Ref.Object) {
		case settle:
			unsure := state.Intent.Number > 0 && state.Intent.Number != c.Number
			switch {
			case unsure || state.Reading.Asked < c.Said:
				left.Waiting = true // what was seen may not be what is there
			case undecided(g) && !same(v, state.Seen, value):
				left.Lacking = true // what it would yield to may be a copy of what it is newer than
			default:
				state.Settled = c.Number
			}
		case send:
			field, _ := v.On(l.Ref.Object)
			switch {
			case t.Rules.Reach()&way == 0:
				left.Parked = true
			case state.Intent.Number > 0 && state.Intent.Number != c.Number:
				left.Waiting = true
			default:
				w := conversion.FieldWrite{Field: field.Name, Var: c.Var, Before: state.Seen, Value: value, Number: c.Number}
				list = append(list, candidate{w, field})
			}
		}
	}
	return list
}

// undecided reports whether the next pull still has to tell whose the records of the group
// are: what a conversion copied is known for that only then (spec 3.8).
func undecided(g conversion.Group) bool {
	return slices.ContainsFunc(g.Links, func(l *conversion.Link) bool { return l.Pending })
}

// waitsForReading reports whether an own claim may go to a record that a create made and
// that could not be read since: only the reading tells what it holds (spec 4.6).
func waitsForReading(l *conversion.Link, v *conversion.Variable, c conversion.OwnClaim) bool {
	if v == nil || l.Reading != (conversion.Reading{}) || !c.Reach.Has(conversion.Updating(l.Ref.Object)) {
		return false
	}
	state := l.Field(c.Var)
	_, mapped := v.On(l.Ref.Object)
	return mapped && (state == nil || c.Number > state.Settled)
}

// accountOf returns the id of the Account that the link's record was last seen to be of.
func accountOf(l *conversion.Link) string {
	if state := l.Field(conversion.AccountVar); state != nil && l.Ref.Object == conversion.Contact {
		return state.Seen.String()
	}
	return ""
}

// valueFor returns what an own claim is to a record: itself, but for a contact's company,
// which a record names by its Account. ok is false while the company has none.
func valueFor(v *conversion.Variable, c conversion.OwnClaim, t Terms) (value conversion.Value, ok bool) {
	if !isCompany(v) || c.Value.Blank() {
		return c.Value, true
	}
	return conversion.Text(t.AccountID), t.AccountID != ""
}

// isCompany reports whether the variable is a contact's company (spec 3.15).
func isCompany(v *conversion.Variable) bool {
	return v.Kind == conversion.KindContact && v.ID == conversion.AccountVar
}

// expire forgets an intent whose request can no longer take effect (spec 4.3), once the
// field was read after that: until then nobody knows whether it did.
func expire(state *conversion.FieldState, t Terms) {
	if state.Intent.Number > 0 && !state.Intent.Pending(min(t.Now, state.Reading.Asked), t.Wait) {
		state.Intent = conversion.Intent{}
	}
}

// forget lets an intent expire in its time, also when nothing is to be sent: one that stayed
// would take for its echo what somebody says much later.
func forget(state *conversion.FieldState, t Terms, left *conversion.Left) {
	expire(state, t)
	switch until := state.Intent.At.Add(t.Wait); {
	case state.Intent.Number == 0:
	case t.Now < until:
		waitUntil(left, until)
	default:
		left.Waiting = true // it is to be read once more
	}
}

type verdict int

const (
	leave  verdict = iota // not now: the mode or the field forbids it
	settle                // dealt with: equal, or lost to a newer claim
	send
)

// decide says what to do with an own claim about one record's field (spec 4.1, 6).
func decide(g conversion.Group, v *conversion.Variable, c conversion.OwnClaim, value conversion.Value, state *conversion.FieldState, o conversion.Object) verdict {
	field, ok := v.On(o)
	if !ok || v.LeftOut || field.Calculated {
		return leave // a field that is hidden or read-only now is held, see sift
	}
	switch v.Mode {
	case conversion.ModeAlwaysSalesforce, conversion.ModeNone:
		return leave
	case conversion.ModePreferSalesforce:
		if !state.Seen.Blank() {
			return settle
		}
	}
	if (v.Mode != conversion.ModeAlwaysConversion || c.Weak) && !newest(g, v, c) {
		return settle
	}
	if same(v, state.Seen, value) {
		return settle
	}
	return send
}

// newest reports whether the own claim is newer than every record's, answers to it aside
// (spec 4.1).
func newest(g conversion.Group, v *conversion.Variable, c conversion.OwnClaim) bool {
	own := contender{value: c.Value, stamp: c.Stamp()}
	for _, l := range g.Links {
		state := l.Field(v.ID)
		if state == nil || !state.Claim.Made() || state.Claim.Answers == c.Number {
			continue
		}
		claim := contender{value: state.Claim.Value, stamp: state.Claim.Stamp(l.Ref.ID)}
		if compare(v, own, claim) < 0 {
			return false
		}
	}
	return true
}

// same reports whether writing the value would change nothing that matters. A website is
// written only if its domain differs (spec 6).
func same(v *conversion.Variable, seen, value conversion.Value) bool {
	if seen == value || (seen.Blank() && value.Blank()) {
		return true
	}
	if isWebsite(v) {
		domain := conversion.Domain(value.String())
		return domain != "" && domain == conversion.Domain(seen.String())
	}
	return false
}

// deletions plans the deletion of every record the entity was linked to when it was
// deleted: Contacts before Leads, in the order of their ids.
func deletions(g conversion.Group, t Terms, left *conversion.Left) (writes []conversion.Write) {
	for _, l := range g.Links {
		if !deletable(g.Entity, l) {
			continue
		}
		whole := wholeOf(l.Holds)
		switch {
		case !g.Entity.Erasing && !t.Rules.Reach().Has(conversion.Deleting(l.Ref.Object)):
			left.Parked = true
		case whole != nil && recordStands(*whole, g.Entity, l, t.Now):
			waitUntil(left, whole.Retry)
		default:
			writes = append(writes, conversion.Write{Action: conversion.ActionDelete, Ref: l.Ref, EntityID: g.Entity.ID, Parent: accountOf(l)})
		}
	}
	slices.SortFunc(writes, func(a, b conversion.Write) int {
		return cmp.Or(cmp.Compare(a.Ref.Object, b.Ref.Object), cmp.Compare(a.Ref.ID, b.Ref.ID))
	})
	return writes
}

// Erasable reports whether an entity is to be erased once its records are gone from
// Salesforce, and they are (spec 3.11).
func Erasable(g conversion.Group) bool {
	waits := func(l *conversion.Link) bool { return deletable(g.Entity, l) }
	return g.Entity.Erasing && g.Entity.Creating == nil && !slices.ContainsFunc(g.Links, waits)
}

// deletable reports whether the deletion of the entity has to reach the record: it was
// linked at the time, is still there, and the rules of that time allowed it (spec 5.2).
func deletable(e *conversion.Entity, l *conversion.Link) bool {
	there := l.Live() || l.State == conversion.LinkIgnored
	return there && l.Linked <= e.Deleted && e.Death.Has(conversion.Deleting(l.Ref.Object))
}

// unreached explains a rule that found nothing to update: *Sync to leads* with only a
// Contact linked does nothing, and the timeline says why (spec 5.3).
func unreached(g conversion.Group, rules conversion.Rules, parked bool) []conversion.Problem {
	reach := rules.Reach()
	objects := g.Entity.Kind.Objects()
	var allowed []string
	for _, o := range objects {
		if reach.Has(conversion.Updating(o)) {
			allowed = append(allowed, string(o))
		}
	}
	live := slices.ContainsFunc(g.Links, func(l *conversion.Link) bool { return l.Live() })
	hit := slices.ContainsFunc(g.Links, func(l *conversion.Link) bool {
		return l.Live() && reach.Has(conversion.Updating(l.Ref.Object))
	})
	if parked || !live || hit || !unsent(g, reach) {
		return nil
	}
	return []conversion.Problem{{
		EntityID: g.Entity.ID, Code: "not_linked",
		Message: "Nothing was sent: the rule updates linked " + strings.Join(allowed, "s and ") + "s only, and none is linked.",
	}}
}

// unsent reports whether an own claim that the rules let go somewhere is not dealt with on
// some live link.
func unsent(g conversion.Group, reach conversion.Reach) bool {
	const updates = conversion.UpdateLead | conversion.UpdateContact | conversion.UpdateAccount
	return slices.ContainsFunc(g.Entity.Own, func(c conversion.OwnClaim) bool {
		return c.Reach&reach&updates != 0 && slices.ContainsFunc(g.Links, func(l *conversion.Link) bool {
			state := l.Field(c.Var)
			return l.Live() && state != nil && c.Number > state.Settled
		})
	})
}

func sortFields(fields []conversion.FieldWrite) {
	slices.SortFunc(fields, func(a, b conversion.FieldWrite) int { return cmp.Compare(a.Field, b.Field) })
}
