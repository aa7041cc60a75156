package api

import (
	"cmp"
	"context"

	"conversion"
)

// rules is the document of the six rules (spec 5). What a PUT leaves out is none.
type rules struct {
	ContactsCreated  conversion.Target `json:"contacts_created" required:"false" enum:"none,leads,contacts"`
	ContactsUpdated  conversion.Target `json:"contacts_updated" required:"false" enum:"none,leads,contacts,all"`
	ContactsDeleted  conversion.Target `json:"contacts_deleted" required:"false" enum:"none,all"`
	CompaniesCreated conversion.Target `json:"companies_created" required:"false" enum:"none,companies"`
	CompaniesUpdated conversion.Target `json:"companies_updated" required:"false" enum:"none,companies"`
	CompaniesDeleted conversion.Target `json:"companies_deleted" required:"false" enum:"none,companies"`
	Defaults         map[string]string `json:"defaults" required:"false" doc:"Values for fields on create, by \"Lead.Company\"."`
}

func showRules(r conversion.Rules) rules {
	shown := rules(r)
	if shown.Defaults == nil {
		shown.Defaults = map[string]string{}
	}
	return shown
}

// wanted are the rules with none for what was left out.
func (r rules) wanted() conversion.Rules {
	wanted := conversion.Rules(r)
	for _, setting := range conversion.RuleSettings {
		target := wanted.Get(setting.Key)
		*target = cmp.Or(*target, conversion.TargetNone)
	}
	return wanted
}

func (a *api) rules(ctx context.Context, _ *nothing) (*answer[rules], error) {
	r, err := a.Settings.Rules(ctx, callerOf(ctx).workspaceID)
	return answerWith(showRules(r)), err
}

func (a *api) setRules(ctx context.Context, in *struct{ Body rules }) (*answer[rules], error) {
	c, wanted := callerOf(ctx), in.Body.wanted()
	if err := a.Settings.SetRules(ctx, c.workspaceID, c.actor, wanted); err != nil {
		return nil, err
	}
	return a.rules(ctx, nil)
}

// options is the document of the other settings. What a PUT leaves out stays.
type options struct {
	IntervalMinutes       *int                `json:"interval_minutes,omitempty" minimum:"1" maximum:"1440" doc:"Between pulls."`
	AssignmentRules       *bool               `json:"assignment_rules,omitempty" doc:"Salesforce's assignment rules run on create."`
	AlignDuplicates       *bool               `json:"align_duplicates,omitempty" doc:"A change from one record goes to the others of its contact."`
	APISharePercent       *int                `json:"api_share_percent,omitempty" minimum:"1" maximum:"95" doc:"Of the org's daily requests that may be ours."`
	UnknownOutcomeMinutes *int                `json:"unknown_outcome_minutes,omitempty" minimum:"1" maximum:"1440" doc:"How long a request without an answer may still take effect."`
	Breaker               *breaker            `json:"breaker,omitempty"`
	OnMerge               *conversion.OnMerge `json:"on_merge,omitempty" enum:"keep,combine" doc:"What becomes of two contacts whose records are merged in Salesforce."`
	DeleteInConversion    *goneWith           `json:"delete_in_conversion,omitempty" doc:"For which objects the deletion of the last linked record deletes here too."`
	RetentionDays         *int                `json:"retention_days,omitempty" minimum:"1" maximum:"36500" doc:"How long timeline, runs and resolved problems are kept."`
	OverlapMinutes        *int                `json:"overlap_minutes,omitempty" minimum:"10" maximum:"1440" doc:"How far before the end of the last reading a pull begins."`
	RefreshHours          *int                `json:"refresh_hours,omitempty" minimum:"1" maximum:"720" doc:"Between refreshes of formula and roll-up fields."`
	OutboundFilter        *outboundFilter     `json:"outbound_filter,omitempty" doc:"Who is created in Salesforce: all conditions must hold."`
}

// outboundFilter is who is created (spec 4.2). What a PUT leaves out of it admits everybody.
type outboundFilter struct {
	Contacts  []condition `json:"contacts" required:"false"`
	Companies []condition `json:"companies" required:"false"`
}

type condition struct {
	Variable string          `json:"variable"`
	Is       conversion.Test `json:"is" enum:"equal,not_equal,contains,filled,empty"`
	Value    string          `json:"value,omitempty"`
}

