package gateway

import (
	"cmp"
	"slices"

	"conversion"
	"conversion/internal/salesforce"
)

// batch is one request: writes of one sort, by their places.
type batch struct {
	sort
	writes   []conversion.Write
	places   []int
	outcomes []conversion.Outcome // of all writes
}

// sort is what the writes of one request have in common.
type sort struct {
	action conversion.Action
	object conversion.Object
	upsert bool // a create by ExternalIDField
}

func sortOf(w conversion.Write) sort {
	return sort{w.Action, w.Ref.Object, w.Action == conversion.ActionCreate && w.ExternalID != ""}
}

// rank orders the sorts: what is made and changed before what is deleted, Accounts before
// those who are of them, and the other way round in deletions, for Salesforce deletes an
// Account's Contacts along.
func (s sort) rank() int {
	object := slices.Index([]conversion.Object{conversion.Account, conversion.Contact, conversion.Lead}, s.object)
	switch s.action {
	case conversion.ActionCreate:
		return object
	case conversion.ActionUpdate:
		return 10 + object
	}
	return 20 + (object+2)%3
}

// batches divides the writes into requests. Within a sort, records of one Account are side
// by side: Salesforce locks it for them all.
func batches(writes []conversion.Write) []batch {
	places := make([]int, len(writes))
	for i := range places {
		places[i] = i
	}
	slices.SortStableFunc(places, func(a, b int) int {
		return cmp.Or(
			cmp.Compare(sortOf(writes[a]).rank(), sortOf(writes[b]).rank()),
			cmp.Compare(writes[a].Parent, writes[b].Parent),
		)
	})
	var all []batch
	open := make(map[sort]int)
	for _, place := range places {
		key := sortOf(writes[place])
		i, ok := open[key]
		if !ok || len(all[i].places) == salesforce.MaxRecords {
			i = len(all)
			open[key] = i
			all = append(all, batch{sort: key, writes: writes})
		}
		all[i].places = append(all[i].places, place)
	}
	return all
}

// blame divides a batch that was refused as a whole into the writes to blame and batches
// of others: by the fields that the refusal names, or by halves while it does not say
// what it could not read.
func (b batch) blame(err error) (blamed batch, others []batch) {
	if with, without := b.byFields(namedFields(err)); len(with.places) > 0 {
		if len(without.places) > 0 {
			others = append(others, without)
		}
		return with, others
	}
	if len(b.places) == 1 || !unreadable(err) {
		return b, nil
	}
	return b.only(nil), b.inPiecesOf((len(b.places) + 1) / 2)
}

// byFields divides the writes into those that name one of the fields and the others.
func (b batch) byFields(names []string) (with, without batch) {
	with, without = b.only(nil), b.only(nil)
	for _, place := range b.places {
		if slices.ContainsFunc(b.writes[place].Fields, func(f conversion.FieldWrite) bool { return slices.Contains(names, f.Field) }) {
			with.places = append(with.places, place)
		} else {
			without.places = append(without.places, place)
		}
	}
	return with, without
}

// only returns a batch of just the writes at the places.
func (b batch) only(places []int) batch {
	b.places = places
	return b
}

// failed returns a batch of just the writes that were refused so.
func (b batch) failed(as func(*conversion.RemoteError) bool) batch {
	rest := b.only(nil)
	for _, place := range b.places {
		if f := b.outcomes[place].Failure; f != nil && as(f) {
			rest.places = append(rest.places, place)
		}
	}
	return rest
}

func (b batch) locked() batch {
	return b.failed(func(f *conversion.RemoteError) bool { return f.Code == codeLocked })
}

// unmatched are the creates that a duplicate rule refused without a word of what it found.
func (b batch) unmatched() batch {
	if b.action != conversion.ActionCreate {
		return b.only(nil)
	}
	return b.failed(func(f *conversion.RemoteError) bool { return f.Code == codeDuplicates && len(f.Duplicates) == 0 })
}

func (b batch) inPiecesOf(size int) []batch {
	var pieces []batch
	for places := range slices.Chunk(b.places, max(size, 1)) {
		pieces = append(pieces, b.only(places))
	}
	return pieces
}

func (b batch) records() []salesforce.Record {
	records := make([]salesforce.Record, len(b.places))
	for i, place := range b.places {
		records[i] = record(b.writes[place])
	}
	return records
}

// record spells a create or update. A create leaves blanks out, so that Salesforce's own
// defaults take their place.
func record(w conversion.Write) salesforce.Record {
	r := salesforce.Record{ID: w.Ref.ID}
	for _, f := range w.Fields {
		if w.Action == conversion.ActionCreate && f.Value.Blank() {
			continue
		}
		r.Fields = append(r.Fields, salesforce.Field{Name: f.Field, Value: cell(f.Value, f.Before)})
	}
	if w.ExternalID != "" {
		r.Fields = append(r.Fields, salesforce.Field{Name: conversion.ExternalIDField, Value: salesforce.StringCell(w.ExternalID)})
	}
	return r
}

// each gives all of the batch's writes one outcome.
func (b batch) each(outcome conversion.Outcome) {
	for _, place := range b.places {
		b.outcomes[place] = outcome
	}
}

func (b batch) settle(results []salesforce.Result) {
	for i, place := range b.places {
		b.outcomes[place] = outcome(b.writes[place], results[i])
	}
}

// outcome reads the result of one write. What was to be deleted and is gone already is
// done; so is what was to be created and is there already, for whom it was made.
func outcome(w conversion.Write, r salesforce.Result) conversion.Outcome {
	id := r.ID
	if id == "" {
		id = w.Ref.ID
	}
	if r.Success {
		return conversion.Outcome{Sent: true, ID: id}
	}
	failure := refusal(r.Errors)
	switch {
	case w.Action == conversion.ActionDelete && failure.Code == codeDeleted:
		return conversion.Outcome{Sent: true, ID: id}
	case w.ExternalID != "" && failure.Code == codeTaken && slices.Equal(failure.Fields, []string{conversion.ExternalIDField}) && len(failure.Duplicates) == 1:
		return conversion.Outcome{Sent: true, ID: failure.Duplicates[0].ID}
	}
	return conversion.Outcome{Sent: true, Failure: failure}
}
