package salesforce

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"

	"github.com/go-json-experiment/json/jsontext"
)

// MaxEach is the number of records one SaveEach may hold.
const MaxEach = 25

// SaveEach creates records one by one within a request, or upserts them by the external-id
// field if one is named. It writes fewer than CreateAll in a request, and is told more: only
// the refusal of a single record says which records a duplicate rule found.
func (c *Client) SaveEach(ctx context.Context, object, externalID string, records []Record, options WriteOptions) ([]Result, error) {
	switch {
	case len(records) == 0:
		return nil, nil
	case len(records) > MaxEach:
		return nil, misuse(fmt.Sprintf("%d records in one request, more than %d", len(records), MaxEach))
	case !isAPIName(object):
		return nil, notAPIName(object)
	case externalID != "" && !isAPIName(externalID):
		return nil, notAPIName(externalID)
	}
	body, err := c.encodeEach(object, externalID, records, options)
	if err != nil {
		return nil, &Error{Message: "a record cannot be written as JSON: " + err.Error(), Class: FixInConversion, cause: err}
	}
	var results []Result
	err = c.do(ctx, call{
		what:    "save each " + object,
		method:  http.MethodPost,
		path:    c.versioned("/composite"),
		body:    body,
		timeout: c.config.Timeouts.Write,
		bound:   describeBody,
		write:   true,
		read: func(a answer) (err error) {
			results, err = readEach(a, len(records))
			return err
		},
	})
	if err != nil {
		return nil, err
	}
	return results, nil
}

func readEach(a answer, records int) ([]Result, error) {
	var wire struct {
		CompositeResponse []struct {
			Body           json.RawMessage `json:"body"`
			HTTPStatusCode int             `json:"httpStatusCode"`
		} `json:"compositeResponse"`
	}
	if err := json.NewDecoder(a.body).Decode(&wire); err != nil {
		return nil, fmt.Errorf("read results: %w", err)
	}
	if len(wire.CompositeResponse) != records {
		return nil, fmt.Errorf("%d results for %d records", len(wire.CompositeResponse), records)
	}
	results := make([]Result, records)
	for i, part := range wire.CompositeResponse {
		if !good(part.HTTPStatusCode) {
			results[i] = Result{Errors: []Error{*readError(part.HTTPStatusCode, part.Body)}}
			continue
		}
		var one wireResult
		if err := json.Unmarshal(part.Body, &one); err != nil {
			return nil, fmt.Errorf("read result %d: %w", i, err)
		}
		results[i] = one.result()
	}
	return results, nil
}

// encodeEach writes the body of a composite request with a part for each record.
func (c *Client) encodeEach(object, externalID string, records []Record, options WriteOptions) ([]byte, error) {
	var body bytes.Buffer
	w := recordWriter{encoder: jsontext.NewEncoder(&body)}
	w.token(jsontext.BeginObject)
	w.member("allOrNone", jsontext.False)
	w.token(jsontext.String("compositeRequest"))
	w.token(jsontext.BeginArray)
	for i, record := range records {
		method, path := http.MethodPost, c.versioned("/sobjects/"+object)
		if externalID != "" {
			var key string
			key, record = record.without(externalID)
			method, path = http.MethodPatch, path+"/"+externalID+"/"+url.PathEscape(key)
		}
		w.part(method, path, "r"+strconv.Itoa(i), options.header(), record)
	}
	w.token(jsontext.EndArray)
	w.token(jsontext.EndObject)
	return body.Bytes(), w.err
}

// without returns the record without the field, and what the field was to hold.
func (r Record) without(name string) (value string, rest Record) {
	rest = Record{ID: r.ID}
	for _, f := range r.Fields {
		if f.Name == name {
			value = f.Value.Text
		} else {
			rest.Fields = append(rest.Fields, f)
		}
	}
	return value, rest
}

func (w *recordWriter) part(method, path, reference string, header http.Header, record Record) {
	w.token(jsontext.BeginObject)
	w.member("method", jsontext.String(method))
	w.member("url", jsontext.String(path))
	w.member("referenceId", jsontext.String(reference))
	w.token(jsontext.String("httpHeaders"))
	w.token(jsontext.BeginObject)
	for _, name := range slices.Sorted(maps.Keys(header)) {
		w.member(name, jsontext.String(header.Get(name)))
	}
	w.token(jsontext.EndObject)
	w.token(jsontext.String("body"))
	w.token(jsontext.BeginObject)
	for _, field := range record.Fields {
		w.token(jsontext.String(field.Name))
		w.cell(field.Value)
	}
	w.token(jsontext.EndObject)
	w.token(jsontext.EndObject)
}
