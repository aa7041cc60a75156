package reconcile_test

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"

	"conversion"
	"conversion/internal/reconcile"
)

// personSchema has what a lead or contact needs to be created.
func personSchema() *conversion.Schema {
	const lead, contact = conversion.Lead, conversion.Contact
	on := func(o conversion.Object, name string, required bool) conversion.Field {
		return conversion.Field{Object: o, Name: name, Createable: true, Updateable: true, Required: required}
	}
	v := func(id conversion.VarID, key string, typ conversion.Type, fields ...conversion.Field) conversion.Variable {
		return conversion.Variable{ID: id, Kind: conversion.KindContact, Key: key, Type: typ, Mode: conversion.ModeTwoWay, Fields: fields}
	}
	return conversion.NewSchema(conversion.KindContact, []conversion.Variable{
		v(conversion.EmailVar, "email", conversion.TypeText, on(lead, "Email", false), on(contact, "Email", false)),
		v(conversion.AccountVar, "account", conversion.TypeText, on(contact, "AccountId", false)),
		v(10, "job_title", conversion.TypeText, on(lead, "Title", false), on(contact, "Title", false)),
		v(13, "last_name", conversion.TypeText, on(lead, "LastName", true), on(contact, "LastName", true)),
		v(14, "company", conversion.TypeText, on(lead, "Company", true)),
		v(15, "employees", conversion.TypeNumber, on(lead, "Employees", false)),
		v(16, "first_name", conversion.TypeText, on(lead, "FirstName", false)),
	})
}

const (
	lastName conversion.VarID = 13
	employer conversion.VarID = 14
	staff    conversion.VarID = 15
)

// said lists the fields of a write with their values, and the numbers of the claims sent.
func said(w conversion.Write) string {
	var fields []string
	for _, f := range w.Fields {
		field := f.Field + "=" + f.Value.String()
		if f.Number > 0 {
			field += fmt.Sprint("#", f.Number)
		}
		fields = append(fields, field)
	}
	return strings.Join(fields, " ")
}

