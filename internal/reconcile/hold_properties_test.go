package reconcile_test

import (
	"slices"
	"testing"

	"pgregory.net/rapid"

	"conversion"
	"conversion/internal/reconcile"
)

// refuser is what the little Salesforce says to a value of a field, "" when it takes it.
type refuser func(v conversion.VarID, value conversion.Value) (code string)

// pushAgainst pushes to a Salesforce that refuses values, again and again as the engine
// does, until nothing is left to send now; it returns how many requests that took.
func (w *world) pushAgainst(t *rapid.T, refuses refuser) (requests int) {
	for _, r := range w.records {
		w.see(r)
	}
	for range 20 {
		plan := reconcile.Send(w.group, w.schema, w.terms(sendAll))
		if plan.Empty() {
			return requests
		}
		for _, write := range plan.Writes {
			requests++
			w.answer(write, refuses)
		}
	}
	t.Fatalf("it goes on and on: %+v", w.group.Links[0].Holds)
	return requests
}

func (w *world) answer(write conversion.Write, refuses refuser) {
	refusal := conversion.RemoteError{Fix: conversion.FixConversion}
	for _, f := range write.Fields {
		if code := refuses(f.Var, f.Value); code != "" {
			refusal.Code, refusal.Fields = code, append(refusal.Fields, f.Field)
		}
	}
	if refusal.Code != "" {
		reconcile.Hold(w.group, write, &refusal, w.schema, w.terms(sendAll))
		return
	}
	w.store(write)
	stored := w.snapshot(w.remote(write.Ref))
	reconcile.Confirm(w.group, w.group.Link(write.Ref), write, &stored, w.schema, w.terms(sendAll))
	reconcile.Resolve(w.group, w.schema)
}

func takesAll(conversion.VarID, conversion.Value) string { return "" }

// noTitles refuses every title.
func noTitles(v conversion.VarID, _ conversion.Value) string {
	if v == title {
		return "STRING_TOO_LONG"
	}
	return ""
}

// liveRefused is a life in which Salesforce refuses titles now and then.
func liveRefused(t *rapid.T, w *world) {
	for range rapid.IntRange(1, 20).Draw(t, "steps") {
		w.now += rapid.IntRange(0, 5000).Draw(t, "seconds")
		switch rapid.IntRange(0, 3).Draw(t, "what") {
		case 0:
			v := rapid.SampledFrom(variables).Draw(t, "variable")
			w.editRemote(rapid.SampledFrom(w.records).Draw(t, "record"), v, drawValue(t, v))
		case 1:
			v := rapid.SampledFrom([]conversion.VarID{title, status}).Draw(t, "variable")
			w.now += 2
			w.editOwn(v, drawOwn(t, w, v), sendAll.Reach())
		case 2:
			w.pushAgainst(t, noTitles)
		case 3:
			w.pushAgainst(t, takesAll)
		}
	}
}

func TestAHeldFieldNeverBlocksAnother(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		w := newWorld(t, rapid.IntRange(1, 3).Draw(t, "siblings"))
		liveRefused(t, w)
		w.now += 2
		w.editOwn(title, conversion.Text("refused"), sendAll.Reach())
		w.editOwn(status, conversion.Text("Taken"), sendAll.Reach())
		w.pushAgainst(t, noTitles)
		for _, r := range w.records {
			if got := r.values[status]; got != conversion.Text("Taken") {
				t.Fatalf("%s holds the status %#v", r.ref, got)
			}
		}
	})
}

func TestNothingHeldIsLost(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		w := newWorld(t, rapid.IntRange(1, 3).Draw(t, "siblings"))
		liveRefused(t, w)
		w.now += 2
		w.editOwn(title, conversion.Text("ours"), sendAll.Reach())
		for range rapid.IntRange(1, 5).Draw(t, "refusals") {
			w.pushAgainst(t, noTitles)
			w.now += rapid.IntRange(0, 100_000).Draw(t, "seconds")
		}
		w.now += 2 * 24 * 3600 // longer than the longest back-off
		w.pushAgainst(t, takesAll)
		for i, r := range w.records {
			if got := r.values[title]; got != conversion.Text("ours") {
				t.Fatalf("%s holds the title %#v once it would be taken", r.ref, got)
			}
			if holds := w.group.Links[i].Holds; len(holds) > 0 {
				t.Fatalf("%s is still held: %+v", r.ref, holds)
			}
		}
	})
}

func TestANewerClaimReleases(t *testing.T) {
	t.Parallel()
	taken := func(v conversion.VarID, value conversion.Value) string {
		if v == title && value != conversion.Text("taken") {
			return "STRING_TOO_LONG"
		}
		return ""
	}
	rapid.Check(t, func(t *rapid.T) {
		w := newWorld(t, rapid.IntRange(1, 3).Draw(t, "siblings"))
		liveRefused(t, w)
		w.now += 2
		w.editOwn(title, conversion.Text("refused"), sendAll.Reach())
		w.pushAgainst(t, taken)
		w.now += 2
		if rapid.Bool().Draw(t, "ours") {
			w.editOwn(title, conversion.Text("taken"), sendAll.Reach())
			w.pushAgainst(t, taken)
			for _, r := range w.records {
				if r.values[title] != conversion.Text("taken") {
					t.Fatalf("%s holds %#v", r.ref, r.values[title])
				}
			}
		} else { // a newer value in Salesforce supersedes what is held
			w.editRemote(w.records[0], title, conversion.Text("theirs"))
			w.pushAgainst(t, taken)
		}
		if rows := reconcile.HeldRows(w.group, ""); len(rows) > 0 {
			t.Fatalf("still held: %+v", rows)
		}
	})
}

func TestAtRestWhatIsHeldIsLeftAlone(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		w := newWorld(t, rapid.IntRange(1, 3).Draw(t, "siblings"))
		liveRefused(t, w)
		w.pushAgainst(t, noTitles)
		due := reconcile.Send(w.group.Clone(), w.schema, w.terms(sendAll)).Left.Held
		if later := w.now + rapid.IntRange(0, 60).Draw(t, "seconds"); due == 0 || second(later) < due {
			w.now = later
		}
		before := w.group.Clone()
		plan := reconcile.Send(w.group, w.schema, w.terms(sendAll))
		if !plan.Empty() {
			t.Fatalf("planned %+v", plan.Writes)
		}
		held := false
		for i, l := range w.group.Links {
			held = held || len(l.Holds) > 0
			if !slices.Equal(l.Holds, before.Links[i].Holds) {
				t.Fatalf("planning again made %+v of %+v", l.Holds, before.Links[i].Holds)
			}
		}
		if held != (plan.Left.Held > 0) || held && plan.Left.Held <= second(w.now) {
			t.Fatalf("held %v, until %d, now %d", held, plan.Left.Held, second(w.now))
		}
	})
}
