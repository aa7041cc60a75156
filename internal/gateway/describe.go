package gateway

import (
	"context"
	"encoding/json"
	"strings"
	"time"

	"conversion"
	"conversion/internal/salesforce"
)

// Describe asks anew what the objects are like. One that the connected user cannot see
// comes with Readable false and no fields.
func (o *Org) Describe(ctx context.Context) ([]conversion.ObjectDef, error) {
	objects := []conversion.Object{conversion.Lead, conversion.Contact, conversion.Account, conversion.Task, conversion.Event}
	defs := make([]conversion.ObjectDef, 0, len(objects))
	for _, object := range objects {
		def, err := o.describe(ctx, object)
		if err != nil {
			return nil, err
		}
		defs = append(defs, def)
	}
	return defs, nil
}

func objectDef(object conversion.Object, d salesforce.Describe, at time.Time) conversion.ObjectDef {
	def := conversion.ObjectDef{
		Object: object, Label: d.Label, Readable: d.Queryable,
		Createable: d.Createable, Updateable: d.Updateable, Deletable: d.Deletable, At: at,
	}
	if !d.Queryable {
		return def
	}
	def.Fields = make([]conversion.Field, 0, len(d.Fields))
	for _, info := range d.Fields {
		if info.DeprecatedAndHidden {
			continue
		}
		def.Fields = append(def.Fields, fieldDef(object, info))
		if info.Name == conversion.ExternalIDField {
			def.ExternalID = info.ExternalID && info.Unique && info.Createable
		}
	}
	return def
}

func fieldDef(object conversion.Object, info salesforce.FieldInfo) conversion.Field {
	f := conversion.Field{
		Object: object, Name: info.Name, Label: info.Label, Type: strings.ToLower(info.Type),
		Precision: info.Precision, Scale: info.Scale, Digits: info.Digits,
		Required: info.RequiredOnCreate(), Nillable: info.Nillable,
		Createable: info.Createable, Updateable: info.Updateable, Calculated: info.Calculated,
		Restricted: info.RestrictedPicklist, Picklist: choices(info.PicklistValues),
		References: info.ReferenceTo, Compound: info.CompoundFieldName, Custom: info.Custom,
		Controllers: info.Controllers(),
	}
	if bounded(f) {
		f.Length = info.Length
	}
	f.Default = standardValue(f, info)
	return f
}

// bounded reports whether the field's length limits what may be held. An id always has
// the right one, and ours for a company, which stands for an Account's, is longer.
func bounded(f conversion.Field) bool {
	return f.ValueType() == conversion.TypeText && f.Type != "reference" && f.Type != "id" ||
		f.ValueType() == conversion.TypeMultiSelect
}

func choices(values []salesforce.PicklistValue) []string {
	var active []string
	for _, v := range values {
		if v.Active {
			active = append(active, v.Value)
		}
	}
	return active
}

// standardValue returns the value a record gets when nobody says one; absent when there
// is none.
func standardValue(f conversion.Field, info salesforce.FieldInfo) conversion.Value {
	if cell := jsonCell(info.DefaultValue); cell.Kind != salesforce.Absent && cell.Kind != salesforce.Null {
		return value(f, cell)
	}
	for _, choice := range info.PicklistValues {
		if choice.Default && choice.Active {
			return value(f, salesforce.StringCell(choice.Value))
		}
	}
	return conversion.Value{}
}

// jsonCell reads a JSON scalar; anything else is Absent.
func jsonCell(raw json.RawMessage) salesforce.Cell {
	var text string
	switch {
	case len(raw) == 0:
		return salesforce.Cell{}
	case json.Unmarshal(raw, &text) == nil && raw[0] == '"':
		return salesforce.StringCell(text)
	case raw[0] == 't' || raw[0] == 'f':
		return salesforce.BoolCell(raw[0] == 't')
	case raw[0] == '-' || raw[0] >= '0' && raw[0] <= '9':
		return salesforce.NumberCell(string(raw))
	}
	return salesforce.Cell{}
}
