package sandbox

import (
	"cmp"
	"slices"
	"strings"

	"conversion/internal/sandbox/formula"
)

// Trigger is what an org's own automation does when a record is saved: it rewrites
// a field of the record before the save, changes another record after it, or makes
// the save fail.
type Trigger struct {
	Object string
	// Name tells the triggers of an object apart and shows in errors.
	Name string
	// On is create or update, both when empty; When narrows it further.
	On   string
	When Condition

	// Field is what is rewritten, by one of the following: Set is its new value,
	// From another field of the record, Formula is computed for the record, and
	// Apply is upper, lower or digits and changes the text that is there.
	Field   string
	Set     any
	From    string
	Formula string
	Apply   string

	// Parent makes it an after trigger: Field is one of the record that this lookup
	// refers to. Record names that other record by its id instead.
	Parent, Record string

	// Fail makes the save fail when it is set.
	Fail *TriggerFailure
}

// TriggerFailure is the error of a trigger.
type TriggerFailure struct {
	// Code is FIELD_CUSTOM_VALIDATION_EXCEPTION when empty: the error that a trigger
	// adds. CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY is that of a trigger that crashes,
	// CANNOT_EXECUTE_FLOW_TRIGGER that of a flow.
	Code, Message string
	Fields        []string
}

// trigger is a Trigger whose names were found.
type trigger struct {
	Trigger
	when   *condition
	value  func(t *tx, d *draft) any // as REST carries it
	parent *field
}

// AddTrigger adds a trigger to its object, or replaces the one of that name. The
// triggers of an object run in the order in which they were added.
func (o *Org) AddTrigger(made Trigger) error {
	o.mu.Lock()
	defer o.mu.Unlock()
	obj, ok := o.object(made.Object)
	if !ok {
		return unknownObject(made.Object)
	}
	tr, err := o.compileTrigger(obj, made)
	if err != nil {
		return err
	}
	obj.triggers = append(withoutTrigger(obj.triggers, made.Name), tr)
	return nil
}

// RemoveTrigger removes a trigger by its name in any case.
func (o *Org) RemoveTrigger(object, name string) error {
	o.mu.Lock()
	defer o.mu.Unlock()
	obj, ok := o.object(object)
	if !ok {
		return unknownObject(object)
	}
	left := withoutTrigger(obj.triggers, name)
	if len(left) == len(obj.triggers) || name == "" {
		return notFound()
	}
	obj.triggers = left
	return nil
}

func withoutTrigger(triggers []*trigger, name string) []*trigger {
	return slices.DeleteFunc(slices.Clone(triggers), func(tr *trigger) bool { return name != "" && strings.EqualFold(tr.Name, name) })
}

func (o *Org) compileTrigger(obj *object, made Trigger) (*trigger, *Error) {
	tr := &trigger{Trigger: made}
	var err *Error
	if tr.when, err = o.compileCondition(obj, made.When); err != nil {
		return nil, err
	}
	switch {
	case made.On != "" && made.On != "create" && made.On != "update":
		return nil, refusal("INVALID_FIELD", "a trigger is on create or update, or on both when on is left out: "+made.On)
	case made.Fail != nil:
		return tr, nil
	case made.Field == "":
		return nil, refusal("REQUIRED_FIELD_MISSING", "a trigger rewrites a field or fails")
	}
	target, err := o.targetOf(obj, tr)
	if err != nil {
		return nil, err
	}
	f, ok := target.field(made.Field)
	if !ok || f.column < 0 {
		return nil, noColumn(made.Field, target.Name)
	}
	tr.value, err = o.triggerValue(obj, f, made)
	return tr, err
}

// targetOf finds the object whose field a trigger rewrites.
func (o *Org) targetOf(obj *object, tr *trigger) (*object, *Error) {
	name := obj.Name
	switch {
	case tr.Record != "":
		id, _ := normaliseID(tr.Record)
		target, ok := o.objectOf(id)
		if !ok {
			return nil, refusal("MALFORMED_ID", "malformed id "+tr.Record)
		}
		return target, nil
	case tr.Parent != "":
		f, ok := obj.field(tr.Parent)
		if !ok || len(f.ReferenceTo) != 1 {
			return nil, refusal("INVALID_FIELD", "the parent is named by a lookup to one object: "+tr.Parent)
		}
		tr.parent, name = f, f.ReferenceTo[0]
	}
	target, ok := o.object(name)
	if !ok {
		return nil, unknownObject(name)
	}
	return target, nil
}

