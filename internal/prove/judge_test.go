package prove_test

import (
	"fmt"
	"slices"
	"testing"

	"conversion"
)

// deviation is a reason for which a record's field need not hold what Conversion last said.
// There are these and no others.
type deviation string

const (
	unsaid       deviation = "Conversion never said anything of it"
	modeForbids  deviation = "the mode does not send it"
	ruleForbade  deviation = "the rules did not allow it when it was said"
	ruleForbids  deviation = "the rule is off now"
	linkedLater  deviation = "the record was linked after it was said"
	outdated     deviation = "a newer claim was there since, or is"
	theirsStands deviation = "Salesforce has a value, and is preferred"
	changedThere deviation = "it was changed in Salesforce after it was sent"
	answeredWith deviation = "a trigger stored something else"
	modeWas      deviation = "another mode decided about it"
	tooClose     deviation = "it was changed in Salesforce within the second"
	lifeBetween  deviation = "the contact was deleted meanwhile"
	cameToLight  deviation = "it was what the record held, until Salesforce showed a change of before it"
)

// deviates returns why the record's field may differ from the newest own claim; "" when
// nothing allows it to.
func (m *model) deviates(g conversion.Group, l *conversion.Link, v *conversion.Variable, f conversion.Field) deviation {
	o := m.newestOwn(g.Entity.ID, v.ID)
	updating := conversion.Updating(l.Ref.Object)
	switch {
	case o == nil:
		return unsaid
	case v.Mode == conversion.ModeNone || v.Mode == conversion.ModeAlwaysSalesforce || !f.Updateable:
		return modeForbids
	case !o.reach.Has(updating):
		return ruleForbade
	case !m.w.books.rules.Reach().Has(updating):
		return ruleForbids
	case m.settled[l.Ref][o]:
		return linkedLater
	case o.lost && v.Mode != conversion.ModeAlwaysConversion:
		return outdated
	case o.modeWas:
		return modeWas
	case o.earlier:
		return lifeBetween
	}
	return m.deviatesThere(g, l, v, f, o)
}

func (m *model) deviatesThere(g conversion.Group, l *conversion.Link, v *conversion.Variable, f conversion.Field, o *ownClaim) deviation {
	row, _ := m.w.truth.row(l.Ref)
	if v.Mode == conversion.ModePreferSalesforce && !row.value(f).Blank() {
		return theirsStands
	}
	sent := false
	var last event
	for _, e := range m.w.truth.since(l.Ref, f.Name, 0) {
		last = e
		sent = sent || e.ours && e.own == o
	}
	switch {
	case !last.ours && o.second-m.fields[place2{l.Ref, v.ID}].claim.second <= 1:
		return tooClose // one of them was later by less than can be told
	case !last.ours && !sent && o.second > m.fields[place2{l.Ref, v.ID}].claim.second && was(last, v) == o.value.String():
		return cameToLight
	case last.ours && last.own == o:
		return answeredWith
	case sent && v.Mode == conversion.ModeAlwaysConversion:
		return changedThere
	}
	return ""
}

// was is what a field held before an event, as a text.
func was(e event, v *conversion.Variable) string {
	value, err := conversion.FromJSON(v.Type, e.before)
	if err != nil {
		return ""
	}
	return value.String()
}

// agreement compares the org with what Conversion last said (the other half of agreement,
// what Conversion shows, is judged whenever something is stored).
func (m *model) agreement(t testing.TB) {
	for _, kind := range []conversion.Kind{conversion.KindContact, conversion.KindCompany} {
		for _, e := range m.w.entities(kind, true) {
			g := m.group(e)
			for _, l := range g.Links {
				m.agrees(t, g, l)
			}
		}
	}
}

func (m *model) agrees(t testing.TB, g conversion.Group, l *conversion.Link) {
	row, ok := m.w.truth.row(l.Ref)
	if !ok || l.State != conversion.LinkLive || row.deleted || row.converted {
		return
	}
	for _, f := range fieldsOf(l.Ref.Object) {
		v := m.variable(l.Ref.Object, f.Name)
		if v == nil || who(v.ID, g.Entity.Kind) {
			continue
		}
		seen := m.fields[place2{l.Ref, v.ID}]
		if seen == nil || seen.seen != row.value(f) {
			t.Errorf("%s of %s is %#v in Salesforce and was last seen otherwise: %+v", f.Name, l.Ref, row.value(f), seen)
		}
		if why := m.deviates(g, l, v, f); why != "" {
			m.w.deviations[why]++
			continue
		}
		if o := m.newestOwn(g.Entity.ID, v.ID); o.value != row.value(f) && !(o.value.Blank() && row.value(f).Blank()) {
			t.Errorf("%s of %s is %#v in Salesforce, Conversion says %#v (%s; events %s)", f.Name, l.Ref, row.value(f), o.value, m.explain(g, v), m.events(l.Ref, f.Name))
		}
	}
}

