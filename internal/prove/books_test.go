package prove_test

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"conversion"
	"conversion/internal/directory"
	"conversion/internal/engine"
	"conversion/internal/store/storetest"
)

// books keep one workspace in memory: what the store does, without its time. The suite of
// the store holds them to it, and TestTheStoreAndTheBooksInMemoryGiveOneResult runs whole
// histories on both.
type books struct {
	unneeded

	dead      bool                     // the process was killed: nothing is stored any more
	committed func(b conversion.Batch) // is told of every batch that was stored; nil: nobody

	mu          sync.Mutex
	entities    map[string]*conversion.Entity
	links       map[linkPlace]*conversion.Link
	cursors     map[conversion.Object]conversion.Cursor
	leases      map[string]conversion.Lease
	runs        []conversion.Run
	lines       []conversion.RunLine
	changes     []conversion.Change
	held        []conversion.Held
	engagements []conversion.Engagement
	approvals   []conversion.Approval
	withheld    []conversion.Withheld
	edits       []conversion.EditCount
	deletions   []deletion
	progress    []conversion.Progress
	variables   map[conversion.Kind][]conversion.Variable
	schemas     map[conversion.Kind]*conversion.Schema // as last asked for; nil after a change
	revisions   map[conversion.Kind]int64
	users       map[string]userName
	rounds      []conversion.Round
	rules       conversion.Rules
	options     conversion.Options
	connection  conversion.Connection
	given       int // ids
}

// unneeded is nil: to call what of it has no method here ends the history.
type unneeded interface {
	engine.Books
	directory.Books
}

// linkPlace tells a link from those that its record left on other entities when it moved.
type linkPlace struct {
	ref  conversion.Ref
	left string // the entity a moved link was left on; "" for the one link a record has
}

func placeOf(l *conversion.Link) linkPlace {
	if l.State == conversion.LinkMoved {
		return linkPlace{l.Ref, l.EntityID}
	}
	return linkPlace{ref: l.Ref}
}

func newBooks() *books {
	return &books{
		entities: make(map[string]*conversion.Entity), links: make(map[linkPlace]*conversion.Link),
		cursors: make(map[conversion.Object]conversion.Cursor), leases: make(map[string]conversion.Lease),
		variables: make(map[conversion.Kind][]conversion.Variable), schemas: make(map[conversion.Kind]*conversion.Schema),
		revisions: make(map[conversion.Kind]int64),
		users:     make(map[string]userName), rules: conversion.DefaultRules(), options: conversion.DefaultOptions(),
	}
}

func TestTheBooksInMemoryBehaveAsTheStoreDoes(t *testing.T) {
	t.Parallel()
	storetest.RunBooks(t, func(*testing.T) storetest.Books { return newBooks() })
}

// Groups and what else reads them.

func (b *books) Groups(_ context.Context, q conversion.GroupQuery) ([]conversion.Group, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	reached := make(map[string]bool)
	for _, id := range q.IDs {
		reached[id] = true
	}
	keys := make(map[string]bool)
	for _, key := range q.Keys {
		keys[key] = key != ""
	}
	refs := make(map[conversion.Ref]bool)
	for _, ref := range q.Refs {
		refs[ref] = true
	}
	for id, e := range b.entities {
		if keys[e.Key] || q.Creating && e.Creating != nil {
			reached[id] = true
		}
	}
	for at, l := range b.links {
		if at.left == "" && (refs[l.Ref] || refs[l.Into] || (l.Live() && keys[l.Key])) {
			reached[l.EntityID] = true
		}
	}
	for id := range maps.Clone(reached) {
		if e := b.entities[id]; e != nil && e.Kind == q.Kind && e.Into != "" {
			reached[e.Into] = true
		}
	}
	return b.load(q.Kind, reached), nil
}

func (b *books) Pending(_ context.Context, limit int) ([]conversion.Ref, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	var refs []conversion.Ref
	for _, l := range b.links {
		if l.Pending {
			refs = append(refs, l.Ref)
		}
	}
	slices.SortFunc(refs, conversion.Ref.Compare)
	return refs[:min(limit, len(refs))], nil
}

