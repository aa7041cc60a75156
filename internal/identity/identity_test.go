package identity_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"conversion"
	"conversion/internal/identity"
	"conversion/internal/reconcile"
)

// org is what identity has decided so far: pages of observations go in, groups come out
// and are fed back.
type org struct {
	groups  []conversion.Group
	made    int
	now     conversion.Moment
	onMerge conversion.OnMerge
	last    identity.Outcome
	steps   []identity.Step
	cycle   conversion.Moment                    // the last complete one
	there   map[conversion.Ref]conversion.Record // what Salesforce holds, as far as it was ever read
}

func moment(second int) conversion.Moment { return conversion.Moment(second) * 1_000_000 }

// apply is a cycle of one page.
func (o *org) apply(records ...conversion.Record) {
	o.page(records...)
	o.settle()
}

// page resolves a page, and takes its readings over as reconciling does. It is read when the
// last of its changes was made.
func (o *org) page(records ...conversion.Record) {
	if o.there == nil {
		o.there = make(map[conversion.Ref]conversion.Record)
	}
	for _, r := range records {
		o.now = max(o.now, r.Reading.Modified)
		if o.there[r.Ref].Reading.Compare(r.Reading) <= 0 {
			o.there[r.Ref] = r
		}
	}
	o.resolve(records, false)
}

func (o *org) resolve(records []conversion.Record, heirs bool) {
	o.last = identity.Resolve(identity.Page{
		Records: records, Groups: o.groups, Now: o.now, NewID: o.newID, Cycle: o.cycle + 1, Heirs: heirs,
	})
	for _, m := range slices.SortedStableFunc(slices.Values(o.last.Matches), func(a, b identity.Match) int {
		return a.Record.Reading.Compare(b.Record.Reading)
	}) {
		observe(m.Link, m.Record)
	}
	for _, g := range o.last.Groups {
		o.store(g)
	}
}

func (o *org) newID() string { o.made++; return fmt.Sprintf("e%03d", o.made) }

func (o *org) store(g *conversion.Group) {
	for i := range o.groups {
		if o.groups[i].Entity == g.Entity {
			o.groups[i].Links = g.Links
			return
		}
	}
	o.groups = append(o.groups, *g)
}

// settle decides what is pending, and lets links go where they belong.
func (o *org) settle() {
	o.steps = nil
	o.meetHeirs()
	defer func() { o.cycle++ }()
	c := identity.Component{OnMerge: o.onMerge, Cycle: o.cycle + 1, Now: o.now, NewID: o.newID, Groups: o.pending()}
	if len(c.Groups) == 0 {
		return
	}
	who := identity.Settle(c)
	for _, step := range who.Steps {
		switch {
		case step.Link == nil:
			reconcile.Combine(step.To, step.From, emails, o.now)
		case step.New:
			reconcile.Seat(step.From, step.To, step.Link, o.now)
		default:
			reconcile.Move(step.From, step.To, step.Link, emails, o.now)
		}
	}
	o.steps = who.Steps
	for _, g := range who.Groups {
		o.store(g)
	}
}

// pending returns the groups with something pending and all that a decision about them can
// reach, as the engine loads them.
func (o *org) pending() []*conversion.Group {
	var reached []*conversion.Group
	keys, refs := make(map[string]bool), make(map[conversion.Ref]bool)
	for grown := true; grown; {
		grown = false
		for i := range o.groups {
			g := &o.groups[i]
			if slices.Contains(reached, g) || !reaches(g, keys, refs) {
				continue
			}
			grown, reached = true, append(reached, g)
			for _, l := range g.Links {
				if l.Pending {
					keys[l.Key], keys[l.Placed], keys[g.Entity.Key], refs[l.Into] = true, true, true, true
				}
			}
		}
	}
	return reached
}

func reaches(g *conversion.Group, keys map[string]bool, refs map[conversion.Ref]bool) bool {
	return g.Entity.Key != "" && keys[g.Entity.Key] || slices.ContainsFunc(g.Links, func(l *conversion.Link) bool {
		known := l.State != conversion.LinkMoved && (refs[l.Ref] || !l.Into.Zero() && refs[l.Into])
		return l.Pending || known || l.Live() && l.Key != "" && keys[l.Key]
	})
}

