package reconcile_test

import (
	"testing"
	"time"

	"conversion"
	"conversion/internal/reconcile"
)

// refusal lets Salesforce refuse an update of the title in the second, and returns its hold.
func refusal(g conversion.Group, action conversion.Action, number int64, code string, fields []string, at int) conversion.FieldHold {
	w := conversion.Write{Action: action, Ref: conversion.Ref{Object: conversion.Lead}, EntityID: "e", Fields: []conversion.FieldWrite{
		{Field: "Title", Var: title, Value: conversion.Text("ours"), Number: number}, {Field: "Status", Var: status, Value: conversion.Text("Open"), Number: number},
	}}
	holds := &g.Entity.Holds
	if action != conversion.ActionCreate {
		w.Ref, holds = refOf("L1"), &g.Link(refOf("L1")).Holds
	}
	f := conversion.RemoteError{Code: code, Fields: fields, Fix: conversion.FixConversion}
	reconcile.Hold(g, w, &f, schema(), terms(sendAll, at))
	i := 0
	if len(fields) > 0 {
		i, _ = conversion.FindHold(*holds, title)
	}
	return (*holds)[i]
}

// TestSinceWhenAndHowOftenSomethingIsRefused is what people are told of a hold (spec 4.9).
func TestSinceWhenAndHowOftenSomethingIsRefused(t *testing.T) {
	t.Parallel()
	title := []string{"Title"}
	for _, row := range []struct {
		because string
		action  conversion.Action
		first   int64 // the claim that was refused first, 0: none was
		again   int64
		fields  []string
		born    bool // it was left out when the record was made
		want    conversion.FieldHold
	}{
		{"a value that is refused", conversion.ActionUpdate, 0, 1, title, false, conversion.FieldHold{Since: second(20), Tries: 1}},
		{"the same value again", conversion.ActionUpdate, 1, 1, title, false, conversion.FieldHold{Since: second(10), Tries: 2}},
		{"another value", conversion.ActionUpdate, 1, 2, title, false, conversion.FieldHold{Since: second(20), Tries: 1}},
		{"a record, whatever was edited since", conversion.ActionUpdate, 1, 2, nil, false, conversion.FieldHold{Since: second(10), Tries: 2}},
		{"a value of a new record", conversion.ActionCreate, 0, 1, title, false, conversion.FieldHold{Since: second(20), Tries: 1, Born: true}},
		{"what was left out of a new record, again", conversion.ActionUpdate, 1, 1, title, true, conversion.FieldHold{Since: second(10), Tries: 2, Born: true}},
		{"another value of what was left out", conversion.ActionUpdate, 1, 2, title, true, conversion.FieldHold{Since: second(20), Tries: 1}},
	} {
		g := tied("L1")
		if row.first > 0 {
			g.Entity.Numbers = row.first
			refusal(g, row.action, row.first, "STRING_TOO_LONG", row.fields, 10)
			g.Links[0].Holds[0].Born = row.born
		}
		g.Entity.Numbers = row.again
		h := refusal(g, row.action, row.again, "STRING_TOO_LONG", row.fields, 20)
		if h.Since != row.want.Since || h.Tries != row.want.Tries || h.Born != row.want.Born {
			t.Errorf("%s: since %v, %d tries, left out %v", row.because, h.Since, h.Tries, h.Born)
		}
	}
}

// TestADuplicateIsLookedUpSoon holds that a create which a duplicate rule refused is tried
// again at once, by looking for whom the rule found (spec 4.2); if that is of no use, it
// waits for a person.
func TestADuplicateIsLookedUpSoon(t *testing.T) {
	t.Parallel()
	const duplicate = "DUPLICATES_DETECTED"
	for _, row := range []struct {
		because string
		action  conversion.Action
		code    string
		tries   int
		want    time.Duration
	}{
		{"a create for the first time", conversion.ActionCreate, duplicate, 1, 15 * time.Second},
		{"a create for the second time", conversion.ActionCreate, duplicate, 2, 2 * time.Hour},
		{"a create that anything else refuses", conversion.ActionCreate, "STRING_TOO_LONG", 1, time.Hour},
		{"an update", conversion.ActionUpdate, duplicate, 1, time.Hour},
	} {
		g := tied("L1")
		var h conversion.FieldHold
		for range row.tries {
			h = refusal(g, row.action, 1, row.code, nil, 10)
		}
		if got := h.Retry.Sub(second(10)); got < row.want*4/5 || got > row.want*6/5 {
			t.Errorf("%s: waits %v, want about %v", row.because, got, row.want)
		}
	}
}

