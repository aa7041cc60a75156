package sandbox

import (
	"fmt"
	"net/url"
	"slices"
	"strings"
	"testing"
)

// permit changes what a profile or a permission set grants.
func (c *client) permit(name string, p Permissions) {
	c.t.Helper()
	if err := c.org.Permit(name, p); err != nil {
		c.t.Fatal(err)
	}
}

// user makes a user and returns a client of the same org with a session of his.
func (c *client) user(username, profile string) *client {
	c.t.Helper()
	user, err := c.org.AddUser(NewUser{Username: username, Profile: profile})
	if err != nil {
		c.t.Fatal(err)
	}
	other := *c
	other.token = c.org.sessions.open(c.org.id, ClientID, user.ID(), "api", nil)
	return &other
}

func TestAFieldThatAUserMayNotReadIsNotThere(t *testing.T) {
	t.Parallel()
	c := newClient(t, Options{})
	id := c.lead("jo@acme.example")
	c.permit(standardProfile, Permissions{Fields: map[string]string{"Lead.Title": "none"}})
	sales := c.user("rep@acme.example", standardProfile)
	path := v67 + "/sobjects/Lead/" + id

	if f := sales.described("Lead", "Title"); f != nil {
		t.Errorf("describe shows %v", f)
	}
	if f := c.described("Lead", "Title"); f == nil || f["updateable"] != true {
		t.Errorf("the administrator's describe shows %v", f)
	}
	for _, soql := range []string{"SELECT Title FROM Lead", "SELECT Id FROM Lead WHERE Title = 'CEO'", "SELECT Id FROM Lead ORDER BY Title", "SELECT Count(Title) FROM Lead"} {
		sales.refused(400, "INVALID_FIELD", "GET", v67+"/query?q="+url.QueryEscape(soql), nil)
	}
	sales.refused(400, "INVALID_FIELD", "GET", path+"?fields=Id,Title", nil)
	sales.refused(400, "INVALID_FIELD", "PATCH", path, m{"Title": "CEO"})
	var record m
	sales.want(200, &record, "GET", path, nil)
	if _, shown := record["Title"]; shown {
		t.Error("a record is read with the field")
	}
	if records := sales.query("SELECT FIELDS(STANDARD) FROM Lead").Records; slices.Contains(keysOf(records[0]), "Title") {
		t.Error("FIELDS(STANDARD) holds the field")
	}
}

func TestAFieldThatAUserMayNotEditIsReadOnly(t *testing.T) {
	t.Parallel()
	c := newClient(t, Options{})
	id := c.lead("jo@acme.example")
	c.permit(standardProfile, Permissions{Fields: map[string]string{"Lead.Title": "read"}})
	sales := c.user("rep@acme.example", standardProfile)
	if f := sales.described("Lead", "Title"); f == nil || f["createable"] != false || f["updateable"] != false {
		t.Errorf("describe shows %v", f)
	}
	sales.query("SELECT Title FROM Lead")
	message := sales.refused(400, "INVALID_FIELD_FOR_INSERT_UPDATE", "PATCH", v67+"/sobjects/Lead/"+id, m{"Title": "CEO"})
	if !strings.HasPrefix(message, "Unable to create/update fields: Title.") {
		t.Error(message)
	}
	sales.refused(400, "INVALID_FIELD_FOR_INSERT_UPDATE", "POST", v67+"/sobjects/Lead", m{"LastName": "Doe", "Company": "X", "Title": "CEO"})
}

func TestAnObjectThatAUserMayNotReadIsNotThere(t *testing.T) {
	t.Parallel()
	c := newClient(t, Options{})
	id := c.lead("jo@acme.example")
	c.permit(standardProfile, Permissions{Objects: map[string][]string{"Lead": nil}})
	sales := c.user("rep@acme.example", standardProfile)
	sales.refused(400, "INVALID_TYPE", "GET", v67+"/query?q=SELECT+Id+FROM+Lead", nil)
	for _, path := range []string{"/sobjects/Lead/describe", "/sobjects/Lead", "/sobjects/Lead/" + id} {
		sales.refused(404, "NOT_FOUND", "GET", v67+path, nil)
	}
	sales.refused(404, "NOT_FOUND", "POST", v67+"/sobjects/Lead", m{"LastName": "Doe", "Company": "X"})
	var global struct{ Sobjects []m }
	sales.want(200, &global, "GET", v67+"/sobjects", nil)
	for _, o := range global.Sobjects {
		if o["name"] == "Lead" {
			t.Error("the global describe shows Lead")
		}
	}
}

