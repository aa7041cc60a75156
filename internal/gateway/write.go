package gateway

import (
	"context"
	"errors"

	"conversion"
	"conversion/internal/salesforce"
)

// Write sends the writes: those of one sort together, up to 200 a request, in the order of
// the batches. The outcomes are in the order of the writes. When a request ends the work
// (the login is void, Salesforce is out of service, an outcome is unknown), the writes
// after it have zero outcomes and the error says why.
func (o *Org) Write(ctx context.Context, writes []conversion.Write, options conversion.WriteOptions) ([]conversion.Outcome, error) {
	w := writing{Org: o, options: options, relocks: mostRelocks}
	outcomes := make([]conversion.Outcome, len(writes))
	for _, b := range batches(writes) {
		b.outcomes = outcomes
		if err := w.send(ctx, b); err != nil {
			return outcomes, err
		}
	}
	return outcomes, w.askForMatches(ctx, batch{writes: writes, outcomes: outcomes})
}

// writing is one call of Write.
type writing struct {
	*Org
	options conversion.WriteOptions
	relocks int // requests that may still be spent on locked records
}

// send makes the batch's request and stores what became of each write. A request that is
// refused as a whole for what it holds is sent again without the writes to blame, so that
// one bad write stops no other; records that were locked are sent again, fewer at a time.
func (w *writing) send(ctx context.Context, b batch) error {
	results, err := w.request(ctx, b)
	_, unknown := errors.AsType[*salesforce.OutcomeUnknownError](err)
	switch {
	case err == nil:
		b.settle(results)
		return w.resend(ctx, b)
	case unknown:
		b.each(conversion.Outcome{Sent: true, Unknown: true})
		return orgError(b.object, err)
	case b.upsert && noSuchKey(err):
		return &conversion.FieldsChangedError{Object: b.object, Fields: []string{conversion.ExternalIDField}, Err: err}
	case isLocked(err):
		b.each(conversion.Outcome{Sent: true, Failure: refusedWhole(err)})
		return w.resend(ctx, b)
	case !refusedForContent(err):
		return orgError(b.object, err)
	}
	blamed, others := b.blame(err)
	blamed.each(conversion.Outcome{Sent: true, Failure: refusedWhole(err)})
	for _, other := range others {
		if err := w.send(ctx, other); err != nil {
			return err
		}
	}
	return nil
}

// mostRelocks bounds the requests that one call spends on locked records before they are
// left to a later one.
const mostRelocks = 32

// resend sends the batch's locked records again in pieces of half its size, down to single
// ones: a lock may be the work of the records beside it.
func (w *writing) resend(ctx context.Context, b batch) error {
	if len(b.places) == 1 {
		return nil
	}
	for _, piece := range b.locked().inPiecesOf((len(b.places) + 1) / 2) {
		if w.relocks == 0 {
			return nil
		}
		w.relocks--
		if err := w.send(ctx, piece); err != nil {
			return err
		}
	}
	return nil
}

func (w *writing) request(ctx context.Context, b batch) ([]salesforce.Result, error) {
	switch b.action {
	case conversion.ActionCreate:
		return w.create(ctx, b)
	case conversion.ActionUpdate:
		return w.client.UpdateAll(ctx, string(b.object), b.records(), salesforce.WriteOptions{})
	}
	ids := make([]string, len(b.places))
	for i, place := range b.places {
		ids[i] = b.writes[place].Ref.ID
	}
	return w.client.DeleteAll(ctx, ids)
}

func (w *writing) create(ctx context.Context, b batch) ([]salesforce.Result, error) {
	if b.upsert {
		return w.client.UpsertAll(ctx, string(b.object), conversion.ExternalIDField, b.records(), w.createOptions())
	}
	return w.client.CreateAll(ctx, string(b.object), b.records(), w.createOptions())
}

// createOptions let assignment rules run if they are wanted. On an update they would move
// the owner.
func (w *writing) createOptions() salesforce.WriteOptions {
	return salesforce.WriteOptions{AutoAssign: w.options.AssignmentRules}
}

// askForMatches sends the creates that a duplicate rule refused once more, one by one
// within a request: only then does Salesforce say which records it found. One that has
// none any more is created.
func (w *writing) askForMatches(ctx context.Context, all batch) error {
	for _, b := range batches(all.writes) {
		b.outcomes = all.outcomes
		for _, piece := range b.unmatched().inPiecesOf(salesforce.MaxEach) {
			key := ""
			if b.upsert {
				key = conversion.ExternalIDField
			}
			results, err := w.client.SaveEach(ctx, string(b.object), key, piece.records(), w.createOptions())
			_, unknown := errors.AsType[*salesforce.OutcomeUnknownError](err)
			switch {
			case err == nil:
				piece.settle(results)
				continue
			case unknown:
				piece.each(conversion.Outcome{Sent: true, Unknown: true})
			}
			return orgError(b.object, err)
		}
	}
	return nil
}
