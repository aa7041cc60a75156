package sandbox

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"slices"
	"strings"

	"conversion/internal/sandbox/table"
)

// decode reads a JSON body; numbers keep their text.
func (c *call) decode(into any) *Error {
	if t := c.request.Header.Get("Content-Type"); c.version != "" && t != "" && !strings.HasPrefix(strings.ToLower(t), "application/json") {
		return &Error{Status: http.StatusUnsupportedMediaType, Code: "UNSUPPORTED_MEDIA_TYPE", Message: "Content-Type header specified in HTTP request is not supported: " + t}
	}
	d := json.NewDecoder(bytes.NewReader(c.body))
	d.UseNumber()
	d.DisallowUnknownFields()
	if err := d.Decode(into); err != nil {
		return parserError(err)
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return parserError(errors.New("unexpected text after the value"))
	}
	return nil
}

func parserError(err error) *Error {
	var key string
	if _, quoted, ok := strings.Cut(err.Error(), "json: unknown field "); ok {
		key = strings.Trim(quoted, `"`)
		return refusal("JSON_PARSER_ERROR", fmt.Sprintf("Unrecognized field \"%s\", not marked as ignorable", key))
	}
	return refusal("JSON_PARSER_ERROR", "The HTTP entity body is required and must be valid JSON: "+err.Error())
}

// fieldsOf reads the body of a single-record write: a map of fields, of which
// attributes says nothing that the path does not, and an empty Id nothing at all:
// go-salesforce sends every member of a struct.
func (c *call) fieldsOf() (map[string]any, *Error) {
	var fields map[string]any
	if err := c.decode(&fields); err != nil {
		return nil, err
	}
	if fields == nil {
		return nil, parserError(errors.New("an object was expected"))
	}
	delete(fields, "attributes")
	maps.DeleteFunc(fields, func(name string, v any) bool {
		return strings.EqualFold(name, "Id") && (v == nil || v == "")
	})
	return fields, nil
}

// save runs a write of one record, with the header's choices and the scripted
// fault.
func (c *call) save(fn func(*tx) *Error) *Error {
	c.records = 1
	return c.write(func(t *tx) *Error {
		if err := c.fault.record(0); err != nil {
			return err
		}
		return fn(t)
	})
}

type saved struct {
	ID      string   `json:"id"`
	Success bool     `json:"success"`
	Errors  []string `json:"errors"`
	Created *bool    `json:"created,omitempty"`
}

func (c *call) createRecord() *Error {
	fields, err := c.fieldsOf()
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
		return nil, refusal("INVALID_TYPE_FOR_OPERATION", "entity type "+obj.Name+" does not support "+operation)
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
	return obj.live(obj.seen, text)
}

// liveRow finds a record of an object by the id in a path, to change it.
func (t *tx) liveRow(obj *object, text string) (*table.Row, *Error) {
	if err := t.lockedByOthers(text); err != nil {
		return nil, err
	}
	return obj.live(obj.rows, text)
}

func (o *object) live(in records, text string) (*table.Row, *Error) {
	id, ok := normaliseID(text)
	if !ok || !strings.HasPrefix(id, o.KeyPrefix) {
		return nil, &Error{Status: http.StatusNotFound, Code: "NOT_FOUND", Message: "Provided external ID field does not exist or is not accessible: " + text}
	}
	row, ok := in.Find(id)
	switch {
	case !ok:
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
	if modified, ok := obj.column("LastModifiedDate"); ok {
		at, _ := row.Get(modified).(int64)
		if handled, err := c.unmodified(at); handled {
			return err
		}
		c.header.Set("Last-Modified", httpDate(at))
	}
	return c.raw(http.StatusOK, c.appendRecord(nil, obj, row, fields))
}

// chosen resolves a comma-separated list of fields; an empty list means all.
func (r *rights) chosen(obj *object, list string) ([]*field, *Error) {
	if list == "" {
		return slices.Collect(r.fields(obj)), nil
	}
	var fields []*field
	for _, name := range strings.Split(list, ",") {
		f, ok := r.field(obj, strings.TrimSpace(name))
		if !ok {
			return nil, noColumn(strings.TrimSpace(name), obj.Name)
		}
		fields = append(fields, f)
	}
	return fields, nil
}

// appendRecord writes a record as the REST API does.
func (c *call) appendRecord(b []byte, obj *object, row *table.Row, fields []*field) []byte {
	b = c.appendAttributes(append(b, '{'), obj.Name, row.ID)
	for _, f := range fields {
		b = append(appendString(append(b, ','), f.Name), ':')
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
	fields, err := c.fieldsOf()
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
		if err := c.unchangedSince(obj, row); err != nil {
			return err
		}
		return t.update(row.ID, fields)
	})
	if err != nil {
		return err
	}
	return c.noContent(http.StatusNoContent)
}

// unchangedSince obeys If-Unmodified-Since on a write.
func (c *call) unchangedSince(obj *object, row *table.Row) *Error {
	column, ok := obj.column("LastModifiedDate")
	if !ok {
		return nil
	}
	at, _ := row.Get(column).(int64)
	_, err := c.unmodified(at)
	return err
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
		return t.delete(row.ID)
	})
	if err != nil {
		return err
	}
	return c.noContent(http.StatusNoContent)
}
