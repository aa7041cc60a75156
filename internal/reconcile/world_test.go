package reconcile_test

import (
	"fmt"
	"maps"
	"slices"
	"time"

	"pgregory.net/rapid"

	"conversion"
	"conversion/internal/reconcile"
)

// The variables of the little world: a plain one, one with a describe default, an opt-out.
const (
	title  conversion.VarID = 10
	status conversion.VarID = 11
	optOut conversion.VarID = 12
)

var variables = []conversion.VarID{title, status, optOut}

const self = "005self"

func schema() *conversion.Schema {
	fields := func(name string, def conversion.Value) []conversion.Field {
		var list []conversion.Field
		for _, o := range []conversion.Object{conversion.Lead, conversion.Contact} {
			list = append(list, conversion.Field{
				Object: o, Name: name, Type: "string", Nillable: true, Createable: true, Updateable: true, Default: def,
			})
		}
		return list
	}
	return conversion.NewSchema(conversion.KindContact, []conversion.Variable{
		{ID: title, Kind: conversion.KindContact, Key: "job_title", Type: conversion.TypeText, Mode: conversion.ModeTwoWay, Fields: fields("Title", conversion.Value{})},
		{ID: status, Kind: conversion.KindContact, Key: "status", Type: conversion.TypeText, Mode: conversion.ModeTwoWay, Fields: fields("Status", conversion.Text("Open"))},
		{ID: optOut, Kind: conversion.KindContact, Key: "email_opt_out", Type: conversion.TypeBool, Mode: conversion.ModeTwoWay, OptOut: true, Fields: fields("HasOptedOutOfEmail", conversion.Value{})},
	})
}

// second is the n-th second of the world, as a moment.
func second(n int) conversion.Moment {
	return conversion.MomentOf(time.Unix(1_700_000_000+int64(n), 0))
}

// edit is one thing that truly happened to one variable, kept apart from the planner for
// the reference model.
type edit struct {
	at     int // second
	record string
	value  conversion.Value
	own    int  // > 0: an own claim, by its order
	weak   bool // a first sight that may be nobody's choice
}

// remote is one record of the little Salesforce.
type remote struct {
	ref      conversion.Ref
	values   map[conversion.VarID]conversion.Value
	modified int // LastModifiedDate, second
	stamp    int // SystemModstamp, second
	by       string
}

// world is a contact's records on one side and its group on the other, with the true
// history of what happened.
type world struct {
	schema  *conversion.Schema
	group   conversion.Group
	records []*remote
	now     int // second
	asked   int // requests so far: readings of one second follow each other by it
	history map[conversion.VarID][]edit
	old     []conversion.Record // observations made earlier, to be delivered again
	owns    int
	rewrite func(conversion.VarID, conversion.Value) conversion.Value // a trigger
}

func newWorld(t *rapid.T, siblings int) *world {
	w := &world{
		schema:  schema(),
		now:     1,
		history: make(map[conversion.VarID][]edit),
		group:   conversion.Group{Entity: &conversion.Entity{ID: "e", Kind: conversion.KindContact, Key: "a@b.test"}},
	}
	objects := []conversion.Object{conversion.Lead, conversion.Contact}
	for i := range siblings {
		r := &remote{
			ref:      conversion.Ref{Object: objects[i%2], ID: fmt.Sprintf("id%d", i)},
			values:   make(map[conversion.VarID]conversion.Value),
			modified: rapid.IntRange(0, 1).Draw(t, "born"),
			by:       "005other",
		}
		r.stamp = r.modified
		for _, v := range variables {
			r.values[v] = drawValue(t, v)
		}
		w.records = append(w.records, r)
		w.group.Links = append(w.group.Links, reconcile.NewLink(w.group, r.ref, "a@b.test", second(0)))
	}
	for _, r := range w.records {
		w.see(r)
		for _, v := range variables {
			w.history[v] = append(w.history[v], edit{at: r.modified, record: r.ref.ID, value: r.values[v], weak: maybeNobodys(v, r.values[v])})
		}
	}
	return w
}

// maybeNobodys says of a first value whether it may be nobody's choice (spec 3.7).
func maybeNobodys(v conversion.VarID, value conversion.Value) bool {
	switch v {
	case optOut:
		return value != conversion.Bool(true)
	case status:
		return value == conversion.Null || value == conversion.Text("Open")
	}
	return value == conversion.Null
}

func drawValue(t *rapid.T, v conversion.VarID) conversion.Value {
	if v == optOut {
		return conversion.Bool(rapid.Bool().Draw(t, "opted out"))
	}
	return rapid.SampledFrom([]conversion.Value{
		conversion.Null, conversion.Text("Open"), conversion.Text("A"), conversion.Text("B"), conversion.Text("C"),
	}).Draw(t, "value")
}

