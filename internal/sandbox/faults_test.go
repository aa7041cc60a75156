package sandbox

import (
	"fmt"
	"testing"
	"time"
)

func TestTheThirdUpdateFailsAndTheOthersDoNot(t *testing.T) {
	t.Parallel()
	c := newClient(t, Options{})
	path := v67 + "/sobjects/Lead/" + c.lead("a@x.test")
	c.want(201, nil, "POST", "/__sandbox/faults", m{"operation": "update", "object": "Lead", "nth": 3, "status": 503})
	for i, want := range []int{204, 204, 503, 204} {
		if got, body := c.do("PATCH", path, m{"Title": fmt.Sprint(i)}); got != want {
			t.Errorf("update %d: %d, want %d: %s", i+1, got, want, body)
		}
	}
}

func TestADroppedConnectionMayHaveCommitted(t *testing.T) {
	t.Parallel()
	c := newClient(t, Options{})
	for drop, want := range map[Drop]int{DropAfter: 1, DropBefore: 0} {
		name := string(drop)
		c.org.Fault(Fault{Match: Match{Operation: "create"}, Drop: drop})
		if response, err := c.try("POST", v67+"/sobjects/Lead", m{"LastName": name, "Company": "X"}); err == nil {
			_ = response.Body.Close()
			t.Errorf("drop %s: answered %d", drop, response.StatusCode)
		}
		if got := c.query("SELECT COUNT() FROM Lead WHERE LastName = '" + name + "'").TotalSize; got != want {
			t.Errorf("drop %s: %d records, want %d", drop, got, want)
		}
	}
}

func TestAnotherUserEditsBeforeTheClientLooks(t *testing.T) {
	t.Parallel()
	c := newClient(t, Options{})
	id := c.lead("a@x.test")
	c.want(201, nil, "POST", "/__sandbox/faults", m{"operation": "query", "object": "Lead", "edit": m{"id": id, "fields": m{"Title": "CFO"}}})
	if got := c.query("SELECT Title FROM Lead").Records[0]["Title"]; got != "CFO" {
		t.Errorf("Title is %v", got)
	}
	if h := c.org.History(id); h[len(h)-1].By != c.org.User(SalesUser).ID() {
		t.Errorf("edited by %v", h[len(h)-1])
	}
}

func TestOneRecordOfACollectionFails(t *testing.T) {
	t.Parallel()
	c := newClient(t, Options{})
	c.org.Fault(Fault{Match: Match{Operation: "create", Path: v67 + "/composite"}, RecordError: 2, ErrorCode: "UNABLE_TO_LOCK_ROW"})
	var results []outcome
	c.want(200, &results, "POST", v67+"/composite/sobjects", m{"records": []m{
		typed("Lead", m{"LastName": "A", "Company": "X"}), typed("Lead", m{"LastName": "B", "Company": "X"}),
	}})
	if !results[0].Success || results[1].Errors[0].StatusCode != "UNABLE_TO_LOCK_ROW" {
		t.Errorf("results %+v", results)
	}
}

func TestASessionExpiresInMidPagingAndLimitsRunOut(t *testing.T) {
	t.Parallel()
	c := newClient(t, Options{DailyAPILimit: 3})
	c.org.Fault(Fault{Match: Match{Operation: "query"}, ExpireSession: true})
	c.refused(401, "INVALID_SESSION_ID", "GET", v67+"/query?q=SELECT+Id+FROM+Lead", nil)
	c.token = c.org.IssueToken()
	for i := 1; i <= 3; i++ {
		response := c.send("GET", v67+"/sobjects", nil)
		response.Body.Close()
		if got, want := response.Header.Get("Sforce-Limit-Info"), fmt.Sprintf("api-usage=%d/3", i); got != want {
			t.Errorf("limit info %q, want %q", got, want)
		}
	}
	if got := c.refused(403, "REQUEST_LIMIT_EXCEEDED", "GET", v67+"/sobjects", nil); got != "TotalRequests Limit exceeded." {
		t.Errorf("message %q", got)
	}
	c.org.Clock().Advance(25 * time.Hour)
	c.token = c.org.IssueToken()
	c.want(200, nil, "GET", v67+"/sobjects", nil)
}

func TestAHeldRequestWaitsForItsLatch(t *testing.T) {
	t.Parallel()
	c := newClient(t, Options{})
	id, latch, reached := c.lead("a@x.test"), make(chan struct{}), make(chan struct{})
	c.org.Fault(Fault{Match: Match{Operation: "update"}, Hold: latch})
	go func() {
		defer close(reached)
		response, err := c.try("PATCH", v67+"/sobjects/Lead/"+id, m{"Title": "held"})
		if err == nil {
			response.Body.Close()
		}
	}()
	if c.record(id)["Title"] != nil {
		t.Error("the write did not wait")
	}
	close(latch)
	<-reached
	if c.record(id)["Title"] != "held" {
		t.Error("the write never came")
	}
}

func TestTheEdgeAnswersWithAPage(t *testing.T) {
	t.Parallel()
	c := newClient(t, Options{})
	c.org.Fault(Fault{Status: 420})
	if status, body := c.do("GET", v67+"/limits", nil); status != 420 || body[0] != '<' {
		t.Errorf("%d %s", status, body)
	}
}

func TestACrashInATriggerLeavesNothingBehind(t *testing.T) {
	t.Parallel()
	c := newClient(t, Options{})
	account := c.insert("Account", m{"Name": "A"})
	c.insert("Contact", m{"LastName": "D", "AccountId": account})
	if err := c.org.OnSave("Lead", func(_, after map[string]any) {
		if after["LastName"] == "crash" {
			panic("a bad trigger")
		}
	}); err != nil {
		t.Fatal(err)
	}
	c.refused(500, "UNKNOWN_EXCEPTION", "POST", v67+"/composite/sobjects", m{"records": []m{
		typed("Lead", m{"LastName": "fine", "Company": "X"}), typed("Lead", m{"LastName": "crash", "Company": "X"}),
	}})
	if n := c.query("SELECT COUNT() FROM Lead").TotalSize; n != 0 {
		t.Errorf("%d records of a crashed request were kept", n)
	}
}