func (m *model) events(ref conversion.Ref, field string) string {
	return fmt.Sprintf("%+v", m.w.truth.since(ref, field, 0))
}

// oneContactAnEmail holds what is always true at rest (spec 3.5): live linked records of
// one e-mail are on one contact, and nobody has another's.
func (m *model) oneContactAnEmail(t testing.TB) {
	for _, kind := range []conversion.Kind{conversion.KindContact, conversion.KindCompany} {
		holder := make(map[string]string)
		for _, e := range m.w.entities(kind, true) {
			if other := holder[e.Key]; other != "" && e.Key != "" {
				t.Errorf("%s and %s both have the key %s", other, e.ID, e.Key)
			}
			holder[e.Key] = e.ID
		}
		carrier := make(map[string]*conversion.Link)
		for _, l := range m.w.books.links {
			key := m.key(l.Ref)
			if l.Ref.Object.Kind() != kind || !l.Live() || key == "" {
				continue
			}
			if other := carrier[key]; other != nil && other.EntityID != l.EntityID {
				t.Errorf("%s and %s carry %s and are on %s and %s", other.Ref, l.Ref, key, other.EntityID, l.EntityID)
			}
			carrier[key] = l
		}
	}
}

// key is the e-mail or domain that a record carries now.
func (m *model) key(ref conversion.Ref) string {
	row, ok := m.w.truth.row(ref)
	switch {
	case !ok:
		return ""
	case ref.Object == conversion.Account:
		return conversion.Domain(row.text("Website"))
	}
	return conversion.Email(row.text("Email"))
}

// everybodyIsLinked holds spec 3.3: each record that is to be synced has a link, in the
// state that its own tells.
func (m *model) everybodyIsLinked(t testing.TB) {
	for _, ref := range m.w.truth.known {
		row, ok := m.w.truth.row(ref)
		l := m.w.books.links[linkPlace{ref: ref}]
		switch {
		case l == nil:
			if ok && !row.deleted && !row.converted && (ref.Object == conversion.Account || m.key(ref) != "") {
				t.Errorf("%s is not linked", ref)
			}
		case l.State == conversion.LinkIgnored:
		case !ok || row.deleted || row.converted:
			if l.Live() {
				t.Errorf("%s is gone or converted, its link is %s", ref, l.State)
			}
		case !l.Live():
			t.Errorf("%s is there, its link is %s", ref, l.State)
		}
	}
}

// createdOnce holds spec 4.3: of each thing that was born in Conversion there is one record
// that Conversion made, however often the answer was lost.
func (m *model) createdOnce(t testing.TB) {
	for id, made := range m.made {
		if len(made) > 1+m.births[id]+m.w.lost(id) {
			t.Errorf("%s was created %d times: %v", id, len(made), made)
		}
	}
}

// bornIsThere holds, in a history in which no rule changes, the other half of created once:
// whoever was born in Conversion has a record at rest, or had one.
func (m *model) bornIsThere(t testing.TB) {
	for _, kind := range []conversion.Kind{conversion.KindContact, conversion.KindCompany} {
		for _, e := range m.w.entities(kind, true) {
			if e.Origin != conversion.OriginSalesforce && len(m.group(e).Links) == 0 && !m.carriedElsewhere(e) {
				t.Errorf("%s was never created", e.ID)
			}
		}
	}
}

// carriedElsewhere reports whether a record of another's carries the entity's key: then it is
// held, not created (spec 4.2).
func (m *model) carriedElsewhere(e *conversion.Entity) bool {
	for _, l := range m.w.books.links {
		if l.Live() && l.EntityID != e.ID && e.Key != "" && m.key(l.Ref) == e.Key && l.Ref.Object.Kind() == e.Kind {
			return true
		}
	}
	return false
}

// disguised reports whether somebody changed both what a record is called and its e-mail or
// website: one that we made without learning so is not found then (spec 4.3).
func (m *model) disguised(ref conversion.Ref) bool {
	changed := func(field string) bool {
		return slices.ContainsFunc(m.w.truth.since(ref, field, 0), func(e event) bool { return !e.ours })
	}
	if ref.Object == conversion.Account {
		return changed("Website") && changed("Name")
	}
	return changed("Email") && (changed("LastName") || changed("FirstName"))
}

// exchanged reports whether a record that was made for an entity is another's that was born
// here, of whose own create nothing came: each has a record that may be its own (spec 4.3).
func (m *model) exchanged(id string, ref conversion.Ref) bool {
	l := m.w.books.links[linkPlace{ref: ref}]
	if l == nil || l.EntityID == id {
		return false
	}
	e := m.w.books.entities[l.EntityID]
	return e != nil && e.Origin != conversion.OriginSalesforce && len(m.made[e.ID]) == 0
}

