package sandbox

import (
	"slices"
	"sync"

	"conversion/internal/sandbox/table"
)

// heldRights keeps the rights of users until permissions change.
type heldRights struct {
	mu sync.Mutex
	of map[string]*rights
	// changed is when a permission last changed, in Unix seconds: what describe
	// says of an object is then no longer what it was.
	changed int64
}

func newHeldRights(now int64) *heldRights { return &heldRights{of: map[string]*rights{}, changed: now} }

// rightsOf looks up what a user may do. The caller holds the lock.
func (o *Org) rightsOf(user string) *rights {
	o.held.mu.Lock()
	defer o.held.mu.Unlock()
	r, ok := o.held.of[user]
	if !ok {
		r = o.grantedTo(user)
		o.held.of[user] = r
	}
	return r
}

// rightsFor looks up what binds an actor. The caller holds the lock.
func (o *Org) rightsFor(as Actor) *rights {
	if as.bound {
		return o.rightsOf(as.id)
	}
	return &rights{org: o, user: as.id, unlimited: true}
}

// permissionsChanged makes every user's rights be looked up anew.
func (o *Org) permissionsChanged() {
	o.held.mu.Lock()
	defer o.held.mu.Unlock()
	if len(o.held.of) > 0 {
		clear(o.held.of)
	}
	o.held.changed = max(o.clock.second(), o.held.changed+1)
}

// describedAt is when what describe says of an object last changed, for whoever
// asks.
func (o *Org) describedAt(obj *object) int64 {
	o.held.mu.Lock()
	defer o.held.mu.Unlock()
	return max(obj.changed, o.held.changed)
}

// permissionObjects are those whose rows say who may do what.
var permissionObjects = map[string]bool{
	"User": true, "PermissionSet": true, "PermissionSetAssignment": true, "ObjectPermissions": true, "FieldPermissions": true,
	"UserRole": true, "Group": true, "GroupMember": true,
}

// systemPermissions are the fields of a permission set that are no object's.
var systemPermissions = []struct {
	bit   systemPermission
	field string
}{
	{apiEnabled, "PermissionsApiEnabled"},
	{viewAllData, "PermissionsViewAllData"},
	{modifyAllData, "PermissionsModifyAllData"},
	{modifyMetadata, "PermissionsModifyMetadata"},
	{customizeApplication, "PermissionsCustomizeApplication"},
	{manageUsers, "PermissionsManageUsers"},
	{assignPermissionSets, "PermissionsAssignPermissionSets"},
	{managePermissionSets, "PermissionsManageProfilesPermissionsets"},
	{manageSharing, "PermissionsManageSharing"},
	{setAuditFields, "PermissionsCreateAuditFields"},
	{updateWithInactiveOwner, "PermissionsUpdateWithInactiveOwner"},
	{editConvertedLeads, "PermissionsAllowViewEditConvertedLeads"},
	{convertLeads, "PermissionsConvertLeads"},
	{transferLeads, "PermissionsTransferAnyLead"},
	{transferRecords, "PermissionsTransferAnyEntity"},
	{accessActivities, "PermissionsActivitiesAccess"},
	{editTasks, "PermissionsEditTask"},
	{editEvents, "PermissionsEditEvent"},
	{bulkHardDelete, "PermissionsBulkApiHardDelete"},
}

// objectPermissions are the fields of ObjectPermissions.
var objectPermissions = []struct {
	bit   objectPermission
	field string
	word  string // in the admin API
}{
	{mayRead, "PermissionsRead", "read"},
	{mayCreate, "PermissionsCreate", "create"},
	{mayEdit, "PermissionsEdit", "edit"},
	{mayDelete, "PermissionsDelete", "delete"},
	{mayViewAll, "PermissionsViewAllRecords", "viewAll"},
	{mayModifyAll, "PermissionsModifyAllRecords", "modifyAll"},
}

// grantedTo adds up what a user's permission sets grant, the profile's among
// them.
func (o *Org) grantedTo(user string) *rights {
	r := &rights{org: o, user: user, circle: o.circleOf(user), onObjects: map[*object]objectPermission{}, onFields: map[*field]fieldPermission{}}
	assignments := o.standard("PermissionSetAssignment")
	for row := range assignments.latest(assignments.must("AssigneeId"), user) {
		r.add(row.Text(mustColumn(assignments, "PermissionSetId")))
	}
	if r.system&modifyAllData != 0 {
		r.system |= viewAllData
	}
	granted := r.onObjects
	r.onObjects = make(map[*object]objectPermission, len(o.objects))
	for _, obj := range o.objects {
		r.onObjects[obj] = r.on(obj, granted)
	}
	return r
}

