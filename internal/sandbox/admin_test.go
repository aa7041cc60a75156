package sandbox

import (
	"strings"
	"testing"
	"time"
)

func TestTheAdminAPIMakesHistoryHappen(t *testing.T) {
	t.Parallel()
	c := newClient(t, Options{})
	c.token = ""
	c.want(200, nil, "POST", "/__sandbox/clock", m{"now": "2026-03-01T00:00:00Z", "freeze": true})
	c.want(200, nil, "POST", "/__sandbox/clock", m{"advance": "15m"})
	if got := c.org.Clock().Now(); !got.Equal(time.Date(2026, 3, 1, 0, 15, 0, 0, time.UTC)) {
		t.Errorf("the clock says %v", got)
	}
	response := c.send("GET", "/services/data", nil)
	response.Body.Close()
	if got := response.Header.Get("Date"); got != "Sun, 01 Mar 2026 00:15:00 GMT" {
		t.Errorf("the Date header says %q", got)
	}
	var made, other, lead struct{ ID string }
	c.want(201, &made, "POST", "/__sandbox/records/Contact", m{"LastName": "A"})
	c.want(201, &other, "POST", "/__sandbox/records/Contact?as="+AdminUser, m{"LastName": "B"})
	c.want(201, &lead, "POST", "/__sandbox/records/Lead", m{"LastName": "C", "Company": "X"})
	c.want(204, nil, "POST", "/__sandbox/triggers", m{"object": "Contact", "field": "Title", "apply": "upper"})
	c.want(204, nil, "PATCH", "/__sandbox/records/"+made.ID, m{"Title": "ceo"})
	var got m
	c.want(200, &got, "GET", "/__sandbox/records/"+made.ID, nil)
	if got["Title"] != "CEO" || got["LastModifiedById"] != c.org.User(SalesUser).ID() {
		t.Errorf("the record is %v", got)
	}
	c.want(200, nil, "POST", "/__sandbox/merge", m{"winner": made.ID, "losers": []string{other.ID}})
	c.want(204, nil, "DELETE", "/__sandbox/records/"+made.ID, nil)
	c.want(204, nil, "POST", "/__sandbox/records/"+made.ID+"/undelete", nil)
	var converted struct{ AccountID, ContactID string }
	c.want(200, &converted, "POST", "/__sandbox/convert", m{"leadId": lead.ID})
	if converted.AccountID == "" || c.record(lead.ID)["ConvertedContactId"] != converted.ContactID {
		t.Errorf("converted into %+v", converted)
	}
	var log struct {
		Writes   int
		Requests []Request
	}
	c.want(200, &log, "GET", "/__sandbox/requests", nil)
	if log.Writes != 0 || len(log.Requests) != 1 || log.Requests[0].Operation != "versions" {
		t.Errorf("what was done in Salesforce is in the log of clients: %+v", log)
	}
	c.refused(404, "NOT_FOUND", "GET", "/__sandbox/nothing", nil)
	c.refused(400, "INVALID_CROSS_REFERENCE_KEY", "DELETE", "/__sandbox/records/"+made.ID+"?as=nobody", nil)
	c.refused(400, "JSON_PARSER_ERROR", "POST", "/__sandbox/faults", m{"operatoin": "update"})
	if status, page := c.do("GET", "/", nil); status != 200 || !strings.Contains(string(page), "/__sandbox/faults") {
		t.Errorf("the page at / is %d %s", status, page)
	}
}

func TestARecordHasAPageWithItsFieldsAndHistory(t *testing.T) {
	t.Parallel()
	c := newClient(t, Options{})
	id, err := c.org.Insert(c.org.Admin(), "Lead", m{"LastName": "<Doe>", "Company": "Acme", "Title": "Clerk"})
	if err != nil {
		t.Fatal(err)
	}
	if err := c.org.Update(c.org.Admin(), id, m{"Title": "Head"}); err != nil {
		t.Fatal(err)
	}
	status, page := c.do("GET", "/lightning/r/Lead/"+id+"/view", nil)
	for _, want := range []string{`<td data-field="Title">Head</td>`, "&lt;Doe&gt;", "Clerk → Head"} {
		if status != 200 || !strings.Contains(string(page), want) {
			t.Errorf("the page is %d without %q: %s", status, want, page)
		}
	}
	c.refused(404, "NOT_FOUND", "GET", "/lightning/r/Lead/00Q000000000000AAA/view", nil)
}
