package sandbox

import (
	"fmt"
	"slices"
	"strings"

	"conversion/internal/sandbox/schema"
)

// describeMetadata is the Metadata of a custom field, from which the same field
// could be made again. It is a copy: what is laid over it changes no field.
func describeMetadata(described *field) fieldMetadata {
	own := *described
	own.ReferenceTo = slices.Clone(own.ReferenceTo)
	f := &own
	kind, calculated := metadataType(f), f.Formula != ""
	m := fieldMetadata{
		Type: &kind, Label: &f.Label, Description: given(f.Description), InlineHelpText: given(f.HelpText),
		ExternalID: &f.ExternalID, Formula: given(f.Formula), DisplayFormat: given(f.DisplayFormat),
		MaskChar: given(f.MaskChar), MaskType: given(f.MaskType), RelationshipName: given(strings.TrimSuffix(f.ChildRelationship, "__r")),
	}
	required := !f.Nillable && f.Type != schema.Boolean && !f.AutoNumber
	m.Required, m.Unique = &required, &f.Unique
	if f.AutoNumber {
		m.StartingNumber = &f.StartingNumber
	}
	if f.Unique {
		m.CaseSensitive = &f.CaseSensitive
	}
	if calculated {
		blanks := map[bool]string{true: "BlankAsZero", false: "BlankAsBlank"}[f.BlankAsZero]
		m.FormulaTreatBlanksAs = &blanks
	}
	switch {
	case isDecimal(f.Type):
		m.Precision, m.Scale = &f.Precision, &f.Scale
	case f.Type == schema.Location:
		m.Scale, m.DisplayLocationInDecimal = &f.Scale, &f.DisplayInDecimal
	case sized[kind] && !calculated:
		m.Length = &f.Length
	}
	if lines := map[string]int{"LongTextArea": 3, "Html": 25, "MultiselectPicklist": 4}[kind]; lines > 0 {
		m.VisibleLines = &lines
	}
	if len(f.ReferenceTo) > 0 {
		m.ReferenceTo = &f.ReferenceTo[0]
	}
	if f.DefaultValue != nil {
		m.DefaultValue = fmt.Sprint(f.DefaultValue)
	} else if f.DefaultFormula != "" {
		m.DefaultValue = f.DefaultFormula
	}
	if f.Type == schema.Picklist || f.Type == schema.MultiPicklist {
		m.ValueSet = describeValues(f)
	}
	return m
}

// sized are the types whose Metadata has a length.
var sized = map[string]bool{"Text": true, "LongTextArea": true, "Html": true, "EncryptedText": true}

func given(text string) *string {
	if text == "" {
		return nil
	}
	return &text
}

func describeValues(f *field) *valueSet {
	sorted := false
	s := &valueSet{Restricted: &f.RestrictedPicklist, ControllingField: given(f.Controller), ValueSetDefinition: &valueDefinition{Sorted: &sorted}}
	for _, p := range f.Picklist {
		v := metadataValue{ValueName: p.Value, Label: &p.Label, Default: &p.Default}
		if !p.Active {
			v.IsActive = &p.Active
		}
		s.ValueSetDefinition.Value = append(s.ValueSetDefinition.Value, v)
		if len(p.ValidFor) > 0 {
			s.ValueSettings = append(s.ValueSettings, valueSetting{ControllingFieldValue: p.ValidFor, ValueName: p.Value})
		}
	}
	return s
}

// metadataType is the name that Metadata has for a field's type.
func metadataType(f *field) string {
	switch {
	case f.AutoNumber:
		return "AutoNumber"
	case f.MasterDetail:
		return "MasterDetail"
	case f.ExtraTypeInfo == "richtextarea":
		return "Html"
	case f.Type == schema.TextArea && f.Length > 255:
		return "LongTextArea"
	case f.Type == schema.TextArea:
		return "TextArea"
	case f.Type == schema.Int:
		return "Number"
	case f.Type == schema.Combobox:
		return "Text"
	}
	for name, kind := range metadataTypes {
		if kind == f.Type && name != "AutoNumber" && name != "MasterDetail" {
			return name
		}
	}
	return string(f.Type)
}

// dataType names a field's type as Salesforce's screens do.
func dataType(f *field) string {
	name := screenTypes[f.Type]
	switch {
	case f.Formula != "":
		return "Formula (" + name + ")"
	case f.AutoNumber:
		return "Auto Number"
	case f.ExtraTypeInfo == "richtextarea":
		return fmt.Sprintf("Rich Text Area(%d)", f.Length)
	case f.Type == schema.TextArea && f.Length > 255:
		return fmt.Sprintf("Long Text Area(%d)", f.Length)
	case f.MasterDetail:
		return "Master-Detail(" + strings.Join(f.ReferenceTo, ",") + ")"
	case f.Type == schema.Reference:
		return "Lookup(" + strings.Join(f.ReferenceTo, ",") + ")"
	case f.Type == schema.String, f.Type == schema.TextArea, f.Type == schema.EncryptedString, f.Type == schema.URL:
		name += fmt.Sprintf("(%d)", f.Length)
	case isDecimal(f.Type):
		name += fmt.Sprintf("(%d, %d)", f.Precision-f.Scale, f.Scale)
	case f.Type == schema.Int:
		name += fmt.Sprintf("(%d, 0)", f.Digits)
	}
	if f.ExternalID && f.Custom {
		name += " (External ID)"
	}
	if f.Unique && f.Custom {
		name += map[bool]string{true: " (Unique Case Sensitive)", false: " (Unique Case Insensitive)"}[f.CaseSensitive]
	}
	return name
}

var screenTypes = map[schema.Type]string{
	schema.ID: "Id", schema.String: "Text", schema.Email: "Email", schema.Phone: "Phone", schema.URL: "URL", schema.TextArea: "Text Area",
	schema.Picklist: "Picklist", schema.MultiPicklist: "Picklist (Multi-Select)", schema.Combobox: "Combobox", schema.Boolean: "Checkbox",
	schema.Int: "Number", schema.Double: "Number", schema.Currency: "Currency", schema.Percent: "Percent", schema.Date: "Date",
	schema.DateTime: "Date/Time", schema.Time: "Time", schema.Reference: "Lookup", schema.Address: "Address", schema.Location: "Geolocation",
	schema.EncryptedString: "Text (Encrypted)", schema.Base64: "Base64", schema.Long: "Number",
}
