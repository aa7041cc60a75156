package sandbox

import (
	"cmp"
	"fmt"
	"strconv"
	"strings"

	"conversion/internal/sandbox/schema"
)

// fieldMetadata is a custom field as Salesforce's Metadata describes it. Members
// that are left out are nil, so that a change can be laid over what there is.
type fieldMetadata struct {
	Type                     *string   `json:"type"`
	Label                    *string   `json:"label"`
	Description              *string   `json:"description"`
	InlineHelpText           *string   `json:"inlineHelpText"`
	Length                   *int      `json:"length"`
	Precision                *int      `json:"precision"`
	Scale                    *int      `json:"scale"`
	Required                 *bool     `json:"required"`
	Unique                   *bool     `json:"unique"`
	CaseSensitive            *bool     `json:"caseSensitive"`
	ExternalID               *bool     `json:"externalId"`
	DefaultValue             any       `json:"defaultValue"`
	Formula                  *string   `json:"formula"`
	FormulaTreatBlanksAs     *string   `json:"formulaTreatBlanksAs"`
	ValueSet                 *valueSet `json:"valueSet"`
	ReferenceTo              *string   `json:"referenceTo"`
	RelationshipName         *string   `json:"relationshipName"`
	RelationshipLabel        *string   `json:"relationshipLabel"`
	RelationshipOrder        *int      `json:"relationshipOrder"`
	DeleteConstraint         *string   `json:"deleteConstraint"`
	ReparentableMasterDetail *bool     `json:"reparentableMasterDetail"`
	WriteRequiresMasterRead  *bool     `json:"writeRequiresMasterRead"`
	DisplayFormat            *string   `json:"displayFormat"`
	StartingNumber           *int      `json:"startingNumber"`
	DisplayLocationInDecimal *bool     `json:"displayLocationInDecimal"`
	MaskChar                 *string   `json:"maskChar"`
	MaskType                 *string   `json:"maskType"`
	VisibleLines             *int      `json:"visibleLines"`
	TrackHistory             *bool     `json:"trackHistory"`
	TrackFeedHistory         *bool     `json:"trackFeedHistory"`
	TrackTrending            *bool     `json:"trackTrending"`

	URLs any `json:"urls"`

	// What the org has not: refused unless null.
	LookupFilter       any `json:"lookupFilter"`
	SummarizedField    any `json:"summarizedField"`
	SummaryFilterItems any `json:"summaryFilterItems"`
	SummaryForeignKey  any `json:"summaryForeignKey"`
	SummaryOperation   any `json:"summaryOperation"`
	EncryptionScheme   any `json:"encryptionScheme"`
}

// valueSet is where a picklist's values are.
type valueSet struct {
	Restricted         *bool            `json:"restricted"`
	ControllingField   *string          `json:"controllingField"`
	ValueSetName       any              `json:"valueSetName"`
	ValueSetDefinition *valueDefinition `json:"valueSetDefinition"`
	ValueSettings      []valueSetting   `json:"valueSettings"`
}

type valueDefinition struct {
	Sorted *bool           `json:"sorted"`
	Value  []metadataValue `json:"value"`
}

// metadataValue is one value; SOAP's Metadata calls its name fullName.
type metadataValue struct {
	ValueName   string  `json:"valueName,omitempty"`
	FullName    string  `json:"fullName,omitempty"`
	Label       *string `json:"label"`
	Default     *bool   `json:"default"`
	IsActive    *bool   `json:"isActive"`
	Color       any     `json:"color"`
	Description any     `json:"description"`
	URLs        any     `json:"urls"`
}

type valueSetting struct {
	ControllingFieldValue []string `json:"controllingFieldValue"`
	ValueName             string   `json:"valueName"`
}

// metadataTypes are the types of fields by Salesforce's names for them.
var metadataTypes = map[string]schema.Type{
	"Text": schema.String, "TextArea": schema.TextArea, "LongTextArea": schema.TextArea, "Html": schema.TextArea,
	"Checkbox": schema.Boolean, "Number": schema.Double, "Currency": schema.Currency, "Percent": schema.Percent,
	"Date": schema.Date, "DateTime": schema.DateTime, "Time": schema.Time, "Email": schema.Email, "Phone": schema.Phone,
	"Url": schema.URL, "Picklist": schema.Picklist, "MultiselectPicklist": schema.MultiPicklist, "Lookup": schema.Reference,
	"MasterDetail": schema.Reference, "AutoNumber": schema.String, "EncryptedText": schema.EncryptedString, "Location": schema.Location,
}

// needed are the members without which a field of a type cannot be made.
var needed = map[string][]string{
	"Text": {"length"}, "LongTextArea": {"length", "visibleLines"}, "Html": {"length", "visibleLines"}, "EncryptedText": {"length"},
	"Number": {"precision", "scale"}, "Currency": {"precision", "scale"}, "Percent": {"precision", "scale"},
	"Picklist": {"valueSet"}, "MultiselectPicklist": {"valueSet", "visibleLines"}, "Lookup": {"referenceTo"}, "MasterDetail": {"referenceTo"},
	"Location": {"scale"}, "Checkbox": {"defaultValue"},
}

