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