func TestWhatANewRecordIsMadeOf(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		because string
		object  conversion.Object
		change  func(conversion.Group, *conversion.Schema, *reconcile.Terms)
		want    string // the fields, or what is missing
	}{
		{"its e-mail and every variable, by field name", conversion.Contact, func(g conversion.Group, _ *conversion.Schema, _ *reconcile.Terms) {
			owns(g, title, conversion.Text("CEO"), 2)
		}, "Email=a@b.test LastName=Lee#1 Title=CEO#2"},
		{"the e-mail with its claim", conversion.Contact, func(g conversion.Group, _ *conversion.Schema, _ *reconcile.Terms) {
			owns(g, conversion.EmailVar, conversion.Text("a@b.test"), 2)
		}, "Email=a@b.test#2 LastName=Lee#1"},
		{"the e-mail of now, whatever was claimed", conversion.Contact, func(g conversion.Group, _ *conversion.Schema, _ *reconcile.Terms) {
			owns(g, conversion.EmailVar, conversion.Text("old@b.test"), 2)
		}, "Email=a@b.test LastName=Lee#1"},
		{"a lead's company from the company's name first", conversion.Lead, func(g conversion.Group, _ *conversion.Schema, t *reconcile.Terms) {
			owns(g, employer, conversion.Text("own"), 2)
			t.CompanyName, t.Rules.Defaults = "Acme", map[string]string{"Lead.Company": "default"}
		}, "Company=Acme Email=a@b.test LastName=Lee#1"},
		{"then from the variable", conversion.Lead, func(g conversion.Group, _ *conversion.Schema, t *reconcile.Terms) {
			owns(g, employer, conversion.Text("own"), 2)
			t.Rules.Defaults = map[string]string{"Lead.Company": "default"}
		}, "Company=own#2 Email=a@b.test LastName=Lee#1"},
		{"then from the admin's default", conversion.Lead, func(_ conversion.Group, _ *conversion.Schema, t *reconcile.Terms) {
			t.Rules.Defaults = map[string]string{"Lead.Company": "default"}
		}, "Company=default Email=a@b.test LastName=Lee#1"},
		{"without any it is held", conversion.Lead, func(conversion.Group, *conversion.Schema, *reconcile.Terms) {}, "missing Lead.Company"},
		{"a blank is no value", conversion.Contact, func(g conversion.Group, _ *conversion.Schema, _ *reconcile.Terms) {
			owns(g, lastName, conversion.Text(""), 2)
		}, "missing Contact.LastName"},
		{"an empty default is none", conversion.Lead, func(_ conversion.Group, _ *conversion.Schema, t *reconcile.Terms) {
			t.Rules.Defaults = map[string]string{"Lead.Company": ""}
		}, "missing Lead.Company"},
		{"nothing is required of a field that is gone", conversion.Lead, func(_ conversion.Group, s *conversion.Schema, _ *reconcile.Terms) {
			s.ByID(employer).Fields[0].Gone = 1
		}, "Email=a@b.test LastName=Lee#1"},
		{"defaults for what is no variable, and of the object only", conversion.Contact, func(_ conversion.Group, _ *conversion.Schema, t *reconcile.Terms) {
			t.Rules.Defaults = map[string]string{"Contact.OwnerId": "005x", "Lead.Status": "Open", "Contact.LastName": "default"}
		}, "Email=a@b.test LastName=Lee#1 OwnerId=005x"},
		{"a default is of the variable's type", conversion.Lead, func(_ conversion.Group, _ *conversion.Schema, t *reconcile.Terms) {
			t.Rules.Defaults = map[string]string{"Lead.Company": "x", "Lead.Employees": "12.0"}
		}, "Company=x Email=a@b.test Employees=12 LastName=Lee#1"},
		{"or as it was written", conversion.Lead, func(_ conversion.Group, _ *conversion.Schema, t *reconcile.Terms) {
			t.Rules.Defaults = map[string]string{"Lead.Company": "x", "Lead.Employees": "many"}
		}, "Company=x Email=a@b.test Employees=many LastName=Lee#1"},
		{"a new contact is in its company's account", conversion.Contact, func(_ conversion.Group, _ *conversion.Schema, t *reconcile.Terms) {
			t.AccountID = "001x"
		}, "AccountId=001x Email=a@b.test LastName=Lee#1"},
		{"with the claim of it, which names the company", conversion.Contact, func(g conversion.Group, _ *conversion.Schema, t *reconcile.Terms) {
			owns(g, conversion.AccountVar, conversion.Text("company"), 2)
			t.AccountID = "001x"
		}, "AccountId=001x#2 Email=a@b.test LastName=Lee#1"},
		{"a claim that may go nowhere is not sent", conversion.Contact, func(g conversion.Group, _ *conversion.Schema, _ *reconcile.Terms) {
			g.Entity.Claim(conversion.OwnClaim{Var: title, Value: conversion.Text("CEO"), At: second(2)})
		}, "Email=a@b.test LastName=Lee#1"},
		{"nor one that may go to leads only", conversion.Contact, func(g conversion.Group, _ *conversion.Schema, _ *reconcile.Terms) {
			g.Entity.Claim(conversion.OwnClaim{Var: title, Value: conversion.Text("CEO"), At: second(2), Reach: conversion.CreateLead | conversion.UpdateLead})
		}, "Email=a@b.test LastName=Lee#1"},
		{"one that may go to contacts by an update is", conversion.Contact, func(g conversion.Group, _ *conversion.Schema, _ *reconcile.Terms) {
			g.Entity.Claim(conversion.OwnClaim{Var: title, Value: conversion.Text("CEO"), At: second(2), Reach: conversion.UpdateContact})
		}, "Email=a@b.test LastName=Lee#1 Title=CEO#2"},
		{"nor where Salesforce always wins", conversion.Contact, func(g conversion.Group, s *conversion.Schema, _ *reconcile.Terms) {
			owns(g, title, conversion.Text("CEO"), 2)
			s.ByID(title).Mode = conversion.ModeAlwaysSalesforce
		}, "Email=a@b.test LastName=Lee#1"},
		{"nor where nothing is synced", conversion.Contact, func(g conversion.Group, s *conversion.Schema, _ *reconcile.Terms) {
			owns(g, title, conversion.Text("CEO"), 2)
			s.ByID(title).Mode = conversion.ModeNone
		}, "Email=a@b.test LastName=Lee#1"},
		{"nor what is left out", conversion.Contact, func(g conversion.Group, s *conversion.Schema, _ *reconcile.Terms) {
			owns(g, title, conversion.Text("CEO"), 2)
			s.ByID(title).LeftOut = true
		}, "Email=a@b.test LastName=Lee#1"},
		{"nor a field that cannot be created", conversion.Contact, func(g conversion.Group, s *conversion.Schema, _ *reconcile.Terms) {
			owns(g, title, conversion.Text("CEO"), 2)
			s.ByID(title).Fields[1].Createable = false
		}, "Email=a@b.test LastName=Lee#1"},
		{"nor one that is gone", conversion.Contact, func(g conversion.Group, s *conversion.Schema, _ *reconcile.Terms) {
			owns(g, title, conversion.Text("CEO"), 2)
			s.ByID(title).Fields[1].Gone = 1
		}, "Email=a@b.test LastName=Lee#1"},
	} {
		g, s, terms := tied(), personSchema(), terms(conversion.DefaultRules(), 9)
		owns(g, lastName, conversion.Text("Lee"), 1)
		row.change(g, s, &terms)
		plan := reconcile.Create(g, s, row.object, terms)
		var got string
		for _, p := range plan.Problems {
			_, field, _ := strings.Cut(p.Message, "requires ")
			field, _, _ = strings.Cut(field, ":")
			got = "missing " + field
			if !p.Held || p.Code != "REQUIRED_FIELD_MISSING" || p.Hint == "" || g.Entity.Creating != nil {
				t.Errorf("%s: %+v, creating %v", row.because, p, g.Entity.Creating)
			}
		}
		for _, w := range plan.Writes {
			got += said(w)
			want := conversion.Creation{Object: row.object, At: second(9), Number: g.Entity.Numbers, Key: g.Entity.Key, Name: g.Entity.Creating.Name, Sent: g.Entity.Creating.Sent}
			if w.Action != conversion.ActionCreate || w.Ref != (conversion.Ref{Object: row.object}) || !reflect.DeepEqual(*g.Entity.Creating, want) || plan.Expect != 7 {
				t.Errorf("%s: %+v, creating %+v", row.because, w, g.Entity.Creating)
			}
		}
		if got != row.want {
			t.Errorf("%s: %q, want %q", row.because, got, row.want)
		}
	}
}