// triggerValue is what a trigger gives its field.
func (o *Org) triggerValue(obj *object, target *field, made Trigger) (func(*tx, *draft) any, *Error) {
	switch {
	case made.Formula != "":
		compiled, err := o.compileAs(obj, target, made.Formula, formula.Options{Use: formula.ForRule})
		return func(t *tx, d *draft) any {
			v, failed := compiled.Eval(&subject{org: t.org, object: d.object, draft: d, user: t.user})
			if failed != nil {
				return nil
			}
			return target.shown(target.fromFormula(v))
		}, err
	case made.From != "":
		from, ok := obj.field(made.From)
		if !ok || from.column < 0 {
			return nil, noColumn(made.From, obj.Name)
		}
		return func(_ *tx, d *draft) any { return from.shown(d.values[from.column]) }, nil
	case made.Apply != "":
		rewrite, known := rewrites[made.Apply]
		if !known || made.Parent != "" || made.Record != "" {
			return nil, refusal("INVALID_FIELD", "apply is upper, lower or digits, of the record's own field: "+made.Apply)
		}
		return func(_ *tx, d *draft) any {
			text, isText := d.values[target.column].(string)
			if !isText {
				return target.shown(d.values[target.column])
			}
			return rewrite(text)
		}, nil
	}
	return func(*tx, *draft) any { return made.Set }, nil
}

var rewrites = map[string]func(string) string{
	"upper": strings.ToUpper,
	"lower": strings.ToLower,
	"digits": func(s string) string {
		return strings.Map(func(r rune) rune {
			if r < '0' || r > '9' {
				return -1
			}
			return r
		}, s)
	},
}

// after says whether a trigger runs once the record is stored.
func (tr *trigger) after() bool { return tr.parent != nil || tr.Record != "" }

// meant says whether a trigger is for a save.
func (tr *trigger) meant(t *tx, d *draft) bool {
	if tr.On == "create" && !d.isNew() || tr.On == "update" && d.isNew() {
		return false
	}
	return t.holds(tr.when, d)
}

// runDeclared runs the triggers of an object before or after a save.
func (t *tx) runDeclared(d *draft, after bool) *Error {
	if d.access == importing {
		return nil
	}
	for _, tr := range d.object.triggers {
		if tr.after() != after || !tr.meant(t, d) {
			continue
		}
		run := tr.before
		if after {
			run = tr.change
		}
		if err := run(t, d); err != nil {
			return err
		}
	}
	return nil
}

// before fails the save or rewrites a field of the record.
func (tr *trigger) before(t *tx, d *draft) *Error {
	if tr.Fail != nil {
		return refusal(cmp.Or(tr.Fail.Code, "FIELD_CUSTOM_VALIDATION_EXCEPTION"), tr.Fail.Message, tr.Fail.Fields...)
	}
	f, ok := d.object.field(tr.Field)
	if !ok {
		return tr.crash("BeforeSave", noColumn(tr.Field, d.object.Name))
	}
	v, err := f.stored(tr.value(t, d))
	if err != nil {
		return tr.crash("BeforeSave", err)
	}
	d.values[f.column] = v
	return nil
}

// deepest is how many triggers may set each other off.
const deepest = 16

// change writes the other record, past the user's permissions.
func (tr *trigger) change(t *tx, d *draft) *Error {
	id := tr.Record
	if tr.parent != nil {
		id, _ = d.values[tr.parent.column].(string)
	}
	if id == "" {
		return nil
	}
	if t.depth++; t.depth > deepest {
		return tr.crash("AfterSave", refusal("System.DmlException", "maximum trigger depth exceeded"))
	}
	bound := t.rights
	t.rights = &rights{org: t.org, user: t.user, unlimited: true}
	defer func() { t.rights = bound; t.depth-- }()
	if err := t.update(id, map[string]any{tr.Field: tr.value(t, d)}); err != nil {
		return tr.crash("AfterSave", err)
	}
	return nil
}

// crash is the error of a trigger that failed itself.
func (tr *trigger) crash(at string, by *Error) *Error {
	return refusal("CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY", cmp.Or(tr.Name, tr.Object+"Trigger")+": execution of "+at+" caused by: "+by.Error(), by.Fields...)
}
