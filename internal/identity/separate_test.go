package identity_test

import (
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"conversion"
	"conversion/internal/identity"
	"conversion/internal/reconcile"
)

// separate lets the records be an entity of their own, as the directory does.
func (o *org) separate(ids ...string) error {
	at := slices.IndexFunc(o.groups, func(g conversion.Group) bool { return g.Link(ref(ids[0])) != nil })
	rest := &o.groups[at]
	who, err := identity.Separate(*rest, ids)
	if err != nil {
		return err
	}
	for _, g := range o.groups {
		if e := g.Entity; e.Live() && e != rest.Entity && e.Key != "" && (e.Key == who.Key || e.Key == who.Stays) {
			return conversion.Errorf(conversion.CodeConflict, "%s has it", e.ID)
		}
	}
	own := conversion.Group{Entity: &conversion.Entity{
		ID: o.newID(), Kind: rest.Entity.Kind, Key: who.Key, Origin: conversion.OriginSalesforce, Created: o.now,
	}}
	rest.Entity.Key = who.Stays
	reconcile.Separate(rest, &own, who.Links, emails, o.now)
	o.groups = append(o.groups, own)
	return nil
}

func separated(ids ...string) step {
	return func(o *org) {
		if err := o.separate(ids...); err != nil {
			panic(err)
		}
	}
}

// combined lets everything of the first record's entity go to the other's, by hand.
func combined(from, into string) step {
	return func(o *org) {
		var groups [2]*conversion.Group
		for i := range o.groups {
			for j, id := range []string{from, into} {
				if o.groups[i].Link(ref(id)) != nil {
					groups[j] = &o.groups[i]
				}
			}
		}
		reconcile.Combine(groups[1], groups[0], emails, o.now)
	}
}

func TestACombinationIsTakenApart(t *testing.T) {
	t.Parallel()
	two := page(read("L1", "a", 1), read("L2", "b", 1))
	again := page(read("L1", "a", 1), read("L2", "b", 1))
	tell(t, []story{
		{"a record gets a contact of its e-mail", []step{two, combined("L2", "L1"), separated("L2")}, "a: L1; b: L2"},
		{"and stays there when it is read again", []step{two, combined("L2", "L1"), separated("L2"), again}, "a: L1; b: L2"},
		{"the one it leaves takes the e-mail of the record that stays", []step{two, combined("L2", "L1"), separated("L1"), again}, "a: L1; b: L2"},
		{"several go together, with the e-mail that was changed last", []step{
			page(read("L1", "a", 1), read("L2", "b", 1), read("L3", "c", 2)), combined("L2", "L1"), combined("L3", "L1"), separated("L2", "L3"),
		}, "a: L1; c: L2, L3"},
		{"a later change of its e-mail moves it as ever", []step{
			two, combined("L2", "L1"), separated("L2"), page(read("L2", "a", 5)),
		}, "a: L1, L2"},
		{"a Contact leaves the lead that it was", []step{
			page(read("L1", "a", 1)), page(into("L1", "a", "C1", 5), read("C1", "b", 6)), page(read("L3", "a", 7)),
			separated("C1"), page(into("L1", "a", "C1", 5), read("C1", "b", 8)),
		}, "a: L1 converted, L3; b: C1"},
		{"one whose contact was edited leaves it its e-mail", []step{
			page(read("L1", "a", 1)), edited("a", "z", 2), page(read("L2", "z", 3)), separated("L1"),
		}, "a: L1; z: L2"},
		{"an edit's e-mail stays when the record took another since", []step{
			page(read("L1", "a", 1)), edited("a", "z", 2), page(read("L1", "b", 5)), separated("L1"), page(read("L1", "b", 6)),
		}, "b: L1; z: "},
		{"Accounts without a website are taken apart too", []step{
			page(read("A1", "", 1), read("A2", "", 1)), combined("A2", "A1"), separated("A2"), page(read("A2", "", 2)),
		}, ": A1; : A2"},
	})
}

func TestWhatIsNotTakenApart(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		because string
		steps   []step
		ids     []string
		code    conversion.Code
		says    string
	}{
		{"a record with the e-mail of one that stays", []step{page(read("L1", "a", 1), read("L2", "a", 1))}, []string{"L2"}, conversion.CodeConflict, "same e-mail address as Lead L1"},
		{"an Account with its domain", []step{page(read("A1", "x.de", 1), read("A2", "x.de", 1))}, []string{"A2"}, conversion.CodeConflict, "same domain as Account A1"},
		{"the only record", []step{page(read("L1", "a", 1))}, []string{"L1"}, conversion.CodeConflict, "without an e-mail address"},
		{"somebody else's record", []step{page(read("L1", "a", 1), read("L2", "b", 1))}, []string{"L1", "L2"}, conversion.CodeInvalid, "L2 is no record"},
		{"a record that has no e-mail", []step{
			page(read("L1", "a", 1)), page(into("L1", "a", "C1", 5), read("C1", "", 6)), page(read("L2", "a", 7)),
		}, []string{"C1"}, conversion.CodeInvalid, "none of them has an e-mail"},
		{"a record that is gone", []step{
			page(read("L1", "a", 1), read("L2", "a", 1)), page(deleted(read("L2", "a", 2))),
		}, []string{"L2"}, conversion.CodeInvalid, "must be there"},
		{"what a record left", []step{
			page(read("L1", "a", 1), read("L2", "b", 1)), combined("L2", "L1"), separated("L2"),
		}, []string{"L1", "L2"}, conversion.CodeInvalid, "L2 is no record"},
	} {
		o := new(org)
		for _, step := range row.steps {
			step(o)
		}
		before := o.String()
		err := o.separate(row.ids...)
		if conversion.ErrorCode(err) != row.code || !strings.Contains(err.Error(), row.says) || o.String() != before {
			t.Errorf("%s: %v, now %s", row.because, err, o)
		}
	}
	if _, err := identity.Separate(conversion.Group{Entity: new(conversion.Entity)}, nil); conversion.ErrorCode(err) != conversion.CodeInvalid {
		t.Errorf("naming no record: %v", err)
	}
}

func TestWhatIsTakenApartStaysApart(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		o := new(org)
		live(t, o)
		o.apply(drawRecords(t, 60)...)
		readAgain := func() {
			for _, id := range recordIDs {
				if r, ok := o.there[ref(id)]; ok {
					o.apply(r)
				}
			}
		}
		readAgain()
		standing := slices.DeleteFunc(slices.Clone(o.groups), func(g conversion.Group) bool { return !g.Entity.Live() || len(g.Links) == 0 })
		if len(standing) < 2 {
			return
		}
		into, from := &standing[0], &standing[1]
		reconcile.Combine(into, from, emails, o.now)
		o.store(into)
		o.store(from)
		if err := o.separate(rapid.SampledFrom(recordIDs).Filter(func(id string) bool { return o.link(id) != nil }).Draw(t, "separated")); err != nil {
			return
		}
		o.mustBeSound(t)
		want := o.String()
		readAgain()
		if got := o.String(); got != want {
			t.Fatalf("after the next readings\n%s\nnot\n%s", got, want)
		}
	})
}
