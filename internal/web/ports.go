package web

import (
	"context"

	"conversion"
	"conversion/internal/account"
	"conversion/internal/connection"
	"conversion/internal/directory"
	"conversion/internal/engine"
)

// People are who may sign in; *account.Service implements it.
type People interface {
	CheckSetupLink(ctx context.Context, token string) error
	SetUp(ctx context.Context, token string, a account.Admin) (conversion.Member, error)
	SignIn(ctx context.Context, email, password, address string) (conversion.Member, error)
	Member(ctx context.Context, id string) (conversion.Member, error)
	Members(ctx context.Context, workspaceID string) ([]conversion.Member, error)
	AddMember(ctx context.Context, by conversion.Actor, n account.NewMember) (conversion.Member, error)
}

// Keys are a workspace's API keys; *account.Service implements it.
type Keys interface {
	Keys(ctx context.Context, workspaceID string) ([]conversion.APIKey, error)
	CreateKey(ctx context.Context, by conversion.Actor, workspaceID, name string) (clear string, key conversion.APIKey, err error)
	RevokeKey(ctx context.Context, by conversion.Actor, workspaceID, id string) error
}

// Directory holds contacts and companies; *directory.Service implements it.
type Directory interface {
	List(ctx context.Context, workspaceID string, f conversion.EntityFilter) (directory.Page, error)
	Get(ctx context.Context, workspaceID string, kind conversion.Kind, id string) (directory.View, error)
	Variables(ctx context.Context, workspaceID string, kind conversion.Kind) ([]conversion.Variable, error)
	Timeline(ctx context.Context, workspaceID string, kind conversion.Kind, id, after string, limit int) ([]conversion.Change, string, error)
	Engagements(ctx context.Context, workspaceID, contactID, typ, after string, limit int) ([]conversion.Engagement, string, error)
	Upsert(ctx context.Context, workspaceID string, kind conversion.Kind, actor conversion.Actor, drafts []directory.Draft) ([]directory.Result, error)
	Update(ctx context.Context, workspaceID string, kind conversion.Kind, id string, actor conversion.Actor, p directory.Patch) (directory.View, error)
	Delete(ctx context.Context, workspaceID string, kind conversion.Kind, id string, actor conversion.Actor, localOnly bool) error
}

// Connections are the workspaces' ties to Salesforce; *connection.Service implements it.
type Connections interface {
	Status(ctx context.Context, workspaceID string) (connection.StatusView, error)
	Begin(ctx context.Context, workspaceID string, in connection.BeginInput) (authorizeURL string, err error)
	Callback(ctx context.Context, actor conversion.Actor, in connection.CallbackInput) (workspaceID string, err error)
	Disconnect(ctx context.Context, workspaceID string, actor conversion.Actor) error
	Pause(ctx context.Context, workspaceID string, actor conversion.Actor) error
	Resume(ctx context.Context, workspaceID string, actor conversion.Actor) error
	SyncNow(ctx context.Context, workspaceID string) error
}

// Settings are what admins chose for the sync; *connection.Service implements it.
type Settings interface {
	Rules(ctx context.Context, workspaceID string) (conversion.Rules, error)
	// CheckRules reports what SetRules would refuse, and changes nothing.
	CheckRules(ctx context.Context, workspaceID string, r conversion.Rules) error
	SetRules(ctx context.Context, workspaceID string, actor conversion.Actor, r conversion.Rules) error
	Options(ctx context.Context, workspaceID string) (conversion.Options, error)
}

// Journal is what a workspace's syncs did, and what of it waits for an admin;
// *store.Workspace implements it.
type Journal interface {
	Previews
	// Runs returns a page, newest first, and the cursor of the next one.
	Runs(ctx context.Context, f conversion.RunFilter) (page []conversion.Run, next string, err error)
	Run(ctx context.Context, id string) (conversion.Run, error)
	RunLines(ctx context.Context, runID, after string, limit int) (page []conversion.RunLine, next string, err error)
	Held(ctx context.Context, f conversion.HeldFilter) (page []conversion.Held, next string, err error)
	// HeldGroups returns the causes of what is held, the largest first.
	HeldGroups(ctx context.Context, after string, limit int) (page []conversion.HeldGroup, next string, err error)
	// HeldOf returns what of one contact or company could not be synced, newest first.
	HeldOf(ctx context.Context, entityID string) ([]conversion.Held, error)
	// Approvals returns those that wait or were decided since the moment, oldest first.
	Approvals(ctx context.Context, since conversion.Moment) ([]conversion.Approval, error)
	DecideApproval(ctx context.Context, id string, granted bool, by conversion.Actor, at conversion.Moment) error
}

// Planner says what rules would do, and does it; *engine.Engine implements it.
type Planner interface {
	Preview(ctx context.Context, workspaceID string, r engine.PreviewRequest) (conversion.Preview, error)
	Apply(ctx context.Context, workspaceID, previewID string, by conversion.Actor) (engine.Applied, error)
}

// Previews are what the planner said.
type Previews interface {
	Preview(ctx context.Context, id string, now conversion.Moment) (conversion.Preview, error)
	// PreviewItems returns a page of a preview's records; skippedOnly those passed over.
	PreviewItems(ctx context.Context, id string, skippedOnly bool, after string, limit int) (page []conversion.PreviewItem, next string, err error)
}

// Endings combine, separate and erase contacts and companies, and bring deleted ones back;
// *directory.Service implements it.
type Endings interface {
	Combine(ctx context.Context, workspaceID string, kind conversion.Kind, id, into string, actor conversion.Actor) (directory.View, error)
	Separate(ctx context.Context, workspaceID string, kind conversion.Kind, id string, recordIDs []string, actor conversion.Actor) (directory.View, error)
	// Erase reports done false while records are to be deleted in Salesforce first.
	Erase(ctx context.Context, workspaceID string, kind conversion.Kind, id string, actor conversion.Actor, inSalesforce bool) (done bool, err error)
	Restore(ctx context.Context, workspaceID string, kind conversion.Kind, id string, actor conversion.Actor) (directory.View, error)
	Ignored(ctx context.Context, workspaceID, after string, limit int) (page []conversion.Ignored, next string, err error)
}

// Quarantine is what could not be synced; *directory.Service implements it.
type Quarantine interface {
	// RetryHeld tries again at once what the filter selects, and returns how many rows.
	RetryHeld(ctx context.Context, workspaceID string, f conversion.HeldFilter, actor conversion.Actor) (int, error)
	// NotThere sends creates of unknown outcome again at once, for they made no record, and
	// returns how many.
	NotThere(ctx context.Context, workspaceID string, ids []string, actor conversion.Actor) (int, error)
}
