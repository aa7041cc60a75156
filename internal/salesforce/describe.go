package salesforce

import (
	"context"
	"encoding/json"
	"net/http"
	"time"
)

// ObjectInfo is an object as the list of all objects shows it. What is not
// visible to the user is not in the list.
type ObjectInfo struct {
	Name        string `json:"name"`
	Label       string `json:"label"`
	LabelPlural string `json:"labelPlural"`
	KeyPrefix   string `json:"keyPrefix"` // first three characters of its ids; may be empty
	Custom      bool   `json:"custom"`
	Createable  bool   `json:"createable"`
	Deletable   bool   `json:"deletable"`
	Queryable   bool   `json:"queryable"`
	Replicable  bool   `json:"replicateable"`
	Retrievable bool   `json:"retrieveable"`
	Undeletable bool   `json:"undeletable"`
	Updateable  bool   `json:"updateable"`
	Mergeable   bool   `json:"mergeable"`
}

// Describe is an object with its fields, as the user may see and use them.
type Describe struct {
	ObjectInfo
	Fields       []FieldInfo  `json:"fields"`
	RecordTypes  []RecordType `json:"recordTypeInfos"`
	LastModified time.Time    `json:"-"` // to be asked with the next time; zero if not told
}

// FieldInfo describes one field. A field that field-level security hides is not
// described at all.
type FieldInfo struct {
	Name                string          `json:"name"`
	Label               string          `json:"label"`
	Type                string          `json:"type"` // such as string, reference, multipicklist
	Length              int             `json:"length"`
	ByteLength          int             `json:"byteLength"`
	Precision           int             `json:"precision"`
	Scale               int             `json:"scale"`
	Digits              int             `json:"digits"`
	Nillable            bool            `json:"nillable"`
	Createable          bool            `json:"createable"`
	Updateable          bool            `json:"updateable"`
	DefaultedOnCreate   bool            `json:"defaultedOnCreate"`
	DefaultValue        json.RawMessage `json:"defaultValue"` // JSON of the field's type, or null
	Calculated          bool            `json:"calculated"`   // formula or roll-up
	AutoNumber          bool            `json:"autoNumber"`
	Custom              bool            `json:"custom"`
	ExternalID          bool            `json:"externalId"`
	IDLookup            bool            `json:"idLookup"`
	Unique              bool            `json:"unique"`
	CaseSensitive       bool            `json:"caseSensitive"`
	Encrypted           bool            `json:"encrypted"`
	NameField           bool            `json:"nameField"`
	Filterable          bool            `json:"filterable"`
	Sortable            bool            `json:"sortable"`
	Permissionable      bool            `json:"permissionable"` // false: field-level security cannot hide it
	HTMLFormatted       bool            `json:"htmlFormatted"`
	PicklistValues      []PicklistValue `json:"picklistValues"`
	RestrictedPicklist  bool            `json:"restrictedPicklist"`
	DependentPicklist   bool            `json:"dependentPicklist"`
	ControllerName      string          `json:"controllerName"` // of a dependent picklist
	ReferenceTo         []string        `json:"referenceTo"`
	RelationshipName    string          `json:"relationshipName"`  // Owner for OwnerId
	CompoundFieldName   string          `json:"compoundFieldName"` // such as MailingAddress
	FilteredLookup      *FilteredLookup `json:"filteredLookupInfo"`
	ExtraTypeInfo       string          `json:"extraTypeInfo"`
	InlineHelpText      string          `json:"inlineHelpText"`
	DeprecatedAndHidden bool            `json:"deprecatedAndHidden"`
}

// FilteredLookup says what the filter of a lookup looks at.
type FilteredLookup struct {
	ControllingFields []string `json:"controllingFields"` // of the same object
}

// Controllers are the fields of the object that decide what the field may hold.
func (f FieldInfo) Controllers() []string {
	var names []string
	if f.ControllerName != "" {
		names = append(names, f.ControllerName)
	}
	if f.FilteredLookup != nil {
		names = append(names, f.FilteredLookup.ControllingFields...)
	}
	return names
}

// RequiredOnCreate tells whether a create must name the field.
func (f FieldInfo) RequiredOnCreate() bool {
	return f.Createable && !f.Nillable && !f.DefaultedOnCreate
}

// PicklistValue is one choice of a picklist.
type PicklistValue struct {
	Value   string `json:"value"` // as stored
	Label   string `json:"label"`
	Active  bool   `json:"active"`
	Default bool   `json:"defaultValue"`
	// ValidFor has a bit for each value of the controlling field, the highest
	// of the first byte first; nil if the field depends on none.
	ValidFor []byte `json:"validFor"`
}

// ValidWith tells whether the value may be chosen beside the controlling field's
// value at that position (of a checkbox: 0 is false, 1 is true).
func (v PicklistValue) ValidWith(position int) bool {
	return position>>3 < len(v.ValidFor) && v.ValidFor[position>>3]&(0x80>>(position&7)) != 0
}

// RecordType is a record type of an object.
type RecordType struct {
	ID        string `json:"recordTypeId"`
	Name      string `json:"name"`
	APIName   string `json:"developerName"`
	Active    bool   `json:"active"`
	Available bool   `json:"available"` // to the user
	Default   bool   `json:"defaultRecordTypeMapping"`
	Master    bool   `json:"master"`
}

// DescribeGlobal lists the objects that the user sees.
func (c *Client) DescribeGlobal(ctx context.Context) ([]ObjectInfo, error) {
	var list struct {
		Objects []ObjectInfo `json:"sobjects"`
	}
	request := c.get("list objects", "/sobjects", into(&list))
	request.bound = describeBody
	err := c.do(ctx, request)
	return list.Objects, err
}

// Describe reads an object's description. With a time since, taken from
// LastModified of the one at hand, the answer may be that nothing changed; the
// Describe is then empty.
func (c *Client) Describe(ctx context.Context, object string, since time.Time) (describe Describe, notModified bool, err error) {
	path, err := c.objectPath(object, "describe")
	if err != nil {
		return Describe{}, false, err
	}
	request := c.get("describe "+object, path, func(a answer) error {
		if notModified = a.status == http.StatusNotModified; notModified {
			return nil
		}
		describe = Describe{}
		describe.LastModified, _ = http.ParseTime(a.header.Get("Last-Modified")) // absent: zero
		return into(&describe)(a)
	})
	request.bound = describeBody
	if !since.IsZero() {
		request.header = http.Header{"If-Modified-Since": {since.UTC().Format(http.TimeFormat)}}
	}
	err = c.do(ctx, request)
	return describe, notModified, err
}
