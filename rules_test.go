package conversion

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"
)

func TestWhatEachOfTheFifteenOptionsAllows(t *testing.T) {
	t.Parallel()
	want := map[string]map[Target]Reach{
		"contacts_created":  {TargetNone: 0, TargetLeads: CreateLead, TargetContacts: CreateContact},
		"contacts_updated":  {TargetNone: 0, TargetLeads: UpdateLead, TargetContacts: UpdateContact, TargetAll: UpdateLead | UpdateContact},
		"contacts_deleted":  {TargetNone: 0, TargetAll: DeleteLead | DeleteContact},
		"companies_created": {TargetNone: 0, TargetCompanies: CreateAccount},
		"companies_updated": {TargetNone: 0, TargetCompanies: UpdateAccount},
		"companies_deleted": {TargetNone: 0, TargetCompanies: DeleteAccount},
	}
	options := 0
	for _, s := range RuleSettings {
		for _, option := range s.Options {
			options++
			rules := DefaultRules()
			*rules.Get(s.Key) = option
			reach, ok := want[s.Key][option]
			if got := rules.Reach(); !ok || got != reach {
				t.Errorf("%s: %s allows %b, want %b", s.Key, option, got, reach)
			}
			if err := rules.Validate(); err != nil {
				t.Errorf("%s: %s is refused: %v", s.Key, option, err)
			}
		}
	}
	if options != 15 || len(RuleSettings) != len(want) {
		t.Errorf("%d settings have %d options, want 6 and 15", len(RuleSettings), options)
	}
}

func TestSettingsAllowWhatTheyAllowTogether(t *testing.T) {
	t.Parallel()
	all := Rules{TargetLeads, TargetAll, TargetAll, TargetCompanies, TargetCompanies, TargetCompanies, nil}
	if got, want := all.Reach(), Reach(1<<9-1)&^CreateContact; got != want {
		t.Errorf("everything on allows %b, want %b", got, want)
	}
	if DefaultRules().Reach() != 0 {
		t.Error("the default rules allow something")
	}
}

func TestAnOptionOfAnotherSettingIsRefused(t *testing.T) {
	t.Parallel()
	all := []Target{TargetNone, TargetLeads, TargetContacts, TargetCompanies, TargetAll, "", "LEADS"}
	for _, s := range RuleSettings {
		for _, option := range all {
			rules := DefaultRules()
			*rules.Get(s.Key) = option
			err := rules.Validate()
			if slices.Contains(s.Options, option) != (err == nil) {
				t.Errorf("%s: %q gives %v", s.Key, option, err)
			}
			var e *Error
			if err != nil && (!errors.As(err, &e) || e.Code != CodeInvalid || len(e.Fields) != 1 || e.Fields[0].Field != s.Key) {
				t.Errorf("%s: %q is refused without naming the setting: %v", s.Key, option, err)
			}
		}
	}
	var e *Error
	if err := (Rules{}).Validate(); !errors.As(err, &e) || len(e.Fields) != 6 {
		t.Errorf("six empty settings are refused as %v", err)
	}
	rules := DefaultRules()
	if rules.Get("contacts_merged") != nil {
		t.Error("there is a setting that nobody knows")
	}
}

func TestReachNamesTheMembersOfAnObject(t *testing.T) {
	t.Parallel()
	for object, want := range map[Object][3]Reach{
		Lead: {CreateLead, UpdateLead, DeleteLead}, Contact: {CreateContact, UpdateContact, DeleteContact},
		Account: {CreateAccount, UpdateAccount, DeleteAccount}, Task: {}, User: {},
	} {
		if got := [3]Reach{Creating(object), Updating(object), Deleting(object)}; got != want {
			t.Errorf("%s has the members %b, want %b", object, got, want)
		}
	}
	both := CreateLead | UpdateLead
	for _, test := range []struct {
		because string
		reach   Reach
		want    Reach
		has     bool
	}{
		{"a member", both, CreateLead, true},
		{"all of several", both, both, true},
		{"not some of several", CreateLead, both, false},
		{"not another", both, CreateContact, false},
		{"and never what is not written at all", both, Creating(Task), false},
	} {
		if got := test.reach.Has(test.want); got != test.has {
			t.Errorf("%s: %b has %b: %v", test.because, test.reach, test.want, got)
		}
	}
}

func TestKindsAndObjects(t *testing.T) {
	t.Parallel()
	for object, kind := range map[Object]Kind{Lead: KindContact, Contact: KindContact, Account: KindCompany, Task: "", Event: "", User: ""} {
		if object.Kind() != kind || (kind != "" && !slices.Contains(kind.Objects(), object)) {
			t.Errorf("%s is linked to a %q, which is linked to %v", object, object.Kind(), kind.Objects())
		}
	}
	for actor, origin := range map[ActorKind]Origin{
		ActorUser: OriginUser, ActorAPIKey: OriginAPI, ActorImport: OriginImport, ActorSalesforce: OriginSalesforce, ActorSystem: OriginSalesforce,
	} {
		if got := (Actor{Kind: actor}).Origin(); got != origin {
			t.Errorf("what a %s makes is born in %s, want %s", actor, got, origin)
		}
	}
}