func TestAnObjectIsDescribedByWhatTheUserMayDoWithIt(t *testing.T) {
	t.Parallel()
	c := newClient(t, Options{})
	id := c.lead("jo@acme.example")
	c.permit(standardProfile, Permissions{Objects: map[string][]string{"Lead": {"read"}}})
	sales := c.user("rep@acme.example", standardProfile)
	var d m
	sales.want(200, &d, "GET", v67+"/sobjects/Lead/describe", nil)
	for _, name := range []string{"createable", "updateable", "deletable", "undeletable", "mergeable"} {
		if d[name] != false {
			t.Errorf("%s is %v", name, d[name])
		}
	}
	if d["queryable"] != true {
		t.Error("not queryable")
	}
	sales.refused(400, "CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY", "POST", v67+"/sobjects/Lead", m{"LastName": "Doe", "Company": "X"})
	sales.refused(403, "INSUFFICIENT_ACCESS_OR_READONLY", "PATCH", v67+"/sobjects/Lead/"+id, m{"Title": "CEO"})
	sales.refused(403, "INSUFFICIENT_ACCESS_OR_READONLY", "DELETE", v67+"/sobjects/Lead/"+id, nil)
}

func TestAPermissionSetWrittenByRecordsTakesEffect(t *testing.T) {
	t.Parallel()
	c := newClient(t, Options{})
	user := c.user("min@acme.example", minimumProfile)
	user.refused(403, "API_CURRENTLY_DISABLED", "GET", v67+"/limits", nil)

	set := c.create("PermissionSet", m{"Name": "Connector", "Label": "Connector", "PermissionsApiEnabled": true})
	c.create("PermissionSetAssignment", m{"AssigneeId": c.org.User("min@acme.example").ID(), "PermissionSetId": set})
	user.want(200, nil, "GET", v67+"/limits", nil)
	user.refused(400, "INVALID_TYPE", "GET", v67+"/query?q=SELECT+Id+FROM+Contact", nil)

	permission := c.create("ObjectPermissions", m{"ParentId": set, "SobjectType": "Contact", "PermissionsRead": true})
	user.query("SELECT LastName FROM Contact")
	user.refused(400, "INVALID_FIELD", "GET", v67+"/query?q=SELECT+Title+FROM+Contact", nil)
	c.create("FieldPermissions", m{"ParentId": set, "SobjectType": "Contact", "Field": "Contact.Title", "PermissionsRead": true})
	user.query("SELECT Title FROM Contact")

	c.want(204, nil, "PATCH", v67+"/sobjects/ObjectPermissions/"+permission, m{"PermissionsRead": false})
	user.refused(400, "INVALID_TYPE", "GET", v67+"/query?q=SELECT+Id+FROM+Contact", nil)
	if n := c.query("SELECT Id FROM ObjectPermissions WHERE ParentId = '" + set + "'").TotalSize; n != 0 {
		t.Errorf("%d object permissions are left, which permit nothing", n)
	}
	given := c.query("SELECT PermissionSet.Name, Assignee.Profile.Name FROM PermissionSetAssignment WHERE PermissionSet.IsOwnedByProfile = false")
	if fmt.Sprint(given.TotalSize, given.Records[0]["PermissionSet"].(m)["Name"]) != "1Connector" {
		t.Errorf("assignments %v", given)
	}
}

// create creates a record by REST.
func (c *client) create(object string, fields m) string {
	c.t.Helper()
	var saved struct{ ID string }
	c.want(201, &saved, "POST", v67+"/sobjects/"+object, fields)
	return saved.ID
}

