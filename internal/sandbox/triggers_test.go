package sandbox

import (
	"strings"
	"testing"
)

func (c *client) trigger(fields m) {
	c.t.Helper()
	c.want(204, nil, "POST", "/__sandbox/triggers", fields)
}

func TestATriggerRewritesAFieldWhenItIsMeantTo(t *testing.T) {
	t.Parallel()
	for what, test := range map[string]struct {
		trigger          m
		created, updated any // Title after a create with Title "ceo", after an update to "cfo"
	}{
		"text in upper case":             {m{"field": "Title", "apply": "upper"}, "CEO", "CFO"},
		"a value":                        {m{"field": "Title", "set": "Boss"}, "Boss", "Boss"},
		"another field":                  {m{"field": "Title", "from": "LastName"}, "Doe", "Doe"},
		"a formula":                      {m{"field": "Title", "formula": "Title & \" of \" & Company"}, "ceo of Acme", "cfo of Acme"},
		"on create only":                 {m{"field": "Title", "set": "Boss", "on": "create"}, "Boss", "cfo"},
		"on update only":                 {m{"field": "Title", "set": "Boss", "on": "update"}, "ceo", "Boss"},
		"for some records":               {m{"field": "Title", "set": "Boss", "when": m{"Company": "acme", "Title": "CFO"}}, "ceo", "Boss"},
		"when a field changes":           {m{"field": "Title", "set": "Boss", "if": "AND(NOT(ISNEW()), ISCHANGED(Title))"}, "ceo", "Boss"},
		"nothing, for none of the leads": {m{"field": "Title", "set": "Boss", "when": m{"Company": "Other"}}, "ceo", "cfo"},
	} {
		t.Run(what, func(t *testing.T) {
			t.Parallel()
			c := newClient(t, Options{})
			test.trigger["object"] = "Lead"
			c.trigger(test.trigger)
			id := c.create("Lead", m{"LastName": "Doe", "Company": "Acme", "Title": "ceo"})
			if got := c.record(id)["Title"]; got != test.created {
				t.Errorf("created with %v, want %v", got, test.created)
			}
			c.want(204, nil, "PATCH", v67+"/sobjects/Lead/"+id, m{"Title": "cfo"})
			if got := c.record(id)["Title"]; got != test.updated {
				t.Errorf("updated to %v, want %v", got, test.updated)
			}
		})
	}
}

func TestATriggerFailsASave(t *testing.T) {
	t.Parallel()
	for code, fail := range map[string]m{
		"FIELD_CUSTOM_VALIDATION_EXCEPTION":    {"message": "No.", "fields": []string{"Title"}},
		"CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY": {"code": "CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY", "message": "LeadTrigger: execution of BeforeInsert caused by: System.NullPointerException"},
		"CANNOT_EXECUTE_FLOW_TRIGGER":          {"code": "CANNOT_EXECUTE_FLOW_TRIGGER", "message": "We can't save this record because the flow failed."},
	} {
		c := newClient(t, Options{})
		c.trigger(m{"object": "Lead", "name": "Guard", "when": m{"Title": "Bad"}, "fail": fail})
		lead := m{"LastName": "Doe", "Company": "Acme", "Title": "bad"}
		if got := c.refused(400, code, "POST", v67+"/sobjects/Lead", lead); got != fail["message"] {
			t.Errorf("%s says %q", code, got)
		}
		c.want(204, nil, "DELETE", "/__sandbox/triggers/Lead/guard", nil)
		c.create("Lead", lead)
	}
}

func TestAnAfterTriggerChangesTheParent(t *testing.T) {
	t.Parallel()
	c := newClient(t, Options{})
	account := c.create("Account", m{"Name": "Acme"})
	c.trigger(m{"object": "Contact", "parent": "AccountId", "field": "Description", "formula": "\"Last: \" & LastName"})
	c.permit(standardProfile, Permissions{Objects: map[string][]string{"Account": {"read"}}})
	rep := c.user("rep@acme.example", standardProfile)
	rep.create("Contact", m{"LastName": "Doe", "AccountId": account})
	record := c.record(account)
	if record["Description"] != "Last: Doe" || record["LastModifiedById"] != c.org.User("rep@acme.example").ID() {
		t.Errorf("the account is %v", record)
	}
}

func TestAnAfterTriggerThatFailsTakesTheSaveBack(t *testing.T) {
	t.Parallel()
	c := newClient(t, Options{})
	account := c.create("Account", m{"Name": "Acme"})
	c.trigger(m{"object": "Contact", "name": "Count", "record": account, "field": "Name", "set": strings.Repeat("x", 300)})
	message := c.refused(400, "CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY", "POST", v67+"/sobjects/Contact", m{"LastName": "Doe"})
	if !strings.HasPrefix(message, "Count: execution of AfterSave caused by: STRING_TOO_LONG") {
		t.Error(message)
	}
	if n := c.query("SELECT Id FROM Contact").TotalSize; n != 0 {
		t.Errorf("%d contacts were saved", n)
	}
}

func TestTriggersThatSetEachOtherOffEnd(t *testing.T) {
	t.Parallel()
	c := newClient(t, Options{})
	account := c.create("Account", m{"Name": "Acme"})
	c.trigger(m{"object": "Account", "name": "Loop", "record": account, "field": "Description", "set": "again"})
	message := c.refused(400, "CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY", "PATCH", v67+"/sobjects/Account/"+account, m{"Phone": "1"})
	if !strings.Contains(message, "maximum trigger depth exceeded") {
		t.Error(message)
	}
}

func TestATriggerThatCannotRunIsRefused(t *testing.T) {
	t.Parallel()
	c := newClient(t, Options{})
	for _, test := range []struct {
		code    string
		trigger m
	}{
		{"INVALID_TYPE", m{"object": "Led", "field": "Title", "set": "x"}},
		{"INVALID_FIELD", m{"object": "Lead", "field": "Shoe", "set": "x"}},
		{"INVALID_FIELD", m{"object": "Lead", "field": "Title", "from": "Shoe"}},
		{"INVALID_FIELD", m{"object": "Lead", "field": "Title", "apply": "twice"}},
		{"INVALID_FIELD", m{"object": "Lead", "field": "Title", "set": "x", "on": "delete"}},
		{"INVALID_FIELD", m{"object": "Lead", "field": "Title", "set": "x", "parent": "OwnerId"}},
		{"FIELD_INTEGRITY_EXCEPTION", m{"object": "Lead", "field": "Title", "formula": "Shoe & Size"}},
		{"REQUIRED_FIELD_MISSING", m{"object": "Lead"}},
	} {
		c.refused(400, test.code, "POST", "/__sandbox/triggers", test.trigger)
	}
}
