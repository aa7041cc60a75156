package sandbox

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"reflect"
	"slices"
	"strings"

	"conversion/internal/sandbox/payload"
)

// decode reads a JSON body; numbers keep their text. A member that is not known
// is refused, and so is one that is given twice.
func (c *call) decode(into any) *Error {
	if t := c.request.Header.Get("Content-Type"); c.version != "" && t != "" && !isJSON(t) {
		return &Error{Status: http.StatusUnsupportedMediaType, Code: "UNSUPPORTED_MEDIA_TYPE", Message: "Content-Type header specified in HTTP request is not supported: " + t}
	}
	return c.read(into)
}

// read is decode for a body that is known to be JSON.
func (c *call) read(into any) *Error {
	if len(bytes.TrimSpace(c.body)) == 0 {
		return refusal("JSON_PARSER_ERROR", "The HTTP entity body is required, but this request has no entity body.")
	}
	if err := payload.Check(c.body); err != nil {
		return refusal("JSON_PARSER_ERROR", err.Error())
	}
	d := json.NewDecoder(bytes.NewReader(c.body))
	d.UseNumber()
	d.DisallowUnknownFields()
	if err := d.Decode(into); err != nil {
		return c.misfit(err)
	}
	return nil
}

func isJSON(contentType string) bool {
	media, _, _ := strings.Cut(contentType, ";")
	return strings.EqualFold(strings.TrimSpace(media), "application/json")
}

// flag reads a query parameter that is true or false; false without it.
func (c *call) flag(name string) (bool, *Error) {
	switch v := c.request.URL.Query().Get(name); strings.ToLower(v) {
	case "", "false":
		return false, nil
	case "true":
		return true, nil
	default:
		return false, refusal("ILLEGAL_QUERY_PARAMETER_VALUE", fmt.Sprintf("%s is true or false: %s", name, v))
	}
}

// misfit words what encoding/json has against JSON that is well formed.
func (c *call) misfit(err error) *Error {
	var wrong *json.UnmarshalTypeError
	if errors.As(err, &wrong) {
		// The offset is that of the end of what was read.
		line, column := payload.Position(c.body, int(wrong.Offset)-1)
		return refusal("JSON_PARSER_ERROR", fmt.Sprintf("Can not deserialize %s out of %s at [line:%d, column:%d]",
			javaName(wrong.Type), tokenNames[strings.Fields(wrong.Value)[0]], line, column))
	}
	if _, name, ok := strings.Cut(err.Error(), "json: unknown field "); ok {
		line, column := 1, 1
		if at, ok := payload.Member(c.body, strings.Trim(name, `"`)); ok {
			line, column = payload.Position(c.body, at)
		}
		return refusal("JSON_PARSER_ERROR", fmt.Sprintf("Unrecognized field %s at [line:%d, column:%d]", name, line, column))
	}
	return refusal("JSON_PARSER_ERROR", err.Error())
}

// javaName is what Salesforce's parser calls the type it wanted.
func javaName(t reflect.Type) string {
	switch t.Kind() {
	case reflect.Slice:
		return "List"
	case reflect.Map, reflect.Struct:
		return "SObject"
	case reflect.Bool:
		return "Boolean"
	case reflect.String:
		return "String"
	}
	return "Number"
}

var tokenNames = map[string]string{
	"object": "START_OBJECT token", "array": "START_ARRAY token", "string": "VALUE_STRING token",
	"number": "VALUE_NUMBER token", "bool": "VALUE_BOOLEAN token",
}

// fieldsOf reads the body of a single-record write: a map of fields, of which
// attributes says nothing that the path does not, and an empty Id nothing at all:
// go-salesforce sends every member of a struct.
func (c *call) fieldsOf() (map[string]any, *Error) {
	var fields map[string]any
	if err := c.decode(&fields); err != nil {
		return nil, err
	}
	return c.checked(fields)
}

// fieldsIn is fieldsOf for a body that is known to be JSON.
func (c *call) fieldsIn() (map[string]any, *Error) {
	var fields map[string]any
	if err := c.read(&fields); err != nil {
		return nil, err
	}
	return c.checked(fields)
}

// checked refuses fields that no record could be given.
func (c *call) checked(fields map[string]any) (map[string]any, *Error) {
	if fields == nil {
		return nil, refusal("JSON_PARSER_ERROR", "Can not deserialize SObject out of VALUE_NULL token at [line:1, column:1]")
	}
	if err := checkAttributes(c.object, fields["attributes"]); err != nil {
		return nil, err
	}
	maps.DeleteFunc(fields, func(name string, v any) bool {
		return name == "attributes" || strings.EqualFold(name, "Id") && (v == nil || v == "")
	})
	return fields, sameFieldTwice(fields)
}

// checkAttributes refuses attributes of a body that contradict its path.
func checkAttributes(object string, v any) *Error {
	attributes, ok := v.(map[string]any)
	if !ok {
		if v == nil {
			return nil
		}
		return refusal("JSON_PARSER_ERROR", "attributes is no object")
	}
	if err := checkAttributeNames(attributes); err != nil {
		return err
	}
	if given, ok := attributes["type"].(string); ok && object != "" && !strings.EqualFold(given, object) {
		return refusal("INVALID_TYPE", fmt.Sprintf("The type %s in the attributes is not that of the resource: %s", given, object))
	}
	return nil
}

// checkAttributeNames refuses attributes of a record that mean nothing. What a
// client was given with a record it may send back.
func checkAttributeNames(attributes map[string]any) *Error {
	for _, name := range slices.Sorted(maps.Keys(attributes)) {
		if name != "type" && name != "url" && name != "referenceId" {
			return refusal("JSON_PARSER_ERROR", fmt.Sprintf("Unrecognized field %q in attributes", name))
		}
	}
	return nil
}

// sameFieldTwice refuses a field that is given under two spellings.
func sameFieldTwice(fields map[string]any) *Error {
	seen := map[string]bool{}
	for name := range fields {
		lower := strings.ToLower(name)
		if seen[lower] {
			return refusal("INVALID_FIELD", "Duplicate field specified: "+name, name)
		}
		seen[lower] = true
	}
	return nil
}

// placed gives a complaint about the text of one field its place in the body.
func (c *call) placed(err *Error) *Error {
	const nowhere = "[line:1, column:1]"
	if err == nil || err.Code != "JSON_PARSER_ERROR" || len(err.Fields) != 1 {
		return err
	}
	for name := range c.topLevel() {
		if !strings.EqualFold(name, err.Fields[0]) {
			continue
		}
		if at, ok := payload.Member(c.body, name); ok {
			line, column := payload.Position(c.body, at)
			err.Message = strings.Replace(err.Message, nowhere, fmt.Sprintf("[line:%d, column:%d]", line, column), 1)
		}
	}
	err.Fields = nil
	return err
}

func (c *call) topLevel() map[string]json.RawMessage {
	var members map[string]json.RawMessage
	_ = json.Unmarshal(c.body, &members) // it was read before
	return members
}
