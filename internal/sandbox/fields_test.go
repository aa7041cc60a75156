package sandbox

import (
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"

	"conversion/internal/sandbox/schema"
)

// addFields adds custom fields by the admin API's descriptions.
func (c *client) addFields(object string, fields ...m) {
	c.t.Helper()
	for _, f := range fields {
		c.want(204, nil, "POST", "/__sandbox/fields/"+object, f)
	}
}

// described gives a field's entry in its object's describe, nil without one.
func (c *client) described(object, field string) m {
	c.t.Helper()
	var answer struct{ Fields []m }
	c.want(200, &answer, "GET", v67+"/sobjects/"+object+"/describe", nil)
	for _, f := range answer.Fields {
		if f["name"] == field {
			return f
		}
	}
	return nil
}

func TestFormulaFieldsAreComputedWhenRead(t *testing.T) {
	t.Parallel()
	c := newClient(t, Options{})
	account := c.insert("Account", m{"Name": "Acme", "Industry": "Banking", "NumberOfEmployees": 50})
	id := c.insert("Contact", m{"LastName": "Doe", "FirstName": "Jo", "AccountId": account})
	other := c.insert("Contact", m{"LastName": "Roe"})
	c.addFields("Contact",
		m{"name": "Industry__c", "type": "string", "formula": "TEXT(Account.Industry)"},
		m{"name": "Share__c", "type": "percent", "scale": 1, "formula": "1 / Account.NumberOfEmployees"},
		m{"name": "Size__c", "type": "double", "formula": "Account.NumberOfEmployees + 1", "blankAsZero": true},
		m{"name": "Banker__c", "type": "boolean", "formula": `Industry__c = "Banking"`},
	)
	query := "SELECT Id, Industry__c, Share__c, Size__c, Banker__c FROM Contact WHERE "
	got := c.query(query + "Industry__c = 'banking' AND Banker__c = true").Records
	if len(got) != 1 || got[0]["Id"] != id || got[0]["Share__c"] != 2.0 || got[0]["Size__c"] != 51.0 {
		t.Errorf("the banker is %v", got)
	}
	if got := c.query(query + "Banker__c = false ORDER BY Size__c").Records; len(got) != 1 || got[0]["Id"] != other || got[0]["Size__c"] != 1.0 || got[0]["Share__c"] != nil {
		t.Errorf("the other is %v", got)
	}
	stamp := c.record(id)["SystemModstamp"]
	if err := c.org.Update(c.org.Admin(), account, m{"Industry": "Retail"}); err != nil {
		t.Fatal(err)
	}
	if is := c.record(id); is["Industry__c"] != "Retail" || is["SystemModstamp"] != stamp {
		t.Errorf("after a change of the account the contact is %v", is)
	}
	var read m
	c.want(200, &read, "GET", v67+"/sobjects/Contact/"+id+"?fields=Industry__c", nil)
	if read["Industry__c"] != "Retail" {
		t.Errorf("a get answers %v", read)
	}
	c.refused(400, "INVALID_FIELD_FOR_INSERT_UPDATE", "PATCH", v67+"/sobjects/Contact/"+id, m{"Industry__c": "x"})
	d := c.described("Contact", "Size__c")
	want := m{"calculated": true, "calculatedFormula": "Account.NumberOfEmployees + 1", "formulaTreatNullNumberAsZero": true, "createable": false, "updateable": false}
	for key, v := range want {
		if d[key] != v {
			t.Errorf("described with %s %v, want %v", key, d[key], v)
		}
	}
}

func TestWrongFormulasAreRefused(t *testing.T) {
	t.Parallel()
	c := newClient(t, Options{})
	c.addFields("Lead", m{"name": "A__c", "type": "double", "formula": "1"})
	for formula, message := range map[string]string{
		"Nme":      "Field Nme does not exist. Check spelling.",
		`"x"`:      "Formula result is data type (Text), incompatible with expected data type (Number).",
		"ISNEW()":  "Function ISNEW may not be used in this type of formula",
		"$User.Id": "$User in formula fields is not supported by this org",
	} {
		got := c.refused(400, "FIELD_INTEGRITY_EXCEPTION", "POST", "/__sandbox/fields/Lead", m{"name": "B__c", "type": "double", "formula": formula})
		if got != message {
			t.Errorf("%s is refused with %q", formula, got)
		}
	}
	c.addFields("Lead", m{"name": "C__c", "type": "double", "formula": "A__c * 2"})
	c.refused(400, "DEPENDENCY_EXISTS", "DELETE", "/__sandbox/fields/Lead/A__c", nil)
	c.want(204, nil, "DELETE", "/__sandbox/fields/Lead/C__c", nil)
	c.want(204, nil, "DELETE", "/__sandbox/fields/Lead/A__c", nil)
}