func (b *books) load(k conversion.Kind, ids map[string]bool) []conversion.Group {
	links := make(map[string][]*conversion.Link)
	for _, l := range b.links {
		if ids[l.EntityID] {
			links[l.EntityID] = append(links[l.EntityID], l.Clone())
		}
	}
	var groups []conversion.Group
	for _, id := range slices.Sorted(maps.Keys(ids)) {
		if e := b.entities[id]; e != nil && e.Kind == k {
			slices.SortFunc(links[id], func(a, b *conversion.Link) int { return strings.Compare(a.Ref.String(), b.Ref.String()) })
			groups = append(groups, conversion.Group{Entity: e.Clone(), Links: links[id]})
		}
	}
	return groups
}

func (b *books) Dirty(_ context.Context, q conversion.DirtyQuery) ([]conversion.Group, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	ids := make(map[string]bool)
	for id, e := range b.entities {
		if e.Kind == q.Kind && e.Live() != q.Deleted && e.Dirty > 0 && e.Retry <= q.Now {
			ids[id] = true
		}
	}
	groups := b.load(q.Kind, ids)
	slices.SortFunc(groups, func(a, b conversion.Group) int {
		return cmp.Or(cmp.Compare(a.Entity.Retry, b.Entity.Retry), cmp.Compare(a.Entity.Dirty, b.Entity.Dirty), cmp.Compare(a.Entity.ID, b.Entity.ID))
	})
	return groups[:min(q.Limit, len(groups))], nil
}

// Walk goes through what is dirty, as the breaker does; no history has previews.
func (b *books) Walk(_ context.Context, q conversion.WalkQuery) ([]conversion.Group, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	ids := make(map[string]bool)
	for id, e := range b.entities {
		if e.Kind == q.Kind && e.Dirty > 0 && id > q.After {
			ids[id] = true
		}
	}
	groups := b.load(q.Kind, ids)
	slices.SortFunc(groups, func(a, b conversion.Group) int { return cmp.Compare(a.Entity.ID, b.Entity.ID) })
	return groups[:min(q.Limit, len(groups))], nil
}

func (b *books) EntitiesOf(_ context.Context, refs []conversion.Ref) (map[conversion.Ref]string, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	ids := make(map[conversion.Ref]string)
	for _, ref := range refs {
		l := b.links[linkPlace{ref: ref}]
		if l == nil || l.State == conversion.LinkIgnored {
			continue
		}
		if e := b.entities[l.EntityID]; e != nil && e.Live() {
			ids[ref] = l.EntityID
		}
	}
	return ids, nil
}

func (b *books) LinksOf(_ context.Context, entityIDs []string) (map[string][]conversion.Link, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	found := make(map[string][]conversion.Link)
	for _, l := range b.links {
		if slices.Contains(entityIDs, l.EntityID) {
			bare := *l
			bare.Fields = nil
			found[l.EntityID] = append(found[l.EntityID], bare)
		}
	}
	for _, links := range found {
		slices.SortFunc(links, func(a, b conversion.Link) int { return strings.Compare(a.Ref.String(), b.Ref.String()) })
	}
	return found, nil
}

func (b *books) KnownActivities(_ context.Context, refs []conversion.Ref) (map[conversion.Ref]conversion.KnownActivity, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	known := make(map[conversion.Ref]conversion.KnownActivity)
	for _, g := range b.engagements {
		if !g.Ref.Zero() && slices.Contains(refs, g.Ref) {
			known[g.Ref] = conversion.KnownActivity{Modstamp: g.Modstamp, People: g.People}
		}
	}
	return known, nil
}

// CatchUps are none: no history has activities.
func (b *books) CatchUps(context.Context, conversion.Object, int) ([]conversion.CatchUp, error) {
	return nil, nil
}

// Piled is nothing: whom a preview holds up has tests of its own.
func (b *books) Piled(context.Context, conversion.Moment, conversion.Moment, int) (int, error) {
	return 0, nil
}

func (b *books) SavePile(context.Context, conversion.Moment, int) error { return nil }

func (b *books) LiveLinks(_ context.Context, k conversion.Kind) (n int, _ error) {
	counts, err := b.ObjectCounts(context.Background())
	for _, o := range k.Objects() {
		n += counts[o]
	}
	return n, err
}

func (b *books) Linked(ctx context.Context, k conversion.Kind, since conversion.Moment) (int, error) {
	n, err := b.LiveLinks(ctx, k)
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, l := range b.links {
		if e := b.entities[l.EntityID]; !l.Live() && e != nil && e.Kind == k && e.Deleted > 0 && e.Deleted >= since && l.Linked <= e.Deleted {
			n++
		}
	}
	return n, err
}