func TestWhatIsBornInConversionIsCreatedOnce(t *testing.T) {
	t.Parallel()
	on := conversion.DefaultRules()
	on.ContactsCreated = conversion.TargetContacts
	for _, row := range []struct {
		because string
		change  func(conversion.Group)
		rules   conversion.Rules
		want    conversion.Object
		parked  bool
	}{
		{"under a rule that allows it now as then", func(conversion.Group) {}, on, conversion.Contact, false},
		{"not while the rule is off: it waits", func(conversion.Group) {}, conversion.DefaultRules(), "", true},
		{"not when the rule of then forbade it", func(g conversion.Group) { g.Entity.Birth = 0 }, on, "", false},
		{"nor when it allowed another kind: it waits for that", func(g conversion.Group) { g.Entity.Birth = conversion.CreateLead }, on, "", true},
		{"not what a pull made", func(g conversion.Group) { g.Entity.Origin = conversion.OriginSalesforce }, on, "", false},
		{"not what was deleted", func(g conversion.Group) { g.Entity.Deleted = 1 }, on, "", false},
	} {
		g := tied()
		g.Entity.Birth = everywhere
		row.change(g)
		if got, parked := reconcile.CreateAs(g, row.rules); got != row.want || parked != row.parked {
			t.Errorf("%s: %q, parked %v", row.because, got, parked)
		}
	}
	g := tied("L1")
	g.Entity.Birth, g.Links[0].State = everywhere, conversion.LinkDeleted
	if got, parked := reconcile.CreateAs(g, on); got != "" || parked {
		t.Errorf("what ever had a record is created again as %q, parked %v", got, parked)
	}
}

