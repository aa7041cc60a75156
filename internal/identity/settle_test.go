package identity_test

import (
	"fmt"
	"slices"
	"testing"

	"conversion"
	"conversion/internal/identity"
)

// pages reads each record on a page of its own, in one cycle.
func pages(records ...conversion.Record) step {
	return func(o *org) {
		for _, r := range records {
			o.page(r)
		}
		o.settle()
	}
}

// made adds a contact that was made in Conversion.
func made(key string) step {
	return func(o *org) {
		o.groups = append(o.groups, conversion.Group{Entity: &conversion.Entity{ID: o.newID(), Kind: conversion.KindContact, Key: key}})
	}
}

// wentWithItsLast deletes the entity of the key as the option does once its last record is
// gone (spec 3.10).
func wentWithItsLast(key string) step {
	return func(o *org) {
		for _, g := range o.groups {
			if g.Entity.Key == key && g.Entity.Live() {
				o.now++
				g.Entity.Deleted, g.Entity.Gone = o.now, true
			}
		}
	}
}

// TestWhoMayTakeAnEmail is about emails that others have or carry (spec 3.12, 3.5).
func TestWhoMayTakeAnEmail(t *testing.T) {
	t.Parallel()
	tell(t, []story{
		{"of two new ones not the one that a record carries elsewhere", []step{
			page(read("L1", "a", 1), read("L2", "b", 1), read("L3", "b", 1)), edited("a", "z", 2),
			page(read("L2", "a", 5), read("L3", "c", 4)),
		}, "c: L3; z: L1, L2"},
		{"one that only another of its own records carries", []step{
			page(read("L1", "a", 1)), edited("a", "z", 2), page(read("L2", "z", 3)), page(read("L2", "a", 5)),
		}, "a: L1, L2"},
		{"a record that has by now what its contact was given here is at home, and others come to it", []step{
			page(read("L1", "a", 1), read("L8", "b", 1), read("L9", "b", 1)),
			page(deleted(read("L9", "b", 2)), read("L8", "x", 2)), edited("a", "b", 3),
			page(read("L1", "b", 10), read("L9", "b", 10)),
		}, "b: L1, L9; x: L8"},
		{"one that is overruled here goes to the records that went to its e-mail in the same step", []step{
			page(read("L1", "a", 1), read("L3", "a", 1), read("L2", "c", 1)), edited("c", "z", 9),
			page(read("L1", "b", 5), read("L2", "b", 5)),
		}, "a: L3; b: L1, L2"},
		{"but not after those that are ignored", []step{
			page(read("L4", "b", 1)), buried("b"),
			page(read("L1", "a", 1), read("L3", "a", 1), read("L2", "c", 1)), edited("c", "z", 9),
			page(read("L1", "b", 5), read("L2", "b", 5)),
		}, "a: L3; b (deleted): L1 ignored, L4; z: L2"},
		{"a record goes to the living contact, not to one of its e-mail that was deleted before", []step{
			page(read("L1", "a", 1)), buried("a"), made("a"),
			page(read("L3", "x", 2), read("L4", "x", 2)), page(read("L3", "a", 3)),
		}, "a (deleted): L1; a: L3; x: L4"},
		{"a new record does not go to a contact that leaves", []step{
			page(read("L2", "b", 1), read("L3", "c", 1), read("L4", "b", 1)), page(deleted(read("L4", "b", 2))),
			pages(read("L5", "b", 5), read("L2", "c", 5)),
		}, "b: L5; c: L2, L3, L4 deleted_in_salesforce"},
	})
}

// TestWhatAnHeirFinds is about new records that others became, and who gives up their e-mail.
func TestWhatAnHeirFinds(t *testing.T) {
	t.Parallel()
	tell(t, []story{
		{"a contact that gives the e-mail up does not count, whatever its ended records carried", []step{
			page(read("L1", "a", 1), read("L2", "b", 1), read("L5", "b", 1)), page(deleted(read("L5", "b", 2))),
			page(lost("L1", "L3", 5), read("L3", "b", 6), read("L2", "c", 6)),
		}, "a: L1 merged, L3; c: L2, L5 deleted_in_salesforce"},
		{"a Contact that was deleted meanwhile stays deleted with a deleted contact", []step{
			page(read("L1", "a", 1)), buried("a"), page(read("C1", "b", 6)),
			page(into("L1", "a", "C1", 5), deleted(read("C1", "b", 7))),
		}, "a (deleted): C1 deleted_in_salesforce, L1 converted"},
	})
}