func TestValidationRulesRefuseWithAllTheirMessages(t *testing.T) {
	t.Parallel()
	c := newClient(t, Options{})
	rule := func(fields m) { c.want(204, nil, "POST", "/__sandbox/validationRules", fields) }
	rule(m{"object": "Lead", "name": "No_Test", "formula": `CONTAINS(LastName, "Test")`, "message": "No tests.", "field": "LastName"})
	rule(m{"object": "lead", "name": "Phone_Or_Email", "formula": "AND(ISBLANK(Phone), ISBLANK(Email))", "message": "Say how to reach them."})
	rule(m{"object": "Lead", "name": "Off", "formula": "TRUE", "message": "Never.", "active": false})
	rule(m{"object": "Lead", "name": "Frozen", "formula": `AND(ISCHANGED(Title), $User.Username = "admin@sandbox.test")`, "message": "Titles stay.", "field": "Title"})

	var errors []errorBody
	c.want(400, &errors, "POST", v67+"/sobjects/Lead", m{"LastName": "Testing", "Company": "Acme"})
	const code = "FIELD_CUSTOM_VALIDATION_EXCEPTION"
	want := []errorBody{{"No tests.", code, []string{"LastName"}}, {"Say how to reach them.", code, nil}}
	if diff := cmp.Diff(want, errors); diff != "" {
		t.Error(diff)
	}
	var results []outcome
	c.want(200, &results, "POST", v67+"/composite/sobjects", m{"records": []m{
		{"attributes": m{"type": "Lead"}, "LastName": "Testing", "Company": "Acme", "Phone": "1"},
		{"attributes": m{"type": "Lead"}, "LastName": "Doe", "Company": "Acme", "Phone": "1"},
	}})
	if results[0].Success || len(results[0].Errors) != 1 || !results[1].Success {
		t.Errorf("the collection is answered with %+v", results)
	}
	c.refused(400, code, "PATCH", v67+"/sobjects/Lead/"+results[1].ID, m{"Title": "CEO"})
	if err := c.org.Update(c.org.User(SalesUser), results[1].ID, m{"Title": "CEO"}); err != nil {
		t.Errorf("a rule about another user refuses: %v", err)
	}
	c.refused(400, "FIELD_INTEGRITY_EXCEPTION", "POST", "/__sandbox/validationRules", m{"object": "Lead", "name": "X", "formula": "LastName", "message": "x"})
	c.refused(400, "DUPLICATE_DEVELOPER_NAME", "POST", "/__sandbox/validationRules", m{"object": "Lead", "name": "off", "formula": "TRUE", "message": "x"})
	c.want(204, nil, "DELETE", "/__sandbox/validationRules/Lead/No_Test", nil)
	c.want(201, nil, "POST", v67+"/sobjects/Lead", m{"LastName": "Testing", "Company": "Acme", "Phone": "1"})
}

func TestAllWrongValuesOfARecordAreNamed(t *testing.T) {
	t.Parallel()
	c := newClient(t, Options{})
	var errors []errorBody
	c.want(400, &errors, "POST", v67+"/sobjects/Contact", m{"LastName": "Doe", "Email": "jo", "FirstName": "01234567890123456789012345678901234567890"})
	want := []errorBody{
		{"Email: invalid email address: jo", "INVALID_EMAIL_ADDRESS", []string{"Email"}},
		{"First Name: data value too large: 01234567890123456789012345678901234567890 (max length=40)", "STRING_TOO_LONG", []string{"FirstName"}},
	}
	if diff := cmp.Diff(want, errors); diff != "" {
		t.Error(diff)
	}
}

