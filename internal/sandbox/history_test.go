package sandbox

import (
	"fmt"
	"net/http"
	"slices"
	"testing"
	"time"
)

// kinds lists a log as "object kind", in order.
func kinds(entries []Entry) []string {
	var list []string
	for _, e := range entries {
		list = append(list, e.Object+" "+string(e.Kind))
	}
	return list
}

func TestTheCommitLogTellsWhatEachTransactionDid(t *testing.T) {
	t.Parallel()
	c := newClient(t, Options{})
	_, begin := c.org.Log(LogFilter{})
	account := c.insert("Account", m{"Name": "A"})
	contact := c.insert("Contact", m{"LastName": "D", "AccountId": account})
	other := c.insert("Contact", m{"LastName": "E"})
	lead := c.lead("a@x.test")
	admin := c.org.Admin()
	for _, do := range []func() error{
		func() error { return c.org.Merge(admin, contact, other) },
		func() error { return c.org.Delete(admin, account) },
		func() error { return c.org.Undelete(admin, account) },
		func() error {
			_, err := c.org.ConvertLead(admin, lead, ConvertOptions{AccountID: account})
			return err
		},
	} {
		if err := do(); err != nil {
			t.Fatal(err)
		}
	}
	entries, end := c.org.Log(LogFilter{Since: begin})
	want := []string{
		"Account create", "Contact create", "Contact create", "Lead create", "Contact merge", "Contact update",
		"Account delete", "Contact delete", "Account undelete", "Contact undelete", "Contact create",
		"Opportunity create", "OpportunityContactRole create", "Lead convert",
	}
	if got := kinds(entries); !slices.Equal(got, want) {
		t.Errorf("the log tells %v", got)
	}
	for i, e := range entries {
		if e.Sequence != begin+int64(i)+1 {
			t.Errorf("entry %d has sequence %d", i, e.Sequence)
		}
	}
	if entries[4].Transaction != entries[5].Transaction || entries[3].Transaction == entries[4].Transaction || end != entries[len(entries)-1].Sequence {
		t.Errorf("transactions of %+v", entries[3:6])
	}
}

func TestTheCommitLogNamesTheRequestAndTheFields(t *testing.T) {
	t.Parallel()
	c := newClient(t, Options{})
	id := c.lead("a@x.test")
	c.want(204, nil, "PATCH", v67+"/sobjects/Lead/"+id, m{"Title": "CEO"}, "Sforce-Call-Options", "client=sync")
	var log struct{ Entries []Entry }
	c.want(200, &log, "GET", "/__sandbox/history?object=lead&record="+id[:15], nil)
	if len(log.Entries) != 2 {
		t.Fatalf("entries %+v", log.Entries)
	}
	e := log.Entries[1]
	requests := c.org.Requests()
	if e.Kind != KindUpdate || e.Client != "sync" || e.Request != requests[len(requests)-1].Number || e.By != c.org.Admin().ID() ||
		len(e.Fields) != 1 || e.Fields[0] != (FieldChange{"Title", nil, "CEO"}) {
		t.Errorf("the update is told as %+v", e)
	}
	if e := log.Entries[0]; e.Request != 0 || e.By != c.org.User(SalesUser).ID() {
		t.Errorf("the creation is told as %+v", e)
	}
}

func TestALateCommitIsLoggedWhenItIsCommitted(t *testing.T) {
	t.Parallel()
	c := newClient(t, Options{})
	late, early := c.lead("a@x.test"), c.lead("b@x.test")
	_, begin := c.org.Log(LogFilter{})
	c.org.Fault(Fault{Match: Match{Operation: "update"}, CommitAfter: time.Minute, Answer: true})
	c.want(204, nil, "PATCH", v67+"/sobjects/Lead/"+late, m{"Title": "late"})
	c.org.Clock().Advance(time.Second)
	c.want(204, nil, "PATCH", v67+"/sobjects/Lead/"+early, m{"Title": "early"})
	c.org.Clock().Advance(time.Minute)
	entries, _ := c.org.Log(LogFilter{Since: begin})
	if len(entries) != 2 || entries[0].Record != early || entries[1].Record != late || !entries[1].Saved.Equal(start) || !entries[1].Committed.Equal(start.Add(61*time.Second)) {
		t.Errorf("entries %+v", entries)
	}
}

