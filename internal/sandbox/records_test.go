package sandbox

import (
	"strings"
	"testing"
	"time"
)

func TestACreatedLeadComesBackWithDefaultsAndStamps(t *testing.T) {
	t.Parallel()
	c := newClient(t, Options{})
	var made saved
	c.want(201, &made, "POST", v67+"/sobjects/lead", m{"lastname": " Doe ", "FirstName": "Jo", "Company": "Acme", "Phone": "", "Street": "Way 1", "City": "Bern"})
	var got m
	c.want(200, &got, "GET", v67+"/sobjects/Lead/"+shortID(made.ID), nil)
	wanted := m{
		"Id": made.ID, "Name": "Jo Doe", "LastName": "Doe", "Phone": nil, "Status": "Open - Not Contacted", "OwnerId": c.org.Admin().ID(),
		"HasOptedOutOfEmail": false, "IsConverted": false, "IsDeleted": false,
		"CreatedDate": "2026-01-31T09:00:00.000+0000", "LastModifiedDate": "2026-01-31T09:00:00.000+0000",
		"SystemModstamp": "2026-01-31T09:00:00.000+0000", "CreatedById": c.org.Admin().ID(),
	}
	for name, want := range wanted {
		if got[name] != want {
			t.Errorf("%s is %v, want %v", name, got[name], want)
		}
	}
	address, _ := got["Address"].(m)
	if address["street"] != "Way 1" || address["city"] != "Bern" || address["country"] != nil {
		t.Errorf("the address is %v", got["Address"])
	}
}

func TestEveryAcceptedWriteMovesTheStamps(t *testing.T) {
	t.Parallel()
	c := newClient(t, Options{})
	id := c.lead("a@x.test")
	c.org.Clock().Advance(90 * time.Second)
	c.want(204, nil, "PATCH", v67+"/sobjects/Lead/"+id, m{"LastName": "Doe"})
	got := c.record(id)
	if got["SystemModstamp"] != "2026-01-31T09:01:30.000+0000" || got["LastModifiedDate"] != got["SystemModstamp"] || got["LastModifiedById"] != c.org.Admin().ID() {
		t.Errorf("stamps after an unchanged write: %v %v %v", got["SystemModstamp"], got["LastModifiedDate"], got["LastModifiedById"])
	}
	if got["CreatedDate"] != "2026-01-31T09:00:00.000+0000" {
		t.Errorf("CreatedDate moved to %v", got["CreatedDate"])
	}
}

func TestBadRecordsAreRefusedAsSalesforceDoes(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		object  string
		fields  m
		code    string
		message string
	}{
		"a lead without its required fields":   {"Lead", m{"FirstName": "Jo"}, "REQUIRED_FIELD_MISSING", "Required fields are missing: [LastName, Company]"},
		"a text that is too long":              {"Contact", m{"LastName": "D", "FirstName": strings.Repeat("x", 41)}, "STRING_TOO_LONG", "(max length=40)"},
		"a bad e-mail address":                 {"Contact", m{"LastName": "D", "Email": "foo"}, "INVALID_EMAIL_ADDRESS", "Email: invalid email address: foo"},
		"an unknown field":                     {"Lead", m{"LastName": "D", "Company": "A", "Foo": 1}, "INVALID_FIELD", "No such column 'Foo' on sobject of type Lead"},
		"a read-only field":                    {"Lead", m{"LastName": "D", "Company": "A", "IsDeleted": true}, "INVALID_FIELD_FOR_INSERT_UPDATE", "Unable to create/update fields: IsDeleted."},
		"a number for a text":                  {"Lead", m{"LastName": 5, "Company": "A"}, "INVALID_TYPE_ON_FIELD_IN_RECORD", "5"},
		"an object for a date":                 {"Contact", m{"LastName": "D", "Birthdate": m{}}, "JSON_PARSER_ERROR", "Cannot deserialize instance of date from START_OBJECT value { or request may be missing a required field at [line:1, column:14]"},
		"a list for a picklist":                {"Contact", m{"LastName": "D", "LeadSource": []string{"Web"}}, "JSON_PARSER_ERROR", "Cannot deserialize instance of picklist from START_ARRAY value [line:1, column:30]"},
		"null for a boolean":                   {"Lead", m{"LastName": "D", "Company": "A", "DoNotCall": nil}, "INVALID_TYPE_ON_FIELD_IN_RECORD", "null"},
		"a date that is none":                  {"Contact", m{"LastName": "D", "Birthdate": "31.1.2026"}, "JSON_PARSER_ERROR", "date"},
		"a number beyond its digits":           {"Account", m{"Name": "A", "NumberOfEmployees": 123456789}, "NUMBER_OUTSIDE_VALID_RANGE", "Employees"},
		"an owner that is not there":           {"Lead", m{"LastName": "D", "Company": "A", "OwnerId": recordID("005", "zz", 9)}, "INVALID_CROSS_REFERENCE_KEY", "invalid cross reference id"},
		"an account id that is none":           {"Contact", m{"LastName": "D", "AccountId": "x"}, "MALFORMED_ID", "Account ID: id value of incorrect type: x"},
		"an id of another object":              {"Contact", m{"LastName": "D", "AccountId": recordID("005", "00", 1)}, "MALFORMED_ID", "Account ID"},
		"an id in an insert":                   {"Lead", m{"LastName": "D", "Company": "A", "Id": recordID("00Q", "00", 1)}, "INVALID_FIELD", "cannot specify Id in an insert call"},
		"a bad value of a restricted picklist": {"Account", m{"Name": "A", "BillingGeocodeAccuracy": "Exactly"}, "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST", "bad value for restricted picklist field: Exactly"},
		"a lead said to be converted":          {"Lead", m{"LastName": "D", "Company": "A", "Status": "Closed - Converted"}, "CANNOT_UPDATE_CONVERTED_LEAD", ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := newClient(t, Options{})
			if got := c.refused(400, tc.code, "POST", v67+"/sobjects/"+tc.object, tc.fields); !strings.Contains(got, tc.message) {
				t.Errorf("message %q, want %q in it", got, tc.message)
			}
		})
	}
}