func TestDependentPicklistsSayForWhichValuesTheyAre(t *testing.T) {
	t.Parallel()
	c := newClient(t, Options{})
	c.addFields("Lead",
		m{"name": "Land__c", "type": "picklist", "values": []string{"DE", "FR", "US"}, "restricted": true},
		m{"name": "City__c", "type": "picklist", "restricted": true, "controller": "Land__c", "values": []m{
			{"value": "Bonn", "validFor": []string{"DE"}}, {"value": "Paris", "validFor": []string{"FR", "US"}}, {"value": "Atlantis", "active": false},
		}},
		m{"name": "Hint__c", "type": "picklist", "controller": "HasOptedOutOfEmail", "values": []m{{"value": "Call", "validFor": []string{"true"}}}},
	)
	d := c.described("Lead", "City__c")
	var bits []any
	for _, v := range d["picklistValues"].([]any) {
		bits = append(bits, v.(m)["validFor"])
	}
	if diff := cmp.Diff([]any{"gAAA", "YAAA", "AAAA"}, bits); diff != "" || d["controllerName"] != "Land__c" || d["dependentPicklist"] != true {
		t.Error(diff, d)
	}
	lead := func(land, city string) m {
		return m{"LastName": "Doe", "Company": "Acme", "Land__c": land, "City__c": city}
	}
	c.want(201, nil, "POST", v67+"/sobjects/Lead", lead("US", "Paris"))
	for _, city := range []string{"Bonn", "Atlantis", "Rome"} {
		message := c.refused(400, "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST", "POST", v67+"/sobjects/Lead", lead("US", city))
		if message != "City: bad value for restricted picklist field: "+city {
			t.Error(message)
		}
	}
	c.want(201, nil, "POST", v67+"/sobjects/Lead", m{"LastName": "Doe", "Company": "Acme", "Hint__c": "Call"})
	c.refused(400, "DEPENDENCY_EXISTS", "DELETE", "/__sandbox/fields/Lead/Land__c", nil)
}

func TestCustomFieldsOfEveryTypeKeepTheirValues(t *testing.T) {
	t.Parallel()
	c := newClient(t, Options{})
	for i, kind := range []struct {
		described   m
		given, read any
	}{
		{m{"type": "string", "length": 20}, " Ann ", "Ann"},
		{m{"type": "textarea"}, "a\nb", "a\nb"},
		{m{"type": "textarea", "length": 32768}, "long", "long"},
		{m{"type": "textarea", "length": 32768, "richText": true}, "<b>x</b>", "<b>x</b>"},
		{m{"type": "email"}, "Jo@acme.example", "Jo@acme.example"},
		{m{"type": "phone"}, "+49 1", "+49 1"},
		{m{"type": "url"}, "acme.example", "acme.example"},
		{m{"type": "picklist", "values": []string{"A"}}, "B", "B"},
		{m{"type": "multipicklist", "values": []string{"A", "B"}}, "B;A", "A;B"},
		{m{"type": "boolean"}, true, true},
		{m{"type": "int"}, 7, 7.0},
		{m{"type": "double", "precision": 5, "scale": 2}, 123.456, 123.46},
		{m{"type": "currency"}, "12.5", 12.5},
		{m{"type": "percent", "scale": 1}, 12.34, 12.34},
		{m{"type": "date"}, "2026-01-31", "2026-01-31"},
		{m{"type": "datetime"}, "2026-01-31T10:00:00Z", "2026-01-31T10:00:00.000+0000"},
		{m{"type": "time"}, "10:30:00.000Z", "10:30:00.000Z"},
		{m{"type": "encryptedstring", "maskType": "lastFour", "maskChar": "X"}, "123456", "XX3456"},
	} {
		kind.described["name"] = fmt.Sprintf("F%d__c", i)
		name := kind.described["name"].(string)
		c.addFields("Contact", kind.described)
		id := c.insert("Contact", m{"LastName": "Doe", name: kind.given})
		if got := c.query("SELECT " + name + " FROM Contact WHERE Id = '" + id + "'").Records[0][name]; got != kind.read {
			t.Errorf("%v holds %v, want %v", kind.described, got, kind.read)
		}
		if d := c.described("Contact", name); d["type"] != kind.described["type"] || d["custom"] != true || d["createable"] != true {
			t.Errorf("described as %v", d)
		}
	}
	c.refused(400, "NUMBER_OUTSIDE_VALID_RANGE", "POST", v67+"/sobjects/Contact", m{"LastName": "Doe", "F11__c": 1000})
	c.refused(400, "INVALID_FIELD", "GET", v67+"/query?q=SELECT+Id+FROM+Contact+WHERE+F17__c='1'", nil)
}