// meetHeirs reads what pending records became and nobody has met.
func (o *org) meetHeirs() {
	var heirs []conversion.Record
	for _, g := range o.groups {
		for _, l := range g.Links {
			heir, ok := o.there[l.Into]
			if l.Pending && ok && !slices.ContainsFunc(o.groups, func(g conversion.Group) bool { return g.Link(l.Into) != nil }) {
				heirs = append(heirs, heir)
			}
		}
	}
	if len(heirs) > 0 {
		last := o.last
		o.resolve(heirs, true)
		o.last = last
	}
}

// emails is a schema without opt-outs.
var emails = conversion.NewSchema(conversion.KindContact, nil)

// observe remembers of a reading what reconciling would.
func observe(l *conversion.Link, r *conversion.Record) {
	if email := l.Ensure(conversion.EmailVar); r.KeyRead && email.Reading.Compare(r.Reading) < 0 {
		if value := conversion.Text(r.Key); value != email.Seen {
			email.Claim = conversion.Claim{Value: value, At: r.Reading.Stamp(email.Reading)}
			email.Seen = value
		}
		email.Reading = r.Reading
	}
	if l.Reading.Compare(r.Reading) < 0 {
		l.Reading = r.Reading
	}
}

func ref(id string) conversion.Ref {
	objects := map[string]conversion.Object{"L": conversion.Lead, "C": conversion.Contact, "A": conversion.Account}
	return conversion.Ref{Object: objects[id[:1]], ID: id}
}

// read is an observation of the record as it is after a change in the second. L… are
// leads, C… contacts, A… accounts.
func read(id, key string, second int) conversion.Record {
	return conversion.Record{
		Ref: ref(id), Key: key, KeyRead: true, Name: "Name of " + id,
		Reading: conversion.Reading{Modstamp: moment(second), Modified: moment(second), Asked: moment(second + 100)},
	}
}

func deleted(r conversion.Record) conversion.Record   { r.Deleted = true; return r }
func merged(r conversion.Record) conversion.Record    { r.Deleted, r.MasterID = true, "L9"; return r }
func converted(r conversion.Record) conversion.Record { r.Converted = true; return r }
func person(r conversion.Record) conversion.Record    { r.Person = true; return r }

// String says who is who: each entity's key, with its records and what is to be said of
// them, entities by key.
func (o *org) String() string {
	var said []string
	for _, g := range o.groups {
		if g.Entity.Into != "" {
			continue
		}
		name := g.Entity.Key
		if !g.Entity.Live() {
			name += " (deleted)"
		}
		var links []string
		for _, l := range g.Links {
			link := l.Ref.ID
			if l.State == conversion.LinkMoved {
				continue
			}
			if l.State != conversion.LinkLive {
				link += " " + string(l.State)
			}
			links = append(links, link)
		}
		slices.Sort(links)
		said = append(said, name+": "+strings.Join(links, ", "))
	}
	slices.Sort(said)
	return strings.Join(said, "; ")
}

// bury deletes the contact of the key in Conversion, its links as they are.
func (o *org) bury(key string) {
	for _, g := range o.groups {
		if g.Entity.Key == key {
			o.now++
			g.Entity.Deleted = o.now
		}
	}
}

// edit gives the contact of the key another in Conversion, in the second.
func (o *org) edit(key, to string, second int) {
	for _, g := range o.groups {
		if g.Entity.Key == key {
			g.Entity.Key = to
			g.Entity.Claim(conversion.OwnClaim{Var: conversion.EmailVar, Value: conversion.Text(to), At: moment(second)})
		}
	}
}

// step is something that happens: a page that arrives, or an edit in Conversion.
type step func(*org)

func page(records ...conversion.Record) step {
	return func(o *org) { o.apply(records...) }
}
func buried(key string) step                 { return func(o *org) { o.bury(key) } }
func edited(key, to string, second int) step { return func(o *org) { o.edit(key, to, second) } }

func (o *org) link(id string) *conversion.Link {
	for _, g := range o.groups {
		if l := g.Link(ref(id)); l != nil {
			return l
		}
	}
	return nil
}

type story struct {
	because string
	steps   []step
	want    string
}

func tell(t *testing.T, stories []story) {
	t.Helper()
	for _, s := range stories {
		o := new(org)
		for _, step := range s.steps {
			step(o)
		}
		if got := o.String(); got != s.want {
			t.Errorf("%s:\n got %s\nwant %s", s.because, got, s.want)
		}
	}
}

