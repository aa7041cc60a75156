package salesforce

import (
	"log/slog"
	"time"
)

// Token is what a login grants. AccessToken and RefreshToken are secrets: they
// do not show when a Token is printed or logged.
type Token struct {
	AccessToken  string
	RefreshToken string // empty after a client-credentials login
	InstanceURL  string // scheme and host of the org's API, no trailing slash; trusted
	IdentityURL  string
	OrgID        string // 18 characters
	UserID       string // 18 characters
	IssuedAt     time.Time
	Scope        string // separated by spaces
}

// String names the token without showing it.
func (t Token) String() string {
	return "token of user " + t.UserID + " in org " + t.OrgID + " at " + t.InstanceURL
}

// GoString names the token without showing it.
func (t Token) GoString() string { return t.String() }

// LogValue names the token without showing it.
func (t Token) LogValue() slog.Value {
	return slog.GroupValue(slog.String("org", t.OrgID), slog.String("user", t.UserID), slog.String("instance", t.InstanceURL))
}
