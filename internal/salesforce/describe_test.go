package salesforce_test

import (
	"encoding/json"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"conversion/internal/salesforce"
)

const leadDescribe = `{"name":"Lead","label":"Lead","labelPlural":"Leads","keyPrefix":"00Q","createable":true,"queryable":true,"custom":false,
 "fields":[
  {"name":"LastName","label":"Last Name","type":"string","length":80,"byteLength":240,"nillable":false,"createable":true,"updateable":true,"defaultedOnCreate":false,"defaultValue":null,"compoundFieldName":"Name","referenceTo":[],"relationshipName":null,"picklistValues":[]},
  {"name":"OwnerId","label":"Owner ID","type":"reference","nillable":false,"createable":true,"defaultedOnCreate":true,"referenceTo":["Group","User"],"relationshipName":"Owner"},
  {"name":"DoNotCall","label":"Do Not Call","type":"boolean","nillable":false,"createable":true,"defaultedOnCreate":true,"defaultValue":false},
  {"name":"Sub__c","label":"Sub","type":"picklist","custom":true,"nillable":true,"createable":true,"dependentPicklist":true,"controllerName":"LeadSource","restrictedPicklist":true,
   "picklistValues":[{"active":true,"defaultValue":true,"label":"One!","validFor":"gAA=","value":"One"}]}],
 "recordTypeInfos":[{"active":true,"available":true,"defaultRecordTypeMapping":true,"developerName":"Master","master":true,"name":"Master","recordTypeId":"012000000000000AAA"}]}`

func TestDescribe(t *testing.T) {
	t.Parallel()
	const modified = "Mon, 30 Nov 2020 08:34:54 GMT"
	org := newOrg(t, func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Last-Modified", modified)
		if r.Header.Get("If-Modified-Since") == modified {
			w.WriteHeader(http.StatusNotModified)
			return
		}
		say(w, 200, leadDescribe)
	})
	client := org.client()
	lead, notModified, err := client.Describe(t.Context(), "Lead", time.Time{})
	if err != nil || notModified {
		t.Fatal(notModified, err)
	}
	if lead.Name != "Lead" || lead.KeyPrefix != "00Q" || !lead.Createable || len(lead.RecordTypes) != 1 || !lead.RecordTypes[0].Master {
		t.Errorf("got %+v", lead)
	}
	var required []string
	for _, field := range lead.Fields {
		if field.RequiredOnCreate() {
			required = append(required, field.Name)
		}
	}
	if diff := cmp.Diff([]string{"LastName"}, required); diff != "" {
		t.Error(diff)
	}
	owner, doNotCall, sub := lead.Fields[1], lead.Fields[2], lead.Fields[3]
	if owner.RelationshipName != "Owner" || !slices.Equal(owner.ReferenceTo, []string{"Group", "User"}) || string(doNotCall.DefaultValue) != "false" {
		t.Errorf("got %+v and %+v", owner, doNotCall)
	}
	if value := sub.PicklistValues[0]; sub.ControllerName != "LeadSource" || value.Value != "One" || !value.Default || !value.ValidWith(0) || value.ValidWith(1) || value.ValidWith(99) {
		t.Errorf("got %+v", sub)
	}

	again, notModified, err := client.Describe(t.Context(), "Lead", lead.LastModified)
	if err != nil || !notModified || again.Name != "" {
		t.Errorf("got %+v, %v, %v", again, notModified, err)
	}
}

func TestDescribeGlobal(t *testing.T) {
	t.Parallel()
	org := newOrg(t, saying(200, `{"encoding":"UTF-8","maxBatchSize":200,"sobjects":[{"name":"Lead","label":"Lead","keyPrefix":"00Q","queryable":true,"replicateable":true}]}`))
	objects, err := org.client().DescribeGlobal(t.Context())
	want := []salesforce.ObjectInfo{{Name: "Lead", Label: "Lead", KeyPrefix: "00Q", Queryable: true, Replicable: true}}
	if diff := cmp.Diff(want, objects); diff != "" || err != nil {
		t.Error(diff, err)
	}
}

func TestDescribeOfWhatIsNoName(t *testing.T) {
	t.Parallel()
	org := newOrg(t, saying(200, leadDescribe))
	for _, name := range []string{"", "Lead/../User", "Lead?x", "_Lead"} {
		if _, _, err := org.client().Describe(t.Context(), name, time.Time{}); salesforce.ClassOf(err) != salesforce.FixInConversion {
			t.Errorf("%q: %v", name, err)
		}
	}
	if asked := org.asked(); len(asked) != 0 {
		t.Errorf("asked %v", asked)
	}
}

// Recorded describes of real orgs lie beside some checkouts.
func TestRecordedDescribesAreReadWhole(t *testing.T) {
	t.Parallel()
	files, _ := filepath.Glob("../../../shared/fixtures/salesforce/describe/[A-Z]*.json")
	if len(files) == 0 {
		t.Log("there are no recorded describes here")
		return
	}
	for _, file := range files {
		body, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		org := newOrg(t, func(w http.ResponseWriter, _ *http.Request) { say(w, 200, string(body)) })
		got, _, err := org.client().Describe(t.Context(), "Recorded", time.Time{})
		if err != nil {
			t.Errorf("%s: %v", file, err)
			continue
		}
		var recorded struct{ Fields []struct{ Name string } }
		if err := json.Unmarshal(body, &recorded); err != nil {
			t.Fatal(err)
		}
		if len(got.Fields) != len(recorded.Fields) || len(got.Fields) == 0 || got.Fields[0].Name != recorded.Fields[0].Name {
			t.Errorf("%s: %d fields of %d", file, len(got.Fields), len(recorded.Fields))
		}
	}
}
