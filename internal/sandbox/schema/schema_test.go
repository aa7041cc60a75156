package schema

import (
	"reflect"
	"slices"
	"strings"
	"testing"
)

func TestStandardObjectsHaveTheirPrefixes(t *testing.T) {
	t.Parallel()
	objects := Standard()
	prefixes := map[string]string{
		"Profile": "00e", "PermissionSet": "0PS", "PermissionSetAssignment": "0Pa", "Group": "00G",
		"Lead": "00Q", "Contact": "003", "Account": "001", "Task": "00T", "Event": "00U", "User": "005",
		"Organization": "00D", "Opportunity": "006", "Campaign": "701", "CampaignMember": "00v", "Case": "500",
		"OpportunityLineItem": "00k", "OpportunityContactRole": "00K", "EventRelation": "0RE", "RecordType": "012",
		"Attachment": "00P", "Note": "002", "Product2": "01t", "Pricebook2": "01s", "PricebookEntry": "01u",
		"Contract": "800", "Asset": "02i", "LeadStatus": "01J", "RecentlyViewed": "",
	}
	for name, prefix := range prefixes {
		object := objects[name]
		if object == nil || object.Name != name || object.KeyPrefix != prefix {
			t.Errorf("Standard()[%q] = %+v, want the object with prefix %s", name, object, prefix)
		}
	}
	owners := map[string]string{}
	for name, object := range objects {
		// Lists of values share a prefix, views that of what they show.
		shared := object.KeyPrefix == "" || object.KeyPrefix == "01J" || object.View != ""
		if other := owners[object.KeyPrefix]; other != "" && !shared {
			t.Errorf("%s and %s share the prefix %s", name, other, object.KeyPrefix)
		}
		owners[object.KeyPrefix] = name
	}
}

func TestFeaturesBringTheirObjectsFieldsAndRelations(t *testing.T) {
	t.Parallel()
	plain, shared := Standard(), Standard(SharedActivities, PersonAccounts)
	for _, name := range []string{"TaskRelation", "TaskWhoRelation", "EventWhoRelation"} {
		if plain[name] != nil || shared[name] == nil {
			t.Errorf("%s does not come with shared activities", name)
		}
	}
	for _, path := range []string{"Task.WhoCount", "Task.TaskWhoIds", "Event.EventWhoIds", "EventRelation.IsWhat", "Account.PersonEmail", "Contact.IsPersonAccount"} {
		object, name, _ := strings.Cut(path, ".")
		if _, ok := plain[object].Field(name); ok {
			t.Errorf("every org has %s", path)
		}
		if _, ok := shared[object].Field(name); !ok {
			t.Errorf("no feature brings %s", path)
		}
	}
	hasRelations := func(o *Object) bool {
		return slices.ContainsFunc(o.Children, func(c Child) bool { return c.ChildSObject == "TaskRelation" })
	}
	if hasRelations(plain["Task"]) || !hasRelations(shared["Task"]) {
		t.Error("the relation to TaskRelation does not come with shared activities")
	}
}

func TestStandardReturnsCopiesThatTheCallerOwns(t *testing.T) {
	t.Parallel()
	mine := Standard()
	rating, _ := mine["Lead"].Field("Rating")
	rating.Picklist[0].Value = "Scorching"
	owner, _ := mine["Lead"].Field("OwnerId")
	owner.ReferenceTo[0] = "Nobody"
	mine["Lead"].Fields = append(mine["Lead"].Fields, Field{Name: "Tier__c"})
	mine["Lead"].Children[0].ChildSObject = "Nothing"

	other := Standard()["Lead"]
	rating, _ = other.Field("Rating")
	owner, _ = other.Field("OwnerId")
	if rating.Picklist[0].Value != "Hot" || owner.ReferenceTo[0] != "Group" || other.Children[0].ChildSObject == "Nothing" {
		t.Error("a change of one copy shows in another")
	}
	if _, ok := other.Field("Tier__c"); ok {
		t.Error("a field added to one copy shows in another")
	}
}

func TestFieldIsFoundInAnyCase(t *testing.T) {
	t.Parallel()
	lead := Standard()["Lead"]
	for _, name := range []string{"LastName", "lastname", "LASTNAME"} {
		if f, ok := lead.Field(name); !ok || f.Name != "LastName" {
			t.Errorf("Field(%q) = %v, %v; want LastName", name, f, ok)
		}
	}
	if _, ok := lead.Field("Shoe_Size__c"); ok {
		t.Error("Field finds what is not there")
	}
}

