package account

import (
	"context"

	"conversion"
)

// Books keep the accounts of an installation; the store implements them. They look
// across workspaces, for a sign-in or an API key comes before its workspace is known.
type Books interface {
	Workspaces
	Members
	Keys
	Setup
	Audit
}

// Workspaces are the customers of the installation.
type Workspaces interface {
	// Workspaces returns all of them, oldest first.
	Workspaces(ctx context.Context) ([]conversion.Workspace, error)
	// CreateWorkspace returns a CodeConflict error when the id is taken.
	CreateWorkspace(ctx context.Context, w conversion.Workspace) error
}

// Members are the people who may sign in.
type Members interface {
	// MemberByEmail takes a canonical e-mail; a CodeNotFound error when nobody has it.
	MemberByEmail(ctx context.Context, email string) (conversion.Member, error)
	// Member returns one by id; a CodeNotFound error when there is none.
	Member(ctx context.Context, id string) (conversion.Member, error)
	// MembersOf returns a workspace's members ordered by e-mail.
	MembersOf(ctx context.Context, workspaceID string) ([]conversion.Member, error)
	// CreateMember returns a CodeConflict error when the e-mail is taken.
	CreateMember(ctx context.Context, m conversion.Member) error
	// SaveMember stores name, password hash and role of the member with m's workspace
	// and id; a CodeNotFound error when there is none. In one transaction with that, it
	// returns a CodeConflict error when the workspace would be left without an admin.
	SaveMember(ctx context.Context, m conversion.Member) error
	// DeleteMember returns errors like those of SaveMember.
	DeleteMember(ctx context.Context, workspaceID, id string) error
}

// Keys are API keys. Revoked ones are kept and returned, for the list shows them.
type Keys interface {
	CreateKey(ctx context.Context, k conversion.APIKey) error
	// KeyByHash returns a CodeNotFound error when no key has the hash.
	KeyByHash(ctx context.Context, hash []byte) (conversion.APIKey, error)
	// KeysOf returns a workspace's keys, newest first.
	KeysOf(ctx context.Context, workspaceID string) ([]conversion.APIKey, error)
	// RevokeKey keeps the time of the first revocation; a CodeNotFound error when the
	// workspace has no such key.
	RevokeKey(ctx context.Context, workspaceID, id string, at conversion.Moment) error
	// KeysUsed stores the last use by key id, never an earlier one than is stored.
	KeysUsed(ctx context.Context, lastUsed map[string]conversion.Moment) error
}

// Setup is how the first admin comes in.
type Setup interface {
	// AnyMember reports whether anybody may sign in yet.
	AnyMember(ctx context.Context) (bool, error)
	// SaveSetupLink stores the link and removes all others.
	SaveSetupLink(ctx context.Context, l conversion.SetupLink) error
	// SetupLink returns a CodeNotFound error when no link has the hash.
	SetupLink(ctx context.Context, hash []byte) (conversion.SetupLink, error)
	// CreateFirstMember creates m and marks the link used, in one transaction. It returns
	// a CodeConflict error, and changes nothing, when the link is gone or was used, or
	// when there is any member.
	CreateFirstMember(ctx context.Context, link []byte, m conversion.Member, at conversion.Moment) error
}

// Audit is the log of who changed which setting.
type Audit interface {
	AppendAudit(ctx context.Context, entries []conversion.AuditEntry) error
	// AuditLog returns a page, newest first, and the cursor of the next one, "" at the
	// end; a bad cursor is a CodeInvalid error naming "cursor".
	AuditLog(ctx context.Context, workspaceID, after string, limit int) (page []conversion.AuditEntry, next string, err error)
}
