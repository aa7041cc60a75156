package reconcile_test

import (
	"slices"
	"testing"
	"time"

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
		w.now += rapid.IntRange(0, 60).Draw(t, "seconds")
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

// place is a record with a held field, told by its own rules.
type place struct {
	group  conversion.Group
	schema *conversion.Schema
	now    conversion.Moment
}

const (
	state   conversion.VarID = 20
	country conversion.VarID = 21
	street  conversion.VarID = 22
	sector  conversion.VarID = 23
	branch  conversion.VarID = 24
	parent  conversion.VarID = 25
	owner   conversion.VarID = 26
)

// newPlace is a Lead with an address, a dependent picklist and a filtered lookup.
func newPlace() *place {
	field := func(id conversion.VarID, name, compound string, controllers ...string) conversion.Variable {
		return conversion.Variable{
			ID: id, Kind: conversion.KindContact, Key: name, Type: conversion.TypeText, Mode: conversion.ModeTwoWay,
			Fields: []conversion.Field{{
				Object: conversion.Lead, Name: name, Type: "string", Nillable: true, Createable: true, Updateable: true,
				Compound: compound, Controllers: controllers,
			}},
		}
	}
	p := &place{now: second(1000)}
	p.schema = conversion.NewSchema(conversion.KindContact, []conversion.Variable{
		field(title, "Title", ""), field(state, "StateCode", "Address"), field(country, "CountryCode", "Address"), field(street, "Street", "Address"),
		field(sector, "Sector__c", ""), field(branch, "Branch__c", "", "Sector__c"),
		field(parent, "Parent__c", ""), field(owner, "Partner__c", "", "Parent__c"),
	})
	p.group = conversion.Group{Entity: &conversion.Entity{ID: "e", Kind: conversion.KindContact, Key: "a@b.test"}}
	l := reconcile.NewLink(p.group, conversion.Ref{Object: conversion.Lead, ID: "00Q1"}, "a@b.test", 0)
	p.group.Links = []*conversion.Link{l}
	for i := range p.schema.Variables {
		l.Ensure(p.schema.Variables[i].ID).Seen = conversion.Null
	}
	return p
}

func (p *place) link() *conversion.Link { return p.group.Links[0] }

func (p *place) edit(vars ...conversion.VarID) {
	p.now = p.now.Add(2 * time.Second)
	for _, v := range vars {
		reconcile.Claim(p.group, p.schema.ByID(v), conversion.Text(time.Duration(p.now).String()), p.now, sendAll.Reach(), conversion.Actor{})
	}
}

func (p *place) terms() reconcile.Terms {
	return reconcile.Terms{Rules: sendAll, Now: p.now, Wait: 10 * time.Minute, Self: self, Rewrites: conversion.RewriteLimit}
}

// send plans, and returns the variables of the update.
func (p *place) send() (vars []conversion.VarID, plan conversion.Plan) {
	plan = reconcile.Send(p.group, p.schema, p.terms())
	for _, w := range plan.Writes {
		for _, f := range w.Fields {
			vars = append(vars, f.Var)
		}
	}
	slices.Sort(vars)
	return vars, plan
}

// refuse sends, and lets Salesforce refuse the fields; none: the record.
func (p *place) refuse(code string, fields ...string) {
	_, plan := p.send()
	f := conversion.RemoteError{Code: code, Fields: fields, Fix: conversion.FixConversion, Message: "no"}
	reconcile.Hold(p.group, plan.Writes[0], &f, p.schema, p.terms())
}

func (p *place) held() (vars []conversion.VarID) {
	for _, h := range p.link().Holds {
		vars = append(vars, h.Var)
	}
	return vars
}

func TestWhatIsHeldTogether(t *testing.T) {
	t.Parallel()
	type vars = []conversion.VarID
	for _, test := range []struct {
		because     string
		edited      vars
		refused     string
		held, still vars // what goes without them
	}{
		{"a refused field is held alone", vars{title, street}, "Title", vars{title}, vars{street}},
		{"a state takes its country along", vars{title, state, country, street}, "StateCode", vars{state, country}, vars{title, street}},
		{"a country takes its state along", vars{state, country, street}, "CountryCode", vars{state, country}, vars{street}},
		{"a street is not a part of the pair", vars{state, country, street}, "Street", vars{street}, vars{state, country}},
		{"a controlling picklist takes the dependent one along", vars{title, sector, branch}, "Sector__c", vars{sector, branch}, vars{title}},
		{"a dependent picklist takes the controlling one along", vars{title, sector, branch}, "Branch__c", vars{sector, branch}, vars{title}},
		{"a filtered lookup takes the field along that its filter looks at", vars{title, parent, owner}, "Partner__c", vars{parent, owner}, vars{title}},
		{"what was not edited is not held", vars{state}, "StateCode", vars{state}, nil},
		{"a field that is not in the update holds the record", vars{title, street}, "Industry", vars{0}, nil},
	} {
		p := newPlace()
		p.edit(test.edited...)
		p.refuse("FIELD_INTEGRITY_EXCEPTION", test.refused)
		if got := p.held(); !slices.Equal(got, test.held) {
			t.Errorf("%s: held %v, want %v", test.because, got, test.held)
		}
		if got, _ := p.send(); !slices.Equal(got, test.still) {
			t.Errorf("%s: sent %v, want %v", test.because, got, test.still)
		}
	}
}

func TestWhatReleasesAHold(t *testing.T) {
	t.Parallel()
	change := func(p *place, v conversion.VarID, f func(*conversion.Field)) {
		variables := slices.Clone(p.schema.Variables)
		for i := range variables {
			if variables[i].ID == v {
				variables[i].Fields = slices.Clone(variables[i].Fields)
				f(&variables[i].Fields[0])
			}
		}
		p.schema = conversion.NewSchema(conversion.KindContact, variables)
	}
	for _, test := range []struct {
		because string
		refused []string // none: the record
		then    func(p *place)
		goes    []conversion.VarID
	}{
		{"nothing happened", []string{"StateCode"}, func(*place) {}, nil},
		{"its time came", []string{"StateCode"}, func(p *place) { p.now = p.now.Add(2 * time.Hour) }, []conversion.VarID{state, country}},
		{"the value changed", []string{"StateCode"}, func(p *place) { p.edit(state) }, []conversion.VarID{state, country}},
		{"what it depends on changed", []string{"StateCode"}, func(p *place) { p.edit(country) }, []conversion.VarID{state, country}},
		{"another field changed", []string{"StateCode"}, func(p *place) { p.edit(title) }, []conversion.VarID{title}},
		{"the picklist changed", []string{"StateCode"}, func(p *place) {
			change(p, state, func(f *conversion.Field) { f.Picklist = []string{"NY"} })
		}, []conversion.VarID{state, country}},
		{"the field became even shorter", []string{"StateCode"}, func(p *place) {
			change(p, state, func(f *conversion.Field) { f.Length = 1 })
		}, nil},
		{"the permission came back", []string{"StateCode"}, func(p *place) {
			change(p, state, func(f *conversion.Field) { f.Updateable = false })
			p.send()
			change(p, state, func(f *conversion.Field) { f.Updateable = true })
		}, []conversion.VarID{state, country}},
		{"a person asked for it", []string{"StateCode"}, func(p *place) {
			reconcile.Retry(p.group, "", func(conversion.Held) bool { return true }, p.now)
		}, []conversion.VarID{state, country}},
		{"of the record: nothing happened", nil, func(*place) {}, nil},
		{"of the record: its time came", nil, func(p *place) { p.now = p.now.Add(2 * time.Hour) }, []conversion.VarID{state, country}},
		{"of the record: something was edited here", nil, func(p *place) { p.edit(title) }, []conversion.VarID{title, state, country}},
		{"of the record: it changed in Salesforce", nil, func(p *place) {
			p.link().Reading.Modstamp += 1_000_000
		}, []conversion.VarID{state, country}},
		{"of the record: a person asked for it", nil, func(p *place) {
			reconcile.Retry(p.group, "", func(conversion.Held) bool { return true }, p.now)
		}, []conversion.VarID{state, country}},
	} {
		p := newPlace()
		p.edit(state, country)
		p.refuse("FIELD_INTEGRITY_EXCEPTION", test.refused...)
		test.then(p)
		if got, _ := p.send(); !slices.Equal(got, test.goes) {
			t.Errorf("%s: sent %v, want %v", test.because, got, test.goes)
		}
	}
}

func TestAFieldThatMayNotBeWrittenIsHeldUntilItMay(t *testing.T) {
	t.Parallel()
	for code, lock := range map[string]func(*conversion.Field, bool){
		conversion.HoldNotWritable: func(f *conversion.Field, on bool) { f.Updateable = !on },
		conversion.HoldFieldGone: func(f *conversion.Field, on bool) {
			if f.Gone = 0; on {
				f.Gone = 1
			}
		},
	} {
		p := newPlace()
		lock(&p.schema.ByID(title).Fields[0], true)
		p.edit(title, street)
		if got, _ := p.send(); !slices.Equal(got, []conversion.VarID{street}) {
			t.Errorf("%s: sent %v, want the street alone", code, got)
		}
		if rows := reconcile.HeldRows(p.group, ""); len(rows) != 1 || rows[0].Code != code || rows[0].Field != "Title" || rows[0].Cause != code+":Lead.Title" {
			t.Errorf("%s: held %+v", code, rows)
		}
		lock(&p.schema.ByID(title).Fields[0], false)
		if got, _ := p.send(); !slices.Contains(got, title) {
			t.Errorf("%s: sent %v once it may be written", code, got)
		}
	}
}

// rewritten confirms our write, and lets somebody change the field after us.
func (p *place) rewritten(t *testing.T, at time.Duration) {
	t.Helper()
	p.now = p.now.Add(at)
	p.edit(title)
	vars, plan := p.send()
	if !slices.Equal(vars, []conversion.VarID{title}) {
		t.Fatalf("sent %v, want the title", vars)
	}
	reading := conversion.Reading{Modstamp: p.now, Modified: p.now, Asked: p.now}
	stored := conversion.Record{Ref: p.link().Ref, ModifiedBy: self, Reading: reading,
		Fields: []conversion.FieldValue{{Var: title, Value: plan.Writes[0].Fields[0].Value}}}
	reconcile.Confirm(p.group, p.link(), plan.Writes[0], &stored, p.schema, p.terms())
	reading.Modstamp += 1_000_000
	reading.Modified, reading.Asked = reading.Modstamp, reading.Modstamp
	theirs := conversion.Record{Ref: p.link().Ref, ModifiedBy: "005other", Reading: reading,
		Fields: []conversion.FieldValue{{Var: title, Value: conversion.Text("theirs")}}}
	reconcile.Observe(p.link(), &theirs, p.schema)
}

func TestAFieldThatAnotherSystemKeepsRewritingIsHeld(t *testing.T) {
	t.Parallel()
	p := newPlace()
	for range conversion.RewriteLimit + 1 {
		p.rewritten(t, time.Hour)
	}
	p.edit(title, street)
	if got, _ := p.send(); !slices.Equal(got, []conversion.VarID{street}) {
		t.Fatalf("sent %v, want the street alone", got)
	}
	rows := reconcile.HeldRows(p.group, "")
	if len(rows) != 1 || rows[0].Code != conversion.HoldOscillation || rows[0].UserID != "005other" {
		t.Fatalf("held %+v, want the title with who keeps changing it", rows)
	}
	p.edit(title) // a newer edit would only go on with it
	if got, _ := p.send(); slices.Contains(got, title) {
		t.Fatalf("sent %v", got)
	}
	again := p.group.Clone()
	if reconcile.Retry(p.group, "", func(conversion.Held) bool { return true }, p.now); len(p.link().Rewrites) > 0 {
		t.Fatalf("a person's retry forgets %+v", p.link().Rewrites)
	}
	if got, _ := p.send(); !slices.Contains(got, title) {
		t.Fatalf("sent %v after a person's retry", got)
	}
	p.group, p.now = again, p.now.Add(24*time.Hour)
	if got, _ := p.send(); !slices.Contains(got, title) {
		t.Fatalf("sent %v a day after", got)
	}
}

func TestAFewChangesBackADayAreNobodysFault(t *testing.T) {
	t.Parallel()
	p := newPlace()
	for range 3 * conversion.RewriteLimit {
		p.rewritten(t, 9*time.Hour)
	}
}

func TestWhatSalesforceMakesOfOurValueIsCounted(t *testing.T) {
	t.Parallel()
	p := newPlace()
	p.edit(title)
	_, plan := p.send()
	stored := conversion.Record{Ref: p.link().Ref, ModifiedBy: self, Reading: conversion.Reading{Modstamp: p.now, Modified: p.now, Asked: p.now},
		Fields: []conversion.FieldValue{{Var: title, Value: conversion.Text("a trigger's")}}}
	reconcile.Confirm(p.group, p.link(), plan.Writes[0], &stored, p.schema, p.terms())
	if r := p.link().Rewrites; len(r) != 1 || r[0].Var != title || r[0].At[conversion.RewriteLimit] == 0 || r[0].At[0] != 0 {
		t.Fatalf("counted %+v, want one", r)
	}
}

func TestRefusalsBackOff(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		because     string
		fix         conversion.Fix
		first, last time.Duration
	}{
		{"what goes away by itself", conversion.FixItself, 15 * time.Second, 15 * time.Minute},
		{"what waits for Salesforce", conversion.FixSalesforce, time.Hour, 24 * time.Hour},
		{"what waits for Conversion", conversion.FixConversion, time.Hour, 24 * time.Hour},
	} {
		p := newPlace()
		p.edit(title)
		var waits []time.Duration
		for range 12 {
			_, plan := p.send()
			f := conversion.RemoteError{Code: "X", Fix: test.fix, Retry: test.fix == conversion.FixItself}
			reconcile.Hold(p.group, plan.Writes[0], &f, p.schema, p.terms())
			waits = append(waits, p.link().Holds[0].Retry.Sub(p.now))
			p.now = p.link().Holds[0].Retry
		}
		for want, got := range map[time.Duration]time.Duration{test.first: waits[0], test.last: waits[11]} {
			if got < want*4/5 || got > want*6/5 {
				t.Errorf("%s: waits %v, want about %v", test.because, got, want)
			}
		}
	}
}

