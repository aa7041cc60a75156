package engine_test

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"conversion"
	"conversion/internal/directory"
	"conversion/internal/engine"
	"conversion/internal/testkit"
)

// story is a small world's life until somebody asks what other rules would do.
type story struct {
	Records []record // what the org holds at first
	Epochs  []epoch
	Rules   conversion.Rules
	Modes   conversion.Modes
	Scope   conversion.PreviewScope
}

type record struct {
	Object string
	Person int
}

// epoch is a time of rules: what was done under them, and whether a sync came after it.
type epoch struct {
	Rules conversion.Rules
	Deeds []deed
	Sync  bool
}

type deed struct {
	What   string // "edit", "delete", "company"
	Person int
	Value  string
	Local  bool // sync_to_crm: false
}

const people = 4

var deeds = rapid.Custom(func(t *rapid.T) deed {
	return deed{
		What:   rapid.SampledFrom([]string{"edit", "edit", "edit", "name", "delete", "company", "company deletion"}).Draw(t, "what"),
		Person: rapid.IntRange(0, people-1).Draw(t, "person"),
		Value:  rapid.SampledFrom([]string{"Clerk", "Head", "Chief", ""}).Draw(t, "value"),
		Local:  rapid.IntRange(0, 4).Draw(t, "local") == 0,
	}
})

var someRules = rapid.Custom(func(t *rapid.T) conversion.Rules {
	rules := conversion.DefaultRules()
	for _, s := range conversion.RuleSettings {
		*rules.Get(s.Key) = rapid.SampledFrom(s.Options).Draw(t, s.Key)
	}
	if rapid.Bool().Draw(t, "defaults") {
		rules.Defaults = map[string]string{"Lead.Company": "Unknown", "Lead.LastName": "Unknown", "Contact.LastName": "Unknown"}
	}
	return rules
})

var stories = rapid.Custom(func(t *rapid.T) story {
	s := story{
		Records: rapid.SliceOfN(rapid.Custom(func(t *rapid.T) record {
			return record{rapid.SampledFrom([]string{"Lead", "Contact", "Account"}).Draw(t, "object"), rapid.IntRange(0, people-1).Draw(t, "person")}
		}), 0, 6).Draw(t, "records"),
		Epochs: rapid.SliceOfN(rapid.Custom(func(t *rapid.T) epoch {
			return epoch{someRules.Draw(t, "rules"), rapid.SliceOfN(deeds, 1, 5).Draw(t, "deeds"), rapid.Bool().Draw(t, "sync")}
		}), 1, 3).Draw(t, "epochs"),
		Rules: someRules.Draw(t, "new rules"),
		Scope: rapid.SampledFrom([]conversion.PreviewScope{conversion.ScopePending, conversion.ScopeExisting}).Draw(t, "scope"),
	}
	if mode := rapid.SampledFrom([]conversion.Mode{"", "", conversion.ModeAlwaysSalesforce, conversion.ModeAlwaysConversion, conversion.ModePreferSalesforce}).Draw(t, "mode"); mode != "" {
		s.Modes = conversion.Modes{conversion.KindContact: {"job_title": mode}}
	}
	return s
})

func email(person int) string  { return fmt.Sprintf("p%d@firm%d.example", person, person%2) }
func domain(person int) string { return fmt.Sprintf("firm%d.example", person%2) }

// tell brings the world to where the story asks.
func (w *world) tell(s story) {
	for _, r := range s.Records {
		fields := map[string]any{"LastName": "Doe", "Email": email(r.Person), "Title": "Old"}
		switch r.Object {
		case "Lead":
			fields["Company"] = "Acme"
		case "Account":
			fields = map[string]any{"Name": "Firm", "Website": domain(r.Person)}
		}
		w.insert(r.Object, fields)
	}
	w.sync()
	for _, e := range s.Epochs {
		if err := w.books.SaveRules(w.t.Context(), e.Rules, user, w.now()); err != nil {
			w.t.Fatal(err)
		}
		for _, d := range e.Deeds {
			w.later(2 * time.Second)
			w.do(d)
		}
		if e.Sync {
			w.rest()
		}
	}
}

// rest syncs until nothing is left to do but what waits for a person.
func (w *world) rest() {
	w.t.Helper()
	for range 3 {
		w.later(16 * time.Minute)
		w.sync()
	}
}

func (w *world) do(d deed) {
	kind, draft := conversion.KindContact, directory.Draft{Key: email(d.Person), LocalOnly: d.Local}
	switch d.What {
	case "edit":
		draft.Values = map[string]any{"job_title": d.Value}
	case "name":
		draft.Values = map[string]any{"last_name": "N" + d.Value, "phone": "555-0100"}
	case "company":
		kind, draft.Key, draft.Values = conversion.KindCompany, domain(d.Person), map[string]any{"phone": "555-" + d.Value}
		draft.Name = "Firm " + d.Value
	case "delete":
		w.forget(conversion.KindContact, email(d.Person), d.Local)
		return
	case "company deletion":
		w.forget(conversion.KindCompany, domain(d.Person), d.Local)
		return
	}
	// What the modes refuse is no deed.
	if _, err := w.directory.Upsert(w.t.Context(), workspace, kind, user, []directory.Draft{draft}); err != nil {
		w.t.Fatal(err)
	}
}

