package conversion

// Role is what a member may do in a workspace.
type Role string

// The roles.
const (
	RoleAdmin  Role = "admin"  // everything
	RoleMember Role = "member" // reads and edits records; no integrations, members, keys
)

// Workspace is one customer of an installation.
type Workspace struct {
	ID      string
	Name    string
	Created Moment
}

// Member is a person who may sign in to a workspace.
type Member struct {
	ID           string
	WorkspaceID  string
	Email        string // canonical, unique in the installation
	Name         string
	PasswordHash string // argon2id, PHC form
	Role         Role
	Created      Moment
}

// APIKey lets a program act in a workspace. Only the hash of it is kept.
type APIKey struct {
	ID          string
	WorkspaceID string
	Name        string
	Prefix      string // its first characters, to tell keys apart
	Hash        []byte // SHA-256 of the clear key
	Created     Moment
	LastUsed    Moment
	Revoked     Moment
}

// SetupLink is the one-time right to make the first admin. Only its hash is kept.
type SetupLink struct {
	Hash    []byte
	Expires Moment
	Used    Moment
}

// AuditEntry records who changed which setting.
type AuditEntry struct {
	WorkspaceID string
	At          Moment
	Actor       Actor
	Action      string // "rules.changed"
	Detail      string // no secrets
}