func TestWhatGoesAwayByItselfIsToldOnceItDidNot(t *testing.T) {
	t.Parallel()
	p := newPlace()
	p.edit(title)
	for try := 1; try <= reconcile.Patience; try++ {
		_, plan := p.send()
		f := conversion.RemoteError{Code: "UNABLE_TO_LOCK_ROW", Fix: conversion.FixItself, Retry: true, Fields: []string{"Title"}}
		reconcile.Hold(p.group, plan.Writes[0], &f, p.schema, p.terms())
		if rows := reconcile.HeldRows(p.group, ""); (len(rows) > 0) != (try == reconcile.Patience) {
			t.Errorf("after try %d: %+v", try, rows)
		}
		p.now = p.link().Holds[0].Retry
	}
}

func TestARefusedDeletionIsHeld(t *testing.T) {
	t.Parallel()
	rules := sendAll
	rules.ContactsDeleted = conversion.TargetAll
	p := newPlace()
	p.edit(title)
	p.refuse("FIELD_CUSTOM_VALIDATION_EXCEPTION")
	p.now = p.now.Add(time.Second)
	p.group.Entity.Deleted, p.group.Entity.Death = p.now, rules.Reach()
	terms := p.terms()
	terms.Rules = rules
	plan := reconcile.Send(p.group, p.schema, terms)
	if len(plan.Writes) != 1 {
		t.Fatalf("a refused update keeps the deletion back: %+v", plan)
	}
	f := conversion.RemoteError{Code: "DELETE_FAILED", Fix: conversion.FixSalesforce}
	reconcile.Hold(p.group, plan.Writes[0], &f, p.schema, terms)
	if plan = reconcile.Send(p.group, p.schema, terms); len(plan.Writes) > 0 || plan.Left.Held <= p.now {
		t.Fatalf("planned %+v", plan)
	}
	terms.Now = plan.Left.Held
	if plan = reconcile.Send(p.group, p.schema, terms); len(plan.Writes) != 1 {
		t.Fatalf("planned %+v when its time came", plan)
	}
}

func TestARefusedCreationIsTriedAgainWithOtherDefaults(t *testing.T) {
	t.Parallel()
	p := newPlace()
	w := conversion.Write{Action: conversion.ActionCreate, Ref: conversion.Ref{Object: conversion.Lead}, EntityID: "e"}
	f := conversion.RemoteError{Code: "REQUIRED_FIELD_MISSING", Fields: []string{"Rating"}, Fix: conversion.FixConversion}
	reconcile.Hold(p.group, w, &f, p.schema, p.terms())
	other := sendAll
	other.Defaults = map[string]string{"Lead.Rating": "Hot"}
	if reconcile.CreateHeld(p.group.Entity, sendAll, p.now) <= p.now || reconcile.CreateHeld(p.group.Entity, other, p.now) != 0 {
		t.Fatalf("held until %d, with another default until %d", reconcile.CreateHeld(p.group.Entity, sendAll, p.now), reconcile.CreateHeld(p.group.Entity, other, p.now))
	}
	if rows := reconcile.HeldRows(p.group, conversion.Lead); len(rows) != 1 || rows[0].Cause != "REQUIRED_FIELD_MISSING:Lead.Rating" {
		t.Fatalf("held %+v", rows)
	}
}
