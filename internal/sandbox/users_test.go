package sandbox

import (
	"net/url"
	"testing"
)

// newUser is the body of a user's creation.
func newUser(c *client, username string, more m) m {
	body := m{
		"Username": username, "LastName": "Doe", "Email": username, "Alias": "jdoe", "TimeZoneSidKey": "GMT", "LocaleSidKey": "en_US",
		"LanguageLocaleKey": "en_US", "EmailEncodingKey": "UTF-8", "ProfileId": c.org.profileNamed(standardProfile),
	}
	for name, v := range more {
		body[name] = v
	}
	return body
}

func TestAUserIsCreatedByREST(t *testing.T) {
	t.Parallel()
	c := newClient(t, Options{})
	id := c.create("User", newUser(c, "jo@acme.example", nil))
	found := c.query("SELECT IsActive, Profile.Name, CommunityNickname, UserType, CreatedBy.Username FROM User WHERE Id = '" + id + "'").Records[0]
	if found["IsActive"] != true || found["Profile"].(m)["Name"] != standardProfile || found["CommunityNickname"] != "jo" ||
		found["UserType"] != "Standard" || found["CreatedBy"].(m)["Username"] != AdminUser {
		t.Errorf("the user is %v", found)
	}
	sets := c.query("SELECT PermissionSet.IsOwnedByProfile, PermissionSet.ProfileId FROM PermissionSetAssignment WHERE AssigneeId = '" + id + "'")
	if sets.TotalSize != 1 {
		t.Errorf("the user has %d permission sets, want that of the profile", sets.TotalSize)
	}
	c.want(204, nil, "PATCH", v67+"/sobjects/User/"+id, m{"ProfileId": c.org.profileNamed(minimumProfile)})
	sets = c.query("SELECT PermissionSet.Profile.Name FROM PermissionSetAssignment WHERE AssigneeId = '" + id + "'")
	if sets.TotalSize != 1 || sets.Records[0]["PermissionSet"].(m)["Profile"].(m)["Name"] != minimumProfile {
		t.Errorf("after a change of profile the user has %v", sets.Records)
	}
}

func TestAUserThatCannotBeIsRefused(t *testing.T) {
	t.Parallel()
	c := newClient(t, Options{})
	for what, test := range map[string]struct {
		code string
		body m
	}{
		"no profile":              {"REQUIRED_FIELD_MISSING", newUser(c, "jo@acme.example", m{"ProfileId": nil})},
		"a name that is taken":    {"DUPLICATE_USERNAME", newUser(c, "ADMIN@sandbox.test", nil)},
		"a name without a domain": {"INVALID_EMAIL_ADDRESS", newUser(c, "jo", m{"Email": "jo@acme.example"})},
		"a profile that is a set": {"MALFORMED_ID", newUser(c, "jo@acme.example", m{"ProfileId": "005000000000001AAA"})},
	} {
		t.Run(what, func(t *testing.T) {
			c := *c
			c.t = t
			c.refused(400, test.code, "POST", v67+"/sobjects/User", test.body)
		})
	}
	c.refused(400, "INSUFFICIENT_ACCESS_OR_READONLY", "DELETE", v67+"/sobjects/User/"+c.org.User(SalesUser).ID(), nil)
	c.refused(400, "FIELD_INTEGRITY_EXCEPTION", "PATCH", v67+"/sobjects/User/"+c.org.Admin().ID(), m{"IsActive": false})
	sales := c.user("rep@acme.example", standardProfile)
	sales.refused(400, "CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY", "POST", v67+"/sobjects/User", newUser(c, "jo@acme.example", nil))
}

func TestAUserWhoLeavesIsLoggedOutAndOwnsNothingNew(t *testing.T) {
	t.Parallel()
	c := newClient(t, Options{})
	rep := c.user("rep@acme.example", standardProfile)
	own := rep.create("Lead", m{"LastName": "Doe", "Company": "Acme"})
	id := c.org.User("rep@acme.example").ID()
	if by := c.record(own)["CreatedById"]; by != id {
		t.Errorf("created by %v, want the user of the session", by)
	}
	c.want(204, nil, "PATCH", "/__sandbox/users/rep@acme.example", m{"active": false})
	rep.refused(401, "INVALID_SESSION_ID", "GET", v67+"/limits", nil)
	c.refused(400, "INACTIVE_OWNER_OR_USER", "POST", v67+"/sobjects/Lead", m{"LastName": "Doe", "Company": "Acme", "OwnerId": id})
	c.want(204, nil, "PATCH", v67+"/sobjects/Lead/"+own, m{"Title": "CEO"})

	form := url.Values{"grant_type": {"password"}, "client_id": {ClientID}, "client_secret": {ClientSecret}, "username": {"rep@acme.example"}, "password": {AdminPassword}}
	if _, answer := c.tokenCall(form); answer["error"] != "inactive_user" {
		t.Errorf("a login of somebody who left answers %v", answer)
	}
}

func TestUsersAreMadeAndPermittedByTheAdminAPI(t *testing.T) {
	t.Parallel()
	c := newClient(t, Options{})
	c.want(204, nil, "POST", "/__sandbox/permissions/Connector", m{"objects": m{"Lead": []string{"read", "edit"}}, "fields": m{"Lead.Title": "edit"}, "system": m{"ApiEnabled": true}})
	var made struct{ ID string }
	c.want(201, &made, "POST", "/__sandbox/users", m{"username": "bot@acme.example", "profile": minimumProfile, "permissionSets": []string{"Connector"}})
	bot := *c
	bot.token = c.org.sessions.open(c.org.id, ClientID, made.ID, "api", nil)
	id := c.lead("jo@acme.example")
	bot.want(204, nil, "PATCH", v67+"/sobjects/Lead/"+id, m{"Title": "CEO"})
	bot.refused(400, "INVALID_FIELD", "PATCH", v67+"/sobjects/Lead/"+id, m{"Phone": "1"})
	if by := c.record(id)["LastModifiedById"]; by != made.ID {
		t.Errorf("last modified by %v, want %s", by, made.ID)
	}
	c.refused(400, "INVALID_FIELD", "POST", "/__sandbox/permissions/Connector", m{"fields": m{"Lead.Nope__c": "edit"}})
	c.refused(400, "INVALID_FIELD", "POST", "/__sandbox/permissions/Connector", m{"objects": m{"Lead": []string{"view"}}})
}

func TestConvertedLeadsAreEditedWithThePermission(t *testing.T) {
	t.Parallel()
	c := newClient(t, Options{})
	id := c.lead("jo@acme.example")
	if _, err := c.org.ConvertLead(c.org.Admin(), id, ConvertOptions{}); err != nil {
		t.Fatal(err)
	}
	c.refused(400, "CANNOT_UPDATE_CONVERTED_LEAD", "PATCH", v67+"/sobjects/Lead/"+id, m{"Title": "CEO"})
	c.permit(adminProfile, Permissions{System: map[string]bool{"AllowViewEditConvertedLeads": true}})
	c.want(204, nil, "PATCH", v67+"/sobjects/Lead/"+id, m{"Title": "CEO"})
}
