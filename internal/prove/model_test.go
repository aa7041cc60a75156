package prove_test

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"conversion"
)

// model is the contract's sections 3.7, 4 and 6 as a reader of them would work a value out
// by hand: it keeps every claim that was ever made, of every record's field and of
// Conversion's own, and looks for the newest that counts, each time anew.
//
// It knows what really happened in the org (truth), and which readings of it were taken in:
// between two readings a record's last modification stands for all its changes. What it
// takes from the books is who is linked to whom, and nothing else.
type model struct {
	w          *world
	fields     map[place2]*memory
	read       map[conversion.Ref]conversion.Moment // the newest reading taken in, by when it was asked for
	on         map[conversion.Ref]string            // the entity it is linked to
	first      map[conversion.Ref]string            // the one it was linked to first
	readings   map[reading]glimpse
	own        map[string]map[conversion.VarID][]*ownClaim               // the newest last
	numbers    map[string]int64                                          // of each entity's own claims
	sent       map[sending]*ownClaim                                     // what each write was to send
	tried      map[place2]attempt                                        // the last write of each field that was planned
	settled    map[conversion.Ref]map[*ownClaim]bool                     // the own claims that were there before the record was
	left       map[string]map[place2]claim                               // the opt-outs that records left on each entity
	parted     map[string]map[place2]bool                                // what they had ever said by then
	into       map[string]string                                         // the entities that were combined into others
	made       map[string][]conversion.Ref                               // the records created for each entity
	births     map[string]int                                            // how many an entity is made of
	shown      map[string]map[conversion.VarID]bool                      // the values that may still be those of another mode, until it is at rest
	recorded   map[string]map[conversion.VarID]map[conversion.Value]bool // what the timeline has
	shows      map[string]map[conversion.VarID]conversion.Value          // what each entity showed when it was last stored
	unrecorded []string                                                  // what was lost without a trace
	found      map[string][]conversion.Ref                               // by key, as last looked up
	wrong      []string                                                  // what broke a rule, in the order in which it was noticed
}

// place2 is one synced field of one record.
type place2 struct {
	ref conversion.Ref
	id  conversion.VarID
}

// sending names an own claim as the entity that is written for knows it.
type sending struct {
	entity string
	id     conversion.VarID
	number int64
}

// attempt is a write that was planned: while nobody knows whether it was carried out, a value
// equal to it is its echo, whoever entered it (spec 4.3).
type attempt struct {
	own    *ownClaim
	events int // how much had happened in the org by then
}

// memory is what was seen of a field, and the newest claim it made.
type memory struct {
	echo     *ownClaim // what was seen is that, as we wrote it; nil: it is somebody else's
	read     bool
	seen     conversion.Value
	modified conversion.Moment // LastModifiedDate when it was seen
	events   int               // how much had happened in the org by then
	claim    claim
	ever     bool // it was true at some time
}

// claim is a value somebody stands for.
type claim struct {
	made   bool
	value  conversion.Value
	second int64
	weak   bool
	record string    // the record's id; "" for Conversion's own
	answer *ownClaim // it is what Salesforce made of that
	plain  int64     // when it would have been made if that is not known: nobody said so
	number int64     // of an own claim
	maybe  *ownClaim // it may be the echo of that, for all that anybody can know
}

type ownClaim struct {
	claim
	entity  string // whose it is
	reach   conversion.Reach
	lost    bool // at some time since it was not the newest: it was decided against
	modeWas bool // it was made before the mode was changed
	earlier bool // it is of an earlier life of the entity
}

// reading names one reading of one record; glimpse is what it showed.
type reading struct {
	ref   conversion.Ref
	asked conversion.Moment
}

type glimpse struct {
	row    row
	found  bool // by a look-up before a create
	events int  // how much had happened in the org
}

func newModel(w *world) *model {
	return &model{
		w: w, fields: make(map[place2]*memory), read: make(map[conversion.Ref]conversion.Moment),
		on: make(map[conversion.Ref]string), first: make(map[conversion.Ref]string), readings: make(map[reading]glimpse),
		own: make(map[string]map[conversion.VarID][]*ownClaim), numbers: make(map[string]int64), sent: make(map[sending]*ownClaim), tried: make(map[place2]attempt),
		settled: make(map[conversion.Ref]map[*ownClaim]bool), left: make(map[string]map[place2]claim), into: make(map[string]string), parted: make(map[string]map[place2]bool),
		made: make(map[string][]conversion.Ref), births: make(map[string]int), found: make(map[string][]conversion.Ref),
		shows: make(map[string]map[conversion.VarID]conversion.Value), shown: make(map[string]map[conversion.VarID]bool),
		recorded: make(map[string]map[conversion.VarID]map[conversion.Value]bool),
	}
}