// TestWhatIsRequiredIsHeldAloneOnceTheRecordIsThere holds that only a new record depends on
// its required fields and its e-mail.
func TestWhatIsRequiredIsHeldAloneOnceTheRecordIsThere(t *testing.T) {
	t.Parallel()
	for because, row := range map[string]struct {
		action conversion.Action
		field  string
		v      conversion.VarID
		whole  bool
	}{
		"a new record is not made without a required field": {conversion.ActionCreate, "LastName", lastName, true},
		"nor without its e-mail":                            {conversion.ActionCreate, "Email", conversion.EmailVar, true},
		"an update goes without a required field":           {conversion.ActionUpdate, "LastName", lastName, false},
		"and without its e-mail":                            {conversion.ActionUpdate, "Email", conversion.EmailVar, false},
	} {
		g := tied("L1")
		w := conversion.Write{Action: row.action, Ref: refOf("L1"), EntityID: "e", Fields: []conversion.FieldWrite{
			{Field: row.field, Var: row.v, Value: conversion.Text("x"), Number: 1}, {Field: "Title", Var: title, Value: conversion.Text("y"), Number: 1},
		}}
		f := conversion.RemoteError{Code: "STRING_TOO_LONG", Fields: []string{row.field}, Fix: conversion.FixConversion}
		reconcile.Hold(g, w, &f, personSchema(), terms(sendAll, 5))
		holds := g.Links[0].Holds
		if row.action == conversion.ActionCreate {
			holds = g.Entity.Holds
		}
		if len(holds) != 1 || holds[0].Whole() != row.whole {
			t.Errorf("%s: %+v", because, holds)
		}
	}
}

// TestWhatAWriteReleases is about holds of a record that took a write.
func TestWhatAWriteReleases(t *testing.T) {
	t.Parallel()
	some := []conversion.FieldWrite{{Field: "Status", Var: status}}
	for _, row := range []struct {
		because string
		hold    conversion.VarID
		fields  []conversion.FieldWrite
		change  func(conversion.Group)
		want    bool
	}{
		{"the record's own, when it took something", 0, some, nil, true},
		{"not when it was asked to take nothing", 0, nil, nil, false},
		{"a field's that is not dealt with stays", title, some, nil, false},
		{"a field's that is dealt with", title, some, func(g conversion.Group) { g.Links[0].Field(title).Settled = 1 }, true},
		{"a field's of which nothing is claimed here any more", title, some, func(g conversion.Group) { g.Entity.Own = nil }, true},
		{"a field's that the record does not have", title, some, func(g conversion.Group) { g.Links[0].Fields = nil }, true},
	} {
		g := tied("L1")
		l := g.Links[0]
		l.Holds = []conversion.FieldHold{{Var: row.hold, Number: 1}}
		owns(g, title, conversion.Text("ours"), 1)
		l.Ensure(title)
		if row.change != nil {
			row.change(g)
		}
		reconcile.Release(g.Entity, l, conversion.Write{Fields: row.fields})
		if released := len(l.Holds) == 0; released != row.want {
			t.Errorf("%s: released %v", row.because, released)
		}
	}
}

// TestWhatWasLeftOutOfANewRecordGoesByTheRuleForCreating even where no updates are sent: it
// is part of its making (spec 4.9, 5).
func TestWhatWasLeftOutOfANewRecordGoesByTheRuleForCreating(t *testing.T) {
	t.Parallel()
	creates := conversion.DefaultRules()
	creates.ContactsCreated = conversion.TargetLeads
	for _, row := range []struct {
		because string
		hold    conversion.FieldHold
		sent    bool
	}{
		{"left out when it was made", conversion.FieldHold{Var: title, Field: "Title", Number: 1, Born: true}, true},
		{"edited since", conversion.FieldHold{Var: title, Field: "Title", Number: 7, Born: true}, false},
		{"refused of an update", conversion.FieldHold{Var: title, Field: "Title", Number: 1}, false},
	} {
		g := tied("L1")
		holds(g, "L1", title, conversion.Null, 1)
		owns(g, title, conversion.Text("ours"), 2)
		g.Links[0].Holds = []conversion.FieldHold{row.hold}
		if plan := reconcile.Send(g, schema(), terms(creates, 9)); (len(plan.Writes) > 0) != row.sent || plan.Left.Parked == row.sent {
			t.Errorf("%s: sent %+v, left %+v", row.because, plan.Writes, plan.Left)
		}
	}
}

