package api

import (
	"context"
	"net/http"
	"reflect"

	"github.com/danielgtaylor/huma/v2"

	"conversion"
	"conversion/internal/directory"
)

// draftItem is one item of a batch as it was sent: a wrong one must not fail the others,
// so each is checked for itself.
type draftItem struct {
	raw []byte
}

// UnmarshalJSON keeps the item.
func (d *draftItem) UnmarshalJSON(data []byte) error {
	d.raw = append(d.raw[:0], data...)
	return nil
}

// Schema describes what is checked later.
func (draftItem) Schema(huma.Registry) *huma.Schema {
	return &huma.Schema{Description: "What a single POST takes, without sync_to_crm. Each is checked for itself."}
}

type contactBatch struct {
	Contacts  []draftItem `json:"contacts" maxItems:"1000"`
	SyncToCRM *bool       `json:"sync_to_crm,omitempty" doc:"false: these values are never sent to Salesforce. Default true."`
}

type companyBatch struct {
	Companies []draftItem `json:"companies" maxItems:"1000"`
	SyncToCRM *bool       `json:"sync_to_crm,omitempty" doc:"false: these values are never sent to Salesforce. Default true."`
}

// Outcome is what became of one item.
type Outcome struct {
	Index   int      `json:"index" doc:"The item's place in the batch, from 0."`
	Status  int      `json:"status" doc:"The status that a single call would have answered."`
	Ignored []string `json:"ignored,omitempty" doc:"Keys of the variables that only Salesforce changes."`
	Error   *problem `json:"error,omitempty"`
}

type contactOutcome struct {
	Outcome
	Contact *Contact `json:"contact,omitempty"`
}

type companyOutcome struct {
	Outcome
	Company *Company `json:"company,omitempty"`
}

func (a *api) upsertContacts(ctx context.Context, in *struct{ Body contactBatch }) (*answer[list[contactOutcome]], error) {
	b := newBatch(a, in.Body.Contacts, func(f ContactFields) directory.Draft { return f.draft(in.Body.SyncToCRM) })
	instance, err := b.run(ctx, conversion.KindContact)
	if err != nil {
		return nil, err
	}
	return listOf(b.outcomes, "", func(o Outcome) contactOutcome {
		shown := contactOutcome{Outcome: o}
		if o.Error == nil {
			c := showContact(b.views[o.Index], instance)
			shown.Contact = &c
		}
		return shown
	}), nil
}

func (a *api) upsertCompanies(ctx context.Context, in *struct{ Body companyBatch }) (*answer[list[companyOutcome]], error) {
	b := newBatch(a, in.Body.Companies, func(f CompanyFields) directory.Draft { return f.draft(in.Body.SyncToCRM) })
	instance, err := b.run(ctx, conversion.KindCompany)
	if err != nil {
		return nil, err
	}
	return listOf(b.outcomes, "", func(o Outcome) companyOutcome {
		shown := companyOutcome{Outcome: o}
		if o.Error == nil {
			c := showCompany(b.views[o.Index], instance)
			shown.Company = &c
		}
		return shown
	}), nil
}

// batch is many drafts on their way to becoming outcomes.
type batch struct {
	*api
	drafts   []directory.Draft
	places   []int // of the drafts among the items
	outcomes []Outcome
	views    []directory.View // by item
}

// newBatch reads the items. Those that cannot be read have their outcome already.
func newBatch[Fields any](a *api, items []draftItem, draft func(Fields) directory.Draft) *batch {
	b := &batch{api: a, outcomes: make([]Outcome, len(items)), views: make([]directory.View, len(items))}
	for i, item := range items {
		b.outcomes[i].Index = i
		fields, refusal := readItem[Fields](a, item)
		if refusal != nil {
			b.fail(i, refusal)
			continue
		}
		b.drafts, b.places = append(b.drafts, draft(fields)), append(b.places, i)
	}
	return b
}

// readItem reads one item as a single call would read its body.
func readItem[Fields any](a *api, item draftItem) (fields Fields, refusal *problem) {
	var parsed any
	if err := digits.Unmarshal(item.raw, &parsed); err != nil {
		return fields, refuse(http.StatusBadRequest, "The item is not JSON.")
	}
	path, found := huma.NewPathBuffer(nil, 0), &huma.ValidateResult{}
	path.Push("body")
	huma.Validate(a.huma.OpenAPI().Components.Schemas, a.schemaOf(reflect.TypeFor[Fields]()), path, huma.ModeWriteToServer, parsed, found)
	if len(found.Errors) == 0 {
		if err := digits.Unmarshal(item.raw, &fields); err != nil {
			found.Errors = append(found.Errors, err)
		}
	}
	if len(found.Errors) > 0 {
		return fields, refused(http.StatusUnprocessableEntity, "", found.Errors)
	}
	return fields, nil
}

func (b *batch) fail(i int, p *problem) { b.outcomes[i].Status, b.outcomes[i].Error = p.Status, p }

// run carries the drafts out, and returns where their records are shown. The error is for
// what stopped all of them.
func (b *batch) run(ctx context.Context, kind conversion.Kind) (instanceURL string, err error) {
	if len(b.drafts) == 0 {
		return "", nil
	}
	c := callerOf(ctx)
	results, err := b.Entities.Upsert(ctx, c.workspaceID, kind, c.actor, b.drafts)
	if err != nil {
		return "", err
	}
	for j, r := range results {
		i := b.places[j]
		if r.Err != nil {
			b.fail(i, b.problem(ctx, r.Err))
			continue
		}
		b.outcomes[i].Status, b.outcomes[i].Ignored, b.views[i] = madeStatus(r.Created), r.Ignored, r.View
	}
	return b.instanceURL(ctx, b.views...)
}
