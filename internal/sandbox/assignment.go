package sandbox

import (
	"maps"
	"slices"
	"strings"

	"conversion/internal/sandbox/table"
)

// AssignmentRule gives leads and cases their owners when they are saved through
// an API, unless the client says otherwise.
type AssignmentRule struct {
	// Object is Lead or Case.
	Object, Name string
	// Active makes it the rule that saves go by; the object's other rules then rest.
	Active bool
	// Entries are tried in their order; the first that a record fits names its
	// owner.
	Entries []AssignmentEntry
}

// AssignmentEntry names the owner of the records that meet a condition.
type AssignmentEntry struct {
	Condition
	// AssignTo is a username, the name of a queue, or the id of either.
	AssignTo string
}

// assignmentRule is a rule as the org keeps it: what it does beside its record.
type assignmentRule struct {
	object  *object
	entries []assignmentEntry
}

type assignmentEntry struct {
	when  *condition
	owner string
}

// SetAssignmentRule makes a rule, or changes the rule of that object and name,
// and returns its id.
func (o *Org) SetAssignmentRule(rule AssignmentRule) (id string, err error) {
	err = o.write(o.Admin(), func(t *tx) (refused *Error) {
		id, refused = t.setAssignmentRule(rule)
		return refused
	})
	return id, err
}

func (t *tx) setAssignmentRule(rule AssignmentRule) (string, *Error) {
	obj, ok := t.org.object(rule.Object)
	if !ok {
		return "", unknownObject(rule.Object)
	}
	made := &assignmentRule{object: obj}
	for _, entry := range rule.Entries {
		when, err := t.org.compileCondition(obj, entry.Condition)
		if err != nil {
			return "", err
		}
		owner, err := t.assignee(obj, entry.AssignTo)
		if err != nil {
			return "", err
		}
		made.entries = append(made.entries, assignmentEntry{when, owner})
	}
	id, err := t.storeAssignmentRule(obj, rule)
	if err == nil {
		t.onCommit(func() { t.org.assignments[id] = made })
	}
	return id, err
}

// storeAssignmentRule makes or changes the record of a rule.
func (t *tx) storeAssignmentRule(obj *object, rule AssignmentRule) (string, *Error) {
	rules := t.org.standard("AssignmentRule")
	fields := map[string]any{"Name": rule.Name, "SobjectType": obj.Name, "Active": rule.Active}
	id := ""
	for _, row := range rules.referring("SobjectType", obj.Name) {
		d := t.edit(rules, row)
		switch {
		case strings.EqualFold(d.text("Name"), rule.Name):
			id = row.ID
			d.set("Active", rule.Active)
		case rule.Active:
			d.set("Active", false)
		}
		t.touch(d)
	}
	if id != "" {
		return id, nil
	}
	return t.insert(rules, fields, importing)
}

// assignee finds the user or the queue that a rule names.
func (t *tx) assignee(obj *object, name string) (string, *Error) {
	if id, ok := normaliseID(name); ok {
		return id, t.checkReference(&draft{object: obj}, obj.must("OwnerId"), id)
	}
	if user, ok := t.org.userNamed(name); ok {
		return user.ID, nil
	}
	groups := t.org.standard("Group")
	for row := range groups.rows.ByID().All() {
		named := strings.EqualFold(row.Text(mustColumn(groups, "Name")), name) || strings.EqualFold(row.Text(mustColumn(groups, "DeveloperName")), name)
		if named && row.Text(mustColumn(groups, "Type")) == "Queue" {
			return row.ID, nil
		}
	}
	return "", refusal("INVALID_CROSS_REFERENCE_KEY", "the org has no user and no queue "+name)
}

// autoAssign is what a client says of assignment rules: "" for none, activeRule,
// or the id of a rule, which need not be active.
type autoAssign string

const activeRule autoAssign = "active"

// assign gives a record the owner that the assignment rule of the save says. The
// active rule counts for updates too, a named one for new records only.
func (t *tx) assign(d *draft) *Error {
	how := t.options.assign
	if how == "" || !assigned[d.object.Name] || d.access == importing {
		return nil
	}
	rule, err := t.org.ruleOf(how, d.object)
	if err != nil || rule == nil || how != activeRule && !d.isNew() {
		return err
	}
	for _, entry := range rule.entries {
		if t.holds(entry.when, d) {
			d.set("OwnerId", entry.owner)
			return t.checkReference(d, d.object.must("OwnerId"), entry.owner)
		}
	}
	return nil
}

// assigned are the objects with assignment rules.
var assigned = map[string]bool{"Lead": true, "Case": true}

// ruleOf finds the rule that a save goes by, nil if there is none.
func (o *Org) ruleOf(how autoAssign, obj *object) (*assignmentRule, *Error) {
	if how == activeRule {
		rules := o.standard("AssignmentRule")
		active := func(row table.Row) bool { return row.Get(mustColumn(rules, "Active")) == true }
		if len(o.assignments) == 0 {
			return nil, nil
		}
		for _, row := range rules.referring("SobjectType", obj.Name) {
			if active(row) {
				return o.assignments[row.ID], nil
			}
		}
		return nil, nil
	}
	id, ok := normaliseID(string(how))
	if !ok {
		return nil, refusal("MALFORMED_ID", "malformed id "+string(how))
	}
	rule := o.assignments[id]
	if rule == nil || rule.object != obj {
		return nil, refusal("INVALID_ASSIGNMENT_RULE", "invalid assignment rule: "+string(how))
	}
	return rule, nil
}

// RemoveAssignmentRule deletes a rule by its object and name.
func (o *Org) RemoveAssignmentRule(object, name string) error {
	return o.write(o.Admin(), func(t *tx) *Error {
		rules := o.standard("AssignmentRule")
		for _, id := range slices.Sorted(maps.Keys(o.assignments)) {
			row, ok := rules.rows.Find(id)
			if ok && strings.EqualFold(row.Text(mustColumn(rules, "Name")), name) && strings.EqualFold(o.assignments[id].object.Name, object) {
				t.drop(rules, *row)
				t.onCommit(func() { delete(o.assignments, id) })
				return nil
			}
		}
		return notFound()
	})
}
