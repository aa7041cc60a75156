package sandbox

import (
	"fmt"
	"regexp"
	"strings"

	"conversion/internal/sandbox/schema"
)

// fieldName is what the API name of a custom field looks like.
var fieldName = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9]*(_[A-Za-z0-9]+)*__c$`)

const maxFieldName = 40 // without the __c

// checkNewField refuses a description that cannot be a field of the object.
func (o *Org) checkNewField(obj *object, f schema.Field) *Error {
	switch {
	case !strings.HasSuffix(f.Name, "__c"):
		return refusal("INVALID_FIELD", "the name of a custom field ends in __c: "+f.Name, f.Name)
	case !fieldName.MatchString(f.Name) || len(f.Name) > maxFieldName+len("__c"):
		return refusal("FIELD_INTEGRITY_EXCEPTION", "The Field Name field can only contain underscores and alphanumeric characters. "+
			"It must be unique, begin with a letter, not include spaces, not end with an underscore, and not contain two consecutive underscores.", f.Name)
	case obj.has(f.Name):
		return refusal("DUPLICATE_DEVELOPER_NAME", fmt.Sprintf("There is already a field named %s on %s.", strings.TrimSuffix(f.Name, "__c"), obj.Label), f.Name)
	case !storable[f.Type]:
		return refusal("FUNCTIONALITY_NOT_ENABLED", fmt.Sprintf("custom fields of type %s are not supported by this org", f.Type), f.Name)
	}
	if err := o.checkReference(f); err != nil {
		return err
	}
	return checkSizes(obj, f)
}

// checkReference refuses a lookup to an object that the org has not.
func (o *Org) checkReference(f schema.Field) *Error {
	if f.Type != schema.Reference {
		return nil
	}
	if len(f.ReferenceTo) == 0 {
		return fieldProblem(f, "Must specify 'referenceTo' for a CustomField of type Lookup")
	}
	for _, name := range f.ReferenceTo {
		if _, ok := o.object(name); !ok {
			return fieldProblem(f, "referenceTo value of '%s' does not resolve to a valid sObject type", name)
		}
	}
	return nil
}

func checkSizes(obj *object, f schema.Field) *Error {
	limit := maxLength[f.Type]
	switch {
	case f.Calculated && !calculable[f.Type]:
		return fieldProblem(f, "a formula cannot have the type %s", f.Type)
	case limit > 0 && !f.Calculated && (f.Length < 1 || f.Length > limit):
		return fieldProblem(f, "Length must be between 1 and %d", limit)
	case isDecimal(f.Type) && (f.Precision < 1 || f.Precision > 18 || f.Scale < 0 || f.Scale > f.Precision):
		return fieldProblem(f, "Precision must be between 1 and 18, and the scale at most the precision")
	case (f.Unique || f.ExternalID) && !keyable[f.Type]:
		return fieldProblem(f, "a field of type %s can be neither unique nor an external ID", f.Type)
	case f.AutoNumber && !numberFormat.MatchString(f.DisplayFormat):
		return fieldProblem(f, "Invalid display format: %s", f.DisplayFormat)
	}
	return checkController(obj, f)
}

func checkController(obj *object, f schema.Field) *Error {
	if f.Controller == "" {
		return nil
	}
	c, ok := obj.field(f.Controller)
	if !ok || c.Type != schema.Picklist && c.Type != schema.Boolean || f.Type != schema.Picklist && f.Type != schema.MultiPicklist {
		return fieldProblem(f, "%s cannot control the picklist %s", f.Controller, f.Name)
	}
	return nil
}

func fieldProblem(f schema.Field, format string, args ...any) *Error {
	return refusal("FIELD_INTEGRITY_EXCEPTION", fmt.Sprintf(format, args...), f.Name)
}

// storable names the types that a custom field may have.
var storable = map[schema.Type]bool{
	schema.String: true, schema.Email: true, schema.Phone: true, schema.URL: true, schema.TextArea: true,
	schema.Picklist: true, schema.MultiPicklist: true, schema.Combobox: true, schema.Boolean: true,
	schema.Int: true, schema.Double: true, schema.Currency: true, schema.Percent: true,
	schema.Date: true, schema.DateTime: true, schema.Time: true, schema.Reference: true,
	schema.EncryptedString: true, schema.Location: true,
}

// calculable names the types that a formula field may have.
var calculable = map[schema.Type]bool{
	schema.String: true, schema.Double: true, schema.Currency: true, schema.Percent: true, schema.Boolean: true,
	schema.Date: true, schema.DateTime: true, schema.Time: true,
}

// keyable names the types that may be unique or an external id.
var keyable = map[schema.Type]bool{schema.String: true, schema.Email: true, schema.Double: true, schema.Int: true}

// maxLength is the greatest length of a type's texts.
var maxLength = map[schema.Type]int{
	schema.String: 255, schema.TextArea: 131_072, schema.EncryptedString: 175,
}

var defaultLength = map[schema.Type]int{
	schema.String: 255, schema.Email: 80, schema.Phone: 40, schema.URL: 255, schema.TextArea: 255,
	schema.Picklist: 255, schema.MultiPicklist: 4099, schema.Combobox: 255, schema.Reference: 18, schema.EncryptedString: 175,
}

const formulaLength = 1300 // of a text formula's result

func isDecimal(t schema.Type) bool {
	return t == schema.Double || t == schema.Currency || t == schema.Percent
}

// completed fills in what every custom field has.
func completed(f schema.Field) schema.Field {
	f.Custom, f.Permissionable, f.Createable, f.Updateable = true, true, true, true
	if f.Label == "" {
		f.Label = strings.ReplaceAll(strings.TrimSuffix(f.Name, "__c"), "_", " ")
	}
	if f.Length == 0 {
		f.Length = defaultLength[f.Type]
	}
	if f.Precision == 0 && isDecimal(f.Type) {
		f.Precision, f.Scale = 18, max(2, f.Scale)
	}
	if f.Type == schema.Int && f.Digits == 0 {
		f.Digits = 9
	}
	completeUse(&f)
	completeReference(&f)
	completeAccess(&f)
	return f
}

// completeUse says what a query can do with the field.
func completeUse(f *schema.Field) {
	long := f.Type == schema.TextArea && f.Length > 255
	f.Filterable = !long && f.Type != schema.EncryptedString
	f.Sortable = f.Filterable && f.Type != schema.MultiPicklist && f.Type != schema.Location
	if !f.Groupable {
		f.Groupable = groupable[f.Type] && f.Length <= 255 && !f.AutoNumber
	}
	if long && f.ExtraTypeInfo == "" {
		f.ExtraTypeInfo = "plaintextarea"
	}
	f.HTMLFormatted = f.ExtraTypeInfo == "richtextarea"
	f.IDLookup = f.IDLookup || f.ExternalID
}

var groupable = map[schema.Type]bool{
	schema.String: true, schema.Email: true, schema.Phone: true, schema.URL: true, schema.TextArea: true, schema.Picklist: true,
	schema.Boolean: true, schema.Int: true, schema.Date: true, schema.Reference: true,
}

func completeReference(f *schema.Field) {
	if f.Type != schema.Reference {
		return
	}
	if f.RelationshipName == "" {
		f.RelationshipName = strings.TrimSuffix(f.Name, "__c") + "__r"
	}
	if f.ChildRelationship != "" && !strings.HasSuffix(f.ChildRelationship, "__r") {
		f.ChildRelationship += "__r"
	}
	if f.MasterDetail {
		f.Nillable, f.Updateable, f.Permissionable = false, false, false
	}
}

// completeAccess says what may be given by whom, and what comes by itself.
func completeAccess(f *schema.Field) {
	switch {
	case f.Formula != "":
		f.Calculated, f.Nillable, f.Createable, f.Updateable = true, f.Type != schema.Boolean, false, false
		f.DefaultedOnCreate, f.DefaultValue, f.Groupable = false, nil, false
		if f.Type == schema.String {
			f.Length = formulaLength
		}
		return
	case f.AutoNumber:
		f.Nillable, f.Createable, f.Updateable, f.DefaultedOnCreate = false, false, false, true
		return
	case f.Type == schema.Location:
		f.Nillable, f.Createable, f.Updateable = true, false, false
	case f.Type == schema.Boolean:
		f.Nillable, f.DefaultedOnCreate = false, true
		if f.DefaultValue == nil && f.DefaultFormula == "" {
			f.DefaultValue = false
		}
	}
	if f.DefaultValue != nil || f.DefaultFormula != "" {
		f.DefaultedOnCreate = true
	}
	if !f.Nillable && f.Type != schema.Boolean {
		f.Permissionable = false // what a record cannot do without is seen by all
	}
}

// locationParts are the two numbers that a custom location consists of.
func locationParts(f schema.Field) []schema.Field {
	if f.Type != schema.Location {
		return nil
	}
	prefix := strings.TrimSuffix(f.Name, "c")
	parts := make([]schema.Field, 0, len(locationKeys))
	for _, k := range locationKeys {
		part := completed(schema.Field{
			Name: prefix + k.suffix, Label: f.Label + " (" + strings.TrimSuffix(k.suffix, "__s") + ")", Type: schema.Double,
			Precision: 18, Scale: 15, Nillable: true, CompoundFieldName: f.Name,
		})
		parts = append(parts, part)
	}
	return parts
}