// lost counts the records that were made for an entity and went away, so that it may have
// been made anew, before they came back, or that could not be found.
func (w *world) lost(id string) int {
	n := 0
	for _, ref := range w.model.made[id] {
		if _, ok := w.truth.row(ref); !ok || w.truth.ended[ref] || w.model.disguised(ref) || w.model.exchanged(id, ref) {
			n++
		}
	}
	return n
}

// nothingAtRest holds that a world at rest stays as it is: nothing is written to the org,
// and nothing of an entity is stored.
func (m *model) nothingAtRest(t testing.TB) {
	w := m.w
	for id, e := range w.books.entities {
		if e.Creating != nil {
			t.Errorf("the create of %s is open for ever: %+v", id, e.Creating)
		}
	}
	before, writes := w.versions(), w.wire.writes
	for range 2 {
		w.wait(1)
		if err := w.cycle(); err != nil {
			t.Errorf("a cycle at rest: %v", err)
		}
	}
	if n := w.wire.writes; n != writes {
		t.Errorf("%d writes at rest", n-writes)
	}
	for id, version := range w.versions() {
		if before[id] != version {
			t.Errorf("%s was stored again at rest", id)
		}
	}
}

func (w *world) versions() map[string]int64 {
	versions := make(map[string]int64)
	for id, e := range w.books.entities {
		versions[id] = e.Version
	}
	return versions
}

// optOutsStay holds, in a history in which nobody takes an opt-out back, that whoever opted
// out anywhere is opted out wherever that record or contact is now, and where it was then.
func (m *model) optOutsStay(t testing.TB) {
	for _, v := range m.w.books.variables[conversion.KindContact] {
		if !v.OptOut || v.Mode == conversion.ModeNone || v.Mode == conversion.ModeAlwaysConversion {
			continue
		}
		for _, e := range m.w.entities(conversion.KindContact, true) {
			for _, l := range m.group(e).Links {
				at := place2{l.Ref, v.ID}
				mem := m.fields[at]
				said := mem != nil && mem.ever && (l.State != conversion.LinkMoved || m.parted[e.ID][at])
				if said && !e.Value(v.ID).True() {
					t.Errorf("%s said %s, its contact %s does not", l.Ref, v.Key, e.ID)
				}
			}
		}
	}
}

// honest repeats what broke a rule on the way.
func (m *model) honest(t testing.TB) {
	for _, wrong := range m.wrong {
		t.Errorf("%s", wrong)
	}
}

// nobodyWrote holds that the engine wrote nothing.
func (m *model) nobodyWrote(t testing.TB) {
	for _, e := range m.w.truth.events {
		if e.ours {
			t.Errorf("wrote %s of %s", e.field, e.ref)
		}
	}
	for id, made := range m.made {
		t.Errorf("created %v for %s", made, id)
	}
}

// ownEditsStand holds, in a history in which nobody edits in Salesforce, that the last edit
// of each variable is on every record that was there when it was made, whatever crashed.
func (m *model) ownEditsStand(t testing.TB) {
	for _, kind := range []conversion.Kind{conversion.KindContact, conversion.KindCompany} {
		for _, e := range m.w.entities(kind, true) {
			g := m.group(e)
			for id, list := range m.own[e.ID] {
				o, v := list[len(list)-1], m.byID(kind, id)
				if first := newest(m.theirs(g, id), v.OptOut); who(id, kind) || first.made && newer(first, o.claim, v.OptOut) {
					continue // a record came later, and with a value
				}
				if got := e.Value(id); got != o.value && !(got.Blank() && o.value.Blank()) {
					t.Errorf("%s of %s is %#v, the last edit said %#v", v.Key, e.ID, e.Value(id), o.value)
				}
				m.isOnRecords(t, g, v, o)
			}
		}
	}
	for _, h := range m.w.books.held {
		if h.Code != "UNKNOWN_OUTCOME" { // of a company without a domain: a person decides
			t.Errorf("held: %+v", h)
		}
	}
}

func (m *model) isOnRecords(t testing.TB, g conversion.Group, v *conversion.Variable, o *ownClaim) {
	for _, l := range g.Links {
		f, ok := v.On(l.Ref.Object)
		if !ok || m.settled[l.Ref][o] {
			continue
		}
		if row, _ := m.w.truth.row(l.Ref); row.value(f) != o.value && !(row.value(f).Blank() && o.value.Blank()) {
			t.Errorf("%s of %s is %#v, the last edit said %#v", f.Name, l.Ref, row.value(f), o.value)
		}
	}
}

// losses repeats which values were replaced without a line in a timeline.
func (m *model) losses(t testing.TB) {
	for _, lost := range m.unrecorded {
		t.Errorf("%s", lost)
	}
}
