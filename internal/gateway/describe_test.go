package gateway

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"conversion"
	"conversion/internal/mapping"
	"conversion/internal/salesforce"
)

func TestFieldsAsDescribed(t *testing.T) {
	t.Parallel()
	var described salesforce.Describe
	if err := json.Unmarshal([]byte(`{"name":"Lead","label":"Lead","queryable":true,"createable":true,"updateable":true,"fields":[
		{"name":"LastName","label":"Last Name","type":"string","length":80,"createable":true,"updateable":true,"compoundFieldName":"Name"},
		{"name":"Status","type":"picklist","length":255,"createable":true,"defaultedOnCreate":true,"restrictedPicklist":true,"defaultValue":null,
		 "picklistValues":[{"value":"Open","active":true,"defaultValue":true},{"value":"Old","active":false},{"value":"Closed","active":true}]},
		{"name":"DoNotCall","type":"boolean","createable":true,"updateable":true,"defaultedOnCreate":true,"defaultValue":false},
		{"name":"Score__c","type":"double","precision":18,"scale":2,"custom":true,"calculated":true,"nillable":true,"defaultValue":null},
		{"name":"Level__c","type":"double","custom":true,"nillable":true,"defaultValue":1.50},
		{"name":"OwnerId","type":"reference","length":18,"createable":true,"defaultedOnCreate":true,"referenceTo":["Group","User"]},
		{"name":"Gone__c","type":"string","deprecatedAndHidden":true}]}`), &described); err != nil {
		t.Fatal(err)
	}
	def := objectDef(conversion.Lead, described, time.Unix(1, 0))
	field := func(name string) conversion.Field {
		i := slices.IndexFunc(def.Fields, func(f conversion.Field) bool { return f.Name == name })
		if i < 0 {
			t.Fatalf("%s is missing", name)
		}
		return def.Fields[i]
	}
	if !def.Readable || !def.Createable || def.Deletable || len(def.Fields) != 6 {
		t.Errorf("object: %+v", def)
	}
	if f := field("LastName"); !f.Required || f.Length != 80 || f.Compound != "Name" || !f.Default.Absent() {
		t.Errorf("LastName: %+v", f)
	}
	if f := field("Status"); f.Required || !f.Restricted || !slices.Equal(f.Picklist, []string{"Open", "Closed"}) || f.Default != conversion.Text("Open") {
		t.Errorf("Status: %+v", f)
	}
	if f := field("DoNotCall"); f.Default != conversion.Bool(false) {
		t.Errorf("DoNotCall: %+v", f)
	}
	if f := field("Score__c"); !f.Calculated || !f.Custom || f.Precision != 18 || f.Scale != 2 || f.Writable() || !f.Default.Absent() {
		t.Errorf("Score__c: %+v", f)
	}
	if f := field("Level__c"); f.Default.String() != "1.5" {
		t.Errorf("Level__c: %+v", f)
	}
	if f := field("OwnerId"); f.Length != 0 || !slices.Equal(f.References, []string{"Group", "User"}) {
		t.Errorf("OwnerId: %+v", f)
	}
}

// TestRecordedDescribesBecomeVariables maps what real orgs said, where it is at hand.
func TestRecordedDescribesBecomeVariables(t *testing.T) {
	t.Parallel()
	var defs []conversion.ObjectDef
	for _, object := range []conversion.Object{conversion.Lead, conversion.Contact, conversion.Account} {
		body, err := os.ReadFile(filepath.Join("..", "..", "..", "shared", "fixtures", "salesforce", "describe", string(object)+".json"))
		if err != nil {
			t.Log("no recorded describes are at hand")
			return
		}
		var described salesforce.Describe
		if err := json.Unmarshal(body, &described); err != nil {
			t.Fatal(err)
		}
		defs = append(defs, objectDef(object, described, time.Unix(1, 0)))
	}
	for kind, want := range map[conversion.Kind]map[string]string{
		conversion.KindContact: {
			"first_name": "Lead.FirstName Contact.FirstName", "job_title": "Lead.Title Contact.Title",
			"city": "Lead.City Contact.MailingCity", "company_name": "Lead.Company", "account_id": "Contact.AccountId",
			"owner_id": "Lead.OwnerId Contact.OwnerId", "number_of_employees": "Lead.NumberOfEmployees",
			"system_modstamp": "", "is_converted": "", "address": "", "jigsaw": "",
		},
		conversion.KindCompany: {
			"name": "Account.Name", "website": "Account.Website", "billing_city": "Account.BillingCity",
			"ns__Description__c": "Account.ns__Description__c", "billing_address": "", "photo_url": "",
		},
	} {
		variables, _ := mapping.Variables(kind, defs, nil, 1)
		schema := conversion.NewSchema(kind, variables)
		for key, fields := range want {
			if got := fieldsOf(schema.ByKey(key)); got != fields {
				t.Errorf("%s: %q is %q, want %q", kind, key, got, fields)
			}
		}
		for _, v := range variables {
			if len(v.Problems) > 0 {
				t.Errorf("%s: %+v", kind, v.Problems)
			}
		}
	}
}

func fieldsOf(v *conversion.Variable) string {
	if v == nil {
		return ""
	}
	var names []string
	for _, f := range v.Fields {
		names = append(names, string(f.Object)+"."+f.Name)
	}
	return strings.Join(names, " ")
}