func TestRecordsWithOneEmailAreOneContact(t *testing.T) {
	t.Parallel()
	tell(t, []story{
		{"a lead with an e-mail becomes a contact", []step{page(read("L1", "a", 1))}, "a: L1"},
		{"a lead without one does not", []step{page(read("L1", "", 1))}, ""},
		{"a contact without one does not", []step{page(read("C1", "", 1))}, ""},
		{"it is taken up once it gets one", []step{page(read("L1", "", 1)), page(read("L1", "a", 2))}, "a: L1"},
		{"two leads of one e-mail are one contact", []step{page(read("L1", "a", 1), read("L2", "a", 1))}, "a: L1, L2"},
		{"so are a lead and a contact", []step{page(read("L1", "a", 1), read("C1", "a", 1))}, "a: C1, L1"},
		{"also when they come one by one", []step{page(read("L1", "a", 1)), page(read("C1", "a", 1))}, "a: C1, L1"},
		{"other e-mails are other contacts", []step{page(read("L1", "a", 1), read("L2", "b", 1))}, "a: L1; b: L2"},
		{"a record stays with its contact", []step{page(read("L1", "a", 1)), page(read("L1", "a", 2))}, "a: L1"},
		{"a new record joins the records of its e-mail before the contact of it", []step{
			page(read("L1", "a", 1)), edited("a", "z", 2), page(read("L2", "a", 3)),
		}, "z: L1, L2"},
		{"and the contact of it when no record carries it", []step{
			page(read("L1", "a", 1)), edited("a", "z", 2), page(read("L2", "z", 3)),
		}, "z: L1, L2"},
		{"of a contact whose records are all gone too", []step{
			page(read("L1", "a", 1)), page(deleted(read("L1", "a", 2))), page(read("L2", "a", 3)),
		}, "a: L1 deleted_in_salesforce, L2"},
		{"a converted lead that was never seen is passed over", []step{page(converted(read("L1", "a", 1)))}, ""},
		{"so is a deleted one", []step{page(deleted(read("L1", "a", 1)))}, ""},
		{"the shadow contact of a person account is a person", []step{page(person(read("C1", "a", 1)))}, "a: C1"},
	})
}

func TestAccountsWithOneDomainAreOneCompany(t *testing.T) {
	t.Parallel()
	tell(t, []story{
		{"two accounts of one domain are one company", []step{page(read("A1", "acme.com", 1), read("A2", "acme.com", 1))}, "acme.com: A1, A2"},
		{"accounts without a website are a company each", []step{page(read("A1", "", 1), read("A2", "", 1)), page(read("A3", "", 1))}, ": A1; : A2; : A3"},
		{"and stay what they are", []step{page(read("A1", "", 1), read("A2", "", 1)), page(read("A1", "", 2))}, ": A1; : A2"},
		{"a person account is no company", []step{page(person(read("A1", "acme.com", 1)))}, ""},
		{"an account that gets a website gives it to its company", []step{page(read("A1", "", 1)), page(read("A1", "acme.com", 2))}, "acme.com: A1"},
		{"and joins the company that has it", []step{
			page(read("A1", "", 1), read("A2", "acme.com", 1)), page(read("A1", "acme.com", 2)),
		}, "acme.com: A1, A2"},
		{"an emptied website is held", []step{page(read("A1", "acme.com", 1)), page(read("A1", "", 2))}, "acme.com: A1 held"},
		{"a company that became a tombstone without a domain catches nobody", []step{
			page(read("A1", "", 1)), buried(""), page(read("A2", "", 2)),
		}, " (deleted): A1; : A2"},
	})
}

