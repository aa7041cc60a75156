package sandbox

import (
	"fmt"
	"net/url"
	"testing"
)

func typed(object string, fields m) m {
	fields["attributes"] = m{"type": object}
	return fields
}

func TestACollectionSavesEachRecordOnItsOwn(t *testing.T) {
	t.Parallel()
	c := newClient(t, Options{})
	var results []outcome
	c.want(200, &results, "POST", v67+"/composite/sobjects/", m{"allOrNone": false, "records": []m{
		typed("Lead", m{"LastName": "A", "Company": "X"}),
		typed("Contact", m{"FirstName": "no last name"}),
		typed("Foo__c", m{}),
	}})
	if !results[0].Success || results[1].Success || results[1].Errors[0].StatusCode != "REQUIRED_FIELD_MISSING" ||
		results[1].Errors[0].Fields[0] != "LastName" || results[2].Errors[0].StatusCode != "INVALID_TYPE" {
		t.Errorf("results %+v", results)
	}
	if n := c.query("SELECT COUNT() FROM Lead").TotalSize; n != 1 {
		t.Errorf("%d leads were created", n)
	}
	if c.org.Writes() != 3 {
		t.Errorf("%d writes counted, want the 3 that were sent", c.org.Writes())
	}
}

func TestAllOrNoneTakesEverythingBack(t *testing.T) {
	t.Parallel()
	c := newClient(t, Options{})
	first, second := c.lead("a@x.test"), c.lead("b@x.test")
	var results []outcome
	c.want(200, &results, "PATCH", v67+"/composite/sobjects", m{"allOrNone": true, "records": []m{
		typed("Lead", m{"id": first, "Title": "CEO"}), typed("Lead", m{"Id": second, "Email": "bad"}),
	}})
	if results[0].Errors[0].StatusCode != "ALL_OR_NONE_OPERATION_ROLLED_BACK" || results[1].Errors[0].StatusCode != "INVALID_EMAIL_ADDRESS" {
		t.Errorf("results %+v", results)
	}
	if c.record(first)["Title"] != nil || len(c.org.History(first)) != len(c.org.History(second)) {
		t.Error("a change was kept")
	}
}

func TestCollectionsAreRefusedAsAWhole(t *testing.T) {
	t.Parallel()
	c := newClient(t, Options{})
	many := make([]m, 201)
	for i := range many {
		many[i] = typed("Lead", m{"LastName": "A", "Company": "X"})
	}
	path := v67 + "/composite/sobjects"
	c.refused(400, "REQUIRED_FIELD_MISSING", "POST", path, m{"records": []m{}})
	c.refused(400, "EXCEEDED_ID_LIMIT", "POST", path, m{"records": many})
	mixed := make([]m, 11)
	for i := range mixed {
		mixed[i] = typed([]string{"Lead", "Contact"}[i%2], m{"LastName": "A", "Company": "X"})
	}
	c.refused(400, "LIMIT_EXCEEDED", "POST", path, m{"records": mixed})
	c.refused(400, "JSON_PARSER_ERROR", "POST", path, m{"records": many[:1], "allOrNothing": true})
}

func TestUpdatesOfACollectionNeedTheirOwnIDs(t *testing.T) {
	t.Parallel()
	c := newClient(t, Options{})
	id := c.lead("a@x.test")
	gone := c.lead("b@x.test")
	c.want(204, nil, "DELETE", v67+"/sobjects/Lead/"+gone, nil)
	var results []outcome
	c.want(200, &results, "PATCH", v67+"/composite/sobjects", m{"records": []m{
		typed("Lead", m{"id": shortID(id), "Title": "1"}), typed("Lead", m{"id": id, "Title": "2"}), typed("Lead", m{"Title": "3"}),
		typed("Lead", m{"id": gone}), typed("Lead", m{"id": recordID("00Q", "zz", 7)}),
	}})
	for i, want := range []string{"", "DUPLICATE_VALUE", "MISSING_ARGUMENT", "ENTITY_IS_DELETED", "INVALID_CROSS_REFERENCE_KEY"} {
		if want == "" != results[i].Success || want != "" && results[i].Errors[0].StatusCode != want {
			t.Errorf("record %d: %+v, want %q", i, results[i], want)
		}
	}
	if got := c.record(id)["Title"]; got != "1" {
		t.Errorf("Title is %v", got)
	}
}

