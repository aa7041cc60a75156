package connection

import (
	"context"
	"fmt"
	"strings"

	"conversion"
)

// described are the org's fields that became variables, by object and API name. An object
// that was not described yet has none.
type described map[conversion.Object]map[string]conversion.Variable

// describedFields reads what is known of the org's fields.
func describedFields(ctx context.Context, books Books) (described, error) {
	fields := described{}
	for _, kind := range []conversion.Kind{conversion.KindContact, conversion.KindCompany} {
		schema, err := books.Schema(ctx, kind)
		if err != nil {
			return nil, fmt.Errorf("read the variables: %w", err)
		}
		for _, v := range schema.Variables {
			fields.add(v)
		}
	}
	return fields, nil
}

func (d described) add(v conversion.Variable) {
	for _, f := range v.Fields {
		if !f.Live() {
			continue
		}
		if d[f.Object] == nil {
			d[f.Object] = make(map[string]conversion.Variable)
		}
		only := v // of this object's field alone is the default
		only.Fields = []conversion.Field{f}
		d[f.Object][f.Name] = only
	}
}

// unseen reports whether the field can be written although it becomes no variable, so
// that nothing is known to check a default by.
func unseen(object conversion.Object, name string) bool {
	switch name {
	case "OwnerId", "RecordTypeId", "CleanStatus", "Jigsaw":
		return true
	case "Salutation", "FirstName", "MiddleName", "LastName", "Suffix": // of person accounts
		return object == conversion.Account
	}
	return object == conversion.Account && (strings.HasPrefix(name, "Person") || strings.HasSuffix(name, "__pc"))
}

// problem says why the org would refuse the default; "" when nothing is known against it.
func (d described) problem(key, value string) string {
	object, name, _ := strings.Cut(key, ".")
	fields := d[conversion.Object(object)]
	variable, known := fields[name]
	switch {
	case known:
		return valueProblem(variable, value)
	case len(fields) == 0, unseen(conversion.Object(object), name):
		return ""
	}
	return fmt.Sprintf("is no field of %s that Conversion can see", object)
}

func valueProblem(v conversion.Variable, value string) string {
	parsed, err := conversion.Parse(v.Type, value)
	if err == nil {
		err = v.Check(parsed)
	}
	if err != nil {
		return err.Error()
	}
	return ""
}