func (m *model) broken(format string, args ...any) {
	m.wrong = append(m.wrong, fmt.Sprintf(format, args...))
}

// shown notes what a reading showed the engine; whether it is taken in is told by a commit.
func (m *model) reads(ref conversion.Ref, asked conversion.Moment, r row) {
	m.readings[reading{ref, asked}] = glimpse{r, m.w.wire.looking, len(m.w.truth.events)}
}

// variable is the one a field of the object is mapped to.
func (m *model) variable(o conversion.Object, field string) *conversion.Variable {
	s := m.w.books.schemas[o.Kind()]
	if s == nil {
		s = conversion.NewSchema(o.Kind(), cloneVariables(m.w.books.variables[o.Kind()]))
		m.w.books.schemas[o.Kind()] = s
	}
	return s.ByField(o, field)
}

// committed is told of what the engine or the directory stored: the readings in it count
// from now on.
func (m *model) committed(b conversion.Batch) {
	for _, p := range b.Plans {
		if e := p.Group.Entity; e.Into != "" && m.into[e.ID] == "" {
			m.combine(e.ID, e.Into)
		}
	}
	for _, p := range b.Plans {
		e := p.Group.Entity
		m.renumber(e)
		for _, l := range p.Group.Links {
			m.settle(e, l)
			if l.Reading.Asked > m.read[l.Ref] {
				m.read[l.Ref] = l.Reading.Asked
				// What changed of a record that is deleted was changed while it was there.
				m.take(l.Ref, m.readings[reading{l.Ref, l.Reading.Asked}])
			}
		}
	}
	for _, p := range b.Plans {
		m.remember(p.Group.Entity, b.Changes)
		m.attempts(p)
	}
	if b.Lease == nil {
		return // the directory's: what was edited is told afterwards
	}
	for _, p := range b.Plans {
		m.decide(p.Group)
	}
}

// attempts notes which writes were planned.
func (m *model) attempts(p conversion.Plan) {
	for _, w := range p.Writes {
		for _, f := range w.Fields {
			for _, o := range m.own[w.EntityID][f.Var] {
				if o.number == f.Number {
					m.tried[place2{w.Ref, f.Var}] = attempt{o, len(m.w.truth.events)}
				}
			}
		}
	}
}

// remember holds that a value is replaced only with a line that tells what it was.
func (m *model) remember(e *conversion.Entity, changes []conversion.Change) {
	if m.recorded[e.ID] == nil {
		m.recorded[e.ID] = make(map[conversion.VarID]map[conversion.Value]bool)
		m.shows[e.ID] = make(map[conversion.VarID]conversion.Value)
	}
	for _, c := range changes {
		if c.EntityID == e.ID && c.Var != 0 {
			if m.recorded[e.ID][c.Var] == nil {
				m.recorded[e.ID][c.Var] = make(map[conversion.Value]bool)
			}
			m.recorded[e.ID][c.Var][c.Before], m.recorded[e.ID][c.Var][c.After] = true, true
		}
	}
	for id, was := range m.shows[e.ID] {
		if e.Into == "" && e.Value(id) != was && !was.Blank() && !m.recorded[e.ID][id][was] {
			m.unrecorded = append(m.unrecorded, fmt.Sprintf("variable %d of %s was %#v, is %#v, and the timeline does not say so", id, e.ID, was, e.Value(id)))
		}
	}
	for _, r := range e.Values {
		m.shows[e.ID][r.Var] = r.Value
	}
}

// combine makes one entity of two: all own claims are the other's from then on, each record
// has nothing to do with those that were not its entity's (spec 4.1).
func (m *model) combine(from, into string) {
	m.into[from] = into
	for at, mem := range m.fields {
		if on := m.on[at.ref]; on == from || on == into {
			mem.stand(m.newestOwn(on, at.id), at.ref, m.byID(at.ref.Object.Kind(), at.id).OptOut)
		}
	}
	ours, theirs := m.claims(into), m.claims(from)
	for ref, on := range m.on {
		switch on {
		case from:
			m.on[ref] = into
			m.settles(ref, ours)
		case into:
			m.settles(ref, theirs)
		}
	}
	if m.own[into] == nil {
		m.own[into] = make(map[conversion.VarID][]*ownClaim)
	}
	for id, list := range m.own[from] {
		for _, o := range list {
			o.entity, o.number = into, o.number+m.numbers[into]
		}
		// Own claims of one entity follow each other by number, whatever they say.
		v, all := m.byID(m.w.books.entities[from].Kind, id), slices.Concat(list, m.own[into][id])
		if o := m.newestOwn(into, id); o == nil || newer(list[len(list)-1].claim, o.claim, v.OptOut) {
			all = slices.Concat(m.own[into][id], list)
		}
		m.own[into][id] = all
	}
	m.numbers[into] += m.numbers[from]
	delete(m.own, from)
	m.inherit(from, into)
	m.copies(into)
}

