package engine

import (
	"context"
	"fmt"
	"time"

	"conversion"
	"conversion/internal/reconcile"
)

// breakerWindow is over which deletions are counted (spec 4.11).
const breakerWindow = 24 * time.Hour

// guard takes the deletions out of a delivery when they are so many that an admin has to
// approve them first (spec 4.11). Everything else of the delivery goes on.
func (s *session) guard(ctx context.Context, d *delivery, b *conversion.Batch) error {
	var doomed []conversion.Ref
	for _, w := range d.writes {
		if w.Action == conversion.ActionDelete {
			doomed = append(doomed, w.Ref)
		}
	}
	if len(doomed) == 0 {
		return nil
	}
	allowed, err := s.mayDelete(ctx, d.kind, doomed)
	if err != nil || allowed {
		return err
	}
	var rest []conversion.Write
	for _, w := range d.writes {
		if w.Action != conversion.ActionDelete {
			rest = append(rest, w)
		}
	}
	d.writes = rest
	for _, p := range b.Plans {
		if !p.Group.Entity.Live() {
			p.Group.Entity.Retry = conversion.ParkedRetry
		}
	}
	return nil
}

// mayDelete reports whether the records may be deleted without asking, and asks if not. A
// grant is for as many records as were waiting when it was asked for, and no more.
func (s *session) mayDelete(ctx context.Context, k conversion.Kind, doomed []conversion.Ref) (bool, error) {
	since := s.now().Add(-breakerWindow)
	approvals, err := s.books.Approvals(ctx, since)
	if err != nil {
		return false, fmt.Errorf("read the approvals: %w", err)
	}
	granted, waiting := standing(approvals, k)
	if waiting {
		return false, nil
	}
	if granted.Granted {
		used, err := s.books.Deletions(ctx, granted.Decided+1)
		if err != nil {
			return false, fmt.Errorf("count the deletions of a grant: %w", err)
		}
		if used+len(doomed) <= granted.Count {
			return true, nil
		}
	}
	reason, err := s.weigh(ctx, k, doomed, since)
	if err != nil || reason == "" {
		return err == nil, err
	}
	count, err := s.waitingDeletions(ctx, k)
	if err != nil {
		return false, err
	}
	return false, s.books.AddApproval(ctx, conversion.Approval{
		ID: s.cfg.NewID(), Kind: k, Reason: reason, Count: max(count, len(doomed)), Created: s.now(),
	})
}

// standing returns the latest grant for the kind, zero when there is none, and whether a
// question is still open.
func standing(approvals []conversion.Approval, k conversion.Kind) (granted conversion.Approval, waiting bool) {
	for _, a := range approvals {
		switch {
		case a.Kind != k:
		case a.Decided == 0:
			waiting = true
		case a.Granted && a.Decided > granted.Decided:
			granted = a
		}
	}
	return granted, waiting
}

// mostWaiting bounds how many entities are counted for one question.
const mostWaiting = 5000

// waitingDeletions counts the records whose deletion is due, whatever the batch.
func (s *session) waitingDeletions(ctx context.Context, k conversion.Kind) (int, error) {
	groups, err := s.books.Dirty(ctx, conversion.DirtyQuery{Kind: k, Deleted: true, Now: s.now(), Limit: mostWaiting})
	if err != nil {
		return 0, fmt.Errorf("count the deletions that wait: %w", err)
	}
	count := 0
	for _, g := range groups {
		count += len(reconcile.Send(g, s.schemas[k], s.terms()).Writes)
	}
	return count, nil
}

// weigh says why the deletions have to wait, with what Salesforce deletes along and what
// was deleted in the window already; "" when they need not.
func (s *session) weigh(ctx context.Context, k conversion.Kind, doomed []conversion.Ref, since conversion.Moment) (string, error) {
	d := doom{records: len(doomed)}
	if k == conversion.KindCompany {
		ids := make([]string, len(doomed))
		for i, ref := range doomed {
			ids[i] = ref.ID
		}
		along, err := s.remote.Describer.Doomed(ctx, ids)
		if err != nil {
			return "", fmt.Errorf("count what deletions take along: %w", err)
		}
		d.along, d.opportunities = along.Contacts, len(along.WithOpportunities)
	}
	earlier, err := s.books.Deletions(ctx, since)
	if err != nil {
		return "", fmt.Errorf("count earlier deletions: %w", err)
	}
	return s.verdict(ctx, k, d, earlier)
}

// doom is what deletions of one kind come to.
type doom struct {
	records       int // to be deleted
	along         int // what Salesforce deletes with them
	opportunities int // Accounts that have some
}

// verdict says why so many deletions have to wait, after those that were made earlier; ""
// when they need not.
func (s *session) verdict(ctx context.Context, k conversion.Kind, d doom, earlier int) (string, error) {
	if d.opportunities > 0 {
		return fmt.Sprintf("%d of the Accounts to be deleted have Opportunities, which Salesforce would delete along.", d.opportunities), nil
	}
	linked, err := s.books.LiveLinks(ctx, k)
	if err != nil {
		return "", fmt.Errorf("count the linked records: %w", err)
	}
	limit := deletionLimit(s.options, linked)
	if earlier+d.records+d.along <= limit {
		return "", nil
	}
	return fmt.Sprintf("More than %d records would be deleted in Salesforce within 24 hours, with what Salesforce deletes along.", limit), nil
}

// deletionLimit is the number of deletions a day that need no approval: the admin's limit
// or share of the linked records, whichever is smaller, but at least 10 (spec 4.11).
func deletionLimit(o conversion.Options, linked int) int {
	return max(10, min(o.MaxDeletions, linked*o.MaxDeletionsPercent/100))
}
