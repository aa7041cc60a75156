package sandbox

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"conversion/internal/sandbox/formula"
	"conversion/internal/sandbox/schema"
)

// ValidationRule refuses a record for which its formula is true, with
// FIELD_CUSTOM_VALIDATION_EXCEPTION and its message.
type ValidationRule struct {
	// Object and Name are API names; the name is unique within the object.
	Object, Name string
	// Formula is the condition of an error, in Salesforce's formula language.
	Formula string
	// Message is what the error says, at most 255 characters.
	Message string
	// Field is where the error is shown, "" for the top of the page.
	Field string
	// Active rules are checked at each save.
	Active      bool
	Description string
}

// validation is a rule as the org keeps it.
type validation struct {
	ValidationRule
	id       string // 03d…
	object   *object
	compiled *formula.Formula
	created  int64
}

var ruleName = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9]*(_[A-Za-z0-9]+)*$`)

// AddValidationRule adds a validation rule; existing records are not checked. The
// error is an *Error.
func (o *Org) AddValidationRule(rule ValidationRule) error {
	o.mu.Lock()
	defer o.mu.Unlock()
	if _, err := o.addValidation(rule); err != nil {
		return err
	}
	return nil
}

func (o *Org) addValidation(rule ValidationRule) (*validation, *Error) {
	v, err := o.checkedValidation(rule)
	if err != nil {
		return nil, err
	}
	if o.validation(v.Object, v.Name) != nil {
		return nil, refusal("DUPLICATE_DEVELOPER_NAME", fmt.Sprintf(
			"The name %s is already in use on a validation rule of %s.", v.Name, v.Object), "FullName")
	}
	o.definitions++
	v.id, v.created = recordID("03d", o.pod, o.definitions), o.clock.second()
	o.validations = append(o.validations, v)
	return v, nil
}

// checkedValidation compiles a rule and gives its names their right case.
func (o *Org) checkedValidation(rule ValidationRule) (*validation, *Error) {
	obj, ok := o.object(rule.Object)
	switch {
	case !ok:
		return nil, unknownObject(rule.Object)
	case !ruleName.MatchString(rule.Name) || len(rule.Name) > 40:
		return nil, refusal("FIELD_INTEGRITY_EXCEPTION", "The Validation Rule Name can only contain underscores and alphanumeric characters: "+rule.Name, "FullName")
	case rule.Message == "":
		return nil, refusal("REQUIRED_FIELD_MISSING", "Required fields are missing: [errorMessage]", "ErrorMessage")
	case len([]rune(rule.Message)) > 255:
		return nil, refusal("STRING_TOO_LONG", fmt.Sprintf("Error Message: data value too large: %s (max length=255)", rule.Message), "ErrorMessage")
	}
	v := &validation{ValidationRule: rule, object: obj}
	v.Object = obj.Name
	if rule.Field != "" {
		f, ok := obj.field(rule.Field)
		if !ok {
			return nil, noColumn(rule.Field, obj.Name)
		}
		v.Field = f.Name
	}
	var err *Error
	boolean := &field{Field: schema.Field{Name: "ErrorConditionFormula", Type: schema.Boolean}}
	v.compiled, err = o.compileAs(obj, boolean, rule.Formula, formula.Options{Use: formula.ForRule})
	return v, err
}

// RemoveValidationRule deletes a rule by its object and name, in any case.
func (o *Org) RemoveValidationRule(object, name string) error {
	o.mu.Lock()
	defer o.mu.Unlock()
	v := o.validation(object, name)
	if v == nil {
		return notFound()
	}
	o.removeValidation(v)
	return nil
}

func (o *Org) removeValidation(gone *validation) {
	o.validations = slices.DeleteFunc(slices.Clone(o.validations), func(v *validation) bool { return v == gone })
}

// ValidationRules lists the org's rules in the order in which they were added.
func (o *Org) ValidationRules() []ValidationRule {
	o.mu.RLock()
	defer o.mu.RUnlock()
	rules := make([]ValidationRule, len(o.validations))
	for i, v := range o.validations {
		rules[i] = v.ValidationRule
	}
	return rules
}

func (o *Org) validation(object, name string) *validation {
	for _, v := range o.validations {
		if strings.EqualFold(v.Object, object) && strings.EqualFold(v.Name, name) {
			return v
		}
	}
	return nil
}

// checkValidations refuses a record that violates validation rules, naming all of
// them. A formula that cannot be computed is no violation. An import is not
// checked: it is how an org was, not what somebody does.
func (t *tx) checkValidations(d *draft) *Error {
	if d.access == importing {
		return nil
	}
	var all problems
	s := &subject{org: t.org, object: d.object, draft: d, user: t.user}
	for _, v := range t.org.validations {
		if v.object != d.object || !v.Active {
			continue
		}
		if violated, err := v.compiled.Eval(s); err != nil || violated != true {
			continue
		}
		refused := refusal("FIELD_CUSTOM_VALIDATION_EXCEPTION", v.Message)
		if v.Field != "" {
			refused.Fields = []string{v.Field}
		}
		all.add(refused)
	}
	return all.err()
}

// problems collects the errors of one record.
type problems struct{ found []*Error }

func (p *problems) add(err *Error) {
	if err != nil {
		p.found = append(p.found, err)
	}
}

// err is all errors as one: the first, which has the others.
func (p *problems) err() *Error {
	if len(p.found) == 0 {
		return nil
	}
	first := *p.found[0]
	first.Others = p.found[1:]
	return &first
}