// copies lets the leads that are known to be converted speak for their Contacts which came to
// the same entity since.
func (m *model) copies(entityID string) {
	for at, lead := range m.fields {
		row, ok := m.w.truth.row(at.ref)
		if !ok || !row.converted || m.on[at.ref] != entityID || lead.modified < row.modified {
			continue
		}
		if contact := (conversion.Ref{Object: conversion.Contact, ID: row.contact}); m.on[contact] == entityID {
			m.copiedTo(contact, at.id, lead, row)
		}
	}
}

// inherit passes on what else is known of an entity.
func (m *model) inherit(from, into string) {
	if made := m.made[from]; len(made) > 0 {
		m.made[into] = append(m.made[into], made...)
	}
	m.births[into] += 1 + m.births[from]
	if m.left[into] == nil {
		m.left[into] = make(map[place2]claim)
	}
	maps.Copy(m.left[into], m.left[from])
	if m.parted[into] == nil {
		m.parted[into] = make(map[place2]bool)
	}
	maps.Copy(m.parted[into], m.parted[from])
	if m.recorded[into] == nil {
		m.recorded[into] = make(map[conversion.VarID]map[conversion.Value]bool)
		m.shows[into] = make(map[conversion.VarID]conversion.Value)
	}
	for id, values := range m.recorded[from] {
		if m.recorded[into][id] == nil {
			m.recorded[into][id] = make(map[conversion.Value]bool)
		}
		maps.Copy(m.recorded[into][id], values)
	}
}

// claims are all own claims of an entity.
func (m *model) claims(entityID string) (all []*ownClaim) {
	for _, list := range m.own[entityID] {
		all = append(all, list...)
	}
	return all
}

func (m *model) settles(ref conversion.Ref, claims []*ownClaim) {
	if m.settled[ref] == nil {
		m.settled[ref] = make(map[*ownClaim]bool)
	}
	for _, o := range claims {
		m.settled[ref][o] = true
	}
}

// renumber learns by which numbers the entity knows its newest own claims, and that they are
// of an earlier life once it is deleted.
func (m *model) renumber(e *conversion.Entity) {
	for _, o := range e.Own {
		if mine := m.newestOwn(e.ID, o.Var); mine != nil && mine.value == o.Value && mine.second == o.At.Second() {
			mine.number = o.Number
		}
	}
	if !e.Live() && e.Into == "" {
		for _, o := range m.claims(e.ID) {
			o.earlier = true
		}
	}
}

// settle notes which own claims a record has nothing to do with: those that were there when
// a pull linked it, or when it moved (spec 4.1).
func (m *model) settle(e *conversion.Entity, l *conversion.Link) {
	was := m.on[l.Ref]
	if was == e.ID || l.State == conversion.LinkMoved {
		return
	}
	m.on[l.Ref], m.settled[l.Ref] = e.ID, nil
	if was != "" {
		m.moves(l.Ref, was)
	} else {
		m.first[l.Ref] = e.ID
	}
	found := was == "" && m.readings[reading{l.Ref, l.Reading.Asked}].found // else it moved, whatever it was read by
	if !found && !slices.Contains(m.made[e.ID], l.Ref) {
		m.settles(l.Ref, m.claims(e.ID))
	}
}

// moves lets a record take along what it claims, and leave behind its opt-outs. What
// Conversion wrote and it holds goes along as a claim of its own.
func (m *model) moves(ref conversion.Ref, from string) {
	for _, f := range fieldsOf(ref.Object) {
		v := m.variable(ref.Object, f.Name)
		if v == nil || m.fields[place2{ref, v.ID}] == nil {
			continue
		}
		mem := m.fields[place2{ref, v.ID}]
		if v.OptOut && mem.ever {
			if m.parted[from] == nil {
				m.parted[from] = make(map[place2]bool)
			}
			m.parted[from][place2{ref, v.ID}] = true
		}
		if v.OptOut && mem.claim.value.True() {
			if m.left[from] == nil {
				m.left[from] = make(map[place2]claim)
			}
			m.left[from][place2{ref, v.ID}] = mem.claim
		}
		mem.stand(m.newestOwn(from, v.ID), ref, v.OptOut)
		mem.claim.answer = nil
	}
}

