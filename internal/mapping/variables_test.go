package mapping_test

import (
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"conversion"
	"conversion/internal/mapping"
)

const (
	monday  conversion.Moment = 1_000_000
	tuesday conversion.Moment = 2_000_000
)

// field is a writable field as describe gives it.
func field(name, of string) conversion.Field {
	return conversion.Field{Name: name, Label: name, Type: of, Nillable: true, Createable: true, Updateable: true}
}

func custom(name, of string) conversion.Field {
	f := field(name, of)
	f.Custom = true
	return f
}

func formula(name, of string) conversion.Field {
	return conversion.Field{Name: name, Label: name, Type: of, Nillable: true, Calculated: true, Custom: true}
}

func lookup(name string, targets ...string) conversion.Field {
	f := field(name, "reference")
	f.References = targets
	return f
}

// same compares values as == does.
var same = cmp.Comparer(func(a, b conversion.Value) bool { return a == b })

func object(o conversion.Object, fields ...conversion.Field) conversion.ObjectDef {
	return conversion.ObjectDef{Object: o, Label: string(o), Readable: true, Fields: fields}
}

func lead(fields ...conversion.Field) conversion.ObjectDef { return object(conversion.Lead, fields...) }
func person(fields ...conversion.Field) conversion.ObjectDef {
	return object(conversion.Contact, fields...)
}
func account(fields ...conversion.Field) conversion.ObjectDef {
	return object(conversion.Account, fields...)
}

// contacts returns a contact's variables, and what an admin is told of them.
func contacts(t *testing.T, known []conversion.Variable, at conversion.Moment, objects ...conversion.ObjectDef) (variables []conversion.Variable, problems []conversion.FieldProblem) {
	t.Helper()
	variables, _ = mapping.Variables(conversion.KindContact, objects, known, at)
	for _, v := range variables {
		problems = append(problems, v.Standing()...)
	}
	return variables, problems
}

// mapped lists which fields have which key: "job_title" → "Lead.Title Contact.Title".
func mapped(variables []conversion.Variable) map[string]string {
	got := make(map[string]string)
	for _, v := range variables {
		for _, f := range v.Fields {
			if got[v.Key] != "" {
				got[v.Key] += " "
			}
			got[v.Key] += string(f.Object) + "." + f.Name
		}
	}
	return got
}

func byKey(t *testing.T, variables []conversion.Variable, key string) conversion.Variable {
	t.Helper()
	i := slices.IndexFunc(variables, func(v conversion.Variable) bool { return v.Key == key })
	if i < 0 {
		t.Fatalf("there is no variable %q", key)
	}
	return variables[i]
}

