package identity_test

import (
	"testing"

	"conversion"
)

// into is a converted lead's observation that names its Contact.
func into(id, key, contact string, second int) conversion.Record {
	r := converted(read(id, key, second))
	r.ConvertedContactID = contact
	return r
}

// lost is the observation of a record that lost to the winner in a merge.
func lost(id, winner string, second int) conversion.Record {
	r := deleted(read(id, "", second))
	r.MasterID = winner
	return r
}

func combining(o *org) { o.onMerge = conversion.MergeCombine }

func TestWhatAConversionMeans(t *testing.T) {
	t.Parallel()
	tell(t, []story{
		{"a new Contact joins the lead's contact, also by another e-mail", []step{
			page(read("L1", "a", 1)), page(into("L1", "a", "C1", 5), read("C1", "b", 6)),
		}, "a: C1, L1 converted"},
		{"and without one", []step{page(read("L1", "a", 1)), page(into("L1", "a", "C1", 5), read("C1", "", 6))}, "a: C1, L1 converted"},
		{"one that was read before the conversion was known, too", []step{
			page(read("L1", "a", 1)), page(read("C1", "b", 6)), page(into("L1", "a", "C1", 5)),
		}, "a: C1, L1 converted"},
		{"the contact of one that was known is combined into the lead's", []step{
			page(read("L1", "a", 1), read("C1", "b", 1), read("L2", "b", 1)), page(into("L1", "a", "C1", 5)),
		}, "a: C1, L1 converted, L2"},
		{"two leads and their Contact are one", []step{
			page(read("L1", "a", 1), read("L2", "b", 1)), page(into("L1", "a", "C1", 5), into("L2", "b", "C1", 5), read("C1", "c", 6)),
		}, "b: C1, L1 converted, L2 converted"},
		{"the Contact of a lead whose contact was deleted here is ignored", []step{
			page(read("L1", "a", 1)), buried("a"), page(into("L1", "a", "C1", 5), read("C1", "b", 6)),
		}, "a (deleted): C1 ignored, L1 converted"},
		{"but not one that was known before", []step{
			page(read("L1", "a", 1), read("C1", "b", 1)), buried("a"), page(into("L1", "a", "C1", 5)),
		}, "a (deleted): L1 converted; b: C1"},
		{"a Contact that is ignored stays so", []step{
			page(read("L1", "a", 1), read("C1", "b", 1)), buried("b"), page(read("C1", "b", 2)), page(into("L1", "a", "C1", 5)),
		}, "a: L1 converted; b (deleted): C1 ignored"},
	})
}

func TestWhatAMergeMeans(t *testing.T) {
	t.Parallel()
	known := page(read("L1", "a", 1), read("L2", "b", 1))
	tell(t, []story{
		{"two contacts are kept", []step{known, page(lost("L1", "L2", 5))}, "a: L1 merged; b: L2"},
		{"or combined into the winner's", []step{combining, known, page(lost("L1", "L2", 5))}, "b: L1 merged, L2"},
		{"one contact stays one", []step{page(read("L1", "a", 1), read("L2", "a", 1)), page(lost("L1", "L2", 5))}, "a: L1 merged, L2"},
		{"a winner nobody knew joins the loser's", []step{page(read("L1", "a", 1)), page(lost("L1", "L2", 5), read("L2", "b", 6))}, "a: L1 merged, L2"},
		{"also when it is read first", []step{page(read("L1", "a", 1)), page(read("L2", "b", 6)), page(lost("L1", "L2", 5))}, "a: L1 merged, L2"},
		{"and when the contacts are to be combined", []step{combining, page(read("L1", "a", 1)), page(lost("L1", "L2", 5), read("L2", "b", 6))}, "a: L1 merged, L2"},
		{"one whose e-mail brought it to others stays with them", []step{
			known, page(lost("L1", "L3", 5), read("L3", "b", 6)),
		}, "a: L1 merged; b: L2, L3"},
		{"no contact is combined into a deleted one", []step{combining, known, buried("b"), page(lost("L1", "L2", 5))}, "a: L1 merged; b (deleted): L2"},
	})
}

func TestWhatARecordBecameIsMetLater(t *testing.T) {
	t.Parallel()
	tell(t, []story{
		{"a Contact whose e-mail is another contact's, a cycle later", []step{
			page(read("L1", "a", 1), read("L2", "b", 1)), page(into("L1", "a", "C1", 5)), page(read("C1", "b", 6)),
		}, "a: C1, L1 converted, L2"},
		{"one without an e-mail, a cycle later", []step{
			page(read("L1", "a", 1)), page(into("L1", "a", "C1", 5)), page(read("C1", "", 6)),
		}, "a: C1, L1 converted"},
		{"the winner without an e-mail of a merge that was undone stays out", []step{
			page(read("L1", "a", 1)), page(lost("L1", "L2", 5)), page(read("L2", "", 6), read("L1", "a", 6)),
		}, "a: L1"},
		{"the loser is told to have lost to another", []step{
			page(read("L3", "a", 1)), buried("a"), page(lost("L3", "L2", 5)),
			func(o *org) { o.page(read("L1", "", 6)) }, page(lost("L3", "L1", 6)),
		}, "a (deleted): L1 ignored, L3 merged"},
		{"a Contact whose e-mail is that of a contact that went with its last record brings that along", []step{
			page(read("L2", "b", 1)), page(deleted(read("L2", "b", 2))),
			func(o *org) { o.groups[0].Entity.Deleted, o.groups[0].Entity.Gone = o.now, true },
			page(read("L1", "a", 3)), page(into("L1", "a", "C1", 5), read("C1", "b", 6)),
		}, "a: C1, L1 converted, L2 deleted_in_salesforce"},
		{"a contact without an e-mail takes that of a winner nobody knew", []step{
			page(read("L1", "a", 1)), page(into("L1", "a", "C1", 2), read("C1", "", 2)),
			func(o *org) { o.groups[0].Entity.Key = "" },
			page(lost("C1", "C2", 5), read("C2", "b", 6)),
		}, "b: C1 merged, C2, L1 converted"},
		{"a winner whose e-mail another contact gives up joins the loser's", []step{
			page(read("L1", "a", 1), read("L2", "b", 1)), page(lost("L1", "L3", 5), read("L3", "b", 6), read("L2", "c", 6)),
		}, "a: L1 merged, L3; c: L2"},
		{"a winner whose e-mail is a deleted contact's is ignored with that", []step{
			page(read("L1", "a", 1), read("L2", "b", 1)), buried("b"), page(lost("L1", "L3", 5), read("L3", "b", 6)),
		}, "a: L1 merged; b (deleted): L2, L3 ignored"},
	})
}

