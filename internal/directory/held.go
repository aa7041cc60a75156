package directory

import (
	"context"
	"fmt"

	"conversion"
	"conversion/internal/reconcile"
)

// heldPage is how many held rows are let go in one transaction.
const heldPage = 200

// heldKey tells what one held row is about.
type heldKey struct {
	entityID string
	ref      conversion.Ref
	field    string
	code     string
}

func keyOfHeld(h conversion.Held) heldKey { return heldKey{h.EntityID, h.Ref, h.Field, h.Code} }

// RetryHeld lets what the filter selects be tried again at once (spec 4.9), and returns
// how many rows that are. The filter's After and Limit are not used. Every page of rows is
// a transaction of its own: when one fails, those before it are tried.
func (s *Service) RetryHeld(ctx context.Context, workspaceID string, f conversion.HeldFilter, actor conversion.Actor) (retried int, err error) {
	books := s.open(workspaceID)
	f.After, f.Limit = "", heldPage
	for {
		rows, next, err := books.Held(ctx, f)
		if err != nil {
			return retried, fmt.Errorf("read what is held: %w", err)
		}
		for kind, of := range heldByKind(rows) {
			if err := s.retry(ctx, workspaceID, kind, of, actor); err != nil {
				return retried, err
			}
		}
		retried += len(rows)
		if next == "" {
			return retried, nil
		}
		f.After = next
	}
}

func heldByKind(rows []conversion.Held) map[conversion.Kind][]conversion.Held {
	byKind := make(map[conversion.Kind][]conversion.Held)
	for _, h := range rows {
		byKind[h.Ref.Object.Kind()] = append(byKind[h.Ref.Object.Kind()], h)
	}
	return byKind
}

// retry lets the rows of one kind go: first what is held, then the rows tell it.
func (s *Service) retry(ctx context.Context, workspaceID string, kind conversion.Kind, rows []conversion.Held, actor conversion.Actor) error {
	books, now := s.open(workspaceID), s.moment()
	chosen := make(map[heldKey]bool, len(rows))
	var ids, entityIDs []string
	for _, h := range rows {
		chosen[keyOfHeld(h)] = true
		ids, entityIDs = append(ids, h.ID), append(entityIDs, h.EntityID)
	}
	err := s.attempt(workspaceID, func() (bool, error) {
		rules, err := books.Rules(ctx)
		if err != nil {
			return false, fmt.Errorf("read the rules: %w", err)
		}
		desk, err := readDesk(ctx, books, kind, entityIDs, nil)
		if err != nil {
			return false, err
		}
		for _, f := range desk.files {
			after := f.group.Clone()
			object, _ := reconcile.CreateAs(after, rules)
			reconcile.Retry(after, object, func(h conversion.Held) bool { return chosen[keyOfHeld(h)] }, now)
			if after.Entity.Dirty > 0 {
				after.Entity.Retry = 0 // what is found out when planning is held by no refusal
			}
			desk.put(f, after, after.Entity.Dirty > 0, note(after.Entity, actor, now, "what was held is tried again"))
		}
		return desk.commit(ctx, books, now)
	})
	if err != nil {
		return fmt.Errorf("retry what is held: %w", err)
	}
	return books.RetriedHeld(ctx, ids, now)
}