// stand lets a record claim itself what Conversion wrote and it holds, when Conversion's own
// claim does not stand for it any more.
func (mem *memory) stand(o *ownClaim, ref conversion.Ref, optOut bool) {
	if o == nil || mem.echo != o || mem.claim.made && (mem.claim.value == mem.seen || mem.claim.value.Blank() && mem.seen.Blank()) {
		return // the record says so itself
	}
	if c := (claim{made: true, value: mem.seen, second: o.second, weak: o.weak, record: ref.ID, answer: o}); !mem.claim.made || newer(c, mem.claim, optOut) {
		mem.claim = c
	}
	mem.echo = nil
}

// take lets a reading make its claims (spec 3.7).
func (m *model) take(ref conversion.Ref, g glimpse) {
	for _, f := range fieldsOf(ref.Object) {
		v := m.variable(ref.Object, f.Name)
		if v == nil {
			continue
		}
		at := place2{ref, v.ID}
		if m.fields[at] == nil {
			m.fields[at] = &memory{}
		}
		mem := m.fields[at]
		value := g.row.value(f)
		last := m.last(mem, ref, f, g)
		kept := last != nil && last.own != nil && takesAnswers(v.Mode) && value != last.sent // a trigger kept to what was there
		if !mem.read || value != mem.seen || kept {
			if c := m.claimOf(mem, v, f, ref, g, value); c.made {
				if value == mem.seen && mem.claim.plain > 0 {
					c.plain = mem.claim.plain // it was there before, and nobody saw it said again
				}
				mem.claim = c
			}
			if lead := m.copiedFrom(v.ID, ref, g.row, value, mem); lead != nil && m.speaks(lead, ref) && mem.claim.answer == nil && (mem.claim.weak || !lead.claim.weak) {
				mem.claim = lead.claim
				mem.claim.record, mem.echo = ref.ID, lead.echo // who holds it stands for it
			}
		}
		mem.ever = mem.ever || value.True()
		mem.read, mem.seen, mem.modified, mem.events = true, value, g.row.modified, g.events
		if g.row.converted {
			m.copiedTo(conversion.Ref{Object: conversion.Contact, ID: g.row.contact}, v.ID, mem, g.row)
		}
	}
}

// copiedTo is copiedFrom where the Contact was read first, and what it holds was taken for
// its own choice until the lead was seen.
func (m *model) copiedTo(contact conversion.Ref, id conversion.VarID, lead *memory, r row) {
	to := m.fields[place2{contact, id}]
	switch {
	case to == nil || !to.read || to.seen != lead.seen:
	case !to.claim.made || to.claim.record != contact.ID || to.claim.answer != nil || to.claim.second < r.modified.Second():
	case lead.claim.weak && !to.claim.weak: // no conversion unsets an opt-out
	case !m.speaks(lead, contact):
	default:
		to.claim, to.echo = lead.claim, lead.echo
		to.claim.record = contact.ID
	}
}

// speaks reports whether what a lead claims, or Conversion wrote to it, says something of the
// contact that its Contact is on: what was written for another is the Contact's own claim.
func (m *model) speaks(lead *memory, contact conversion.Ref) bool {
	return lead.claim.made || lead.echo == nil || lead.echo.entity == m.on[contact]
}

// copiedFrom is the field of the converted lead that a Contact's was copied from: what it
// holds as the lead was seen to hold it in the end is the lead's claim (spec 3.8).
// What was read after the conversion was not copied by it.
func (m *model) copiedFrom(id conversion.VarID, ref conversion.Ref, r row, value conversion.Value, was *memory) *memory {
	for _, lead := range m.w.truth.refs(conversion.Lead) {
		row, _ := m.w.truth.row(lead)
		from := m.fields[place2{lead, id}]
		if was.read && was.modified >= row.modified {
			continue
		}
		if row.converted && row.contact == ref.ID && r.modified >= row.modified && from != nil && from.modified >= row.modified && from.seen == value {
			return from
		}
	}
	return nil
}