func TestPermissionsThatCannotBeAreRefused(t *testing.T) {
	t.Parallel()
	c := newClient(t, Options{})
	set := c.create("PermissionSet", m{"Name": "Connector", "Label": "Connector"})
	c.create("FieldPermissions", m{"ParentId": set, "SobjectType": "Lead", "Field": "Lead.Phone", "PermissionsRead": true})
	admin := c.org.Admin().ID()
	c.create("PermissionSetAssignment", m{"AssigneeId": admin, "PermissionSetId": set})
	for what, test := range map[string]struct {
		object, code string
		fields       m
	}{
		"a field that cannot be hidden":         {"FieldPermissions", "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST", m{"ParentId": set, "SobjectType": "Lead", "Field": "Lead.LastName", "PermissionsRead": true}},
		"a field that is not there":             {"FieldPermissions", "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST", m{"ParentId": set, "SobjectType": "Lead", "Field": "Lead.Shoe__c", "PermissionsRead": true}},
		"a field that is edited and not read":   {"FieldPermissions", "FIELD_INTEGRITY_EXCEPTION", m{"ParentId": set, "SobjectType": "Lead", "Field": "Lead.Title", "PermissionsEdit": true}},
		"a field that is permitted twice":       {"FieldPermissions", "DUPLICATE_VALUE", m{"ParentId": set, "SobjectType": "Lead", "Field": "Lead.Phone", "PermissionsRead": true}},
		"an object that is edited and not read": {"ObjectPermissions", "FIELD_INTEGRITY_EXCEPTION", m{"ParentId": set, "SobjectType": "Lead", "PermissionsEdit": true}},
		"an object without permissions":         {"ObjectPermissions", "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST", m{"ParentId": set, "SobjectType": "User", "PermissionsRead": true}},
		"an assignment that is there":           {"PermissionSetAssignment", "DUPLICATE_VALUE", m{"AssigneeId": admin, "PermissionSetId": set}},
		"a name that is taken":                  {"PermissionSet", "DUPLICATE_DEVELOPER_NAME", m{"Name": "connector", "Label": "C"}},
		"a name with blanks":                    {"PermissionSet", "INVALID_INPUT", m{"Name": "My set", "Label": "C"}},
	} {
		t.Run(what, func(t *testing.T) {
			c := *c
			c.t = t
			c.refused(400, test.code, "POST", v67+"/sobjects/"+test.object, test.fields)
		})
	}
	sales := c.user("rep@acme.example", standardProfile)
	sales.refused(400, "CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY", "POST", v67+"/sobjects/PermissionSet", m{"Name": "Mine", "Label": "Mine"})
}

func TestDescribeIsAskedForAgainWhenPermissionsChange(t *testing.T) {
	t.Parallel()
	c := newClient(t, Options{})
	response := c.send("GET", v67+"/sobjects/Lead/describe", nil)
	response.Body.Close()
	at := response.Header.Get("Last-Modified")
	c.want(304, nil, "GET", v67+"/sobjects/Lead/describe", nil, "If-Modified-Since", at)
	c.permit(adminProfile, Permissions{Fields: map[string]string{"Lead.Title": "none"}})
	c.want(200, nil, "GET", v67+"/sobjects/Lead/describe", nil, "If-Modified-Since", at)
	if f := c.described("Lead", "Title"); f != nil {
		t.Error("Title is still described")
	}
}

func TestAuditFieldsAreSetWithThePermission(t *testing.T) {
	t.Parallel()
	c := newClient(t, Options{})
	fields := m{"LastName": "Old", "Company": "Acme", "CreatedDate": "2020-02-03T04:05:06Z", "LastModifiedDate": "2021-02-03T04:05:06Z"}
	c.refused(400, "INVALID_FIELD_FOR_INSERT_UPDATE", "POST", v67+"/sobjects/Lead", fields)
	c.permit(adminProfile, Permissions{System: map[string]bool{"CreateAuditFields": true}})
	if f := c.described("Lead", "CreatedDate"); f["createable"] != true || f["updateable"] != false {
		t.Errorf("describe shows CreatedDate as %v", f)
	}
	record := c.record(c.create("Lead", fields))
	if record["CreatedDate"] != "2020-02-03T04:05:06.000+0000" || record["LastModifiedDate"] != "2021-02-03T04:05:06.000+0000" {
		t.Errorf("the record says %v", record)
	}
	if record["SystemModstamp"] == record["LastModifiedDate"] {
		t.Error("SystemModstamp was set too")
	}
}

func TestAHiddenFieldIsHiddenFromEveryUser(t *testing.T) {
	t.Parallel()
	c := newClient(t, Options{})
	c.want(204, nil, "PATCH", "/__sandbox/fields/Lead/Title", m{"hidden": true})
	for _, user := range []*client{c, c.user("rep@acme.example", standardProfile)} {
		user.refused(400, "INVALID_FIELD", "GET", v67+"/query?q=SELECT+Title+FROM+Lead", nil)
	}
	c.want(204, nil, "PATCH", "/__sandbox/fields/Lead/Title", m{"hidden": false})
	c.query("SELECT Title FROM Lead")
}
