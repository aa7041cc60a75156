package account_test

import (
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"conversion"
	"conversion/internal/account"
	"conversion/internal/testkit"
)

const password = "correct horse battery"

var operator = conversion.Actor{Kind: conversion.ActorSystem, ID: "cli"}

// office is a service over books in memory with a clock that the test moves, and the
// main workspace.
type office struct {
	*account.Service
	books *books
	clock *testkit.Clock
}

func open(t *testing.T) office {
	t.Helper()
	clock := testkit.NewClock(time.Date(2024, 2, 29, 12, 0, 0, 0, time.UTC))
	kept := newBooks()
	service := account.New(kept, clock.Now, slog.New(slog.DiscardHandler))
	if err := service.Prepare(t.Context()); err != nil {
		t.Fatal(err)
	}
	return office{service, kept, clock}
}

func (o office) add(t *testing.T, email string, role conversion.Role) conversion.Member {
	t.Helper()
	member, err := o.AddMember(t.Context(), operator, account.NewMember{
		WorkspaceID: account.MainWorkspace, Email: email, Name: "Ada", Password: password, Role: role,
	})
	if err != nil {
		t.Fatal(err)
	}
	return member
}

func wantCode(t *testing.T, err error, want conversion.Code) {
	t.Helper()
	if got := conversion.ErrorCode(err); got != want {
		t.Errorf("code %q (%v), want %q", got, err, want)
	}
}

func TestAMemberSignsInWithAnySpellingOfTheEMail(t *testing.T) {
	t.Parallel()
	o := open(t)
	ada := o.add(t, "Ada@Example.com", conversion.RoleAdmin)
	got, err := o.SignIn(t.Context(), " ADA@example.com ", password, "192.0.2.1")
	if err != nil || got.ID != ada.ID {
		t.Fatalf("signed in as %q, %v", got.ID, err)
	}
	if strings.Contains(ada.PasswordHash, password) || !strings.HasPrefix(ada.PasswordHash, "$argon2id$v=19$m=19456,t=2,p=1$") {
		t.Errorf("stored hash %q", ada.PasswordHash)
	}
}

func TestAWrongEMailAndAWrongPasswordAreAnsweredAlike(t *testing.T) {
	t.Parallel()
	o := open(t)
	o.add(t, "ada@example.com", conversion.RoleAdmin)
	_, wrongPassword := o.SignIn(t.Context(), "ada@example.com", "wrong horse battery", "192.0.2.1")
	_, wrongEmail := o.SignIn(t.Context(), "eve@example.com", password, "192.0.2.1")
	wantCode(t, wrongPassword, conversion.CodeUnauthorized)
	if wrongEmail == nil || wrongEmail.Error() != wrongPassword.Error() {
		t.Errorf("%v and %v differ", wrongEmail, wrongPassword)
	}
}

// fail tries a wrong password n times.
func (o office) fail(t *testing.T, n int, address string) {
	t.Helper()
	for range n {
		_, err := o.SignIn(t.Context(), "ada@example.com", "wrong", address)
		wantCode(t, err, conversion.CodeUnauthorized)
	}
}

func TestFailedSignInsHaveToWait(t *testing.T) {
	t.Parallel()
	o := open(t)
	o.add(t, "ada@example.com", conversion.RoleAdmin)
	o.fail(t, 5, "192.0.2.1")

	_, err := o.SignIn(t.Context(), "ada@example.com", password, "192.0.2.1")
	wantCode(t, err, conversion.CodeLimit)
	if limited, ok := errors.AsType[*conversion.Error](err); !ok || limited.Hint != "Try again in 30s." {
		t.Errorf("hint of %v", err)
	}
	if _, err := o.SignIn(t.Context(), "ada@example.com", password, "198.51.100.7"); err != nil {
		t.Errorf("from another address: %v", err)
	}
	o.clock.Advance(30 * time.Second)
	o.fail(t, 1, "192.0.2.1")
	o.clock.Advance(30 * time.Second)
	_, err = o.SignIn(t.Context(), "ada@example.com", password, "192.0.2.1")
	wantCode(t, err, conversion.CodeLimit) // the wait has doubled
	o.clock.Advance(30 * time.Second)
	if _, err = o.SignIn(t.Context(), "ada@example.com", password, "192.0.2.1"); err != nil {
		t.Errorf("after the wait: %v", err)
	}
	o.fail(t, 5, "192.0.2.1") // a success gives all free tries back
}

func TestAnAccountIsGuardedAgainstTriesFromEverywhere(t *testing.T) {
	t.Parallel()
	o := open(t)
	for i := range 50 {
		o.fail(t, 1, fmt.Sprintf("2001:db8::%x", i))
	}
	_, err := o.SignIn(t.Context(), "ada@example.com", "wrong", "203.0.113.9")
	wantCode(t, err, conversion.CodeLimit)
}

func TestTriesSideBySideDoNotSlipThrough(t *testing.T) {
	t.Parallel()
	o := open(t)
	var wg sync.WaitGroup
	var tried atomic.Int32
	for range 20 {
		wg.Go(func() {
			_, err := o.SignIn(t.Context(), "ada@example.com", "wrong", "192.0.2.1")
			if conversion.ErrorCode(err) == conversion.CodeUnauthorized {
				tried.Add(1)
			}
		})
	}
	wg.Wait()
	if got := tried.Load(); got != 5 {
		t.Errorf("%d tries were checked, want 5", got)
	}
}

