package conversion

import (
	"strings"
	"testing"
	"time"
)

func TestWhatDescribeForbids(t *testing.T) {
	t.Parallel()
	number := func(s string) Value {
		v, err := Number(s)
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
	text := Field{Type: "string", Length: 3}
	currency := Field{Type: "currency", Precision: 5, Scale: 2}
	fraction := Field{Type: "double", Precision: 2, Scale: 2}
	whole := Field{Type: "int", Digits: 9}
	picklist := Field{Type: "picklist", Restricted: true, Picklist: []string{"Hot", "Cold"}}
	for _, test := range []struct {
		because string
		field   Field
		value   Value
		wrong   string // what the refusal says; "" when it may be held
	}{
		{"as long as the field is", text, Text("äöü"), ""},
		{"longer than the field is", text, Text("äöüa"), "longer than 3 characters"},
		{"a field without a limit takes any length", Field{Type: "string"}, Text(strings.Repeat("a", 1000)), ""},
		{"a choice has a length too", Field{Type: "multipicklist", Length: 3}, MultiSelect("aa;bb"), "longer than 3"},
		{"a number has none", Field{Type: "double", Length: 1}, number("1000"), ""},
		{"blank may always be held", picklist, Null, ""},
		{"blank may always be held", picklist, Text(""), ""},
		{"one of the allowed values", picklist, Text("Hot"), ""},
		{"another value", picklist, Text("Warm"), `"Warm" is not one of the allowed`},
		{"case counts", picklist, Text("hot"), `"hot" is not one of`},
		{"another value where the picklist is open", Field{Type: "picklist", Picklist: []string{"Hot"}}, Text("Warm"), ""},
		{"a picklist whose values nobody told", Field{Type: "picklist", Restricted: true}, Text("Warm"), ""},
		{"several of the allowed values", picklist, MultiSelect("Cold;Hot"), ""},
		{"several, one of which is not", picklist, MultiSelect("Cold;Warm"), `"Warm" is not`},
		{"as many digits as there is room for", currency, number("-999.99"), ""},
		{"more digits before the point", currency, number("1000"), "more than 3 digits"},
		{"digits after the point are rounded", currency, number("1.23456"), ""},
		{"a fraction where only a fraction fits", fraction, number("0.25"), ""},
		{"a digit before the point where none fits", fraction, number("1.25"), "more than 0 digits"},
		{"a number whose size nobody told", Field{Type: "double"}, number("1e30"), ""},
		{"a whole number", whole, number("-999999999"), ""},
		{"a digit too many", whole, number("1000000000"), "more than 9 digits"},
		{"a fraction in a whole number", whole, number("1.5"), "not a whole number"},
		{"the largest whole number", Field{Type: "int"}, number("2147483647"), ""},
		{"beyond the largest whole number", Field{Type: "int"}, number("2147483648"), "out of range"},
		{"the smallest", Field{Type: "int"}, number("-2147483648"), ""},
		{"beyond the smallest", Field{Type: "int"}, number("-2147483649"), "out of range"},
		{"a larger one in a field that is no int", Field{Type: "double", Precision: 18}, number("2147483648"), ""},
	} {
		v := Variable{Fields: []Field{test.field}}
		err := v.Check(test.value)
		switch {
		case test.wrong == "" && err != nil:
			t.Errorf("%s: %#v is refused: %v", test.because, test.value, err)
		case test.wrong != "" && (err == nil || !strings.Contains(err.Error(), test.wrong)):
			t.Errorf("%s: %#v gives %v, want %q", test.because, test.value, err, test.wrong)
		}
	}
}

func TestEveryLiveFieldOfAVariableMustTakeTheValue(t *testing.T) {
	t.Parallel()
	long, short := Field{Object: Lead, Length: 9}, Field{Object: Contact, Length: 3}
	v := Variable{Fields: []Field{long, short}}
	if v.Check(Text("long")) == nil {
		t.Error("the second field's length is not looked at")
	}
	v.Fields[1].Gone = 1
	if err := v.Check(Text("long")); err != nil {
		t.Errorf("a field that is gone forbids it: %v", err)
	}
}

func TestASchemaFindsItsVariables(t *testing.T) {
	t.Parallel()
	s := NewSchema(KindContact, []Variable{
		{ID: 12, Key: "title", Fields: []Field{{Object: Lead, Name: "Title"}, {Object: Contact, Name: "Title"}}},
		{ID: 10, Key: "city", Fields: []Field{{Object: Lead, Name: "City"}, {Object: Contact, Name: "MailingCity"}}, LeftOut: true},
	})
	title, city := s.ByID(12), s.ByID(10)
	if title == nil || city == nil || title.Key != "title" || city.Key != "city" || s.ByID(11) != nil {
		t.Fatalf("by number: %v, %v, %v", title, city, s.ByID(11))
	}
	if s.ByKey("title") != title || s.ByKey("City") != nil {
		t.Error("not found by key")
	}
	if s.ByField(Contact, "MailingCity") != city || s.ByField(Lead, "MailingCity") != nil || s.ByField(Account, "Name") != nil {
		t.Error("not found by field")
	}
	if f, ok := city.On(Contact); !ok || f.Name != "MailingCity" {
		t.Errorf("on Contact it is %+v", f)
	}
	if _, ok := city.On(Account); ok {
		t.Error("it is on an object it has no field of")
	}
	if city.Takes() || !title.Takes() {
		t.Error("a variable that is left out makes claims")
	}
}

func TestModes(t *testing.T) {
	t.Parallel()
	for _, m := range []Mode{ModeTwoWay, ModePreferSalesforce, ModeAlwaysSalesforce, ModeAlwaysConversion, ModeNone} {
		if !m.Valid() {
			t.Errorf("%s is no mode", m)
		}
	}
	for _, m := range []Mode{"", "two-way", "TWO_WAY"} {
		if m.Valid() {
			t.Errorf("%q is a mode", m)
		}
	}
}

func TestOwnClaimsAreKeptByVariableAndCounted(t *testing.T) {
	t.Parallel()
	var e Entity
	for _, c := range []OwnClaim{{Var: 12, Value: Text("a")}, {Var: 10, Value: Text("b")}, {Var: 12, Value: Text("c")}} {
		e.Claim(c)
	}
	if len(e.Own) != 2 || e.OwnClaim(12).Value != Text("c") || e.OwnClaim(12).Number != 3 || e.OwnClaim(10).Number != 2 || e.OwnClaim(11) != nil {
		t.Errorf("the own claims are %+v", e.Own)
	}
	e.Values = []Resolved{{Var: 10, Value: Text("b")}}
	if e.Value(10) != Text("b") || !e.Value(11).Absent() || e.Resolved(11) != nil {
		t.Errorf("the values are %+v", e.Values)
	}
}

func TestAClonedGroupSharesNothingThatIsWritten(t *testing.T) {
	t.Parallel()
	g := Group{
		Entity: &Entity{ID: "e", Own: []OwnClaim{{Var: 1}}, Values: []Resolved{{Var: 1}}, Creating: &Creation{Number: 1}},
		Links:  []*Link{{Ref: Ref{Lead, "1"}}},
	}
	g.Links[0].Ensure(3).Settled = 1
	c := g.Clone()
	c.Entity.Key, c.Entity.Own[0].Var, c.Entity.Values[0].Var, c.Entity.Creating.Number = "x", 2, 2, 2
	c.Links[0].State, c.Links[0].Fields[0].Settled = LinkDeleted, 2
	c.Links[0].Ensure(2)
	if g.Entity.Key != "" || g.Entity.Own[0].Var != 1 || g.Entity.Values[0].Var != 1 || g.Entity.Creating.Number != 1 {
		t.Errorf("the entity changed with its copy: %+v", g.Entity)
	}
	if l := g.Link(Ref{Lead, "1"}); l.State != "" || l.Field(3).Settled != 1 || l.Field(2) != nil {
		t.Errorf("the link changed with its copy: %+v", l)
	}
	if g.Link(Ref{Contact, "1"}) != nil || (Group{Entity: &Entity{}}).Clone().Entity.Creating != nil {
		t.Error("something is there that was not")
	}
}

func TestWhatIsUnderWayIsPendingUntilItsTimeIsOver(t *testing.T) {
	t.Parallel()
	const wait = 10 * time.Minute
	start := Moment(1_000_000)
	for _, test := range []struct {
		because string
		after   time.Duration
		want    bool
	}{{"at once", 0, true}, {"just before", wait - time.Microsecond, true}, {"then", wait, false}} {
		now := start.Add(test.after)
		if got := (Intent{Number: 1, At: start}).Pending(now, wait); got != test.want {
			t.Errorf("%s the intent is pending: %v", test.because, got)
		}
		if got := (&Creation{At: 1, Lost: start}).Pending(now, wait); got != test.want {
			t.Errorf("%s the create is pending: %v", test.because, got)
		}
	}
	var none *Creation
	if (Intent{At: start}).Pending(start, wait) || none.Pending(start, wait) {
		t.Error("what was never sent is pending")
	}
}

func TestStatesOfLinksAndRecords(t *testing.T) {
	t.Parallel()
	for state, live := range map[LinkState]bool{
		LinkLive: true, LinkHeld: true, LinkConverted: false, LinkMerged: false, LinkMoved: false, LinkDeleted: false, LinkIgnored: false,
	} {
		if got := (&Link{State: state}).Live(); got != live {
			t.Errorf("a link that is %s is live: %v", state, got)
		}
	}
	if !(&Record{}).Live() || (&Record{Deleted: true}).Live() || (&Record{Converted: true}).Live() {
		t.Error("a record is live unless it was deleted or converted")
	}
	r := Record{Fields: []FieldValue{{10, Null}}}
	if r.Value(10) != Null || !r.Value(11).Absent() {
		t.Error("what was read and what was not differ")
	}
}
