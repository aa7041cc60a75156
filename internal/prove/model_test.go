package prove_test

import (
	"cmp"
	"fmt"
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
	live       map[conversion.Ref]bool              // its link was live when last stored
	readings   map[reading]glimpse
	own        map[string]map[conversion.VarID][]ownClaim
	numbers    map[string]int64
	settled    map[conversion.Ref]int64                                  // the own claims that were there before the record was
	made       map[string][]conversion.Ref                               // the records created for each entity
	life       map[string]int64                                          // the own claims that an earlier life of the entity made
	modeSince  map[string]map[conversion.VarID]int64                     // those made before the mode was changed
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

// memory is what was seen of a field, and the newest claim it made.
type memory struct {
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
	record string // the record's id; "" for Conversion's own
	answer int64  // it is what Salesforce made of our own claim of that number
	number int64  // of an own claim
}

type ownClaim struct {
	claim
	reach conversion.Reach
	lost  bool // at some time since it was not the newest: it was decided against
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
		on: make(map[conversion.Ref]string), live: make(map[conversion.Ref]bool), readings: make(map[reading]glimpse),
		own:     make(map[string]map[conversion.VarID][]ownClaim),
		settled: make(map[conversion.Ref]int64), shows: make(map[string]map[conversion.VarID]conversion.Value), made: make(map[string][]conversion.Ref), life: make(map[string]int64),
		found:     make(map[string][]conversion.Ref),
		modeSince: make(map[string]map[conversion.VarID]int64), recorded: make(map[string]map[conversion.VarID]map[conversion.Value]bool), numbers: make(map[string]int64),
	}
}

func (m *model) broken(format string, args ...any) {
	m.wrong = append(m.wrong, fmt.Sprintf(format, args...))
}

// shown notes what a reading showed the engine; whether it is taken in is told by a commit.
func (m *model) shown(ref conversion.Ref, asked conversion.Moment, r row) {
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
		e := p.Group.Entity
		if !e.Live() {
			m.life[e.ID] = e.Numbers
		}
		for _, l := range p.Group.Links {
			m.settle(e, l)
			if l.Reading.Asked > m.read[l.Ref] {
				m.read[l.Ref] = l.Reading.Asked
				// The reading that tells of a record's end may tell of an edit before it as well.
				m.take(l.Ref, m.readings[reading{l.Ref, l.Reading.Asked}], l.Live() || m.live[l.Ref])
			}
			m.live[l.Ref] = l.Live()
		}
	}
	for _, p := range b.Plans {
		m.remember(p.Group.Entity, b.Changes)
	}
	if b.Lease == nil {
		return // the directory's: what was edited is told afterwards
	}
	for _, p := range b.Plans {
		m.decide(p.Group)
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

// settle notes which own claims a record has nothing to do with: those that were there when
// a pull linked it, or when it moved (spec 4.1).
func (m *model) settle(e *conversion.Entity, l *conversion.Link) {
	if m.on[l.Ref] == e.ID {
		return
	}
	m.on[l.Ref] = e.ID
	found := m.readings[reading{l.Ref, l.Reading.Asked}].found || slices.Contains(m.made[e.ID], l.Ref)
	if m.settled[l.Ref] = e.Numbers; found {
		m.settled[l.Ref] = 0
	}
}

// take lets a reading make its claims (spec 3.7).
func (m *model) take(ref conversion.Ref, g glimpse, live bool) {
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
		if live && (!mem.read || value != mem.seen) {
			if c := m.claimOf(mem, v, f, ref, g, value); c.made {
				mem.claim = c
			}
			if lead := m.copiedFrom(mem, v.ID, ref, g.row, value); lead != nil {
				mem.claim = lead.claim
			}
		}
		mem.ever = mem.ever || value.True()
		mem.read, mem.seen, mem.modified, mem.events = true, value, g.row.modified, g.events
	}
}

