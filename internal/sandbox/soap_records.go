package sandbox

import (
	"cmp"
	"errors"
	"strconv"
	"strings"

	"conversion/internal/sandbox/schema"
	"conversion/internal/sandbox/soap"
)

// saveSOAP writes records in one transaction, each on its own unless the
// AllOrNoneHeader asks for all, and answers with a result for each.
func (c *call) saveSOAP(n, most int, save func(t *tx, i int) *Error, result func(i int, err *Error) soap.Node) *Error {
	c.records = n
	if n > most {
		return refusal("EXCEEDED_ID_LIMIT", "record limit reached. cannot submit more than "+strconv.Itoa(most)+" records into this call")
	}
	errs := make([]*Error, n)
	err := c.write(func(t *tx) *Error {
		bad := false
		for i := range n {
			errs[i] = t.attempt(func() *Error {
				if err := c.fault.record(i); err != nil {
					return err
				}
				return save(t, i)
			})
			bad = bad || errs[i] != nil
		}
		if bad && c.soap.Header("AllOrNoneHeader").Flag("allOrNone") {
			return errRolledBack
		}
		return nil
	})
	if err != nil && !errors.Is(err, errRolledBack) {
		return err
	}
	results := make([]soap.Node, n)
	for i := range n {
		if err != nil && errs[i] == nil {
			errs[i] = errRolledBack
		}
		results[i] = result(i, errs[i])
	}
	return c.answerSOAP(results...)
}

// resultOf is the result of a record that has an id and nothing else to tell.
func resultOf(id string, err *Error, more ...soap.Node) soap.Node {
	if err != nil {
		id = ""
	}
	nodes := append(errorNodes(err), soap.Optional("id", id))
	return soap.Group("result", append(nodes, append(more, soap.Flag("success", err == nil))...)...)
}

func errorNodes(err *Error) []soap.Node {
	if err == nil {
		return nil
	}
	var nodes []soap.Node
	for _, one := range err.all() {
		var parts []soap.Node
		for _, f := range one.Fields {
			parts = append(parts, soap.Text("fields", f))
		}
		nodes = append(nodes, soap.Group("errors", append(parts, soap.Text("message", one.Message), soap.Text("statusCode", one.Code))...))
	}
	return nodes
}

// soapRecords reads the records of a call; their values are typed by the fields
// that they are for.
func (c *call) soapRecords(elements []*soap.Element) []item {
	defer c.view()()
	records := make([]item, len(elements))
	for i, e := range elements {
		records[i] = c.soapRecord(e)
	}
	return records
}

func (c *call) soapRecord(e *soap.Element) item {
	r := item{object: e.Value("type"), fields: map[string]any{}}
	if r.object == "" && e.Type != "sObject" {
		r.object = e.Type
	}
	obj, known := c.rights().object(r.object)
	if known {
		r.object = obj.Name
	}
	for _, child := range e.Children {
		switch {
		case child.Name == "type":
		case child.Name == "fieldsToNull":
			r.fields[strings.TrimSpace(child.Text)] = nil
		case strings.EqualFold(child.Name, "Id"):
			r.id = strings.TrimSpace(child.Text)
		case known:
			r.fields[child.Name] = soapValue(obj, child)
		}
	}
	return r
}

// soapValue turns the text of an element into what its field holds. A text that
// does not fit stays one, for the field's own rules to refuse.
func soapValue(obj *object, e *soap.Element) any {
	if e.Nil {
		return nil
	}
	if len(e.Children) > 0 { // a parent, named by one of its keys
		parent := map[string]any{}
		for _, child := range e.Children {
			if child.Name != "type" {
				parent[child.Name] = child.Text
			}
		}
		return parent
	}
	f, known := obj.field(e.Name)
	if !known {
		return e.Text
	}
	text := strings.TrimSpace(e.Text)
	switch f.Type {
	case schema.Boolean:
		if text == "true" || text == "1" {
			return true
		}
		if text == "false" || text == "0" {
			return false
		}
	case schema.Int, schema.Double, schema.Currency, schema.Percent:
		if n, err := strconv.ParseFloat(text, 64); err == nil {
			return n
		}
	}
	return e.Text
}

