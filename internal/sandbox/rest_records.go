package sandbox

import (
	"net/http"
	"slices"
	"strings"

	"conversion/internal/sandbox/schema"
	"conversion/internal/sandbox/table"
)

// save runs a write of one record, with the header's choices and the scripted
// fault.
func (c *call) save(fn func(*tx) *Error) *Error {
	c.records = 1
	return c.placed(c.write(func(t *tx) *Error {
		if err := c.fault.record(0); err != nil {
			return err
		}
		return fn(t)
	}))
}

type saved struct {
	ID      string   `json:"id"`
	Success bool     `json:"success"`
	Errors  []string `json:"errors"`
	Created *bool    `json:"created,omitempty"`
}

func (c *call) createRecord() *Error {
	fields, err := c.record()
	if err != nil {
		return err
	}
	var id string
	err = c.save(func(t *tx) (err *Error) {
		obj, err := c.writable(func(o *object) bool { return o.Createable }, "create")
		if err != nil {
			return err
		}
		id, err = t.create(obj, fields)
		return err
	})
	if err != nil {
		return err
	}
	c.used(id)
	c.header.Set("Location", c.base()+"/sobjects/"+c.object+"/"+id)
	return c.json(http.StatusCreated, saved{ID: id, Success: true, Errors: []string{}})
}

// create is insert for clients, who never choose an id.
func (t *tx) create(obj *object, fields map[string]any) (string, *Error) {
	for name := range fields {
		if strings.EqualFold(name, "Id") {
			return "", refusal("INVALID_FIELD", "cannot specify Id in an insert call", "Id")
		}
	}
	return t.insert(obj, fields, creating)
}

// writable finds the object in the path if the operation may be done to it.
func (c *call) writable(allowed func(*object) bool, operation string) (*object, *Error) {
	obj, err := c.objectOr404()
	if err != nil {
		return nil, err
	}
	if !allowed(obj) {
		return nil, obj.cannot(operation)
	}
	return obj, nil
}

func (c *call) getRecord() *Error {
	defer c.view()()
	obj, err := c.objectOr404()
	if err != nil {
		return err
	}
	row, err := c.liveRow(obj, c.params["id"])
	if err != nil {
		return err
	}
	return c.answerRecord(obj, row)
}

// liveRow finds a record of an object by the id in a path, as a reader sees it.
func (c *call) liveRow(obj *object, text string) (*table.Row, *Error) {
	return c.rights().live(obj, obj.seen, text)
}

// liveRow finds a record of an object by the id in a path, to change it.
func (t *tx) liveRow(obj *object, text string) (*table.Row, *Error) {
	if err := t.lockedByOthers(text); err != nil {
		return nil, err
	}
	return t.rights.live(obj, obj.rows, text)
}

func (r *rights) live(obj *object, in records, text string) (*table.Row, *Error) {
	id, ok := normaliseID(text)
	if !ok || !strings.HasPrefix(id, obj.KeyPrefix) {
		return nil, noKey(text)
	}
	row, ok := in.Find(id)
	switch {
	case !ok, !r.seesRow(obj, row):
		return nil, notFound()
	case row.Deleted:
		return nil, entityDeleted()
	}
	return row, nil
}

// answerRecord answers with the fields that were asked for, or with all.
func (c *call) answerRecord(obj *object, row *table.Row) *Error {
	fields, err := c.rights().chosen(obj, c.request.URL.Query().Get("fields"))
	if err != nil {
		return err
	}
	revision := obj.recordRevision(row)
	if handled, err := c.conditional(revision); handled {
		return err
	}
	revision.stamp(c)
	c.used(row.ID)
	return c.raw(http.StatusOK, c.appendRecord(nil, obj, row, fields))
}

// chosen resolves a comma-separated list of fields, to which the record's id
// always belongs; an empty list means all.
func (r *rights) chosen(obj *object, list string) ([]*field, *Error) {
	if list == "" {
		return slices.Collect(r.fields(obj)), nil
	}
	var fields []*field
	for _, name := range append(strings.Split(list, ","), "Id") {
		f, ok := r.field(obj, strings.TrimSpace(name))
		if !ok {
			return nil, noColumn(strings.TrimSpace(name), obj.Name)
		}
		if !slices.Contains(fields, f) {
			fields = append(fields, f)
		}
	}
	return fields, nil
}

// appendRecord writes a record as the REST API does.
func (c *call) appendRecord(b []byte, obj *object, row *table.Row, fields []*field) []byte {
	b = c.appendAttributes(append(b, '{'), obj.Name, row.ID)
	for _, f := range fields {
		b = append(appendString(append(b, ','), f.Name), ':')
		if f.Type == schema.Base64 {
			b = c.appendBlobPath(b, obj, f, row)
			continue
		}
		b = c.org.appendField(b, obj, f, row)
	}
	return append(b, '}')
}

func (c *call) appendAttributes(b []byte, object, id string) []byte {
	b = append(b, `"attributes":{"type":"`...)
	b = append(b, object...)
	b = append(b, `","url":"`...)
	b = append(b, c.base()...)
	b = append(b, "/sobjects/"...)
	b = append(b, object...)
	b = append(b, '/')
	b = append(b, id...)
	return append(b, `"}`...)
}

func (c *call) updateRecord() *Error {
	fields, err := c.record()
	if err != nil {
		return err
	}
	err = c.save(func(t *tx) *Error {
		obj, err := c.writable(func(o *object) bool { return o.Updateable }, "update")
		if err != nil {
			return err
		}
		row, err := t.liveRow(obj, c.params["id"])
		if err != nil {
			return err
		}
		if handled, err := c.conditional(obj.recordRevision(row)); handled {
			return err
		}
		c.used(row.ID)
		return t.update(row.ID, fields)
	})
	if err != nil {
		return err
	}
	return c.noContent(http.StatusNoContent)
}

func (c *call) deleteRecord() *Error {
	err := c.save(func(t *tx) *Error {
		obj, err := c.objectOr404()
		if err != nil {
			return err
		}
		row, err := t.liveRow(obj, c.params["id"])
		if err != nil {
			return err
		}
		if handled, err := c.conditional(obj.recordRevision(row)); handled {
			return err
		}
		return t.delete(row.ID)
	})
	if err != nil {
		return err
	}
	return c.noContent(http.StatusNoContent)
}
