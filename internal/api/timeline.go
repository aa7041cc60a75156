package api

import (
	"context"
	"time"

	"conversion"
)

// change is one line of a timeline: a value that changed, or a note of what happened.
type change struct {
	At       time.Time  `json:"at"`
	Variable *string    `json:"variable" doc:"Key of the variable; null for a note."`
	Before   any        `json:"before"`
	After    any        `json:"after"`
	By       actor      `json:"by"`
	Record   *recordRef `json:"record" doc:"The Salesforce record it came from or went to."`
	RunID    *string    `json:"run_id"`
	Rule     *string    `json:"rule" doc:"The rule by which it went to Salesforce."`
	Note     *string    `json:"note"`
}

// actor is who did something.
type actor struct {
	Kind conversion.ActorKind `json:"kind" enum:"user,api_key,import,salesforce,system"`
	ID   *string              `json:"id" doc:"A member, an API key, or a Salesforce user."`
}

// recordRef names a Salesforce record.
type recordRef struct {
	Object conversion.Object `json:"object"`
	ID     string            `json:"record_id"`
}

func refOrNull(r conversion.Ref) *recordRef {
	if r.Zero() {
		return nil
	}
	return &recordRef{r.Object, r.ID}
}

// ofOne is a page of something that belongs to one thing.
type ofOne struct {
	ByID
	Page
}

func (a *api) contactTimeline(ctx context.Context, in *ofOne) (*answer[list[change]], error) {
	return a.timeline(ctx, conversion.KindContact, in)
}

func (a *api) companyTimeline(ctx context.Context, in *ofOne) (*answer[list[change]], error) {
	return a.timeline(ctx, conversion.KindCompany, in)
}

func (a *api) timeline(ctx context.Context, kind conversion.Kind, in *ofOne) (*answer[list[change]], error) {
	c := callerOf(ctx)
	changes, next, err := a.Entities.Timeline(ctx, c.workspaceID, kind, in.ID, in.Cursor, in.Limit)
	if err != nil {
		return nil, err
	}
	variables, err := a.Variables.Variables(ctx, c.workspaceID, kind)
	if err != nil {
		return nil, err
	}
	keys := make(map[conversion.VarID]string, len(variables))
	for _, v := range variables {
		keys[v.ID] = v.Key
	}
	return listOf(changes, next, func(c conversion.Change) change { return showChange(c, keys) }), nil
}

func showChange(c conversion.Change, keys map[conversion.VarID]string) change {
	return change{
		At: c.At.Time(), Variable: orNull(keys[c.Var]), Before: c.Before.JSON(), After: c.After.JSON(),
		By: actor{c.By.Kind, orNull(c.By.ID)}, Record: refOrNull(c.From),
		RunID: orNull(c.RunID), Rule: orNull(c.Rule), Note: orNull(c.Note),
	}
}
