package sandbox

import (
	"fmt"
	"net/http"
	"strings"
)

// maxRetrieved is how many records one call may read by id.
const maxRetrieved = 2000

func (c *call) retrieveByURL() *Error {
	q := c.request.URL.Query()
	return c.retrieve(splitList(q.Get("ids")), splitList(q.Get("fields")))
}

func (c *call) retrieveByBody() *Error {
	var sent struct {
		IDs    []string `json:"ids"`
		Fields []string `json:"fields"`
	}
	if err := c.decode(&sent); err != nil {
		return err
	}
	return c.retrieve(sent.IDs, sent.Fields)
}

// retrieve answers in the order of the ids, with null for what is not there.
func (c *call) retrieve(ids, names []string) *Error {
	switch {
	case len(ids) == 0 || len(names) == 0:
		return refusal("REQUIRED_FIELD_MISSING", "ids and fields are required")
	case len(ids) > maxRetrieved:
		return refusal("EXCEEDED_ID_LIMIT", fmt.Sprintf("record limit reached. cannot retrieve more than %d records in this call", maxRetrieved))
	}
	defer c.view()()
	obj, err := c.objectOr404()
	if err != nil {
		return err
	}
	fields, err := c.rights().chosen(obj, strings.Join(names, ","))
	if err != nil {
		return err
	}
	b := []byte{'['}
	for i, given := range ids {
		if i > 0 {
			b = append(b, ',')
		}
		b = c.appendRetrieved(b, obj, given, fields)
	}
	return c.raw(http.StatusOK, append(b, ']'))
}

func (c *call) appendRetrieved(b []byte, obj *object, given string, fields []*field) []byte {
	id, ok := normaliseID(given)
	if !ok {
		return append(b, "null"...)
	}
	row, ok := obj.seen.Find(id)
	if !ok || row.Deleted || !c.rights().seesRow(obj, row) {
		return append(b, "null"...)
	}
	c.used(id)
	return c.appendRecord(b, obj, row, fields)
}
