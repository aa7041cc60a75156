package store

import (
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"

	"conversion"
)

func TestWhatIsStoredIsReadBackAsItWas(t *testing.T) {
	t.Parallel()
	t.Run("own claims", rapid.MakeCheck(func(t *rapid.T) {
		want := rapid.SliceOfN(rapid.Custom(drawOwnClaim), 0, 12).Draw(t, "claims")
		got, err := decodeOwn(encodeOwn(want))
		sameAfterStoring(t, got, want, err)
	}))
	t.Run("resolved values", rapid.MakeCheck(func(t *rapid.T) {
		want := rapid.SliceOfN(rapid.Custom(drawResolved), 0, 12).Draw(t, "values")
		got, err := decodeResolved(encodeResolved(want))
		sameAfterStoring(t, got, want, err)
	}))
	t.Run("fields of a link", rapid.MakeCheck(func(t *rapid.T) {
		newest := drawReading(t)
		want := rapid.SliceOfN(rapid.Custom(drawFieldState(newest)), 0, 12).Draw(t, "fields")
		got, err := decodeFields(encodeFields(want, newest), newest)
		sameAfterStoring(t, got, want, err)
	}))
	t.Run("an unfinished create", rapid.MakeCheck(func(t *rapid.T) {
		want := rapid.Ptr(rapid.Custom(drawCreation), true).Draw(t, "creation")
		got, err := decodeCreation(encodeCreation(want), "")
		sameAfterStoring(t, got, want, err)
	}))
	t.Run("a value alone", rapid.MakeCheck(func(t *rapid.T) {
		want := drawValue(t)
		got, err := decodeValue(encodeValue(want))
		sameAfterStoring(t, got, want, err)
	}))
}

func sameAfterStoring[T any](t *rapid.T, got, want T, err error) {
	if err != nil {
		t.Fatal(err)
	}
	values := cmp.Comparer(func(a, b conversion.Value) bool { return a == b })
	if diff := cmp.Diff(want, got, values, cmpopts.EquateEmpty()); diff != "" {
		t.Fatalf("read back differs (-want +got):\n%s", diff)
	}
}

