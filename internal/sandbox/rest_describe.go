package sandbox

import (
	"net/http"
	"strings"

	"conversion/internal/sandbox/schema"
)

// objectOr404 finds the object in the path, if the user may read it. The caller holds the lock.
func (c *call) objectOr404() (*object, *Error) {
	obj, ok := c.rights().object(c.params["object"])
	if !ok {
		return nil, notFound()
	}
	return obj, nil
}

func (c *call) describeGlobal() *Error {
	defer c.view()()
	changed := int64(0)
	listed := []map[string]any{}
	for _, name := range c.org.objectNames() {
		obj, ok := c.rights().object(name)
		if !ok {
			continue
		}
		listed = append(listed, c.summary(obj, c.rights()))
		changed = max(changed, c.org.describedAt(obj))
	}
	revision := revision{changed, entityTag("global", changed)}
	if handled, err := c.conditional(revision); handled {
		return err
	}
	revision.stamp(c)
	return c.json(http.StatusOK, map[string]any{"encoding": "UTF-8", "maxBatchSize": maxCollection, "sobjects": listed})
}

// describeRevision is the state of an object's description.
func (c *call) describeRevision(obj *object) revision {
	changed := c.org.describedAt(obj)
	return revision{changed, entityTag(obj.Name, changed)}
}

// describable finds the object in the path; the pseudo-object Name has a
// description too.
func (c *call) describable() (*object, *Error) {
	if strings.EqualFold(c.params["object"], nameObject.Name) {
		return nameObject, nil
	}
	return c.objectOr404()
}

func (c *call) describe() *Error {
	return c.ofObject(c.describable, func(obj *object) *Error { return c.json(http.StatusOK, c.described(obj, c.rights())) })
}

// ofObject answers with what is told of the object in the path, unless a condition
// of the request says otherwise.
func (c *call) ofObject(find func() (*object, *Error), answer func(*object) *Error) *Error {
	defer c.view()()
	obj, err := find()
	if err != nil {
		return err
	}
	revision := c.describeRevision(obj)
	if handled, err := c.conditional(revision); handled {
		return err
	}
	revision.stamp(c)
	return answer(obj)
}

// summary is an object's entry in the global describe.
func (c *call) summary(obj *object, r *rights) map[string]any {
	path := c.base() + "/sobjects/" + obj.Name
	return map[string]any{
		"activateable": false, "associateEntityType": nil, "associateParentEntity": nil,
		"createable": obj.Createable && r.may(mayCreate, obj), "custom": obj.Custom, "customSetting": false, "deepCloneable": obj.Name == "Opportunity",
		"deletable": obj.Deletable && r.may(mayDelete, obj), "deprecatedAndHidden": false, "feedEnabled": obj.hasFeed(), "hasSubtypes": false,
		"isInterface": false, "isSubtype": false, "keyPrefix": nilIfEmpty(obj.KeyPrefix), "label": obj.Label,
		"labelPlural": obj.LabelPlural, "layoutable": obj.inUI(), "mergeable": obj.Mergeable && r.may(mayDelete, obj), "mruEnabled": obj.inUI(),
		"name": obj.Name, "queryable": obj.Queryable, "replicateable": true, "retrieveable": true,
		"searchable": obj.inUI(), "triggerable": true, "undeletable": obj.Undeletable && r.may(mayDelete, obj), "updateable": obj.Updateable && r.may(mayEdit, obj),
		"urls": obj.urls(path),
	}
}

// described is the whole description of an object, as a user with these rights
// sees it.
func (c *call) described(obj *object, rights *rights) map[string]any {
	fields := []map[string]any{}
	for f := range rights.fields(obj) {
		if f.Type != schema.JunctionIDList {
			fields = append(fields, describedField(rights, obj, f))
		}
	}
	d := c.summary(obj, rights)
	d["urls"] = obj.describedURLs(c.base()+"/sobjects/"+obj.Name, c.origin())
	for key, v := range map[string]any{
		"actionOverrides": []any{}, "childRelationships": c.childRelationships(obj), "compactLayoutable": obj.inUI(),
		"defaultImplementation": nil, "extendedBy": nil, "extendsInterfaces": nil, "implementedBy": nil,
		"implementsInterfaces": nil, "fields": fields, "listviewable": nil, "lookupLayoutable": nil,
		"namedLayoutInfos": []any{}, "networkScopeFieldName": nil, "recordTypeInfos": c.recordTypes(obj),
		"searchLayoutable": obj.inUI(), "sobjectDescribeOption": "FULL",
		"supportedScopes": obj.scopes(),
	} {
		d[key] = v
	}
	return d
}

// recordTypes are the master record type only.
func (c *call) recordTypes(obj *object) []map[string]any {
	const master = "012000000000000AAA"
	return []map[string]any{{
		"active": true, "available": true, "defaultRecordTypeMapping": true, "developerName": "Master", "master": true,
		"name": "Master", "recordTypeId": master,
		"urls": map[string]string{"layout": c.base() + "/sobjects/" + obj.Name + "/describe/layouts/" + master},
	}}
}

