package api

import (
	"context"
	"time"

	"conversion"
	"conversion/internal/directory"
)

// Company is a company as the API shows it (spec 8.2).
type Company struct {
	ID        string            `json:"id"`
	Name      string            `json:"name"`
	Domain    *string           `json:"domain" doc:"null: it has none of its own."`
	Variables map[string]any    `json:"variables" doc:"Values by the variables' keys."`
	Origin    conversion.Origin `json:"origin" enum:"salesforce,user,api,import"`
	CreatedAt time.Time         `json:"created_at"`
	UpdatedAt time.Time         `json:"updated_at"`
	Links     []link            `json:"links"`
}

func showCompany(v directory.View, instanceURL string) Company {
	return Company{
		ID: v.ID, Name: v.Name, Domain: orNull(v.Key), Variables: variablesOf(v), Origin: v.Origin,
		CreatedAt: v.Created.Time(), UpdatedAt: v.Updated.Time(), Links: linksOf(v, instanceURL),
	}
}

// CompanyFields are what a caller wants of a company. What is not named stays.
type CompanyFields struct {
	Name      string         `json:"name,omitempty" doc:"Required when there is no domain."`
	Domain    string         `json:"domain,omitempty" doc:"A domain or a website."`
	Variables map[string]any `json:"variables,omitempty" doc:"Values by the variables' keys; null clears."`
}

func (f CompanyFields) draft(syncToCRM *bool) directory.Draft {
	return directory.Draft{Key: f.Domain, Name: f.Name, Values: f.Variables, LocalOnly: !yes(syncToCRM)}
}

type companyDraft struct {
	CompanyFields
	SyncToCRM *bool `json:"sync_to_crm,omitempty" doc:"false: these values are never sent to Salesforce. Default true."`
}

type companyPatch struct {
	Name      clearable      `json:"name,omitzero" doc:"It cannot be cleared."`
	Domain    clearable      `json:"domain,omitzero" doc:"null clears."`
	Variables map[string]any `json:"variables,omitempty" doc:"Values by the variables' keys; null clears, what is not named stays."`
	SyncToCRM *bool          `json:"sync_to_crm,omitempty" doc:"false: these values are never sent to Salesforce. Default true."`
}

type upsertedCompany struct {
	Company
	Ignored []string `json:"ignored" doc:"Keys of the variables that only Salesforce changes: their values were left out."`
}

type companiesInput struct {
	Domain string `query:"domain"`
	ListInput
}

func (a *api) listCompanies(ctx context.Context, in *companiesInput) (*answer[list[Company]], error) {
	found, err := a.Entities.List(ctx, callerOf(ctx).workspaceID, in.filter(conversion.KindCompany, in.Domain))
	if err != nil {
		return nil, err
	}
	instance, err := a.instanceURL(ctx, found.Items...)
	return listOf(found.Items, found.Next, func(v directory.View) Company { return showCompany(v, instance) }), err
}

func (a *api) upsertCompany(ctx context.Context, in *struct{ Body companyDraft }) (*made[upsertedCompany], error) {
	result, err := a.upsert(ctx, conversion.KindCompany, in.Body.draft(in.Body.SyncToCRM))
	if err != nil {
		return nil, err
	}
	c, err := shown(ctx, a, result.View, showCompany)
	return &made[upsertedCompany]{madeStatus(result.Created), upsertedCompany{c, notNil(result.Ignored)}}, err
}

func (a *api) company(ctx context.Context, in *ByID) (*answer[Company], error) {
	v, err := a.Entities.Get(ctx, callerOf(ctx).workspaceID, conversion.KindCompany, in.ID)
	return answerShown(ctx, a, v, err, showCompany)
}

func (a *api) patchCompany(ctx context.Context, in *struct {
	ByID
	Body companyPatch
}) (*answer[Company], error) {
	who, p := callerOf(ctx), in.Body
	v, err := a.Entities.Update(ctx, who.workspaceID, conversion.KindCompany, in.ID, who.actor, directory.Patch{
		Key: p.Domain.pointer(), Name: p.Name.pointer(), Values: p.Variables, LocalOnly: !yes(p.SyncToCRM),
	})
	return answerShown(ctx, a, v, err, showCompany)
}

func (a *api) deleteCompany(ctx context.Context, in *deletion) (*nothing, error) {
	return a.delete(ctx, conversion.KindCompany, in)
}

func (a *api) restoreCompany(ctx context.Context, in *ByID) (*answer[Company], error) {
	who := callerOf(ctx)
	v, err := a.Endings.Restore(ctx, who.workspaceID, conversion.KindCompany, in.ID, who.actor)
	return answerShown(ctx, a, v, err, showCompany)
}
