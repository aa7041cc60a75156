package directory

import (
	"context"
	"fmt"
	"time"

	"conversion"
	"conversion/internal/mapping"
)

// Service is the directory of all workspaces. It is safe for concurrent use.
type Service struct {
	open func(workspaceID string) Books
	now  func() time.Time
	wake func(workspaceID string)
}

// New returns a directory over the books that open finds. wake is called after each
// commit that may have something to send, and must return at once.
func New(open func(workspaceID string) Books, now func() time.Time, wake func(workspaceID string)) *Service {
	return &Service{open: open, now: now, wake: wake}
}

// settings are what every change of a workspace's entities is made under.
type settings struct {
	schema  *conversion.Schema
	allowed conversion.Reach  // by the rules now
	now     conversion.Moment // ours
	theirs  conversion.Moment // the same in Salesforce's time, as far as
	known   bool              // that is known
}

func (s *Service) settings(ctx context.Context, books Books, kind conversion.Kind) (settings, error) {
	schema, err := schemaOf(ctx, books, kind)
	if err != nil {
		return settings{}, err
	}
	rules, err := books.Rules(ctx)
	if err != nil {
		return settings{}, fmt.Errorf("read the rules: %w", err)
	}
	offset, known, err := books.ClockOffset(ctx)
	if err != nil {
		return settings{}, fmt.Errorf("read the clock offset: %w", err)
	}
	now := s.moment()
	return settings{schema: schema, allowed: rules.Reach(), now: now, theirs: now.Add(offset), known: known}, nil
}

// schemaOf returns the workspace's variables of the kind. Before the first describe they
// are the standard ones, stored now, so that their numbers never change.
func schemaOf(ctx context.Context, books Books, kind conversion.Kind) (*conversion.Schema, error) {
	schema, err := books.Schema(ctx, kind)
	if err != nil {
		return nil, fmt.Errorf("read the variables: %w", err)
	}
	if len(schema.Variables) > 0 {
		return schema, nil
	}
	seed := mapping.Seed(kind)
	if err := books.SaveVariables(ctx, kind, seed); err != nil {
		return nil, fmt.Errorf("store the standard variables: %w", err)
	}
	return conversion.NewSchema(kind, seed), nil
}

// reachOf returns the kinds of record a change may go to (spec 5.2): none, now or later,
// when its maker opted out (spec 5.4).
func (s settings) reachOf(syncToCRM bool) conversion.Reach {
	if !syncToCRM {
		return conversion.LocalOnly
	}
	return s.allowed
}

func (s *Service) moment() conversion.Moment { return conversion.MomentOf(s.now()) }
