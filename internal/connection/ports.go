package connection

import (
	"context"

	"conversion"
)

// Books are a workspace's connection and settings; the store implements them.
type Books interface {
	Tie
	Settings
	Gauges
}

// Tie is the connection itself.
type Tie interface {
	Connection(ctx context.Context) (conversion.Connection, error)
	// SaveConnection stores the whole row when its Generation still is expect, and counts
	// Generation up; a CodeConflict error otherwise. It leaves alone what SaveSyncState
	// stores, unless the row is new or reset is true: then the connection is to another
	// org, and all that ties the workspace to the old one ends with it (spec 2.4).
	SaveConnection(ctx context.Context, c conversion.Connection, expect int64, reset bool) error
	// Awaken makes the next sync due at the moment, and touches nothing else.
	Awaken(ctx context.Context, at conversion.Moment) error
	// LiveLinks counts live links, to tell whether another org's would be lost.
	LiveLinks(ctx context.Context, k conversion.Kind) (int, error)
	SaveAuthState(ctx context.Context, s conversion.AuthState) error
}

// Settings are what the admin chose.
type Settings interface {
	Schema(ctx context.Context, k conversion.Kind) (*conversion.Schema, error)
	Rules(ctx context.Context) (conversion.Rules, error)
	// SaveRules stores the rules and wakes up parked dirty entities.
	SaveRules(ctx context.Context, r conversion.Rules, by conversion.Actor, at conversion.Moment) error
	Options(ctx context.Context) (conversion.Options, error)
	SaveOptions(ctx context.Context, o conversion.Options, by conversion.Actor, at conversion.Moment) error
}

// Gauges tell how far the sync is.
type Gauges interface {
	Progress(ctx context.Context) ([]conversion.Progress, error)
	// HeldCount returns how many records and fields could not be synced.
	HeldCount(ctx context.Context) (int, error)
	// Approvals returns those that wait or were decided since the moment.
	Approvals(ctx context.Context, since conversion.Moment) ([]conversion.Approval, error)
	// Spent returns how many API requests were ours in the 24 hours before now.
	Spent(ctx context.Context, now conversion.Moment) (int, error)
	// Waits returns the lanes that wait.
	Waits(ctx context.Context) ([]conversion.Wait, error)
	// DirtyCounts returns how many entities of each lane wait to be sent.
	DirtyCounts(ctx context.Context) (map[conversion.Lane]int, error)
}

// AuthStates finds a started login by its state parameter, which is all a callback
// brings.
type AuthStates interface {
	// TakeAuthState returns and removes the unexpired state of the hash; a CodeNotFound
	// error when there is none.
	TakeAuthState(ctx context.Context, hash []byte, now conversion.Moment) (conversion.AuthState, error)
}

// Audit is the log of who changed which setting.
type Audit interface {
	AppendAudit(ctx context.Context, entries []conversion.AuditEntry) error
}