func TestACreatedRecordIsLinkedAndSettled(t *testing.T) {
	t.Parallel()
	s := personSchema()
	create := func() (conversion.Group, conversion.Write) {
		g := tied()
		owns(g, lastName, conversion.Text("Lee"), 1)
		g.Entity.Claim(conversion.OwnClaim{Var: staff, Value: conversion.Null, At: second(1)})
		plan := reconcile.Create(g, s, conversion.Contact, terms(sendAll, 9))
		owns(g, title, conversion.Text("made meanwhile"), 9)
		return g, plan.Writes[0]
	}
	g, w := create()
	stored := storedAs("C9", 10, self, conversion.FieldValue{Var: lastName, Value: conversion.Text("LEE")}, conversion.FieldValue{Var: title, Value: conversion.Null})
	l := reconcile.Created(g, "C9", w, &stored, s, terms(sendAll, 11))
	if l.Ref != refOf("C9") || l.State != conversion.LinkLive || l.Linked != second(11) || g.Entity.Creating != nil || l.Key != "a@b.test" || l.Placed != "a@b.test" {
		t.Errorf("the link is %+v, creating %+v", l, g.Entity.Creating)
	}
	if f := l.Field(lastName); f.Settled != 1 || f.Claim.Answers != 1 || f.Claim.Value != conversion.Text("LEE") || f.Claim.At != second(1) {
		t.Errorf("what Salesforce stored instead is no answer: %+v", f)
	}
	if f := l.Field(title); f.Settled != 0 || !f.Claim.Weak || f.Seen != conversion.Null {
		t.Errorf("what was not sent was not seen for the first time: %+v", f)
	}
	if l.Field(staff).Settled != 2 {
		t.Error("a claim that was there and may go nowhere is not settled")
	}

	g, w = create()
	l = reconcile.Created(g, "C9", w, nil, s, terms(sendAll, 11))
	if l.Key != "a@b.test" || l.Placed != "a@b.test" || l.Field(conversion.EmailVar) != nil {
		t.Errorf("without a read-back the link is %+v", l)
	}
	later := storedAs("C9", 12, self, conversion.FieldValue{Var: lastName, Value: conversion.Text("Lee")})
	reconcile.Observe(l, &later, s)
	if f := l.Field(lastName); f.Claim.Made() || f.Settled != 1 || f.Intent != (conversion.Intent{}) {
		t.Errorf("our own value came back as a claim: %+v", f)
	}
}

// storedAs is a record as it is read back, modified in the second by the user.
func storedAs(id string, at int, by string, fields ...conversion.FieldValue) conversion.Record {
	return conversion.Record{
		Ref: refOf(id), ModifiedBy: by, Key: "a@b.test", KeyRead: true, Fields: fields,
		Reading: conversion.Reading{Modstamp: second(at), Modified: second(at), Asked: second(at)},
	}
}

func TestOnlyAFormerLifesDeletedRecordsAreNothingToANewOne(t *testing.T) {
	t.Parallel()
	rules := conversion.DefaultRules()
	rules.ContactsCreated = conversion.TargetLeads
	for _, row := range []struct {
		because string
		state   conversion.LinkState
		linked  conversion.Moment
		want    conversion.Object
	}{
		{"deleted in Salesforce before this life began", conversion.LinkDeleted, second(1), conversion.Lead},
		{"deleted in Salesforce in this life: it is not resurrected", conversion.LinkDeleted, second(5), ""},
		{"linked still, from before", conversion.LinkLive, second(1), ""},
		{"merged before: its winner may be there", conversion.LinkMerged, second(1), ""},
		{"another org's", conversion.LinkMoved, second(1), ""},
	} {
		g := conversion.Group{
			Entity: &conversion.Entity{
				ID: "e", Kind: conversion.KindContact, Key: "jo@acme.example", Origin: conversion.OriginAPI,
				Birth: rules.Reach(), Created: second(3),
			},
			Links: []*conversion.Link{{Ref: conversion.Ref{Object: conversion.Lead, ID: "1"}, State: row.state, Linked: row.linked}},
		}
		if got, _ := reconcile.CreateAs(g, rules); got != row.want {
			t.Errorf("%s: created as %q, want %q", row.because, got, row.want)
		}
	}
}