// snapshot is a reading of the record as it is now.
func (w *world) snapshot(r *remote) conversion.Record {
	w.asked++
	rec := conversion.Record{
		Ref: r.ref, ModifiedBy: r.by, Key: "a@b.test", KeyRead: true,
		Reading: conversion.Reading{
			Modstamp: second(r.stamp), Modified: second(r.modified),
			Asked: second(w.now) + conversion.Moment(w.asked),
		},
	}
	for _, v := range variables {
		rec.Fields = append(rec.Fields, conversion.FieldValue{Var: v, Value: r.values[v]})
	}
	return rec
}

// see delivers a present reading of the record.
func (w *world) see(r *remote) {
	rec := w.snapshot(r)
	w.old = append(w.old, rec)
	w.deliver(rec)
}

func (w *world) deliver(rec conversion.Record) {
	reconcile.Observe(w.group.Link(rec.Ref), &rec, w.schema)
	reconcile.Resolve(w.group, w.schema)
}

// editRemote is another user's edit in Salesforce, seen before the next one: between two
// readings of a record its last modification stands for all (spec 3.7).
func (w *world) editRemote(r *remote, v conversion.VarID, value conversion.Value) {
	w.see(r)
	intent := w.group.Link(r.ref).Field(v).Intent
	if r.values[v] == value || (intent.Number > 0 && intent.Value == value) {
		return // the second could not be told from our own write taking effect
	}
	r.values[v], r.modified, r.stamp, r.by = value, w.now, w.now, "005other"
	w.history[v] = append(w.history[v], edit{at: w.now, record: r.ref.ID, value: value})
}

// editOwn is an edit in Conversion: as the directory does it, only a change makes a claim.
// It is made after everything seen so far, and may share its second with what comes next.
func (w *world) editOwn(v conversion.VarID, value conversion.Value, reach conversion.Reach) {
	if w.group.Entity.Value(v) == value {
		return
	}
	w.now++
	w.owns++
	reconcile.Claim(w.group, w.schema.ByID(v), value, second(w.now), reach, conversion.Actor{Kind: conversion.ActorUser})
	w.history[v] = append(w.history[v], edit{at: w.now, value: value, own: w.owns})
	reconcile.Resolve(w.group, w.schema)
}

func (w *world) terms(rules conversion.Rules) reconcile.Terms {
	return reconcile.Terms{Rules: rules, Now: second(w.now), Wait: 10 * time.Minute, Self: self}
}

// push reads, plans, writes and confirms; crash stops it after that many steps. It returns
// what it wrote.
func (w *world) push(rules conversion.Rules, crash int) []conversion.Write {
	for _, r := range w.records {
		w.see(r)
	}
	if crash == 1 {
		return nil
	}
	plan := reconcile.Send(w.group, w.schema, w.terms(rules))
	if crash == 2 {
		return nil
	}
	for _, write := range plan.Writes {
		w.store(write)
	}
	if crash == 3 {
		return plan.Writes
	}
	for _, write := range plan.Writes {
		stored := w.snapshot(w.remote(write.Ref))
		w.old = append(w.old, stored)
		reconcile.Confirm(w.group, w.group.Link(write.Ref), write, &stored, w.schema, w.terms(rules))
	}
	reconcile.Resolve(w.group, w.schema)
	return plan.Writes
}

// store is Salesforce taking a write, through the trigger if there is one.
func (w *world) store(write conversion.Write) {
	r := w.remote(write.Ref)
	for _, f := range write.Fields {
		value := f.Value
		if w.rewrite != nil {
			value = w.rewrite(f.Var, value)
		}
		r.values[f.Var] = value
	}
	r.modified, r.stamp, r.by = w.now, w.now, self
}

func (w *world) remote(ref conversion.Ref) *remote {
	i := slices.IndexFunc(w.records, func(r *remote) bool { return r.ref == ref })
	return w.records[i]
}

// expected is the reference model: the value the true history says a variable has. Each
// source stands for its last edit, and the latest of these counts.
func (w *world) expected(v conversion.VarID) conversion.Value {
	last := make(map[string]edit)
	for _, e := range w.history[v] {
		last[e.record] = e
	}
	var newest edit
	for _, record := range slices.Sorted(maps.Keys(last)) {
		if e := last[record]; newest.value.Absent() || later(v, e, newest) {
			newest = e
		}
	}
	return newest.value
}

// later says, in the words of spec 3.7, which of two edits counts.
func later(v conversion.VarID, a, b edit) bool {
	switch {
	case a.weak != b.weak:
		return b.weak
	case a.at != b.at:
		return a.at > b.at
	case v == optOut && a.value != b.value:
		return a.value == conversion.Bool(true) // a tie is true
	case a.own > 0 || b.own > 0:
		return b.own > 0 // a tie goes to Salesforce
	}
	return a.record < b.record // and between records to the lower id
}
