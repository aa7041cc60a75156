package sandbox

import (
	"maps"
	"sync"

	"conversion/internal/sandbox/soql"
	"conversion/internal/sandbox/table"
)

// viewings remembers when users last looked at records. It has a lock of its own,
// because reading notes it.
type viewings struct {
	mu sync.Mutex
	of map[viewing]look
}

type viewing struct{ user, record string }

// look is when a record was last viewed, and viewed or referred to, in Unix
// seconds; 0 is never.
type look struct{ viewed, referenced int64 }

func newViewings() *viewings { return &viewings{of: map[viewing]look{}} }

// looking says what FOR VIEW and FOR REFERENCE ask to be noted. Who views a record
// refers to it as well.
func looking(q *soql.Query, now int64) look {
	var v look
	for _, w := range q.For {
		switch w.Text {
		case "VIEW":
			v.viewed, v.referenced = now, now
		case "REFERENCE":
			v.referenced = now
		}
	}
	return v
}

// noteLook keeps what a query for view or for reference found; what is viewed is
// recently used, too.
func (c *call) noteLook(q *soql.Query, rows []*table.Row) {
	at := looking(q, c.org.clock.second())
	c.org.viewings.note(c.user, rows, at)
	if at.viewed == 0 {
		return
	}
	for _, row := range rows[max(len(rows)-maxRecent, 0):] {
		c.org.recents.add(c.user, row.ID)
	}
}

// note keeps what a query for view or reference found.
func (vs *viewings) note(user string, rows []*table.Row, at look) {
	if at == (look{}) {
		return
	}
	vs.mu.Lock()
	defer vs.mu.Unlock()
	for _, row := range rows {
		key := viewing{user, row.ID}
		before := vs.of[key]
		vs.of[key] = look{max(before.viewed, at.viewed), max(before.referenced, at.referenced)}
	}
}

// read is a user's LastViewedDate or LastReferencedDate of a record, nil if it is
// not known.
func (vs *viewings) read(user, record, field string) any {
	vs.mu.Lock()
	defer vs.mu.Unlock()
	v := vs.of[viewing{user, record}]
	at := v.viewed
	if field == "LastReferencedDate" {
		at = v.referenced
	}
	if at == 0 {
		return nil
	}
	return at
}

// ofUser says whether every user has a value of their own of a field.
func (f *field) ofUser() bool { return f.Name == "LastViewedDate" || f.Name == "LastReferencedDate" }

// state is what is remembered now.
func (vs *viewings) state() map[viewing]look {
	vs.mu.Lock()
	defer vs.mu.Unlock()
	return maps.Clone(vs.of)
}

func (vs *viewings) restore(was map[viewing]look) {
	vs.mu.Lock()
	defer vs.mu.Unlock()
	vs.of = maps.Clone(was)
}