func TestAnIntentToCreateKnowsTheRecordItMakes(t *testing.T) {
	t.Parallel()
	const firstName conversion.VarID = 16
	for want, first := range map[string]string{"Lee": "", "Bo Lee": "Bo"} {
		g, terms := tied(), terms(conversion.DefaultRules(), 9)
		g.Entity.Key = "bo@lee.example"
		terms.Rules.Defaults = map[string]string{"Lead.Company": "Acme"}
		owns(g, lastName, conversion.Text("Lee"), 1)
		owns(g, firstName, conversion.Text(first), 1)
		reconcile.Create(g, personSchema(), conversion.Lead, terms)
		if c := g.Entity.Creating; c.Name != want || c.Key != "bo@lee.example" {
			t.Errorf("the intent is %+v, want the name %q", *c, want)
		}
	}
	g, s := tied(), conversion.NewSchema(conversion.KindCompany, []conversion.Variable{{
		ID: conversion.NameVar, Kind: conversion.KindCompany, Key: "name", Mode: conversion.ModeTwoWay,
		Fields: []conversion.Field{{Object: conversion.Account, Name: "Name", Createable: true, Required: true}},
	}})
	g.Entity.Kind = conversion.KindCompany
	owns(g, conversion.NameVar, conversion.Text("Acme"), 1)
	if reconcile.Create(g, s, conversion.Account, terms(conversion.DefaultRules(), 9)); g.Entity.Creating.Name != "Acme" {
		t.Errorf("the intent is %+v", g.Entity.Creating)
	}
}

func TestWhatACreateSentIsKnownAgainOnTheRecordThatIsFound(t *testing.T) {
	t.Parallel()
	s := personSchema()
	g := tied()
	owns(g, title, conversion.Text("CEO"), 2)
	owns(g, lastName, conversion.Text("Lee"), 2)
	reconcile.Create(g, s, conversion.Contact, terms(sendAll, 3))
	owns(g, title, conversion.Text("Chair"), 4)

	l := reconcile.Adopt(g, refOf("C9"))
	g.Put(l)
	rec := conversion.Record{Ref: l.Ref, Reading: conversion.Reading{Modstamp: second(7), Modified: second(7), Asked: second(9)}}
	rec.Fields = []conversion.FieldValue{{Var: title, Value: conversion.Text("CEO")}, {Var: lastName, Value: conversion.Text("Li")}}
	reconcile.Observe(l, &rec, s)
	reconcile.Resolve(g, s)

	if got := g.Entity.Value(title); got != conversion.Text("Chair") || l.Field(title).Claim.Made() {
		t.Errorf("our own echo, come late, is %#v: %+v", got, l.Field(title))
	}
	if got := g.Entity.Value(lastName); got != conversion.Text("Li") {
		t.Errorf("what Salesforce made of our value is %#v", got)
	}
	plan := reconcile.Send(g, s, terms(sendAll, 10))
	if len(plan.Writes) != 1 || said(plan.Writes[0]) != "Title=Chair#3" {
		t.Errorf("sent is %+v", plan.Writes)
	}
}

// Others may have come with the address that the record was made with.
func TestARecordThatIsFoundIsDecidedAboutWhereItsEmailWasEditedSince(t *testing.T) {
	t.Parallel()
	for key, pending := range map[string]bool{"a@b.test": false, "new@b.test": true} {
		g := tied()
		owns(g, lastName, conversion.Text("Lee"), 2)
		reconcile.Create(g, personSchema(), conversion.Contact, terms(sendAll, 3))
		g.Entity.Key = key
		if l := reconcile.Adopt(g, refOf("C9")); l.Pending != pending || l.Placed != "a@b.test" {
			t.Errorf("with the key %s the link is %+v", key, l)
		}
	}
}

