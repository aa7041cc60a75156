package sandbox

import (
	"cmp"
	"slices"
	"strings"

	"conversion/internal/sandbox/table"
)

// DuplicateRule is an org's rule against second records of the same person: a
// record of Object whose fields equal those of a live record of one of Against is
// refused with DUPLICATES_DETECTED.
type DuplicateRule struct {
	// Name is the rule's name in answers, Standard_Lead_Duplicate_Rule and the like
	// when empty.
	Name   string
	Object string
	// Field and Fields name what has to be equal, all of them; a record without a
	// value in one has no duplicates.
	Field   string
	Fields  []string
	Against []string
	// AllowSave makes the rule a warning that a client may override by header.
	AllowSave bool
	// On is create or update, the saves that the rule looks at; both when empty.
	On string
	// Message is what the error says, "Use one of these records?" when empty.
	Message string
}

// SetDuplicateRules replaces the org's duplicate rules; it has none at first.
func (o *Org) SetDuplicateRules(rules ...DuplicateRule) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.duplicates = slices.Clone(rules)
}

// checkDuplicateRule refuses a rule that could never find anything.
func (o *Org) checkDuplicateRule(rule DuplicateRule) *Error {
	if rule.On != "" && rule.On != "create" && rule.On != "update" {
		return refusal("INVALID_FIELD", "a duplicate rule is on create or update, or on both when on is left out: "+rule.On)
	}
	if len(rule.fields()) == 0 || len(rule.Against) == 0 {
		return refusal("REQUIRED_FIELD_MISSING", "a duplicate rule needs fields and the objects to look among")
	}
	for _, name := range append([]string{rule.Object}, rule.Against...) {
		obj, ok := o.object(name)
		if !ok {
			return unknownObject(name)
		}
		for _, field := range rule.fields() {
			if _, ok := obj.field(field); !ok {
				return noColumn(field, obj.Name)
			}
		}
	}
	return nil
}

func (rule DuplicateRule) fields() []string {
	if rule.Field == "" {
		return rule.Fields
	}
	return append([]string{rule.Field}, rule.Fields...)
}

func (rule DuplicateRule) name() string {
	if rule.Name == "" {
		return "Standard_" + rule.Object + "_Duplicate_Rule"
	}
	return rule.Name
}

// looksAt says whether a rule is about a save: an update counts when it changes
// what the rule compares.
func (rule DuplicateRule) looksAt(d *draft) bool {
	switch {
	case !strings.EqualFold(rule.Object, d.object.Name), d.access == importing:
		return false
	case rule.On == "create" && !d.isNew(), rule.On == "update" && d.isNew():
		return false
	}
	return slices.ContainsFunc(rule.fields(), d.changed)
}

func (t *tx) checkDuplicates(d *draft) *Error {
	for _, rule := range t.org.duplicates {
		if !rule.looksAt(d) || rule.AllowSave && t.options.duplicates {
			continue
		}
		matches, err := t.duplicatesOf(rule, d)
		if err != nil {
			return err
		}
		if len(matches) > 0 {
			refused := refusal("DUPLICATES_DETECTED", cmp.Or(rule.Message, "Use one of these records?"))
			refused.Duplicates, refused.DuplicateRule, refused.DuplicateOf = matches, rule.name(), d.object.Name
			refused.AllowSave = rule.AllowSave
			return refused
		}
	}
	return nil
}

// duplicatesOf compares with what can be seen: two that are saved at the same
// time pass each other by, as in Salesforce.
func (t *tx) duplicatesOf(rule DuplicateRule, d *draft) ([]string, *Error) {
	var ids []string
	for _, name := range rule.Against {
		obj, ok := t.org.object(name)
		if !ok {
			continue
		}
		rows, err := t.equalIn(obj, rule.fields(), d)
		if err != nil {
			return nil, err
		}
		for _, r := range rows {
			if r.ID != d.id && (!t.options.asUser || t.rights.seesRow(obj, r)) {
				ids = append(ids, r.ID)
			}
		}
	}
	return ids, nil
}

// equalIn finds the records of an object that have the draft's values in some
// fields: by an indexed one, if there is one among them.
func (t *tx) equalIn(obj *object, names []string, d *draft) ([]*table.Row, *Error) {
	var fields []*field
	for _, name := range names {
		f, ok := obj.field(name)
		if !ok || f.column < 0 || d.get(name) == nil {
			return nil, nil
		}
		if obj.seen.Indexed(f.column) {
			fields = slices.Insert(fields, 0, f)
		} else {
			fields = append(fields, f)
		}
	}
	rows, err := obj.seenMatching(fields[0], d.get(fields[0].Name))
	return slices.DeleteFunc(rows, func(r *table.Row) bool {
		return slices.ContainsFunc(fields, func(f *field) bool { return !f.same(f.value(r), d.get(f.Name)) })
	}), err
}

// same says whether two stored values are equal to a query.
func (f *field) same(a, b any) bool {
	x, isText := a.(string)
	y, bothText := b.(string)
	return a == b || isText && bothText && f.folded(x) == f.folded(y)
}

// duplicateBody is the answer to a save that a duplicate rule stopped; the key is
// really spelled like that.
func (c *call) duplicateBody(e *Error) map[string]any {
	defer c.view()()
	byObject := map[string][]any{}
	var order []string
	for _, id := range e.Duplicates {
		obj, ok := c.org.objectOf(id)
		if !ok {
			continue
		}
		if byObject[obj.Name] == nil {
			order = append(order, obj.Name)
		}
		byObject[obj.Name] = append(byObject[obj.Name], map[string]any{
			"additionalInformation": []any{}, "fieldDiffs": []any{}, "matchConfidence": 100.0, "record": c.duplicate(obj, id),
		})
	}
	results := []any{}
	for _, name := range order {
		results = append(results, map[string]any{
			"entityType": name, "errors": []any{}, "matchEngine": "ExactMatchEngine", "matchRecords": byObject[name],
			"rule": "Standard_" + name + "_Match_Rule_v1_0", "size": len(byObject[name]), "success": true,
		})
	}
	return map[string]any{
		"duplicateResut": map[string]any{
			"allowSave": e.AllowSave, "duplicateRule": e.DuplicateRule, "duplicateRuleEntityType": e.DuplicateOf,
			"errorMessage": e.Message, "matchResults": results,
		},
		"errorCode": e.Code, "message": e.Message,
	}
}

// duplicate shows a record that a rule found: its id, or on demand all that the
// user may see of it.
func (c *call) duplicate(obj *object, id string) any {
	shown := map[string]any{
		"attributes": map[string]string{"type": obj.Name, "url": c.base() + "/sobjects/" + obj.Name + "/" + id}, "Id": id,
	}
	row, ok := obj.seen.Find(id)
	rights := c.rights()
	if !ok || !c.saveOptions().details || !rights.seesRow(obj, row) {
		return shown
	}
	for f := range rights.fields(obj) {
		if f.column != columnCompound {
			shown[f.Name] = f.shown(c.org.read(obj, f, row))
		}
	}
	return shown
}
