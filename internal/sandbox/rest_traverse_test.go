package sandbox

import (
	"fmt"
	"testing"
)

func TestAPathLeadsOverARelationship(t *testing.T) {
	t.Parallel()
	c := newClient(t, Options{})
	account := c.insert("Account", m{"Name": "Acme"})
	contact := c.insert("Contact", m{"LastName": "Doe", "AccountId": account})
	alone := c.insert("Contact", m{"LastName": "Roe"})
	path := v67 + "/sobjects/contact/" + contact
	var got m
	c.want(200, &got, "GET", path+"/account?fields=Name", nil)
	if got["Name"] != "Acme" || got["Id"] != account || got["attributes"].(m)["url"] != v67+"/sobjects/Account/"+account {
		t.Errorf("parent %v", got)
	}
	c.want(204, nil, "PATCH", path+"/Account", m{"Phone": "1"})
	if c.record(account)["Phone"] != "1" {
		t.Error("the parent was not changed")
	}
	c.refused(404, "NOT_FOUND", "GET", v67+"/sobjects/Contact/"+alone+"/Account", nil)
	c.refused(404, "NOT_FOUND", "GET", path+"/Nothing", nil)
	c.refused(400, "INVALID_FIELD", "GET", path+"/Account?fields=Foo", nil)
	c.want(204, nil, "DELETE", path+"/Account", nil)
	c.refused(404, "ENTITY_IS_DELETED", "GET", v67+"/sobjects/Account/"+account, nil)
}

func TestChildrenAreAnsweredLikeAQuery(t *testing.T) {
	t.Parallel()
	c := newClient(t, Options{})
	account := c.insert("Account", m{"Name": "Acme"})
	for i := range 201 {
		c.insert("Contact", m{"LastName": fmt.Sprint("D", i), "AccountId": account})
	}
	var got result
	path := v67 + "/sobjects/Account/" + account + "/contacts"
	c.want(200, &got, "GET", path+"?fields=LastName", nil, "Sforce-Query-Options", "batchSize=200")
	if got.TotalSize != 201 || got.Done || len(got.Records) != 200 || got.Records[0]["LastName"] != "D0" || got.Records[0]["Id"] == nil {
		t.Fatalf("%d of %d, %v", len(got.Records), got.TotalSize, got.Records[0])
	}
	c.want(200, &got, "GET", got.NextRecordsURL, nil)
	if !got.Done || len(got.Records) != 1 {
		t.Errorf("last page %+v", got)
	}
	c.want(200, &got, "GET", v67+"/sobjects/Account/"+account+"/Opportunities", nil)
	if got.TotalSize != 0 || !got.Done {
		t.Errorf("no children: %+v", got)
	}
	c.refused(405, "METHOD_NOT_ALLOWED", "PATCH", path, m{"LastName": "x"})
}

func TestARecordIsCreatedThroughItsIDField(t *testing.T) {
	t.Parallel()
	c := newClient(t, Options{})
	response := c.send("POST", v67+"/sobjects/Lead/Id", m{"LastName": "D", "Company": "A"})
	response.Body.Close()
	if response.StatusCode != 201 || len(response.Header.Get("Location")) != len(v67+"/sobjects/Lead/")+18 {
		t.Errorf("%d %s", response.StatusCode, response.Header.Get("Location"))
	}
}

func TestAnUpsertIsAnsweredAsItsVersionDoes(t *testing.T) {
	t.Parallel()
	c := newClient(t, Options{})
	id := c.lead("a@x.test")
	old, now := "/services/data/v45.0/sobjects/Lead/", v67+"/sobjects/Lead/"
	c.want(204, nil, "PATCH", old+"Email/a@x.test", m{"Title": "1"})
	c.want(204, nil, "PATCH", old+"Id/"+id, m{"Title": "2"})
	var made m
	c.want(201, &made, "PATCH", old+"Email/b@x.test", m{"LastName": "D", "Company": "A"})
	if _, told := made["created"]; told {
		t.Errorf("v45.0: %v", made)
	}
	c.want(200, &made, "PATCH", now+"Id/"+id, m{"Title": "3"})
	if made["created"] != false || made["id"] != id {
		t.Errorf("v67.0: %v", made)
	}
	c.refused(400, "ILLEGAL_QUERY_PARAMETER_VALUE", "PATCH", now+"Email/a@x.test?updateOnly=perhaps", m{"Title": "3"})
}