func TestWhatBecomesOfALink(t *testing.T) {
	t.Parallel()
	tell(t, []story{
		{"a deleted record stays in the history", []step{page(read("L1", "a", 1)), page(deleted(read("L1", "a", 2)))}, "a: L1 deleted_in_salesforce"},
		{"an undelete restores it", []step{
			page(read("L1", "a", 1)), page(deleted(read("L1", "a", 2))), page(read("L1", "a", 3)),
		}, "a: L1"},
		{"a merge is told from a deletion", []step{page(read("L1", "a", 1)), page(merged(read("L1", "a", 2)))}, "a: L1 merged"},
		{"a converted lead's link is over", []step{page(read("L1", "a", 1)), page(converted(read("L1", "a", 2)))}, "a: L1 converted"},
		{"a stale reading revives nothing", []step{
			page(read("L1", "a", 1)), page(deleted(read("L1", "a", 3))), page(read("L1", "a", 2)),
		}, "a: L1 deleted_in_salesforce"},
		{"nor within one page, whatever the order", []step{
			page(read("L1", "a", 1)), page(deleted(read("L1", "a", 3)), read("L1", "a", 2)),
		}, "a: L1 deleted_in_salesforce"},
		{"nor is its e-mail heard", []step{
			page(read("L1", "a", 1)), page(read("L1", "a", 3)), page(read("L1", "b", 2)),
		}, "a: L1"},
		{"a record that came back finds its e-mail with another contact and joins it", []step{
			page(read("L1", "a", 1), read("L2", "a", 1)), page(deleted(read("L1", "a", 2))), page(read("L2", "c", 3)),
			page(read("L3", "a", 4)), page(read("L1", "a", 5)), page(read("L4", "a", 6)),
		}, "a: L1, L3, L4; c: L2"},
		{"also when that contact has another e-mail in Conversion", []step{
			page(read("L1", "b", 1), read("L2", "b", 1)), page(deleted(read("L2", "b", 2))), page(read("L1", "c", 3)),
			page(read("L3", "b", 4)), edited("b", "z", 5), page(read("L2", "b", 6)),
		}, "c: L1; z: L2, L3"},
		{"a deleted record of a deleted contact is deleted, not ignored", []step{
			page(read("L1", "a", 1)), buried("a"), page(deleted(read("L1", "a", 2))),
		}, "a (deleted): L1 deleted_in_salesforce"},
	})
}

func TestADeletedContactIsNotBroughtBack(t *testing.T) {
	t.Parallel()
	tell(t, []story{
		{"its own record is ignored", []step{page(read("L1", "a", 1)), buried("a"), page(read("L1", "a", 2))}, "a (deleted): L1 ignored"},
		{"so is another with its e-mail", []step{
			page(read("L1", "a", 1)), buried("a"), page(read("C1", "a", 2)),
		}, "a (deleted): C1 ignored, L1"},
		{"and one whose e-mail becomes its", []step{
			page(read("L1", "a", 1), read("L2", "b", 1)), buried("a"), page(read("L2", "a", 2)),
		}, "a (deleted): L1, L2 ignored; b: "},
		{"a contact that was made again has the records that come", []step{
			page(read("L1", "a", 1)), buried("a"),
			func(o *org) {
				o.groups = append(o.groups, conversion.Group{Entity: &conversion.Entity{ID: "again", Kind: conversion.KindContact, Key: "a"}})
			},
			page(read("L2", "a", 2)),
		}, "a (deleted): L1; a: L2"},
	})
}

func TestTheLatestTombstoneCounts(t *testing.T) {
	t.Parallel()
	for _, order := range [][2]int{{0, 1}, {1, 0}} {
		tombs := []conversion.Group{
			{Entity: &conversion.Entity{ID: "older", Kind: conversion.KindContact, Key: "a", Deleted: 5}},
			{Entity: &conversion.Entity{ID: "later", Kind: conversion.KindContact, Key: "a", Deleted: 6}},
		}
		o := org{groups: []conversion.Group{tombs[order[0]], tombs[order[1]]}}
		o.apply(read("L1", "a", 1))
		if got := o.link("L1").EntityID; got != "later" {
			t.Errorf("the record is ignored with the %s tombstone", got)
		}
	}
}

func TestOfTwoContactsThatCarryAnEmailTheOlderCounts(t *testing.T) {
	t.Parallel()
	for _, order := range [][2]int{{0, 1}, {1, 0}} {
		var two org
		two.apply(read("L1", "a", 1), read("L2", "b", 1))
		two.groups[0].Links[0].Key, two.groups[0].Links[0].Placed = "c", "c"
		two.groups[1].Links[0].Key, two.groups[1].Links[0].Placed = "c", "c"
		two.groups = []conversion.Group{two.groups[order[0]], two.groups[order[1]]}
		two.apply(read("L3", "c", 2))
		if got, want := two.String(), "a: L1, L3; b: L2"; got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	}
}