// TestWhatHeldFieldsAreSaidToWaitFor is about fields that are held along with others, and
// those that are not.
func TestWhatHeldFieldsAreSaidToWaitFor(t *testing.T) {
	t.Parallel()
	whole := conversion.FieldHold{Code: "X", Field: "Other"}
	refused, along := conversion.FieldHold{Var: title, Code: "X", Field: "Title"}, conversion.FieldHold{Var: status, With: title, Code: "X", Field: "Status"}
	for _, row := range []struct {
		because string
		holds   []conversion.FieldHold
		i       int
		cause   string
		waits   bool
	}{
		{"one that was refused itself", []conversion.FieldHold{refused}, 0, "X:Lead.Title", false},
		{"one beside a held record", []conversion.FieldHold{whole, refused}, 1, "X:Lead.Title", false},
		{"one that is held along", []conversion.FieldHold{refused, along}, 1, "X:Lead.Title", true},
		{"one whose other is not held any more", []conversion.FieldHold{along}, 0, "X:Lead.Status", false},
	} {
		g := tied("L1")
		g.Links[0].Holds = row.holds
		got := reconcile.HeldRows(g, "")[row.i]
		if got.Cause != row.cause || (got.Message == "It waits for Title, with which it has to fit. ") != row.waits {
			t.Errorf("%s: %+v", row.because, got)
		}
	}
}

// TestRetryWakesOnlyWhatIsChosen holds that nobody has something to send for a retry of
// others.
func TestRetryWakesOnlyWhatIsChosen(t *testing.T) {
	t.Parallel()
	for _, chosen := range []bool{true, false} {
		g := tied("L1")
		g.Entity.Retry = second(99)
		g.Links[0].Holds = []conversion.FieldHold{{Var: title, Code: "X", Field: "Title", Retry: second(50)}}
		n := reconcile.Retry(g, "", func(conversion.Held) bool { return chosen }, second(5))
		e := g.Entity
		if woken := e.Dirty == second(5) && e.Retry == 0; woken != chosen || (n == 1) != chosen || (e.Dirty == 0) == chosen {
			t.Errorf("chosen %v: %d holds, dirty since %v, not before %v", chosen, n, e.Dirty, e.Retry)
		}
	}
}

// TestSinceWhenAFieldMayNotBeWritten is kept as long as the reason is the same.
func TestSinceWhenAFieldMayNotBeWritten(t *testing.T) {
	t.Parallel()
	for code, since := range map[string]conversion.Moment{conversion.HoldNotWritable: second(3), conversion.HoldFieldGone: second(9)} {
		g, s := tied("L1"), schema()
		for i := range s.ByID(title).Fields {
			s.ByID(title).Fields[i].Updateable = false
		}
		holds(g, "L1", title, conversion.Null, 1)
		owns(g, title, conversion.Text("ours"), 2)
		g.Links[0].Holds = []conversion.FieldHold{{Var: title, Code: code, Number: 1, Since: second(3), Born: true}}
		reconcile.Send(g, s, terms(sendAll, 9))
		if h := g.Links[0].Holds; len(h) != 1 || h[0].Code != conversion.HoldNotWritable || h[0].Since != since || h[0].Born != (since == second(3)) {
			t.Errorf("held before for %s: %+v", code, h)
		}
	}
}

// TestTheFirstOfSeveralHoldsIsWaitedFor holds that a contact is planned again when the
// earliest of what is held may go.
func TestTheFirstOfSeveralHoldsIsWaitedFor(t *testing.T) {
	t.Parallel()
	for _, retries := range [][2]int{{50, 60}, {60, 50}} {
		g := tied("L1")
		var list []conversion.FieldHold
		for i, v := range []conversion.VarID{title, status} {
			holds(g, "L1", v, conversion.Null, 1)
			owns(g, v, conversion.Text("ours"), 2)
			list = append(list, conversion.FieldHold{Var: v, Number: int64(i + 1), Code: "X", Retry: second(retries[i]), Shape: schema().ByID(v).Fields[0].Shape()})
		}
		g.Links[0].Holds = list
		if plan := reconcile.Send(g, schema(), terms(sendAll, 9)); plan.Left.Held != second(50) {
			t.Errorf("held until %v and %v: it waits until %v", second(retries[0]), second(retries[1]), plan.Left.Held)
		}
	}
}

// TestRetryDecidesAgainWhoseARecordIs that is held for its e-mail, if it is chosen (spec
// 3.12, 4.9).
func TestRetryDecidesAgainWhoseARecordIs(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		because string
		state   conversion.LinkState
		chosen  bool
		want    bool
	}{
		{"held and chosen", conversion.LinkHeld, true, true},
		{"held and not chosen", conversion.LinkHeld, false, false},
		{"not held for its e-mail", conversion.LinkLive, true, false},
	} {
		g := tied("L1")
		g.Links[0].State = row.state
		reconcile.Retry(g, "", func(conversion.Held) bool { return row.chosen }, second(5))
		if g.Links[0].Pending != row.want {
			t.Errorf("%s: to be decided %v", row.because, g.Links[0].Pending)
		}
	}
}
