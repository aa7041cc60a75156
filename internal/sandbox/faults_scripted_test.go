package sandbox

import (
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"testing"
	"time"
)

// arm arms a fault by the admin API and returns its address there.
func (c *client) arm(fault m) string {
	c.t.Helper()
	var armed struct{ ID int }
	c.want(201, &armed, "POST", "/__sandbox/faults", fault)
	return "/__sandbox/faults/" + strconv.Itoa(armed.ID)
}

func TestPresetsAnswerAsSalesforceDoes(t *testing.T) {
	t.Parallel()
	for preset, want := range map[string]struct {
		status  int
		code    string
		message string
	}{
		"apiLimit":        {403, "REQUEST_LIMIT_EXCEEDED", "TotalRequests Limit exceeded."},
		"concurrentLimit": {403, "REQUEST_LIMIT_EXCEEDED", "ConcurrentPerOrgLongTxn Limit exceeded."},
		"unavailable":     {503, "SERVER_UNAVAILABLE", "The server is currently unavailable."},
		"queryTimeout":    {400, "QUERY_TIMEOUT", "Your query request was running for too long."},
		"expiredSession":  {401, "INVALID_SESSION_ID", "Session expired or invalid"},
	} {
		t.Run(preset, func(t *testing.T) {
			t.Parallel()
			c := newClient(t, Options{})
			c.arm(m{"preset": preset})
			if got := c.refused(want.status, want.code, "GET", v67+"/query?q=SELECT+Id+FROM+Lead", nil); got != want.message {
				t.Errorf("message %q, want %q", got, want.message)
			}
		})
	}
}

func TestTheEdgeAnswersWithPagesOfItsOwn(t *testing.T) {
	t.Parallel()
	c := newClient(t, Options{})
	for preset, status := range map[string]int{"noRoute": 420, "edgeUnavailable": 503, "badGateway": 502, "uriTooLong": 414, "headersTooLarge": 431} {
		c.arm(m{"preset": preset})
		response := c.send("GET", v67+"/limits", nil)
		body, _ := io.ReadAll(response.Body)
		response.Body.Close()
		if response.StatusCode != status || !strings.HasPrefix(response.Header.Get("Content-Type"), "text/html") || body[0] != '<' {
			t.Errorf("%s: %d %s", preset, response.StatusCode, body)
		}
	}
}

func TestTheTokenEndpointFailsInItsOwnWords(t *testing.T) {
	t.Parallel()
	c := newClient(t, Options{})
	c.arm(m{"preset": "tokenBusy"})
	response, err := http.PostForm(c.url+"/services/oauth2/token", url.Values{"grant_type": {"client_credentials"}})
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	body, _ := io.ReadAll(response.Body)
	if response.StatusCode != 400 || !strings.Contains(string(body), `"error":"invalid_grant"`) || !strings.Contains(string(body), "already being processed") {
		t.Errorf("%d %s", response.StatusCode, body)
	}
}

func TestMaintenanceLetsReadersIn(t *testing.T) {
	t.Parallel()
	c := newClient(t, Options{})
	id := c.lead("a@x.test")
	c.arm(m{"preset": "maintenance", "times": -1})
	c.refused(503, "INSERT_UPDATE_DELETE_NOT_ALLOWED_DURING_MAINTENANCE", "PATCH", v67+"/sobjects/Lead/"+id, m{"Title": "x"})
	c.refused(503, "INSERT_UPDATE_DELETE_NOT_ALLOWED_DURING_MAINTENANCE", "POST", v67+"/composite/sobjects", m{"records": []m{typed("Lead", m{"LastName": "x"})}})
	if n := c.query("SELECT Id FROM Lead").TotalSize; n != 1 {
		t.Errorf("%d leads are read", n)
	}
	c.want(200, nil, "POST", v67+"/composite/sobjects/Lead", m{"ids": []string{id}, "fields": []string{"Id"}})
}

