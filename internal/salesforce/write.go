package salesforce

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"github.com/go-json-experiment/json/jsontext"
)

// MaxRecords is the number of records one write may hold.
const MaxRecords = 200

// WriteOptions change how Salesforce treats the records of a write.
type WriteOptions struct {
	// AutoAssign lets the org's assignment rules choose the owner.
	AutoAssign bool
	// AllowDuplicates overrides duplicate rules that are alerts; those that block stay.
	AllowDuplicates bool
}

// CreateAll creates records.
//
// Like all writes it takes up to MaxRecords records of one object and returns a
// Result for each, in their order; one bad record does not keep the others from
// being written. An error means that nothing was written, unless it is an
// *OutcomeUnknownError: then anything may have been.
func (c *Client) CreateAll(ctx context.Context, object string, records []Record, options WriteOptions) ([]Result, error) {
	for _, record := range records {
		if record.ID != "" {
			return nil, misuse("a record to be created has an id")
		}
	}
	return c.write(ctx, "create", http.MethodPost, object, "", records, options)
}

// UpdateAll changes the named fields of records by id.
func (c *Client) UpdateAll(ctx context.Context, object string, records []Record, options WriteOptions) ([]Result, error) {
	for _, record := range records {
		if record.ID == "" {
			return nil, misuse("a record to be updated has no id")
		}
	}
	return c.write(ctx, "update", http.MethodPatch, object, "", records, options)
}

// UpsertAll updates the records found by the external-id field, which each must
// name among its fields, and creates the others.
func (c *Client) UpsertAll(ctx context.Context, object, externalID string, records []Record, options WriteOptions) ([]Result, error) {
	if !isAPIName(externalID) {
		return nil, notAPIName(externalID)
	}
	for _, record := range records {
		if record.ID != "" {
			return nil, misuse("a record to be upserted has an id")
		}
	}
	return c.write(ctx, "upsert", http.MethodPatch, object, "/"+object+"/"+externalID, records, options)
}

// DeleteAll moves records to the recycle bin, with what Salesforce deletes along.
func (c *Client) DeleteAll(ctx context.Context, ids []string) ([]Result, error) {
	if len(ids) == 0 {
		return nil, nil
	}
	if len(ids) > MaxRecords {
		return nil, misuse(fmt.Sprintf("%d records in one request, more than %d", len(ids), MaxRecords))
	}
	request := c.collection("delete", http.MethodDelete, "")
	request.query = url.Values{"ids": {strings.Join(ids, ",")}, "allOrNone": {"false"}}
	return c.results(ctx, request, len(ids))
}

func (c *Client) write(ctx context.Context, what, method, object, resource string, records []Record, options WriteOptions) ([]Result, error) {
	switch {
	case len(records) == 0:
		return nil, nil
	case len(records) > MaxRecords:
		return nil, misuse(fmt.Sprintf("%d records in one request, more than %d", len(records), MaxRecords))
	case !isAPIName(object):
		return nil, notAPIName(object)
	}
	body, err := encodeRecords(object, records)
	if err != nil {
		return nil, &Error{Message: "a record cannot be written as JSON: " + err.Error(), Class: FixInConversion, cause: err}
	}
	request := c.collection(what+" "+object, method, resource)
	request.header, request.body = options.header(), body
	return c.results(ctx, request, len(records))
}

func (c *Client) collection(what, method, resource string) call {
	return call{
		what:    what,
		method:  method,
		path:    c.versioned("/composite/sobjects" + resource),
		timeout: c.config.Timeouts.Write,
		bound:   describeBody,
		write:   true,
	}
}

func (c *Client) results(ctx context.Context, request call, records int) ([]Result, error) {
	var results []Result
	request.read = func(a answer) error {
		var wire []wireResult
		if err := json.NewDecoder(a.body).Decode(&wire); err != nil {
			return fmt.Errorf("read results: %w", err)
		}
		if len(wire) != records {
			return fmt.Errorf("%d results for %d records", len(wire), records)
		}
		results = make([]Result, len(wire))
		for i, w := range wire {
			results[i] = w.result()
		}
		return nil
	}
	if err := c.do(ctx, request); err != nil {
		return nil, err
	}
	return results, nil
}

func (o WriteOptions) header() http.Header {
	header := http.Header{}
	if o.AutoAssign {
		header.Set("Sforce-Auto-Assign", "TRUE")
	} else {
		header.Set("Sforce-Auto-Assign", "FALSE")
	}
	if o.AllowDuplicates {
		header.Set("Sforce-Duplicate-Rule-Header", "allowSave=true")
	}
	return header
}

func misuse(message string) *Error {
	return &Error{Message: message, Class: FixInConversion}
}

// encodeRecords writes the body of a collections request.
func encodeRecords(object string, records []Record) ([]byte, error) {
	var body bytes.Buffer
	w := recordWriter{encoder: jsontext.NewEncoder(&body)}
	w.token(jsontext.BeginObject)
	w.member("allOrNone", jsontext.False)
	w.token(jsontext.String("records"))
	w.token(jsontext.BeginArray)
	for _, record := range records {
		w.record(object, record)
	}
	w.token(jsontext.EndArray)
	w.token(jsontext.EndObject)
	return body.Bytes(), w.err
}

// recordWriter keeps the first mistake.
type recordWriter struct {
	encoder *jsontext.Encoder
	err     error
}

func (w *recordWriter) token(token jsontext.Token) {
	if w.err == nil {
		w.err = w.encoder.WriteToken(token)
	}
}

func (w *recordWriter) value(value jsontext.Value) {
	if w.err == nil {
		w.err = w.encoder.WriteValue(value)
	}
}

func (w *recordWriter) member(name string, value jsontext.Token) {
	w.token(jsontext.String(name))
	w.token(value)
}

func (w *recordWriter) record(object string, record Record) {
	w.token(jsontext.BeginObject)
	w.token(jsontext.String("attributes"))
	w.token(jsontext.BeginObject)
	w.member("type", jsontext.String(object))
	w.token(jsontext.EndObject)
	if record.ID != "" {
		w.member("id", jsontext.String(record.ID))
	}
	for _, field := range record.Fields {
		w.token(jsontext.String(field.Name))
		w.cell(field.Value)
	}
	w.token(jsontext.EndObject)
}

func (w *recordWriter) cell(cell Cell) {
	switch cell.Kind {
	case String:
		w.token(jsontext.String(cell.Text))
	case Null:
		w.token(jsontext.Null)
	case Bool:
		w.token(jsontext.Bool(cell.Text == "true"))
	case Number, Object:
		w.value(jsontext.Value(cell.Text))
	case Absent:
		w.fail(fmt.Errorf("a field to be written has no value"))
	}
}

func (w *recordWriter) fail(err error) {
	if w.err == nil {
		w.err = err
	}
}
