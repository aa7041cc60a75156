package reconcile_test

import (
	"fmt"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"conversion"
	"conversion/internal/reconcile"
)

var sendAll = conversion.Rules{
	ContactsCreated: conversion.TargetNone, ContactsUpdated: conversion.TargetAll, ContactsDeleted: conversion.TargetNone,
	CompaniesCreated: conversion.TargetNone, CompaniesUpdated: conversion.TargetNone, CompaniesDeleted: conversion.TargetNone,
}

// live drives a world through a random history of edits on both sides, readings, stale
// deliveries, automated touches and pushes that crash.
func live(t *rapid.T, w *world, rules conversion.Rules, steps int) {
	for range steps {
		step(t, w, rules)
	}
}

func step(t *rapid.T, w *world, rules conversion.Rules) {
	w.now += rapid.IntRange(0, 1).Draw(t, "seconds")
	r := rapid.SampledFrom(w.records).Draw(t, "record")
	v := rapid.SampledFrom(variables).Draw(t, "variable")
	switch rapid.IntRange(0, 6).Draw(t, "step") {
	case 0, 1:
		w.editRemote(r, v, drawValue(t, v))
	case 2, 3:
		w.editOwn(v, drawOwn(t, w, v), rules.Reach())
	case 4:
		w.see(r)
	case 5:
		w.deliver(rapid.SampledFrom(w.old).Draw(t, "old observation"))
	case 6:
		w.now++
		w.push(rules, rapid.IntRange(0, 3).Draw(t, "crash at"))
	}
}

// drawOwn draws a value that no record ever held: what comes back is known to be ours.
func drawOwn(t *rapid.T, w *world, v conversion.VarID) conversion.Value {
	if v == optOut {
		return conversion.Bool(rapid.Bool().Draw(t, "opted out"))
	}
	return conversion.Text(fmt.Sprintf("own %d", w.owns+1))
}

// rest lets everything arrive and be pushed, long after.
func rest(w *world, rules conversion.Rules) {
	for range 3 {
		w.now += 3600
		w.push(rules, 0)
	}
}

func TestAtRestEveryValueIsTheNewestClaim(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		w := newWorld(t, rapid.IntRange(1, 3).Draw(t, "siblings"))
		live(t, w, sendAll, rapid.IntRange(1, 25).Draw(t, "steps"))
		rest(w, sendAll)
		for _, v := range variables {
			if got, want := w.group.Entity.Value(v), w.expected(v); got != want {
				t.Fatalf("variable %d is %#v, the history says %#v: %+v", v, got, want, w.history[v])
			}
		}
	})
}

func TestAtRestNothingIsPlanned(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		w := newWorld(t, rapid.IntRange(1, 3).Draw(t, "siblings"))
		live(t, w, sendAll, rapid.IntRange(1, 25).Draw(t, "steps"))
		rest(w, sendAll)
		plan := reconcile.Send(w.group, w.schema, w.terms(sendAll))
		waiting, parked := plan.Left.Waiting, plan.Left.Parked
		if !plan.Empty() || waiting || parked {
			t.Fatalf("planned %+v, waiting %v, parked %v", plan.Writes, waiting, parked)
		}
	})
}

func TestAnOwnEditThatIsTheNewestReachesEveryRecord(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		w := newWorld(t, rapid.IntRange(1, 3).Draw(t, "siblings"))
		live(t, w, sendAll, rapid.IntRange(1, 25).Draw(t, "steps"))
		v := rapid.SampledFrom([]conversion.VarID{title, status}).Draw(t, "variable")
		w.now += 2
		w.editOwn(v, drawOwn(t, w, v), sendAll.Reach())
		want := w.group.Entity.Value(v)
		w.push(sendAll, rapid.IntRange(0, 3).Draw(t, "crash at"))
		rest(w, sendAll)
		for _, r := range w.records {
			if r.values[v] != want {
				t.Fatalf("%s holds %#v, want %#v", r.ref, r.values[v], want)
			}
		}
	})
}

func TestAChangeOfOneRecordIsNeverWrittenToItsSiblings(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		w := newWorld(t, rapid.IntRange(2, 4).Draw(t, "siblings"))
		for range rapid.IntRange(1, 15).Draw(t, "edits") {
			w.now += rapid.IntRange(0, 1).Draw(t, "seconds")
			v := rapid.SampledFrom(variables).Draw(t, "variable")
			w.editRemote(rapid.SampledFrom(w.records).Draw(t, "record"), v, drawValue(t, v))
			if writes := w.push(sendAll, 0); len(writes) > 0 {
				t.Fatalf("wrote %+v", writes)
			}
		}
	})
}

