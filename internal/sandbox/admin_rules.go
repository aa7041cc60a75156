package sandbox

import "net/http"

// sentCondition is a condition as the admin API takes it.
type sentCondition struct {
	When    map[string]any `json:"when"`
	Formula string         `json:"formula"`
}

func (s sentCondition) condition() Condition { return Condition{Fields: s.When, Formula: s.Formula} }

// adminAssignmentRule makes or changes an assignment rule.
func (c *call) adminAssignmentRule() *Error {
	var sent struct {
		Object  string `json:"object"`
		Name    string `json:"name"`
		Active  bool   `json:"active"`
		Entries []struct {
			sentCondition
			AssignTo string `json:"assignTo"`
		} `json:"entries"`
	}
	if err := c.decode(&sent); err != nil {
		return err
	}
	rule := AssignmentRule{Object: sent.Object, Name: sent.Name, Active: sent.Active}
	for _, entry := range sent.Entries {
		rule.Entries = append(rule.Entries, AssignmentEntry{entry.condition(), entry.AssignTo})
	}
	id, err := c.org.SetAssignmentRule(rule)
	if err != nil {
		return adminError(err)
	}
	return c.json(http.StatusOK, map[string]string{"id": id})
}

func (c *call) adminRemoveAssignmentRule() *Error {
	return c.done(c.org.RemoveAssignmentRule(c.params["object"], c.params["name"]))
}

// adminDuplicateRules replaces the org's duplicate rules.
func (c *call) adminDuplicateRules() *Error {
	var sent []struct {
		Name      string   `json:"name"`
		Object    string   `json:"object"`
		Field     string   `json:"field"`
		Fields    []string `json:"fields"`
		Against   []string `json:"against"`
		AllowSave bool     `json:"allowSave"`
		On        string   `json:"on"`
		Message   string   `json:"message"`
	}
	if err := c.decode(&sent); err != nil {
		return err
	}
	rules := make([]DuplicateRule, len(sent))
	for i, r := range sent {
		rules[i] = DuplicateRule(r)
		if err := c.checkDuplicateRule(rules[i]); err != nil {
			return err
		}
	}
	c.org.SetDuplicateRules(rules...)
	return c.done(nil)
}

func (c *call) checkDuplicateRule(rule DuplicateRule) *Error {
	defer c.view()()
	return c.org.checkDuplicateRule(rule)
}

// adminTrigger adds a trigger.
func (c *call) adminTrigger() *Error {
	var sent struct {
		Object  string         `json:"object"`
		Name    string         `json:"name"`
		On      string         `json:"on"`
		When    map[string]any `json:"when"`
		If      string         `json:"if"`
		Field   string         `json:"field"`
		Set     any            `json:"set"`
		From    string         `json:"from"`
		Formula string         `json:"formula"`
		Apply   string         `json:"apply"`
		Parent  string         `json:"parent"`
		Record  string         `json:"record"`
		Fail    *struct {
			Code    string   `json:"code"`
			Message string   `json:"message"`
			Fields  []string `json:"fields"`
		} `json:"fail"`
	}
	if err := c.decode(&sent); err != nil {
		return err
	}
	return c.done(c.org.AddTrigger(Trigger{
		Object: sent.Object, Name: sent.Name, On: sent.On, When: Condition{Fields: sent.When, Formula: sent.If}, Field: sent.Field, Set: sent.Set,
		From: sent.From, Formula: sent.Formula, Apply: sent.Apply, Parent: sent.Parent, Record: sent.Record, Fail: (*TriggerFailure)(sent.Fail),
	}))
}

func (c *call) adminRemoveTrigger() *Error {
	return c.done(c.org.RemoveTrigger(c.params["object"], c.params["name"]))
}