func TestAnEmailThatIsChangedInSalesforce(t *testing.T) {
	t.Parallel()
	tell(t, []story{
		{"is taken by the contact when it is free", []step{page(read("L1", "a", 1)), page(read("L1", "b", 2))}, "b: L1"},
		{"is not while another of its records carries the old one: the record goes", []step{
			page(read("L1", "a", 1), read("C1", "a", 1)), page(read("L1", "b", 2)),
		}, "a: C1; b: L1"},
		{"and is met again once none does any more", []step{
			page(read("L1", "a", 1), read("C1", "a", 1)), page(read("L1", "b", 2)), page(read("C1", "b", 3)),
		}, "b: C1, L1"},
		{"records that are over do not count", []step{
			page(read("L1", "a", 1), read("L2", "a", 1)), page(deleted(read("L2", "a", 2))), page(read("L1", "b", 3)),
		}, "b: L1, L2 deleted_in_salesforce"},
		{"of two the newest is taken", []step{
			page(read("L1", "a", 1), read("L2", "a", 1)), page(read("L1", "b", 2), read("L2", "c", 3)),
		}, "b: L1; c: L2"},
		{"of two made in one second the lower id's", []step{
			page(read("L1", "a", 1), read("L2", "a", 1)), page(read("L2", "c", 2), read("L1", "b", 2)),
		}, "b: L1; c: L2"},
		{"the next when the newest is not free", []step{
			page(read("L1", "a", 1), read("L2", "a", 1), read("L3", "c", 1)), page(read("L1", "b", 2), read("L2", "c", 3)),
		}, "b: L1; c: L2, L3"},
		{"that is another contact's brings the record there, and the contact that lost its last", []step{
			page(read("L1", "a", 1), read("L2", "b", 1)), page(read("L1", "b", 2)),
		}, "b: L1, L2"},
		{"also when only that contact's record has it", []step{
			page(read("L1", "a", 1), read("L2", "b", 1)), edited("b", "z", 2), page(read("L1", "b", 3)),
		}, "z: L1, L2"},
		{"and when it was made in Conversion", []step{
			page(read("L1", "a", 1)),
			func(o *org) {
				o.groups = append(o.groups, conversion.Group{Entity: &conversion.Entity{ID: "own", Kind: conversion.KindContact, Key: "b"}})
			},
			page(read("L1", "b", 2)),
		}, "b: L1"},
		{"is free when its holder gives it up in the same step", []step{
			page(read("L1", "a", 1), read("L2", "b", 1)), page(read("L1", "b", 2), read("L2", "c", 2)),
		}, "b: L1; c: L2"},
		{"whoever comes first", []step{
			page(read("L1", "b", 1), read("L2", "a", 1)), page(read("L1", "c", 2), read("L2", "b", 2)),
		}, "b: L2; c: L1"},
		{"is swapped with another's", []step{
			page(read("L1", "a", 1), read("L2", "b", 1)), page(read("L1", "b", 2), read("L2", "a", 2)),
		}, "a: L2; b: L1"},
		{"goes round among three", []step{
			page(read("L1", "a", 1), read("L2", "b", 1), read("L3", "c", 1)),
			page(read("L1", "b", 2), read("L2", "c", 2), read("L3", "a", 2)),
		}, "a: L3; b: L1; c: L2"},
		{"is passed on along a chain whose last is free", []step{
			page(read("L1", "a", 1), read("L2", "b", 1), read("L3", "c", 1)),
			page(read("L1", "b", 2), read("L2", "c", 2), read("L3", "d", 2)),
		}, "b: L1; c: L2; d: L3"},
		{"is passed on along a chain whose last contact goes where its record went", []step{
			page(read("L1", "a", 1), read("L2", "b", 1), read("L3", "c", 1)),
			page(read("L1", "b", 2), read("L2", "c", 2)),
		}, "b: L1; c: L2, L3"},
		{"of two takers goes to the older contact, and the other's record too", []step{
			page(read("L1", "a", 1)), page(read("L2", "b", 1)), page(read("L2", "c", 2), read("L1", "c", 2)),
		}, "c: L1, L2"},
		{"to a deleted contact's is ignored, and the contact stays", []step{
			page(read("L1", "a", 1), read("L2", "b", 1)), buried("b"), page(read("L1", "b", 2)),
		}, "a: ; b (deleted): L1 ignored, L2"},
		{"and back makes a contact again", []step{
			page(read("L1", "a", 1), read("L2", "b", 1)), page(read("L1", "b", 2)), page(read("L1", "a", 3)),
		}, "a: L1; b: L2"},
		{"a new record of the old one finds the contact moved on", []step{
			page(read("L1", "a", 1)), page(read("L2", "a", 2), read("L1", "b", 2)),
		}, "a: L2; b: L1"},
		{"a new record of the new one joins the contact that took it", []step{
			page(read("L1", "a", 1)), page(read("L2", "b", 2), read("L1", "b", 2)),
		}, "b: L1, L2"},
	})
}