func (c *call) childRelationships(obj *object) []map[string]any {
	children := []map[string]any{}
	for _, child := range obj.Children {
		children = append(children, map[string]any{
			"cascadeDelete": child.CascadeDelete, "childSObject": child.ChildSObject, "deprecatedAndHidden": false,
			"field": child.Field, "junctionIdListNames": append([]string{}, child.JunctionIDLists...),
			"junctionReferenceTo": append([]string{}, child.JunctionTo...),
			"relationshipName":    nilIfEmpty(child.RelationshipName), "restrictedDelete": child.RestrictedDelete,
		})
	}
	return children
}

// soapTypes are the SOAP names of the types that are not xsd:string.
var soapTypes = map[schema.Type]string{
	schema.ID: "tns:ID", schema.Reference: "tns:ID", schema.Boolean: "xsd:boolean", schema.Int: "xsd:int",
	schema.Long: "xsd:long", schema.Double: "xsd:double", schema.Currency: "xsd:double", schema.Percent: "xsd:double",
	schema.Date: "xsd:date", schema.DateTime: "xsd:dateTime", schema.Time: "xsd:time", schema.Address: "urn:address",
	schema.Location: "urn:location",
	schema.Base64:   "xsd:base64Binary", schema.ComplexValue: "xsd:anyType",
}

// describedField writes every key that a describe has, as it is for one user.
func describedField(r *rights, obj *object, f *field) map[string]any {
	soap, ok := soapTypes[f.Type]
	if !ok {
		soap = "xsd:string"
	}
	isID := f.Type == schema.ID || f.Type == schema.Reference
	bytes := f.Length * 3
	if isID {
		bytes = f.Length
	}
	return map[string]any{
		"aggregatable": f.aggregatable(), "aiPredictionField": false, "autoNumber": f.AutoNumber, "byteLength": bytes,
		"calculated": f.Calculated, "calculatedFormula": nilIfEmpty(f.Formula), "cascadeDelete": f.MasterDetail,
		"caseSensitive": f.CaseSensitive, "compoundFieldName": nilIfEmpty(f.CompoundFieldName), "controllerName": nilIfEmpty(f.Controller),
		"createable": r.writes(f, creating), "custom": f.Custom, "dataTranslationEnabled": nil, "defaultValue": f.DefaultValue,
		"defaultValueFormula": nilIfEmpty(f.DefaultFormula), "defaultedOnCreate": f.DefaultedOnCreate, "dependentPicklist": f.Controller != "",
		"deprecatedAndHidden": false, "digits": f.Digits, "displayLocationInDecimal": f.DisplayInDecimal, "encrypted": f.Type == schema.EncryptedString,
		"externalId": f.ExternalID, "extraTypeInfo": nilIfEmpty(f.ExtraTypeInfo), "filterable": f.Filterable,
		"filteredLookupInfo": nil, "formulaTreatNullNumberAsZero": f.BlankAsZero, "groupable": f.Groupable,
		"highScaleNumber": false, "htmlFormatted": f.HTMLFormatted, "idLookup": f.IDLookup, "inlineHelpText": nilIfEmpty(f.HelpText),
		"label": f.Label, "length": f.Length, "mask": nilIfEmpty(f.maskCharacter()), "maskType": nilIfEmpty(f.MaskType), "name": f.Name, "nameField": f.NameField,
		"namePointing": f.NamePointing, "nillable": f.Nillable, "permissionable": f.Permissionable,
		"picklistValues": picklistValues(obj, f), "polymorphicForeignKey": len(f.ReferenceTo) > 1, "precision": f.Precision,
		"queryByDistance": f.Type == schema.Address || f.Type == schema.Location, "referenceTargetField": nil, "referenceTo": append([]string{}, f.ReferenceTo...),
		"relationshipName": nilIfEmpty(f.RelationshipName), "relationshipOrder": relationshipOrder(f), "restrictedDelete": false,
		"restrictedPicklist": f.RestrictedPicklist, "scale": f.Scale, "searchPrefilterable": f.searchPrefilterable(),
		"soapType": soap, "sortable": f.Sortable, "type": string(f.Type), "unique": f.Unique,
		"updateable": r.writes(f, updating), "writeRequiresMasterRead": false,
	}
}

func picklistValues(obj *object, f *field) []map[string]any {
	values, controller := []map[string]any{}, obj.byController(f)
	for _, p := range f.Picklist {
		values = append(values, map[string]any{
			"active": p.Active, "defaultValue": p.Default, "label": p.Label, "validFor": validFor(p, controller), "value": p.Value,
		})
	}
	return values
}

// relationshipOrder tells the first master from a second: ours have one.
func relationshipOrder(f *field) any {
	if f.MasterDetail {
		return 0
	}
	return nil
}
