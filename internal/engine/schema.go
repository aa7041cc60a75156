package engine

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"conversion"
	"conversion/internal/mapping"
)

const describeEvery = time.Hour // spec 3.4

// refreshSchema describes the org when it is time, or now, and stores what changed of the
// variables.
func (s *session) refreshSchema(ctx context.Context, now bool) error {
	if !now && !s.describeDue() {
		return nil
	}
	if err := s.cfg.Step("describe"); err != nil {
		return err
	}
	objects, err := s.remote.Describer.Describe(ctx)
	if err != nil {
		return fmt.Errorf("describe the org: %w", err)
	}
	if err := s.readSchemas(ctx); err != nil { // an admin may have changed them meanwhile
		return err
	}
	begun, err := s.begun(ctx)
	if err != nil {
		return err
	}
	for kind, schema := range s.schemas {
		if err := s.mapVariables(ctx, kind, schema, objects, begun); err != nil {
			return err
		}
	}
	s.mu.Lock()
	s.described[s.workspace] = description{s.cfg.Now(), objects}
	s.mu.Unlock()
	return s.readSchemas(ctx)
}

// mapped reports whether anything is known of the org's fields: without, a record would be
// made of nothing.
func (s *session) mapped() bool {
	return slices.ContainsFunc(s.schemas[conversion.KindContact].Variables, func(v conversion.Variable) bool { return len(v.Fields) > 0 })
}

func (s *session) describeDue() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	last, ok := s.described[s.workspace]
	return !ok || s.cfg.Now().Sub(last.at) >= describeEvery
}

// description is what was last said of a workspace's org.
type description struct {
	at      time.Time
	objects []conversion.ObjectDef
}

// scope says what of the object the connected user may see and do, as last described: when
// that changes, other records may have come into sight (spec 3.16).
func (s *session) scope(o conversion.Object) (scope string, readable bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, d := range s.described[s.workspace].objects {
		if d.Object == o {
			return fmt.Sprintf("%s %t %t %t", s.conn.UserID, d.Createable, d.Updateable, d.Deletable), d.Readable
		}
	}
	return "", false
}

// begun reports whether anything was read from the org before: fields that appear from
// then on have to be filled, though the first load may not be through.
func (s *session) begun(ctx context.Context) (bool, error) {
	loads, err := s.books.Loads(ctx)
	if err != nil || len(loads) > 0 {
		return true, err
	}
	for _, o := range inbound {
		cursor, err := s.books.Cursor(ctx, o)
		if err != nil {
			return false, fmt.Errorf("read the cursor of %s: %w", o, err)
		}
		if cursor.Modstamp != 0 {
			return true, nil
		}
	}
	return s.conn.Loaded, nil
}

func (s *session) mapVariables(ctx context.Context, kind conversion.Kind, schema *conversion.Schema, objects []conversion.ObjectDef, begun bool) error {
	known := slices.Clone(schema.Variables)
	variables, changed := mapping.Variables(kind, objects, known, s.now())
	if begun {
		changed = markForFilling(schema, variables) || changed
	}
	if !changed {
		return nil
	}
	if err := s.books.SaveVariables(ctx, kind, variables); err != nil {
		return fmt.Errorf("store the variables: %w", err)
	}
	s.tellProblems(schema, variables)
	return s.books.WakeHeld(ctx, kind, s.now()) // what a field refused may be welcome now
}

// tellProblems logs what is newly wrong with the org's fields, and what is no more.
func (s *session) tellProblems(before *conversion.Schema, variables []conversion.Variable) {
	for _, v := range variables {
		var stood []conversion.FieldProblem
		if old := before.ByID(v.ID); old != nil {
			stood = old.Standing()
		}
		stands := v.Standing()
		for _, p := range missing(stood, stands) {
			s.log.Warn("a field changed in Salesforce", "problem", p.Code, "object", p.Object, "field", p.Field, "variable", v.Key, "renamed_to", p.RenamedTo)
		}
		for _, p := range missing(stands, stood) {
			s.log.Info("a field's problem is over", "problem", p.Code, "object", p.Object, "field", p.Field, "variable", v.Key)
		}
	}
}

// missing returns the problems of the list that the others lack.
func missing(others, list []conversion.FieldProblem) []conversion.FieldProblem {
	return slices.DeleteFunc(slices.Clone(list), func(p conversion.FieldProblem) bool {
		return slices.ContainsFunc(others, func(other conversion.FieldProblem) bool {
			return other.Object == p.Object && other.Field == p.Field && other.Code == p.Code
		})
	})
}

// markForFilling marks the fields that can be read now and could not before: their values
// are read for every record that is linked already (spec 3.4).
func markForFilling(before *conversion.Schema, variables []conversion.Variable) (marked bool) {
	for i := range variables {
		for j := range variables[i].Fields {
			f := &variables[i].Fields[j]
			if !f.Live() || f.Fill || readBefore(before, variables[i].ID, *f) {
				continue
			}
			f.Fill, marked = true, true
		}
	}
	return marked
}

func readBefore(before *conversion.Schema, id conversion.VarID, f conversion.Field) bool {
	v := before.ByID(id)
	if v == nil {
		return false
	}
	old, ok := v.On(f.Object)
	return ok && old.Name == f.Name && old.Live()
}

// onFieldsChanged runs work, and once more with a fresh schema when Salesforce says that
// the fields are not those it described (spec 3.4).
func (s *session) onFieldsChanged(ctx context.Context, work func() error) error {
	err := work()
	if _, changed := errors.AsType[*conversion.FieldsChangedError](err); !changed {
		return err
	}
	if err := s.refreshSchema(ctx, true); err != nil {
		return err
	}
	return work()
}