func TestTheCommitLogIsBoundedAndReadInPages(t *testing.T) {
	t.Parallel()
	obj := New(Options{}).standard("Lead")
	l := newChangeLog()
	for i := range changeLogLength + 10 {
		l.append([]*change{{object: obj, id: fmt.Sprint(i % 1000), kind: KindUpdate}}, start)
	}
	if len(l.entries) > changeLogLength || l.entries[0].sequence != l.last-int64(len(l.entries))+1 {
		t.Errorf("%d entries from %d to %d", len(l.entries), l.entries[0].sequence, l.last)
	}
	known := 0
	for _, changes := range l.byRecord {
		known += len(changes)
	}
	if known != len(l.entries) {
		t.Errorf("%d entries are known by record", known)
	}
	if got := l.after(l.last - 3); len(got) != 3 || got[0].sequence != l.last-2 {
		t.Errorf("%d entries after the last but three", len(got))
	}
	if got := l.after(0); len(got) != len(l.entries) || len(l.after(l.last+5)) != 0 {
		t.Errorf("%d entries from the beginning", len(got))
	}
}

func TestRequestsAreCountedFilteredAndReset(t *testing.T) {
	t.Parallel()
	c := newClient(t, Options{})
	id := c.lead("a@x.test")
	for range 3 {
		c.want(204, nil, "PATCH", v67+"/sobjects/Lead/"+id, m{"Title": "x"}, "Sforce-Call-Options", "client=sync")
	}
	c.query("SELECT Id FROM Lead")
	c.refused(404, "NOT_FOUND", "GET", v67+"/sobjects/Lead/"+recordID("00Q", "zz", 7), nil)
	var log struct {
		Requests []Request
		Counts   map[string]int
		Totals   Counts
		Writes   int
	}
	c.want(200, &log, "GET", "/__sandbox/requests?operation=update&limit=2", nil)
	if len(log.Requests) != 2 || log.Requests[1].Number != log.Requests[0].Number+1 || log.Counts["update"] != 2 {
		t.Errorf("updates %+v", log.Requests)
	}
	if log.Totals.Operations["update"] != 3 || log.Totals.Statuses[404] != 1 || log.Totals.WritesByClient["sync"] != 3 || log.Writes != 3 || log.Totals.APIUsed != 5 {
		t.Errorf("totals %+v", log.Totals)
	}
	c.want(204, nil, "DELETE", "/__sandbox/requests", nil)
	c.want(200, &log, "GET", "/__sandbox/requests?status=404", nil)
	if len(log.Requests) != 0 || log.Writes != 0 || log.Totals.APIUsed != 5 {
		t.Errorf("after the reset %+v", log)
	}
	c.refused(400, "JSON_PARSER_ERROR", "GET", "/__sandbox/requests?status=x", nil)
}

func TestTheDayOfAPIRequestsRolls(t *testing.T) {
	t.Parallel()
	c := newClient(t, Options{DailyAPILimit: 4, SessionLifetime: 100 * time.Hour})
	for range 3 {
		c.want(200, nil, "GET", v67+"/sobjects", nil)
		c.org.Clock().Advance(10 * time.Hour)
	}
	for i, want := range []string{"api-usage=3/4", "api-usage=4/4", "api-usage=4/4"} { // the first is 30 hours old
		response := c.send("GET", v67+"/sobjects", nil)
		response.Body.Close()
		if got := response.Header.Get("Sforce-Limit-Info"); got != want || (response.StatusCode == http.StatusForbidden) != (i == 2) {
			t.Errorf("request %d: %d, %s, want %s", i, response.StatusCode, got, want)
		}
	}
}

func TestTheClockIsSkewedAndMovedByRequests(t *testing.T) {
	t.Parallel()
	c := newClient(t, Options{})
	var clock shownClock
	c.want(200, &clock, "POST", "/__sandbox/clock", m{"skew": "-3m", "perRequest": "2s"})
	if clock.Skew != "-3m0s" || clock.PerRequest != "2s" || clock.Frozen {
		t.Errorf("the clock is %+v", clock)
	}
	for _, want := range []string{"Sat, 31 Jan 2026 08:57:02 GMT", "Sat, 31 Jan 2026 08:57:04 GMT"} {
		response := c.send("GET", "/services/data", nil)
		response.Body.Close()
		if got := response.Header.Get("Date"); got != want {
			t.Errorf("Date %q, want %q", got, want)
		}
	}
	id := c.lead("a@x.test")
	if got := c.record(id)["SystemModstamp"]; got != "2026-01-31T08:57:04.000+0000" {
		t.Errorf("stamped %v", got)
	}
	c.want(200, &clock, "POST", "/__sandbox/clock", m{"skew": "0s", "perRequest": "0s", "freeze": true})
	if clock.Skew != "0s" || !clock.Frozen {
		t.Errorf("the clock is %+v", clock)
	}
}
