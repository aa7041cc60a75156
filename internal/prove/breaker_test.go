package prove_test

import (
	"context"
	"slices"

	"conversion"
)

// deletion is a count of deletions with its moment.
type deletion struct {
	conversion.DeletionCount
	at conversion.Moment
}

// putBreaker stores what the breaker of a batch asks, counts and lets go.
func (b *books) putBreaker(batch conversion.Batch) {
	for _, a := range batch.Asks {
		if had := b.approval(a.Approval.ID); had != nil {
			had.Count += a.Approval.Count
		} else {
			b.approvals = append(b.approvals, a.Approval)
		}
		b.withheld = append(b.withheld, a.Withheld...)
	}
	for _, d := range batch.Deletions {
		b.deletions = append(b.deletions, deletion{d, batch.At})
	}
	for _, e := range batch.Edits {
		e.At = conversion.SlotOf(batch.At)
		b.edits = append(b.edits, e)
	}
	for _, h := range batch.Went {
		b.withheld = slices.DeleteFunc(b.withheld, func(o conversion.Withheld) bool {
			return o.Approval == h.Approval && o.EntityID == h.EntityID && o.Ref == h.Ref && o.Var == h.Var
		})
	}
}

func (b *books) approval(id string) *conversion.Approval {
	i := slices.IndexFunc(b.approvals, func(a conversion.Approval) bool { return a.ID == id })
	if i < 0 {
		return nil
	}
	return &b.approvals[i]
}

func (b *books) heldBack(which func(h conversion.WithheldState) bool) (found []conversion.WithheldState) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, h := range b.withheld {
		a := b.approval(h.Approval)
		state := conversion.WithheldState{Withheld: h, Direction: a.Direction, Decided: a.Decided != 0, Granted: a.Granted}
		if which(state) {
			found = append(found, state)
		}
	}
	return found
}

func (b *books) Withheld(_ context.Context, ids []string) ([]conversion.WithheldState, error) {
	return b.heldBack(func(h conversion.WithheldState) bool { return slices.Contains(ids, h.EntityID) }), nil
}

func (b *books) WithheldFrom(_ context.Context, refs []conversion.Ref) ([]conversion.WithheldState, error) {
	return b.heldBack(func(h conversion.WithheldState) bool { return slices.Contains(refs, h.Ref) }), nil
}

func (b *books) Released(_ context.Context, d conversion.Direction, limit int) ([]conversion.WithheldState, error) {
	found := b.heldBack(func(h conversion.WithheldState) bool { return h.Direction == d && h.Granted })
	return found[:min(limit, len(found))], nil
}

func (b *books) Deletions(_ context.Context, d conversion.Direction, k conversion.Kind, since conversion.Moment) (n int, _ error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, x := range b.deletions {
		if x.Direction == d && x.Kind == k && x.at >= since {
			n += x.N
		}
	}
	return n, nil
}

func (b *books) Edits(_ context.Context, since conversion.Moment) (found []conversion.EditCount, _ error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, e := range b.edits {
		if e.At >= conversion.SlotOf(since) {
			found = append(found, e)
		}
	}
	return found, nil
}

func (b *books) Count(_ context.Context, k conversion.Kind) (n int, _ error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, e := range b.entities {
		if e.Kind == k && e.Live() {
			n++
		}
	}
	return n, nil
}