func (w *world) forget(kind conversion.Kind, key string, local bool) {
	page, err := w.directory.List(w.t.Context(), workspace, conversion.EntityFilter{Kind: kind, Key: key, Limit: 1})
	if err != nil {
		w.t.Fatal(err)
	}
	for _, v := range page.Items {
		if err := w.directory.Delete(w.t.Context(), workspace, kind, v.ID, user, local); err != nil {
			w.t.Fatal(err)
		}
	}
}

// done tells what was really written since the moment, as a preview would.
func (w *world) done(since conversion.Moment) []string {
	w.t.Helper()
	runs, _, err := w.books.Runs(w.t.Context(), conversion.RunFilter{Direction: conversion.Outbound, Since: since, Limit: 100})
	if err != nil {
		w.t.Fatal(err)
	}
	actions := map[string]conversion.Action{"created": conversion.ActionCreate, "updated": conversion.ActionUpdate, "deleted": conversion.ActionDelete}
	var done []string
	for _, r := range runs {
		lines, _, err := w.books.RunLines(w.t.Context(), r.ID, "", 1000)
		if err != nil {
			w.t.Fatal(err)
		}
		for _, l := range lines {
			if action, ok := actions[l.Outcome]; ok {
				done = append(done, asLine(action, l.Ref, l.EntityID))
			}
		}
	}
	held, _, err := w.books.Held(w.t.Context(), conversion.HeldFilter{Limit: 1000})
	if err != nil {
		w.t.Fatal(err)
	}
	for _, h := range held {
		done = append(done, asLine(conversion.ActionHold, h.Ref, h.EntityID))
	}
	slices.Sort(done)
	return done
}

func asLine(a conversion.Action, ref conversion.Ref, entityID string) string {
	if a == conversion.ActionCreate {
		ref.ID = "" // nobody knew it
	}
	return fmt.Sprintf("%s %s of %s", a, ref, entityID)
}

func shown(items []conversion.PreviewItem) []string {
	var list []string
	for _, it := range items {
		list = append(list, asLine(it.Action, it.Ref, it.EntityID))
	}
	slices.Sort(list)
	return list
}

// checkCounts compares a preview's counts with its records.
func checkCounts(t *testing.T, p conversion.Preview, items []conversion.PreviewItem) {
	t.Helper()
	var counts conversion.PreviewCounts
	for _, it := range items {
		counts.Add(it.Action, 1)
	}
	if counts != p.Counts || p.Listed != len(items) {
		t.Errorf("%d records listed as %+v, of which %d are read: %+v", p.Listed, p.Counts, len(items), counts)
	}
}

// checkAfter looks into Salesforce for what updates said they would leave there.
func (w *world) checkAfter(items []conversion.PreviewItem) {
	w.t.Helper()
	for _, it := range items {
		if it.Action != conversion.ActionUpdate {
			continue
		}
		for _, f := range it.Fields {
			got := w.field(it.Ref.ID, f.Field)
			if got == nil {
				got = ""
			}
			if f.Field != "AccountId" && fmt.Sprint(got) != f.Value.String() {
				w.t.Errorf("%s of %s is %v, shown was %q", f.Field, it.Ref, got, f.Value)
			}
		}
	}
}

func TestAPreviewShowsExactlyWhatApplyingThenDoes(t *testing.T) {
	t.Parallel()
	seeds := 12
	if testing.Short() {
		seeds = 2
	}
	for seed := 1; seed <= seeds; seed++ {
		t.Run(fmt.Sprintf("seed %d", seed), func(t *testing.T) {
			t.Parallel()
			s := stories.Example(seed)
			w := newWorld(t, testkit.SQLite(t))
			w.tell(s)
			heldBefore := w.done(w.now() + 1)
			writes := w.org.Writes()
			before := w.versions()
			w.later(time.Second)
			p, err := w.engine.Preview(t.Context(), workspace, engine.PreviewRequest{Rules: &s.Rules, Modes: s.Modes, Scope: s.Scope})
			if err != nil {
				t.Fatal(err)
			}
			if n := w.org.Writes() - writes; n != 0 {
				t.Fatalf("the preview wrote %d records", n)
			}
			if after := w.versions(); !maps.Equal(before, after) {
				t.Fatalf("the preview changed contacts or companies: %v, before %v", after, before)
			}
			items := w.items(p)
			checkCounts(t, p, items)
			w.later(time.Second)
			since := w.now()
			if applied := w.apply(p); applied.Skipped != 0 {
				t.Errorf("%d were skipped, though nothing had changed", applied.Skipped)
			}
			want := shown(items)
			done := slices.DeleteFunc(w.done(since), func(line string) bool { // what was held before, and is nobody's business now
				return slices.Contains(heldBefore, line) && !slices.Contains(want, line)
			})
			if !slices.Equal(done, want) {
				t.Errorf("scope %s, rules %v, modes %v\nshown:\n  %s\ndone:\n  %s\nstory: %+v", s.Scope, s.Rules, s.Modes,
					strings.Join(want, "\n  "), strings.Join(done, "\n  "), s)
			}
			w.checkAfter(items)
		})
	}
}

// versions tells of every entity that Conversion ever said something about whether it was
// written since.
func (w *world) versions() map[string]int64 {
	w.t.Helper()
	versions := make(map[string]int64)
	for _, kind := range []conversion.Kind{conversion.KindContact, conversion.KindCompany} {
		groups, err := w.books.Walk(w.t.Context(), conversion.WalkQuery{Kind: kind, Limit: 1000})
		if err != nil {
			w.t.Fatal(err)
		}
		for _, g := range groups {
			versions[g.Entity.ID] = g.Entity.Version
		}
	}
	return versions
}
