package gateway_test

import (
	"errors"
	"slices"
	"testing"

	"conversion"
)

// loadOf is a load of all Leads that Salesforce has gathered.
func (w *world) loadOf(s *conversion.Schema) conversion.Load {
	w.Helper()
	l, err := w.gate.BeginLoad(w.Context(), s, conversion.Lead, conversion.Cursor{})
	for err == nil && !l.Ready {
		l, err = w.gate.AskLoad(w.Context(), l)
	}
	w.ok(err)
	return l
}

func (w *world) readLoad(l conversion.Load, take func([]conversion.Record) error) error {
	w.Helper()
	r := conversion.LoadRequest{Load: l, Rows: 10, Batch: 10, Opened: func(conversion.LoadedPage) error { return nil }}
	return w.gate.LoadRecords(w.Context(), w.contacts, r, take)
}

// A field that the job was not asked for was not read; one that is known no more is no one's.
func TestALoadMadeUnderAnotherSchemaBringsWhatItWasAskedFor(t *testing.T) {
	t.Parallel()
	w := newWorld(t).described()
	w.lead("ann@acme.example", fields{"Title": "Clerk", "Phone": "555-0100"})
	title := varOf(t, w.contacts, "job_title")
	fewer := conversion.NewSchema(conversion.KindContact, slices.DeleteFunc(slices.Clone(w.contacts.Variables), func(v conversion.Variable) bool { return v.ID == title }))
	old := w.loadOf(fewer)
	var got []conversion.Record
	w.ok(w.readLoad(old, func(r []conversion.Record) error { got = append(got, r...); return nil }))
	if len(got) != 1 || !got[0].Value(title).Absent() || got[0].Value(varOf(t, w.contacts, "phone")) != conversion.Text("555-0100") || got[0].Key != "ann@acme.example" {
		t.Errorf("%+v", got)
	}
	if got[0].Reading.Asked != old.Asked || old.Total != 1 || old.Began == 0 {
		t.Errorf("read at %d by %+v", got[0].Reading.Asked, old)
	}
}

func varOf(t *testing.T, s *conversion.Schema, key string) conversion.VarID {
	t.Helper()
	for _, v := range s.Variables {
		if v.Key == key {
			return v.ID
		}
	}
	t.Fatalf("no variable %s", key)
	return 0
}

func TestWhatATakerOfALoadSaysComesBackAsItIs(t *testing.T) {
	t.Parallel()
	w := newWorld(t).described()
	w.lead("ann@acme.example", nil)
	stale := &conversion.StaleError{}
	err := w.readLoad(w.loadOf(w.contacts), func([]conversion.Record) error { return stale })
	if _, wrapped := errors.AsType[*conversion.Error](err); wrapped || !errors.Is(err, stale) {
		t.Errorf("got %v", err)
	}
}

func TestALoadWhoseJobIsGoneIsLost(t *testing.T) {
	t.Parallel()
	w := newWorld(t).described()
	l := w.loadOf(w.contacts)
	w.ok(w.gate.EndLoad(t.Context(), l))
	_, asked := w.gate.AskLoad(t.Context(), l)
	for _, err := range []error{asked, w.readLoad(l, nil)} {
		var lost *conversion.LoadLostError
		if !errors.As(err, &lost) || lost.Object != conversion.Lead {
			t.Errorf("got %v", err)
		}
	}
}