func TestAFullOrgRefusesNewRecordsOnly(t *testing.T) {
	t.Parallel()
	c := newClient(t, Options{})
	id := c.lead("a@x.test")
	c.arm(m{"preset": "storageLimit", "times": -1})
	c.refused(400, "STORAGE_LIMIT_EXCEEDED", "POST", v67+"/sobjects/Lead", m{"LastName": "x", "Company": "X"})
	c.want(204, nil, "PATCH", v67+"/sobjects/Lead/"+id, m{"Title": "x"})
	var results []outcome
	c.want(200, &results, "PATCH", v67+"/composite/sobjects/Lead/Id", m{"records": []m{
		typed("Lead", m{"Id": id, "Title": "y"}), typed("Lead", m{"LastName": "New", "Company": "X"}),
	}})
	if !results[0].Success || results[1].Success || results[1].Errors[0].StatusCode != "STORAGE_LIMIT_EXCEEDED" {
		t.Errorf("results %+v", results)
	}
}

func TestHalfOfThePageComesBeforeTheReset(t *testing.T) {
	t.Parallel()
	c := newClient(t, Options{})
	for range 20 {
		c.lead("a@x.test")
	}
	path := v67 + "/query?q=" + url.QueryEscape("SELECT FIELDS(STANDARD) FROM Lead")
	_, whole := c.do("GET", path, nil)
	for _, encoding := range []string{"identity", "gzip"} {
		c.arm(m{"operation": "query", "drop": "half"})
		response := c.send("GET", path, nil, "Accept-Encoding", encoding)
		got, err := io.ReadAll(response.Body)
		response.Body.Close()
		if err == nil || response.StatusCode != 200 || len(got) == 0 || len(got) >= len(whole) {
			t.Errorf("%s: %d bytes of %d, error %v", encoding, len(got), len(whole), err)
		}
	}
	c.want(200, nil, "GET", path, nil)
}

func TestAnotherUserEditsBetweenReadAndWrite(t *testing.T) {
	t.Parallel()
	c := newClient(t, Options{})
	id, other := c.lead("a@x.test"), c.lead("b@x.test")
	path := v67 + "/sobjects/Lead/" + id
	fault := c.arm(m{"afterRead": id, "edit": m{"fields": m{"Title": "CFO"}}})
	c.want(204, nil, "PATCH", path, m{"Phone": "1"}) // not read yet
	c.want(204, nil, "PATCH", v67+"/sobjects/Lead/"+other, m{"Phone": "1"})
	if got := c.query("SELECT Id, Title FROM Lead WHERE Id = '" + id + "'").Records[0]["Title"]; got != nil {
		t.Fatalf("the read shows %v", got)
	}
	c.want(204, nil, "PATCH", v67+"/sobjects/Lead/"+other, m{"Phone": "2"})
	if got := c.record(id)["Title"]; got != nil {
		t.Errorf("a write of another record brought the edit: %v", got)
	}
	c.want(204, nil, "PATCH", path, m{"Phone": "2"})
	if got := c.record(id); got["Title"] != "CFO" || got["Phone"] != "2" {
		t.Errorf("the record is %v, %v", got["Title"], got["Phone"])
	}
	var armed shownFault
	c.want(200, &armed, "GET", fault, nil)
	if armed.Struck != 1 || armed.Left != 0 || !armed.Hook {
		t.Errorf("the fault stands at %+v", armed)
	}
}

func TestFaultsAreListedCountedAndDisarmed(t *testing.T) {
	t.Parallel()
	c := newClient(t, Options{})
	once, always := c.arm(m{"operation": "limits", "status": 500}), c.arm(m{"operation": "limits", "times": -1, "status": 503})
	for _, want := range []int{500, 503, 503} {
		c.want(want, nil, "GET", v67+"/limits", nil)
	}
	var list struct{ Faults []shownFault }
	c.want(200, &list, "GET", "/__sandbox/faults", nil)
	if len(list.Faults) != 2 || list.Faults[0].Struck != 1 || list.Faults[1].Struck != 2 || list.Faults[1].Left >= 0 || list.Faults[1].Status != 503 {
		t.Errorf("faults %+v", list.Faults)
	}
	c.want(204, nil, "DELETE", always, nil)
	c.refused(404, "NOT_FOUND", "DELETE", always, nil)
	c.want(200, nil, "GET", v67+"/limits", nil)
	c.want(204, nil, "DELETE", "/__sandbox/faults", nil)
	c.refused(404, "NOT_FOUND", "GET", once, nil)
}

