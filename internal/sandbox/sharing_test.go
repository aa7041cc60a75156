package sandbox

import "testing"

// lead creates a lead as the user of the session.
func (c *client) ownLead() string { return c.create("Lead", m{"LastName": "Doe", "Company": "Acme"}) }

func TestAPrivateRecordIsNotThereForOthers(t *testing.T) {
	t.Parallel()
	c := newClient(t, Options{})
	owner, other := c.user("own@acme.example", standardProfile), c.user("other@acme.example", standardProfile)
	id := owner.ownLead()
	path := v67 + "/sobjects/Lead/" + id
	other.want(200, nil, "GET", path, nil)

	c.want(204, nil, "PATCH", "/__sandbox/sharing/Lead", m{"default": "private"})
	other.refused(404, "NOT_FOUND", "GET", path, nil)
	other.refused(404, "NOT_FOUND", "PATCH", path, m{"Title": "CEO"})
	if n := other.query("SELECT Id FROM Lead").TotalSize; n != 0 {
		t.Errorf("the other user finds %d leads", n)
	}
	var retrieved []m
	other.want(200, &retrieved, "GET", v67+"/composite/sobjects/Lead?ids="+id+"&fields=Id", nil)
	if retrieved[0] != nil {
		t.Errorf("the other user retrieves %v", retrieved)
	}
	var outcomes []outcome
	other.want(200, &outcomes, "PATCH", v67+"/composite/sobjects", m{"records": []m{{"attributes": m{"type": "Lead"}, "id": id, "Title": "CEO"}}})
	if outcomes[0].Errors[0].StatusCode != "INSUFFICIENT_ACCESS_ON_CROSS_REFERENCE_ENTITY" {
		t.Errorf("an update in a collection answers %+v", outcomes)
	}
	other.refused(400, "INSUFFICIENT_ACCESS_ON_CROSS_REFERENCE_ENTITY", "POST", v67+"/sobjects/Task", m{"Subject": "Call", "WhoId": id})
	owner.want(204, nil, "PATCH", path, m{"Title": "CEO"})
	c.want(204, nil, "PATCH", path, m{"Title": "CFO"})
}

func TestASharedRecordIsSeenAndEditedAsFarAsItIsShared(t *testing.T) {
	t.Parallel()
	c := newClient(t, Options{})
	owner, other := c.user("own@acme.example", standardProfile), c.user("other@acme.example", standardProfile)
	id := owner.ownLead()
	path := v67 + "/sobjects/Lead/" + id
	c.want(204, nil, "PATCH", "/__sandbox/sharing/Lead", m{"default": "private"})
	share := owner.create("LeadShare", m{"LeadId": id, "UserOrGroupId": c.org.User("other@acme.example").ID(), "LeadAccessLevel": "Read"})
	other.want(200, nil, "GET", path, nil)
	other.refused(403, "INSUFFICIENT_ACCESS_OR_READONLY", "PATCH", path, m{"Title": "CEO"})
	owner.want(204, nil, "PATCH", v67+"/sobjects/LeadShare/"+share, m{"LeadAccessLevel": "Edit"})
	other.want(204, nil, "PATCH", path, m{"Title": "CEO"})
	other.refused(403, "INSUFFICIENT_ACCESS_OR_READONLY", "DELETE", path, nil)
	owner.want(204, nil, "DELETE", v67+"/sobjects/LeadShare/"+share, nil)
	other.refused(404, "NOT_FOUND", "GET", path, nil)
}