func TestAnEmailThatIsEmptiedInSalesforce(t *testing.T) {
	t.Parallel()
	tell(t, []story{
		{"is held, and the contact keeps its own", []step{page(read("L1", "a", 1)), page(read("L1", "", 2))}, "a: L1 held"},
		{"until there is one again", []step{page(read("L1", "a", 1)), page(read("L1", "", 2)), page(read("L1", "a", 3))}, "a: L1"},
		{"which may be another", []step{page(read("L1", "a", 1)), page(read("L1", "", 2)), page(read("L1", "b", 3))}, "b: L1"},
		{"is not read by an observation that has none", []step{
			page(read("L1", "a", 1)), page(func() conversion.Record { r := read("L1", "", 2); r.KeyRead = false; return r }()),
		}, "a: L1"},
		{"is nobody's to take", []step{
			page(read("L1", "a", 1), read("L2", "a", 1)), page(read("L1", "", 3), read("L2", "b", 2)),
		}, "b: L1 held, L2"},
	})
}

func TestAnEmailThatIsEditedInConversion(t *testing.T) {
	t.Parallel()
	tell(t, []story{
		{"moves no record", []step{page(read("L1", "a", 1)), edited("a", "z", 2), page(read("L1", "a", 3))}, "z: L1"},
		{"yields to a later change in Salesforce", []step{page(read("L1", "a", 1)), edited("a", "z", 2), page(read("L1", "b", 3))}, "b: L1"},
		{"and to one of the same second", []step{page(read("L1", "a", 1)), edited("a", "z", 3), page(read("L1", "b", 3))}, "b: L1"},
		{"but not to an earlier one that arrives later", []step{page(read("L1", "a", 1)), edited("a", "z", 5), page(read("L1", "b", 3))}, "z: L1"},
		{"which stays so when the record is touched for another reason", []step{
			page(read("L1", "a", 1)), edited("a", "z", 5), page(read("L1", "b", 3)), page(read("L1", "b", 9)),
		}, "z: L1"},
		{"leaves a record held that was emptied", []step{page(read("L1", "a", 1)), edited("a", "z", 5), page(read("L1", "", 3))}, "z: L1 held"},
		{"keeps no record from another live one with its e-mail", []step{
			page(read("L1", "a", 1), read("L2", "b", 1)), edited("a", "z", 5), page(read("L1", "b", 3)),
		}, "b: L1, L2"},
	})
}