func TestFaultsStrikeTogetherWhenTheySaySo(t *testing.T) {
	t.Parallel()
	c := newClient(t, Options{})
	c.arm(m{"operation": "limits", "nth": 2, "status": 503})
	c.arm(m{"times": -1, "also": true, "advance": "1s"})
	for _, want := range []int{200, 503, 200} {
		c.want(want, nil, "GET", v67+"/limits", nil)
	}
	if got := c.org.Clock().Now().Sub(start); got != 3*time.Second {
		t.Errorf("%v passed", got)
	}
}

func TestAFaultStrikesOneSubrequestOfAComposite(t *testing.T) {
	t.Parallel()
	c := newClient(t, Options{})
	lead := func(reference string) m {
		return m{"method": "POST", "url": v67 + "/sobjects/Lead", "referenceId": reference, "body": m{"LastName": reference, "Company": "X"}}
	}
	c.arm(m{"operation": "create", "nth": 2, "errorCode": "UNABLE_TO_LOCK_ROW"})
	var answer struct {
		CompositeResponse []struct{ HTTPStatusCode int }
	}
	c.want(200, &answer, "POST", v67+"/composite", m{"compositeRequest": []m{lead("a"), lead("b"), lead("c")}})
	for i, want := range []int{201, 400, 201} {
		if got := answer.CompositeResponse[i].HTTPStatusCode; got != want {
			t.Errorf("subrequest %d: %d, want %d", i, got, want)
		}
	}
	c.arm(m{"operation": "create", "nth": 2, "errorCode": "UNABLE_TO_LOCK_ROW"})
	c.want(200, &answer, "POST", v67+"/composite", m{"allOrNone": true, "compositeRequest": []m{lead("d"), lead("e")}})
	if n := c.query("SELECT Id FROM Lead").TotalSize; n != 2 {
		t.Errorf("%d leads, want 2", n)
	}
}

func TestAPendingCommitCanBeFinishedByHand(t *testing.T) {
	t.Parallel()
	c := newClient(t, Options{})
	id := c.lead("a@x.test")
	path := v67 + "/sobjects/Lead/" + id
	for _, finish := range []struct {
		method string
		title  any
	}{{"DELETE", nil}, {"POST", "CEO"}} {
		c.arm(m{"operation": "update", "commitAfter": "1h", "answer": true})
		c.want(204, nil, "PATCH", path, m{"Title": "CEO"})
		var pending struct{ Commits []Pending }
		c.want(200, &pending, "GET", "/__sandbox/commits", nil)
		if len(pending.Commits) != 1 || pending.Commits[0].Records[0] != id {
			t.Fatalf("pending %+v", pending)
		}
		var locked struct{ Locks []Lock }
		c.want(200, &locked, "GET", "/__sandbox/locks", nil)
		if len(locked.Locks) != 1 || locked.Locks[0].Commit != pending.Commits[0].ID {
			t.Errorf("locks %+v", locked)
		}
		c.want(204, nil, finish.method, "/__sandbox/commits/"+strconv.Itoa(pending.Commits[0].ID), nil)
		if got := c.record(id)["Title"]; got != finish.title {
			t.Errorf("after %s Title is %v, want %v", finish.method, got, finish.title)
		}
		c.want(204, nil, "PATCH", path, m{"Phone": "1"})
	}
	c.want(204, nil, "POST", "/__sandbox/locks", m{"id": id, "for": "10s"})
	c.refused(400, "UNABLE_TO_LOCK_ROW", "PATCH", path, m{"Phone": "2"})
	c.want(204, nil, "DELETE", "/__sandbox/locks/"+id, nil)
	c.want(204, nil, "PATCH", path, m{"Phone": "2"})
	c.want(200, nil, "POST", "/__sandbox/visibility", m{"delay": "1m"})
	c.want(204, nil, "PATCH", path, m{"Phone": "3"})
	if got := c.query("SELECT Phone FROM Lead").Records[0]["Phone"]; got != "2" {
		t.Errorf("Phone is seen as %v", got)
	}
}
