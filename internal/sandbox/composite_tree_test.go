package sandbox

import (
	"fmt"
	"testing"
)

type planted struct {
	HasErrors bool
	Results   []struct {
		ReferenceID string
		ID          string
		Errors      []recordError
	}
}

func branch(object, id string, fields m) m {
	fields["attributes"] = m{"type": object, "referenceId": id}
	return fields
}

func nested(nodes ...m) m { return m{"records": nodes} }

func TestATreeIsCreatedLevelByLevel(t *testing.T) {
	t.Parallel()
	c := newClient(t, Options{})
	var answer planted
	c.want(201, &answer, "POST", v67+"/composite/tree/account/", nested(
		branch("Account", "ref1", m{"name": "One", "numberOfEmployees": "100", "Contacts": nested(
			branch("Contact", "ref2", m{"lastname": "Smith", "Tasks": nested(branch("Task", "ref5", m{"Subject": "Call", "Status": "Not Started", "Priority": "Normal"}))}),
			branch("Contact", "ref3", m{"lastname": "Evans"}))}),
		branch("Account", "ref4", m{"name": "Two"}),
	))
	var order []string
	for _, r := range answer.Results {
		order = append(order, r.ReferenceID)
	}
	if fmt.Sprint(order) != "[ref1 ref4 ref2 ref3 ref5]" || answer.HasErrors {
		t.Fatalf("answer %+v", answer)
	}
	if got := c.record(answer.Results[2].ID); got["AccountId"] != answer.Results[0].ID || got["LastName"] != "Smith" {
		t.Errorf("contact %v", got)
	}
	if got := c.record(answer.Results[4].ID); got["WhoId"] != answer.Results[2].ID {
		t.Errorf("task %v", got)
	}
	if c.org.Writes() != 5 {
		t.Errorf("%d writes", c.org.Writes())
	}
}

func TestATreeIsAllOrNothing(t *testing.T) {
	t.Parallel()
	c := newClient(t, Options{})
	var answer planted
	c.want(400, &answer, "POST", v67+"/composite/tree/Account", nested(
		branch("Account", "ref1", m{"Name": "One", "Contacts": nested(branch("Contact", "ref2", m{"LastName": "D", "Email": "123"}), branch("Contact", "ref3", m{"LastName": "E"}))}),
	))
	if !answer.HasErrors || len(answer.Results) != 1 || answer.Results[0].ReferenceID != "ref2" {
		t.Fatalf("answer %+v", answer)
	}
	if e := answer.Results[0].Errors[0]; e.StatusCode != "INVALID_EMAIL_ADDRESS" || e.Message != "Email: invalid email address: 123" || e.Fields[0] != "Email" {
		t.Errorf("error %+v", e)
	}
	if n := c.query("SELECT COUNT() FROM Account").TotalSize; n != 0 {
		t.Errorf("%d accounts are left", n)
	}
}

func TestATreeNeedsAReferenceIDForEachRecord(t *testing.T) {
	t.Parallel()
	c := newClient(t, Options{})
	var answer planted
	c.want(400, &answer, "POST", v67+"/composite/tree/Account", nested(
		branch("Account", "a", m{"Name": "One"}), branch("Account", "a", m{"Name": "Two"}), m{"attributes": m{"type": "Account"}, "Name": "Three"},
	))
	if len(answer.Results) != 3 || answer.Results[0].Errors[0].Message != "Duplicate ReferenceId provided in the request." ||
		answer.Results[2].Errors[0].Message != "Include a reference ID for each record in the request." {
		t.Errorf("answer %+v", answer)
	}
}

func TestTreesAreRefusedAsAWhole(t *testing.T) {
	t.Parallel()
	c := newClient(t, Options{})
	var many []m
	for i := range 201 {
		many = append(many, branch("Account", fmt.Sprint("r", i), m{"Name": "A"}))
	}
	path := v67 + "/composite/tree/Account"
	c.refused(400, "REQUIRED_FIELD_MISSING", "POST", path, nested())
	c.refused(400, "LIMIT_EXCEEDED", "POST", path, nested(many...))
	c.refused(400, "INVALID_INPUT", "POST", path, nested(branch("Contact", "a", m{"LastName": "D"})))
	c.refused(400, "INVALID_INPUT", "POST", path, nested(branch("Account", "a", m{"Name": "A", "Contacts": nested(branch("Lead", "b", m{}))})))
	c.refused(400, "JSON_PARSER_ERROR", "POST", path, nested(branch("Account", "a", m{"Name": "A", "Contacts": m{"records": []m{}, "done": true}})))
	c.refused(404, "NOT_FOUND", "POST", v67+"/composite/tree/Nothing", nested(branch("Nothing", "a", m{})))
}
