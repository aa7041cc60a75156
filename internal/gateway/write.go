package gateway

import (
	"context"
	"errors"
	"slices"

	"conversion"
	"conversion/internal/salesforce"
)

// Write sends the writes: those of one action and object together, up to 200 a request,
// in the order in which each sort first appears. The outcomes are in the order of the
// writes. When a request ends the work (the login is void, Salesforce is out of service,
// an outcome is unknown), the writes after it have zero outcomes and the error says why.
func (o *Org) Write(ctx context.Context, writes []conversion.Write, options conversion.WriteOptions) ([]conversion.Outcome, error) {
	outcomes := make([]conversion.Outcome, len(writes))
	for _, b := range batches(writes) {
		b.outcomes = outcomes
		if err := o.send(ctx, b, options); err != nil {
			return outcomes, err
		}
	}
	return outcomes, nil
}

// batch is one request: writes of one action and object, by their places.
type batch struct {
	action   conversion.Action
	object   conversion.Object
	writes   []conversion.Write
	places   []int
	outcomes []conversion.Outcome // of all writes
}

func batches(writes []conversion.Write) []batch {
	type sort struct {
		action conversion.Action
		object conversion.Object
	}
	var all []batch
	open := make(map[sort]int)
	for place, w := range writes {
		key := sort{w.Action, w.Ref.Object}
		i, ok := open[key]
		if !ok || len(all[i].places) == salesforce.MaxRecords {
			i = len(all)
			open[key] = i
			all = append(all, batch{action: w.Action, object: w.Ref.Object, writes: writes})
		}
		all[i].places = append(all[i].places, place)
	}
	return all
}

// send makes the batch's request and stores what became of each write. A request that is
// refused as a whole for what it holds is sent again without the writes to blame, so that
// one bad write stops no other.
func (o *Org) send(ctx context.Context, b batch, options conversion.WriteOptions) error {
	results, err := o.request(ctx, b, options)
	_, unknown := errors.AsType[*salesforce.OutcomeUnknownError](err)
	switch {
	case err == nil:
		b.settle(results)
		return nil
	case unknown:
		b.each(conversion.Outcome{Sent: true, Unknown: true})
		return orgError(b.object, err)
	case !refusedForContent(err):
		return orgError(b.object, err)
	}
	blamed, others := b.blame(err)
	blamed.each(conversion.Outcome{Sent: true, Failure: refusedWhole(err)})
	for _, other := range others {
		if err := o.send(ctx, other, options); err != nil {
			return err
		}
	}
	return nil
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
	half := len(b.places) / 2
	return b.only(nil), []batch{b.only(b.places[:half]), b.only(b.places[half:])}
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

func (o *Org) request(ctx context.Context, b batch, options conversion.WriteOptions) ([]salesforce.Result, error) {
	switch b.action {
	case conversion.ActionCreate:
		// Assignment rules are for new records; on an update they would move the owner.
		return o.client.CreateAll(ctx, string(b.object), b.records(), salesforce.WriteOptions{AutoAssign: options.AssignmentRules})
	case conversion.ActionUpdate:
		return o.client.UpdateAll(ctx, string(b.object), b.records(), salesforce.WriteOptions{})
	}
	ids := make([]string, len(b.places))
	for i, place := range b.places {
		ids[i] = b.writes[place].Ref.ID
	}
	return o.client.DeleteAll(ctx, ids)
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
// done.
func outcome(w conversion.Write, r salesforce.Result) conversion.Outcome {
	id := r.ID
	if id == "" {
		id = w.Ref.ID
	}
	if r.Success {
		return conversion.Outcome{Sent: true, ID: id}
	}
	failure := refusal(r.Errors)
	if w.Action == conversion.ActionDelete && failure.Code == codeDeleted {
		return conversion.Outcome{Sent: true, ID: id}
	}
	return conversion.Outcome{Sent: true, Failure: failure}
}
