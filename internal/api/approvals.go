package api

import (
	"context"
	"slices"
	"time"

	"conversion"
)

// approval is something the breaker holds back (spec 4.11).
type approval struct {
	ID        string               `json:"id"`
	Direction conversion.Direction `json:"direction" enum:"inbound,outbound" doc:"outbound: it would happen in Salesforce; inbound: in Conversion."`
	Kind      conversion.Kind      `json:"kind" enum:"contact,company"`
	What      string               `json:"what" enum:"deletions,changes"`
	Reason    string               `json:"reason"`
	Count     int                  `json:"count" doc:"Contacts or companies it is about."`
	Used      int                  `json:"used" doc:"Of them, those that went once it was approved."`
	CreatedAt time.Time            `json:"created_at"`
	DecidedAt *time.Time           `json:"decided_at"`
	Approved  bool                 `json:"approved"`
}

func showApproval(p conversion.Approval) approval {
	what := "deletions"
	if p.Var != 0 {
		what = "changes"
	}
	return approval{p.ID, p.Direction, p.Kind, what, p.Reason, p.Count, p.Used, p.Created.Time(), timeOrNull(p.Decided), p.Granted}
}

type decision struct {
	Approve bool `json:"approve"`
}

func (a *api) moment() conversion.Moment { return conversion.MomentOf(a.Now()) }

func (a *api) listApprovals(ctx context.Context, in *Page) (*answer[list[approval]], error) {
	found, err := a.books(ctx).Approvals(ctx, a.moment())
	if err != nil {
		return nil, err
	}
	waiting := slices.DeleteFunc(found, func(p conversion.Approval) bool { return p.Decided != 0 })
	part, next, err := pageOf(waiting, func(p conversion.Approval) string { return p.ID }, in.Cursor, in.Limit)
	return listOf(part, next, showApproval), err
}

func (a *api) decideApproval(ctx context.Context, in *struct {
	ByID
	Body decision
}) (*answer[approval], error) {
	books, now := a.books(ctx), a.moment()
	if err := books.DecideApproval(ctx, in.ID, in.Body.Approve, callerOf(ctx).actor, now); err != nil {
		return nil, err
	}
	decided, err := books.Approvals(ctx, now)
	i := slices.IndexFunc(decided, func(p conversion.Approval) bool { return p.ID == in.ID })
	if err != nil || i < 0 {
		return nil, err
	}
	return answerWith(showApproval(decided[i])), nil
}