func showFilter(f conversion.Filter) []condition {
	shown := make([]condition, len(f))
	for i, c := range f {
		shown[i] = condition(c)
	}
	return shown
}

func filterOf(conditions []condition) conversion.Filter {
	var f conversion.Filter
	for _, c := range conditions {
		f = append(f, conversion.Condition(c))
	}
	return f
}

// breaker is what an admin has to approve (spec 4.11).
type breaker struct {
	MaxDeletions        *int `json:"max_deletions,omitempty" minimum:"1" maximum:"1000000" doc:"Deletions in 24 hours that need no approval."`
	MaxDeletionsPercent *int `json:"max_deletions_percent,omitempty" minimum:"1" maximum:"100" doc:"The same, of the linked records; the smaller counts, but at least 10 records."`
	MaxChangedPercent   *int `json:"max_changed_percent,omitempty" minimum:"1" maximum:"100" doc:"Of at least 1,000 contacts: on how many one sync, or one API key or import within 24 hours, may change or blank a field without an approval."`
}

// goneWith is the option of spec 3.10. What a PUT leaves out of it stays.
type goneWith struct {
	Lead    *bool `json:"lead,omitempty"`
	Contact *bool `json:"contact,omitempty"`
	Account *bool `json:"account,omitempty"`
}

func showOptions(o conversion.Options) options {
	return options{
		IntervalMinutes: &o.IntervalMinutes, AssignmentRules: &o.AssignmentRules, AlignDuplicates: &o.AlignDuplicates,
		APISharePercent: &o.APISharePercent, UnknownOutcomeMinutes: &o.UnknownOutcomeMinutes,
		Breaker: &breaker{&o.MaxDeletions, &o.MaxDeletionsPercent, &o.MaxChangedPercent},
		OnMerge: &o.OnMerge, RetentionDays: &o.RetentionDays, OverlapMinutes: &o.OverlapMinutes, RefreshHours: &o.RefreshHours,
		DeleteInConversion: &goneWith{&o.DeleteInConversion.Lead, &o.DeleteInConversion.Contact, &o.DeleteInConversion.Account},
		OutboundFilter:     &outboundFilter{showFilter(o.OutboundFilter.Contacts), showFilter(o.OutboundFilter.Companies)},
	}
}

// over returns what is there with what is wanted put over it.
func (o options) over(there conversion.Options) conversion.Options {
	put(&there.IntervalMinutes, o.IntervalMinutes)
	put(&there.AssignmentRules, o.AssignmentRules)
	put(&there.AlignDuplicates, o.AlignDuplicates)
	put(&there.APISharePercent, o.APISharePercent)
	put(&there.UnknownOutcomeMinutes, o.UnknownOutcomeMinutes)
	if o.Breaker != nil {
		put(&there.MaxDeletions, o.Breaker.MaxDeletions)
		put(&there.MaxDeletionsPercent, o.Breaker.MaxDeletionsPercent)
		put(&there.MaxChangedPercent, o.Breaker.MaxChangedPercent)
	}
	put(&there.OnMerge, o.OnMerge)
	put(&there.RetentionDays, o.RetentionDays)
	put(&there.OverlapMinutes, o.OverlapMinutes)
	put(&there.RefreshHours, o.RefreshHours)
	if d := o.DeleteInConversion; d != nil {
		put(&there.DeleteInConversion.Lead, d.Lead)
		put(&there.DeleteInConversion.Contact, d.Contact)
		put(&there.DeleteInConversion.Account, d.Account)
	}
	if f := o.OutboundFilter; f != nil {
		there.OutboundFilter = conversion.OutboundFilter{Contacts: filterOf(f.Contacts), Companies: filterOf(f.Companies)}
	}
	return there
}

func put[T any](there, wanted *T) {
	if wanted != nil {
		*there = *wanted
	}
}

func (a *api) options(ctx context.Context, _ *nothing) (*answer[options], error) {
	o, err := a.Settings.Options(ctx, callerOf(ctx).workspaceID)
	return answerWith(showOptions(o)), err
}

func (a *api) setOptions(ctx context.Context, in *struct{ Body options }) (*answer[options], error) {
	c := callerOf(ctx)
	there, err := a.Settings.Options(ctx, c.workspaceID)
	if err != nil {
		return nil, err
	}
	if err := a.Settings.SetOptions(ctx, c.workspaceID, c.actor, in.Body.over(there)); err != nil {
		return nil, err
	}
	return a.options(ctx, nil)
}