// TestWhatCameBackIsOneWithWhatIsThere is about entities that went with their last record
// (spec 3.10) and records that come back.
func TestWhatCameBackIsOneWithWhatIsThere(t *testing.T) {
	t.Parallel()
	tell(t, []story{
		{"a contact that was made with its e-mail meanwhile", []step{
			page(read("L1", "a", 1)), page(deleted(read("L1", "a", 2))), wentWithItsLast("a"), made("a"), page(read("L1", "a", 3)),
		}, "a: L1"},
		{"another that came back in the same step", []step{
			page(read("L1", "a", 1)), page(deleted(read("L1", "a", 2))), wentWithItsLast("a"), made("a"),
			func(o *org) {
				o.groups[1].Links = []*conversion.Link{{Ref: ref("L2"), EntityID: o.groups[1].Entity.ID, State: conversion.LinkDeleted, Key: "a", Placed: "a"}}
			}, wentWithItsLast("a"),
			page(read("L1", "a", 5), read("L2", "a", 5)),
		}, "a: L1, L2"},
		{"but no two without a domain", []step{
			page(read("A1", "", 1), read("A2", "", 1)), page(deleted(read("A1", "", 2)), deleted(read("A2", "", 2))), wentWithItsLast(""),
			page(read("A1", "", 3), read("A2", "", 3)),
		}, ": A1; : A2"},
		{"a contact that went later than one that was deleted here", []step{
			page(read("L1", "a", 1)), buried("a"), made("a"),
			func(o *org) { o.now += 5 }, wentWithItsLast("a"), page(read("L2", "a", 20)),
		}, "a (deleted): L1; a: L2"},
	})
}

// TestOfWhatIsGoneTheLatestCounts holds that an e-mail is kept out by a deletion here that
// was later than anything (spec 3.11), however a record comes to it.
func TestOfWhatIsGoneTheLatestCounts(t *testing.T) {
	t.Parallel()
	gone := func(id string, at int, withItsLast bool) conversion.Group {
		return conversion.Group{Entity: &conversion.Entity{ID: id, Kind: conversion.KindContact, Key: "a", Deleted: moment(at), Gone: withItsLast}}
	}
	for _, was := range []struct {
		because string
		groups  []conversion.Group
	}{
		{"deleted twice", []conversion.Group{gone("earlier", 5, false), gone("later", 6, false)}},
		{"whatever their order", []conversion.Group{gone("x earlier", 5, false), gone("later", 6, false)}},
		{"deleted here after it went with its last record", []conversion.Group{gone("earlier", 5, true), gone("later", 6, false)}},
		{"went with its last record after it was deleted here", []conversion.Group{gone("earlier", 5, false), gone("later", 6, true)}},
	} {
		for because, steps := range map[string][]step{
			"a new record":                    {page(read("L1", "a", 9))},
			"one that was new before":         {func(o *org) { o.page(read("L1", "x", 8)) }, page(read("L1", "a", 9))},
			"one whose e-mail changed":        {page(read("L1", "x", 8), read("L2", "x", 8)), page(read("L1", "a", 9))},
			"one that another became":         {page(read("L3", "x", 8)), page(lost("L3", "L1", 8), read("L1", "a", 9))},
			"one whose contact is left alone": {page(read("L1", "x", 8)), page(read("L1", "a", 9))},
		} {
			o := &org{now: moment(7)}
			for _, g := range was.groups {
				o.groups = append(o.groups, g.Clone())
			}
			for _, s := range steps {
				s(o)
			}
			l := o.link("L1")
			if g := o.groups[slices.IndexFunc(o.groups, func(g conversion.Group) bool { return g.Entity.ID == "later" })]; l.EntityID != "later" || (l.State == conversion.LinkIgnored) == g.Entity.Live() {
				t.Errorf("%s, %s: it is %s with %s: %s", was.because, because, l.State, l.EntityID, o)
			}
		}
	}
}

// TestEveryStepSaysWhy is about what the timeline tells of who came to whom.
func TestEveryStepSaysWhy(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		because string
		steps   []step
		want    []string
	}{
		{"a record whose e-mail changed", []step{
			page(read("L1", "a", 1), read("L2", "b", 1), read("L3", "a", 1)), page(read("L1", "b", 2)),
		}, []string{"L1 goes from e001 to e002: rekeyed by L1"}},
		{"a contact that lost its last", []step{
			page(read("L1", "a", 1), read("L2", "b", 1)), page(read("L1", "b", 2)),
		}, []string{"all goes from e001 to e002: rekeyed by L1"}},
		{"a Contact that was put elsewhere before it was known what it had been", []step{
			page(read("L1", "a", 1)), pages(read("C1", "b", 6), into("L1", "a", "C1", 5)),
		}, []string{"all goes from e002 to e001: converted by C1"}},
		{"a winner that was", []step{
			page(read("L1", "a", 1)), pages(read("L2", "b", 6), lost("L1", "L2", 5)),
		}, []string{"all goes from e002 to e001: merged by L2"}},
		{"a new record whose e-mail is taken in the same cycle", []step{
			page(read("L1", "a", 1)), pages(read("L2", "b", 2), read("L1", "b", 2)),
		}, []string{"all goes from e002 to e001: rekeyed by L2"}},
		{"two new records whose contact is nobody's go straight where they belong", []step{
			page(read("L8", "y", 1), read("L9", "x", 1)),
			pages(read("L1", "a", 2), read("L2", "a", 2), read("L1", "b", 3), read("L8", "b", 3), read("L9", "a", 3)),
		}, []string{"L2 goes from e003 to e002: rekeyed by L2, as new", "all goes from e003 to e001: rekeyed by L1"}},
		{"a record that came back", []step{
			page(read("L1", "a", 1), read("L2", "a", 1)), page(deleted(read("L1", "a", 2))), page(read("L2", "c", 3)),
			page(read("L3", "a", 4)), page(read("L1", "a", 5)),
		}, []string{"L1 goes from e001 to e002: returned by L1"}},
	} {
		o := new(org)
		for _, step := range test.steps {
			step(o)
		}
		var got []string
		for _, s := range o.steps {
			got = append(got, said(s))
		}
		if !slices.Equal(got, test.want) {
			t.Errorf("%s:\n got %q\nwant %q", test.because, got, test.want)
		}
	}
}

