package connection

import (
	"cmp"
	"context"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"conversion"
)

const (
	maxDefault = 255 // characters of a field's default
	maxMinutes = 1440
)

// fieldName is what Salesforce's API names look like.
var fieldName = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9_]{0,79}$`)

// Rules returns the workspace's rules.
func (s *Service) Rules(ctx context.Context, workspaceID string) (conversion.Rules, error) {
	return s.Open(workspaceID).Rules(ctx)
}

// SetRules replaces the rules; changes that wait for one are looked at again. A
// CodeInvalid error names every setting that is wrong, and nothing is changed.
func (s *Service) SetRules(ctx context.Context, workspaceID string, actor conversion.Actor, r conversion.Rules) error {
	if err := s.CheckRules(ctx, workspaceID, r); err != nil {
		return err
	}
	return s.Open(workspaceID).SaveRules(ctx, r, actor, s.moment())
}

// CheckRules reports what SetRules would refuse, and changes nothing.
func (s *Service) CheckRules(ctx context.Context, workspaceID string, r conversion.Rules) error {
	if err := r.Validate(); err != nil {
		return err
	}
	fields, err := describedFields(ctx, s.Open(workspaceID))
	if err != nil {
		return err
	}
	return checkDefaults(r.Defaults, fields)
}

// checkDefaults checks the admin's defaults for fields on create: "Lead.Company" → value
// (spec 4.4).
func checkDefaults(defaults map[string]string, fields described) error {
	invalid := &conversion.Error{Code: conversion.CodeInvalid, Message: "The rules are not valid."}
	for key, value := range defaults {
		if problem := cmp.Or(defaultProblem(key, value), fields.problem(key, value)); problem != "" {
			invalid.Fields = append(invalid.Fields, conversion.FieldError{Field: "defaults." + key, Message: problem})
		}
	}
	if len(invalid.Fields) == 0 {
		return nil
	}
	slices.SortFunc(invalid.Fields, func(a, b conversion.FieldError) int { return strings.Compare(a.Field, b.Field) })
	return invalid
}

func defaultProblem(key, value string) string {
	object, field, _ := strings.Cut(key, ".")
	writable := []conversion.Object{conversion.Lead, conversion.Contact, conversion.Account}
	switch {
	case !slices.Contains(writable, conversion.Object(object)):
		return "must begin with Lead., Contact. or Account."
	case !fieldName.MatchString(field):
		return fmt.Sprintf("%q is not an API name of a field", field)
	case utf8.RuneCountInString(value) > maxDefault:
		return fmt.Sprintf("is longer than %d characters", maxDefault)
	case strings.ContainsRune(value, 0):
		return "holds a NUL character"
	}
	return ""
}

// Options returns the workspace's options. The interval is the connection's own, once
// there is one, else the installation's.
func (s *Service) Options(ctx context.Context, workspaceID string) (conversion.Options, error) {
	books := s.Open(workspaceID)
	o, err := books.Options(ctx)
	if err != nil {
		return o, err
	}
	c, err := books.Connection(ctx)
	if err != nil {
		return o, err
	}
	interval := s.Interval
	if c.Interval > 0 {
		interval = c.Interval
	}
	o.IntervalMinutes = max(1, int(interval/time.Minute))
	return o, nil
}

// SetOptions replaces the options. A CodeInvalid error names every one that is out of
// range, and nothing is changed.
func (s *Service) SetOptions(ctx context.Context, workspaceID string, actor conversion.Actor, o conversion.Options) error {
	if err := s.checkOptions(ctx, workspaceID, o); err != nil {
		return err
	}
	if err := s.Open(workspaceID).SaveOptions(ctx, o, actor, s.moment()); err != nil {
		return err
	}
	interval := time.Duration(o.IntervalMinutes) * time.Minute
	c, err := s.change(ctx, workspaceID, func(c *conversion.Connection) (bool, error) {
		changed := c.Interval != interval
		c.Interval = interval
		return changed, nil
	})
	if next := s.moment().Add(interval); err == nil && c.Live() && next < c.NextSync {
		return s.Open(workspaceID).Awaken(ctx, next) // what was due after a longer interval
	}
	return err
}

func (s *Service) checkOptions(ctx context.Context, workspaceID string, o conversion.Options) error {
	invalid := &conversion.Error{Code: conversion.CodeInvalid, Message: "The options are not valid.", Fields: outOfBounds(o)}
	for kind, field := range map[conversion.Kind]string{
		conversion.KindContact: "outbound_filter.contacts", conversion.KindCompany: "outbound_filter.companies",
	} {
		schema, err := s.Open(workspaceID).Schema(ctx, kind)
		if err != nil {
			return fmt.Errorf("read the variables: %w", err)
		}
		invalid.Fields = append(invalid.Fields, o.OutboundFilter.For(kind).Check(field, schema)...)
	}
	if len(invalid.Fields) == 0 {
		return nil
	}
	return invalid
}

func outOfBounds(o conversion.Options) (wrong []conversion.FieldError) {
	for _, bound := range []struct {
		field    string
		value    int
		from, to int
	}{
		{"interval_minutes", o.IntervalMinutes, 1, maxMinutes},
		{"api_share_percent", o.APISharePercent, 1, 95},
		{"unknown_outcome_minutes", o.UnknownOutcomeMinutes, 1, maxMinutes},
		{"max_deletions", o.MaxDeletions, 1, 1_000_000},
		{"max_deletions_percent", o.MaxDeletionsPercent, 1, 100},
		{"max_changed_percent", o.MaxChangedPercent, 1, 100},
		{"retention_days", o.RetentionDays, 1, 36_500},
		{"overlap_minutes", o.OverlapMinutes, 10, maxMinutes},
		{"refresh_hours", o.RefreshHours, 1, 720},
	} {
		if bound.value < bound.from || bound.value > bound.to {
			wrong = append(wrong, conversion.FieldError{
				Field: bound.field, Message: fmt.Sprintf("must be from %d to %d", bound.from, bound.to),
			})
		}
	}
	if o.OnMerge != conversion.MergeKeep && o.OnMerge != conversion.MergeCombine {
		wrong = append(wrong, conversion.FieldError{Field: "on_merge", Message: fmt.Sprintf("%q is not one of [keep combine]", o.OnMerge)})
	}
	return wrong
}