const maxSOAPRecords = 200

func (c *call) soapCreate() *Error {
	records := c.soapRecords(c.soap.Call.All("sObjects"))
	ids := make([]string, len(records))
	return c.saveSOAP(len(records), maxSOAPRecords, func(t *tx, i int) *Error {
		obj, err := t.kind(records[i].object)
		if err != nil {
			return err
		}
		switch {
		case !obj.Createable:
			return obj.cannot("create")
		case records[i].id != "":
			return refusal("INVALID_FIELD_FOR_INSERT_UPDATE", "cannot specify Id in an insert call", "Id")
		}
		ids[i], err = t.insert(obj, records[i].fields, creating)
		return err
	}, func(i int, err *Error) soap.Node { return resultOf(ids[i], err) })
}

func (c *call) soapUpdate() *Error {
	records := c.soapRecords(c.soap.Call.All("sObjects"))
	return c.saveSOAP(len(records), maxSOAPRecords, func(t *tx, i int) *Error {
		r := records[i]
		if r.id == "" {
			return refusal("MISSING_ARGUMENT", "Id not specified in an update call")
		}
		obj, err := t.kind(r.object)
		if err != nil {
			return err
		}
		if records[i].id, err = t.recordOf(obj, r.id); err != nil {
			return err
		}
		return t.update(records[i].id, r.fields)
	}, func(i int, err *Error) soap.Node { return resultOf(records[i].id, err) })
}

func (c *call) soapUpsert() *Error {
	key := c.soap.Call.Value("externalIDFieldName")
	records := c.soapRecords(c.soap.Call.All("sObjects"))
	created := make([]bool, len(records))
	return c.saveSOAP(len(records), maxSOAPRecords, func(t *tx, i int) (err *Error) {
		records[i].id, created[i], err = t.upsertByKey(records[i], key)
		return err
	}, func(i int, err *Error) soap.Node {
		node := resultOf(records[i].id, err)
		node.Children = append([]soap.Node{soap.Flag("created", err == nil && created[i])}, node.Children...)
		return node
	})
}

// upsertByKey updates the record that a key of the sent one names, or creates it.
// Without a name the key is the id.
func (t *tx) upsertByKey(sent item, name string) (id string, created bool, err *Error) {
	obj, err := t.kind(sent.object)
	if err != nil {
		return "", false, err
	}
	key, ok := t.rights.field(obj, cmp.Or(name, "Id"))
	if !ok || !key.upsertKey() {
		return "", false, refusal("INVALID_FIELD", "Field name provided, "+name+" is not an External ID or indexed field for "+obj.Name)
	}
	return t.upsert(obj, key, sent)
}

// eachID does something with each id of a call.
func (c *call) eachID(do func(*tx, string) *Error) *Error {
	ids := c.soap.Call.Values("ids")
	return c.saveSOAP(len(ids), maxSOAPRecords, func(t *tx, i int) *Error {
		obj, row, err := t.org.locate(ids[i])
		switch {
		case obj == nil:
			return refusal("MALFORMED_ID", "bad id "+ids[i])
		case err != nil:
			return refusal("INVALID_CROSS_REFERENCE_KEY", "invalid cross reference id")
		}
		ids[i] = row.ID
		return do(t, row.ID)
	}, func(i int, err *Error) soap.Node { return resultOf(ids[i], err) })
}

func (c *call) soapDelete() *Error   { return c.eachID((*tx).delete) }
func (c *call) soapUndelete() *Error { return c.eachID((*tx).undelete) }

func (c *call) soapEmptyRecycleBin() *Error { return c.eachID((*tx).emptyBin) }