func drawValue(t *rapid.T) conversion.Value {
	form := rapid.Uint8Range(0, 8).Draw(t, "form")
	text := ""
	if form > 1 {
		text = rapid.String().Draw(t, "text")
	}
	v, err := conversion.FromStored(form, text)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func drawMoment(t *rapid.T) conversion.Moment {
	return conversion.Moment(rapid.OneOf(rapid.Int64Range(0, 3), rapid.Int64()).Draw(t, "moment"))
}

func drawActor(t *rapid.T) conversion.Actor {
	kind := rapid.SampledFrom([]conversion.ActorKind{"", conversion.ActorUser, conversion.ActorAPIKey, conversion.ActorImport,
		conversion.ActorSalesforce, conversion.ActorSystem, "of another kind"}).Draw(t, "actor")
	return conversion.Actor{Kind: kind, ID: rapid.StringN(0, 4, -1).Draw(t, "actor id")}
}

func drawObject(t *rapid.T) conversion.Object {
	return rapid.SampledFrom([]conversion.Object{"", conversion.Lead, conversion.Contact, conversion.Account,
		conversion.Task, conversion.Event, conversion.User, "Custom__c"}).Draw(t, "object")
}

func drawVariable(t *rapid.T) conversion.VarID {
	return conversion.VarID(rapid.Int32().Draw(t, "variable"))
}

func drawReading(t *rapid.T) conversion.Reading {
	return conversion.Reading{Modstamp: drawMoment(t), Asked: drawMoment(t), Modified: drawMoment(t)}
}

func drawOwnClaim(t *rapid.T) conversion.OwnClaim {
	return conversion.OwnClaim{
		Var:    drawVariable(t),
		Value:  drawValue(t),
		At:     drawMoment(t),
		Number: rapid.Int64().Draw(t, "number"),
		Reach:  conversion.Reach(rapid.Uint16().Draw(t, "reach")),
		Weak:   rapid.Bool().Draw(t, "weak"),
		Local:  rapid.Bool().Draw(t, "local"),
		By:     drawActor(t),

		Counted: drawMoment(t),
	}
}

func drawResolved(t *rapid.T) conversion.Resolved {
	return conversion.Resolved{
		Var:   drawVariable(t),
		Value: drawValue(t),
		At:    drawMoment(t),
		From:  conversion.Ref{Object: drawObject(t), ID: rapid.StringN(0, 3, -1).Draw(t, "record")},
		By:    drawActor(t),
	}
}

func drawCreation(t *rapid.T) conversion.Creation {
	var sent []conversion.Sent
	for range rapid.IntRange(0, 2).Draw(t, "sent") {
		sent = append(sent, conversion.Sent{Var: drawVariable(t), Value: drawValue(t), Number: rapid.Int64().Draw(t, "number")})
	}
	return conversion.Creation{
		Sent:   sent,
		Object: drawObject(t),
		At:     drawMoment(t),
		Number: rapid.Int64().Draw(t, "number"),
		Lost:   drawMoment(t),
		Keyed:  rapid.Bool().Draw(t, "keyed"),
		Again:  rapid.Bool().Draw(t, "again"),
		Key:    rapid.StringN(0, 3, -1).Draw(t, "key"),
		Name:   rapid.StringN(0, 3, -1).Draw(t, "name"),
	}
}

// drawFieldState draws usual fields, whose claim is what was seen and whose reading is
// the link's newest, as often as unusual ones.
func drawFieldState(newest conversion.Reading) func(t *rapid.T) conversion.FieldState {
	return func(t *rapid.T) conversion.FieldState {
		f := conversion.FieldState{Var: drawVariable(t), Seen: drawValue(t), Reading: newest}
		if rapid.Bool().Draw(t, "read before") {
			f.Reading = drawReading(t)
		}
		if rapid.Bool().Draw(t, "claimed") {
			f.Claim = drawClaim(t, f.Seen)
		}
		f.Settled = rapid.OneOf(rapid.Int64Range(0, 2), rapid.Int64()).Draw(t, "settled")
		if rapid.Bool().Draw(t, "intended") {
			f.Intent = conversion.Intent{Value: drawValue(t), Number: rapid.Int64Min(1).Draw(t, "intended number"), At: drawMoment(t), Again: rapid.Bool().Draw(t, "again")}
		}
		return f
	}
}

func drawClaim(t *rapid.T, seen conversion.Value) conversion.Claim {
	c := conversion.Claim{
		Value:   seen,
		At:      drawMoment(t),
		By:      rapid.StringN(0, 2, -1).Draw(t, "by"),
		Weak:    rapid.Bool().Draw(t, "weak"),
		Answers: rapid.Int64Range(-1, 2).Draw(t, "answers"),
	}
	if rapid.Bool().Draw(t, "differs") {
		c.Value = drawValue(t)
	}
	return c
}

func drawHold(t *rapid.T) conversion.FieldHold {
	word := func(name string) string { return rapid.StringN(0, 3, -1).Draw(t, name) }
	return conversion.FieldHold{
		Var: drawVariable(t), With: drawVariable(t), Field: word("field"), Number: rapid.Int64().Draw(t, "number"),
		Code: word("code"), Message: word("message"), Hint: word("hint"), Fix: conversion.Fix(word("fix")),
		Since: drawMoment(t), Retry: drawMoment(t), Tries: rapid.Int().Draw(t, "tries"), By: word("by"),
		Shape: rapid.Uint64().Draw(t, "shape"), Born: rapid.Bool().Draw(t, "born"),
	}
}

func drawRewrites(t *rapid.T) conversion.Rewrites {
	r := conversion.Rewrites{Var: drawVariable(t), By: rapid.StringN(0, 3, -1).Draw(t, "by")}
	for i := range r.At {
		r.At[i] = drawMoment(t)
	}
	return r
}

func TestHoldsComeBackAsTheyWereStored(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		holds := rapid.SliceOfN(rapid.Custom(drawHold), 0, 3).Draw(t, "holds")
		rewrites := rapid.SliceOfN(rapid.Custom(drawRewrites), 0, 3).Draw(t, "rewrites")
		gotHolds, gotRewrites, err := decodeHolds(encodeHolds(holds, rewrites))
		if err != nil || !slices.Equal(gotHolds, holds) || !slices.Equal(gotRewrites, rewrites) {
			t.Fatalf("got %+v, %+v, %v; want %+v, %+v", gotHolds, gotRewrites, err, holds, rewrites)
		}
	})
	if encodeHolds(nil, nil) != nil {
		t.Fatal("nothing takes room")
	}
}

