package api

import (
	"context"
	"time"

	"conversion"
	"conversion/internal/directory"
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
	Note     *string    `json:"note" doc:"What happened; with a variable, why its value changed."`
	Sent     []sent     `json:"sent,omitempty" doc:"What was sent to the record, field by field."`
}

// sent is one field of what was sent to a record.
type sent struct {
	Field  string `json:"field" doc:"API name of the Salesforce field."`
	Before any    `json:"before" doc:"What the record was last seen to hold; null when it was created."`
	After  any    `json:"after"`
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

// timelineInput asks for a timeline, of one variable or of everything.
type timelineInput struct {
	ByID
	Page
	Variable string `query:"variable" doc:"Key of a variable: only its changes, and why it has its value."`
}

// timeline is a page of changes.
type timeline struct {
	Data       []change `json:"data"`
	NextCursor *string  `json:"next_cursor" doc:"Give it as cursor to get the next page; null at the end."`
	Why        []claim  `json:"why,omitempty" doc:"With a variable: every claim there is for it, the one that is its value first."`
}

// claim is what somebody says a value is.
type claim struct {
	Value   any        `json:"value"`
	At      time.Time  `json:"at"`
	By      actor      `json:"by"`
	Record  *recordRef `json:"record" doc:"The Salesforce record that says it; null for Conversion's own."`
	Wins    bool       `json:"wins" doc:"It is the value."`
	Because string     `json:"because" doc:"Why it is the value, or is not."`
	ReadAt  *time.Time `json:"read_at" doc:"A formula or roll-up: when Salesforce was last asked for it, at least. null for what is read whenever it changes."`
}

func showClaim(s directory.Standing) claim {
	return claim{s.Value.JSON(), s.At.Time(), actor{s.By.Kind, orNull(s.By.ID)}, refOrNull(s.From), s.Wins, s.Why, timeOrNull(s.Read)}
}

func (a *api) contactTimeline(ctx context.Context, in *timelineInput) (*answer[timeline], error) {
	return a.timeline(ctx, conversion.KindContact, in)
}

func (a *api) companyTimeline(ctx context.Context, in *timelineInput) (*answer[timeline], error) {
	return a.timeline(ctx, conversion.KindCompany, in)
}

func (a *api) timeline(ctx context.Context, kind conversion.Kind, in *timelineInput) (*answer[timeline], error) {
	keys, err := a.variableKeys(ctx, kind)
	if err != nil {
		return nil, err
	}
	h, err := a.history(ctx, kind, in)
	if err != nil {
		return nil, err
	}
	shown := timeline{Data: make([]change, len(h.Changes)), NextCursor: orNull(h.Next)}
	for i, c := range h.Changes {
		shown.Data[i] = showChange(c, keys)
	}
	for _, s := range h.Claims {
		shown.Why = append(shown.Why, showClaim(s))
	}
	return answerWith(shown), nil
}

// history is what was asked for: of one variable with its claims, or of everything.
func (a *api) history(ctx context.Context, kind conversion.Kind, in *timelineInput) (h directory.History, err error) {
	workspaceID := callerOf(ctx).workspaceID
	if in.Variable != "" {
		return a.Variables.History(ctx, workspaceID, kind, in.ID, in.Variable, in.Cursor, in.Limit)
	}
	h.Changes, h.Next, err = a.Entities.Timeline(ctx, workspaceID, kind, in.ID, in.Cursor, in.Limit)
	return h, err
}

// variableKeys returns the keys of the kind's variables by their ids.
func (a *api) variableKeys(ctx context.Context, kind conversion.Kind) (map[conversion.VarID]string, error) {
	variables, err := a.Variables.Variables(ctx, callerOf(ctx).workspaceID, kind)
	keys := make(map[conversion.VarID]string, len(variables))
	for _, v := range variables {
		keys[v.ID] = v.Key
	}
	return keys, err
}

func showChange(c conversion.Change, keys map[conversion.VarID]string) change {
	var fields []sent
	for _, f := range c.Sent {
		fields = append(fields, sent{f.Field, f.Before.JSON(), f.Value.JSON()})
	}
	return change{
		Sent: fields,
		At:   c.At.Time(), Variable: orNull(keys[c.Var]), Before: c.Before.JSON(), After: c.After.JSON(),
		By: actor{c.By.Kind, orNull(c.By.ID)}, Record: refOrNull(c.From),
		RunID: orNull(c.RunID), Rule: orNull(c.Rule), Note: orNull(c.Note),
	}
}
