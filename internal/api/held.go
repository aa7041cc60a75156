package api

import (
	"context"
	"time"

	"conversion"
)

// held is a record or field that could not be synced (spec 4.9).
type held struct {
	ID       string            `json:"id"`
	EntityID *string           `json:"entity_id" doc:"The contact or company."`
	Name     *string           `json:"entity_name" doc:"The contact's e-mail, or the company's name."`
	Object   conversion.Object `json:"object"`
	RecordID *string           `json:"record_id" doc:"null: the record is still to be created."`
	Field    *string           `json:"field" doc:"The Salesforce field that is held; null: the record."`
	Cause    string            `json:"cause" doc:"What rows have in common that end together, to list or retry them by."`
	Fix      *conversion.Fix   `json:"fix" enum:"itself,salesforce,conversion" doc:"Where it is mended; itself: it goes away."`
	Code     string            `json:"code"`
	Message  string            `json:"message"`
	Hint     *string           `json:"hint" doc:"What to do about it."`
	UserID   *string           `json:"user_id" doc:"The Salesforce user who keeps changing the field."`
	UserName *string           `json:"user_name"`
	Since    time.Time         `json:"since"`
	RetryAt  *time.Time        `json:"retry_at" doc:"null: once a person acts."`
}

func showHeld(h conversion.Held) held {
	return held{
		ID: h.ID, EntityID: orNull(h.EntityID), Name: orNull(h.Name), Object: h.Ref.Object, RecordID: orNull(h.Ref.ID),
		Field: orNull(h.Field), Cause: h.Cause, Fix: fixOrNull(h.Fix), Code: h.Code, Message: h.Message, Hint: orNull(h.Hint),
		UserID: orNull(h.UserID), UserName: orNull(h.UserName), Since: h.Since.Time(), RetryAt: timeOrNull(h.Retry),
	}
}

func fixOrNull(f conversion.Fix) *conversion.Fix {
	if f == "" {
		return nil
	}
	return &f
}

type heldInput struct {
	Cause  string            `query:"cause" doc:"Only what has this cause."`
	Object conversion.Object `query:"object" enum:"Lead,Contact,Account"`
	Fix    conversion.Fix    `query:"fix" enum:"itself,salesforce,conversion" doc:"Only what is mended there."`
	Page
}

func (a *api) listHeld(ctx context.Context, in *heldInput) (*answer[list[held]], error) {
	found, next, err := a.books(ctx).Held(ctx, conversion.HeldFilter{
		Cause: in.Cause, Object: in.Object, Fix: in.Fix, After: in.Cursor, Limit: in.Limit,
	})
	return listOf(found, next, showHeld), err
}

// heldGroup is what of one cause is held (spec 7.3).
type heldGroup struct {
	Cause   string            `json:"cause"`
	Code    string            `json:"code"`
	Object  conversion.Object `json:"object"`
	Field   *string           `json:"field" doc:"The field to blame; null: the record."`
	Fix     *conversion.Fix   `json:"fix" enum:"itself,salesforce,conversion"`
	Message string            `json:"message" doc:"Of one of them."`
	Hint    *string           `json:"hint" doc:"What to do about it."`
	Count   int               `json:"count"`
	Since   time.Time         `json:"since" doc:"Of the oldest."`
	RetryAt *time.Time        `json:"retry_at" doc:"The earliest."`
}

func (a *api) listHeldGroups(ctx context.Context, in *Page) (*answer[list[heldGroup]], error) {
	found, next, err := a.books(ctx).HeldGroups(ctx, in.Cursor, in.Limit)
	return listOf(found, next, func(g conversion.HeldGroup) heldGroup {
		return heldGroup{
			Cause: g.Cause, Code: g.Code, Object: g.Object, Field: orNull(g.Field), Fix: fixOrNull(g.Fix), Message: g.Message,
			Hint: orNull(g.Hint), Count: g.Count, Since: g.Since.Time(), RetryAt: timeOrNull(g.Retry),
		}
	}), err
}

// retryHeld chooses what is tried again: by ids, by cause, or all.
type retryHeld struct {
	IDs   []string `json:"ids,omitempty" maxItems:"1000"`
	Cause string   `json:"cause,omitempty"`
	All   bool     `json:"all,omitempty"`
	// NotThere is a person's word, for creates of unknown outcome only.
	NotThere bool `json:"not_there,omitempty" doc:"With ids of the cause OUTCOME_UNKNOWN: the records are not in Salesforce, create them at once."`
}

// filter reads the choice; a CodeInvalid error when it is none, or more than one.
func (c retryHeld) filter() (conversion.HeldFilter, error) {
	choices := 0
	for _, chosen := range []bool{len(c.IDs) > 0, c.Cause != "", c.All} {
		if chosen {
			choices++
		}
	}
	if choices != 1 {
		return conversion.HeldFilter{}, conversion.Invalid("ids", "give one of ids, cause and all")
	}
	if c.NotThere && len(c.IDs) == 0 {
		return conversion.HeldFilter{}, conversion.Invalid("not_there", "goes with ids only")
	}
	return conversion.HeldFilter{IDs: c.IDs, Cause: c.Cause}, nil
}

type retried struct {
	Retried int `json:"retried" doc:"How many held rows are tried again now; what is gone meanwhile is not counted."`
}

func (a *api) retryWhatIsHeld(ctx context.Context, in *struct{ Body retryHeld }) (*answer[retried], error) {
	f, err := in.Body.filter()
	if err != nil {
		return nil, err
	}
	caller := callerOf(ctx)
	if in.Body.NotThere {
		n, err := a.Quarantine.NotThere(ctx, caller.workspaceID, f.IDs, caller.actor)
		return answerWith(retried{n}), err
	}
	n, err := a.Quarantine.RetryHeld(ctx, caller.workspaceID, f, caller.actor)
	return answerWith(retried{n}), err
}