func (b *books) ObjectCounts(context.Context) (map[conversion.Object]int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	counts := make(map[conversion.Object]int)
	for _, l := range b.links {
		if l.Live() {
			counts[l.Ref.Object]++
		}
	}
	return counts, nil
}

func (b *books) Cursor(_ context.Context, o conversion.Object) (conversion.Cursor, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.cursors[o], nil
}

// Loads returns none: the orgs of histories are too small for jobs.
func (b *books) Loads(context.Context) ([]conversion.Load, error) { return nil, nil }

func (b *books) OpenPages(context.Context) ([]conversion.LoadPage, error) { return nil, nil }

func (b *books) CompaniesByKey(_ context.Context, domains []string) (map[string]conversion.Entity, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	found := make(map[string]conversion.Entity)
	for _, e := range b.entities {
		if e.Kind == conversion.KindCompany && e.Live() && e.Key != "" && slices.Contains(domains, e.Key) {
			found[e.Key] = *e.Clone()
		}
	}
	return found, nil
}

func (b *books) LiveCompanies(_ context.Context, ids []string) (map[string]bool, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	live := make(map[string]bool)
	for _, id := range ids {
		if e := b.entities[id]; e != nil && e.Kind == conversion.KindCompany && e.Live() {
			live[id] = true
		}
	}
	return live, nil
}

// Commit, all of it or nothing.

func (b *books) Commit(_ context.Context, batch conversion.Batch) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.dead {
		return errCrash
	}
	if l := batch.Lease; l != nil && !b.holds(*l) {
		return conversion.ErrLeaseLost
	}
	if err := b.check(batch); err != nil {
		return err
	}
	b.putGroups(batch)
	b.putRevised(batch.Revised)
	b.putHeld(batch)
	b.putEngagements(batch)
	b.putJournal(batch)
	b.putRound(batch.Round)
	b.putBreaker(batch)
	for _, id := range batch.Users {
		if _, met := b.users[id]; !met {
			b.users[id] = userName{}
		}
	}
	if c := batch.Cursor; c != nil {
		b.cursors[c.Object] = c.To
	}
	if p := batch.Progress; p != nil {
		if i := slices.IndexFunc(b.progress, func(q conversion.Progress) bool { return q.Object == p.Object }); i >= 0 {
			b.progress[i] = *p
		} else {
			b.progress = append(b.progress, *p)
		}
	}
	if b.committed != nil {
		b.committed(batch)
	}
	return nil
}

// check finds what refuses a batch, before anything of it is stored.
func (b *books) check(batch conversion.Batch) error {
	var stale []string
	planned := make(map[string]bool)
	linked := make(map[linkPlace]bool)
	for _, p := range batch.Plans {
		id := p.Group.Entity.ID
		planned[id] = true
		var version int64
		if e := b.entities[id]; e != nil {
			version = e.Version
		}
		if version != p.Expect {
			stale = append(stale, id)
		}
		for _, l := range p.Group.Links {
			if l.EntityID != id || linked[placeOf(l)] {
				return fmt.Errorf("the link to %s is of another group", l.Ref)
			}
			linked[placeOf(l)] = true
		}
	}
	if r := batch.Revised; r != nil {
		for id, version := range r.Versions {
			if b.entities[id].Version != version {
				stale = append(stale, id)
			}
		}
	}
	if len(stale) > 0 {
		return &conversion.StaleError{EntityIDs: stale}
	}
	if b.keyTaken(batch.Plans, planned) {
		return &conversion.StaleError{}
	}
	for _, id := range runsOf(batch) {
		if b.run(id) == nil {
			return conversion.Errorf(conversion.CodeNotFound, "There is no such run.")
		}
	}
	return nil
}

func (b *books) keyTaken(plans []conversion.Plan, planned map[string]bool) bool {
	type key struct {
		kind conversion.Kind
		key  string
	}
	taken := make(map[key]bool)
	for id, e := range b.entities {
		if !planned[id] && e.Live() && e.Key != "" {
			taken[key{e.Kind, e.Key}] = true
		}
	}
	for _, p := range plans {
		e := p.Group.Entity
		if !e.Live() || e.Key == "" {
			continue
		}
		k := key{e.Kind, e.Key}
		if taken[k] {
			return true
		}
		taken[k] = true
	}
	return false
}