func TestARequiredFieldCannotBeEmptied(t *testing.T) {
	t.Parallel()
	c := newClient(t, Options{})
	c.refused(400, "REQUIRED_FIELD_MISSING", "PATCH", v67+"/sobjects/Lead/"+c.lead("a@x.test"), m{"LastName": "  "})
}

func TestADeletedRecordIsGoneForReadersAndShownByQueryAll(t *testing.T) {
	t.Parallel()
	c := newClient(t, Options{})
	id := c.lead("a@x.test")
	path := v67 + "/sobjects/Lead/" + id
	c.want(204, nil, "DELETE", path, nil)
	for _, method := range []string{"GET", "DELETE"} {
		c.refused(404, "ENTITY_IS_DELETED", method, path, nil)
	}
	c.refused(404, "ENTITY_IS_DELETED", "PATCH", path, m{"Title": "x"})
	if n := c.query("SELECT Id FROM Lead").TotalSize; n != 0 {
		t.Errorf("query finds %d deleted records", n)
	}
	if r := c.queryAll("SELECT Id, IsDeleted FROM Lead WHERE IsDeleted = true"); r.TotalSize != 1 || r.Records[0]["IsDeleted"] != true {
		t.Errorf("queryAll finds %v", r.Records)
	}
	if err := c.org.Undelete(c.org.Admin(), id); err != nil {
		t.Fatal(err)
	}
	c.want(200, nil, "GET", path, nil)
}

func TestAnAccountTakesItsContactsAlongAndBringsThemBack(t *testing.T) {
	t.Parallel()
	c := newClient(t, Options{})
	account := c.insert("Account", m{"Name": "Acme"})
	contact := c.insert("Contact", m{"LastName": "D", "AccountId": account})
	before := c.insert("Contact", m{"LastName": "E", "AccountId": account})
	if err := c.org.Delete(c.org.Admin(), before); err != nil {
		t.Fatal(err)
	}
	c.want(204, nil, "DELETE", v67+"/sobjects/Account/"+account, nil)
	if c.record(contact)["IsDeleted"] != true {
		t.Error("the contact outlived its account")
	}
	if err := c.org.Undelete(c.org.Admin(), account); err != nil {
		t.Fatal(err)
	}
	if c.record(contact)["IsDeleted"] != false || c.record(before)["IsDeleted"] != true {
		t.Error("an undelete restores what the deletion took along and nothing else")
	}
}

func TestUnknownPathsMethodsAndIDs(t *testing.T) {
	t.Parallel()
	c := newClient(t, Options{})
	for _, path := range []string{"/services/data/v68.0/sobjects", "/services/data/v68.0", v67 + "/sobjects/Foo/describe", v67 + "/jobs/other", "/services/nothing", v67 + "/sobjects/Lead/" + recordID("00Q", "zz", 1)} {
		c.refused(404, "NOT_FOUND", "GET", path, nil)
	}
	c.refused(405, "METHOD_NOT_ALLOWED", "PUT", v67+"/sobjects/Lead", m{})
	c.refused(410, "UNSUPPORTED_API_VERSION", "GET", "/services/data/v20.0/sobjects", nil)
	if got := c.refused(404, "NOT_FOUND", "GET", v67+"/sobjects/Lead/23foo", nil); got != "Provided external ID field does not exist or is not accessible: 23foo" {
		t.Errorf("message %q", got)
	}
}

func TestUnknownHeadersAndParametersAreRefused(t *testing.T) {
	t.Parallel()
	c := newClient(t, Options{})
	c.refused(400, "FUNCTIONALITY_NOT_ENABLED", "GET", v67+"/limits", nil, "Sforce-Frobnicate", "1")
	c.refused(400, "FUNCTIONALITY_NOT_ENABLED", "GET", v67+"/limits", nil, "Sforce-Auto-Assign", "perhaps")
	c.refused(400, "ILLEGAL_QUERY_PARAMETER_VALUE", "GET", v67+"/query?q=SELECT+Id+FROM+Lead&frob=true", nil)
	c.want(200, nil, "GET", v67+"/limits", nil, "Sforce-Auto-Assign", "FALSE", "Sforce-Call-Options", "client=x, defaultNamespace=acme")
}

func TestPathsAreNormalisedWithoutRedirects(t *testing.T) {
	t.Parallel()
	c := newClient(t, Options{})
	c.want(201, nil, "POST", "//services/data/v50.0//sobjects/Lead/", m{"LastName": "D", "Company": "A"})
	c.want(200, nil, "GET", "//services/data/", nil)
	c.want(204, nil, "POST", v67+"/sobjects/Lead/"+c.lead("")+"?_HttpMethod=PATCH", m{"Title": "x"})
}
