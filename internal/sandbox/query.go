package sandbox

import (
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"

	"conversion/internal/sandbox/soql"
	"conversion/internal/sandbox/table"
)

func (c *call) query() *Error    { return c.runQuery(false) }
func (c *call) queryAll() *Error { return c.runQuery(true) }

func (c *call) runQuery(all bool) *Error {
	c.soql = c.request.URL.Query().Get("q")
	if strings.TrimSpace(c.soql) == "" {
		return refusal("MALFORMED_QUERY", "A query string has to be specified")
	}
	parsed, err := soql.Parse(c.soql)
	if err != nil {
		var refused *soql.Error
		errors.As(err, &refused)
		return asSOQL(refused)
	}
	defer c.view()()
	rights := c.rights()
	obj, ok := rights.object(parsed.From.Text)
	if !ok || !obj.Queryable {
		return asSOQL(soql.Errorf("INVALID_TYPE", c.soql, parsed.From.Pos,
			"sObject type '%s' is not supported. If you are attempting to use a custom object, be sure to append the '__c' after the entity name.%s", parsed.From.Text, describeAdvice))
	}
	c.object = obj.Name
	return c.answerQuery(&names{c.org, rights, parsed, obj}, all)
}

func (c *call) answerQuery(n *names, all bool) *Error {
	switch {
	case isCount(n.query) && len(n.query.GroupBy) == 0:
		if len(n.query.OrderBy) > 0 {
			return n.malformed(n.query.OrderBy[0].Pos, "ORDER BY is not allowed with COUNT()")
		}
		p, err := n.plan(all)
		if err != nil {
			return err
		}
		return c.raw(http.StatusOK, fmt.Appendf(nil, `{"totalSize":%d,"done":true,"records":[]}`, len(p.run())))
	case isAggregate(n.query):
		g, err := n.grouping(all)
		if err != nil {
			return err
		}
		return c.answerGroups(g)
	}
	p, s, err := n.prepare(all)
	if err != nil {
		return err
	}
	size, _ := batchSize(c.request.Header.Get("Sforce-Query-Options"))
	found := &cursor{user: c.user, rights: n.rights, object: n.object, shape: s, all: all, size: size, rows: p.run(), opened: c.org.clock.Now()}
	if len(found.rows) > size {
		c.org.cursors.add(found, c.org.pod)
	}
	return c.page(found, 0)
}

// page answers with the rows of a result from an offset on, as they are now.
func (c *call) page(found *cursor, from int) *Error {
	to := min(from+found.size, len(found.rows))
	b := fmt.Appendf(nil, `{"totalSize":%d,"done":%t,`, len(found.rows), to == len(found.rows))
	if to < len(found.rows) {
		b = fmt.Appendf(b, `"nextRecordsUrl":"%s/query/%s-%d",`, c.base(), found.id, to)
	}
	b = append(b, `"records":[`...)
	first := true
	for _, matched := range found.rows[from:to] {
		row, ok := found.object.seen.Find(matched.ID)
		if !ok || row.Deleted && !found.all {
			continue // deleted since the first page
		}
		if !first {
			b = append(b, ',')
		}
		first = false
		b = found.shape.appendRow(c, found.rights, b, found.object, row, false, found.all)
	}
	return c.raw(http.StatusOK, append(b, "]}"...))
}

func (c *call) queryMore() *Error {
	found, from, ok := c.org.cursors.find(c.params["locator"], c.user, c.org.clock.Now())
	if !ok {
		return refusal("INVALID_QUERY_LOCATOR", "invalid query locator")
	}
	defer c.view()()
	c.object = found.object.Name
	return c.page(found, from)
}

// cursor is a result that did not fit on one page. It holds which rows matched,
// not what they held.
type cursor struct {
	id, user string
	rights   *rights // when the query was begun
	object   *object
	shape    shape
	all      bool
	size     int
	rows     []*table.Row
	opened   time.Time
}

const (
	cursorLifetime = 48 * time.Hour
	maxCursors     = 10 // a user
)

// cursors keeps the newest results of each user.
type cursors struct {
	mu     sync.Mutex
	issued uint64
	open   []*cursor // oldest first
}

func newCursors() *cursors { return &cursors{} }

func (cs *cursors) add(c *cursor, pod string) {
	cs.mu.Lock()
	defer cs.mu.Unlock()
	cs.issued++
	c.id = recordID("01g", pod, cs.issued)
	mine, oldest := 0, -1
	for i, other := range cs.open {
		if other.user == c.user {
			mine++
			if oldest < 0 {
				oldest = i
			}
		}
	}
	if mine >= maxCursors {
		cs.open = append(cs.open[:oldest:oldest], cs.open[oldest+1:]...)
	}
	cs.open = append(cs.open, c)
}

func (cs *cursors) find(locator, user string, now time.Time) (*cursor, int, bool) {
	id, offset, _ := strings.Cut(locator, "-")
	from, err := strconv.Atoi(offset)
	if err != nil {
		return nil, 0, false
	}
	cs.mu.Lock()
	defer cs.mu.Unlock()
	for _, c := range cs.open {
		if c.id == id && c.user == user && from > 0 && from < len(c.rows) && now.Sub(c.opened) < cursorLifetime {
			return c, from, true
		}
	}
	return nil, 0, false
}
