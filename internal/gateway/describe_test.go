package gateway

import (
	"encoding/json"
	"slices"
	"testing"
	"time"

	"conversion"
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
