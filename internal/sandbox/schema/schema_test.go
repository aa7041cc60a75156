package schema

import "testing"

func TestStandardHoldsTheObjectsOfTheProduct(t *testing.T) {
	t.Parallel()
	objects := Standard()
	for _, name := range []string{"Lead", "Contact", "Account", "Task", "Event", "User", "Organization", "Opportunity"} {
		if objects[name] == nil {
			t.Errorf("Standard() lacks %s", name)
		}
	}
}