func runsOf(batch conversion.Batch) []string {
	var ids []string
	if batch.RunID != "" {
		ids = append(ids, batch.RunID)
	}
	for _, l := range batch.Lines {
		if l.RunID != "" {
			ids = append(ids, l.RunID)
		}
	}
	return ids
}

func (b *books) putGroups(batch conversion.Batch) {
	for _, m := range batch.Moves {
		b.clearGhosts(m.To)
		b.outdate(m)
	}
	for _, p := range batch.Plans {
		if e := p.Group.Entity; e.Into != "" {
			b.clearGhosts(e.ID)
			b.clearGhosts(e.Into)
			b.follow(e.ID, e.Into)
		}
	}
	for _, p := range batch.Plans {
		g := p.Group.Clone()
		g.Entity.Version = p.Expect + 1
		g.Entity.Name = stored(g.Entity.Name)
		if company := b.entities[g.Entity.Company]; company != nil && company.Into != "" {
			g.Entity.Company = company.Into
		}
		b.entities[g.Entity.ID] = g.Entity
		for _, l := range g.Links {
			b.links[placeOf(l)] = l
		}
	}
	b.letGo(batch.Moves)
}

// outdate lets the contacts of a company that an Account leaves be brought up to date.
func (b *books) outdate(m conversion.Move) {
	for _, e := range b.entities {
		if m.Ref.Object == conversion.Account && m.From != "" && e.Company == m.From && e.Live() {
			e.Revision, e.Version = -1, e.Version+1
		}
	}
}

// letGo removes what is held of records where they were before they moved.
func (b *books) letGo(moves []conversion.Move) {
	for _, m := range moves {
		b.held = slices.DeleteFunc(b.held, func(h conversion.Held) bool {
			return m.From != "" && h.EntityID == m.From && b.links[linkPlace{h.Ref, m.From}] != nil
		})
	}
}

// clearGhosts removes what records left on an entity that gets links from others.
func (b *books) clearGhosts(entityID string) {
	maps.DeleteFunc(b.links, func(at linkPlace, _ *conversion.Link) bool { return at.left == entityID })
}

// follow lets what belongs to an entity that was combined go to the one it was combined into.
func (b *books) follow(from, into string) {
	for i := range b.changes {
		if b.changes[i].EntityID == from {
			b.changes[i].EntityID = into
		}
	}
	for i := range b.engagements {
		if b.engagements[i].EntityID == from {
			b.engagements[i].EntityID = into
		}
	}
	for i := range b.held {
		if b.held[i].EntityID == from {
			b.held[i].EntityID = into
		}
	}
	for _, e := range b.entities {
		if e.Into == from {
			e.Into = into
		}
		if e.Company == from && e.Live() {
			e.Company = into
			e.Version++
		}
	}
}

// stored is a text as every database takes it.
func stored(s string) string {
	return strings.ReplaceAll(strings.ToValidUTF8(s, "\uFFFD"), "\x00", "")
}

func (b *books) putHeld(batch conversion.Batch) {
	if batch.Replaces == conversion.HeldNone {
		return
	}
	var before []conversion.Held
	b.held = slices.DeleteFunc(b.held, func(h conversion.Held) bool {
		replaced := batch.Replaces == conversion.HeldAll || h.Code == conversion.HeldKeyChanged
		replaced = replaced && slices.ContainsFunc(batch.Plans, func(p conversion.Plan) bool { return p.Group.Entity.ID == h.EntityID })
		if replaced {
			before = append(before, h)
		}
		return replaced
	})
	for _, h := range batch.Held {
		if i := slices.IndexFunc(before, func(was conversion.Held) bool {
			return was.EntityID == h.EntityID && was.Ref == h.Ref && was.Code == h.Code && was.Field == h.Field
		}); i >= 0 {
			h.ID, h.Since = before[i].ID, before[i].Since
		}
		h.Cause = conversion.Cause(h.Code, h.Ref.Object, h.Field)
		h.ID, h.Since = cmp.Or(h.ID, b.newID()), cmp.Or(h.Since, batch.At)
		b.held = append(b.held, h)
	}
}

