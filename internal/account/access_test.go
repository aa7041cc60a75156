package account_test

import (
	"strings"
	"testing"
	"time"

	"conversion"
	"conversion/internal/account"
)

func TestAKeyLetsAProgramInUntilItIsRevoked(t *testing.T) {
	t.Parallel()
	o := open(t)
	clear, key, err := o.CreateKey(t.Context(), operator, account.MainWorkspace, "Import")
	if err != nil {
		t.Fatal(err)
	}
	if !strings.HasPrefix(clear, key.Prefix) || len(key.Prefix) != 10 || strings.Contains(string(key.Hash), clear) {
		t.Errorf("key %+v of %q", key, clear)
	}
	if got, err := o.Authenticate(t.Context(), clear); err != nil || got.ID != key.ID || got.WorkspaceID != account.MainWorkspace {
		t.Errorf("authenticated as %+v, %v", got, err)
	}
	for _, wrong := range []string{"", "cvk_", clear + "A", clear[1:], key.Prefix} {
		_, err := o.Authenticate(t.Context(), wrong)
		wantCode(t, err, conversion.CodeUnauthorized)
	}
	wantCode(t, o.RevokeKey(t.Context(), operator, "other", key.ID), conversion.CodeNotFound)
	wantCode(t, o.RevokeKey(t.Context(), operator, account.MainWorkspace, key.ID), "")
	_, err = o.Authenticate(t.Context(), clear)
	wantCode(t, err, conversion.CodeUnauthorized)
	keys, err := o.Keys(t.Context(), account.MainWorkspace)
	if err != nil || len(keys) != 1 || keys[0].Revoked == 0 {
		t.Errorf("keys %+v, %v", keys, err)
	}
}

func TestTheLastUseOfAKeyIsKeptToTheMinute(t *testing.T) {
	t.Parallel()
	o := open(t)
	clear, key, err := o.CreateKey(t.Context(), operator, account.MainWorkspace, "Import")
	if err != nil {
		t.Fatal(err)
	}
	for range 3 {
		if _, err := o.Authenticate(t.Context(), clear); err != nil {
			t.Fatal(err)
		}
		o.clock.Advance(29 * time.Second)
	}
	if o.books.keyWrites != 1 {
		t.Errorf("%d writes within a minute, want 1", o.books.keyWrites)
	}
	now := conversion.MomentOf(o.clock.Now())
	if _, err := o.Authenticate(t.Context(), clear); err != nil || o.books.keys[key.ID].LastUsed != now {
		t.Errorf("last used %v, %v; want %v", o.books.keys[key.ID].LastUsed, err, now)
	}
}

func TestAKeyNeedsAName(t *testing.T) {
	t.Parallel()
	o := open(t)
	for _, name := range []string{"", " ", strings.Repeat("x", 121), "two\nlines"} {
		_, _, err := o.CreateKey(t.Context(), operator, account.MainWorkspace, name)
		wantCode(t, err, conversion.CodeInvalid)
	}
}

var grace = account.Admin{Name: "Grace", Email: "grace@example.com", Password: password}

func (o office) link(t *testing.T) string {
	t.Helper()
	token, err := o.NewSetupLink(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return token
}

func TestASetupLinkMakesTheFirstAdminOnce(t *testing.T) {
	t.Parallel()
	o := open(t)
	token := o.link(t)
	admin, err := o.SetUp(t.Context(), token, grace)
	if err != nil || admin.Role != conversion.RoleAdmin || admin.WorkspaceID != account.MainWorkspace {
		t.Fatalf("set up %+v, %v", admin, err)
	}
	if _, err := o.SignIn(t.Context(), grace.Email, password, "192.0.2.1"); err != nil {
		t.Error(err)
	}
	_, err = o.SetUp(t.Context(), token, account.Admin{Name: "Eve", Email: "eve@example.com", Password: password})
	wantCode(t, err, conversion.CodeNotFound)
	if token := o.link(t); token != "" {
		t.Error("there is a new link though an admin may sign in")
	}
}

func TestAMistakeDoesNotUseTheSetupLinkUp(t *testing.T) {
	t.Parallel()
	o := open(t)
	token := o.link(t)
	_, err := o.SetUp(t.Context(), token, account.Admin{Name: "Grace", Email: "grace", Password: password})
	wantCode(t, err, conversion.CodeInvalid)
	if _, err := o.SetUp(t.Context(), token, grace); err != nil {
		t.Error(err)
	}
}

func TestASetupLinkIsDead(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name string
		kill func(t *testing.T, o office)
	}{
		{"after a day", func(_ *testing.T, o office) { o.clock.Advance(24 * time.Hour) }},
		{"after a newer one was made", func(t *testing.T, o office) { o.link(t) }},
		{"once there is a member", func(t *testing.T, o office) { o.add(t, "ada@example.com", conversion.RoleAdmin) }},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			o := open(t)
			token := o.link(t)
			wantCode(t, o.CheckSetupLink(t.Context(), token), "")
			test.kill(t, o)
			_, err := o.SetUp(t.Context(), token, grace)
			wantCode(t, err, conversion.CodeNotFound)
		})
	}
}
