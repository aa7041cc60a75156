package directory

import (
	"context"
	"fmt"

	"conversion"
	"conversion/internal/reconcile"
)

// NotThere takes a person's word that creates of unknown outcome, told by the ids of the held
// rows about them, made no record: they are sent again at once (spec 4.3). It returns how many;
// of those that became known meanwhile none is sent again.
//
// A CodeInvalid error naming "ids" when a row is about anything else: then nothing is done.
func (s *Service) NotThere(ctx context.Context, workspaceID string, ids []string, actor conversion.Actor) (n int, err error) {
	if len(ids) == 0 {
		return 0, conversion.Invalid("ids", "name what is not there")
	}
	books := s.open(workspaceID)
	rows, _, err := books.Held(ctx, conversion.HeldFilter{IDs: ids, Limit: maxLimit})
	if err != nil {
		return 0, fmt.Errorf("read what is held: %w", err)
	}
	for _, h := range rows {
		if h.Code != conversion.HeldUnanswered {
			return 0, conversion.Invalid("ids", "%s is not about a record that may have been created", h.ID)
		}
	}
	for kind, of := range heldByKind(rows) {
		var done int
		err := s.attempt(workspaceID, func() (sends bool, err error) {
			done, sends, err = s.notThere(ctx, books, kind, of, actor)
			return sends, err
		})
		if err != nil {
			return n, fmt.Errorf("create what is not there: %w", err)
		}
		n += done
	}
	return n, nil
}

func (s *Service) notThere(ctx context.Context, books Books, kind conversion.Kind, rows []conversion.Held, actor conversion.Actor) (n int, sends bool, err error) {
	byEntity := make(map[string]conversion.Held, len(rows))
	var ids []string
	for _, h := range rows {
		byEntity[h.EntityID], ids = h, append(ids, h.EntityID)
	}
	desk, err := readDesk(ctx, books, kind, ids, nil)
	if err != nil {
		return 0, false, err
	}
	now := s.moment()
	for _, f := range desk.files {
		after := f.group.Clone()
		if !reconcile.NotThere(after.Entity, byEntity[after.Entity.ID], now) {
			continue
		}
		n++
		desk.put(f, after, true, note(after.Entity, actor, now, "said not to be in Salesforce: created anew"))
	}
	sends, err = desk.commit(ctx, books, now)
	return n, sends, err
}
