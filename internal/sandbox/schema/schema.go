// Package schema describes the standard objects of the sandbox's Salesforce
// org, with their fields as a describe call reports them: people and companies,
// activities, campaigns, opportunities and what is sold, cases, users, and the
// lists of values that are records of their own.
//
// It holds descriptions only. It must never hold records, answer requests or
// keep state: every call of Standard returns copies that the caller owns.
package schema

import "strings"

// Type is a field's type by the name that describe gives it.
type Type string

// The types a field may have.
const (
	ID              Type = "id"
	String          Type = "string"
	Email           Type = "email"
	Phone           Type = "phone"
	URL             Type = "url"
	TextArea        Type = "textarea"
	Picklist        Type = "picklist"
	MultiPicklist   Type = "multipicklist"
	Combobox        Type = "combobox"
	Boolean         Type = "boolean"
	Int             Type = "int"
	Double          Type = "double"
	Currency        Type = "currency"
	Percent         Type = "percent"
	Date            Type = "date"
	DateTime        Type = "datetime"
	Time            Type = "time"
	Reference       Type = "reference"
	Address         Type = "address"
	EncryptedString Type = "encryptedstring"
	Base64          Type = "base64"
	Long            Type = "long"
	Location        Type = "location"
	ComplexValue    Type = "complexvalue" // a JSON value, in the Tooling API
	// JunctionIDList is a list of record ids that stands for junction records.
	// Describe names such a field at the child relationship, not among the fields.
	JunctionIDList Type = "junctionidlist"
)

// Object describes one object: its names, what may be done with its records,
// its fields and the relations that point at it.
type Object struct {
	Name, Label, LabelPlural string
	// KeyPrefix is the first three characters of every record id.
	KeyPrefix string
	Fields    []Field
	Children  []Child

	Createable, Updateable, Deletable, Undeletable bool
	Mergeable, Queryable, Custom                   bool

	// Feature names the feature that the object comes with, "" for one that
	// every org has.
	Feature string
	// View names the object of whose records this one shows a part, read-only
	// and under the same ids; "" for an object with records of its own.
	View string
}

// Field describes one field. Length counts characters (0 for types without
// text); Precision and Scale belong to double, currency and percent, Digits to
// int.
type Field struct {
	Name, Label string
	Type        Type

	Length, Precision, Scale, Digits int

	Nillable, Createable, Updateable, DefaultedOnCreate bool
	Calculated, Custom, ExternalID, IDLookup, Unique    bool
	CaseSensitive, RestrictedPicklist                   bool
	Filterable, Sortable, Groupable, NameField          bool
	Permissionable, HTMLFormatted, NamePointing         bool

	// DefaultValue is a bool, a string, a number or nil; DefaultFormula computes
	// it when a record is created.
	DefaultValue   any
	DefaultFormula string
	// Formula is the text of a calculated field, "" for a stored one, and
	// BlankAsZero how it reads blank numbers.
	Formula     string
	BlankAsZero bool
	Picklist    []PicklistValue
	// Controller names the picklist or checkbox that decides which values of
	// this dependent picklist may be chosen.
	Controller string

	// DisplayFormat is how a number in sequence is written, "A-{0000}", and
	// StartingNumber the first one; both belong to auto-number fields.
	AutoNumber     bool
	DisplayFormat  string
	StartingNumber int
	// MaskType and MaskChar say what is shown of an encrypted text: "all",
	// "creditCard", "ssn", "lastFour", "sin" or "nino", and "asterisk" or "X".
	MaskType, MaskChar string
	// HelpText and Description explain the field, to its users and to the
	// administrator.
	HelpText, Description string
	// DisplayInDecimal shows a location in decimals instead of degrees.
	DisplayInDecimal bool

	// ReferenceTo names the objects a reference may point at, and
	// RelationshipName the path by which queries follow it ("Owner").
	ReferenceTo      []string
	RelationshipName string
	// MasterDetail makes the reference a part-of relation: the record goes with
	// its master. ChildRelationship is the relation's name on the other side.
	MasterDetail      bool
	ChildRelationship string

	// CompoundFieldName names the compound this field is a part of ("Name",
	// "MailingAddress").
	CompoundFieldName string
	ExtraTypeInfo     string
	// Feature names the feature that the field comes with, "" for one that
	// every org has.
	Feature string
}

// PicklistValue is one value a picklist offers.
type PicklistValue struct {
	Value, Label    string
	Active, Default bool
	// ValidFor lists the controlling values for which a dependent picklist
	// offers this one; true and false of a checkbox.
	ValidFor []string
}

// Child is a relation seen from the object that is pointed at: records of
// ChildSObject refer to it by Field.
type Child struct {
	ChildSObject, Field, RelationshipName string
	// CascadeDelete says that they go with the record that they refer to,
	// RestrictedDelete that it cannot go before them.
	CascadeDelete, RestrictedDelete bool
	// JunctionIDLists names the field of the object pointed at that lists the
	// records of JunctionTo on the other side of the relation.
	JunctionIDLists, JunctionTo []string
	// Feature names the feature that the relation comes with.
	Feature string
}

// The features that an org may have or lack.
const (
	SharedActivities = "SharedActivities"
	PersonAccounts   = "PersonAccounts"
)

// Field finds a field by its API name, in any case.
func (o *Object) Field(name string) (*Field, bool) {
	for i := range o.Fields {
		if strings.EqualFold(o.Fields[i].Name, name) {
			return &o.Fields[i], true
		}
	}
	return nil, false
}
