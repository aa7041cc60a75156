package identity_test

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"conversion"
)

var recordIDs = []string{"C1", "C2", "C3", "L1", "L2", "L3", "L4"}

// drawRecords draws an observation of each of some records, after the second.
func drawRecords(t *rapid.T, second int) []conversion.Record {
	var records []conversion.Record
	for _, id := range recordIDs {
		if !rapid.Bool().Draw(t, id+" is there") {
			continue
		}
		r := read(id, rapid.SampledFrom([]string{"", "a", "b", "c", "d"}).Draw(t, id+"'s e-mail"), second+rapid.IntRange(0, 2).Draw(t, id+"'s second"))
		switch rapid.IntRange(0, 9).Draw(t, id+" became") {
		case 0:
			r = deleted(r)
		case 1:
			if id[0] == 'L' {
				r = converted(r)
				r.ConvertedContactID = rapid.SampledFrom([]string{"", "C1", "C2", "C3"}).Draw(t, id+"'s Contact")
			}
		case 2:
			r = merged(r)
			r.MasterID = id[:1] + rapid.SampledFrom([]string{"1", "2", "3"}).Draw(t, id+"'s winner")
		}
		records = append(records, r)
	}
	return records
}

// live drives an org through some pages, edits and deletions.
func live(t *rapid.T, o *org) {
	o.onMerge = rapid.SampledFrom([]conversion.OnMerge{conversion.MergeKeep, conversion.MergeCombine}).Draw(t, "on merge")
	for i := range rapid.IntRange(0, 5).Draw(t, "pages") {
		o.apply(drawRecords(t, 10*i)...)
		if len(o.groups) == 0 {
			continue
		}
		g := rapid.SampledFrom(o.groups).Draw(t, "contact")
		switch rapid.IntRange(0, 5).Draw(t, "in Conversion") {
		case 0:
			if g.Entity.Live() {
				o.bury(g.Entity.Key)
			}
		case 1:
			if own := fmt.Sprintf("own%d", i); g.Entity.Live() {
				o.edit(g.Entity.Key, own, 10*i+rapid.IntRange(0, 12).Draw(t, "edited"))
			}
		}
	}
}

func (o *org) clone() *org {
	c := *o
	c.groups, c.there = nil, maps.Clone(o.there)
	for _, g := range o.groups {
		c.groups = append(c.groups, g.Clone())
	}
	return &c
}

func TestWhoIsWhoDoesNotDependOnTheOrderOfAPage(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		o := new(org)
		live(t, o)
		again := o.clone()
		records := drawRecords(t, 60)
		records = append(records, drawRecords(t, 55)...) // earlier ones of the same records among them
		o.apply(records...)
		again.apply(rapid.Permutation(records).Draw(t, "in another order")...)
		if got, want := again.String(), o.String(); got != want {
			t.Fatalf("in another order\n%s\nnot\n%s", got, want)
		}
	})
}

func TestWhoIsWhoDoesNotDependOnThePages(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		whole := new(org)
		live(t, whole)
		split := whole.clone()
		records := drawRecords(t, 60)
		whole.now, split.now = moment(70), moment(70)
		whole.apply(records...)
		records = rapid.Permutation(records).Draw(t, "order")
		for len(records) > 0 {
			n := rapid.IntRange(1, len(records)).Draw(t, "page")
			split.page(records[:n]...)
			records = records[n:]
		}
		split.settle()
		if got, want := split.String(), whole.String(); got != want {
			t.Fatalf("in pages\n%s\nnot\n%s", got, want)
		}
	})
}

func TestWhatIsDecidedStays(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		o := new(org)
		live(t, o)
		o.apply(drawRecords(t, 60)...)
		want, placed := o.String(), o.placed()
		for _, g := range o.groups {
			for _, l := range g.Links {
				if l.Pending {
					t.Fatalf("%s is pending still", l.Ref)
				}
			}
		}
		o.settle()
		if len(o.steps) > 0 || o.String() != want || o.placed() != placed {
			t.Fatalf("decided again\n%s\nnot\n%s", o, want)
		}
	})
}

func TestAPageAppliedTwiceChangesNothing(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		o := new(org)
		live(t, o)
		records := drawRecords(t, 60)
		o.apply(records...)
		want, placed := o.String(), o.placed()
		o.apply(records...)
		if got := o.String(); got != want {
			t.Fatalf("the second time\n%s\nnot\n%s", got, want)
		}
		if got := o.placed(); got != placed {
			t.Fatalf("the second time placed\n%s\nnot\n%s", got, placed)
		}
	})
}

// placed says with which key each record is where it is.
func (o *org) placed() string {
	var said []string
	for _, g := range o.groups {
		for _, l := range g.Links {
			said = append(said, l.Ref.ID+" by "+l.Placed)
		}
	}
	slices.Sort(said)
	return strings.Join(said, ", ")
}

func TestAStaleObservationChangesNothing(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		o := new(org)
		live(t, o)
		var records []conversion.Record
		for _, id := range recordIDs {
			records = append(records, read(id, rapid.SampledFrom([]string{"a", "b", "c"}).Draw(t, id), 60))
		}
		o.apply(records...)
		want := o.String()
		for _, stale := range drawRecords(t, 50) {
			o.apply(stale)
		}
		if got := o.String(); got != want {
			t.Fatalf("after stale observations\n%s\nnot\n%s", got, want)
		}
	})
}

func TestOneEmailOneContact(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		o := new(org)
		live(t, o)
		o.apply(drawRecords(t, 60)...)
		o.mustBeSound(t)
	})
}

// mustBeSound checks what is always true at rest (spec 3.5): e-mails of contacts are
// unique, and records with equal e-mails that are where they belong are on one contact.
func (o *org) mustBeSound(t *rapid.T) {
	holders, carriers := make(map[string]string), make(map[string]string)
	for _, g := range o.groups {
		if !g.Entity.Live() || g.Entity.Key == "" {
			continue
		}
		if other, ok := holders[g.Entity.Key]; ok {
			t.Fatalf("%s and %s both have %q:\n%s", other, g.Entity.ID, g.Entity.Key, o)
		}
		holders[g.Entity.Key] = g.Entity.ID
		for _, l := range g.Links {
			if l.State != conversion.LinkLive || l.Key == "" {
				continue
			}
			if l.EntityID != g.Entity.ID {
				t.Fatalf("the link to %s names %s:\n%s", l.Ref, l.EntityID, o)
			}
			if other, ok := carriers[l.Key]; ok && other != g.Entity.ID {
				t.Fatalf("records of %s and %s both carry %q:\n%s", other, g.Entity.ID, l.Key, o)
			}
			carriers[l.Key] = g.Entity.ID
		}
	}
}

func TestAccountsWithoutAWebsiteNeverCombine(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		o := new(org)
		for i := range rapid.IntRange(1, 4).Draw(t, "pages") {
			var records []conversion.Record
			for _, id := range []string{"A1", "A2", "A3", "A4"} {
				if rapid.Bool().Draw(t, id) {
					records = append(records, read(id, rapid.SampledFrom([]string{"", "", "x.de"}).Draw(t, "website"), i))
				}
			}
			o.apply(records...)
		}
		for _, g := range o.groups {
			blank := slices.DeleteFunc(slices.Clone(g.Links), func(l *conversion.Link) bool { return l.Placed != "" })
			if len(blank) > 1 {
				t.Fatalf("accounts without a website are one company:\n%s", o)
			}
		}
	})
}