func (b *books) putEngagements(batch conversion.Batch) {
	for i := range b.engagements {
		if ref := b.engagements[i].Ref; ref.ID != "" && slices.Contains(batch.Gone, ref) {
			b.engagements[i].Deleted = true
		}
	}
	for _, g := range batch.Engagements {
		i := -1
		if !g.Ref.Zero() {
			i = slices.IndexFunc(b.engagements, func(was conversion.Engagement) bool { return was.Ref == g.Ref })
		}
		switch {
		case i < 0:
			g.ID, g.Created = cmp.Or(g.ID, b.newID()), cmp.Or(g.Created, batch.At)
			b.engagements = append(b.engagements, g)
		case g.Modstamp >= b.engagements[i].Modstamp:
			g.ID, g.Created = b.engagements[i].ID, b.engagements[i].Created
			b.engagements[i] = g
		}
	}
}

func (b *books) putJournal(batch conversion.Batch) {
	if batch.RunID != "" {
		r := b.run(batch.RunID)
		r.Counts = r.Counts.Plus(batch.Counts)
	}
	for _, l := range batch.Lines {
		l.RunID, l.At = cmp.Or(l.RunID, batch.RunID), cmp.Or(l.At, batch.At)
		b.lines = append(b.lines, l)
	}
	for _, c := range batch.Changes {
		c.At, c.RunID = cmp.Or(c.At, batch.At), cmp.Or(c.RunID, batch.RunID)
		b.changes = append(b.changes, c)
	}
}

func (b *books) newID() string {
	b.given++
	return fmt.Sprintf("row-%08d", b.given)
}

// Runs, leases and what an admin set.

func (b *books) run(id string) *conversion.Run {
	for i := range b.runs {
		if b.runs[i].ID == id {
			return &b.runs[i]
		}
	}
	return nil
}

func (b *books) AddRuns(_ context.Context, runs []conversion.Run) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.dead {
		return errCrash
	}
	b.runs = append(b.runs, runs...)
	return nil
}

func (b *books) QueuedRuns(context.Context) ([]conversion.Run, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	var queued []conversion.Run
	for _, r := range b.runs {
		if r.Status == conversion.RunQueued {
			queued = append(queued, r)
		}
	}
	return queued, nil
}

func (b *books) UpdateRun(_ context.Context, r conversion.Run) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.dead {
		return errCrash
	}
	had := b.run(r.ID)
	if had == nil {
		return conversion.Errorf(conversion.CodeNotFound, "There is no such run.")
	}
	r.Counts = had.Counts
	*had = r
	return nil
}

func (b *books) FailRunning(_ context.Context, d conversion.Direction, at conversion.Moment, reason string) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.dead {
		return errCrash
	}
	for i := range b.runs {
		if r := &b.runs[i]; r.Direction == d && r.Status == conversion.RunRunning {
			r.Status, r.Finished, r.Error = conversion.RunFailed, at, reason
		}
	}
	return nil
}

func (b *books) Run(_ context.Context, id string) (conversion.Run, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if r := b.run(id); r != nil {
		return *r, nil
	}
	return conversion.Run{}, conversion.Errorf(conversion.CodeNotFound, "There is no such run.")
}

func (b *books) RunLines(_ context.Context, runID, _ string, limit int) (page []conversion.RunLine, _ string, _ error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, l := range b.lines {
		if l.RunID == runID && len(page) < limit {
			page = append(page, l)
		}
	}
	return page, "", nil
}

func (b *books) Timeline(_ context.Context, entityID, _ string, limit int) (page []conversion.Change, _ string, _ error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, c := range b.changes {
		if c.EntityID == entityID {
			page = append(page, c)
		}
	}
	slices.Reverse(page)
	slices.SortStableFunc(page, func(x, y conversion.Change) int { return cmp.Compare(y.At, x.At) })
	return page[:min(limit, len(page))], "", nil
}

func (b *books) Engagements(_ context.Context, contactID, typ, _ string, limit int) (page []conversion.Engagement, _ string, _ error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, g := range b.engagements {
		if (contactID == "" || g.EntityID == contactID) && (typ == "" || g.Type == typ) && len(page) < limit {
			g.Contacts = []string{g.EntityID}
			page = append(page, g)
		}
	}
	return page, "", nil
}

