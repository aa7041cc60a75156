package sandbox

import (
	"net/http"
	"strconv"
)

// adminRequests lists the request log. counts are those of the lines listed;
// totals go beyond the log.
func (c *call) adminRequests() *Error {
	q := c.request.URL.Query()
	filter := RequestFilter{Operation: q.Get("operation"), Object: q.Get("object"), Method: q.Get("method"), Client: q.Get("client")}
	var since int
	for _, n := range []struct {
		name string
		into *int
	}{{"status", &filter.Status}, {"limit", &filter.Limit}, {"since", &since}} {
		text := q.Get(n.name)
		if text == "" {
			continue
		}
		var err error
		if *n.into, err = strconv.Atoi(text); err != nil {
			return refusal("JSON_PARSER_ERROR", n.name+" is a number: "+text)
		}
	}
	filter.Since = int64(since)
	log := c.org.RequestsLike(filter)
	byOperation := map[string]int{}
	for _, r := range log {
		byOperation[r.Operation]++
	}
	return c.json(http.StatusOK, map[string]any{
		"requests": append([]Request{}, log...), "counts": byOperation, "writes": c.org.Writes(), "totals": c.org.Counts(),
	})
}

func (c *call) adminResetRequests() *Error { c.org.ResetRequests(); return c.done(nil) }