func TestDeletingAndRetrievingCollections(t *testing.T) {
	t.Parallel()
	c := newClient(t, Options{})
	a, b := c.lead("a@x.test"), c.lead("b@x.test")
	var results []outcome
	c.want(200, &results, "DELETE", v67+"/composite/sobjects/?ids="+a+","+a+"&allOrNone=false", nil)
	if !results[0].Success || results[1].Errors[0].StatusCode != "ENTITY_IS_DELETED" {
		t.Errorf("results %+v", results)
	}
	var records []m
	c.want(200, &records, "GET", v67+"/composite/sobjects/Lead?fields=Id,Email&ids="+b+","+a, nil)
	if len(records) != 2 || records[0]["Email"] != "b@x.test" || records[1] != nil {
		t.Errorf("retrieved by URL %v", records)
	}
	c.want(200, &records, "POST", v67+"/composite/sobjects/Lead", m{"ids": []string{b}, "fields": []string{"Email"}})
	if len(records) != 1 || records[0]["Email"] != "b@x.test" {
		t.Errorf("retrieved by body %v", records)
	}
}

func TestUpsertsCreateOnceByAnExternalID(t *testing.T) {
	t.Parallel()
	c := newClient(t, Options{})
	c.want(204, nil, "POST", "/__sandbox/fields/Lead", m{"name": "Ext__c", "type": "string", "length": 36, "externalId": true, "unique": true})
	path := v67 + "/sobjects/Lead/Ext__c/" + url.PathEscape("a/1")
	var made, again saved
	c.want(201, &made, "PATCH", path, m{"LastName": "A", "Company": "X"})
	c.want(200, &again, "PATCH", path, m{"Title": "CEO"})
	if made.ID != again.ID || !*made.Created || *again.Created || c.record(made.ID)["Ext__c"] != "a/1" {
		t.Errorf("made %+v, again %+v", made, again)
	}
	c.want(200, nil, "GET", path, nil)
	c.refused(400, "INVALID_FIELD", "PATCH", path, m{"Ext__c": "b"})
	c.refused(404, "NOT_FOUND", "PATCH", v67+"/sobjects/Lead/Ext__c/new?updateOnly=true", m{"Title": "x"})
	c.refused(404, "NOT_FOUND", "PATCH", v67+"/sobjects/Lead/Title/x", m{})
	c.refused(400, "DUPLICATE_VALUE", "POST", v67+"/sobjects/Lead", m{"LastName": "B", "Company": "X", "Ext__c": "A/1"})
	var results []outcome
	c.want(200, &results, "PATCH", v67+"/composite/sobjects/Lead/Ext__c", m{"records": []m{
		typed("Lead", m{"Ext__c": "a/1", "Title": "CFO"}), typed("Lead", m{"Ext__c": "c", "LastName": "C", "Company": "X"}), typed("Lead", m{"LastName": "D"}),
	}})
	if results[0].ID != made.ID || *results[0].Created || !*results[1].Created || results[2].Errors[0].StatusCode != "MISSING_ARGUMENT" {
		t.Errorf("results %+v", results)
	}
	c.want(204, nil, "DELETE", path, nil)
}

func TestAKeyThatFitsSeveralRecordsListsThem(t *testing.T) {
	t.Parallel()
	c := newClient(t, Options{})
	a, b := c.lead("Same@x.test"), c.lead("same@X.test")
	var paths []string
	c.want(300, &paths, "PATCH", v67+"/sobjects/Lead/Email/same@x.test", m{"Title": "x"})
	if want := fmt.Sprint([]string{v67 + "/sobjects/Lead/" + a, v67 + "/sobjects/Lead/" + b}); fmt.Sprint(paths) != want {
		t.Errorf("paths %v, want %s", paths, want)
	}
}

func TestADuplicateRuleNamesTheMatch(t *testing.T) {
	t.Parallel()
	c := newClient(t, Options{})
	id := c.lead("a@x.test")
	c.org.SetDuplicateRules(DuplicateRule{Object: "Lead", Field: "Email", Against: []string{"Lead", "Contact"}, AllowSave: true})
	body := m{"LastName": "B", "Company": "X", "Email": "A@x.test"}
	var refused []struct {
		ErrorCode      string
		DuplicateResut struct {
			AllowSave    bool
			MatchResults []struct {
				MatchRecords []struct{ Record m }
			}
		}
	}
	c.want(400, &refused, "POST", v67+"/sobjects/Lead", body)
	if got := refused[0]; got.ErrorCode != "DUPLICATES_DETECTED" || !got.DuplicateResut.AllowSave || got.DuplicateResut.MatchResults[0].MatchRecords[0].Record["Id"] != id {
		t.Errorf("refused with %+v", got)
	}
	var results []outcome
	c.want(200, &results, "POST", v67+"/composite/sobjects", m{"records": []m{typed("Lead", m{"LastName": "B", "Company": "X", "Email": "a@x.test"})}})
	if results[0].Errors[0].StatusCode != "DUPLICATES_DETECTED" {
		t.Errorf("results %+v", results)
	}
	c.want(201, nil, "POST", v67+"/sobjects/Lead", body, "Sforce-Duplicate-Rule-Header", "allowSave=true")
}