// claimOf is the claim that a field makes whose value was not seen before.
func (m *model) claimOf(mem *memory, v *conversion.Variable, f conversion.Field, ref conversion.Ref, g glimpse, value conversion.Value) claim {
	c := claim{made: true, value: value, record: ref.ID, second: g.row.modstamp.Second()}
	if g.row.modified > mem.modified {
		c.second = g.row.modified.Second()
	}
	if v.OptOut {
		c.weak = !value.True() && !(mem.read && mem.seen.True())
	} else {
		c.weak = !mem.read && (value.Blank() || value.False() || value == f.Default)
	}
	last := m.last(mem, ref, f, g)
	mem.echo = nil
	if t := m.tried[place2{ref, v.ID}]; t.own != nil && t.events >= mem.events && value == t.own.value {
		c.maybe = t.own
	}
	switch {
	case last == nil || !last.ours || last.own == nil:
		return c // a default of the admin's is no claim of Conversion's: the record makes it
	case value == last.sent || value.Blank() && last.sent.Blank():
		switch {
		case last.own.entity == m.on[ref]:
			mem.echo = last.own
		case !mem.read && m.alike(ref, v, value) != nil:
			mem.echo = m.alike(ref, v, value)
		case m.first[ref] != last.own.entity:
			return c // nobody could know for whom it was made
		}
		return claim{} // our own echo
	}
	return m.answer(c, last.own, ref)
}

// alike is what the entity of a record says itself that was made for another: of two that are
// called the same and say the same nobody can tell for whom it was made.
func (m *model) alike(ref conversion.Ref, v *conversion.Variable, value conversion.Value) *ownClaim {
	for _, o := range m.own[m.on[ref]][v.ID] {
		if o.value == value {
			return o
		}
	}
	return nil
}

func takesAnswers(m conversion.Mode) bool {
	return m == conversion.ModeTwoWay || m == conversion.ModePreferSalesforce
}

// last is the last change of a field since it was seen; nil: nobody wrote it.
func (m *model) last(mem *memory, ref conversion.Ref, f conversion.Field, g glimpse) (last *event) {
	for i := mem.events; i < g.events; i++ {
		if e := &m.w.truth.events[i]; e.ref == ref && e.field == f.Name {
			last = e
		}
	}
	return last
}

// answer is what Salesforce stored instead of what was sent (spec 4.7).
func (m *model) answer(c claim, to *ownClaim, ref conversion.Ref) claim {
	if to.entity == m.on[ref] {
		c.plain, c.second, c.answer, c.weak = c.second, to.second, to, false
	}
	return c
}

func (m *model) newestOwn(entityID string, id conversion.VarID) *ownClaim {
	list := m.own[entityID][id]
	if len(list) == 0 {
		return nil
	}
	return list[len(list)-1]
}

// newer reports whether a is above b in the order of claims (spec 3.7).
func newer(a, b claim, optOut bool) bool {
	rank := func(c claim) []int64 {
		strong, self, truth := int64(1), int64(0), int64(0)
		if c.weak {
			strong = 0
		}
		if optOut && c.value.True() {
			truth = 1
		}
		if c.record != "" && c.answer == nil {
			self = 1 // a tie between the two systems goes to Salesforce
		}
		number, answered := c.number, int64(0)
		if c.answer != nil {
			number, answered = c.answer.number, 1
		}
		return []int64{strong, c.second, truth, self, number, answered}
	}
	x, y := rank(a), rank(b)
	for i := range x {
		if x[i] != y[i] {
			return x[i] > y[i]
		}
	}
	return a.record < b.record // between records to the lower id
}

func newest(claims []claim, optOut bool) claim {
	var best claim
	for _, c := range claims {
		if c.made && (!best.made || newer(c, best, optOut)) {
			best = c
		}
	}
	return best
}

// theirs are the claims of a group's records for a variable.
func (m *model) theirs(g conversion.Group, id conversion.VarID) []claim {
	var claims []claim
	for _, l := range g.Links {
		at := place2{l.Ref, id}
		if l.State == conversion.LinkMoved {
			claims = append(claims, m.left[g.Entity.ID][at])
		} else if mem := m.fields[at]; mem != nil {
			claims = append(claims, mem.claim)
		}
	}
	return claims
}

