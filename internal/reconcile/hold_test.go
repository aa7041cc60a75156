package reconcile_test

import (
	"slices"
	"testing"
	"time"

	"conversion"
	"conversion/internal/reconcile"
)

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

// The next pull tells which Account it is now.
func TestAContactWhoseAccountWentIsTriedAgainSoon(t *testing.T) {
	t.Parallel()
	for field, soon := range map[string]bool{"AccountId": true, "LastName": false} {
		g := tied()
		owns(g, lastName, conversion.Text("Lee"), 2)
		w := reconcile.Create(g, personSchema(), conversion.Contact, terms(sendAll, 3)).Writes[0]
		w.Fields = append(w.Fields, conversion.FieldWrite{Field: "AccountId", Var: conversion.AccountVar, Value: conversion.Text("001")})
		f := conversion.RemoteError{Code: "INVALID_CROSS_REFERENCE_KEY", Fix: conversion.FixSalesforce, Fields: []string{field}}
		reconcile.Hold(g, w, &f, personSchema(), terms(sendAll, 3))
		if wait := g.Entity.Holds[0].Retry.Sub(second(3)); (wait <= 10*time.Minute) != soon {
			t.Errorf("refused for its %s it waits %v", field, wait)
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
		if !p.link().Holds[0].Whole() {
			t.Errorf("after try %d the field is to blame: %+v", try, p.link().Holds)
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

func TestAFieldThatARefusedOneDependsOnReleasesItWhenItIsEditedFirst(t *testing.T) {
	t.Parallel()
	p := newPlace()
	p.edit(state)
	p.refuse("FIELD_INTEGRITY_EXCEPTION", "StateCode")
	p.edit(country)
	if got, _ := p.send(); !slices.Equal(got, []conversion.VarID{state, country}) {
		t.Fatalf("sent %v, want the state with its country", got)
	}
}

func TestAHoldIsGoneOnceItsValueIsTaken(t *testing.T) {
	t.Parallel()
	for because, fields := range map[string][]string{"the field was held": {"Title"}, "the record was held": nil} {
		p := newPlace()
		p.edit(title)
		p.refuse("STRING_TOO_LONG", fields...)
		p.now = p.link().Holds[0].Retry
		_, plan := p.send()
		if len(p.link().Holds) != 1 {
			t.Errorf("%s: %+v while it is tried", because, p.link().Holds)
		}
		stored := conversion.Record{Ref: p.link().Ref, ModifiedBy: self, Reading: conversion.Reading{Modstamp: p.now, Modified: p.now, Asked: p.now},
			Fields: []conversion.FieldValue{{Var: title, Value: plan.Writes[0].Fields[0].Value}}}
		reconcile.Confirm(p.group, p.link(), plan.Writes[0], &stored, p.schema, p.terms())
		if len(p.link().Holds) > 0 {
			t.Errorf("%s: still %+v", because, p.link().Holds)
		}
	}
}

func TestOnlyChangesOfOurOwnValueAreCounted(t *testing.T) {
	t.Parallel()
	p := newPlace()
	for i := range 5 {
		at := p.now.Add(time.Duration(i) * time.Hour)
		theirs := conversion.Record{Ref: p.link().Ref, ModifiedBy: "005other", Reading: conversion.Reading{Modstamp: at, Modified: at, Asked: at},
			Fields: []conversion.FieldValue{{Var: title, Value: conversion.Text(at.String())}}}
		reconcile.Observe(p.link(), &theirs, p.schema)
	}
	if r := p.link().Rewrites; len(r) > 0 {
		t.Fatalf("counted %+v", r)
	}
}

// bear creates the Lead of a new contact that has a title and a street.
func (p *place) bear() (plan conversion.Plan) {
	p.group.Links = nil
	p.group.Entity.Origin, p.group.Entity.Birth = conversion.OriginAPI, sendAll.Reach()|conversion.Creating(conversion.Lead)
	return reconcile.Create(p.group, p.schema, conversion.Lead, p.terms())
}

func TestWhatIsLeftOutOfANewRecordIsHeldOnceItIsThere(t *testing.T) {
	t.Parallel()
	p := newPlace()
	p.edit(title, street)
	refused := p.bear().Writes[0]
	f := conversion.RemoteError{Code: "STRING_TOO_LONG", Fields: []string{"Title"}, Fix: conversion.FixConversion}
	reconcile.Hold(p.group, refused, &f, p.schema, p.terms())
	if until := reconcile.CreateHeld(p.group.Entity, sendAll, p.now); until != 0 {
		t.Fatalf("the record is held until %d", until)
	}
	made := p.bear().Writes[0]
	if len(made.Fields) != 1 || made.Fields[0].Var != street {
		t.Fatalf("it is made of %+v, want the street alone", made.Fields)
	}
	stored := conversion.Record{Ref: conversion.Ref{Object: conversion.Lead, ID: "00Q2"}, ModifiedBy: self, Reading: conversion.Reading{Modstamp: p.now, Modified: p.now, Asked: p.now},
		Fields: []conversion.FieldValue{{Var: title, Value: conversion.Null}, {Var: street, Value: made.Fields[0].Value}}}
	l := reconcile.Created(p.group, "00Q2", made, &stored, p.schema, p.terms())
	p.group.Links = []*conversion.Link{l}
	if held := p.held(); !slices.Equal(held, []conversion.VarID{title}) || len(p.group.Entity.Holds) > 0 {
		t.Fatalf("held %v, of the creation %+v", held, p.group.Entity.Holds)
	}
	p.now = l.Holds[0].Retry
	if got, _ := p.send(); !slices.Equal(got, []conversion.VarID{title}) {
		t.Fatalf("sent %v when its time came, want what was left out", got)
	}
}

func TestANewRecordIsNotMadeWithoutAnAdminsDefault(t *testing.T) {
	t.Parallel()
	p := newPlace()
	p.edit(title)
	w := p.bear().Writes[0]
	w.Fields = append(w.Fields, conversion.FieldWrite{Field: "Street", Var: street, Value: conversion.Text("a default")})
	f := conversion.RemoteError{Code: "STRING_TOO_LONG", Fields: []string{"Street"}, Fix: conversion.FixConversion}
	reconcile.Hold(p.group, w, &f, p.schema, p.terms())
	if holds := p.group.Entity.Holds; len(holds) != 1 || !holds[0].Whole() || holds[0].Field != "Street" {
		t.Fatalf("held %+v, want the record for its street", holds)
	}
}
