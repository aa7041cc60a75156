package sandbox

import (
	"iter"
	"strings"
)

// rights is what one user may see and do: objects, fields and system
// permissions. Everything that a client is shown or may write goes by it. A
// value is made once for a user and then only read; it is replaced when
// permissions change (see rightsOf).
type rights struct {
	org  *Org
	user string
	// unlimited is set for what somebody does in Salesforce itself, by the admin
	// API or from Go: permissions do not bind it.
	unlimited bool
	system    systemPermission
	onObjects map[*object]objectPermission
	onFields  map[*field]fieldPermission
	circle    circle
}

// objectPermission is a set of what may be done with the records of an object.
type objectPermission uint8

const (
	mayRead objectPermission = 1 << iota
	mayCreate
	mayEdit
	mayDelete
	mayViewAll   // whatever sharing says
	mayModifyAll // whatever sharing says
)

// fieldPermission is a set of what may be done with a field.
type fieldPermission uint8

const (
	mayReadField fieldPermission = 1 << iota
	mayEditField
)

// systemPermission is a set of permissions that no object or field has.
type systemPermission uint32

const (
	apiEnabled systemPermission = 1 << iota
	viewAllData
	modifyAllData
	modifyMetadata
	customizeApplication
	manageUsers
	assignPermissionSets
	managePermissionSets
	manageSharing
	setAuditFields // when a record is created
	updateWithInactiveOwner
	editConvertedLeads
	convertLeads
	transferLeads
	transferRecords
	accessActivities
	editTasks
	editEvents
	bulkHardDelete
)

// rights is what the user of the session may do. The caller holds the lock.
func (c *call) rights() *rights { return c.org.rightsOf(c.user) }

// has says whether the user has a system permission.
func (r *rights) has(p systemPermission) bool { return r.unlimited || r.system&p != 0 }

// given says whether a permission set grants the user a system permission: one
// that takes away a rule which binds everybody else, whoever is not bound by
// permissions too.
func (r *rights) given(p systemPermission) bool { return r.system&p != 0 }

// may says whether the user has a permission on an object.
func (r *rights) may(p objectPermission, obj *object) bool {
	return r.unlimited || r.onObjects[obj]&p != 0
}

// object finds an object, by name in any case, whose records the user may read.
func (r *rights) object(name string) (*object, bool) {
	obj, ok := r.org.object(name)
	if !ok || !r.may(mayRead, obj) {
		return nil, false
	}
	return obj, true
}

// sees says whether the user may read a field.
func (r *rights) sees(f *field) bool {
	return r.unlimited || !f.hidden && (!f.Permissionable || r.onFields[f]&mayReadField != 0)
}

// field finds a field, by name in any case, that the user may read.
func (r *rights) field(obj *object, name string) (*field, bool) {
	f, ok := obj.field(name)
	if !ok || !r.sees(f) {
		return nil, false
	}
	return f, true
}

// fields yields the fields that the user may read, in describe order.
func (r *rights) fields(obj *object) iter.Seq[*field] {
	return func(yield func(*field) bool) {
		for _, f := range obj.fields {
			if r.sees(f) && !yield(f) {
				return
			}
		}
	}
}

// relationship finds the lookup of a relationship name, if the user may read it
// and what it leads to.
func (r *rights) relationship(obj *object, name string) (*field, bool) {
	if obj == nil {
		return nil, false
	}
	for f := range r.fields(obj) {
		if f.RelationshipName != "" && strings.EqualFold(f.RelationshipName, name) {
			return f, true
		}
	}
	return nil, false
}

// writes says whether the user may give a field a value in a save of some kind.
func (r *rights) writes(f *field, how access) bool {
	switch {
	case f.Calculated || f.column == columnCompound || f.AutoNumber && how != importing:
		return false
	case how == importing:
		return true
	case !r.unlimited && f.Permissionable && r.onFields[f]&mayEditField == 0:
		return false
	case how == creating:
		return f.Createable || auditFields[f.Name] && r.given(setAuditFields)
	}
	return f.Updateable
}

// auditFields may be set on creation with the permission to do so.
var auditFields = map[string]bool{"CreatedById": true, "CreatedDate": true, "LastModifiedById": true, "LastModifiedDate": true}