func said(s identity.Step) string {
	what := "all"
	if s.Link != nil {
		what = s.Link.Ref.ID
	}
	text := fmt.Sprintf("%s goes from %s to %s: %s by %s", what, s.From.Entity.ID, s.To.Entity.ID, s.Why, s.By.ID)
	if s.New {
		text += ", as new"
	}
	return text
}

// TestNothingIsDecidedAgain holds that what is read again as it was leaves nothing to be
// decided: cost follows changes.
func TestNothingIsDecidedAgain(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		because string
		steps   []step
		again   conversion.Record
		want    conversion.LinkState
	}{
		{"a record that is where it belongs", []step{page(read("L1", "a", 1))}, read("L1", "a", 2), conversion.LinkLive},
		{"one that is held", []step{page(read("L1", "a", 1)), page(read("L1", "", 2))}, read("L1", "", 3), conversion.LinkHeld},
		{"one that is ignored", []step{page(read("L1", "a", 1)), buried("a"), page(read("L1", "a", 2))}, read("L1", "a", 3), conversion.LinkIgnored},
		{"one that is deleted", []step{page(read("L1", "a", 1)), page(deleted(read("L1", "a", 2)))}, deleted(read("L1", "a", 3)), conversion.LinkDeleted},
	} {
		o := new(org)
		for _, step := range test.steps {
			step(o)
		}
		o.page(test.again)
		if l := o.link("L1"); l.Pending || l.State != test.want {
			t.Errorf("%s is %s, pending %v", test.because, l.State, l.Pending)
		}
	}
}

// TestACycleLeavesNoneOfItsRecordsNew holds that only records of the present cycle may still
// belong elsewhere.
func TestACycleLeavesNoneOfItsRecordsNew(t *testing.T) {
	t.Parallel()
	for because, steps := range map[string][]step{
		"on a contact that was edited since a page made it": {
			page(read("L9", "x", 1)), func(o *org) { o.page(read("L1", "a", 2)) }, edited("a", "z", 3), pages(read("L9", "a", 4)),
		},
		"that was deleted in the same cycle": {
			page(read("L9", "x", 1)), pages(read("L1", "a", 2), deleted(read("L1", "a", 3)), read("L9", "a", 4)),
		},
	} {
		o := new(org)
		for _, s := range steps {
			s(o)
		}
		if l := o.link("L1"); l.Met != 0 {
			t.Errorf("a record %s is still new to the cycle %d", because, l.Met)
		}
	}
}

// TestANewRecordThatIsIgnoredIsPlacedAnewToo is about a record whose e-mail is a deleted
// contact's, and a live record that carries it and is back in the same cycle.
func TestANewRecordThatIsIgnoredIsPlacedAnewToo(t *testing.T) {
	t.Parallel()
	before := []step{page(read("L7", "a", 1)), edited("a", "z", 2), page(deleted(read("L7", "a", 3))), made("a"), buried("a")}
	want := "a (deleted): ; z: L1, L7"
	tell(t, []story{
		{"it is read first", append(before[:5:5], pages(read("L1", "a", 5), read("L7", "a", 6))), want},
		{"the other is read first", append(before[:5:5], pages(read("L7", "a", 6), read("L1", "a", 5))), want},
	})
}

