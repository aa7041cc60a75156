package sandbox

import (
	"fmt"
	"net/http"

	"conversion/internal/sandbox/schema"
	"conversion/internal/sandbox/table"
)

// page is a page of a result while it is written. Rows of children count like
// rows of their parents.
type page struct {
	*call
	root     *cursor // of the whole result
	rights   *rights
	all      bool
	left     int // how many rows still go on the page
	children map[*child]map[string][]*table.Row
}

// answerPage answers with the rows of a result from an offset on, as they are now.
func (c *call) answerPage(found *cursor, from int) *Error {
	p := &page{call: c, root: found.root, rights: found.rights, all: found.all, left: found.size, children: map[*child]map[string][]*table.Row{}}
	records, to := p.records(found, from)
	return c.raw(http.StatusOK, append(append(p.head(found, to), records...), "]}"...))
}

// head writes a result up to its records; to is where the next page begins.
func (p *page) head(found *cursor, to int) []byte {
	b := fmt.Appendf(nil, `{"totalSize":%d,"done":%t,`, len(found.rows), to == len(found.rows))
	if to < len(found.rows) {
		p.org.cursors.add(found, p.org.pod)
		b = fmt.Appendf(b, `"nextRecordsUrl":"%s/query/%s-%d",`, p.base(), found.id, to)
	}
	return append(b, `"records":[`...)
}

// records writes rows until the page is full, at least one, and returns where the
// next page begins.
func (p *page) records(found *cursor, from int) (b []byte, to int) {
	for to = from; to < len(found.rows) && (p.left > 0 || to == from); to++ {
		row, ok := found.selection.plan.object.seen.Find(found.rows[to].ID)
		if !ok || row.Deleted && !p.all {
			continue // removed since the first page
		}
		if len(b) > 0 {
			b = append(b, ',')
		}
		p.left--
		b = p.appendRow(b, found.selection.shape, found.selection.plan.object, row, false)
	}
	return b, to
}

// appendRow writes a record in a shape. ofName says that it shows as the
// pseudo-object Name.
func (p *page) appendRow(b []byte, s shape, obj *object, row *table.Row, ofName bool) []byte {
	b = append(b, '{')
	if ofName {
		b = append(b, `"attributes":{"type":"Name","url":"`+p.base()+"/sobjects/"+obj.Name+"/"+row.ID+`"}`...)
	} else {
		b = p.appendAttributes(b, obj.Name, row.ID)
	}
	for i := range s {
		b = append(appendString(append(b, ','), s[i].name), ':')
		b = p.appendNode(b, &s[i], obj, row)
	}
	return append(b, '}')
}

func (p *page) appendNode(b []byte, n *node, obj *object, row *table.Row) []byte {
	switch {
	case n.term != nil:
		return p.appendTerm(b, n.term, obj, row)
	case n.child != nil:
		return p.appendChildren(b, n.child, row)
	}
	parent, found := p.rights.follow(n.hop, obj, row, p.all)
	switch {
	case found == nil:
		return append(b, "null"...)
	case n.typeOf == nil:
		return p.appendRow(b, n.below, parent, found, n.hop.ofName)
	}
	if s, ok := n.typeOf.cases[parent]; ok {
		return p.appendRow(b, s, parent, found, false)
	}
	if n.typeOf.other != nil {
		return p.appendRow(b, n.typeOf.other, parent, found, true)
	}
	return append(b, "null"...)
}

// appendTerm writes the value of a term: of the record at hand, or of the whole
// query's record if it has relationships on its way.
func (p *page) appendTerm(b []byte, t *term, obj *object, row *table.Row) []byte {
	switch {
	case t.measure != nil || len(t.ref.hops) > 0:
		return t.field.appendJSON(b, t.read(p.rights, row, p.all))
	case t.field.column == columnCompound:
		return t.field.appendCompound(b, row)
	case t.field.Type == schema.Base64:
		return p.appendBlobPath(b, obj, t.field, row)
	}
	return t.field.appendJSON(b, t.of(p.rights.valueIn(obj, t.ref.field, row)))
}

// appendChildren writes the result of a child subquery for one parent: null when
// it is empty, and with a cursor of its own when the page has no room for it all.
func (p *page) appendChildren(b []byte, c *child, parent *table.Row) []byte {
	rows := c.rowsOf(parent.ID, p.children)
	if len(rows) == 0 {
		return append(b, "null"...)
	}
	found := &cursor{root: p.root, user: p.user, rights: p.rights, selection: &c.selection, all: p.all, size: p.root.size, rows: rows, opened: p.root.opened}
	records, to := p.records(found, 0)
	b = append(b, p.head(found, to)...)
	return append(append(b, records...), "]}"...)
}
