package sandbox

import (
	"net/http"
	"strconv"
	"strings"
	"time"
)

// defaultLogPage is how many entries the admin API lists unless it is told
// otherwise.
const defaultLogPage = 1000

// adminLog lists entries of the commit log: since is a sequence or a time.
func (c *call) adminLog() *Error {
	q := c.request.URL.Query()
	filter := LogFilter{Object: q.Get("object"), Record: q.Get("record"), Limit: defaultLogPage}
	if text := q.Get("since"); text != "" {
		var err error
		if filter.Since, err = strconv.ParseInt(text, 10, 64); err != nil {
			at, ok := parseDateTime(strings.ReplaceAll(text, " ", "+"))
			if !ok {
				return refusal("JSON_PARSER_ERROR", "since is a sequence or a date and time: "+text)
			}
			filter.From = at
		}
	}
	if text := q.Get("limit"); text != "" {
		var err error
		if filter.Limit, err = strconv.Atoi(text); err != nil || filter.Limit < 1 {
			return refusal("JSON_PARSER_ERROR", "limit is a number above 0: "+text)
		}
	}
	entries, next := c.org.Log(filter)
	return c.json(http.StatusOK, map[string]any{"entries": append([]Entry{}, entries...), "next": next})
}

func (c *call) adminHistory() *Error {
	type change struct {
		Field  string    `json:"field"`
		Before any       `json:"before"`
		After  any       `json:"after"`
		At     time.Time `json:"at"`
		By     string    `json:"by"`
	}
	changes := []change{}
	for _, h := range c.org.History(c.params["id"]) {
		changes = append(changes, change{h.Field, h.Before, h.After, h.At, h.By})
	}
	return c.json(http.StatusOK, map[string]any{"changes": changes})
}