func (b *books) Held(_ context.Context, f conversion.HeldFilter) (page []conversion.Held, _ string, _ error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, h := range b.held {
		if e := b.entities[h.EntityID]; e != nil {
			h.Name = e.Key
		}
		page = append(page, h)
	}
	return page[:min(f.Limit, len(page))], "", nil
}

func (b *books) WakeHeld(_ context.Context, k conversion.Kind, now conversion.Moment) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, h := range b.held {
		if e := b.entities[h.EntityID]; h.Field != "" && e != nil && e.Kind == k && e.Dirty > 0 && e.Retry > now {
			e.Retry = 0
		}
	}
	return nil
}

func (b *books) HalfApplied(context.Context) (conversion.Preview, error) {
	return conversion.Preview{}, nil
}

func (b *books) HeldCount(context.Context) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return len(b.held), nil
}

func (b *books) Approvals(_ context.Context, since conversion.Moment) (found []conversion.Approval, _ error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, a := range b.approvals {
		if a.Decided == 0 || a.Decided >= since {
			found = append(found, a)
		}
	}
	return found, nil
}

func (b *books) holds(l conversion.Lease) bool {
	had := b.leases[l.Name]
	return had.Owner == l.Owner && had.Generation == l.Generation
}

func (b *books) Acquire(_ context.Context, name, owner string, now, until conversion.Moment) (conversion.Lease, bool, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	had, known := b.leases[name]
	if known && had.Until > now && had.Owner != owner {
		return conversion.Lease{}, false, nil
	}
	l := conversion.Lease{Name: name, Owner: owner, Until: until, Generation: had.Generation + 1}
	b.leases[name] = l
	return l, true, nil
}

func (b *books) Renew(_ context.Context, l conversion.Lease, until conversion.Moment) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	if !b.holds(l) {
		return conversion.ErrLeaseLost
	}
	l.Until = until
	b.leases[l.Name] = l
	return nil
}

func (b *books) Release(_ context.Context, l conversion.Lease) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.dead {
		return errCrash
	}
	if b.holds(l) {
		b.leases[l.Name] = conversion.Lease{Name: l.Name, Generation: l.Generation}
	}
	return nil
}

func (b *books) Rules(context.Context) (conversion.Rules, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.rules, nil
}

// SaveRules lets every dirty entity be looked at again at once, as the store does.
func (b *books) SaveRules(_ context.Context, r conversion.Rules, _ conversion.Actor, _ conversion.Moment) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.rules = r
	b.lookAgain()
	return nil
}

func (b *books) lookAgain() {
	for _, e := range b.entities {
		if e.Dirty > 0 {
			e.Retry = 0
		}
	}
}

func (b *books) Options(context.Context) (conversion.Options, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.options, nil
}

func (b *books) SaveOptions(_ context.Context, o conversion.Options, _ conversion.Actor, _ conversion.Moment) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.options = o
	b.lookAgain()
	return nil
}

func (b *books) Schema(_ context.Context, k conversion.Kind) (*conversion.Schema, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.schemas[k] == nil {
		b.schemas[k] = conversion.NewSchema(k, cloneVariables(b.variables[k]))
		b.schemas[k].Revision = b.revisions[k]
	}
	return b.schemas[k], nil
}

func cloneVariables(variables []conversion.Variable) []conversion.Variable {
	clones := slices.Clone(variables)
	for i := range clones {
		clones[i].Fields = slices.Clone(clones[i].Fields)
	}
	return clones
}

func (b *books) SaveVariables(_ context.Context, k conversion.Kind, variables []conversion.Variable) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.dead {
		return errCrash
	}
	decides := false
	for _, v := range cloneVariables(variables) {
		if i := slices.IndexFunc(b.variables[k], func(had conversion.Variable) bool { return had.ID == v.ID }); i >= 0 {
			decides = decides || b.variables[k][i].Decides() != v.Decides()
			b.variables[k][i] = v
		} else {
			b.variables[k] = append(b.variables[k], v)
		}
	}
	b.schemas[k] = nil
	if decides {
		b.revise(k)
	}
	return nil
}

func (b *books) Connection(context.Context) (conversion.Connection, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.connection, nil
}