// value is what the contact or company has to show of the variable (spec 6).
func (m *model) value(g conversion.Group, v *conversion.Variable) claim {
	theirs := newest(m.theirs(g, v.ID), v.OptOut)
	var ours claim
	if o := m.newestOwn(g.Entity.ID, v.ID); o != nil {
		ours = o.claim
	}
	if preferred := v.Mode == conversion.ModePreferSalesforce || v.Mode == conversion.ModeAlwaysSalesforce; preferred && m.isThere(g, v) {
		return newest([]claim{ours, theirs}, v.OptOut) // Salesforce says so, too
	}
	switch v.Mode {
	case conversion.ModePreferSalesforce:
		if theirs.made && !theirs.weak && !theirs.value.Blank() {
			return theirs
		}
	case conversion.ModeAlwaysSalesforce:
		if theirs.made {
			return theirs
		}
		return ours
	case conversion.ModeAlwaysConversion:
		if ours.made && !ours.weak {
			return ours
		}
	case conversion.ModeNone:
		return ours
	}
	return newest([]claim{ours, theirs}, v.OptOut)
}

// plain is the value if what a trigger made of ours is a claim like any other: the answer was
// lost, and nothing tells it from what somebody said. What somebody said that is like a lost
// request of ours is none then.
func (m *model) plain(g conversion.Group, v *conversion.Variable) claim {
	for _, l := range g.Links {
		mem := m.fields[place2{l.Ref, v.ID}]
		if mem == nil {
			continue
		}
		was := *mem
		switch {
		case was.claim.answer != nil && was.claim.plain > 0:
			mem.claim.second, mem.claim.answer = was.claim.plain, nil
		case was.claim.maybe != nil:
			mem.claim, mem.echo = claim{}, was.claim.maybe
		}
		defer func() { *mem = was }()
	}
	return m.value(g, v)
}

// isThere reports whether one of the records holds our newest by now.
func (m *model) isThere(g conversion.Group, v *conversion.Variable) bool {
	o := m.newestOwn(g.Entity.ID, v.ID)
	return o != nil && slices.ContainsFunc(g.Links, func(l *conversion.Link) bool {
		mem := m.fields[place2{l.Ref, v.ID}]
		return l.State != conversion.LinkMoved && mem != nil && mem.echo == o
	})
}

// undecided reports whether whose the group's records are is still to be decided: what a
// conversion copied is known for that only then (spec 3.8).
func (m *model) undecided(g conversion.Group) bool {
	return slices.ContainsFunc(g.Links, func(l *conversion.Link) bool {
		for _, ref := range m.w.truth.refs(conversion.Lead) {
			row, _ := m.w.truth.row(ref)
			lead := m.w.books.links[linkPlace{ref: ref}]
			if row.converted && (ref == l.Ref || row.contact == l.Ref.ID) && lead != nil && (lead.Live() || lead.Pending) {
				return true
			}
		}
		return l.Pending
	})
}

// decide compares what was stored of a group with what the claims say.
func (m *model) decide(g conversion.Group) {
	if !g.Entity.Live() || m.undecided(g) {
		return
	}
	for _, v := range m.w.books.variables[g.Entity.Kind] {
		if who(v.ID, g.Entity.Kind) || len(v.Fields) == 0 {
			continue
		}
		want := m.value(g, &v)
		if got := g.Entity.Value(v.ID); got == want.value || got.Blank() && want.value.Blank() {
			delete(m.shown[g.Entity.ID], v.ID)
		} else if plain := m.plain(g, &v); got == plain.value {
			want = plain
		} else if !m.shown[g.Entity.ID][v.ID] {
			m.broken("%s of %s is %#v, the newest claim that counts is %#v (%s)", v.Key, g.Entity.ID, got, want.value, m.explain(g, &v))
		}
		if o := m.newestOwn(g.Entity.ID, v.ID); o != nil && want.number != o.number {
			o.lost = true
		}
	}
}

// decideAll compares what is stored of everybody at rest: what another mode made of it is
// there by then (spec 6).
func (m *model) decideAll() {
	clear(m.shown)
	for _, kind := range []conversion.Kind{conversion.KindContact, conversion.KindCompany} {
		for _, e := range m.w.entities(kind, true) {
			m.decide(m.group(e))
		}
	}
}

// who reports whether the variable says who an entity is, and follows rules of its own.
func who(id conversion.VarID, k conversion.Kind) bool {
	return id == conversion.EmailVar || k == conversion.KindContact && id == conversion.AccountVar
}

