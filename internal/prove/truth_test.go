package prove_test

import (
	"reflect"
	"slices"

	"conversion"
	"conversion/internal/sandbox"
)

// truth is what really happened in the org: every change of every field that is synced, by
// whom, in the order in which they were made. The engine never sees it.
type truth struct {
	org    *sandbox.Org
	known  []conversion.Ref // in the order in which they were made
	rows   map[conversion.Ref]row
	ended  map[conversion.Ref]bool // was deleted or converted at some time
	events []event
	model  *model
}

// event is one change of one field.
type event struct {
	ref    conversion.Ref
	field  string
	before any
	after  any
	ours   bool             // made by the engine
	sent   conversion.Value // what the engine sent, if it was
	own    *ownClaim        // what it was to send; nil: a default of the admin's
}

func newTruth(org *sandbox.Org) *truth {
	return &truth{org: org, rows: make(map[conversion.Ref]row), ended: make(map[conversion.Ref]bool)}
}

func (t *truth) refs(o conversion.Object) []conversion.Ref {
	var refs []conversion.Ref
	for _, ref := range t.known {
		if ref.Object == o {
			refs = append(refs, ref)
		}
	}
	return refs
}

// row is what the org shows of a record.
func (t *truth) row(ref conversion.Ref) (row, bool) {
	r, ok := t.rows[ref]
	return r, ok
}

func (t *truth) add(ref conversion.Ref) {
	if !slices.Contains(t.known, ref) {
		t.known = append(t.known, ref)
	}
}

// happened notes what others did to the records, or to all of them.
func (t *truth) happened(refs ...conversion.Ref) {
	if refs == nil {
		refs = t.known
	}
	for _, ref := range refs {
		t.note(ref, nil)
	}
}

// wrote notes what the engine did.
func (t *truth) wrote(w conversion.Write) {
	t.note(w.Ref, &w)
	if w.Action == conversion.ActionDelete {
		t.happened() // an Account takes its Contacts along
	}
	if w.Action == conversion.ActionCreate && !slices.Contains(t.model.made[w.EntityID], w.Ref) { // one by the External Id field may come again
		t.model.made[w.EntityID] = append(t.model.made[w.EntityID], w.Ref)
	}
}

// refused is told of what Salesforce would not take.
func (t *truth) refused(w conversion.Write, err *conversion.RemoteError) { t.model.refused(w, err) }

func (t *truth) note(ref conversion.Ref, ours *conversion.Write) {
	fields, ok := t.org.Get(ref.ID)
	if !ok {
		delete(t.rows, ref)
		return
	}
	before, now := t.rows[ref].fields, newRow(fields)
	t.rows[ref] = now
	t.ended[ref] = t.ended[ref] || now.deleted || now.converted
	for _, f := range fieldsOf(ref.Object) {
		e := event{ref: ref, field: f.Name, before: before[f.Name], after: fields[f.Name]}
		if ours != nil {
			if i := slices.IndexFunc(ours.Fields, func(w conversion.FieldWrite) bool { return w.Field == f.Name }); i >= 0 {
				f := ours.Fields[i]
				e.ours, e.sent, e.own = true, f.Value, t.model.sent[sending{ours.EntityID, f.Var, f.Number}]
			}
		}
		if e.ours || !reflect.DeepEqual(e.before, e.after) {
			t.events = append(t.events, e)
		}
	}
}

// fieldsOf are the fields of the object that the engine is shown.
func fieldsOf(o conversion.Object) []conversion.Field {
	for _, def := range described {
		if def.Object == o {
			return def.Fields
		}
	}
	return nil
}

// since returns the changes of a field from the event of that number on.
func (t *truth) since(ref conversion.Ref, field string, from int) []event {
	var events []event
	for _, e := range t.events[from:] {
		if e.ref == ref && e.field == field {
			events = append(events, e)
		}
	}
	return events
}
