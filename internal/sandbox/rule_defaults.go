package sandbox

import (
	"fmt"
	"regexp"
	"strings"
)

// fillDefaults gives a new record the defaults of the fields that the caller
// left out, and the next of its auto-numbers. A null for a field that cannot be
// null is answered with the default too.
func (t *tx) fillDefaults(d *draft, in map[string]any) *Error {
	for _, f := range d.object.fields {
		if f.column < 0 || d.values[f.column] != nil {
			continue
		}
		if f.AutoNumber {
			d.values[f.column] = f.nextNumber(t.org)
			continue
		}
		if f.Nillable && givenIn(in, f.Name) {
			continue
		}
		standard, err := t.standardValue(d, f)
		if err != nil {
			return err
		}
		if standard != nil {
			d.values[f.column] = standard
		}
	}
	if d.get("OwnerId") == nil {
		d.set("OwnerId", t.user)
	}
	if d.object.Custom && d.get("Name") == nil {
		d.set("Name", shortID(d.id)) // as Salesforce names a record that nobody named
	}
	return nil
}

// standardValue is a field's default: a constant, or what its formula computes.
func (t *tx) standardValue(d *draft, f *field) (any, *Error) {
	if f.standard == nil {
		return f.defaultValue(), nil
	}
	v, err := f.standard.Eval(&subject{org: t.org, object: d.object, draft: d, user: t.user})
	if err != nil {
		return nil, nil
	}
	return f.stored(f.shown(f.fromFormula(v)))
}

func givenIn(in map[string]any, name string) bool {
	for given := range in {
		if strings.EqualFold(given, name) {
			return true
		}
	}
	return false
}

func (f *field) defaultValue() any {
	if f.DefaultValue != nil {
		return f.DefaultValue
	}
	if f.Nillable && !f.Custom {
		return nil
	}
	for _, p := range f.Picklist {
		if p.Default && p.Active {
			return p.Value
		}
	}
	return nil
}

// numberFormat is a display format: text around a run of zeros in braces, and
// dates in braces of their own.
var (
	numberFormat = regexp.MustCompile(`^[^{}]*(\{(YYYY|YY|MM|DD)\}[^{}]*)*\{0+\}[^{}]*(\{(YYYY|YY|MM|DD)\}[^{}]*)*$`)
	numberPart   = regexp.MustCompile(`\{[^{}]*\}`)
)

// nextNumber is the next value of an auto-number field. A number that a record
// took is not given out again, even if the record is not saved in the end.
func (f *field) nextNumber(o *Org) string {
	number := f.StartingNumber + f.counted
	f.counted++
	now := o.clock.Now()
	return numberPart.ReplaceAllStringFunc(f.DisplayFormat, func(part string) string {
		switch part {
		case "{YYYY}":
			return now.Format("2006")
		case "{YY}":
			return now.Format("06")
		case "{MM}":
			return now.Format("01")
		case "{DD}":
			return now.Format("02")
		}
		return fmt.Sprintf("%0*d", len(part)-2, number)
	})
}
