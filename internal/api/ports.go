package api

import (
	"context"

	"conversion"
	"conversion/internal/connection"
	"conversion/internal/directory"
	"conversion/internal/engine"
)

// Keys tell whose an API key is; *account.Service implements it.
type Keys interface {
	// Authenticate returns a CodeUnauthorized error for a key that is wrong or revoked.
	Authenticate(ctx context.Context, clear string) (conversion.APIKey, error)
}

// Entities are contacts and companies; *directory.Service implements it.
type Entities interface {
	List(ctx context.Context, workspaceID string, f conversion.EntityFilter) (directory.Page, error)
	Get(ctx context.Context, workspaceID string, kind conversion.Kind, id string) (directory.View, error)
	Upsert(ctx context.Context, workspaceID string, kind conversion.Kind, actor conversion.Actor, drafts []directory.Draft) ([]directory.Result, error)
	Update(ctx context.Context, workspaceID string, kind conversion.Kind, id string, actor conversion.Actor, p directory.Patch) (directory.View, error)
	Timeline(ctx context.Context, workspaceID string, kind conversion.Kind, id, after string, limit int) ([]conversion.Change, string, error)
}

// Endings take contacts and companies away and bring them back; *directory.Service implements
// it.
type Endings interface {
	Delete(ctx context.Context, workspaceID string, kind conversion.Kind, id string, actor conversion.Actor, localOnly bool) error
	Restore(ctx context.Context, workspaceID string, kind conversion.Kind, id string, actor conversion.Actor) (directory.View, error)
	// Combine lets everything of the first entity go to the other, and shows that.
	Combine(ctx context.Context, workspaceID string, kind conversion.Kind, id, into string, actor conversion.Actor) (directory.View, error)
	// Separate lets records of an entity be one of their own, and shows that.
	Separate(ctx context.Context, workspaceID string, kind conversion.Kind, id string, recordIDs []string, actor conversion.Actor) (directory.View, error)
	// Erase reports done false while records are to be deleted in Salesforce first.
	Erase(ctx context.Context, workspaceID string, kind conversion.Kind, id string, actor conversion.Actor, inSalesforce bool) (done bool, err error)
	Ignored(ctx context.Context, workspaceID, after string, limit int) (page []conversion.Ignored, next string, err error)
}

// Engagements happened to contacts; *directory.Service implements it.
type Engagements interface {
	Engagements(ctx context.Context, workspaceID, contactID, typ, after string, limit int) ([]conversion.Engagement, string, error)
	AddEngagements(ctx context.Context, workspaceID string, drafts []directory.EngagementDraft) ([]directory.EngagementResult, error)
}

// Variables are what contacts and companies hold; *directory.Service implements it.
type Variables interface {
	Variables(ctx context.Context, workspaceID string, kind conversion.Kind) ([]conversion.Variable, error)
	CreateVariable(ctx context.Context, workspaceID string, kind conversion.Kind, d directory.VariableDraft) (conversion.Variable, error)
	// History explains the value of one variable of a contact or company.
	History(ctx context.Context, workspaceID string, kind conversion.Kind, id, key, after string, limit int) (directory.History, error)
	PatchVariable(ctx context.Context, workspaceID string, kind conversion.Kind, key string, p directory.VariablePatch) (conversion.Variable, error)
}

// Connections are the ties to Salesforce; *connection.Service implements it.
type Connections interface {
	Status(ctx context.Context, workspaceID string) (connection.StatusView, error)
	Begin(ctx context.Context, workspaceID string, in connection.BeginInput) (authorizeURL string, err error)
	ConnectClientCredentials(ctx context.Context, workspaceID string, actor conversion.Actor, in connection.CredentialsInput) error
	Disconnect(ctx context.Context, workspaceID string, actor conversion.Actor) error
	Pause(ctx context.Context, workspaceID string, actor conversion.Actor) error
	Resume(ctx context.Context, workspaceID string, actor conversion.Actor) error
	SyncNow(ctx context.Context, workspaceID string) error
}

// Settings are an admin's choices; *connection.Service implements it.
type Settings interface {
	Rules(ctx context.Context, workspaceID string) (conversion.Rules, error)
	CheckRules(ctx context.Context, workspaceID string, r conversion.Rules) error
	SetRules(ctx context.Context, workspaceID string, actor conversion.Actor, r conversion.Rules) error
	Options(ctx context.Context, workspaceID string) (conversion.Options, error)
	SetOptions(ctx context.Context, workspaceID string, actor conversion.Actor, o conversion.Options) error
}

// Syncer queues cycles; *engine.Engine implements it.
type Syncer interface {
	Request(ctx context.Context, workspaceID, trigger string) (runIDs []string, err error)
}

// Planner says what a change of rules would do, and does it; *engine.Engine implements it.
type Planner interface {
	Preview(ctx context.Context, workspaceID string, r engine.PreviewRequest) (conversion.Preview, error)
	Apply(ctx context.Context, workspaceID, previewID string, by conversion.Actor) (engine.Applied, error)
}

// Previews are what the planner said; *store.Workspace implements it.
type Previews interface {
	Preview(ctx context.Context, id string, now conversion.Moment) (conversion.Preview, error)
	// PreviewItems returns a page of a preview's records; skippedOnly those passed over.
	PreviewItems(ctx context.Context, id string, skippedOnly bool, after string, limit int) (page []conversion.PreviewItem, next string, err error)
}

// Books are what one workspace's syncs left behind; *store.Workspace implements it.
type Books interface {
	Previews
	Connection(ctx context.Context) (conversion.Connection, error)
	Runs(ctx context.Context, f conversion.RunFilter) (page []conversion.Run, next string, err error)
	Run(ctx context.Context, id string) (conversion.Run, error)
	RunLines(ctx context.Context, runID, after string, limit int) (page []conversion.RunLine, next string, err error)
	Held(ctx context.Context, f conversion.HeldFilter) (page []conversion.Held, next string, err error)
	HeldGroups(ctx context.Context, after string, limit int) (page []conversion.HeldGroup, next string, err error)
	Approvals(ctx context.Context, since conversion.Moment) ([]conversion.Approval, error)
	DecideApproval(ctx context.Context, id string, granted bool, by conversion.Actor, at conversion.Moment) error
}

// Quarantine is what could not be synced; *directory.Service implements it.
type Quarantine interface {
	// RetryHeld tries again at once what the filter selects, and returns how many rows.
	RetryHeld(ctx context.Context, workspaceID string, f conversion.HeldFilter, actor conversion.Actor) (int, error)
	// NotThere sends creates of unknown outcome again at once, for they made no record, and
	// returns how many.
	NotThere(ctx context.Context, workspaceID string, ids []string, actor conversion.Actor) (int, error)
}
