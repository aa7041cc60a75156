package sandbox

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"conversion/internal/sandbox/soql"
)

func (c *call) query() *Error    { return c.runQuery(false) }
func (c *call) queryAll() *Error { return c.runQuery(true) }

// runQuery answers q, its columns when columns=true, or how it would be run when
// it is sent as explain.
func (c *call) runQuery(all bool) *Error {
	parameters := c.request.URL.Query()
	c.soql = parameters.Get("q")
	explain := parameters.Has("explain")
	if explain {
		c.soql = parameters.Get("explain")
	}
	if strings.TrimSpace(c.soql) == "" {
		return refusal("MALFORMED_QUERY", "A query string has to be specified")
	}
	n, done, err := c.understood(c.soql)
	if err != nil {
		return err
	}
	defer done()
	columns, err := c.flag("columns")
	switch {
	case err != nil:
		return err
	case explain:
		return c.explain(n, all)
	case columns:
		return c.answerColumns(n, all)
	}
	return c.answerQuery(n, all)
}

func parseQuery(text string) (*soql.Query, *Error) {
	parsed, err := soql.Parse(text)
	if err != nil {
		var refused *soql.Error
		errors.As(err, &refused)
		return nil, asSOQL(refused)
	}
	return parsed, nil
}

// understood reads a query and makes its names for the user of the call, who may
// read the org until done is called.
func (c *call) understood(query string) (n *names, done func(), err *Error) {
	parsed, err := parseQuery(query)
	if err != nil {
		return nil, nil, err
	}
	named, leave := false, c.view()
	defer func() {
		if !named { // also after a panic, or no writer would get in again
			leave()
		}
	}()
	if definitionsInREST[strings.ToLower(parsed.From.Text)] {
		n, err = c.toolingNames(parsed)
	} else {
		n, err = c.org.names(c.rights(), c.versionNumber(), parsed)
	}
	if err != nil {
		return nil, nil, err
	}
	c.object, named = n.object.Name, true
	return n, leave, nil
}

// names makes the names of a whole query for a user, in a version of the API (67).
// The caller holds the lock.
func (o *Org) names(as *rights, version int, parsed *soql.Query) (*names, *Error) {
	n := &names{org: o, rights: as, user: as.user, version: version, zone: o.zoneOf(as.user), query: parsed,
		used: &usage{relationships: map[string]bool{}}}
	var err *Error
	if n.object, err = n.queried(parsed); err != nil {
		return nil, err
	}
	return n, n.checkClauses()
}

// zoneOf is the time zone of a user.
func (o *Org) zoneOf(user string) *time.Location {
	users, ok := o.object("User")
	if !ok {
		return time.UTC
	}
	row, found := users.seen.Find(user)
	zone, described := users.field("TimeZoneSidKey")
	if !found || !described {
		return time.UTC
	}
	name, _ := o.read(users, zone, row).(string)
	if at, err := time.LoadLocation(name); err == nil {
		return at
	}
	return time.UTC
}

// queried finds the object of a query.
func (n *names) queried(q *soql.Query) (*object, *Error) {
	obj, ok := n.rights.object(q.From.Text)
	if !ok || !obj.Queryable {
		return nil, n.noType(q.From)
	}
	return obj, nil
}

func (n *names) noType(name soql.Name) *Error {
	return asSOQL(soql.Errorf("INVALID_TYPE", n.query.Text, name.Pos,
		"sObject type '%s' is not supported. If you are attempting to use a custom object, be sure to append the '__c' after the entity name.%s", name.Text, describeAdvice))
}

func (c *call) answerQuery(n *names, all bool) *Error {
	switch {
	case isCount(n.query) && len(n.query.GroupBy) == 0:
		return c.answerCount(n, all)
	case isAggregate(n.query):
		g, err := n.grouping(all)
		if err != nil {
			return err
		}
		return c.answerGroups(g)
	}
	s, err := n.selection(all)
	if err != nil {
		return err
	}
	size, _ := batchSize(c.request.Header.Get("Sforce-Query-Options"))
	found := &cursor{user: c.user, rights: n.rights, selection: s, all: all, size: size, rows: s.plan.run(), opened: c.org.clock.Now()}
	found.root = found
	answered := c.answerPage(found, 0)
	c.noteLook(n.query, found.rows)
	return answered
}

func (c *call) answerCount(n *names, all bool) *Error {
	if len(n.query.OrderBy) > 0 {
		return n.malformed(n.query.OrderBy[0].Pos, "ORDER BY is not allowed with COUNT()")
	}
	p, err := n.plan(all)
	if err != nil {
		return err
	}
	return c.raw(http.StatusOK, fmt.Appendf(nil, `{"totalSize":%d,"done":true,"records":[]}`, p.count()))
}

func (c *call) queryMore() *Error {
	found, from, ok := c.org.cursors.find(c.params["locator"], c.user, c.org.clock.Now())
	if !ok {
		return refusal("INVALID_QUERY_LOCATOR", "invalid query locator")
	}
	defer c.view()()
	c.object = found.selection.plan.object.Name
	return c.answerPage(found, from)
}
