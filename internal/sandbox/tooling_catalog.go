package sandbox

import (
	"encoding/json"
	"strings"

	"conversion/internal/sandbox/schema"
)

// catalog is an org whose records are this org's definitions: its objects, fields
// and validation rules as the Tooling API shows them, and the users who made
// them. It is made anew for each request, and read only. The caller holds the
// lock.
func (o *Org) catalog() *Org {
	c := &Org{
		clock: o.clock, logger: o.logger, id: o.id, pod: o.pod, limit: o.limit, traffic: o.traffic, sessions: o.sessions,
		cursors: o.cursors, viewings: o.viewings, objects: map[string]*object{}, byPrefix: map[string][]*object{},
	}
	for _, described := range schema.Tooling() {
		c.addObject(described)
	}
	users := o.standard("User")
	c.objects["user"], c.byPrefix[users.KeyPrefix] = users, []*object{users}
	for _, name := range o.objectNames() {
		obj, _ := o.object(name)
		entity := c.seed("EntityDefinition", entityDefinition(obj))
		if obj.Custom {
			c.seed("CustomObject", customObjectRecord(obj))
		}
		for _, f := range obj.fields {
			c.seed("FieldDefinition", fieldDefinition(obj, f, entity))
			if f.id != "" {
				c.seed("CustomField", customFieldRecord(obj, f, entity))
			}
		}
		for _, v := range o.validations {
			if v.object == obj {
				c.seed("ValidationRule", validationRecord(v, entity))
			}
		}
	}
	return c
}

// durableID names an object for good: a custom one by its id, as its API name may
// change.
func (o *object) durableID() string {
	if o.id != "" {
		return shortID(o.id)
	}
	return o.Name
}

func entityDefinition(obj *object) map[string]any {
	return map[string]any{
		"DurableId": obj.durableID(), "QualifiedApiName": obj.Name, "DeveloperName": strings.TrimSuffix(obj.Name, "__c"),
		"Label": obj.Label, "MasterLabel": obj.Label, "PluralLabel": obj.LabelPlural, "KeyPrefix": obj.KeyPrefix,
		"InternalSharingModel": "ReadWrite", "ExternalSharingModel": "Private",
		"IsCustomizable": obj.Createable, "IsApexTriggerable": obj.Createable, "IsWorkflowEnabled": obj.Createable,
		"IsEverCreatable": obj.Createable, "IsEverUpdatable": obj.Updateable, "IsEverDeletable": obj.Deletable,
		"IsQueryable": obj.Queryable, "IsRetrieveable": true, "IsTriggerable": obj.Createable, "IsReplicateable": true, "IsIdEnabled": true,
	}
}

func fieldDefinition(obj *object, f *field, entity string) map[string]any {
	definition := map[string]any{
		"DurableId": obj.durableID() + "." + fieldKey(f), "EntityDefinition": entity, "EntityDefinitionId": obj.durableID(),
		"QualifiedApiName": f.Name, "DeveloperName": strings.TrimSuffix(f.Name, "__c"), "FullName": f.Name,
		"Label": f.Label, "MasterLabel": f.Label, "DataType": dataType(f), "ValueTypeId": string(f.Type),
		"Length": float64(f.Length), "Precision": float64(f.Precision), "Scale": float64(f.Scale),
		"PublisherId": "System", "ReferenceTo": jsonText(map[string]any{"referenceTo": append([]string(nil), f.ReferenceTo...)}),
		"IsCalculated": f.Calculated, "IsCompound": f.column == columnCompound, "IsNillable": f.Nillable, "IsIndexed": f.wantsIndex(),
		"IsNameField": f.NameField, "IsHtmlFormatted": f.HTMLFormatted, "IsApiFilterable": f.Filterable, "IsApiGroupable": f.Groupable,
		"IsApiSortable": f.Sortable, "IsPolymorphicForeignKey": len(f.ReferenceTo) > 1,
	}
	if f.Custom {
		definition["PublisherId"] = "<local>"
	}
	for name, text := range map[string]string{"Description": f.Description, "ExtraTypeInfo": f.ExtraTypeInfo, "RelationshipName": f.RelationshipName} {
		definition[name] = nilIfEmpty(text)
	}
	return definition
}

// fieldKey names a field within its object for good.
func fieldKey(f *field) string {
	if f.id != "" {
		return shortID(f.id)
	}
	return f.Name
}

// jsonText is a value as a field of type complexvalue holds it.
func jsonText(v any) string {
	b, err := json.Marshal(v)
	if err != nil {
		return "null"
	}
	return string(b)
}

func customFieldRecord(obj *object, f *field, entity string) map[string]any {
	record := map[string]any{
		"Id": f.id, "EntityDefinition": entity, "EntityDefinitionId": obj.durableID(), "TableEnumOrId": obj.durableID(),
		"DeveloperName": strings.TrimSuffix(f.Name, "__c"), "FullName": obj.Name + "." + f.Name, "Metadata": jsonText(describeMetadata(f)),
		"ManageableState": "unmanaged", "Description": nilIfEmpty(f.Description), "InlineHelpText": nilIfEmpty(f.HelpText),
		"RelationshipLabel": nilIfEmpty(f.ChildRelationship),
	}
	if f.Length > 0 && f.isText() {
		record["Length"] = float64(f.Length)
	}
	if isDecimal(f.Type) {
		record["Precision"], record["Scale"] = float64(f.Precision), float64(f.Scale)
	}
	return record
}

func customObjectRecord(obj *object) map[string]any {
	name, _ := obj.field("Name")
	nameField := map[string]any{"type": "Text", "label": name.Label, "displayFormat": nil}
	if name.AutoNumber {
		nameField["type"], nameField["displayFormat"] = "AutoNumber", name.DisplayFormat
	}
	return map[string]any{
		"Id": obj.id, "DeveloperName": strings.TrimSuffix(obj.Name, "__c"), "FullName": obj.Name, "SharingModel": "Edit",
		"ManageableState": "unmanaged", "Metadata": jsonText(map[string]any{
			"label": obj.Label, "pluralLabel": obj.LabelPlural, "nameField": nameField, "deploymentStatus": "Deployed", "sharingModel": "ReadWrite",
		}),
	}
}

func validationRecord(v *validation, entity string) map[string]any {
	return map[string]any{
		"Id": v.id, "EntityDefinition": entity, "EntityDefinitionId": v.object.durableID(), "ValidationName": v.Name,
		"Active": v.Active, "Description": nilIfEmpty(v.Description), "ErrorDisplayField": nilIfEmpty(v.Field), "ErrorMessage": v.Message,
		"FullName": v.Object + "." + v.Name, "ManageableState": "unmanaged", "Metadata": jsonText(ruleMetadata{
			Active: v.Active, Description: v.Description, ErrorConditionFormula: v.Formula, ErrorDisplayField: v.Field, ErrorMessage: v.Message,
		}),
	}
}
