package sandbox

import (
	"strings"

	"conversion/internal/sandbox/schema"
	"conversion/internal/sandbox/soql"
	"conversion/internal/sandbox/table"
)

const describeAdvice = " Please reference your WSDL or the describe call for the appropriate names."

// ref is a field path that was found in the schema.
type ref struct {
	from  *object
	hops  []hop
	field *field // at the end of the path; of the pseudo-object Name after a polymorphic hop
	path  string // in canonical case
}

// hop is a step from a record to the record that its lookup refers to.
type hop struct {
	lookup *field
	target *object // nil when the lookup may lead to several objects
}

// nameFields are the fields of the pseudo-object Name, which stands for whatever
// a polymorphic lookup leads to.
var nameFields = func() map[string]*field {
	m := map[string]*field{}
	for _, name := range []string{"Id", "Name", "FirstName", "LastName", "Email", "Phone", "Title", "Type", "Username", "Alias", "ProfileId", "UserRoleId"} {
		m[strings.ToLower(name)] = &field{column: columnOfName, Field: schema.Field{Name: name, Label: name, Type: schema.String, Filterable: true, Sortable: true, Groupable: true}}
	}
	m["isactive"] = &field{column: columnOfName, Field: schema.Field{Name: "IsActive", Label: "Active", Type: schema.Boolean, Filterable: true, Sortable: true}}
	return m
}()

// names finds paths in the object that a query is about.
type names struct {
	org    *Org
	rights *rights
	query  *soql.Query
	object *object
}

func asSOQL(err *soql.Error) *Error { return refusal(err.Code, err.Message) }

func (n *names) malformed(pos int, format string, args ...any) *Error {
	return asSOQL(soql.Malformed(n.query.Text, pos, format, args...))
}

func (n *names) invalid(pos int, format string, args ...any) *Error {
	return asSOQL(soql.Errorf("INVALID_FIELD", n.query.Text, pos, format, args...))
}

// find resolves a path; the query's alias may stand before it.
func (n *names) find(path soql.Path) (*ref, *Error) {
	if len(path) > 1 && (strings.EqualFold(path[0].Text, n.query.Alias) || strings.EqualFold(path[0].Text, n.object.Name)) {
		path = path[1:]
	}
	r := &ref{from: n.object}
	at := n.object
	var walked []string
	for _, step := range path[:len(path)-1] {
		lookup, ok := n.rights.relationship(at, step.Text)
		if !ok {
			return nil, n.invalid(step.Pos, "Didn't understand relationship '%s' in field path. If you are attempting to use a custom relationship, be sure to append the '__r' after the custom relationship name.%s", step.Text, describeAdvice)
		}
		h := hop{lookup: lookup}
		if len(lookup.ReferenceTo) == 1 {
			h.target, _ = n.rights.object(lookup.ReferenceTo[0])
		}
		r.hops = append(r.hops, h)
		walked = append(walked, lookup.RelationshipName)
		at = h.target
	}
	if len(r.hops) > 5 {
		return nil, n.malformed(path.Pos(), "SOQL relationships can be at most 5 levels deep")
	}
	last := path[len(path)-1]
	var ok bool
	if at == nil {
		r.field, ok = nameFields[strings.ToLower(last.Text)]
	} else {
		r.field, ok = n.rights.field(at, last.Text)
	}
	if !ok {
		entity := "Name"
		if at != nil {
			entity = at.Name
		}
		return nil, n.invalid(last.Pos, "No such column '%s' on entity '%s'. If you are attempting to use a custom field, be sure to append the '__c' after the custom field name.%s", last.Text, entity, describeAdvice)
	}
	r.path = strings.Join(append(walked, r.field.Name), ".")
	return r, nil
}

// follow steps from a row to the one its lookup refers to; records in the recycle
// bin are seen by queryAll only.
func (r *rights) follow(lookup *field, row *table.Row, all bool) (*object, *table.Row) {
	id, _ := lookup.value(row).(string)
	obj, ok := r.org.objectOf(id)
	if !ok {
		return nil, nil
	}
	next, ok := obj.seen.Find(id)
	if !ok || next.Deleted && !all {
		return nil, nil
	}
	return obj, next
}

// read returns the stored value at the end of a path, nil when a lookup on the
// way is empty.
func (r *ref) read(as *rights, row *table.Row, all bool) any {
	obj := r.from
	for _, h := range r.hops {
		if obj, row = as.follow(h.lookup, row, all); row == nil {
			return nil
		}
	}
	return as.valueIn(obj, r.field, row)
}

// valueIn reads a field that may be one of the pseudo-object Name.
func (r *rights) valueIn(obj *object, f *field, row *table.Row) any {
	if f.column != columnOfName {
		return r.org.read(obj, f, row)
	}
	if f.Name == "Type" {
		return obj.Name
	}
	if real, ok := r.field(obj, f.Name); ok {
		return r.org.read(obj, real, row)
	}
	return nil
}
