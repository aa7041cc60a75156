package sandbox

import (
	"fmt"
	"net/http"
	"strings"

	"conversion/internal/sandbox/schema"
	"conversion/internal/sandbox/table"
)

// A path such as sobjects/Contact/ID/Account leads from a record over one of its
// relationships: to its parent, or to the list of its children. It has the shape
// of a path of key and value, and is told from it by the id in the key's place.

// traverses says whether the path leads over a relationship.
func (c *call) traverses() bool {
	_, isID := normaliseID(c.params["field"])
	return isID
}

// destination is where a relationship leads: to a record, or to children of one.
type destination struct {
	object *object
	parent *table.Row // nil for children
	child  schema.Child
	from   string // the record that the children belong to
}

// follow finds where the path leads, as a reader or a writer sees the records.
func (c *call) follow(seen func(*object) records) (destination, *Error) {
	obj, err := c.objectOr404()
	if err != nil {
		return destination{}, err
	}
	rights, name := c.rights(), c.params["value"]
	row, err := rights.live(obj, seen(obj), c.params["field"])
	if err != nil {
		return destination{}, err
	}
	if lookup, ok := rights.relationship(obj, name); ok {
		return c.parentOf(seen, lookup, row)
	}
	for _, child := range obj.Children {
		children, ok := rights.object(child.ChildSObject)
		if ok && child.RelationshipName != "" && strings.EqualFold(child.RelationshipName, name) {
			return destination{object: children, child: child, from: row.ID}, nil
		}
	}
	return destination{}, notFound()
}

func (c *call) parentOf(seen func(*object) records, lookup *field, row *table.Row) (destination, *Error) {
	id, _ := lookup.value(row).(string)
	obj, ok := c.org.objectOf(id)
	if !ok || !c.rights().may(mayRead, obj) {
		return destination{}, notFound()
	}
	parent, ok := seen(obj).Find(id)
	if !ok || parent.Deleted || !c.rights().seesRow(obj, parent) {
		return destination{}, notFound()
	}
	return destination{object: obj, parent: parent}, nil
}

func asSeen(obj *object) records   { return obj.seen }
func asStored(obj *object) records { return obj.rows }

// getRelated answers with the parent, or with the children as a query would.
func (c *call) getRelated() *Error {
	query, err := c.answerParent()
	if err != nil || query == "" {
		return err
	}
	if err := c.unconditional(); err != nil {
		return err
	}
	n, done, err := c.understood(query)
	if err != nil {
		return err
	}
	defer done()
	return c.answerQuery(n, false)
}

// answerParent answers with the parent at the end of the path, or with the bytes
// of the field there; if there are children, it returns the query for them.
func (c *call) answerParent() (query string, refused *Error) {
	defer c.view()()
	if handled, err := c.blob(); handled {
		return "", err
	}
	to, err := c.follow(asSeen)
	if err != nil {
		return "", err
	}
	if to.parent != nil {
		return "", c.answerRecord(to.object, to.parent)
	}
	fields, err := c.rights().chosen(to.object, c.request.URL.Query().Get("fields"))
	if err != nil {
		return "", err
	}
	names := make([]string, len(fields))
	for i, f := range fields {
		names[i] = f.Name
	}
	return fmt.Sprintf("SELECT %s FROM %s WHERE %s = '%s' ORDER BY Id", strings.Join(names, ", "), to.object.Name, to.child.Field, to.from), nil
}

// related finds the parent at the end of the path, to change it.
func (c *call) related(t *tx) (*table.Row, *Error) {
	to, err := c.follow(asStored)
	if err != nil {
		return nil, err
	}
	if to.parent == nil {
		return nil, &Error{Status: http.StatusMethodNotAllowed, Code: "METHOD_NOT_ALLOWED",
			Message: fmt.Sprintf("HTTP Method '%s' not allowed. Allowed are HEAD,GET", c.method())}
	}
	row, err := t.liveRow(to.object, to.parent.ID)
	if err != nil {
		return nil, err
	}
	if handled, err := c.conditional(to.object.recordRevision(row)); handled {
		return nil, err
	}
	return row, nil
}

func (c *call) updateRelated() *Error {
	object := c.object
	c.object = "" // the body is of the parent's type
	fields, err := c.fieldsOf()
	c.object = object
	if err != nil {
		return err
	}
	err = c.save(func(t *tx) *Error {
		row, err := c.related(t)
		if err != nil {
			return err
		}
		return t.update(row.ID, fields)
	})
	if err != nil {
		return err
	}
	return c.noContent(http.StatusNoContent)
}

func (c *call) deleteRelated() *Error {
	err := c.save(func(t *tx) *Error {
		row, err := c.related(t)
		if err != nil {
			return err
		}
		return t.delete(row.ID)
	})
	if err != nil {
		return err
	}
	return c.noContent(http.StatusNoContent)
}
