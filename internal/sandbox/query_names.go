package sandbox

import (
	"maps"
	"slices"
	"strings"
	"time"

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
	name   string // of the relationship
	lookup *field // nil when it is known only once the record is: behind a polymorphic hop
	target *object
	// ofName says that the record reached shows as the pseudo-object Name,
	// because the lookup may lead to several objects.
	ofName bool
}

// nameFields are the fields of the pseudo-object Name, which stands for whatever
// a polymorphic lookup leads to.
var nameFields = func() map[string]*field {
	m := map[string]*field{}
	add := func(t schema.Type, names ...string) {
		for _, name := range names {
			m[strings.ToLower(name)] = &field{column: columnOfName, Field: schema.Field{
				Name: name, Label: name, Type: t, Filterable: true, Sortable: true, Groupable: true}}
		}
	}
	add(schema.ID, "Id")
	add(schema.Reference, "ProfileId", "UserRoleId")
	add(schema.String, "Name", "FirstName", "LastName", "Title", "Type", "Username", "Alias")
	add(schema.Email, "Email")
	add(schema.Phone, "Phone")
	add(schema.Boolean, "IsActive")
	add(schema.DateTime, "LastViewedDate", "LastReferencedDate")
	return m
}()

// nameObject is the pseudo-object as it is described. Nothing can be done with it
// but select its fields behind a polymorphic lookup.
var nameObject = func() *object {
	o := &object{Object: schema.Object{Name: "Name", Label: "Name", LabelPlural: "Name"}}
	for _, name := range slices.Sorted(maps.Keys(nameFields)) {
		o.fields = append(o.fields, nameFields[name])
	}
	return o
}()

// nameRelationships lead on from the pseudo-object Name, which then is a user.
var nameRelationships = map[string]hop{
	"profile":  {name: "Profile"},
	"userrole": {name: "UserRole"},
}

// names finds what a query names: for one user, in one version of the API.
type names struct {
	org     *Org
	rights  *rights
	user    string
	version int
	zone    *time.Location
	query   *soql.Query
	object  *object
	// above is the query around a child subquery, nil for the whole query.
	above *names
	used  *usage
}

// usage counts what the limits of a whole query are about.
type usage struct {
	relationships map[string]bool
	children      int
	semiJoins     int
}

func asSOQL(err *soql.Error) *Error { return refusal(err.Code, err.Message) }

func (n *names) malformed(pos int, format string, args ...any) *Error {
	return asSOQL(soql.Malformed(n.query.Text, pos, format, args...))
}

func (n *names) invalid(pos int, format string, args ...any) *Error {
	return asSOQL(soql.Errorf("INVALID_FIELD", n.query.Text, pos, format, args...))
}

// find resolves a path.
func (n *names) find(path soql.Path) (*ref, *Error) {
	steps := n.unaliased(path)
	r := &ref{from: n.object}
	at, walked, err := n.walk(r, steps[:len(steps)-1])
	if err != nil {
		return nil, err
	}
	last := steps[len(steps)-1]
	if r.field, err = n.fieldOf(at, last.Text, path.Pos()); err != nil {
		return nil, err
	}
	r.path = strings.Join(append(walked, r.field.Name), ".")
	return r, nil
}

// unaliased takes off the name of the object, or what the query calls it, and
// puts the path in place of what the query calls a relationship.
func (n *names) unaliased(path soql.Path) soql.Path {
	for i := 0; len(path) > 1 && i <= len(n.query.Joins); i++ {
		first := path[0].Text
		_, related := n.rights.relationship(n.object, first)
		if strings.EqualFold(first, n.query.Alias) || !related && strings.EqualFold(first, n.object.Name) {
			path = path[1:]
		}
		for _, join := range n.query.Joins {
			if join.Alias != "" && strings.EqualFold(path[0].Text, join.Alias) {
				path = append(join.Path[:len(join.Path):len(join.Path)], path[1:]...)
				break
			}
		}
	}
	if len(path) > 1 && strings.EqualFold(path[0].Text, n.query.Alias) {
		return path[1:]
	}
	return path
}

// maxHops is how many relationships a path may have.
const maxHops = 5

