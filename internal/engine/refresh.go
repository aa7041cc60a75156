package engine

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"conversion"
)

// rounds makes the passes over all records that are due. A first load has just read
// everything.
func (s *session) rounds(ctx context.Context, first bool) error {
	last, err := s.lastRounds(ctx)
	if err != nil {
		return err
	}
	if err := s.inLane(conversion.LaneBackfill, func() error { return s.fill(ctx, last) }); err != nil {
		return err
	}
	if first {
		return s.countFirstLoad(ctx)
	}
	if err := s.inLane(conversion.LaneBackfill, func() error { return s.refreshFormulas(ctx, last) }); err != nil {
		return err
	}
	return s.inLane(conversion.LaneSweep, func() error { return s.sweep(ctx, last) })
}

// countFirstLoad notes that a first load has just read every record and every field.
func (s *session) countFirstLoad(ctx context.Context) error {
	now := s.now()
	var made []conversion.Round
	for _, o := range inbound {
		scope, readable := s.scope(o)
		if readable {
			made = append(made, conversion.Round{Work: conversion.WorkSweep, Object: o, Scope: scope})
		}
	}
	err := s.eachPartial(conversion.Field.Derived, func(o conversion.Object, partial *conversion.Schema) error {
		made = append(made, conversion.Round{Work: conversion.WorkRefresh, Object: o, Scope: namesOf(partial, o)})
		return nil
	})
	if err != nil {
		return err
	}
	for _, r := range made {
		r.Why, r.Began, r.Ended = "First load", now, now
		if err := s.commit(ctx, conversion.Batch{Round: &r}); err != nil {
			return fmt.Errorf("note the first load: %w", err)
		}
	}
	return nil
}

// refreshFormulas reads the formula and roll-up fields of every linked record: their values
// change without moving SystemModstamp, so that no pull sees them (spec 6).
func (s *session) refreshFormulas(ctx context.Context, last map[roundKey]conversion.Round) error {
	every := time.Duration(s.options.RefreshHours) * time.Hour
	return s.eachPartial(conversion.Field.Derived, func(o conversion.Object, partial *conversion.Schema) error {
		before := last[roundKey{conversion.WorkRefresh, o}]
		scope := namesOf(partial, o)
		if before.Scope == scope && !before.UnderWay() && s.now().Sub(before.Began) < every {
			return nil
		}
		wanted := conversion.Round{Work: conversion.WorkRefresh, Object: o, Why: "Refresh of formula fields", Scope: scope}
		return s.goRound(ctx, before, wanted, partialPage(conversion.Field.Derived, true))
	})
}

// fill reads the values of fields that appeared after the first load, for every record
// that is linked (spec 3.4). Nothing else of these records is touched.
func (s *session) fill(ctx context.Context, last map[roundKey]conversion.Round) error {
	err := s.eachPartial(toFill, func(o conversion.Object, partial *conversion.Schema) error {
		wanted := conversion.Round{Work: conversion.WorkFill, Object: o, Why: "Fields appeared", Scope: namesOf(partial, o)}
		return s.goRound(ctx, last[roundKey{conversion.WorkFill, o}], wanted, partialPage(toFill, false))
	})
	if err != nil {
		return err
	}
	for kind, schema := range s.schemas {
		if err := s.filled(ctx, kind, schema); err != nil {
			return err
		}
	}
	return nil
}

func toFill(f conversion.Field) bool { return f.Fill }

// eachPartial calls do for every object that can be read and has fields of the sort, with a
// schema of just these.
func (s *session) eachPartial(sort func(conversion.Field) bool, do func(conversion.Object, *conversion.Schema) error) error {
	for _, o := range outbound {
		partial := onlyFields(s.schemas[o.Kind()], o, sort)
		if _, readable := s.scope(o); partial == nil || !readable {
			continue
		}
		if err := do(o, partial); err != nil {
			return err
		}
	}
	return nil
}