func (m *model) explain(g conversion.Group, v *conversion.Variable) string {
	said := []string{"mode " + string(v.Mode)}
	for _, l := range g.Links {
		if mem := m.fields[place2{l.Ref, v.ID}]; mem != nil {
			said = append(said, fmt.Sprintf("%s %s: %+v", l.State, l.Ref, mem.claim))
		}
	}
	for _, o := range m.own[g.Entity.ID][v.ID] {
		said = append(said, fmt.Sprintf("own: %+v", *o))
	}
	return strings.Join(said, "; ")
}

// edited is told that somebody changed an entity in Conversion: its new own claims have to
// be what was asked for.
func (m *model) edited(e *conversion.Entity, asked map[string]conversion.Value, allowed conversion.Reach) {
	if m.own[e.ID] == nil {
		m.own[e.ID] = make(map[conversion.VarID][]*ownClaim)
	}
	for _, o := range e.Own {
		if o.Number <= m.numbers[e.ID] {
			continue
		}
		v := m.byID(e.Kind, o.Var)
		if value, ok := asked[v.Key]; ok && value != o.Value && !who(v.ID, e.Kind) {
			m.broken("an edit of %s to %#v became a claim of %#v", v.Key, value, o.Value)
		}
		if o.Reach&^allowed&^conversion.LocalOnly != 0 {
			m.broken("a claim of %s reaches %b, the rules allow %b", v.Key, o.Reach, allowed)
		}
		for at, mem := range m.fields {
			if at.id == o.Var && m.on[at.ref] == e.ID {
				mem.stand(m.newestOwn(e.ID, o.Var), at.ref, v.OptOut)
			}
		}
		m.own[e.ID][o.Var] = append(m.own[e.ID][o.Var], &ownClaim{
			entity: e.ID, claim: claim{made: true, value: o.Value, second: o.At.Second(), weak: o.Weak, number: o.Number}, reach: o.Reach,
		})
	}
	if e.Numbers > m.numbers[e.ID] {
		m.numbers[e.ID] = e.Numbers
		m.decide(m.group(e))
	}
}

func (m *model) group(e *conversion.Entity) conversion.Group {
	return m.w.books.load(e.Kind, map[string]bool{e.ID: true})[0]
}

func (m *model) byID(k conversion.Kind, id conversion.VarID) *conversion.Variable {
	for i := range m.w.books.variables[k] {
		if v := &m.w.books.variables[k][i]; v.ID == id {
			return v
		}
	}
	return nil
}

// sends judges a write when it is sent: by the rules of now and of when its claim was made,
// and never below anything that is known (spec 4.1, 4.6, 5.2).
func (m *model) sends(w conversion.Write) {
	e := m.w.books.entities[w.EntityID]
	if e == nil {
		m.broken("wrote %s for an entity that is not there", w.Ref)
		return
	}
	for _, f := range w.Fields {
		for _, o := range m.own[e.ID][f.Var] {
			if o.number == f.Number {
				m.sent[sending{w.EntityID, f.Var, f.Number}] = o
			}
		}
	}
	if reach := m.w.books.rules.Reach(); !reach.Has(memberOf(w)) {
		m.broken("%s of %s though the rules do not allow it", w.Action, w.Ref)
	}
	if w.Action == conversion.ActionCreate {
		m.judgeCreate(e, w)
	}
	if w.Action != conversion.ActionUpdate {
		return
	}
	for _, f := range w.Fields {
		m.judgeField(e, w, f)
	}
}

// judgeCreate holds that a new record gets all that Conversion says of the entity and may
// send (spec 4.4, 5.4).
func (m *model) judgeCreate(e *conversion.Entity, w conversion.Write) {
	sent := make(map[string]conversion.Value)
	for _, f := range w.Fields {
		sent[f.Field] = f.Value
	}
	key := m.keyOf(w)
	if o := m.newestOwn(e.ID, conversion.EmailVar); key != e.Key && (o == nil || e.Creating == nil || o.number <= e.Creating.Number) {
		m.broken("%s was made for %s with the key %q, it has %q", w.Ref, e.ID, key, e.Key)
	}
	for _, ref := range m.found[key] {
		if l := m.w.books.links[linkPlace{ref: ref}]; l == nil || l.State != conversion.LinkIgnored && !m.rekeys(l) {
			m.broken("a %s was made for %s, though %s was found", w.Ref.Object, e.ID, ref)
		}
	}
	for _, f := range fieldsOf(w.Ref.Object) {
		v := m.variable(w.Ref.Object, f.Name)
		if v == nil || who(v.ID, e.Kind) || !f.Createable || v.Mode == conversion.ModeNone || v.Mode == conversion.ModeAlwaysSalesforce {
			continue
		}
		o := m.newestOwn(e.ID, v.ID)
		if o == nil || o.lost || o.value.Blank() || e.Creating == nil || o.number > e.Creating.Number || !o.reach.Has(conversion.Creating(w.Ref.Object)) {
			continue
		}
		if sent[f.Name] != o.value {
			m.broken("%s was made for %s with %s %#v, Conversion says %#v", w.Ref, e.ID, f.Name, sent[f.Name], o.value)
		}
	}
}