// walk follows the relationships of a path; at is nil behind a polymorphic one.
func (n *names) walk(r *ref, steps soql.Path) (at *object, walked []string, err *Error) {
	at = n.object
	for i, step := range steps {
		h, ok := n.hop(at, step.Text)
		if !ok {
			return nil, nil, n.invalid(steps[0].Pos, "Didn't understand relationship '%s' in field path. If you are attempting to use a custom relationship, be sure to append the '__r' after the custom relationship name.%s", step.Text, describeAdvice)
		}
		if i == maxHops {
			return nil, nil, n.malformed(steps[0].Pos, "Relationship queries can be at most 5 levels deep in the child-to-parent direction")
		}
		r.hops = append(r.hops, h)
		walked = append(walked, h.name)
		at = h.target
		n.used.relationships[n.object.Name+"."+strings.Join(walked, ".")] = true
	}
	if len(n.used.relationships) > maxRelationships {
		return nil, nil, n.malformed(n.query.From.Pos, "SOQL statements cannot query more than %d child-to-parent relationships", maxRelationships)
	}
	return at, walked, nil
}

// maxRelationships is how many different relationships a query may follow.
const maxRelationships = 55

func (n *names) hop(at *object, name string) (hop, bool) {
	if at == nil {
		h, ok := nameRelationships[strings.ToLower(name)]
		if ok {
			h.target, ok = n.rights.object(h.name)
		}
		return h, ok
	}
	lookup, ok := n.rights.relationship(at, name)
	if !ok {
		return hop{}, false
	}
	h := hop{name: lookup.RelationshipName, lookup: lookup, ofName: len(lookup.ReferenceTo) != 1}
	if !h.ofName {
		h.target, ok = n.rights.object(lookup.ReferenceTo[0])
	}
	return h, ok
}

// fieldOf finds the field at the end of a path.
func (n *names) fieldOf(at *object, name string, pos int) (*field, *Error) {
	if at == nil {
		if f, ok := nameFields[strings.ToLower(name)]; ok {
			return f, nil
		}
	} else if f, ok := n.rights.field(at, name); ok {
		return f, nil
	}
	entity := "Name"
	if at != nil {
		entity = at.Name
	}
	return nil, n.invalid(pos, "No such column '%s' on entity '%s'. If you are attempting to use a custom field, be sure to append the '__c' after the custom field name.%s", name, entity, describeAdvice)
}

// follow steps from a row to the one that a hop leads to; records in the recycle
// bin are seen by queryAll only.
func (r *rights) follow(h hop, obj *object, row *table.Row, all bool) (*object, *table.Row) {
	lookup := h.lookup
	if lookup == nil {
		var ok bool
		if lookup, ok = r.relationship(obj, h.name); !ok {
			return nil, nil
		}
	}
	id, _ := r.org.read(obj, lookup, row).(string)
	target, ok := r.org.objectOf(id)
	if !ok || !r.may(mayRead, target) {
		return nil, nil
	}
	next, ok := target.seen.Find(id)
	if !ok || next.Deleted && !all || !r.seesRow(target, next) {
		return nil, nil
	}
	return target, next
}

// end follows the path from a row: the record that holds its field, nil when a
// lookup on the way is empty.
func (r *ref) end(as *rights, row *table.Row, all bool) (*object, *table.Row) {
	obj := r.from
	for _, h := range r.hops {
		if obj, row = as.follow(h, obj, row, all); row == nil {
			return nil, nil
		}
	}
	return obj, row
}

// read returns the stored value at the end of a path, nil when a lookup on the
// way is empty.
func (r *ref) read(as *rights, row *table.Row, all bool) any {
	obj, row := r.end(as, row, all)
	if row == nil {
		return nil
	}
	return as.valueIn(obj, r.field, row)
}

// valueIn reads a field that may be one of the pseudo-object Name, or one that
// every user has a value of their own of.
func (r *rights) valueIn(obj *object, f *field, row *table.Row) any {
	if f.ofUser() {
		if at := r.org.viewings.read(r.user, row.ID, f.Name); at != nil {
			return at
		}
	}
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
