package conversion

import "testing"

func TestAFilterAdmitsWhomAllItsConditionsName(t *testing.T) {
	t.Parallel()
	s := NewSchema(KindContact, []Variable{
		{ID: EmailVar, Key: "email"}, {ID: 10, Key: "lead_source"}, {ID: 11, Key: "city"},
	})
	e := &Entity{Kind: KindContact, Key: "jo@acme.example", Values: []Resolved{{Var: 10, Value: Text("Web")}}}
	for _, row := range []struct {
		because string
		filter  Filter
		admits  bool
	}{
		{"without conditions everybody is admitted", nil, true},
		{"an equal value, in any case", Filter{{"lead_source", IsEqual, "web"}}, true},
		{"another value", Filter{{"lead_source", IsEqual, "Phone"}}, false},
		{"not equal to another value", Filter{{"lead_source", IsNotEqual, "Phone"}}, true},
		{"not equal to its own value", Filter{{"lead_source", IsNotEqual, "Web"}}, false},
		{"a part of the e-mail", Filter{{"email", Contains, "@Acme."}}, true},
		{"something that is not in it", Filter{{"email", Contains, "@other."}}, false},
		{"a value that is there", Filter{{"lead_source", IsFilled, ""}}, true},
		{"a value that is not", Filter{{"city", IsFilled, ""}}, false},
		{"a blank that is wanted", Filter{{"city", IsEmpty, ""}}, true},
		{"one of two conditions fails", Filter{{"city", IsEmpty, ""}, {"lead_source", IsEmpty, ""}}, false},
		{"an unknown variable is empty", Filter{{"nothing", IsFilled, ""}}, false},
	} {
		if got := row.filter.Admits(e, s); got != row.admits {
			t.Errorf("%s: %v", row.because, got)
		}
	}
}

func TestAFiltersMistakesAreNamed(t *testing.T) {
	t.Parallel()
	s := NewSchema(KindContact, []Variable{{ID: 10, Key: "city"}})
	wrong := Filter{{"city", IsEqual, "Bern"}, {"town", IsFilled, ""}, {"city", "like", "x"}, {"city", Contains, " "}}.Check("outbound_filter.contacts", s)
	var fields []string
	for _, f := range wrong {
		fields = append(fields, f.Field)
	}
	want := []string{"outbound_filter.contacts[1].variable", "outbound_filter.contacts[2].is", "outbound_filter.contacts[3].value"}
	if len(fields) != len(want) || fields[0] != want[0] || fields[1] != want[1] || fields[2] != want[2] {
		t.Errorf("named %v, want %v", fields, want)
	}
}
