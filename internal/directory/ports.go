package directory

import (
	"context"
	"time"

	"conversion"
)

// Books are a workspace's records as the directory needs them; the store implements
// them.
type Books interface {
	Ledger
	Reader
	Histories
	Settings
	Quarantine
}

// Ledger holds contacts and companies with their links.
type Ledger interface {
	Groups(ctx context.Context, q conversion.GroupQuery) ([]conversion.Group, error)
	Commit(ctx context.Context, b conversion.Batch) error
	// Ignored returns records that belong to deleted entities, those linked last first, and
	// the cursor of the next page.
	Ignored(ctx context.Context, after string, limit int) (page []conversion.Ignored, next string, err error)
}

// Reader answers lists and pages.
type Reader interface {
	// List returns a page of live entities (Own and links left out) and the cursor of the
	// next one, "" at the end. Contacts and companies are ordered newest first. A bad
	// cursor is a CodeInvalid error naming "cursor".
	List(ctx context.Context, f conversion.EntityFilter) (page []conversion.Entity, next string, err error)
	// Count returns how many live entities of the kind there are.
	Count(ctx context.Context, k conversion.Kind) (int, error)
	// Timeline returns the changes of an entity, newest first.
	Timeline(ctx context.Context, entityID, after string, limit int) (page []conversion.Change, next string, err error)
	// Engagements returns custom engagements, newest first, of one contact and of one type
	// when these are given.
	Engagements(ctx context.Context, contactID, typ, after string, limit int) (page []conversion.Engagement, next string, err error)
	// LinksOf returns the links of the entities, for lists, without their fields.
	LinksOf(ctx context.Context, entityIDs []string) (map[string][]conversion.Link, error)
	// CompaniesByKey returns the live companies of the domains, by domain (spec 3.15).
	CompaniesByKey(ctx context.Context, domains []string) (map[string]conversion.Entity, error)
	// LiveCompanies returns which of the ids are live companies'.
	LiveCompanies(ctx context.Context, ids []string) (map[string]bool, error)
	// UserNames returns the names of Salesforce users by id (spec 3.17).
	UserNames(ctx context.Context, ids []string) (map[string]string, error)
}

// Histories are how single variables came to their values.
type Histories interface {
	// Rounds returns the last round of each work and object: when formulas were refreshed.
	Rounds(ctx context.Context) ([]conversion.Round, error)
	// TimelineOf returns the changes of one variable of an entity, newest first.
	TimelineOf(ctx context.Context, entityID string, of conversion.VarID, after string, limit int) (page []conversion.Change, next string, err error)
}

// Settings are what the admin chose and the org's clock.
type Settings interface {
	Rules(ctx context.Context) (conversion.Rules, error)
	Schema(ctx context.Context, k conversion.Kind) (*conversion.Schema, error)
	// AddVariable stores a new variable. A StaleError tells that its id is given already, a
	// CodeConflict error that its key is.
	AddVariable(ctx context.Context, v conversion.Variable) error
	SaveVariables(ctx context.Context, k conversion.Kind, variables []conversion.Variable) error
	// ClockOffset returns Salesforce's time minus ours, as last learnt; known is false before
	// it ever was.
	ClockOffset(ctx context.Context) (offset time.Duration, known bool, err error)
}

// Quarantine is what could not be synced.
type Quarantine interface {
	Held(ctx context.Context, f conversion.HeldFilter) (page []conversion.Held, next string, err error)
	// RetriedHeld notes on held rows that they are tried again now.
	RetriedHeld(ctx context.Context, ids []string, now conversion.Moment) error
}
