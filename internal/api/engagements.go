package api

import (
	"context"
	"encoding/json"
	"time"

	"conversion"
	"conversion/internal/directory"
)

type engagement struct {
	ID         string          `json:"id"`
	ContactID  *string         `json:"contact_id" doc:"The contact that was asked for, or the first of contact_ids."`
	ContactIDs []string        `json:"contact_ids" doc:"All contacts it belongs to: several when a Task or Event is shared."`
	Type       string          `json:"type"`
	Subject    string          `json:"subject"`
	OccurredAt time.Time       `json:"occurred_at"`
	Data       json.RawMessage `json:"data" doc:"Its fields by name."`
	Record     *recordRef      `json:"record" doc:"The Task or Event it is; null for one made here."`
	Deleted    bool            `json:"deleted" doc:"Deleted in Salesforce."`
	CreatedAt  time.Time       `json:"created_at"`
}

func showEngagement(e conversion.Engagement) engagement {
	data := json.RawMessage(e.Data)
	if len(data) == 0 {
		data = json.RawMessage("{}")
	}
	return engagement{
		ID: e.ID, ContactID: orNull(e.EntityID), ContactIDs: notNil(e.Contacts), Type: e.Type, Subject: e.Subject, OccurredAt: e.Occurred.Time(),
		Data: data, Record: refOrNull(e.Ref), Deleted: e.Deleted, CreatedAt: e.Created.Time(),
	}
}

type engagementDraft struct {
	ContactID  string         `json:"contact_id" pattern:"^[^\\x00]*$" patternDescription:"text without NUL"`
	Type       string         `json:"type"`
	Subject    string         `json:"subject,omitempty"`
	OccurredAt time.Time      `json:"occurred_at,omitzero" doc:"Default now."`
	Data       map[string]any `json:"data,omitempty" doc:"Its fields by name."`
}

type engagementsInput struct {
	ContactID string `query:"contact_id"`
	Type      string `query:"type"`
	Page
}

func (a *api) listEngagements(ctx context.Context, in *engagementsInput) (*answer[list[engagement]], error) {
	found, next, err := a.Engagements.Engagements(ctx, callerOf(ctx).workspaceID, in.ContactID, in.Type, in.Cursor, in.Limit)
	return listOf(found, next, showEngagement), err
}

func (a *api) contactEngagements(ctx context.Context, in *ofOne) (*answer[list[engagement]], error) {
	found, next, err := a.Engagements.Engagements(ctx, callerOf(ctx).workspaceID, in.ID, "", in.Cursor, in.Limit)
	return listOf(found, next, showEngagement), err
}

func (a *api) addEngagement(ctx context.Context, in *struct{ Body engagementDraft }) (*answer[engagement], error) {
	d := in.Body
	results, err := a.Engagements.AddEngagements(ctx, callerOf(ctx).workspaceID, []directory.EngagementDraft{{
		ContactID: d.ContactID, Type: d.Type, Subject: d.Subject, Occurred: d.OccurredAt, Data: d.Data,
	}})
	if err != nil {
		return nil, err
	}
	return answerWith(showEngagement(results[0].Engagement)), results[0].Err
}