func TestAUsualFieldOfALinkTakesFourBytesBesidesItsText(t *testing.T) {
	t.Parallel()
	reading := conversion.Reading{Modstamp: 1_700_000_000_000_000, Asked: 1_700_000_000_000_001, Modified: 1_700_000_000_000_000}
	claim := conversion.Claim{At: reading.Modstamp, By: "005000000000001AAA"}
	fields := make([]conversion.FieldState, 40)
	for i := range fields {
		value := conversion.Text("0123456789")
		claim.Value = value
		fields[i] = conversion.FieldState{Var: conversion.VarID(i + 1), Seen: value, Reading: reading, Claim: claim}
	}
	// Variable, flags, form and length of the text; 40 for what the fields share.
	if got, most := len(encodeFields(fields, reading)), 40+40*(4+10); got > most {
		t.Fatalf("40 fields take %d bytes, want at most %d", got, most)
	}
}

func TestDecodingRefusesAnotherVersionAndLeftovers(t *testing.T) {
	t.Parallel()
	good := encodeOwn([]conversion.OwnClaim{{Var: 1, Value: conversion.Text("a")}})
	for name, stored := range map[string][]byte{
		"another version": append([]byte{9}, good[1:]...),
		"cut short":       good[:len(good)-1],
		"with leftovers":  append(good[:len(good):len(good)], 0),
		"version alone":   {codecVersion},
	} {
		if _, err := decodeOwn(stored); err == nil {
			t.Errorf("%s: decoded without an error", name)
		}
	}
}

func FuzzDecodersNeverPanic(f *testing.F) {
	claim := conversion.OwnClaim{Var: 3, Value: conversion.Text("a"), At: 5, Number: 1, Reach: 7}
	f.Add(encodeOwn([]conversion.OwnClaim{claim}))
	f.Add(encodeResolved([]conversion.Resolved{{Var: 3, Value: conversion.Bool(true), At: 5}}))
	f.Add(encodeFields([]conversion.FieldState{{Var: 3, Seen: conversion.Null, Settled: 4}}, conversion.Reading{}))
	f.Add(encodeCreation(&conversion.Creation{Object: conversion.Lead}))
	f.Add(encodeHolds([]conversion.FieldHold{{Var: 3, Code: "X"}}, []conversion.Rewrites{{Var: 4}}))
	f.Fuzz(func(t *testing.T, stored []byte) {
		_, _ = decodeOwn(stored)
		_, _ = decodeResolved(stored)
		_, _ = decodeFields(stored, conversion.Reading{})
		_, _ = decodeCreation(stored, "")
		_, _, _ = decodeHolds(stored)
		_, _ = decodeValue(stored)
	})
}

// What an unfinished create was stored as before more was remembered of it.
func TestAnUnfinishedCreateOfAnOlderDatabaseIsRead(t *testing.T) {
	t.Parallel()
	older := func(parts ...func(*encoder)) []byte {
		e := newEncoder(0)
		e.word(storedObjects, "Contact")
		e.moment(1_700_000_000_000_000)
		e.integer(7)
		for _, part := range parts {
			part(e)
		}
		return e.buf
	}
	want := conversion.Creation{Object: conversion.Contact, At: 1_700_000_000_000_000, Number: 7}
	byKey, named := want, want
	byKey.Key = "jo@acme.example"
	named.Key, named.Name, named.Keyed, named.Lost = "old@acme.example", "Jo Doe", true, 1_700_000_001_000_000
	for name, c := range map[string]struct {
		stored []byte
		want   *conversion.Creation
	}{
		"a request that had left is looked for by the entity's key": {older(func(e *encoder) { e.flags(true) }), &byKey},
		"one that had not left made nothing":                        {older(func(e *encoder) { e.flags(false) }), nil},
		"one that knew the record it makes, and no claims": {older(func(e *encoder) {
			e.moment(named.Lost)
			e.flags(true)
			e.text("old@acme.example")
			e.text("Jo Doe")
		}), &named},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := decodeCreation(c.stored, "jo@acme.example")
			if diff := cmp.Diff(c.want, got); err != nil || diff != "" {
				t.Errorf("read %v (-want +got):\n%s", err, diff)
			}
		})
	}
}