func TestFieldsThatAreOneVariable(t *testing.T) {
	t.Parallel()
	account := lookup("AccountId", "Account")
	owner, user := lookup("OwnerId", "Group", "User"), lookup("OwnerId", "User")
	for _, test := range []struct {
		because   string
		onLead    []conversion.Field
		onContact []conversion.Field
		want      map[string]string
	}{
		{"standard fields have plain keys",
			[]conversion.Field{field("FirstName", "string"), field("Title", "string"), field("Company", "string")},
			[]conversion.Field{field("FirstName", "string"), field("Title", "string"), account},
			map[string]string{"first_name": "Lead.FirstName Contact.FirstName", "job_title": "Lead.Title Contact.Title", "company_name": "Lead.Company", "account_id": "Contact.AccountId"}},
		{"a lead's address is a contact's mailing address",
			[]conversion.Field{field("City", "string"), field("StateCode", "picklist"), field("Latitude", "double")},
			[]conversion.Field{field("MailingCity", "string"), field("MailingStateCode", "picklist"), field("MailingLatitude", "double"), field("OtherCity", "string")},
			map[string]string{"city": "Lead.City Contact.MailingCity", "state_code": "Lead.StateCode Contact.MailingStateCode", "latitude": "Lead.Latitude Contact.MailingLatitude", "other_city": "Contact.OtherCity"}},
		{"opt-outs have plain keys",
			[]conversion.Field{field("HasOptedOutOfEmail", "boolean")},
			[]conversion.Field{field("HasOptedOutOfEmail", "boolean"), field("DoNotCall", "boolean")},
			map[string]string{"email_opt_out": "Lead.HasOptedOutOfEmail Contact.HasOptedOutOfEmail", "do_not_call": "Contact.DoNotCall"}},
		{"standard fields without a plain key are in snake case",
			[]conversion.Field{field("NumberOfEmployees", "int"), field("CompanyDunsNumber", "string")}, nil,
			map[string]string{"number_of_employees": "Lead.NumberOfEmployees", "company_duns_number": "Lead.CompanyDunsNumber"}},
		{"custom fields of one name and type are one variable",
			[]conversion.Field{custom("Tier__c", "picklist")},
			[]conversion.Field{custom("Tier__c", "string")},
			map[string]string{"Tier__c": "Lead.Tier__c Contact.Tier__c"}},
		{"custom fields of one name and two types are two",
			[]conversion.Field{custom("Tier__c", "picklist")},
			[]conversion.Field{custom("Tier__c", "double")},
			map[string]string{"Tier__c": "Lead.Tier__c", "Tier__c_contact": "Contact.Tier__c"}},
		{"look-ups with a common target are one",
			[]conversion.Field{owner}, []conversion.Field{user},
			map[string]string{"owner_id": "Lead.OwnerId Contact.OwnerId"}},
		{"look-ups without a common target are two",
			[]conversion.Field{lookup("Partner__c", "Account")}, []conversion.Field{lookup("Partner__c", "Contact")},
			map[string]string{"Partner__c": "Lead.Partner__c", "Partner__c_contact": "Contact.Partner__c"}},
		{"record types of two objects are two",
			[]conversion.Field{lookup("RecordTypeId", "RecordType")}, []conversion.Field{lookup("RecordTypeId", "RecordType")},
			map[string]string{"record_type_id": "Lead.RecordTypeId", "record_type_id_contact": "Contact.RecordTypeId"}},
		{"bookkeeping, compounds and files are none",
			[]conversion.Field{field("Id", "id"), field("Name", "string"), field("SystemModstamp", "datetime"), field("IsConverted", "boolean"), field("GeocodeAccuracy", "picklist"), field("Address", "address"), custom("Photo__c", "base64"), field("CreatedDate", "datetime")},
			[]conversion.Field{field("IsDeleted", "boolean"), field("MasterRecordId", "reference")},
			map[string]string{"created_date": "Lead.CreatedDate"}},
	} {
		t.Run(test.because, func(t *testing.T) {
			t.Parallel()
			variables, _ := contacts(t, nil, monday, lead(test.onLead...), person(test.onContact...))
			if diff := cmp.Diff(test.want, mapped(variables)); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestReservedVariables(t *testing.T) {
	t.Parallel()
	variables, _ := contacts(t, nil, monday, lead(field("Email", "email")), person(field("Email", "email"), lookup("AccountId", "Account")))
	if id := byKey(t, variables, "email").ID; id != conversion.EmailVar {
		t.Errorf("email is variable %d", id)
	}
	if id := byKey(t, variables, "account_id").ID; id != conversion.AccountVar {
		t.Errorf("account_id is variable %d", id)
	}
	companies, _ := mapping.Variables(conversion.KindCompany, []conversion.ObjectDef{account(field("Name", "string"), field("Website", "url"))}, nil, monday)
	name, website := byKey(t, companies, "name"), byKey(t, companies, "website")
	if name.ID != conversion.NameVar || website.ID != conversion.WebsiteVar {
		t.Errorf("name is variable %d, website %d", name.ID, website.ID)
	}
	if len(name.Fields) != 1 || len(website.Fields) != 1 {
		t.Errorf("the fields of an Account are not attached: %v, %v", name.Fields, website.Fields)
	}
	if domain := byKey(t, companies, "domain"); !domain.ReadOnly || domain.Mode != conversion.ModeNone {
		t.Errorf("the domain can be written: %+v", domain)
	}
}

func TestPersonAccountsGiveCompaniesNoVariables(t *testing.T) {
	t.Parallel()
	variables, _ := mapping.Variables(conversion.KindCompany, []conversion.ObjectDef{account(
		field("IsPersonAccount", "boolean"), field("LastName", "string"), field("PersonEmail", "email"),
		custom("Tier__pc", "string"), custom("Tier__c", "string"),
	)}, nil, monday)
	if diff := cmp.Diff(map[string]string{"Tier__c": "Account.Tier__c"}, mapped(variables)); diff != "" {
		t.Error(diff)
	}
}

func TestModes(t *testing.T) {
	t.Parallel()
	readable := custom("Score__c", "double")
	readable.Createable, readable.Updateable = false, false
	variables, _ := contacts(t, nil, monday,
		lead(custom("Tier__c", "string"), formula("Age__c", "double"), readable),
		person(custom("Score__c", "double")))
	for key, want := range map[string]struct {
		mode     conversion.Mode
		readOnly bool
	}{
		"Tier__c":  {conversion.ModeTwoWay, false},
		"Age__c":   {conversion.ModeAlwaysSalesforce, true},
		"Score__c": {conversion.ModeTwoWay, false}, // a Contact's can be written
	} {
		if v := byKey(t, variables, key); v.Mode != want.mode || v.ReadOnly != want.readOnly {
			t.Errorf("%s: mode %s, read-only %v", key, v.Mode, v.ReadOnly)
		}
	}
}

func TestWhatAnAdminChoseIsKept(t *testing.T) {
	t.Parallel()
	tier := custom("Tier__c", "string")
	variables, _ := contacts(t, nil, monday, lead(tier))
	i := slices.IndexFunc(variables, func(v conversion.Variable) bool { return v.Key == "Tier__c" })
	variables[i].Fields[0].Fill = true
	variables[i].Mode, variables[i].LeftOut, variables[i].OptOut, variables[i].Label = conversion.ModeNone, true, true, "Our tier"
	tier.Label, tier.Length = "Renamed", 99

	got, _ := contacts(t, variables, tuesday, lead(tier))
	v := byKey(t, got, "Tier__c")
	if v.Mode != conversion.ModeNone || !v.LeftOut || !v.OptOut || v.Label != "Our tier" {
		t.Errorf("the admin's choices are gone: %+v", v)
	}
	if !v.Fields[0].Fill {
		t.Error("it is forgotten that the field's values are still to be read")
	}
	if v.Fields[0].Length != 99 || v.Fields[0].Label != "Renamed" {
		t.Errorf("the field is not up to date: %+v", v.Fields[0])
	}
}

func TestALabelFollowsTheFieldUnlessChosen(t *testing.T) {
	t.Parallel()
	tier := custom("Tier__c", "string")
	variables, _ := contacts(t, nil, monday, lead(tier))
	tier.Label = "Customer tier"
	variables, _ = contacts(t, variables, tuesday, lead(tier))
	if got := byKey(t, variables, "Tier__c").Label; got != "Customer tier" {
		t.Errorf("label %q", got)
	}
}

func TestAFieldThatDisappearsAndReturns(t *testing.T) {
	t.Parallel()
	tier := custom("Tier__c", "string")
	variables, _ := contacts(t, nil, monday, lead(tier))
	before := byKey(t, variables, "Tier__c")

	variables, problems := contacts(t, variables, tuesday, lead())
	gone := byKey(t, variables, "Tier__c")
	if gone.ID != before.ID || gone.Fields[0].Gone != tuesday || gone.ReadOnly {
		t.Errorf("after the field disappeared: %+v", gone)
	}
	if len(problems) != 1 || problems[0].Code != conversion.FieldGone || problems[0].Since != tuesday || problems[0].Field != "Tier__c" {
		t.Errorf("problems: %+v", problems)
	}
	variables, problems = contacts(t, variables, tuesday+1, lead())
	if still := byKey(t, variables, "Tier__c"); still.Fields[0].Gone != tuesday || len(problems) != 1 || problems[0].Since != tuesday {
		t.Errorf("a day later: %+v, problems %+v", still, problems)
	}
	variables, problems = contacts(t, variables, tuesday+2, lead(tier))
	if back := byKey(t, variables, "Tier__c"); !back.Fields[0].Live() || back.ID != before.ID || len(problems) != 0 {
		t.Errorf("after its return: %+v, problems %+v", back, problems)
	}
}

func TestALeftOutFieldIsNotMissed(t *testing.T) {
	t.Parallel()
	variables, _ := contacts(t, nil, monday, lead(custom("Tier__c", "string")))
	variables[len(variables)-1].LeftOut = true
	if _, problems := contacts(t, variables, tuesday, lead()); len(problems) != 0 {
		t.Errorf("problems: %+v", problems)
	}
}

func TestARetypedField(t *testing.T) {
	t.Parallel()
	variables, _ := contacts(t, nil, monday, lead(custom("Tier__c", "string")))
	before := byKey(t, variables, "Tier__c")

	variables, problems := contacts(t, variables, tuesday, lead(custom("Tier__c", "picklist")))
	if v := byKey(t, variables, "Tier__c"); v.Fields[0].Type != "picklist" || len(problems) != 0 {
		t.Errorf("a picklist in place of a text: %+v, problems %+v", v, problems)
	}
	variables, problems = contacts(t, variables, tuesday, lead(custom("Tier__c", "double")))
	old, now := byKey(t, variables, "Tier__c"), byKey(t, variables, "Tier__c_lead")
	if old.ID != before.ID || old.Type != conversion.TypeText || old.Fields[0].Gone != tuesday {
		t.Errorf("the old variable: %+v", old)
	}
	if now.ID == old.ID || now.Type != conversion.TypeNumber || !now.Fields[0].Live() {
		t.Errorf("the new variable: %+v", now)
	}
	if len(problems) != 1 || problems[0].Code != conversion.FieldRetyped {
		t.Errorf("problems: %+v", problems)
	}
	if f, ok := conversion.NewSchema(conversion.KindContact, variables).ByField(conversion.Lead, "Tier__c").On(conversion.Lead); !ok || !f.Live() {
		t.Errorf("the field is looked up as %+v", f)
	}
}

func TestAnObjectThatCannotBeReadIsAProblemOfItsVariables(t *testing.T) {
	t.Parallel()
	variables, _ := contacts(t, nil, monday, lead(custom("A__c", "string"), custom("B__c", "string")), person(custom("A__c", "string")))
	hidden := conversion.ObjectDef{Object: conversion.Lead}
	variables, problems := contacts(t, variables, tuesday, hidden, person(custom("A__c", "string")))
	if len(problems) != 2 || problems[0].Code != conversion.ObjectHidden || problems[0].Object != conversion.Lead || problems[1].Field != "B__c" {
		t.Errorf("problems: %+v", problems)
	}
	a := byKey(t, variables, "A__c")
	if onLead, _ := a.On(conversion.Lead); onLead.Live() {
		t.Error("the hidden object's field counts as there")
	}
	if onContact, _ := a.On(conversion.Contact); !onContact.Live() {
		t.Error("the other object's field is gone too")
	}
}

func TestAnObjectThatWasNotDescribedIsLeftAlone(t *testing.T) {
	t.Parallel()
	variables, _ := contacts(t, nil, monday, lead(custom("A__c", "string")), person(custom("A__c", "string")))
	variables, _ = contacts(t, variables, tuesday, lead(), person(custom("A__c", "string")))
	got, changed := mapping.Variables(conversion.KindContact, []conversion.ObjectDef{person(custom("A__c", "string"))}, variables, tuesday+1)
	if problems := byKey(t, got, "A__c").Problems; changed || len(problems) != 1 {
		t.Errorf("changed %v, problems %+v: %s", changed, problems, cmp.Diff(variables, got, same))
	}
}

func TestVariablesMadeByHandAreKept(t *testing.T) {
	t.Parallel()
	seed := mapping.Seed(conversion.KindContact)
	own := conversion.Variable{ID: seed[len(seed)-1].ID + 7, Kind: conversion.KindContact, Key: "Tier__c", Label: "Ours", Type: conversion.TypeText, Mode: conversion.ModeTwoWay}
	variables, _ := contacts(t, append(seed, own), monday, lead(custom("Tier__c", "string")))
	if diff := cmp.Diff(own, byKey(t, variables, "Tier__c"), same); diff != "" {
		t.Error(diff)
	}
	if v := byKey(t, variables, "Tier__c_lead"); v.ID <= own.ID {
		t.Errorf("the field's variable: %+v", v)
	}
}

func TestSeedIsAttachedByKey(t *testing.T) {
	t.Parallel()
	seed := mapping.Seed(conversion.KindContact)
	variables, _ := contacts(t, seed, monday, lead(field("Title", "string"), field("Email", "email")), person(field("Title", "string")))
	if len(variables) != len(seed) {
		t.Errorf("%d variables of a seed of %d", len(variables), len(seed))
	}
	before, after := byKey(t, seed, "job_title"), byKey(t, variables, "job_title")
	if before.ID != after.ID || len(after.Fields) != 2 || after.Label != before.Label {
		t.Errorf("job_title: %+v", after)
	}
}

func TestSeedHasNoFieldsAndDistinctKeys(t *testing.T) {
	t.Parallel()
	for _, kind := range []conversion.Kind{conversion.KindContact, conversion.KindCompany} {
		keys, ids := map[string]bool{}, map[conversion.VarID]bool{}
		for _, v := range mapping.Seed(kind) {
			if keys[v.Key] || ids[v.ID] || len(v.Fields) > 0 || v.Kind != kind || !v.Mode.Valid() {
				t.Errorf("%s: %+v", kind, v)
			}
			keys[v.Key], ids[v.ID] = true, true
		}
	}
}
