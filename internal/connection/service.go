package connection

import (
	"context"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"conversion"
	"conversion/internal/salesforce"
	"conversion/internal/secret"
)

// The OAuth flows a workspace may be connected by.
const (
	FlowWeb               = "web"
	FlowClientCredentials = "client_credentials"
)

// CallbackPath is where Salesforce sends the browser back to, below the public URL.
const CallbackPath = "/oauth/salesforce/callback"

// maxAttempts bounds how often a change of the connection's row is made anew because
// somebody else changed it in between.
const maxAttempts = 8

// Config is what a Service needs. All but Count are required.
type Config struct {
	Open                func(workspaceID string) Books
	States              AuthStates
	Audit               Audit
	Keeper              *secret.Keeper
	Hosts               salesforce.Hosts
	PublicURL           string // where users reach the installation; no trailing slash
	DefaultClientID     string // of the app that logs in when the admin names none; may be ""
	DefaultClientSecret string
	Interval            time.Duration // between pulls, unless the admin chose another
	Now                 func() time.Time
	Logger              *slog.Logger
	// Count is told of requests that count against the org's budget; nil: nobody asks.
	Count func(ctx context.Context, workspaceID string, requests int)
}

// Service is the ties of all workspaces. It is safe for concurrent use.
type Service struct {
	Config

	mu      sync.Mutex
	clients map[string]openClient // by workspace
}

// New returns a service.
func New(config Config) *Service {
	return &Service{Config: config, clients: make(map[string]openClient)}
}

// RedirectURL is the callback address to be entered in the connected app.
func (s *Service) RedirectURL() string { return s.PublicURL + CallbackPath }

func (s *Service) moment() conversion.Moment { return conversion.MomentOf(s.Now()) }

// change applies a change to the workspace's row, again on the newest one as long as
// somebody else was quicker, and returns what it stored. When apply returns false or an
// error, nothing is stored.
func (s *Service) change(ctx context.Context, workspaceID string, apply func(c *conversion.Connection) (bool, error)) (conversion.Connection, error) {
	books := s.Open(workspaceID)
	for range maxAttempts {
		c, err := books.Connection(ctx)
		if err != nil {
			return c, err
		}
		c.WorkspaceID = workspaceID
		live := c.Live()
		if wanted, err := apply(&c); err != nil || !wanted {
			return c, err
		}
		if live && !c.Live() && c.Offline == 0 {
			c.Offline = s.moment() // what is changed from now on piles up (spec 5.2)
		}
		err = books.SaveConnection(ctx, c, c.Generation, false)
		if conversion.ErrorCode(err) == conversion.CodeConflict {
			continue
		}
		c.Generation++
		return c, err
	}
	return conversion.Connection{}, conversion.Errorf(conversion.CodeUnavailable, "Others keep changing the connection; try again.")
}

// audit records who did what; a log that cannot be written fails the caller.
func (s *Service) audit(ctx context.Context, workspaceID string, actor conversion.Actor, action, detail string) error {
	err := s.Audit.AppendAudit(ctx, []conversion.AuditEntry{{
		WorkspaceID: workspaceID, At: s.moment(), Actor: actor, Action: action, Detail: detail,
	}})
	if err != nil {
		return fmt.Errorf("write the audit log: %w", err)
	}
	return nil
}
