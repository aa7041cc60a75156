package account

import (
	"context"
	"fmt"
	"log/slog"
	"strings"
	"time"

	"github.com/google/uuid"

	"conversion"
)

// MainWorkspace is the id of the workspace that an installation starts with.
const MainWorkspace = "main"

const maxName = 120 // characters of any name given here

// Service is the accounts of an installation. It is safe for concurrent use.
type Service struct {
	books     Books
	now       func() time.Time
	log       *slog.Logger
	passwords *passwords
	attempts  *attempts
	keyUses   *keyUses
}

// New returns the accounts kept in books. log gets what nobody waits for.
func New(books Books, now func() time.Time, log *slog.Logger) *Service {
	return &Service{
		books: books, now: now, log: log,
		passwords: newPasswords(), attempts: newAttempts(), keyUses: newKeyUses(),
	}
}

func (s *Service) moment() conversion.Moment { return conversion.MomentOf(s.now()) }

// Workspaces returns all workspaces, oldest first.
func (s *Service) Workspaces(ctx context.Context) ([]conversion.Workspace, error) {
	workspaces, err := s.books.Workspaces(ctx)
	if err != nil {
		return nil, fmt.Errorf("list workspaces: %w", err)
	}
	return workspaces, nil
}

// Prepare makes the main workspace of an installation that has none yet. Several
// processes may do so at once.
func (s *Service) Prepare(ctx context.Context) error {
	workspaces, err := s.Workspaces(ctx)
	if err != nil || len(workspaces) > 0 {
		return err
	}
	err = s.books.CreateWorkspace(ctx, conversion.Workspace{ID: MainWorkspace, Name: "Main", Created: s.moment()})
	if err != nil && conversion.ErrorCode(err) != conversion.CodeConflict {
		return fmt.Errorf("create the main workspace: %w", err)
	}
	return nil
}

// CreateWorkspace makes a workspace. Names are unique, so that a command can take one.
func (s *Service) CreateWorkspace(ctx context.Context, by conversion.Actor, name string) (conversion.Workspace, error) {
	name, err := validName("name", name)
	if err != nil {
		return conversion.Workspace{}, err
	}
	if _, err := s.FindWorkspace(ctx, name); err == nil {
		return conversion.Workspace{}, conversion.Errorf(conversion.CodeConflict, "There is a workspace %q already.", name)
	} else if conversion.ErrorCode(err) != conversion.CodeNotFound {
		return conversion.Workspace{}, err
	}
	workspace := conversion.Workspace{ID: newID(), Name: name, Created: s.moment()}
	if err := s.books.CreateWorkspace(ctx, workspace); err != nil {
		return conversion.Workspace{}, fmt.Errorf("create workspace: %w", err)
	}
	return workspace, s.audit(ctx, workspace.ID, by, "workspace.created", name)
}

// FindWorkspace returns the workspace with the id or the name. "" stands for the oldest
// one. It returns a CodeNotFound error when there is none.
func (s *Service) FindWorkspace(ctx context.Context, idOrName string) (conversion.Workspace, error) {
	workspaces, err := s.Workspaces(ctx)
	if err != nil {
		return conversion.Workspace{}, err
	}
	for _, w := range workspaces {
		if idOrName == "" || w.ID == idOrName || strings.EqualFold(w.Name, idOrName) {
			return w, nil
		}
	}
	return conversion.Workspace{}, conversion.Errorf(conversion.CodeNotFound, "There is no workspace %q.", idOrName)
}

// AuditLog returns a page of the workspace's audit log, newest first, and the cursor of
// the next one, "" at the end.
func (s *Service) AuditLog(ctx context.Context, workspaceID, after string, limit int) ([]conversion.AuditEntry, string, error) {
	page, next, err := s.books.AuditLog(ctx, workspaceID, after, limit)
	if err != nil {
		return nil, "", fmt.Errorf("read the audit log: %w", err)
	}
	return page, next, nil
}

// audit notes what was just done. detail holds neither secrets nor e-mail addresses.
func (s *Service) audit(ctx context.Context, workspaceID string, by conversion.Actor, action, detail string) error {
	entry := conversion.AuditEntry{WorkspaceID: workspaceID, At: s.moment(), Actor: by, Action: action, Detail: detail}
	if err := s.books.AppendAudit(ctx, []conversion.AuditEntry{entry}); err != nil {
		return fmt.Errorf("note %s in the audit log: %w", action, err)
	}
	return nil
}

// newID returns an id that sorts by the time it was made at.
func newID() string { return uuid.Must(uuid.NewV7()).String() }

func validName(field, name string) (string, error) {
	name = strings.TrimSpace(name)
	switch {
	case name == "":
		return "", conversion.Invalid(field, "is missing")
	case len([]rune(name)) > maxName:
		return "", conversion.Invalid(field, "is longer than %d characters", maxName)
	case strings.ContainsFunc(name, func(r rune) bool { return r < ' ' || r == 0x7f }):
		return "", conversion.Invalid(field, "holds control characters")
	}
	return name, nil
}