func TestWhatAllOrNoneTakesBackKeepsTheIDsOfOldRecords(t *testing.T) {
	t.Parallel()
	c := newClient(t, Options{})
	id := c.lead("a@x.test")
	var results []outcome
	c.want(200, &results, "PATCH", v67+"/composite/sobjects", m{"allOrNone": true, "records": []m{
		typed("Lead", m{"id": id, "Title": "CEO"}), typed("Contact", m{"id": "001xx000003DGb2999"}),
	}})
	if results[0].ID != id || results[0].Success || results[1].ID != "" || results[1].Errors[0].Message != "Contact ID: id value of incorrect type: 001xx000003DGb2999" {
		t.Errorf("update %+v", results)
	}
	results = nil
	c.want(200, &results, "POST", v67+"/composite/sobjects", m{"allOrNone": true, "records": []m{
		typed("Lead", m{"LastName": "D", "Company": "A"}), typed("Lead", m{"LastName": "D"}),
	}})
	if results[0].ID != "" || results[0].Errors[0].StatusCode != "ALL_OR_NONE_OPERATION_ROLLED_BACK" {
		t.Errorf("create %+v", results)
	}
	results = nil
	c.want(200, &results, "DELETE", v67+"/composite/sobjects?allOrNone=true&ids="+id+",nothing", nil)
	if results[0].ID != id || results[1].Errors[0].StatusCode != "MALFORMED_ID" || c.record(id)["IsDeleted"] != false {
		t.Errorf("delete %+v", results)
	}
	c.refused(400, "ILLEGAL_QUERY_PARAMETER_VALUE", "DELETE", v67+"/composite/sobjects?allOrNone=1&ids="+id, nil)
}

func TestACollectionUpsertsEachKeyOnce(t *testing.T) {
	t.Parallel()
	c := newClient(t, Options{})
	var results []outcome
	path := v67 + "/composite/sobjects/Lead/Email"
	body := m{"records": []m{
		typed("Lead", m{"Email": "a@x.test", "LastName": "A", "Company": "X"}), typed("Lead", m{"EMAIL": "A@x.test", "LastName": "B", "Company": "X"}),
		typed("Lead", m{"Email": "b@x.test", "email": "c@x.test"}), typed("Contact", m{"Email": "d@x.test", "LastName": "D"}),
	}}
	c.want(200, &results, "PATCH", path, body)
	for i, want := range []string{"", "DUPLICATE_VALUE", "INVALID_FIELD", "INVALID_TYPE"} {
		if want == "" != results[i].Success || want != "" && results[i].Errors[0].StatusCode != want {
			t.Errorf("record %d: %+v, want %q", i, results[i], want)
		}
	}
}

func TestRetrievingGivesNullForWhatIsNotThere(t *testing.T) {
	t.Parallel()
	c := newClient(t, Options{})
	lead, account := c.lead("a@x.test"), c.insert("Account", m{"Name": "A"})
	var records []m
	c.want(200, &records, "POST", v67+"/composite/sobjects/lead", m{"ids": []string{account, "nothing", shortID(lead), lead}, "fields": []string{"email", "Email"}})
	if len(records) != 4 || records[0] != nil || records[1] != nil || records[2]["Id"] != lead || records[3]["Email"] != "a@x.test" {
		t.Errorf("records %v", records)
	}
	ids := make([]string, 2001)
	for i := range ids {
		ids[i] = lead
	}
	c.refused(400, "EXCEEDED_ID_LIMIT", "POST", v67+"/composite/sobjects/Lead", m{"ids": ids, "fields": []string{"Id"}})
	c.want(200, &records, "POST", v67+"/composite/sobjects/Lead", m{"ids": ids[1:], "fields": []string{"Id"}})
	if len(records) != 2000 {
		t.Errorf("%d records", len(records))
	}
	c.refused(400, "INVALID_FIELD", "POST", v67+"/composite/sobjects/Lead", m{"ids": ids[:1], "fields": []string{"Foo"}})
}
