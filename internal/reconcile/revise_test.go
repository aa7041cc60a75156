package reconcile_test

import (
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"conversion"
	"conversion/internal/reconcile"
)

var allModes = []conversion.Mode{
	conversion.ModeTwoWay, conversion.ModePreferSalesforce, conversion.ModeAlwaysSalesforce, conversion.ModeAlwaysConversion, conversion.ModeNone,
}

// Modes that are changed and changed back leave no trace: only what is there now decides.
func TestRevisingGoesByTheModesOfNowAlone(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		w := newWorld(t, rapid.IntRange(1, 3).Draw(t, "siblings"))
		for range rapid.IntRange(0, 6).Draw(t, "edits") {
			w.now++
			v := rapid.SampledFrom(variables).Draw(t, "variable")
			if rapid.Bool().Draw(t, "here") {
				w.editOwn(v, drawValue(t, v), 0)
			} else {
				r := rapid.SampledFrom(w.records).Draw(t, "record")
				w.editRemote(r, v, drawValue(t, v))
				w.see(r)
			}
		}
		fresh := w.group.Clone()
		fresh.Entity.Values = nil
		claims := slices.Clone(w.group.Entity.Own)
		for range rapid.IntRange(1, 4).Draw(t, "changes") {
			i := rapid.IntRange(0, len(variables)-1).Draw(t, "variable")
			w.schema.Variables[i].Mode = rapid.SampledFrom(allModes).Draw(t, "mode")
			w.schema.Revision++
			before := w.group.Clone()
			r := reconcile.Revise(w.group, w.schema, reconcile.Clock{})
			if r.Differs != !slices.Equal(before.Entity.Values, w.group.Entity.Values) {
				t.Fatalf("it says differs %t", r.Differs)
			}
		}
		reconcile.Resolve(fresh, w.schema)
		if !slices.Equal(fresh.Entity.Values, w.group.Entity.Values) {
			t.Fatalf("values are %v, from nothing they are %v", w.group.Entity.Values, fresh.Entity.Values)
		}
		if !slices.Equal(claims, w.group.Entity.Own) || w.group.Entity.Revision != w.schema.Revision {
			t.Fatalf("claims %v, revision %d", w.group.Entity.Own, w.group.Entity.Revision)
		}
		if r := reconcile.Revise(w.group, w.schema, reconcile.Clock{}); r.Differs || len(r.Changes) > 0 {
			t.Fatalf("revised once more it changes %v", r.Changes)
		}
	})
}

func TestAnEditFromBeforeTheClockWasKnownIsPutIntoSalesforcesTime(t *testing.T) {
	t.Parallel()
	const ours, theirs = "ours", "theirs"
	for _, c := range []struct {
		name    string
		offset  time.Duration // Salesforce's time minus ours
		edited  int           // here, by our own clock
		changed int           // there
		want    string
	}{
		{"our clock is 10 minutes late, and ours is the later edit", 10 * time.Minute, 0, 540, ours},
		{"our clock is 10 minutes late, and theirs is the later edit", 10 * time.Minute, 0, 660, theirs},
		{"our clock is 10 minutes ahead, and ours is the later edit", -10 * time.Minute, 1200, 540, ours},
		{"our clock is 10 minutes ahead, and theirs is the later edit", -10 * time.Minute, 1200, 660, theirs},
		{"in the same second theirs is the later", 10 * time.Minute, 0, 600, theirs},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			s := schema()
			s.Revision = 2
			g := conversion.Group{Entity: &conversion.Entity{ID: "e", Kind: conversion.KindContact}}
			reconcile.Claim(g, s.ByID(title), conversion.Text(ours), second(c.edited), 0, conversion.Actor{}).Local = true
			l := reconcile.NewLink(g, conversion.Ref{Object: conversion.Lead, ID: "id"}, "", second(0))
			l.Ensure(title).Claim = conversion.Claim{Value: conversion.Text(theirs), At: second(c.changed)}
			g.Put(l)
			reconcile.Resolve(g, s)
			if g.Entity.Revision == s.Revision {
				t.Error("it passes for put right before the clock is known")
			}
			reconcile.Revise(g.Clone(), s, reconcile.Clock{})
			if !g.Entity.Own[0].Local {
				t.Error("it was put right by a clock that is not known")
			}

			r := reconcile.Revise(g, s, reconcile.Clock{Offset: c.offset, Known: true})

			if got := g.Entity.Value(title).String(); got != c.want || !r.Differs || !slices.Equal(r.Timed, []conversion.VarID{title}) {
				t.Errorf("it is %q, want %q; %+v", got, c.want, r)
			}
			if again := reconcile.Revise(g, s, reconcile.Clock{Offset: c.offset, Known: true}); again.Differs || len(again.Timed) > 0 {
				t.Errorf("once more it gives %+v", again)
			}
		})
	}
}

// One that is up to date already takes over edits that are not: it is looked at again.
func TestCombiningKeepsWhatIsToBePutIntoSalesforcesTime(t *testing.T) {
	t.Parallel()
	s := schema()
	s.Revision = 3
	into := conversion.Group{Entity: &conversion.Entity{ID: "a", Kind: conversion.KindContact, Revision: 3}}
	from := conversion.Group{Entity: &conversion.Entity{ID: "b", Kind: conversion.KindContact, Revision: 2}}
	reconcile.Claim(from, s.ByID(title), conversion.Text("x"), second(1), 0, conversion.Actor{}).Local = true
	reconcile.Combine(&into, &from, s, second(2))
	reconcile.Resolve(into, s)
	if into.Entity.Revision != 2 || !into.Entity.Own[0].Local {
		t.Errorf("revision %d, claims %+v", into.Entity.Revision, into.Entity.Own)
	}
}