func TestErrorsSayWhatHappened(t *testing.T) {
	t.Parallel()
	cause := io.ErrUnexpectedEOF
	err := &Error{Code: CodeUnavailable, Message: "It failed.", Fields: []FieldError{{"email", "is bad"}, {"name", "too"}}, Err: cause}
	if got, want := err.Error(), "It failed.; email: is bad; name: too: unexpected EOF"; got != want {
		t.Errorf("the error reads %q, want %q", got, want)
	}
	if !errors.Is(err, cause) {
		t.Error("the cause is not in the chain")
	}
	if got, want := Errorf(CodeNotFound, "No %s.", "contact").Error(), "No contact."; got != want {
		t.Errorf("the error reads %q, want %q", got, want)
	}
	invalid := Invalid("variables.title", "is longer than %d characters", 3)
	if invalid.Code != CodeInvalid || len(invalid.Fields) != 1 || invalid.Fields[0] != (FieldError{"variables.title", "is longer than 3 characters"}) {
		t.Errorf("the error is %+v", invalid)
	}
	changed := &FieldsChangedError{Object: Lead, Fields: []string{"A__c", "B__c"}, Err: cause}
	if !errors.Is(changed, cause) || changed.Error() != "fields of Lead changed: A__c, B__c" {
		t.Errorf("the error is %v", changed)
	}
}

func TestErrorCodes(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		because string
		err     error
		want    Code
	}{
		{"nothing has none", nil, ""},
		{"an error has its own", Errorf(CodeLimit, "x"), CodeLimit},
		{"also when it was wrapped", fmt.Errorf("do: %w", Errorf(CodeConflict, "x")), CodeConflict},
		{"of two the first counts", &Error{Code: CodeReconnect, Err: Errorf(CodeLimit, "x")}, CodeReconnect},
		{"any other is our fault", io.EOF, CodeInternal},
	} {
		if got := ErrorCode(test.err); got != test.want {
			t.Errorf("%s: %q, want %q", test.because, got, test.want)
		}
	}
}

func samplePlan() Plan {
	return Plan{Writes: []Write{
		{Action: ActionUpdate, Ref: Ref{Lead, "1"}, EntityID: "e", Fields: []FieldWrite{
			{Field: "Title", Var: 10, Before: Null, Value: Text("CEO"), Number: 1},
		}},
		{Action: ActionDelete, Ref: Ref{Contact, "2"}, EntityID: "f"},
	}}
}

func TestAPlansHashIsWhatItWrites(t *testing.T) {
	t.Parallel()
	reviewed := samplePlan()
	same := samplePlan()
	same.Expect, same.Problems, same.Writes[0].Fields[0].Number = 7, []Problem{{Code: "x"}}, 2
	if reviewed.Hash() != same.Hash() {
		t.Error("plans that write the same differ")
	}
	for because, change := range map[string]func(*Plan){
		"another action":             func(p *Plan) { p.Writes[1].Action = ActionUpdate },
		"another record":             func(p *Plan) { p.Writes[0].Ref.ID = "3" },
		"another object":             func(p *Plan) { p.Writes[0].Ref.Object = Contact },
		"another entity":             func(p *Plan) { p.Writes[0].EntityID = "g" },
		"another field":              func(p *Plan) { p.Writes[0].Fields[0].Field = "Name" },
		"another value":              func(p *Plan) { p.Writes[0].Fields[0].Value = Text("CTO") },
		"a value of another form":    func(p *Plan) { p.Writes[0].Fields[0].Value = MultiSelect("CEO") },
		"another value before":       func(p *Plan) { p.Writes[0].Fields[0].Before = Text("") },
		"no field":                   func(p *Plan) { p.Writes[0].Fields = nil },
		"a write less":               func(p *Plan) { p.Writes = p.Writes[:1] },
		"a text that reads as lines": func(p *Plan) { p.Writes[0].Fields[0].Value = Text("CEO\")\n Name Value(1 \"\")") },
	} {
		changed := samplePlan()
		change(&changed)
		if changed.Hash() == reviewed.Hash() {
			t.Errorf("%s gives the same hash", because)
		}
	}
	if reviewed.Empty() || !(&Plan{Problems: reviewed.Problems}).Empty() || strings.Contains(reviewed.Hash(), " ") {
		t.Error("a plan is empty when it writes nothing, and its hash is one word")
	}
}