// TestARecordThatWasRestoredIsPlacedWithTheEmailItHas is about what a person takes back in
// (spec 3.11): its e-mail may have changed while it was ignored.
func TestARecordThatWasRestoredIsPlacedWithTheEmailItHas(t *testing.T) {
	t.Parallel()
	for because, other := range map[string]string{"its contact goes on with another": "c", "its contact takes the same": "b"} {
		o := new(org)
		for _, s := range []step{page(read("L1", "a", 1), read("L2", "a", 1)), buried("a"), page(read("L1", "b", 2), read("L2", "a", 2))} {
			s(o)
		}
		for _, l := range o.groups[0].Links {
			l.State = conversion.LinkLive
		}
		o.groups[0].Entity.Deleted = 0
		page(read("L2", other, 5))(o)
		if l := o.link("L1"); l.Placed != l.Key {
			t.Errorf("%s: it carries %s and is placed with %s: %s", because, l.Key, l.Placed, o)
		}
	}
}

// TestARecordThatComesBackToWhereItHadMovedFrom is known again by what it left there.
func TestARecordThatComesBackToWhereItHadMovedFrom(t *testing.T) {
	t.Parallel()
	left := &conversion.Link{Ref: ref("L1"), EntityID: "e", State: conversion.LinkMoved}
	for because, test := range map[string]struct {
		links []*conversion.Link
		want  []conversion.Move
	}{
		"it left its name": {[]*conversion.Link{left}, []conversion.Move{{Ref: ref("L1"), To: "e"}}},
		"it was never met": {nil, nil},
	} {
		o := org{groups: []conversion.Group{{Entity: &conversion.Entity{ID: "e", Kind: conversion.KindContact, Key: "a"}, Links: test.links}}}
		o.page(read("L1", "a", 1))
		if !slices.Equal(o.last.Moves, test.want) {
			t.Errorf("%s: moves %v", because, o.last.Moves)
		}
	}
}

// TestWhatARecordBecameMakesNoContactOfItsOwn holds that nobody appears for a moment who is
// somebody known.
func TestWhatARecordBecameMakesNoContactOfItsOwn(t *testing.T) {
	t.Parallel()
	for because, steps := range map[string][]step{
		"a lead's Contact":           {page(read("L1", "a", 1)), page(into("L1", "a", "C1", 5)), page(read("C1", "b", 6))},
		"one without an e-mail":      {page(read("L1", "a", 1)), page(into("L1", "a", "C1", 5)), page(read("C1", "", 6))},
		"a winner without an e-mail": {page(read("L1", "a", 1)), page(lost("L1", "L2", 5)), page(read("L2", "", 6))},
	} {
		o := new(org)
		for _, s := range steps {
			s(o)
		}
		if o.made != 1 {
			t.Errorf("%s: %d contacts were made: %s", because, o.made, o)
		}
	}
}

// TestWhatRecordsBecameAndDidNot is about what is found out within one cycle: where a page
// put a new record, others with its e-mail find it.
func TestWhatRecordsBecameAndDidNot(t *testing.T) {
	t.Parallel()
	tell(t, []story{
		{"a merge that is undone leaves the winner with those of its e-mail", []step{
			page(read("L1", "a", 1)), page(lost("L1", "L2", 5)), pages(read("L2", "b", 6), read("L1", "a", 7), read("L9", "b", 6)),
		}, "a: L1; b: L2, L9"},
		{"so does one whose loser's contact was deleted here", []step{
			page(read("L1", "a", 1)), page(lost("L1", "L2", 5)), buried("a"), pages(read("L2", "b", 6), read("L1", "", 7), read("L9", "b", 6)),
		}, "a (deleted): L1 ignored; b: L2, L9"},
		{"so does a conversion into another Contact, where the lead's contact was deleted here", []step{
			page(read("L1", "a", 1)), buried("a"), page(into("L1", "a", "C1", 5)),
			pages(read("C1", "b", 6), into("L1", "a", "C2", 7), read("L9", "b", 6)),
		}, "a (deleted): L1 converted; b: C1, L9"},
	})
}

// TestOnlyWhatChangesIsTold holds that a decision writes nobody whom it does not concern.
func TestOnlyWhatChangesIsTold(t *testing.T) {
	t.Parallel()
	group := func(id string, l conversion.Link) *conversion.Group {
		l.Ref, l.EntityID = ref("L"+id), id
		return &conversion.Group{Entity: &conversion.Entity{ID: id, Kind: conversion.KindContact, Key: id}, Links: []*conversion.Link{&l}}
	}
	who := identity.Settle(identity.Component{Groups: []*conversion.Group{
		group("1", conversion.Link{State: conversion.LinkLive, Key: "x", Placed: "1", Pending: true}),
		group("2", conversion.Link{State: conversion.LinkLive, Key: "2", Placed: "2"}),
		group("3", conversion.Link{State: conversion.LinkHeld, Key: "", Placed: "3"}),
		group("4", conversion.Link{State: conversion.LinkDeleted, Key: "y", Placed: "4"}),
	}})
	if len(who.Groups) != 1 || who.Groups[0].Entity.ID != "1" {
		t.Errorf("%d groups are told to have changed", len(who.Groups))
	}
}