func TestALocationIsMadeOfTwoNumbers(t *testing.T) {
	t.Parallel()
	c := newClient(t, Options{})
	c.addFields("Account", m{"name": "Place__c", "type": "location"})
	id := c.insert("Account", m{"Name": "Acme", "Place__Latitude__s": 50.73, "Place__Longitude__s": 7.1})
	var read m
	c.want(200, &read, "GET", v67+"/sobjects/Account/"+id, nil)
	if diff := cmp.Diff(any(m{"latitude": 50.73, "longitude": 7.1}), read["Place__c"]); diff != "" {
		t.Error(diff)
	}
	if got := c.query("SELECT Place__c FROM Account WHERE Place__Latitude__s > 50").Records; len(got) != 1 || got[0]["Place__c"].(m)["longitude"] != 7.1 {
		t.Errorf("the place is %v", got)
	}
	if d := c.described("Account", "Place__Latitude__s"); d["compoundFieldName"] != "Place__c" || d["type"] != "double" {
		t.Errorf("its part is described as %v", d)
	}
	c.want(204, nil, "DELETE", "/__sandbox/fields/Account/Place__c", nil)
	c.refused(400, "INVALID_FIELD", "GET", v67+"/query?q=SELECT+Place__Latitude__s+FROM+Account", nil)
}

func TestDefaultsFillWhatANewRecordLacks(t *testing.T) {
	t.Parallel()
	c := newClient(t, Options{})
	c.addFields("Lead",
		m{"name": "Since__c", "type": "date", "defaultValueFormula": "TODAY() + 7"},
		m{"name": "Maker__c", "type": "string", "defaultValueFormula": `"by " & $User.Alias`},
		m{"name": "Tier__c", "type": "picklist", "values": []m{{"value": "Gold"}, {"value": "Silver", "default": true}}, "required": true},
		m{"name": "Ask__c", "type": "boolean", "defaultValue": true},
		m{"name": "Number__c", "type": "string", "autoNumber": true, "displayFormat": "L-{YYYY}-{0000}", "startingNumber": 7},
	)
	is := c.record(c.lead("jo@acme.example"))
	want := m{"Since__c": "2026-02-07", "Maker__c": "by ssal", "Tier__c": "Silver", "Ask__c": true, "Number__c": "L-2026-0007"}
	for name, v := range want {
		if is[name] != v {
			t.Errorf("%s is %v, want %v", name, is[name], v)
		}
	}
	given := c.record(c.insert("Lead", m{"LastName": "Doe", "Company": "Acme", "Since__c": nil, "Ask__c": false, "Tier__c": "Gold"}))
	if given["Since__c"] != nil || given["Ask__c"] != false || given["Tier__c"] != "Gold" || given["Number__c"] != "L-2026-0008" {
		t.Errorf("what is given becomes %v", given)
	}
	if d := c.described("Lead", "Since__c"); d["defaultValueFormula"] != "TODAY() + 7" || d["defaultedOnCreate"] != true {
		t.Errorf("a default formula is described as %v", d)
	}
	c.refused(400, "INVALID_FIELD_FOR_INSERT_UPDATE", "POST", v67+"/sobjects/Lead", m{"LastName": "Doe", "Company": "Acme", "Number__c": "L-1"})
}

