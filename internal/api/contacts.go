package api

import (
	"context"
	"time"

	"conversion"
	"conversion/internal/directory"
)

// Contact is a contact as the API shows it (spec 8.2).
type Contact struct {
	ID        string            `json:"id"`
	Email     string            `json:"email"`
	Variables map[string]any    `json:"variables" doc:"Values by the variables' keys."`
	CompanyID *string           `json:"company_id" doc:"The company of its own choice or of its records; without any, that of the e-mail's domain."`
	Origin    conversion.Origin `json:"origin" enum:"salesforce,user,api,import"`
	CreatedAt time.Time         `json:"created_at"`
	UpdatedAt time.Time         `json:"updated_at"`
	Links     []link            `json:"links"`
}

func showContact(v directory.View, instanceURL string) Contact {
	return Contact{
		ID: v.ID, Email: v.Key, Variables: variablesOf(v), CompanyID: orNull(v.CompanyID), Origin: v.Origin,
		CreatedAt: v.Created.Time(), UpdatedAt: v.Updated.Time(), Links: linksOf(v, instanceURL),
	}
}

// ContactFields are what a caller wants of a contact. What is not named stays.
type ContactFields struct {
	Email     string         `json:"email"`
	Variables map[string]any `json:"variables,omitempty" doc:"Values by the variables' keys; null clears."`
	CompanyID clearable      `json:"company_id,omitzero" doc:"null clears."`
}

func (f ContactFields) draft(syncToCRM *bool) directory.Draft {
	return directory.Draft{Key: f.Email, Values: f.Variables, CompanyID: f.CompanyID.pointer(), LocalOnly: !yes(syncToCRM)}
}

type contactDraft struct {
	ContactFields
	SyncToCRM *bool `json:"sync_to_crm,omitempty" doc:"false: these values are never sent to Salesforce. Default true."`
}

type contactPatch struct {
	Email     clearable      `json:"email,omitzero" doc:"It cannot be cleared."`
	Variables map[string]any `json:"variables,omitempty" doc:"Values by the variables' keys; null clears, what is not named stays."`
	CompanyID clearable      `json:"company_id,omitzero" doc:"null clears."`
	SyncToCRM *bool          `json:"sync_to_crm,omitempty" doc:"false: these values are never sent to Salesforce. Default true."`
}

type upsertedContact struct {
	Contact
	Ignored []string `json:"ignored" doc:"Keys of the variables that only Salesforce changes: their values were left out."`
}

type contactsInput struct {
	Email     string `query:"email"`
	CompanyID string `query:"company_id"`
	ListInput
}

func (a *api) listContacts(ctx context.Context, in *contactsInput) (*answer[list[Contact]], error) {
	filter := in.filter(conversion.KindContact, in.Email)
	filter.CompanyID = in.CompanyID
	found, err := a.Entities.List(ctx, callerOf(ctx).workspaceID, filter)
	if err != nil {
		return nil, err
	}
	instance, err := a.instanceURL(ctx, found.Items...)
	return listOf(found.Items, found.Next, func(v directory.View) Contact { return showContact(v, instance) }), err
}

func (a *api) upsertContact(ctx context.Context, in *struct{ Body contactDraft }) (*made[upsertedContact], error) {
	result, err := a.upsert(ctx, conversion.KindContact, in.Body.draft(in.Body.SyncToCRM))
	if err != nil {
		return nil, err
	}
	c, err := shown(ctx, a, result.View, showContact)
	return &made[upsertedContact]{madeStatus(result.Created), upsertedContact{c, notNil(result.Ignored)}}, err
}

func (a *api) contact(ctx context.Context, in *ByID) (*answer[Contact], error) {
	v, err := a.Entities.Get(ctx, callerOf(ctx).workspaceID, conversion.KindContact, in.ID)
	return answerShown(ctx, a, v, err, showContact)
}

func (a *api) patchContact(ctx context.Context, in *struct {
	ByID
	Body contactPatch
}) (*answer[Contact], error) {
	who, p := callerOf(ctx), in.Body
	v, err := a.Entities.Update(ctx, who.workspaceID, conversion.KindContact, in.ID, who.actor, directory.Patch{
		Key: p.Email.pointer(), Values: p.Variables, CompanyID: p.CompanyID.pointer(), LocalOnly: !yes(p.SyncToCRM),
	})
	return answerShown(ctx, a, v, err, showContact)
}

func (a *api) deleteContact(ctx context.Context, in *deletion) (*nothing, error) {
	return a.delete(ctx, conversion.KindContact, in)
}

func (a *api) restoreContact(ctx context.Context, in *ByID) (*answer[Contact], error) {
	who := callerOf(ctx)
	v, err := a.Endings.Restore(ctx, who.workspaceID, conversion.KindContact, in.ID, who.actor)
	return answerShown(ctx, a, v, err, showContact)
}