func TestANewMemberIsRefusedByAllFieldsAtFault(t *testing.T) {
	t.Parallel()
	o := open(t)
	_, err := o.AddMember(t.Context(), operator, account.NewMember{Email: "Ada <ada@example.com>", Name: " ", Password: "short", Role: "owner"})
	wantCode(t, err, conversion.CodeInvalid)
	var fields []string
	if e, ok := errors.AsType[*conversion.Error](err); ok {
		for _, f := range e.Fields {
			fields = append(fields, f.Field)
		}
	}
	if got := strings.Join(fields, " "); got != "name email password role" {
		t.Errorf("fields %q", got)
	}
}

func TestAnEMailHasOneAccount(t *testing.T) {
	t.Parallel()
	o := open(t)
	o.add(t, "ada@example.com", conversion.RoleAdmin)
	_, err := o.AddMember(t.Context(), operator, account.NewMember{
		WorkspaceID: account.MainWorkspace, Email: "ADA@example.com", Name: "Ada", Password: password, Role: conversion.RoleMember,
	})
	wantCode(t, err, conversion.CodeConflict)
}

func TestTheLastAdminStays(t *testing.T) {
	t.Parallel()
	o := open(t)
	ada := o.add(t, "ada@example.com", conversion.RoleAdmin)
	bob := o.add(t, "bob@example.com", conversion.RoleMember)
	wantCode(t, o.RemoveMember(t.Context(), operator, account.MainWorkspace, ada.ID), conversion.CodeConflict)
	wantCode(t, o.ChangeRole(t.Context(), operator, account.MainWorkspace, ada.ID, conversion.RoleMember), conversion.CodeConflict)
	wantCode(t, o.ChangeRole(t.Context(), operator, account.MainWorkspace, bob.ID, conversion.RoleAdmin), "")
	wantCode(t, o.RemoveMember(t.Context(), operator, account.MainWorkspace, ada.ID), "")
	members, err := o.Members(t.Context(), account.MainWorkspace)
	if err != nil || len(members) != 1 || members[0].ID != bob.ID {
		t.Errorf("members %v, %v", members, err)
	}
}

func TestAPasswordIsChangedByWhoKnowsTheOldOne(t *testing.T) {
	t.Parallel()
	o := open(t)
	ada := o.add(t, "ada@example.com", conversion.RoleAdmin)
	const fresh = "another battery staple"
	wantCode(t, o.ChangePassword(t.Context(), ada, "wrong", fresh, "192.0.2.1"), conversion.CodeInvalid)
	wantCode(t, o.ChangePassword(t.Context(), ada, password, "short", "192.0.2.1"), conversion.CodeInvalid)
	wantCode(t, o.ChangePassword(t.Context(), ada, password, fresh, "192.0.2.1"), "")
	_, err := o.SignIn(t.Context(), ada.Email, password, "192.0.2.1")
	wantCode(t, err, conversion.CodeUnauthorized)
	if _, err := o.SignIn(t.Context(), ada.Email, fresh, "192.0.2.1"); err != nil {
		t.Error(err)
	}
	wantCode(t, o.ResetPassword(t.Context(), operator, "other", ada.ID, password), conversion.CodeNotFound)
	wantCode(t, o.ResetPassword(t.Context(), operator, account.MainWorkspace, ada.ID, password), "")
	if _, err := o.SignIn(t.Context(), ada.Email, password, "192.0.2.1"); err != nil {
		t.Error(err)
	}
}

func TestWorkspacesAreFoundByIdAndNameWhichIsUnique(t *testing.T) {
	t.Parallel()
	o := open(t)
	wantCode(t, o.Prepare(t.Context()), "") // a second start changes nothing
	north, err := o.CreateWorkspace(t.Context(), operator, " North ")
	if err != nil || north.Name != "North" {
		t.Fatalf("created %+v, %v", north, err)
	}
	_, err = o.CreateWorkspace(t.Context(), operator, "north")
	wantCode(t, err, conversion.CodeConflict)
	for given, want := range map[string]string{"": account.MainWorkspace, "Main": account.MainWorkspace, north.ID: north.ID, "NORTH": north.ID} {
		if w, err := o.FindWorkspace(t.Context(), given); err != nil || w.ID != want {
			t.Errorf("%q is %q, %v; want %q", given, w.ID, err, want)
		}
	}
	_, err = o.FindWorkspace(t.Context(), "South")
	wantCode(t, err, conversion.CodeNotFound)
}

func TestChangesAreInTheAuditLogWithoutSecrets(t *testing.T) {
	t.Parallel()
	o := open(t)
	ada := o.add(t, "ada@example.com", conversion.RoleAdmin)
	clear, _, err := o.CreateKey(t.Context(), conversion.Actor{Kind: conversion.ActorUser, ID: ada.ID}, account.MainWorkspace, "Import")
	if err != nil {
		t.Fatal(err)
	}
	log, _, err := o.AuditLog(t.Context(), account.MainWorkspace, "", 10)
	if err != nil || len(log) != 2 || log[0].Action != "key.created" || log[0].Actor.ID != ada.ID || log[1].Action != "member.added" {
		t.Fatalf("log %+v, %v", log, err)
	}
	for _, entry := range log {
		if strings.Contains(entry.Detail, "@") || strings.Contains(entry.Detail, clear) {
			t.Errorf("detail %q", entry.Detail)
		}
	}
}
