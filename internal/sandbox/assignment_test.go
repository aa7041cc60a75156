package sandbox

import "testing"

// routed makes a rule that gives web leads to a queue and the others to the sales
// user.
func routed(c *client, active bool) (rule, queue string) {
	c.t.Helper()
	queue = c.create("Group", m{"Name": "Web leads", "Type": "Queue"})
	c.create("QueueSobject", m{"QueueId": queue, "SobjectType": "Lead"})
	var made struct{ ID string }
	c.want(200, &made, "POST", "/__sandbox/assignmentRules", m{"object": "Lead", "name": "Standard", "active": active, "entries": []m{
		{"when": m{"LeadSource": "web"}, "assignTo": "Web leads"}, {"formula": "ISPICKVAL(Rating, \"Hot\")", "assignTo": SalesUser},
	}})
	return made.ID, queue
}

func (c *client) owner(id string) any { return c.record(id)["OwnerId"] }

func TestAnAssignmentRuleGivesLeadsTheirOwners(t *testing.T) {
	t.Parallel()
	c := newClient(t, Options{})
	rule, queue := routed(c, true)
	admin, sales := c.org.Admin().ID(), c.org.User(SalesUser).ID()
	web := m{"LastName": "Doe", "Company": "Acme", "LeadSource": "Web"}
	for _, test := range []struct {
		what, header string
		fields       m
		owner        string
	}{
		{"without a header", "", web, queue},
		{"with TRUE", "true", web, queue},
		{"with the rule's id", rule[:15], web, queue},
		{"with FALSE", "False", web, admin},
		{"by a formula", "", m{"LastName": "Doe", "Company": "Acme", "Rating": "Hot"}, sales},
		{"when nothing fits", "", m{"LastName": "Doe", "Company": "Acme"}, admin},
		{"over the owner given", "", m{"LastName": "Doe", "Company": "Acme", "LeadSource": "Web", "OwnerId": sales}, queue},
	} {
		var saved struct{ ID string }
		headers := []string{}
		if test.header != "" {
			headers = []string{"Sforce-Auto-Assign", test.header}
		}
		c.want(201, &saved, "POST", v67+"/sobjects/Lead", test.fields, headers...)
		if got := c.owner(saved.ID); got != test.owner {
			t.Errorf("%s the owner is %v, want %s", test.what, got, test.owner)
		}
	}
	if found := c.query("SELECT Name, Active FROM AssignmentRule WHERE SobjectType = 'Lead'").Records; len(found) != 1 || found[0]["Active"] != true {
		t.Errorf("the rules are %v", found)
	}
}

func TestAnUpdateIsAssignedByTheActiveRuleOnly(t *testing.T) {
	t.Parallel()
	c := newClient(t, Options{})
	rule, queue := routed(c, true)
	id := c.lead("jo@acme.example")
	before := c.owner(id)
	path := v67 + "/sobjects/Lead/" + id
	c.want(204, nil, "PATCH", path, m{"LeadSource": "Web"}, "Sforce-Auto-Assign", "FALSE")
	c.want(204, nil, "PATCH", path, m{"Title": "CEO"}, "Sforce-Auto-Assign", rule)
	if got := c.owner(id); got != before {
		t.Errorf("the owner is %v, want %v", got, before)
	}
	c.want(204, nil, "PATCH", path, m{"Title": "CFO"})
	if got := c.owner(id); got != queue {
		t.Errorf("the owner is %v, want the queue", got)
	}
}

func TestARuleThatIsNotActiveAppliesByItsIDOnly(t *testing.T) {
	t.Parallel()
	c := newClient(t, Options{})
	rule, queue := routed(c, false)
	web := m{"LastName": "Doe", "Company": "Acme", "LeadSource": "Web"}
	if got := c.owner(c.create("Lead", web)); got != c.org.Admin().ID() {
		t.Errorf("the owner is %v, want the creator", got)
	}
	var saved struct{ ID string }
	c.want(201, &saved, "POST", v67+"/sobjects/Lead", web, "Sforce-Auto-Assign", rule)
	if got := c.owner(saved.ID); got != queue {
		t.Errorf("the owner is %v, want the queue", got)
	}
	c.refused(400, "INVALID_ASSIGNMENT_RULE", "POST", v67+"/sobjects/Lead", web, "Sforce-Auto-Assign", c.org.Admin().ID())
	c.refused(400, "FUNCTIONALITY_NOT_ENABLED", "POST", v67+"/sobjects/Lead", web, "Sforce-Auto-Assign", "maybe")
	c.ingest(m{"object": "Lead", "operation": "insert", "assignmentRuleId": rule}, "LastName,Company,LeadSource\nBulk,Acme,Web\n")
	if got := c.query("SELECT OwnerId FROM Lead WHERE LastName = 'Bulk'").Records[0]["OwnerId"]; got != queue {
		t.Errorf("a bulk job gives the lead to %v, want the queue", got)
	}
}

func TestAnAssignmentRuleThatCannotWorkIsRefused(t *testing.T) {
	t.Parallel()
	c := newClient(t, Options{})
	for code, entry := range map[string]m{
		"INVALID_CROSS_REFERENCE_KEY": {"assignTo": "nobody@acme.example"},
		"INVALID_FIELD":               {"when": m{"Shoe__c": "x"}, "assignTo": SalesUser},
		"FIELD_INTEGRITY_EXCEPTION":   {"formula": "LastName &", "assignTo": SalesUser},
	} {
		c.refused(400, code, "POST", "/__sandbox/assignmentRules", m{"object": "Lead", "name": "Bad", "entries": []m{entry}})
	}
	routed(c, true)
	c.want(204, nil, "DELETE", "/__sandbox/assignmentRules/Lead/standard", nil)
	if n := c.query("SELECT Id FROM AssignmentRule").TotalSize; n != 0 {
		t.Errorf("%d rules are left", n)
	}
}
