package sandbox

import (
	"net/url"
	"testing"
	"time"
)

// replication asks for what changed between two times of the clock's format.
func (c *client) replication(kind, object, from, to string) m {
	c.t.Helper()
	var got m
	c.want(200, &got, "GET", v67+"/sobjects/"+object+"/"+kind+"?"+span(from, to), nil)
	return got
}

func span(from, to string) string {
	return url.Values{"start": {from}, "end": {to}}.Encode()
}

func TestAnAnswerCoversNothingAfterWhatIsNotSeenYet(t *testing.T) {
	t.Parallel()
	c := newClient(t, Options{})
	lead := c.lead("jo@x.test")
	c.org.Clock().Advance(5 * time.Minute)
	c.org.Fault(Fault{Match: Match{Operation: "update"}, CommitAfter: 10 * time.Minute, Answer: true})
	c.want(204, nil, "PATCH", v67+"/sobjects/Lead/"+lead, m{"Title": "CEO"})
	c.org.Clock().Advance(4 * time.Minute)

	const from, to = "2026-01-31T08:59:00Z", "2026-01-31T09:20:00Z"
	for _, kind := range []string{"updated", "deleted"} {
		if got := c.replication(kind, "Lead", from, to)["latestDateCovered"]; got != "2026-01-31T09:05:00.000+0000" {
			t.Errorf("%s leads: covered until %v, before the update is committed", kind, got)
		}
	}
	if got := c.replication("updated", "Contact", from, to)["latestDateCovered"]; got != "2026-01-31T09:09:00.000+0000" {
		t.Errorf("contacts: covered until %v", got)
	}

	c.org.SetVisibilityDelay(time.Minute)
	c.org.Clock().Advance(6 * time.Minute)
	if got := c.replication("updated", "Lead", from, to)["latestDateCovered"]; got != "2026-01-31T09:05:00.000+0000" {
		t.Errorf("covered until %v, before the committed update is seen", got)
	}
	c.org.Clock().Advance(time.Minute)
	got := c.replication("updated", "Lead", "2026-01-31T09:05:00Z", to)
	if ids := got["ids"].([]any); len(ids) != 1 || ids[0] != lead || got["latestDateCovered"] != "2026-01-31T09:16:00.000+0000" {
		t.Errorf("when all is seen: %v", got)
	}
}

func TestReplicationRefusesSpansThatItCannotAnswer(t *testing.T) {
	t.Parallel()
	c := newClient(t, Options{})
	for name, at := range map[string]string{
		"updated before 30 days":     "/updated?" + span("2026-01-01T08:59:00Z", "2026-01-31T09:00:00Z"),
		"deleted before 15 days":     "/deleted?" + span("2026-01-16T08:59:00Z", "2026-01-31T09:00:00Z"),
		"a start after the end":      "/updated?" + span("2026-01-31T09:00:00Z", "2026-01-31T08:00:00Z"),
		"less than a minute":         "/deleted?" + span("2026-01-31T08:00:01Z", "2026-01-31T08:00:59Z"),
		"a start that is no time":    "/updated?" + span("yesterday", "2026-01-31T08:00:59Z"),
		"without an end":             "/updated?start=2026-01-31T08:00:01Z",
		"an end that is only a date": "/deleted?" + span("2026-01-30T08:00:00Z", "2026-01-31"),
	} {
		t.Run(name, func(t *testing.T) {
			c := *c
			c.t = t
			c.refused(400, "INVALID_REPLICATION_DATE", "GET", v67+"/sobjects/Lead"+at, nil)
		})
	}
	c.replication("updated", "Lead", "2026-01-01T09:00:00Z", "2026-01-31T09:00:00Z")
	c.replication("deleted", "Lead", "2026-01-16T09:00:00Z", "2026-01-31T09:00:00Z")
}

func TestReplicationNamesAtMost600000Records(t *testing.T) {
	t.Parallel()
	if err := checkReplicated(maxReplicated); err != nil {
		t.Error(err)
	}
	if err := checkReplicated(maxReplicated + 1); err == nil || err.Code != "EXCEEDED_ID_LIMIT" {
		t.Errorf("one more: %v", err)
	}
}