// add adds what one permission set grants.
func (r *rights) add(set string) {
	sets := r.org.standard("PermissionSet")
	row, ok := sets.rows.Find(set)
	if !ok {
		return
	}
	for _, p := range systemPermissions {
		if row.Get(mustColumn(sets, p.field)) == true {
			r.system |= p.bit
		}
	}
	r.addObjects(set)
	r.addFields(set)
}

func (r *rights) addObjects(set string) {
	permissions := r.org.standard("ObjectPermissions")
	for row := range permissions.latest(permissions.must("ParentId"), set) {
		if obj, ok := r.org.object(row.Text(mustColumn(permissions, "SobjectType"))); ok {
			r.onObjects[obj] |= objectPermissionOf(permissions, row)
		}
	}
}

func objectPermissionOf(permissions *object, row *table.Row) objectPermission {
	var granted objectPermission
	for _, p := range objectPermissions {
		if row.Get(mustColumn(permissions, p.field)) == true {
			granted |= p.bit
		}
	}
	return granted
}

func (r *rights) addFields(set string) {
	permissions := r.org.standard("FieldPermissions")
	read, edit := mustColumn(permissions, "PermissionsRead"), mustColumn(permissions, "PermissionsEdit")
	for row := range permissions.latest(permissions.must("ParentId"), set) {
		f, ok := r.org.fieldNamed(row.Text(mustColumn(permissions, "Field")))
		if !ok {
			continue
		}
		if row.Get(read) == true {
			r.onFields[f] |= mayReadField
		}
		if row.Get(edit) == true {
			r.onFields[f] |= mayReadField | mayEditField
		}
	}
}

// Everything that may be done with records.
const everyPermission = mayRead | mayCreate | mayEdit | mayDelete | mayViewAll | mayModifyAll

// on says what a user may do with the records of an object, given what the
// permission sets grant.
func (r *rights) on(obj *object, granted map[*object]objectPermission) objectPermission {
	switch {
	case obj.hasPermissions():
		return granted[obj] | r.allData()
	case obj.Name == "Task":
		return r.allData() | r.onActivities(editTasks)
	case obj.Name == "Event":
		return r.allData() | r.onActivities(editEvents)
	case goesWith[obj.Name] != "":
		parent, _ := r.org.object(goesWith[obj.Name])
		if parent == nil {
			return 0
		}
		p := r.on(parent, granted)
		if p&mayEdit != 0 {
			p |= mayCreate | mayDelete
		}
		return p
	case setUpWith[obj.Name] != 0 && r.system&setUpWith[obj.Name] == 0:
		return mayRead | mayViewAll
	}
	return everyPermission
}

// allData is what the permissions over all data grant on every object.
func (r *rights) allData() objectPermission {
	switch {
	case r.system&modifyAllData != 0:
		return everyPermission
	case r.system&viewAllData != 0:
		return mayRead | mayViewAll
	}
	return 0
}

func (r *rights) onActivities(edit systemPermission) objectPermission {
	switch {
	case r.system&accessActivities == 0:
		return 0
	case r.system&edit == 0:
		return mayRead
	}
	return mayRead | mayCreate | mayEdit | mayDelete
}

// hasPermissions says whether a permission set can grant what may be done with
// an object's records.
func (o *object) hasPermissions() bool { return o.Custom || slices.Contains(permittedObjects, o.Name) }

// permittedObjects are the standard objects with permissions of their own.
var permittedObjects = []string{"Account", "Campaign", "Case", "Contact", "Contract", "Lead", "Opportunity", "Order", "Product2", "Pricebook2"}

// goesWith names, for an object without permissions of its own, the one whose
// permissions count.
var goesWith = map[string]string{
	"CampaignMember": "Campaign", "CampaignMemberStatus": "Campaign", "OpportunityContactRole": "Opportunity",
	"OpportunityLineItem": "Opportunity", "AccountContactRelation": "Account", "AccountContactRole": "Account",
	"TaskRelation": "Task", "TaskWhoRelation": "Task", "EventRelation": "Event", "EventWhoRelation": "Event",
	"CaseComment": "Case", "CaseContactRole": "Case",
}

// setUpWith names the permission by which the records of an object are written;
// everybody may read them.
var setUpWith = map[string]systemPermission{
	"User": manageUsers, "UserRole": manageUsers, "Group": manageUsers, "GroupMember": manageUsers, "QueueSobject": manageUsers,
	"PermissionSet": managePermissionSets, "ObjectPermissions": managePermissionSets, "FieldPermissions": managePermissionSets,
	"PermissionSetAssignment": assignPermissionSets, "Organization": customizeApplication,
}
