package identity_test

import "testing"

// TestWhichContactGoesOnWithWhichEmail is about ids: programs and people keep them.
func TestWhichContactGoesOnWithWhichEmail(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		because string
		steps   []step
		want    map[string]string // by record, the contact it is on
	}{
		{"swapped addresses leave each record with its contact", []step{
			page(read("L1", "a", 1)), page(read("L2", "b", 2)), page(read("L1", "b", 3), read("L2", "a", 3)),
		}, map[string]string{"L1": "e001", "L2": "e002"}},
		{"of two that could take one the older does", []step{
			page(read("L1", "a", 1)), page(read("L2", "b", 2)), page(read("L1", "c", 3), read("L2", "c", 4)),
		}, map[string]string{"L1": "e001", "L2": "e001"}},
		{"of two new addresses the contact takes the newest", []step{
			page(read("L1", "a", 1), read("L2", "a", 1)), page(read("L1", "b", 2), read("L2", "c", 3)),
		}, map[string]string{"L1": "e002", "L2": "e001"}},
		{"what is given up by a contact that is combined away is taken", []step{
			page(read("L1", "a", 1)), page(read("L2", "b", 2)), page(read("L3", "c", 3)), page(read("L1", "b", 4), read("L2", "c", 4)),
		}, map[string]string{"L1": "e001", "L2": "e003", "L3": "e003"}},
		{"also when that has records that are over", []step{
			page(read("L1", "a", 1)), page(read("L2", "b", 2), read("L4", "b", 2)), page(read("L3", "c", 3)), page(deleted(read("L4", "b", 4))),
			page(read("L1", "b", 5), read("L2", "c", 5)),
		}, map[string]string{"L1": "e001", "L2": "e003", "L3": "e003"}},
		{"and when it goes to one that takes its new address in the same step", []step{
			page(read("L1", "a", 1)), page(read("L2", "x", 2)), page(read("L3", "b", 3)),
			page(read("L1", "c", 4), read("L2", "b", 4), read("L3", "c", 4)),
		}, map[string]string{"L1": "e001", "L2": "e002", "L3": "e001"}},
		{"and to one that was made again after a deletion", []step{
			page(read("L5", "c", 1)), buried("c"), page(read("L1", "a", 1)), page(read("L2", "b", 2)), made("c"), page(read("L1", "b", 5), read("L2", "c", 5)),
		}, map[string]string{"L1": "e002", "L2": "e004"}},
		{"and to a record that carries what was deleted here", []step{
			page(read("L5", "c", 1)), buried("c"), page(read("L1", "a", 1)), page(read("L2", "b", 2)), page(read("L3", "d", 2)),
			func(o *org) { l := o.link("L3"); l.Key, l.Placed = "c", "c" },
			page(read("L1", "b", 5), read("L2", "c", 5)),
		}, map[string]string{"L1": "e002", "L2": "e004"}},
		{"what is ignored takes its contact's address from nobody", []step{
			page(read("L5", "c", 1)), buried("c"), page(read("L1", "a", 1)), page(read("L2", "b", 2)), page(read("L1", "b", 5), read("L2", "c", 5)),
		}, map[string]string{"L1": "e003", "L2": "e001"}},
		{"a new record whose address changed meanwhile goes to the contact that was made for it first", []step{
			pages(read("L2", "b", 2), read("L1", "a", 2), read("L1", "b", 3)),
		}, map[string]string{"L1": "e001", "L2": "e001"}},
		{"accounts without a website stay the companies that were made for them", []step{
			pages(read("A2", "", 2), read("A1", "", 2), read("A1", "x", 3), read("A2", "y", 3), read("A1", "", 4), read("A2", "", 4)),
		}, map[string]string{"A2": "e001", "A1": "e002"}},
	} {
		o := new(org)
		for _, step := range test.steps {
			step(o)
		}
		for id, want := range test.want {
			if got := o.link(id).EntityID; got != want {
				t.Errorf("%s: %s is on %s, want %s: %s", test.because, id, got, want, o)
			}
		}
	}
}