func TestWhoIsAboveTheOwnerOrInItsQueueHasTheRecord(t *testing.T) {
	t.Parallel()
	c := newClient(t, Options{})
	boss, rep := c.user("boss@acme.example", standardProfile), c.user("rep@acme.example", standardProfile)
	top := c.create("UserRole", m{"Name": "Boss"})
	below := c.create("UserRole", m{"Name": "Rep", "ParentRoleId": top})
	for name, role := range map[string]string{"boss@acme.example": top, "rep@acme.example": below} {
		c.want(204, nil, "PATCH", v67+"/sobjects/User/"+c.org.User(name).ID(), m{"UserRoleId": role})
	}
	c.want(204, nil, "PATCH", "/__sandbox/sharing/Lead", m{"default": "private"})
	ofRep, ofBoss := rep.ownLead(), boss.ownLead()
	boss.want(204, nil, "PATCH", v67+"/sobjects/Lead/"+ofRep, m{"Title": "CEO"})
	rep.refused(404, "NOT_FOUND", "GET", v67+"/sobjects/Lead/"+ofBoss, nil)

	queue := c.create("Group", m{"Name": "Inbound leads", "Type": "Queue"})
	c.create("QueueSobject", m{"QueueId": queue, "SobjectType": "Lead"})
	c.create("GroupMember", m{"GroupId": queue, "UserOrGroupId": c.org.User("rep@acme.example").ID()})
	c.want(204, nil, "PATCH", v67+"/sobjects/Lead/"+ofBoss, m{"OwnerId": queue})
	if name := c.query("SELECT Owner.Name, Owner.Type FROM Lead WHERE Id = '" + ofBoss + "'").Records[0]["Owner"].(m)["Name"]; name != "Inbound leads" {
		t.Errorf("the lead is owned by %v", name)
	}
	rep.want(204, nil, "DELETE", v67+"/sobjects/Lead/"+ofBoss, nil)
}

func TestOnlyFullAccessDeletesARecord(t *testing.T) {
	t.Parallel()
	c := newClient(t, Options{})
	owner, other := c.user("own@acme.example", standardProfile), c.user("other@acme.example", standardProfile)
	id := owner.ownLead()
	other.want(204, nil, "PATCH", v67+"/sobjects/Lead/"+id, m{"Title": "CEO"})
	other.refused(403, "INSUFFICIENT_ACCESS_OR_READONLY", "DELETE", v67+"/sobjects/Lead/"+id, nil)
	owner.want(204, nil, "DELETE", v67+"/sobjects/Lead/"+id, nil)
}

func TestPrivateContactsAndEventsAreTheirOwnersAlone(t *testing.T) {
	t.Parallel()
	c := newClient(t, Options{})
	owner, other := c.user("own@acme.example", standardProfile), c.user("other@acme.example", standardProfile)
	account := owner.create("Account", m{"Name": "Acme"})
	private := owner.create("Contact", m{"LastName": "Doe"})
	open := owner.create("Contact", m{"LastName": "Roe", "AccountId": account})
	if found := other.query("SELECT Id FROM Contact"); found.TotalSize != 1 || found.Records[0]["Id"] != open {
		t.Errorf("the other user finds %v", found.Records)
	}
	other.refused(404, "NOT_FOUND", "GET", v67+"/sobjects/Contact/"+private, nil)
	c.want(200, nil, "GET", v67+"/sobjects/Contact/"+private, nil)

	event := owner.create("Event", m{"Subject": "Dentist", "StartDateTime": "2026-02-01T09:00:00Z", "DurationInMinutes": 30, "IsPrivate": true})
	c.refused(404, "NOT_FOUND", "GET", v67+"/sobjects/Event/"+event, nil)
	if n := c.query("SELECT Id FROM Event").TotalSize; n != 0 {
		t.Errorf("the administrator finds %d private events", n)
	}
	owner.want(200, nil, "GET", v67+"/sobjects/Event/"+event, nil)
}

func TestAParentThatAUserDoesNotSeeReadsAsNone(t *testing.T) {
	t.Parallel()
	c := newClient(t, Options{})
	owner, other := c.user("own@acme.example", standardProfile), c.user("other@acme.example", standardProfile)
	account := owner.create("Account", m{"Name": "Acme"})
	contact := owner.create("Contact", m{"LastName": "Roe", "AccountId": account})
	c.want(204, nil, "PATCH", "/__sandbox/sharing/Account", m{"default": "private"})
	record := other.query("SELECT Account.Name FROM Contact WHERE Id = '" + contact + "'").Records[0]
	if record["Account"] != nil {
		t.Errorf("the other user reads %v", record)
	}
	if n := other.query("SELECT Id FROM Contact WHERE Account.Name = 'Acme'").TotalSize; n != 0 {
		t.Errorf("the other user finds %d contacts by a name that he does not see", n)
	}
}