func (b *books) SaveSyncState(_ context.Context, c conversion.Connection) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.dead {
		return errCrash
	}
	had := &b.connection
	had.LastSynced, had.NextSync, had.Loaded, had.Used, had.Max, had.ClockOffset = c.LastSynced, c.NextSync, c.Loaded, c.Used, c.Max, c.ClockOffset
	if c.ClockKnown && !had.ClockKnown {
		had.ClockKnown = true
		b.revise(conversion.KindContact)
		b.revise(conversion.KindCompany)
	}
	return nil
}

// revise makes a new revision of the variables of a kind.
func (b *books) revise(k conversion.Kind) {
	b.revisions[k]++
	b.schemas[k] = nil
}

func (b *books) Outdated(_ context.Context, k conversion.Kind, revision int64, limit int) ([]conversion.Group, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	var ids []string
	for id, e := range b.entities {
		if e.Kind == k && e.Live() && e.Revision < revision {
			ids = append(ids, id)
		}
	}
	slices.SortFunc(ids, func(x, y string) int {
		return cmp.Or(cmp.Compare(b.entities[x].Revision, b.entities[y].Revision), strings.Compare(x, y))
	})
	chosen := make(map[string]bool)
	for _, id := range ids[:min(limit, len(ids))] {
		chosen[id] = true
	}
	return b.load(k, chosen), nil
}

func (b *books) putRevised(r *conversion.Revised) {
	if r == nil {
		return
	}
	for id := range r.Versions {
		b.entities[id].Revision = r.To
	}
}

func (b *books) ClockOffset(context.Context) (time.Duration, bool, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.connection.ClockOffset, b.connection.ClockKnown, nil
}

func (b *books) SaveProgress(_ context.Context, p []conversion.Progress) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.dead {
		return errCrash
	}
	b.progress = slices.Clone(p)
	return nil
}

func (b *books) Progress(context.Context) ([]conversion.Progress, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return slices.Clone(b.progress), nil
}

// userName is what a Salesforce user is called, and when that was asked for.
type userName struct {
	name  string
	asked conversion.Moment
}

func (b *books) SaveUsers(_ context.Context, names map[string]string, at conversion.Moment) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.dead {
		return errCrash
	}
	for id, name := range names {
		b.users[id] = userName{cmp.Or(name, b.users[id].name), at}
	}
	return nil
}

func (b *books) UserNames(_ context.Context, ids []string) (map[string]string, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	names := make(map[string]string)
	for _, id := range ids {
		if u := b.users[id]; u.name != "" {
			names[id] = u.name
		}
	}
	return names, nil
}

func (b *books) UsersToName(_ context.Context, since conversion.Moment, limit int) ([]string, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	var ids []string
	for _, id := range slices.Sorted(maps.Keys(b.users)) {
		if b.users[id].asked < since && len(ids) < limit {
			ids = append(ids, id)
		}
	}
	return ids, nil
}

// Rounds.

func (b *books) putRound(r *conversion.Round) {
	if r == nil {
		return
	}
	b.rounds = slices.DeleteFunc(b.rounds, func(had conversion.Round) bool { return had.Work == r.Work && had.Object == r.Object })
	b.rounds = append(b.rounds, *r)
}

func (b *books) Rounds(context.Context) ([]conversion.Round, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return slices.Clone(b.rounds), nil
}

func (b *books) Known(_ context.Context, o conversion.Object, after string, limit int) ([]conversion.Known, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	var known []conversion.Known
	for at, l := range b.links {
		if at.left == "" && l.Ref.Object == o && l.Ref.ID > after {
			known = append(known, conversion.Known{ID: l.Ref.ID, Modstamp: l.Reading.Modstamp, State: l.State})
		}
	}
	slices.SortFunc(known, func(x, y conversion.Known) int { return strings.Compare(x.ID, y.ID) })
	return known[:min(limit, len(known))], nil
}

// A history is never short of requests: the budget has tests of its own.

func (b *books) Reserve(context.Context, conversion.Reservation) (bool, error) { return true, nil }

func (b *books) Spend(context.Context, conversion.Lane, conversion.Moment, int) error { return nil }

func (b *books) Spent(context.Context, conversion.Moment) (int, error) { return 0, nil }

func (b *books) Measured(context.Context, int, int, conversion.Moment) error { return nil }

func (b *books) Waits(context.Context) ([]conversion.Wait, error) { return nil, nil }

func (b *books) Resume(context.Context, conversion.Lane) error { return nil }