// TestWhatAPageMadeForNewRecords is about records that a page put where they do not belong.
func TestWhatAPageMadeForNewRecords(t *testing.T) {
	t.Parallel()
	pages := func(pages ...conversion.Record) step {
		return func(o *org) {
			for _, r := range pages {
				o.page(r)
			}
			o.settle()
		}
	}
	tell(t, []story{
		{"a new record stays with a contact that was edited since", []step{
			page(read("L9", "x", 1)),
			func(o *org) { o.page(read("L1", "a", 2)) }, edited("a", "z", 3), pages(read("L9", "a", 4)),
		}, "z: L1, L9"},
		{"one whose e-mail was emptied again is held where it came", []step{
			page(read("L9", "x", 1)), pages(read("L1", "a", 2), read("L2", "a", 2), read("L1", "", 3)),
		}, "a: L1 held, L2; x: L9"},
		{"two that parted are two", []step{
			pages(read("L1", "a", 2), read("L2", "a", 2), read("L1", "b", 3)),
		}, "a: L2; b: L1"},
	})
	o := new(org)
	for _, s := range []step{page(read("L1", "a", 1)), pages(read("L2", "b", 2), read("L1", "b", 2))} {
		s(o)
	}
	if l := o.link("L2"); l.EntityID != o.link("L1").EntityID || l.Met != 0 {
		t.Errorf("the new record is with %s, met in %d", l.EntityID, l.Met)
	}
	for _, g := range o.groups {
		if g.Entity.Into != "" && len(g.Links) > 0 {
			t.Errorf("what the page made holds %+v", g.Links)
		}
	}
}

func TestAnEntityThatWentWithItsLastRecordComesBack(t *testing.T) {
	t.Parallel()
	gone := func(o *org) { o.groups[0].Entity.Deleted, o.groups[0].Entity.Gone = o.now, true }
	left := []step{page(read("L1", "a", 1)), page(deleted(read("L1", "a", 2))), gone}
	tell(t, []story{
		{"by an undelete", append(left[:3:3], page(read("L1", "a", 3))), "a: L1"},
		{"by a new record of its e-mail", append(left[:3:3], page(read("L2", "a", 3))), "a: L1 deleted_in_salesforce, L2"},
		{"by a record whose e-mail becomes its", append(left[:3:3], page(read("L2", "b", 3), read("L3", "b", 3)), page(read("L2", "a", 4))),
			"a: L1 deleted_in_salesforce, L2; b: L3"},
	})
}

func TestANewRecordLeavesNothingWhereAPageHadPutIt(t *testing.T) {
	t.Parallel()
	o := new(org)
	for _, s := range []step{
		page(read("L1", "a", 1)), edited("a", "z", 2),
		func(o *org) { o.page(read("L9", "a", 3)) }, page(deleted(read("L1", "a", 4))),
	} {
		s(o)
	}
	if got, want := o.String(), "a: L9; z: L1 deleted_in_salesforce"; got != want {
		t.Fatalf("got %s, want %s", got, want)
	}
	for _, g := range o.groups {
		for _, l := range g.Links {
			if l.State == conversion.LinkMoved {
				t.Errorf("%s is left with %s", l.Ref, g.Entity.Key)
			}
		}
	}
}

func TestAContactOfAConvertedLeadIsPlacedWithItsOwnEmail(t *testing.T) {
	t.Parallel()
	o := new(org)
	page(read("L1", "a", 1), read("C1", "b", 1))(o)
	page(into("L1", "a", "C1", 5), read("C1", "c", 5))(o)
	if got, want := o.String(), "a: C1, L1 converted"; got != want || o.link("C1").Placed != "c" {
		t.Errorf("got %s, placed with %s; want %s", got, o.link("C1").Placed, want)
	}
}

// What of its values a conversion copied is known only with its lead: until then nothing
// yields to them.
func TestWhatARecordBecameIsPendingUntilItIsDecidedWhoseItIs(t *testing.T) {
	t.Parallel()
	o := &org{}
	page(read("L1", "a", 1))(o)
	o.page(into("L1", "a", "C1", 5))
	o.page(read("C1", "b", 6), read("C2", "c", 6))
	if !o.link("C1").Pending || o.link("C2").Pending {
		t.Errorf("the Contact that a lead became is pending: %t, another: %t", o.link("C1").Pending, o.link("C2").Pending)
	}
	o.settle()
	if o.link("C1").Pending {
		t.Error("it is pending for ever")
	}
}
