package sandbox

import (
	"fmt"
	"testing"
)

type batched struct {
	HasErrors bool
	Results   []struct {
		StatusCode int
		Result     any
	}
}

func (b batched) statuses() string {
	var all []int
	for _, r := range b.Results {
		all = append(all, r.StatusCode)
	}
	return fmt.Sprint(all)
}

func TestABatchServesEachSubrequestOnItsOwn(t *testing.T) {
	t.Parallel()
	c := newClient(t, Options{})
	id := c.insert("Account", m{"Name": "A"})
	var answer batched
	c.want(200, &answer, "POST", v67+"/composite/batch/", m{"batchRequests": []m{
		{"method": "PATCH", "url": "v67.0/sobjects/account/" + id, "richInput": m{"Name": "New"}},
		{"method": "GET", "url": "/services/data/v60.0/sobjects/account/" + id + "?fields=Name"},
		{"method": "GET", "url": "v67.0/sobjects/Nothing/describe"},
		{"method": "GET", "url": "v67.0/limits"},
		{"method": "GET", "url": "v67.0/query?q=SELECT+Id+FROM+Account"},
	}})
	if got := answer.statuses(); got != "[204 200 404 200 200]" || !answer.HasErrors || answer.Results[0].Result != nil {
		t.Fatalf("statuses %s: %+v", got, answer)
	}
	if got := answer.Results[1].Result.(m)["Name"]; got != "New" {
		t.Errorf("a commit is not seen by the next subrequest: %v", got)
	}
	if used := c.org.traffic.usage(c.org.clock.Now()); used != 5 {
		t.Errorf("%d requests used, want 5", used)
	}
}

func TestABatchHaltsIfAsked(t *testing.T) {
	t.Parallel()
	c := newClient(t, Options{})
	var answer batched
	c.want(200, &answer, "POST", v67+"/composite/batch", m{"haltOnError": true, "batchRequests": []m{
		{"method": "POST", "url": "v67.0/sobjects/Account", "richInput": m{"Name": "A"}},
		{"method": "POST", "url": "v67.0/sobjects/Account", "richInput": m{}},
		{"method": "POST", "url": "v67.0/sobjects/Account", "richInput": m{"Name": "B"}},
	}})
	halted, _ := answer.Results[2].Result.([]any)
	if got := answer.statuses(); got != "[201 400 412]" || halted[0].(m)["errorCode"] != "BATCH_PROCESSING_HALTED" {
		t.Errorf("statuses %s: %+v", got, answer)
	}
	if n := c.query("SELECT COUNT() FROM Account").TotalSize; n != 1 {
		t.Errorf("%d accounts, want the first only", n)
	}
}

func TestABatchReachesNoNewerVersionsThanItsOwn(t *testing.T) {
	t.Parallel()
	c := newClient(t, Options{})
	var answer batched
	c.want(200, &answer, "POST", "/services/data/v60.0/composite/batch", m{"batchRequests": []m{
		{"method": "POST", "url": "v61.0/sobjects/Account", "richInput": m{"Name": "A"}}, {"method": "GET", "url": "v50.0/sobjects/Account"},
	}})
	if got := answer.statuses(); got != "[400 200]" || c.query("SELECT COUNT() FROM Account").TotalSize != 0 {
		t.Errorf("statuses %s", got)
	}
}

func TestABatchEndsWithTheDaysBudget(t *testing.T) {
	t.Parallel()
	c := newClient(t, Options{DailyAPILimit: 2})
	var answer batched
	limits := m{"method": "GET", "url": "v67.0/limits"}
	c.want(200, &answer, "POST", v67+"/composite/batch", m{"batchRequests": []m{limits, limits, limits}})
	if got := answer.statuses(); got != "[200 200 403]" {
		t.Errorf("statuses %s", got)
	}
}

func TestBatchesAreRefusedAsAWhole(t *testing.T) {
	t.Parallel()
	c := newClient(t, Options{})
	var many []m
	for range 26 {
		many = append(many, m{"method": "GET", "url": "v67.0/limits"})
	}
	for code, requests := range map[string][]m{
		"REQUIRED_FIELD_MISSING": {}, "LIMIT_EXCEEDED": many, "JSON_PARSER_ERROR": {{"method": "FETCH", "url": "v67.0/limits"}},
	} {
		c.refused(400, code, "POST", v67+"/composite/batch", m{"batchRequests": requests})
	}
}
