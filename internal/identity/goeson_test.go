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