func TestAPartialObservationHidesNoOlderEmail(t *testing.T) {
	t.Parallel()
	o := new(org)
	o.apply(read("L1", "a", 1))
	partial := read("L1", "", 5)
	partial.KeyRead = false
	o.apply(partial)
	o.apply(read("L1", "b", 3))
	if got, want := o.String(), "b: L1"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

func TestAChangeCountsFromWhenTheEmailWasChanged(t *testing.T) {
	t.Parallel()
	// L1 went to b in second 3; then its title was edited, and only now it is read. The
	// contact's own e-mail of second 5 is the newer one, and later than that change.
	o := new(org)
	o.apply(read("L1", "a", 1))
	o.edit("a", "z", 5)
	o.page(read("L1", "b", 3))
	o.apply(read("L1", "b", 9))
	if got, want := o.String(), "z: L1"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

func TestWhatIsHeldSaysWhy(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		because string
		steps   []step
		id      string
		why     string
	}{
		{"an e-mail that was emptied", []step{page(read("L1", "a", 1)), page(read("L1", "", 2))}, "L1", "e-mail address was emptied"},
		{"a website that was emptied", []step{page(read("A1", "a.de", 1)), page(read("A1", "", 2))}, "A1", "website was emptied"},
		{"a record that is not held", []step{page(read("L1", "a", 1)), page(read("L1", "", 2)), page(read("L1", "a", 3))}, "L1", ""},
	} {
		o := new(org)
		for _, step := range test.steps {
			step(o)
		}
		if hold := o.link(test.id).Hold; !strings.Contains(hold, test.why) || (hold == "") != (test.why == "") {
			t.Errorf("%s: %q", test.because, hold)
		}
	}
}

func TestWhatIsPassedOverSaysWhy(t *testing.T) {
	t.Parallel()
	for code, record := range map[string]conversion.Record{
		"deleted":        deleted(read("L1", "a", 1)),
		"converted":      converted(read("L1", "a", 1)),
		"person_account": person(read("A1", "", 1)),
		"no_email":       read("C1", "", 1),
	} {
		o := new(org)
		o.apply(record, record, record)
		if len(o.last.Problems) != 1 || len(o.last.Matches) != 0 || len(o.last.Groups) != 0 {
			t.Fatalf("%s: %+v", code, o.last)
		}
		if p := o.last.Problems[0]; p.Code != code || p.Ref != record.Ref || p.Held || p.Message == "" {
			t.Errorf("%s: %+v", code, p)
		}
	}
}

func TestMatchesFollowThePage(t *testing.T) {
	t.Parallel()
	o := new(org)
	o.apply(read("L2", "b", 1))
	records := []conversion.Record{read("L1", "a", 1), read("L2", "b", 2), read("L3", "b", 1), read("L4", "", 1), read("L1", "a", 2)}
	o.apply(records...)
	var got []string
	for _, m := range o.last.Matches {
		got = append(got, fmt.Sprintf("%s at %d of %s first %v", m.Link.Ref.ID, m.Record.Reading.Modified.Second(), m.Group.Entity.Key, m.First))
	}
	want := []string{"L1 at 1 of a first true", "L2 at 2 of b first false", "L3 at 1 of b first true", "L1 at 2 of a first false"}
	if !slices.Equal(got, want) {
		t.Errorf("matches %q, want %q", got, want)
	}
	if len(o.last.Groups) != 2 || o.last.Groups[0].Entity.Key != "a" || o.last.Groups[1].Entity.Key != "b" {
		t.Errorf("groups %+v", o.last.Groups)
	}
}

func TestWhatIsMadeForANewRecord(t *testing.T) {
	t.Parallel()
	o := new(org)
	o.apply(read("L2", "a", 1), read("C1", "a", 1), read("L1", "a", 1))
	e := o.groups[0].Entity
	if e.ID != "e001" || e.Kind != conversion.KindContact || e.Origin != conversion.OriginSalesforce || e.Created != moment(1) {
		t.Errorf("the contact is %+v", e)
	}
	l := o.groups[0].Links[0]
	if l.EntityID != e.ID || l.Key != "a" || l.Placed != "a" || l.Name != "Name of C1" || l.Linked != moment(1) {
		t.Errorf("the link is %+v", l)
	}
	var order []string
	for _, l := range o.groups[0].Links {
		order = append(order, l.Ref.String())
	}
	if want := []string{"Contact/C1", "Lead/L1", "Lead/L2"}; !slices.Equal(order, want) {
		t.Errorf("the links are in the order %q, want %q", order, want)
	}
	o = new(org)
	o.apply(read("A1", "", 1))
	if o.groups[0].Entity.Kind != conversion.KindCompany {
		t.Errorf("an Account becomes a %s", o.groups[0].Entity.Kind)
	}
}

func TestWithWhichKeyARecordIsPlaced(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		because string
		steps   []step
		want    string
	}{
		{"the one that its contact took", []step{page(read("L1", "a", 1)), page(read("L1", "b", 2))}, "b"},
		{"the one it carries to another contact", []step{page(read("L1", "a", 1), read("L2", "b", 1)), page(read("L1", "b", 2))}, "b"},
		{"the old one while it is held", []step{page(read("L1", "a", 1)), page(read("L1", "", 2))}, "a"},
		{"the old one after it was emptied", []step{page(read("L1", "a", 1)), edited("a", "z", 5), page(read("L1", "", 2))}, "a"},
		{"one that was overruled", []step{page(read("L1", "a", 1)), edited("a", "z", 5), page(read("L1", "b", 2))}, "b"},
	} {
		o := new(org)
		for _, step := range test.steps {
			step(o)
		}
		if got := o.link("L1").Placed; got != test.want {
			t.Errorf("%s: %q, want %q", test.because, got, test.want)
		}
	}
}
