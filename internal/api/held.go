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
	Code     string            `json:"code"`
	Message  string            `json:"message"`
	Hint     *string           `json:"hint" doc:"What to do about it."`
	Since    time.Time         `json:"since"`
	RetryAt  *time.Time        `json:"retry_at" doc:"null: once a person acts."`
}

func (a *api) listHeld(ctx context.Context, in *Page) (*answer[list[held]], error) {
	found, next, err := a.books(ctx).Held(ctx, conversion.HeldFilter{After: in.Cursor, Limit: in.Limit})
	return listOf(found, next, func(h conversion.Held) held {
		return held{
			ID: h.ID, EntityID: orNull(h.EntityID), Name: orNull(h.Name), Object: h.Ref.Object, RecordID: orNull(h.Ref.ID),
			Code: h.Code, Message: h.Message, Hint: orNull(h.Hint), Since: h.Since.Time(), RetryAt: timeOrNull(h.Retry),
		}
	}), err
}
