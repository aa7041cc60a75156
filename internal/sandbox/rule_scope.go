package sandbox

import (
	"fmt"
	"strings"

	"conversion/internal/sandbox/formula"
	"conversion/internal/sandbox/schema"
)

// path is what a name in a formula was found to be: a field of the record, of a
// record that lookups lead to, or of the user who is at work.
type path struct {
	global string // "$User", "$Organization" or ""
	hops   []*field
	object *object // that has the field
	field  *field
}

// through says whether a path touches a field.
func (p *path) through(f *field) bool {
	for _, hop := range p.hops {
		if hop == f {
			return true
		}
	}
	return p.field == f
}

// scope finds the names of a formula about records of an object. The caller
// holds the lock.
type scope struct {
	org    *Org
	object *object
	use    formula.Use
}

// globals are the records that every formula may name, by object.
var globals = map[string]string{"$User": "User", "$Organization": "Organization"}

// Variable finds a field by its dotted path.
func (s scope) Variable(names []string) (formula.Variable, bool, error) {
	p, err := s.find(names)
	if p == nil || err != nil {
		return formula.Variable{}, false, err
	}
	kind, err := formulaType(p.field, s.use)
	if err != nil {
		return formula.Variable{}, false, err
	}
	return formula.Variable{Type: kind, Key: p, Own: p.global == "" && len(p.hops) == 0}, true, nil
}

func (s scope) find(names []string) (*path, error) {
	p := &path{object: s.object}
	if strings.HasPrefix(names[0], "$") {
		if err := s.begin(p, names[0]); err != nil {
			return nil, err
		}
		names = names[1:]
	}
	for len(names) > 1 {
		lookup, target := s.step(p.object, names[0])
		if lookup == nil {
			return nil, nil
		}
		p.hops, p.object, names = append(p.hops, lookup), target, names[1:]
	}
	if len(names) == 0 {
		return nil, nil
	}
	f, ok := p.object.field(names[0])
	if !ok {
		return nil, nil
	}
	p.field = f
	return p, nil
}

// begin starts a path at a global record.
func (s scope) begin(p *path, name string) error {
	for global, object := range globals {
		if strings.EqualFold(global, name) {
			if s.use == formula.ForField {
				return fmt.Errorf("%s in formula fields is not supported by this org", global)
			}
			p.global = global
			p.object, _ = s.org.object(object)
			return nil
		}
	}
	return fmt.Errorf("%s is not supported by this org", name)
}

// step finds a lookup by its relationship's name. A colon names the object where
// the lookup may lead to several, as in Owner:User.
func (s scope) step(obj *object, name string) (*field, *object) {
	name, wanted, _ := strings.Cut(name, ":")
	if strings.EqualFold(wanted, "Queue") {
		wanted = "Group"
	}
	for _, f := range obj.fields {
		if f.RelationshipName == "" || !strings.EqualFold(f.RelationshipName, name) {
			continue
		}
		for _, target := range f.ReferenceTo {
			if wanted == "" && len(f.ReferenceTo) > 1 || wanted != "" && !strings.EqualFold(target, wanted) {
				continue
			}
			if to, ok := s.org.object(target); ok {
				return f, to
			}
		}
	}
	return nil, nil
}

// formulaType is the type that a field's value has in a formula; some fields
// cannot be used in one.
func formulaType(f *field, use formula.Use) (formula.Type, error) {
	switch {
	case f.Type == schema.EncryptedString:
		return 0, &unusable{"Text (Encrypted)", f.Name}
	case f.Type == schema.TextArea && f.Length > 255 && use != formula.ForRule:
		return 0, &unusable{"Long Text Area", f.Name}
	case f.Type == schema.Picklist:
		return formula.Picklist, nil
	case f.Type == schema.MultiPicklist:
		return formula.MultiPicklist, nil
	case f.Type == schema.Boolean:
		return formula.Boolean, nil
	case f.Type == schema.Date:
		return formula.Date, nil
	case f.Type == schema.DateTime:
		return formula.DateTime, nil
	case f.Type == schema.Time:
		return formula.Time, nil
	case f.isNumber():
		return formula.Number, nil
	case f.isText(), f.Type == schema.ID, f.Type == schema.Reference:
		return formula.Text, nil
	}
	return 0, &unusable{string(f.Type), f.Name}
}

// unusable is the use of a field in a formula that cannot read its type.
type unusable struct{ kind, field string }

func (e *unusable) Error() string {
	return fmt.Sprintf("You referenced an unsupported field type called %q using the following field: %s", e.kind, e.field)
}