// onlyFields returns a schema of just the variables whose field on the object is of the
// sort and can be read, nil when there is none.
func onlyFields(s *conversion.Schema, o conversion.Object, sort func(conversion.Field) bool) *conversion.Schema {
	var some []conversion.Variable
	for _, v := range s.Variables {
		if f, ok := v.On(o); ok && f.Live() && !v.LeftOut && sort(f) {
			some = append(some, v)
		}
	}
	if some == nil {
		return nil
	}
	return conversion.NewSchema(s.Kind, some)
}

// namesOf lists the fields of a schema on the object.
func namesOf(s *conversion.Schema, o conversion.Object) string {
	var names []string
	for _, v := range s.Variables {
		if f, ok := v.On(o); ok {
			names = append(names, f.Name)
		}
	}
	slices.Sort(names)
	return strings.Join(names, " ")
}

// partialPage reads the fields of the sort for a page of records and takes them in, for
// those that are known as they are now. One that has moved on unseen is read whole: to take
// a few of its fields would make it look as if all had been read.
func partialPage(sort func(conversion.Field) bool, quiet bool) func(context.Context, *round) (bool, error) {
	return func(ctx context.Context, r *round) (more bool, err error) {
		partial := onlyFields(r.schemas[r.Object.Kind()], r.Object, sort)
		if partial == nil { // the fields are gone meanwhile
			return false, nil
		}
		page, err := r.remote.Walker.Walk(ctx, partial, r.Object, r.After, r.cfg.Page)
		if err != nil {
			return false, fmt.Errorf("read a page: %w", err)
		}
		s, err := r.stretch(ctx, sightingsOf(page))
		if err != nil {
			return false, err
		}
		if s.seenTo = ""; page.More {
			s.seenTo = page.Next.ID
		}
		m := s.meet()
		if err := r.takePartly(ctx, page.Records, m.same, quiet); err != nil {
			return false, fmt.Errorf("take over a page: %w", err)
		}
		r.because = make(map[string]string)
		for _, id := range m.stale {
			r.because[id] = wasStale
		}
		if err := r.again(ctx, m.stale); err != nil {
			return false, err
		}
		return r.passed(ctx, m)
	}
}

func (r *round) takePartly(ctx context.Context, records []conversion.Record, ids []string, quiet bool) error {
	wanted := make(map[string]bool, len(ids))
	for _, id := range ids {
		wanted[id] = true
	}
	records = slices.DeleteFunc(slices.Clone(records), func(rec conversion.Record) bool { return !wanted[rec.Ref.ID] })
	return settled(func() error {
		t, err := r.absorb(ctx, r.Object.Kind(), records, intake{knownOnly: true, quiet: quiet})
		if err != nil || t.empty() {
			return err
		}
		return r.commit(ctx, t.batch(""))
	})
}

// sightingsOf says which records a page shows. None of them is taken up for it.
func sightingsOf(page conversion.RecordPage) conversion.SightingPage {
	seen := make([]conversion.Sighting, len(page.Records))
	for i, rec := range page.Records {
		seen[i] = conversion.Sighting{ID: rec.Ref.ID, Modstamp: rec.Reading.Modstamp, Deleted: rec.Deleted, PassOver: true}
	}
	return conversion.SightingPage{Sightings: seen, More: page.More}
}

// filled takes the marks off that the schema has, and leaves alone what an admin changed
// of the variables since it was read.
func (s *session) filled(ctx context.Context, kind conversion.Kind, schema *conversion.Schema) error {
	if !slices.ContainsFunc(schema.Variables, marked) {
		return nil
	}
	now, err := s.books.Schema(ctx, kind)
	if err != nil {
		return fmt.Errorf("read the variables: %w", err)
	}
	var variables []conversion.Variable
	for _, v := range now.Variables {
		before := schema.ByID(v.ID)
		if before == nil || !marked(*before) {
			continue
		}
		for i := range v.Fields {
			v.Fields[i].Fill = false
		}
		variables = append(variables, v)
	}
	if err := s.books.SaveVariables(ctx, kind, variables); err != nil {
		return fmt.Errorf("store the variables: %w", err)
	}
	return nil
}

// marked reports whether values of the variable are still to be read.
func marked(v conversion.Variable) bool {
	return slices.ContainsFunc(v.Fields, func(f conversion.Field) bool { return f.Fill })
}