// keyOf is the e-mail or domain that a write gives a new record. One that was edited after the
// create was decided goes there later.
func (m *model) keyOf(w conversion.Write) string {
	for _, f := range w.Fields {
		switch f.Field {
		case "Email":
			return conversion.Email(f.Value.String())
		case "Website":
			return conversion.Domain(f.Value.String())
		}
	}
	return ""
}

// rekeys reports whether the record is to get another e-mail or website from Conversion, which
// was not sent yet: who is created with the one that it has still is somebody else.
func (m *model) rekeys(l *conversion.Link) bool {
	o := m.newestOwn(l.EntityID, conversion.EmailVar) // WebsiteVar has the same number
	if o == nil || !l.Live() || !(m.w.books.rules.Reach() & o.reach).Has(conversion.Updating(l.Ref.Object)) {
		return false
	}
	sent := func(e event) bool { return e.ref == l.Ref && e.own == o }
	return m.w.books.entities[l.EntityID].Key != m.key(l.Ref) && !slices.ContainsFunc(m.w.truth.events, sent)
}

func memberOf(w conversion.Write) conversion.Reach {
	switch w.Action {
	case conversion.ActionCreate:
		return conversion.Creating(w.Ref.Object)
	case conversion.ActionDelete:
		return conversion.Deleting(w.Ref.Object)
	}
	return conversion.Updating(w.Ref.Object)
}

func (m *model) judgeField(e *conversion.Entity, w conversion.Write, f conversion.FieldWrite) {
	if who(f.Var, e.Kind) {
		return
	}
	v := m.byID(e.Kind, f.Var)
	mem := m.fields[place2{w.Ref, f.Var}]
	if mem == nil || mem.seen != f.Before {
		m.broken("%s of %s was written unseen: before %#v, seen %+v", f.Field, w.Ref, f.Before, mem)
	} else if !mem.seen.Blank() && !m.recorded[e.ID][f.Var][mem.seen] && mem.claim.value != mem.seen {
		m.unrecorded = append(m.unrecorded, fmt.Sprintf("%s of %s was %#v, which nothing tells any more", f.Field, w.Ref, mem.seen))
	}
	sent := m.sent[sending{w.EntityID, f.Var, f.Number}]
	switch {
	case sent == nil || sent.value != f.Value:
		m.broken("%s of %s was written as %#v, which nobody asked for", f.Field, w.Ref, f.Value)
	case !sent.reach.Has(conversion.Updating(w.Ref.Object)):
		m.broken("%s of %s was written, its claim may not go there", f.Field, w.Ref)
	case v.Mode == conversion.ModeNone || v.Mode == conversion.ModeAlwaysSalesforce:
		m.broken("%s of %s was written in mode %s", f.Field, w.Ref, v.Mode)
	}
}

func (m *model) refused(w conversion.Write, err *conversion.RemoteError) {
	if slices.Equal(err.Fields, []string{"AccountId"}) && m.namesTheGone(w) {
		return // it went after it was read, and is tried without it later
	}
	m.broken("%s of %s was refused: %v", w.Action, w.Ref, err)
}

// namesTheGone reports whether a write names an Account that was deleted or merged away.
func (m *model) namesTheGone(w conversion.Write) bool {
	return slices.ContainsFunc(w.Fields, func(f conversion.FieldWrite) bool {
		row, ok := m.w.truth.row(conversion.Ref{Object: conversion.Account, ID: f.Value.String()})
		return f.Field == "AccountId" && (!ok || row.deleted)
	})
}

// modeChanged is told of another mode: own claims made before may have been decided about
// by the old one.
func (m *model) modeChanged(k conversion.Kind, key string) {
	v := m.w.books.schemas[k].ByKey(key)
	for id, e := range m.w.books.entities {
		if e.Kind != k {
			continue
		}
		for _, o := range m.own[id][v.ID] {
			o.modeWas = true
		}
		if m.shown[id] == nil {
			m.shown[id] = make(map[conversion.VarID]bool)
		}
		m.shown[id][v.ID] = true
	}
}