func TestKeysOfEveryTypeFindTheirRecord(t *testing.T) {
	t.Parallel()
	c := newClient(t, Options{})
	c.addFields("Lead",
		m{"name": "Num__c", "type": "double", "precision": 18, "scale": 0, "externalId": true, "unique": true},
		m{"name": "Exact__c", "type": "string", "length": 20, "externalId": true, "unique": true, "caseSensitive": true},
		m{"name": "Loose__c", "type": "string", "length": 20, "unique": true},
	)
	id := c.insert("Lead", m{"LastName": "Doe", "Company": "Acme", "Num__c": 42, "Exact__c": "Ab", "Loose__c": "Ab"})
	second := m{"LastName": "Roe", "Company": "Acme"}
	for name, v := range map[string]any{"Num__c": 42, "Exact__c": "Ab", "Loose__c": "aB"} {
		c.refused(400, "DUPLICATE_VALUE", "POST", v67+"/sobjects/Lead", m{"LastName": "Roe", "Company": "Acme", name: v})
	}
	second["Exact__c"] = "aB"
	c.want(201, nil, "POST", v67+"/sobjects/Lead", second)
	var upserted struct{ ID string }
	c.want(200, &upserted, "PATCH", v67+"/sobjects/Lead/Num__c/42", m{"Title": "CEO"})
	if upserted.ID != id {
		t.Errorf("the number finds %s", upserted.ID)
	}
	c.refused(400, "FIELD_INTEGRITY_EXCEPTION", "POST", "/__sandbox/fields/Lead", m{"name": "Bad__c", "type": "boolean", "unique": true})
}

func TestCustomObjectsHaveIDsRelationsAndDetails(t *testing.T) {
	t.Parallel()
	c := newClient(t, Options{})
	c.want(204, nil, "POST", "/__sandbox/objects", m{"name": "Deal__c", "label": "Deal"})
	c.want(204, nil, "POST", "/__sandbox/objects", m{"name": "Line__c", "displayFormat": "L-{000}"})
	c.addFields("Deal__c", m{"name": "Buyer__c", "type": "reference", "referenceTo": []string{"Account"}, "childRelationshipName": "Deals"})
	c.addFields("Line__c", m{"name": "Deal__c", "type": "reference", "referenceTo": []string{"Deal__c"}, "masterDetail": true, "childRelationshipName": "Lines"})
	account := c.insert("Account", m{"Name": "Acme"})
	deal := c.insert("Deal__c", m{"Buyer__c": account})
	line := c.insert("Line__c", m{"Deal__c": deal})
	if deal[:3] != "a00" || line[:3] != "a01" {
		t.Errorf("ids are %s and %s", deal, line)
	}
	got := c.query("SELECT Name, Deal__r.Name, Deal__r.Buyer__r.Name FROM Line__c").Records
	if len(got) != 1 || got[0]["Name"] != "L-000" || got[0]["Deal__r"].(m)["Name"] != shortID(deal) {
		t.Errorf("the line is %v", got)
	}
	c.refused(400, "REQUIRED_FIELD_MISSING", "POST", v67+"/sobjects/Line__c", m{})
	c.want(204, nil, "DELETE", v67+"/sobjects/Deal__c/"+deal, nil)
	if n := c.query("SELECT Id FROM Line__c").TotalSize; n != 0 {
		t.Errorf("%d lines outlive their deal", n)
	}
	c.refused(400, "DEPENDENCY_EXISTS", "DELETE", "/__sandbox/objects/Deal__c", nil)
	c.want(204, nil, "DELETE", "/__sandbox/objects/Line__c", nil)
	c.want(404, nil, "GET", v67+"/sobjects/Line__c/describe", nil)
}

func TestFieldsAreRefusedThatCannotBe(t *testing.T) {
	t.Parallel()
	org := New(Options{})
	for name, f := range map[string]schema.Field{
		"two underscores":         {Name: "A__b__c", Type: schema.String},
		"a lookup to nothing":     {Name: "A__c", Type: schema.Reference, ReferenceTo: []string{"Nothing__c"}},
		"a text of 256":           {Name: "A__c", Type: schema.String, Length: 256},
		"a number of 19 digits":   {Name: "A__c", Type: schema.Double, Precision: 19},
		"a formula of a picklist": {Name: "A__c", Type: schema.Picklist, Formula: `"x"`},
		"an unknown controller":   {Name: "A__c", Type: schema.Picklist, Controller: "Nothing__c"},
		"a number without zeros":  {Name: "A__c", Type: schema.String, AutoNumber: true, DisplayFormat: "A-"},
	} {
		refused := asError(org.AddField("Lead", f))
		if refused == nil || refused.Code != "FIELD_INTEGRITY_EXCEPTION" {
			t.Errorf("%s is answered with %v", name, refused)
		}
	}
}
