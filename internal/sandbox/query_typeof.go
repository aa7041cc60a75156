package sandbox

import (
	"slices"

	"conversion/internal/sandbox/soql"
)

// byType is what a TYPEOF selects: by the object of the record that its
// relationship leads to.
type byType struct {
	pos   int // of the TYPEOF in the query
	cases map[*object]shape
	// other is selected of the pseudo-object Name of records of other objects;
	// nil without an ELSE.
	other shape
}

// addTypeOf resolves a TYPEOF.
func (s *shaper) addTypeOf(item soql.Item) *Error {
	t := item.TypeOf
	steps := s.unaliased(t.Path)
	r := &ref{from: s.object}
	if _, _, err := s.walk(r, steps); err != nil {
		return err
	}
	last := r.hops[len(r.hops)-1]
	if last.lookup == nil || !last.ofName {
		return s.invalid(item.Pos, "Cannot use TYPEOF with a non-polymorphic relationship: %s", t.Path)
	}
	if err := s.once(t.Path.String()); err != nil {
		return err
	}
	chosen := &byType{pos: item.Pos, cases: map[*object]shape{}}
	for _, c := range t.Cases {
		if err := s.addCase(chosen, last.lookup, c); err != nil {
			return err
		}
	}
	var err *Error
	if len(t.Else) > 0 {
		if chosen.other, err = s.fieldsOf(nil, t.Else); err != nil {
			return err
		}
	}
	s.shape = s.shape.with(r.hops[:len(r.hops)-1], node{name: last.name, hop: last, typeOf: chosen})
	return nil
}

// unmixed refuses a relationship that is selected both by TYPEOF and by paths.
func (s *shaper) unmixed(level shape) *Error {
	for _, chosen := range level {
		for _, other := range level {
			if chosen.typeOf != nil && other.typeOf == nil && other.term == nil && other.child == nil && other.name == chosen.name {
				return s.malformed(chosen.typeOf.pos, "TYPEOF cannot select a relationship that is selected by a path too: %s", chosen.name)
			}
		}
		if err := s.unmixed(chosen.below); err != nil {
			return err
		}
	}
	return nil
}

func (s *shaper) addCase(t *byType, lookup *field, c soql.TypeCase) *Error {
	obj, ok := s.rights.object(c.Object.Text)
	if !ok {
		return s.noType(c.Object)
	}
	if !slices.Contains(lookup.ReferenceTo, obj.Name) {
		return s.invalid(c.Object.Pos, "Entity '%s' is not a possible type of relationship '%s'", obj.Name, lookup.RelationshipName)
	}
	if _, twice := t.cases[obj]; twice {
		return s.malformed(c.Object.Pos, "duplicate WHEN of a TYPEOF: %s", obj.Name)
	}
	selected, err := s.fieldsOf(obj, c.Fields)
	t.cases[obj] = selected
	return err
}

// fieldsOf resolves what one branch of a TYPEOF selects, of an object or, without
// one, of the pseudo-object Name.
func (s *shaper) fieldsOf(obj *object, paths []soql.Path) (shape, *Error) {
	branch := &shaper{names: s.names, all: s.all, seen: map[string]bool{}}
	if obj == nil {
		for _, path := range paths {
			f, err := s.fieldOf(nil, path[len(path)-1].Text, path.Pos())
			if err != nil {
				return nil, err
			}
			if err := branch.addTerm(&term{text: f.Name, ref: &ref{field: f, path: f.Name}, field: f}, ""); err != nil {
				return nil, err
			}
		}
		return branch.shape, nil
	}
	below := *s.names
	query := *s.query
	query.Alias, query.Joins = "", nil
	below.object, below.query = obj, &query
	branch.names = &below
	for _, path := range paths {
		t, err := branch.term(soql.Expr{Path: path, Pos: path.Pos()})
		if err != nil {
			return nil, err
		}
		if err := branch.addTerm(t, ""); err != nil {
			return nil, err
		}
	}
	return branch.shape, nil
}
