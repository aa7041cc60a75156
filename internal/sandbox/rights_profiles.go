package sandbox

import (
	"strings"

	"conversion/internal/sandbox/schema"
	"conversion/internal/sandbox/table"
)

// profileKind is a standard profile: what users of it may do unless somebody
// changes it.
type profileKind struct {
	name, license string
	system        systemPermission
	objects       objectPermission // on every object with permissions of its own
	fields        fieldPermission  // on every field that can be hidden
	except        map[string]objectPermission
}

// The names of the standard profiles.
const (
	adminProfile    = "System Administrator"
	standardProfile = "Standard User"
	minimumProfile  = "Minimum Access - Salesforce"
	apiOnlyProfile  = "Salesforce API Only System Integrations"
)

// everySystemPermission is what an administrator has: all but those that have to
// be given on purpose.
const everySystemPermission = 1<<31 - 1 - setAuditFields - updateWithInactiveOwner - editConvertedLeads - bulkHardDelete

var standardProfiles = []profileKind{
	{name: adminProfile, license: "Salesforce", system: everySystemPermission, objects: everyPermission, fields: mayReadField | mayEditField},
	{name: standardProfile, license: "Salesforce", system: apiEnabled | convertLeads | accessActivities | editTasks | editEvents,
		objects: mayRead | mayCreate | mayEdit | mayDelete, fields: mayReadField | mayEditField,
		except: map[string]objectPermission{"Campaign": mayRead, "Product2": mayRead, "Pricebook2": mayRead}},
	{name: minimumProfile, license: "Salesforce", system: accessActivities},
	{name: apiOnlyProfile, license: "Salesforce Integration", system: apiEnabled},
}

// seed stores a record of the org's own furniture, made by the administrator,
// past all rules.
func (o *Org) seed(name string, values map[string]any) string {
	obj := o.objects[strings.ToLower(name)]
	id, _ := values["Id"].(string)
	if id == "" {
		id = o.newID(obj)
	}
	packed := make([]any, obj.columns)
	now := o.clock.second()
	set := func(field string, v any) {
		if column, ok := obj.column(field); ok && v != false {
			packed[column] = v
		}
	}
	for _, field := range []string{"CreatedDate", "LastModifiedDate"} {
		set(field, now)
	}
	for _, field := range []string{"CreatedById", "LastModifiedById"} {
		set(field, recordID("005", o.pod, 1))
	}
	for field, v := range values {
		set(field, v)
	}
	obj.rows.Put(table.Row{ID: id, Stamp: now, Data: table.Pack(packed)})
	return id
}

// seedProfiles makes the licences, the profiles and the permission sets that
// belong to them.
func (o *Org) seedProfiles() {
	licenses := map[string]string{}
	for _, license := range []struct{ name, key string }{{"Salesforce", "SFDC"}, {"Salesforce Integration", "SFDC_INTEGRATION"}} {
		licenses[license.name] = o.seed("UserLicense", map[string]any{
			"Name": license.name, "MasterLabel": license.name, "LicenseDefinitionKey": license.key, "Status": "Active",
			"TotalLicenses": 100.0, "UsedLicenses": 0.0,
		})
	}
	for _, kind := range standardProfiles {
		o.seedProfile(kind, licenses[kind.license])
	}
}

func (o *Org) seedProfile(kind profileKind, license string) {
	values := map[string]any{"Name": kind.name, "UserType": "Standard", "UserLicenseId": license}
	for _, p := range systemPermissions {
		values[p.field] = kind.system&p.bit != 0
	}
	profile := o.seed("Profile", values)
	values["Name"], values["Label"] = "X"+profile, profile
	values["ProfileId"], values["LicenseId"], values["IsOwnedByProfile"], values["Type"] = profile, license, true, "Profile"
	set := o.seed("PermissionSet", values)
	o.openings = append(o.openings, opening{set, kind})
}

// opening is a permission set that grants access to whatever the org gets.
type opening struct {
	set  string
	kind profileKind
}

// openObject gives the standard profiles access to an object and its fields.
func (o *Org) openObject(obj *object) {
	for _, to := range o.openings {
		granted := to.kind.objects
		if except, ok := to.kind.except[obj.Name]; ok {
			granted = except
		}
		if granted == 0 || !obj.hasPermissions() {
			continue
		}
		values := map[string]any{"ParentId": to.set, "SobjectType": obj.Name}
		for _, p := range objectPermissions {
			values[p.field] = granted&p.bit != 0
		}
		o.seed("ObjectPermissions", values)
	}
	for _, f := range obj.fields {
		o.openField(obj, f)
	}
	o.permissionsChanged()
}

// openField gives the standard profiles access to a field.
func (o *Org) openField(obj *object, f *field) {
	for _, to := range o.openings {
		if !f.Permissionable || to.kind.fields == 0 {
			continue
		}
		o.seed("FieldPermissions", map[string]any{
			"ParentId": to.set, "SobjectType": obj.Name, "Field": obj.Name + "." + f.Name, "PermissionsRead": true,
			"PermissionsEdit": to.kind.fields&mayEditField != 0 && (f.Createable || f.Updateable),
		})
	}
	o.permissionsChanged()
}

// gainField adds a field, which the standard profiles may then see and edit.
func (o *Org) gainField(obj *object, described schema.Field) {
	o.openField(obj, obj.addField(described))
}

// loseField removes a field and the permissions on it.
func (o *Org) loseField(obj *object, f *field) {
	obj.removeField(f)
	permissions := o.standard("FieldPermissions")
	var gone []string
	for row := range permissions.latest(permissions.must("Field"), obj.Name+"."+f.Name) {
		gone = append(gone, row.ID)
	}
	for _, id := range gone {
		permissions.rows.Drop(id)
	}
	o.permissionsChanged()
}

// fieldNamed finds a field by its name with the object's, such as Lead.Title.
func (o *Org) fieldNamed(name string) (*field, bool) {
	object, fieldName, _ := strings.Cut(name, ".")
	obj, ok := o.object(object)
	if !ok {
		return nil, false
	}
	return obj.field(fieldName)
}