func (m *fieldMetadata) has(member string) bool {
	switch member {
	case "length":
		return m.Length != nil
	case "visibleLines":
		return m.VisibleLines != nil
	case "precision":
		return m.Precision != nil
	case "scale":
		return m.Scale != nil
	case "valueSet":
		return m.ValueSet != nil
	case "referenceTo":
		return m.ReferenceTo != nil
	case "defaultValue":
		return m.DefaultValue != nil
	}
	return false
}

// field turns a whole Metadata into a field's description.
func (m *fieldMetadata) field(name string) (schema.Field, *Error) {
	f := schema.Field{Name: name}
	if err := m.check(name); err != nil {
		return f, err
	}
	f.Type = metadataTypes[*m.Type]
	f.Label, f.Description, f.HelpText = value(m.Label), value(m.Description), value(m.InlineHelpText)
	f.Length, f.Precision, f.Scale = value(m.Length), value(m.Precision), value(m.Scale)
	f.Nillable, f.Unique, f.CaseSensitive, f.ExternalID = !value(m.Required), value(m.Unique), value(m.CaseSensitive), value(m.ExternalID)
	f.Formula, f.BlankAsZero = value(m.Formula), value(m.FormulaTreatBlanksAs) == "BlankAsZero"
	if f.Formula != "" && m.FormulaTreatBlanksAs == nil {
		f.BlankAsZero = true
	}
	f.AutoNumber, f.DisplayFormat, f.StartingNumber = *m.Type == "AutoNumber", value(m.DisplayFormat), value(m.StartingNumber)
	f.MaskType, f.MaskChar, f.DisplayInDecimal = value(m.MaskType), value(m.MaskChar), value(m.DisplayLocationInDecimal)
	m.describeReference(&f)
	m.describeDefault(&f)
	if *m.Type == "Html" {
		f.ExtraTypeInfo = "richtextarea"
	}
	return f, m.ValueSet.describe(&f)
}

func value[T any](p *T) T {
	var v T
	if p != nil {
		v = *p
	}
	return v
}

// check refuses a Metadata without what its type needs, or with what the org has
// not.
func (m *fieldMetadata) check(name string) *Error {
	kind := value(m.Type)
	if _, known := metadataTypes[kind]; !known {
		if kind == "Summary" || m.SummaryOperation != nil {
			return refusal("FUNCTIONALITY_NOT_ENABLED", "roll-up summaries are not supported by this org", name)
		}
		return refusal("FIELD_INTEGRITY_EXCEPTION", "Invalid field type: "+kind, name)
	}
	for member, given := range map[string]any{"lookupFilter": m.LookupFilter, "encryptionScheme": m.EncryptionScheme, "summaryForeignKey": m.SummaryForeignKey} {
		if given != nil && given != "None" {
			return refusal("FUNCTIONALITY_NOT_ENABLED", member+" is not supported by this org", name)
		}
	}
	if m.Label == nil {
		return refusal("FIELD_INTEGRITY_EXCEPTION", "Must specify a non-empty label for the CustomField", name)
	}
	if m.Formula != nil {
		return nil
	}
	for _, member := range needed[kind] {
		if !m.has(member) {
			return refusal("FIELD_INTEGRITY_EXCEPTION", fmt.Sprintf("Must specify '%s' for a CustomField of type %s", member, kind), name)
		}
	}
	return nil
}

func (m *fieldMetadata) describeReference(f *schema.Field) {
	if m.ReferenceTo != nil {
		f.ReferenceTo = []string{*m.ReferenceTo}
	}
	f.ChildRelationship = value(m.RelationshipName)
	f.MasterDetail = *m.Type == "MasterDetail"
}

// describeDefault takes a checkbox's true or false as it is; any other default is
// a formula.
func (m *fieldMetadata) describeDefault(f *schema.Field) {
	if m.DefaultValue == nil {
		return
	}
	text := fmt.Sprint(m.DefaultValue)
	if constant, err := strconv.ParseBool(text); f.Type == schema.Boolean && err == nil {
		f.DefaultValue = constant
		return
	}
	f.DefaultFormula = text
}

// describe takes a picklist's values over.
func (s *valueSet) describe(f *schema.Field) *Error {
	if s == nil {
		return nil
	}
	if s.ValueSetName != nil || s.ValueSetDefinition == nil {
		return refusal("FUNCTIONALITY_NOT_ENABLED", "global value sets are not supported by this org", f.Name)
	}
	f.RestrictedPicklist, f.Controller = value(s.Restricted), value(s.ControllingField)
	for _, v := range s.ValueSetDefinition.Value {
		p := schema.PicklistValue{Value: cmp.Or(v.ValueName, v.FullName), Default: value(v.Default), Active: v.IsActive == nil || *v.IsActive}
		p.Label = cmp.Or(value(v.Label), p.Value)
		for _, setting := range s.ValueSettings {
			if setting.ValueName == p.Value {
				p.ValidFor = append(p.ValidFor, controllingNames(setting.ControllingFieldValue)...)
			}
		}
		f.Picklist = append(f.Picklist, p)
	}
	return nil
}

// controllingNames lists controlling values; those of a checkbox are called
// checked and unchecked.
func controllingNames(values []string) []string {
	names := make([]string, len(values))
	for i, v := range values {
		switch strings.ToLower(v) {
		case "checked":
			v = "true"
		case "unchecked":
			v = "false"
		}
		names[i] = v
	}
	return names
}
