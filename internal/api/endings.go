package api

import (
	"context"
	"time"

	"conversion"
	"conversion/internal/directory"
)

type combination struct {
	ByID
	Body struct {
		Into string `json:"into" pattern:"^[^\\x00]*$" patternDescription:"text without NUL" doc:"The id of the one that stays. It keeps its e-mail or domain."`
	}
}

func (a *api) combine(ctx context.Context, kind conversion.Kind, in *combination) (directory.View, error) {
	who := callerOf(ctx)
	return a.Endings.Combine(ctx, who.workspaceID, kind, in.ID, in.Body.Into, who.actor)
}

func (a *api) combineContact(ctx context.Context, in *combination) (*answer[Contact], error) {
	v, err := a.combine(ctx, conversion.KindContact, in)
	return answerShown(ctx, a, v, err, showContact)
}

func (a *api) combineCompany(ctx context.Context, in *combination) (*answer[Company], error) {
	v, err := a.combine(ctx, conversion.KindCompany, in)
	return answerShown(ctx, a, v, err, showCompany)
}

type separation struct {
	ByID
	Body struct {
		RecordIDs []string `json:"record_ids" minItems:"1" maxItems:"1000" doc:"The Salesforce ids of the records that go, as in links."`
	}
}

func (a *api) separate(ctx context.Context, kind conversion.Kind, in *separation) (directory.View, error) {
	who := callerOf(ctx)
	return a.Endings.Separate(ctx, who.workspaceID, kind, in.ID, in.Body.RecordIDs, who.actor)
}

func (a *api) separateContact(ctx context.Context, in *separation) (*answer[Contact], error) {
	v, err := a.separate(ctx, conversion.KindContact, in)
	return answerShown(ctx, a, v, err, showContact)
}

func (a *api) separateCompany(ctx context.Context, in *separation) (*answer[Company], error) {
	v, err := a.separate(ctx, conversion.KindCompany, in)
	return answerShown(ctx, a, v, err, showCompany)
}

type erasure struct {
	ByID
	Body *struct {
		Salesforce bool `json:"salesforce,omitempty" doc:"true: its records are deleted in Salesforce first, whatever the rules."`
	}
}

// erased says how far an erasure is.
type erased struct {
	ID     string `json:"id"`
	Status string `json:"status" enum:"erased,erasing" doc:"erasing: once its records are deleted in Salesforce."`
}

func (a *api) erase(ctx context.Context, kind conversion.Kind, in *erasure) (*answer[erased], error) {
	who, status := callerOf(ctx), "erasing"
	done, err := a.Endings.Erase(ctx, who.workspaceID, kind, in.ID, who.actor, in.Body != nil && in.Body.Salesforce)
	if done {
		status = "erased"
	}
	return answerWith(erased{in.ID, status}), err
}

func (a *api) eraseContact(ctx context.Context, in *erasure) (*answer[erased], error) {
	return a.erase(ctx, conversion.KindContact, in)
}

func (a *api) eraseCompany(ctx context.Context, in *erasure) (*answer[erased], error) {
	return a.erase(ctx, conversion.KindCompany, in)
}

// ignored is a record that is not synced because whom it belongs to was deleted here.
type ignored struct {
	Object    conversion.Object `json:"object"`
	RecordID  string            `json:"record_id"`
	Name      *string           `json:"name" doc:"The record's."`
	Kind      conversion.Kind   `json:"kind" enum:"contact,company"`
	EntityID  string            `json:"entity_id" doc:"The contact or company: restoring it brings the record back."`
	Key       *string           `json:"key" doc:"The contact's e-mail, or the company's domain."`
	DeletedAt time.Time         `json:"deleted_at"`
}

func (a *api) listIgnored(ctx context.Context, in *Page) (*answer[list[ignored]], error) {
	found, next, err := a.Endings.Ignored(ctx, callerOf(ctx).workspaceID, in.Cursor, in.Limit)
	return listOf(found, next, func(r conversion.Ignored) ignored {
		return ignored{r.Ref.Object, r.Ref.ID, orNull(r.Name), r.Kind, r.EntityID, orNull(r.Key), r.Deleted.Time()}
	}), err
}