// copiedFrom is the field of the converted lead that a Contact's was copied from: what it
// holds as the lead was seen to hold it is the lead's claim (spec 3.8).
func (m *model) copiedFrom(mem *memory, id conversion.VarID, ref conversion.Ref, r row, value conversion.Value) *memory {
	for _, lead := range m.w.truth.refs(conversion.Lead) {
		row, _ := m.w.truth.row(lead)
		from := m.fields[place2{lead, id}]
		if !mem.read && row.converted && row.contact == ref.ID && r.modified >= row.modified && from != nil && from.read && from.seen == value {
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
	var last *event
	for _, e := range m.w.truth.events[mem.events:g.events] {
		if e.ref == ref && e.field == f.Name {
			last = &e
		}
	}
	switch {
	case last == nil || !last.ours || last.number == 0 || last.entity != m.on[ref]:
		return c // a default of the admin's is no claim of Conversion's: the record makes it
	case value == last.sent || value.Blank() && last.sent.Blank():
		return claim{} // our own echo
	}
	return m.answer(c, v, last.number, ref)
}

// answer is what Salesforce stored instead of what was sent (spec 4.7).
func (m *model) answer(c claim, v *conversion.Variable, number int64, ref conversion.Ref) claim {
	l := m.w.books.links[linkPlace{ref: ref}]
	if l == nil {
		return c
	}
	own := m.newestOwn(l.EntityID, v.ID)
	if own != nil && own.number == number {
		c.second, c.answer, c.weak = own.second, number, false
	}
	return c
}

func (m *model) newestOwn(entityID string, id conversion.VarID) *ownClaim {
	list := m.own[entityID][id]
	if len(list) == 0 {
		return nil
	}
	return &list[len(list)-1]
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
		if c.record != "" && c.answer == 0 {
			self = 1 // a tie between the two systems goes to Salesforce
		}
		number, answered := c.number, int64(0)
		if c.answer > 0 {
			number, answered = c.answer, 1
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
		if mem := m.fields[place2{l.Ref, id}]; mem != nil && l.State != conversion.LinkMoved {
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

// decide compares what was stored of a group with what the claims say.
func (m *model) decide(g conversion.Group) {
	if !g.Entity.Live() {
		return
	}
	for _, v := range m.w.books.variables[g.Entity.Kind] {
		if who(v.ID, g.Entity.Kind) || len(v.Fields) == 0 {
			continue
		}
		want := m.value(g, &v)
		if got := g.Entity.Value(v.ID); got != want.value && !(got.Blank() && want.value.Blank()) {
			m.broken("%s of %s is %#v, the newest claim that counts is %#v (%s)", v.Key, g.Entity.ID, got, want.value, m.explain(g, &v))
		}
		if o := m.newestOwn(g.Entity.ID, v.ID); o != nil && want.number != o.number {
			o.lost = true
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
		said = append(said, fmt.Sprintf("own: %+v", o))
	}
	return strings.Join(said, "; ")
}

// edited is told that somebody changed an entity in Conversion: its new own claims have to
// be what was asked for.
func (m *model) edited(e *conversion.Entity, asked map[string]conversion.Value, allowed conversion.Reach) {
	if m.own[e.ID] == nil {
		m.own[e.ID] = make(map[conversion.VarID][]ownClaim)
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
		m.own[e.ID][o.Var] = append(m.own[e.ID][o.Var], ownClaim{
			claim: claim{made: true, value: o.Value, second: o.At.Second(), weak: o.Weak, number: o.Number}, reach: o.Reach,
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
	if key := map[conversion.Object]string{conversion.Account: "Website"}[w.Ref.Object]; e.Key != "" && sent[cmp.Or(key, "Email")].Blank() {
		m.broken("%s was made for %s without its key", w.Ref, e.ID)
	}
	for _, ref := range m.found[e.Key] {
		if l := m.w.books.links[linkPlace{ref: ref}]; l == nil || l.State != conversion.LinkIgnored {
			m.broken("a %s was made for %s, though %s was found", w.Ref.Object, e.ID, ref)
		}
	}
	for _, f := range fieldsOf(w.Ref.Object) {
		v := m.variable(w.Ref.Object, f.Name)
		if v == nil || who(v.ID, e.Kind) || !f.Createable || v.Mode == conversion.ModeNone || v.Mode == conversion.ModeAlwaysSalesforce {
			continue
		}
		o := m.newestOwn(e.ID, v.ID)
		if o == nil || o.lost || o.value.Blank() || !o.reach.Has(conversion.Creating(w.Ref.Object)) {
			continue
		}
		if sent[f.Name] != o.value {
			m.broken("%s was made for %s with %s %#v, Conversion says %#v", w.Ref, e.ID, f.Name, sent[f.Name], o.value)
		}
	}
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
	var sent *ownClaim
	for i := range m.own[e.ID][f.Var] {
		if o := &m.own[e.ID][f.Var][i]; o.number == f.Number {
			sent = o
		}
	}
	switch {
	case sent == nil || sent.value != f.Value:
		m.broken("%s of %s was written as %#v, which nobody asked for", f.Field, w.Ref, f.Value)
	case !sent.reach.Has(conversion.Updating(w.Ref.Object)):
		m.broken("%s of %s was written, its claim may not go there", f.Field, w.Ref)
	case v.Mode == conversion.ModeNone || v.Mode == conversion.ModeAlwaysSalesforce:
		m.broken("%s of %s was written in mode %s", f.Field, w.Ref, v.Mode)
	}
}

func (m *model) refused(w conversion.Write, err error) {
	m.broken("%s of %s was refused: %v", w.Action, w.Ref, err)
}

// modeChanged is told of another mode: own claims made before may have been decided about
// by the old one.
func (m *model) modeChanged(k conversion.Kind, key string) {
	v := m.w.books.schemas[k].ByKey(key)
	for _, e := range m.w.books.entities {
		if e.Kind == k {
			if m.modeSince[e.ID] == nil {
				m.modeSince[e.ID] = make(map[conversion.VarID]int64)
			}
			m.modeSince[e.ID][v.ID] = e.Numbers
		}
	}
}
