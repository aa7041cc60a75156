package engine

import (
	"context"
	"fmt"
	"time"

	"conversion"
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

// mayDelete reports whether the records may be deleted without asking, and asks if not.
func (s *session) mayDelete(ctx context.Context, k conversion.Kind, doomed []conversion.Ref) (bool, error) {
	since := s.now().Add(-breakerWindow)
	approvals, err := s.books.Approvals(ctx, since)
	if err != nil {
		return false, fmt.Errorf("read the approvals: %w", err)
	}
	for _, a := range approvals {
		if a.Kind == k && (a.Granted || a.Decided == 0) {
			return a.Granted, nil
		}
	}
	count, reason, err := s.weigh(ctx, k, doomed, since)
	if err != nil || reason == "" {
		return err == nil, err
	}
	return false, s.books.AddApproval(ctx, conversion.Approval{
		ID: s.cfg.NewID(), Kind: k, Reason: reason, Count: count, Created: s.now(),
	})
}

// weigh counts what the deletions come to, with what Salesforce deletes along and what was
// deleted in the window already, and says why they have to wait; "" when they need not.
func (s *session) weigh(ctx context.Context, k conversion.Kind, doomed []conversion.Ref, since conversion.Moment) (int, string, error) {
	count := len(doomed)
	if k == conversion.KindCompany {
		ids := make([]string, len(doomed))
		for i, ref := range doomed {
			ids[i] = ref.ID
		}
		doom, err := s.remote.Describer.Doomed(ctx, ids)
		if err != nil {
			return 0, "", fmt.Errorf("count what deletions take along: %w", err)
		}
		count += doom.Contacts
		if n := len(doom.WithOpportunities); n > 0 {
			return count, fmt.Sprintf("%d of the Accounts to be deleted have Opportunities, which Salesforce would delete along.", n), nil
		}
	}
	earlier, err := s.books.Deletions(ctx, since)
	if err != nil {
		return 0, "", fmt.Errorf("count earlier deletions: %w", err)
	}
	linked, err := s.books.LiveLinks(ctx, k)
	if err != nil {
		return 0, "", fmt.Errorf("count the linked records: %w", err)
	}
	limit := deletionLimit(s.options.MaxDeletions, linked)
	if earlier+count <= limit {
		return count, "", nil
	}
	return count, fmt.Sprintf("%d records would be deleted in Salesforce within 24 hours; more than %d need an approval.", earlier+count, limit), nil
}

// deletionLimit is the number of deletions a day that need no approval: the admin's limit
// or 5 % of the linked records, whichever is smaller, but at least 10 (spec 4.11).
func deletionLimit(most, linked int) int {
	return max(10, min(most, linked/20))
}