func TestARequestToCreateThatWasSentTwiceIsKnownAgainHoweverLateItLands(t *testing.T) {
	t.Parallel()
	s := personSchema()
	for how, link := range map[string]func(conversion.Group, conversion.Write, conversion.Record) *conversion.Link{
		"the second was answered": func(g conversion.Group, w conversion.Write, rec conversion.Record) *conversion.Link {
			return reconcile.Created(g, "C9", w, &rec, s, terms(sendAll, 4))
		},
		"what they made was found": func(g conversion.Group, _ conversion.Write, rec conversion.Record) *conversion.Link {
			l := reconcile.Adopt(g, refOf("C9"))
			reconcile.Observe(l, &rec, s)
			return l
		},
	} {
		g := tied()
		owns(g, title, conversion.Text("CEO"), 1)
		owns(g, lastName, conversion.Text("Lee"), 1)
		plan := reconcile.Create(g, s, conversion.Contact, terms(sendAll, 3))
		g.Entity.Creating.Again = true
		rec := storedAs("C9", 4, self, conversion.FieldValue{Var: title, Value: conversion.Text("CEO")}, conversion.FieldValue{Var: lastName, Value: conversion.Text("Lee")})
		l := link(g, plan.Writes[0], rec)
		g.Put(l)
		owns(g, title, conversion.Text("Chair"), 5)
		if plan := reconcile.Send(g, s, terms(sendAll, 6)); !plan.Empty() || !plan.Left.Waiting && plan.Left.Held == 0 {
			t.Errorf("%s: an edit does not wait for the other: %+v", how, plan)
		}
		over := storedAs("C9", 4, self, rec.Fields...)
		over.Reading.Asked = second(604)
		reconcile.Observe(l, &over, s)
		if plan := reconcile.Send(g, s, terms(sendAll, 605)); len(plan.Writes) != 1 || said(plan.Writes[0]) != "Title=Chair#3" {
			t.Errorf("%s: sent once its time is over is %+v", how, plan.Writes)
		}
	}
}

func TestOnlyTheSameRequestToCreateIsARepetition(t *testing.T) {
	t.Parallel()
	for because, row := range map[string]struct {
		change func(*conversion.Creation)
		want   bool
	}{
		"it is the same, later":        {func(c *conversion.Creation) { c.At, c.Number = second(9), 9 }, true},
		"another value is sent":        {func(c *conversion.Creation) { c.Sent[0].Value = conversion.Text("CFO") }, false},
		"the same is sent for a newer": {func(c *conversion.Creation) { c.Sent[0].Number = 8 }, false},
		"a value is not sent any more": {func(c *conversion.Creation) { c.Sent = nil }, false},
		"it has another e-mail":        {func(c *conversion.Creation) { c.Key = "b@b.test" }, false},
		"it is for another object":     {func(c *conversion.Creation) { c.Object = conversion.Contact }, false},
		"it makes a record of its own": {func(c *conversion.Creation) { c.Keyed = false }, false},
	} {
		earlier := conversion.Creation{Object: conversion.Lead, At: second(1), Number: 7, Keyed: true, Key: "a@b.test", Sent: []conversion.Sent{{Var: title, Value: conversion.Text("CEO"), Number: 7}}}
		later := earlier
		later.Sent = slices.Clone(earlier.Sent)
		row.change(&later)
		if got := reconcile.Repeats(&earlier, &later); got != row.want {
			t.Errorf("%s: %t", because, got)
		}
	}
	if reconcile.Repeats(&conversion.Creation{Keyed: true}, nil) {
		t.Error("nothing is sent")
	}
}

func TestARecordIsLikeTheCreateWhoseValuesItHolds(t *testing.T) {
	t.Parallel()
	c := conversion.Creation{Sent: []conversion.Sent{{Var: title, Value: conversion.Text("CEO")}, {Var: lastName, Value: conversion.Text("Lee")}}}
	for _, row := range []struct {
		because string
		fields  []conversion.FieldValue
		want    int
	}{
		{"it holds all that was sent", []conversion.FieldValue{{Var: title, Value: conversion.Text("CEO")}, {Var: lastName, Value: conversion.Text("Lee")}}, 2},
		{"what was not sent says nothing", []conversion.FieldValue{{Var: staff, Value: conversion.Text("9")}, {Var: lastName, Value: conversion.Text("Lee")}}, 1},
		{"another value speaks against it", []conversion.FieldValue{{Var: title, Value: conversion.Text("CFO")}, {Var: lastName, Value: conversion.Text("Lee")}}, 0},
		{"so does none", []conversion.FieldValue{{Var: title, Value: conversion.Null}}, -1},
		{"what was not read says nothing", nil, 0},
	} {
		if got := reconcile.Likeness(&c, &conversion.Record{Fields: row.fields}); got != row.want {
			t.Errorf("%s: %d, want %d", row.because, got, row.want)
		}
	}
}
