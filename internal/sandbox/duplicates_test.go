package sandbox

import "testing"

// duplicateAnswer is the body of a refusal by a duplicate rule.
type duplicateAnswer struct {
	DuplicateResut struct {
		AllowSave                                            bool
		DuplicateRule, DuplicateRuleEntityType, ErrorMessage string
		MatchResults                                         []struct {
			EntityType   string
			Size         int
			MatchRecords []struct{ Record m }
		}
	}
	ErrorCode, Message string
}

func (c *client) rules(rules ...m) {
	c.t.Helper()
	c.want(204, nil, "POST", "/__sandbox/duplicateRules", rules)
}

func TestADuplicateRuleComparesAllItsFields(t *testing.T) {
	t.Parallel()
	c := newClient(t, Options{})
	c.rules(m{"name": "Same_Person", "object": "Lead", "fields": []string{"LastName", "Email"}, "against": []string{"Contact", "Lead"}, "message": "Known."})
	first := c.create("Lead", m{"LastName": "Doe", "Company": "Acme", "Email": "jo@acme.example", "Title": "CEO"})
	c.create("Lead", m{"LastName": "Roe", "Company": "Acme", "Email": "jo@acme.example"})
	c.create("Lead", m{"LastName": "Doe", "Company": "Acme"})
	again := m{"LastName": "DOE", "Company": "Other", "Email": "Jo@Acme.example"}
	for _, header := range []string{"allowSave=true", "allowSave=true; includeRecordDetails=true; runAsCurrentUser=true"} {
		var answer []duplicateAnswer
		c.want(400, &answer, "POST", v67+"/sobjects/Lead", again, "Sforce-Duplicate-Rule-Header", header)
		found := answer[0].DuplicateResut
		if found.AllowSave || found.DuplicateRule != "Same_Person" || found.DuplicateRuleEntityType != "Lead" || found.ErrorMessage != "Known." || len(found.MatchResults) != 1 {
			t.Fatalf("%s: %+v", header, answer)
		}
		record := found.MatchResults[0].MatchRecords[0].Record
		wantTitle := any(nil)
		if header != "allowSave=true" {
			wantTitle = "CEO"
		}
		if record["Id"] != first || record["Title"] != wantTitle {
			t.Errorf("%s: the duplicate is %v", header, record)
		}
	}
	c.want(201, nil, "POST", v67+"/sobjects/Contact", m{"LastName": "Doe", "Email": "jo@acme.example"})
}

func TestADuplicateRuleMayLookAtOneKindOfSave(t *testing.T) {
	t.Parallel()
	c := newClient(t, Options{})
	c.rules(m{"object": "Lead", "field": "Email", "against": []string{"Lead"}, "on": "create"})
	c.lead("a@acme.example")
	id := c.lead("b@acme.example")
	c.want(204, nil, "PATCH", v67+"/sobjects/Lead/"+id, m{"Email": "a@acme.example"})
	lead := m{"LastName": "Doe", "Company": "Acme", "Email": "a@acme.example"}
	c.want(400, nil, "POST", v67+"/sobjects/Lead", lead)
	c.rules(m{"object": "Lead", "field": "Email", "against": []string{"Lead"}, "on": "update"})
	third := c.create("Lead", lead)
	c.want(204, nil, "PATCH", v67+"/sobjects/Lead/"+third, m{"Title": "CEO"})
	c.want(204, nil, "PATCH", v67+"/sobjects/Lead/"+third, m{"Email": "c@acme.example"})
	c.want(400, nil, "PATCH", v67+"/sobjects/Lead/"+third, m{"Email": "a@acme.example"})
}

func TestAnAlertIsOverriddenInCollectionsToo(t *testing.T) {
	t.Parallel()
	c := newClient(t, Options{})
	c.rules(m{"object": "Lead", "field": "Email", "against": []string{"Lead"}, "allowSave": true})
	c.lead("a@acme.example")
	body := m{"records": []m{
		{"attributes": m{"type": "Lead"}, "LastName": "Doe", "Company": "Acme", "Email": "a@acme.example"},
		{"attributes": m{"type": "Lead"}, "LastName": "Doe", "Company": "Acme", "Email": "b@acme.example"},
	}}
	var outcomes []outcome
	c.want(200, &outcomes, "POST", v67+"/composite/sobjects", body)
	if outcomes[0].Success || outcomes[0].Errors[0].StatusCode != "DUPLICATES_DETECTED" || !outcomes[1].Success {
		t.Errorf("%+v", outcomes)
	}
	c.want(200, &outcomes, "POST", v67+"/composite/sobjects", body, "Sforce-Duplicate-Rule-Header", "allowSave=true")
	if !outcomes[0].Success {
		t.Errorf("%+v", outcomes)
	}
}

func TestARuleRunAsTheUserFindsOnlyWhatHeSees(t *testing.T) {
	t.Parallel()
	c := newClient(t, Options{})
	c.rules(m{"object": "Lead", "field": "Email", "against": []string{"Lead"}})
	c.want(204, nil, "PATCH", "/__sandbox/sharing/Lead", m{"default": "private"})
	c.create("Lead", m{"LastName": "Doe", "Company": "Acme", "Email": "a@acme.example"})
	rep := c.user("rep@acme.example", standardProfile)
	again := m{"LastName": "Doe", "Company": "Acme", "Email": "a@acme.example"}
	rep.want(400, nil, "POST", v67+"/sobjects/Lead", again)
	rep.want(201, nil, "POST", v67+"/sobjects/Lead", again, "Sforce-Duplicate-Rule-Header", "runAsCurrentUser=true")
}

func TestADuplicateRuleThatFindsNothingIsRefused(t *testing.T) {
	t.Parallel()
	c := newClient(t, Options{})
	for code, rule := range map[string]m{
		"INVALID_TYPE":           {"object": "Led", "field": "Email", "against": []string{"Lead"}},
		"INVALID_FIELD":          {"object": "Lead", "field": "Mail", "against": []string{"Lead"}},
		"REQUIRED_FIELD_MISSING": {"object": "Lead", "against": []string{"Lead"}},
	} {
		c.refused(400, code, "POST", "/__sandbox/duplicateRules", []m{rule})
	}
}