func TestWithAllRulesOffNothingIsWritten(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		w := newWorld(t, rapid.IntRange(1, 3).Draw(t, "siblings"))
		off := conversion.DefaultRules()
		live(t, w, off, 15)
		if writes := w.push(off, 0); len(writes) > 0 {
			t.Fatalf("wrote %+v", writes)
		}
		// Turning the rule on applies to changes made after it (spec 5.2).
		if writes := w.push(sendAll, 0); len(writes) > 0 {
			t.Fatalf("wrote %+v once the rule was on", writes)
		}
	})
}

func TestOrderRepeatsAndStaleReadingsDoNotMatter(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		w := newWorld(t, rapid.IntRange(1, 3).Draw(t, "siblings"))
		for range rapid.IntRange(1, 15).Draw(t, "edits") {
			w.now += rapid.IntRange(0, 1).Draw(t, "seconds")
			v := rapid.SampledFrom(variables).Draw(t, "variable")
			r := rapid.SampledFrom(w.records).Draw(t, "record")
			w.editRemote(r, v, drawValue(t, v))
			w.see(r)
		}
		again := fresh(w)
		for _, rec := range shuffled(t, w.old) {
			again.deliver(rec)
		}
		for _, v := range variables {
			if got, want := again.group.Entity.Value(v), w.group.Entity.Value(v); got != want {
				t.Fatalf("variable %d is %#v in another order, %#v in the first", v, got, want)
			}
		}
	})
}

// fresh is the same contact with nothing seen yet.
func fresh(w *world) *world {
	again := &world{schema: w.schema, group: conversion.Group{Entity: &conversion.Entity{ID: "e", Kind: conversion.KindContact}}}
	for _, l := range w.group.Links {
		again.group.Links = append(again.group.Links, reconcile.NewLink(again.group, l.Ref, "a@b.test", 0))
	}
	return again
}

// shuffled interleaves the records' observations at random, each record's in their own
// order, and repeats some that came before.
func shuffled(t *rapid.T, observations []conversion.Record) []conversion.Record {
	queues := make(map[conversion.Ref][]conversion.Record)
	var refs []conversion.Ref
	for _, o := range observations {
		if queues[o.Ref] == nil {
			refs = append(refs, o.Ref)
		}
		queues[o.Ref] = append(queues[o.Ref], o)
	}
	var out []conversion.Record
	for len(refs) > 0 {
		ref := rapid.SampledFrom(refs).Draw(t, "next")
		out = append(out, queues[ref][0])
		if queues[ref] = queues[ref][1:]; len(queues[ref]) == 0 {
			refs = slices.DeleteFunc(refs, func(r conversion.Ref) bool { return r == ref })
		}
		if rapid.Bool().Draw(t, "repeat") {
			out = append(out, rapid.SampledFrom(out).Draw(t, "repeated"))
		}
	}
	return out
}

func TestAnOptOutNeverVanishes(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		w := newWorld(t, rapid.IntRange(1, 3).Draw(t, "siblings"))
		seeAll := func() {
			for _, r := range w.records {
				w.see(r)
			}
		}
		for range rapid.IntRange(1, 20).Draw(t, "steps") {
			seeAll()
			out, edits := w.group.Entity.Value(optOut).True(), len(w.history[optOut])
			step(t, w, sendAll)
			seeAll()
			if out && !w.group.Entity.Value(optOut).True() && len(w.history[optOut]) == edits {
				t.Fatalf("the opt-out vanished though nobody took it back: %+v", w.history[optOut])
			}
		}
	})
}

func TestATriggersAnswerIsTakenOverAndNeverAnswered(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		w := newWorld(t, rapid.IntRange(1, 3).Draw(t, "siblings"))
		w.rewrite = func(v conversion.VarID, value conversion.Value) conversion.Value {
			if v == title {
				return conversion.Text(value.String() + "!")
			}
			return value
		}
		w.now += 2
		w.editOwn(title, conversion.Text("own 1"), sendAll.Reach())
		if writes := w.push(sendAll, 0); len(writes) != len(w.records) {
			t.Fatalf("wrote %d records of %d", len(writes), len(w.records))
		}
		if got := w.group.Entity.Value(title); got != conversion.Text("own 1!") {
			t.Fatalf("the contact holds %#v, want the trigger's answer", got)
		}
		w.now += 3600
		if writes := w.push(sendAll, 0); len(writes) > 0 {
			t.Fatalf("answered the answer: %+v", writes)
		}
	})
}
