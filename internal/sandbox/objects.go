package sandbox

import (
	"cmp"
	"fmt"
	"regexp"
	"strings"

	"conversion/internal/sandbox/schema"
)

// CustomObject describes a custom object that is to be made.
type CustomObject struct {
	// Name is the API name, which ends in __c.
	Name               string
	Label, LabelPlural string
	// NameLabel is the label of the Name field, the object's label and "Name" if
	// empty.
	NameLabel string
	// DisplayFormat makes Name an auto-number, such as "A-{0000}"; without it Name
	// is text.
	DisplayFormat string
}

var objectName = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9]*(_[A-Za-z0-9]+)*__c$`)

// AddObject makes a custom object with its system fields; its records' ids begin
// with the next free of a00, a01, …
func (o *Org) AddObject(custom CustomObject) error {
	o.mu.Lock()
	defer o.mu.Unlock()
	if _, err := o.addCustomObject(custom); err != nil {
		return err
	}
	return nil
}

func (o *Org) addCustomObject(custom CustomObject) (*object, *Error) {
	switch _, taken := o.object(custom.Name); {
	case !objectName.MatchString(custom.Name) || len(custom.Name) > maxFieldName+len("__c"):
		return nil, refusal("FIELD_INTEGRITY_EXCEPTION", "The Object Name field can only contain underscores and alphanumeric characters and ends in __c: "+custom.Name, "FullName")
	case taken:
		return nil, refusal("DUPLICATE_DEVELOPER_NAME", "The object name you entered is already in use: "+custom.Name, "FullName")
	case custom.DisplayFormat != "" && !numberFormat.MatchString(custom.DisplayFormat):
		return nil, refusal("FIELD_INTEGRITY_EXCEPTION", "Invalid display format: "+custom.DisplayFormat, "FullName")
	}
	obj := o.addObject(described(custom, o.freePrefix()))
	o.definitions++
	obj.id = recordID("01I", o.pod, o.definitions)
	for _, f := range obj.fields {
		o.relate(obj, f)
	}
	o.openObject(obj)
	return obj, nil
}

// freePrefix is the next key prefix for custom objects. The prefix of a removed
// object is not given out again.
func (o *Org) freePrefix() string {
	number := o.customObjects
	o.customObjects++
	return fmt.Sprintf("a%c%c", base62[number/62%62], base62[number%62])
}

func described(custom CustomObject, prefix string) *schema.Object {
	plain := strings.ReplaceAll(strings.TrimSuffix(custom.Name, "__c"), "_", " ")
	obj := &schema.Object{
		Name: custom.Name, Label: cmp.Or(custom.Label, plain), KeyPrefix: prefix, Custom: true,
		Createable: true, Updateable: true, Deletable: true, Undeletable: true, Queryable: true,
	}
	obj.LabelPlural = cmp.Or(custom.LabelPlural, obj.Label+"s")
	obj.Fields = append([]schema.Field{
		system("Id", "Record ID", schema.ID, 18), system("OwnerId", "Owner ID", schema.Reference, 18),
		system("IsDeleted", "Deleted", schema.Boolean, 0), nameField(custom, obj.Label),
		system("CreatedDate", "Created Date", schema.DateTime, 0), system("CreatedById", "Created By ID", schema.Reference, 18),
		system("LastModifiedDate", "Last Modified Date", schema.DateTime, 0), system("LastModifiedById", "Last Modified By ID", schema.Reference, 18),
		system("SystemModstamp", "System Modstamp", schema.DateTime, 0),
	}, viewed("LastViewedDate", "Last Viewed Date"), viewed("LastReferencedDate", "Last Referenced Date"))
	return obj
}

// system describes a field that the platform fills in.
func system(name, label string, kind schema.Type, length int) schema.Field {
	f := schema.Field{
		Name: name, Label: label, Type: kind, Length: length, DefaultedOnCreate: true, Filterable: true, Sortable: true,
		Groupable: kind != schema.DateTime, IDLookup: name == "Id",
	}
	if kind == schema.Reference {
		f.ReferenceTo, f.RelationshipName = []string{"User"}, strings.TrimSuffix(name, "Id")
	}
	if name == "OwnerId" {
		f.Createable, f.Updateable, f.ReferenceTo, f.NamePointing = true, true, []string{"Group", "User"}, true
	}
	return f
}

func viewed(name, label string) schema.Field {
	return schema.Field{Name: name, Label: label, Type: schema.DateTime, Nillable: true, Filterable: true, Sortable: true}
}

func nameField(custom CustomObject, label string) schema.Field {
	f := schema.Field{
		Name: "Name", Label: cmp.Or(custom.NameLabel, label+" Name"), Type: schema.String, Length: 80, NameField: true, IDLookup: true,
		Nillable: true, Createable: true, Updateable: true, DefaultedOnCreate: true, Filterable: true, Sortable: true, Groupable: true,
	}
	if custom.DisplayFormat != "" {
		f.AutoNumber, f.DisplayFormat, f.Length = true, custom.DisplayFormat, 30
		f.Nillable, f.Createable, f.Updateable = false, false, false
	}
	return f
}

// RemoveObject deletes a custom object with its records, unless something else
// leads to it.
func (o *Org) RemoveObject(name string) error {
	o.mu.Lock()
	defer o.mu.Unlock()
	obj, ok := o.object(name)
	if !ok {
		return unknownObject(name)
	}
	if err := o.removeCustomObject(obj); err != nil {
		return err
	}
	return nil
}

func (o *Org) removeCustomObject(obj *object) *Error {
	if !obj.Custom {
		return refusal("INVALID_TYPE", "a standard object cannot be removed: "+obj.Name)
	}
	for _, name := range o.objectNames() {
		other, _ := o.object(name)
		for _, f := range other.fields {
			if other != obj && f.refersTo(obj.Name) {
				return refusal("DEPENDENCY_EXISTS", fmt.Sprintf("This object is referenced elsewhere in salesforce.com: %s.%s", other.Name, f.Name), "FullName")
			}
		}
	}
	for _, f := range obj.fields {
		o.unrelate(obj, f)
	}
	for _, v := range o.validations {
		if v.object == obj {
			o.removeValidation(v)
		}
	}
	delete(o.objects, strings.ToLower(obj.Name))
	delete(o.byPrefix, obj.KeyPrefix)
	return nil
}