func TestFieldsSayWhatAWriteMayDo(t *testing.T) {
	t.Parallel()
	tests := []struct {
		field string
		check func(Field) bool
		says  string
	}{
		{"Lead.LastName", func(f Field) bool { return f.Createable && !f.Nillable && !f.DefaultedOnCreate }, "is required"},
		{"Lead.Company", func(f Field) bool { return f.Createable && !f.Nillable && !f.DefaultedOnCreate }, "is required"},
		{"Lead.Status", func(f Field) bool { return f.DefaultedOnCreate && f.DefaultValue == "Open - Not Contacted" }, "has a default"},
		{"Task.Status", func(f Field) bool { return f.DefaultedOnCreate && f.DefaultValue == "Not Started" }, "has a default"},
		{"Task.Priority", func(f Field) bool { return f.DefaultedOnCreate && f.DefaultValue == "Normal" }, "has a default"},
		{"Contact.HasOptedOutOfEmail", func(f Field) bool { return f.DefaultValue == false && f.Permissionable }, "is false by default and can be hidden"},
		{"Lead.IsUnreadByOwner", func(f Field) bool { return f.DefaultValue == true }, "is true by default"},
		{"Lead.EmailBouncedDate", func(f Field) bool { return !f.Createable && f.Updateable }, "can be updated, not created"},
		{"Contact.EmailBouncedDate", func(f Field) bool { return f.Createable && f.Updateable }, "can be created and updated"},
		{"Lead.IsConverted", func(f Field) bool { return !f.Updateable }, "cannot be updated"},
		{"Lead.Email", func(f Field) bool { return f.IDLookup && !f.Unique }, "is a key of upserts, not unique"},
		{"Lead.Description", func(f Field) bool { return !f.Filterable && !f.Sortable && !f.Groupable }, "is out of reach of WHERE"},
		{"Lead.Address", func(f Field) bool { return f.Filterable && !f.Sortable && !f.Createable }, "is a compound"},
		{"Task.WhoId", func(f Field) bool { return f.NamePointing && f.RelationshipName == "Who" }, "points at two objects"},
		{"Lead.LastName", func(f Field) bool { return !f.Permissionable }, "cannot be hidden"},
		{"Lead.Title", func(f Field) bool { return f.Permissionable }, "can be hidden"},
	}
	objects := Standard()
	for _, test := range tests {
		f := mustField(t, objects, test.field)
		if !test.check(f) {
			t.Errorf("%s %s: got %+v", test.field, test.says, f)
		}
	}
}

func TestChildrenMirrorTheReferences(t *testing.T) {
	t.Parallel()
	tests := []struct {
		parent string
		want   Child
	}{
		{"Account", Child{ChildSObject: "Contact", Field: "AccountId", RelationshipName: "Contacts", CascadeDelete: true}},
		{"Account", Child{ChildSObject: "Account", Field: "ParentId", RelationshipName: "ChildAccounts"}},
		{"Account", Child{ChildSObject: "Task", Field: "AccountId"}},
		{"Lead", Child{ChildSObject: "Task", Field: "WhoId", RelationshipName: "Tasks", CascadeDelete: true}},
		{"Contact", Child{ChildSObject: "Event", Field: "WhoId", RelationshipName: "Events", CascadeDelete: true}},
		{"User", Child{ChildSObject: "Lead", Field: "OwnerId"}},
	}
	objects := Standard()
	for _, test := range tests {
		found := false
		for _, child := range objects[test.parent].Children {
			found = found || reflect.DeepEqual(child, test.want)
		}
		if !found {
			t.Errorf("%s lacks the child %+v", test.parent, test.want)
		}
	}
}

func TestDefaultsOfPicklistsAreAmongTheirValues(t *testing.T) {
	t.Parallel()
	for _, object := range Standard() {
		for _, f := range object.Fields {
			text, ok := f.DefaultValue.(string)
			if !ok || len(f.Picklist) == 0 {
				continue
			}
			found := false
			for _, v := range f.Picklist {
				found = found || v.Value == text
			}
			if !found {
				t.Errorf("%s.%s defaults to %q, which it does not offer", object.Name, f.Name, text)
			}
		}
	}
}

func TestComponentsBelongToACompoundOfTheirObject(t *testing.T) {
	t.Parallel()
	for _, object := range Standard() {
		for _, f := range object.Fields {
			if f.CompoundFieldName == "" {
				continue
			}
			if _, ok := object.Field(f.CompoundFieldName); !ok {
				t.Errorf("%s.%s belongs to %s, which is not there", object.Name, f.Name, f.CompoundFieldName)
			}
		}
	}
}

func mustField(t *testing.T, objects map[string]*Object, path string) Field {
	t.Helper()
	for _, object := range objects {
		for _, f := range object.Fields {
			if object.Name+"."+f.Name == path {
				return f
			}
		}
	}
	t.Fatalf("there is no field %s", path)
	return Field{}
}
