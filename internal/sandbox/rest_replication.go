package sandbox

import (
	"fmt"
	"net/http"
	"strings"
	"time"

	"conversion/internal/sandbox/table"
)

const (
	updatedLookBack = 30 * 24 * time.Hour
	deletedLookBack = 15 * 24 * time.Hour
	maxReplicated   = 600_000
)

// span reads start and end, rounded down to the minute.
func (c *call) span(lookBack time.Duration) (from, to int64, refused *Error) {
	q := c.request.URL.Query()
	start, ok := parseDateTime(strings.ReplaceAll(q.Get("start"), " ", "+"))
	end, ok2 := parseDateTime(strings.ReplaceAll(q.Get("end"), " ", "+"))
	if !ok || !ok2 {
		return 0, 0, refusal("INVALID_REPLICATION_DATE", "start and end must be given as ISO 8601 dates and times")
	}
	start, end = start.Truncate(time.Minute), end.Truncate(time.Minute)
	switch {
	case !start.Before(end):
		return 0, 0, refusal("INVALID_REPLICATION_DATE", "startDate before endDate by at least a minute is required")
	case c.org.clock.Now().Sub(start) > lookBack:
		return 0, 0, refusal("INVALID_REPLICATION_DATE", "startDate is too long ago")
	}
	return start.Unix(), end.Unix(), nil
}

// covered is the last moment that an answer about a span speaks for: before the
// first change of the object that is on its way to being seen.
func (c *call) covered(obj *object, to int64) string {
	at := time.Unix(min(to, c.org.clock.second(), c.org.late.firstStamp(obj)), 0).UTC()
	return at.Truncate(time.Minute).Format(restDateTime)
}

// replicated lists the rows whose SystemModstamp lies in the span.
func (c *call) replicated(lookBack time.Duration, deleted bool) ([]*table.Row, string, *Error) {
	from, to, err := c.span(lookBack)
	if err != nil {
		return nil, "", err
	}
	obj, err := c.objectOr404()
	if err != nil {
		return nil, "", err
	}
	shared := c.rights().sharing(obj)
	var rows []*table.Row
	for r := range obj.seen.ByStamp().From(func(r *table.Row) bool { return r.Stamp >= from }) {
		if r.Stamp >= to {
			break
		}
		if r.Deleted == deleted && (shared == nil || shared(r)) {
			rows = append(rows, r)
		}
	}
	return rows, c.covered(obj, to), nil
}

// checkReplicated refuses answers of too many ids.
func checkReplicated(n int) *Error {
	if n > maxReplicated {
		return refusal("EXCEEDED_ID_LIMIT", fmt.Sprintf("exceeded max number (%d) of ids", maxReplicated))
	}
	return nil
}

func (c *call) updated() *Error {
	defer c.view()()
	rows, covered, err := c.replicated(updatedLookBack, false)
	if err != nil {
		return err
	}
	if err := checkReplicated(len(rows)); err != nil {
		return err
	}
	return c.json(http.StatusOK, map[string]any{"ids": append([]string{}, idsOf(rows)...), "latestDateCovered": covered})
}

func (c *call) deleted() *Error {
	defer c.view()()
	rows, covered, err := c.replicated(deletedLookBack, true)
	if err != nil {
		return err
	}
	type gone struct {
		ID          string `json:"id"`
		DeletedDate string `json:"deletedDate"`
	}
	records := []gone{}
	for _, r := range rows {
		records = append(records, gone{r.ID, time.Unix(r.Stamp, 0).UTC().Format(restDateTime)})
	}
	for _, p := range c.purged() {
		records = append(records, gone{p.id, time.Unix(p.at, 0).UTC().Format(restDateTime)})
	}
	if err := checkReplicated(len(records)); err != nil {
		return err
	}
	return c.json(http.StatusOK, map[string]any{
		"deletedRecords": records, "latestDateCovered": covered,
		"earliestDateAvailable": c.org.clock.Now().Add(-deletedLookBack).Truncate(time.Minute).Format(restDateTime),
	})
}

// purged lists the records of the object that are gone for good and were deleted
// in the span, which was checked before.
func (c *call) purged() []purged {
	from, to, err := c.span(deletedLookBack)
	if err != nil {
		return nil
	}
	obj, _ := c.rights().object(c.object)
	var found []purged
	for _, p := range obj.purged {
		if p.at >= from && p.at < to {
			found = append(found, p)
		}
	}
	return found
}
