package connection_test

import (
	"bytes"
	"errors"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"conversion"
	"conversion/internal/connection"
	"conversion/internal/sandbox"
)

func TestWebLoginConnects(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	o, url := org(t, 1)
	s := h.process(url)
	address, err := s.Begin(ctx, workspace, connection.BeginInput{
		LoginURL: url, ClientID: sandbox.ClientID, ClientSecret: sandbox.ClientSecret, SessionHash: session,
	})
	must(t, err)
	if !strings.Contains(address, "code_challenge_method=S256") {
		t.Errorf("no PKCE in %s", address)
	}
	back := newBrowser(t).logIn(t, address, "allow")
	id, err := s.Callback(ctx, admin, back)
	must(t, err)

	c := h.row(t)
	if id != workspace || c.OrgID != o.ID() || !c.Sandbox || c.UserName != sandbox.AdminUser || c.Flow != connection.FlowWeb {
		t.Errorf("connected %s: %+v", id, c)
	}
	if now := conversion.MomentOf(start); c.Connected != now || c.NextSync != now || c.Interval != 15*time.Minute {
		t.Errorf("connected %v, next sync %v, interval %v", c.Connected, c.NextSync, c.Interval)
	}
	if !c.ClockKnown {
		t.Error("nothing was learnt of Salesforce's clock")
	}
	if h.status(t, s) != conversion.StatusConnecting {
		t.Errorf("the status is %s", h.status(t, s))
	}
	client, err := s.Client(ctx, workspace)
	must(t, err)
	if _, err := client.Organization(ctx); err != nil {
		t.Errorf("the client does not work: %v", err)
	}
	for _, sealed := range [][]byte{c.AccessToken, c.RefreshToken, c.ClientSecret} {
		if len(sealed) == 0 || bytes.Contains(sealed, []byte(sandbox.ClientSecret)) || bytes.Contains(sealed, []byte(o.ID()[:15]+"!")) {
			t.Error("a secret is not sealed")
		}
	}
	if _, err := s.Callback(ctx, admin, back); conversion.ErrorCode(err) != conversion.CodeForbidden {
		t.Errorf("a callback works twice: %v", err)
	}
}

func TestCallbacksThatAreRefused(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	_, url := org(t, 1)
	s := h.process(url)
	begin := func(t *testing.T, decision string) connection.CallbackInput {
		t.Helper()
		address, err := s.Begin(ctx, workspace, connection.BeginInput{LoginURL: url, ClientID: sandbox.ClientID, SessionHash: session})
		must(t, err)
		return newBrowser(t).logIn(t, address, decision)
	}
	_, err := s.Callback(ctx, admin, begin(t, "deny"))
	wantError(t, err, conversion.CodeForbidden, "")
	if told, _ := errors.AsType[*conversion.Error](err); !strings.Contains(told.Hint, "Allow") {
		t.Errorf("after a denied login the hint is %q", told.Hint)
	}

	other := begin(t, "allow")
	other.SessionHash = []byte("another session")
	_, err = s.Callback(ctx, admin, other)
	wantError(t, err, conversion.CodeForbidden, "")

	late := begin(t, "allow")
	h.clock.Advance(16 * time.Minute)
	_, err = s.Callback(ctx, admin, late)
	wantError(t, err, conversion.CodeForbidden, "")

	_, err = s.Callback(ctx, admin, connection.CallbackInput{State: "made up", Code: "x", SessionHash: session})
	wantError(t, err, conversion.CodeForbidden, "")
	if h.row(t).Connected != 0 {
		t.Error("a refused login connected")
	}
}

func TestALoginThatAProgramBeganIsFinishedInItsWorkspace(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	_, url := org(t, 1)
	s := h.process(url)
	begin := func(t *testing.T) connection.CallbackInput {
		t.Helper()
		address, err := s.Begin(ctx, workspace, connection.BeginInput{LoginURL: url, ClientID: sandbox.ClientID, ClientSecret: sandbox.ClientSecret})
		must(t, err)
		return newBrowser(t).logIn(t, address, "allow")
	}
	for _, signedInTo := range []string{"", "w2"} {
		back := begin(t)
		back.WorkspaceID = signedInTo
		_, err := s.Callback(ctx, admin, back)
		wantError(t, err, conversion.CodeForbidden, "")
	}
	back := begin(t)
	back.WorkspaceID = workspace
	id, err := s.Callback(ctx, admin, back)
	must(t, err)
	if id != workspace || h.row(t).Connected == 0 {
		t.Errorf("connected %q: %+v", id, h.row(t))
	}
}

func TestTheWorkspaceDoesNotStandForTheBrowser(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	_, url := org(t, 1)
	s := h.process(url)
	address, err := s.Begin(ctx, workspace, connection.BeginInput{LoginURL: url, ClientID: sandbox.ClientID, SessionHash: session})
	must(t, err)
	back := newBrowser(t).logIn(t, address, "allow")
	back.SessionHash, back.WorkspaceID = []byte("another session"), workspace
	_, err = s.Callback(ctx, admin, back)
	wantError(t, err, conversion.CodeForbidden, "")
}

func TestClientCredentialsConnect(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	o, url := org(t, 1)
	s := h.process(url)
	must(t, s.ConnectClientCredentials(ctx, workspace, admin, credentials(url)))
	client, err := s.Client(ctx, workspace)
	must(t, err)
	o.ExpireSessions()
	if _, err := client.Organization(ctx); err != nil {
		t.Errorf("the grant is not run again: %v", err)
	}
	if strings.Contains(h.log.String(), sandbox.ClientSecret) || strings.Contains(h.log.String(), sandbox.AdminUser) {
		t.Errorf("the log holds a secret or a person: %s", h.log)
	}
	entries, _, err := h.store.AuditLog(ctx, workspace, "", 10)
	must(t, err)
	if len(entries) != 1 || entries[0].Action != "salesforce.connected" || entries[0].Actor != admin {
		t.Errorf("the audit log has %+v", entries)
	}
}

func TestLoginsThatFailSayWhy(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	_, url := org(t, 1)
	gone := httptest.NewServer(nil)
	gone.Close()
	s := h.process(url, gone.URL)
	tests := []struct {
		name  string
		input connection.CredentialsInput
		code  conversion.Code
		field string
	}{
		{"a wrong client secret", connection.CredentialsInput{LoginURL: url, ClientID: sandbox.ClientID, ClientSecret: "wrong"}, conversion.CodeInvalid, "client_secret"},
		{"a wrong client id", connection.CredentialsInput{LoginURL: url, ClientID: "wrong", ClientSecret: "x"}, conversion.CodeInvalid, "client_id"},
		{"a host that does not answer", credentials(gone.URL), conversion.CodeUnavailable, "login_url"},
		{"a host nobody trusts", credentials("https://login.salesforce.com.evil.example"), conversion.CodeInvalid, "login_url"},
		{"plain http", credentials("http://login.salesforce.com"), conversion.CodeInvalid, "login_url"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			err := s.ConnectClientCredentials(ctx, workspace, admin, test.input)
			wantError(t, err, test.code, test.field)
			if h.status(t, s) != conversion.StatusNotConnected {
				t.Errorf("the status is %s", h.status(t, s))
			}
		})
	}
}

func TestLoginAddresses(t *testing.T) {
	t.Parallel()
	s := newHouse(t).process()
	for entered, host := range map[string]string{
		"":                       "https://login.salesforce.com/",
		"production":             "https://login.salesforce.com/",
		"Sandbox":                "https://test.salesforce.com/",
		"acme.my.salesforce.com": "https://acme.my.salesforce.com/",
		"https://ACME.my.salesforce.com/home?x=1":              "https://acme.my.salesforce.com/",
		"https://acme.lightning.force.com/lightning/page/home": "https://acme.my.salesforce.com/",
	} {
		got, err := s.Begin(ctx, workspace, connection.BeginInput{LoginURL: " " + entered, ClientID: "x"})
		if err != nil || !strings.HasPrefix(got, host) {
			t.Errorf("%q leads to %s, %v; want %s", entered, got, err, host)
		}
	}
	_, err := s.Begin(ctx, workspace, connection.BeginInput{})
	if told, ok := errors.AsType[*conversion.Error](err); !ok || told.Fields[0].Field != "client_id" {
		t.Errorf("without any app: %v", err)
	}
}

func TestAnotherOrgNeedsAWord(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	_, first := org(t, 1)
	other, second := org(t, 2)
	s := h.process(first, second)
	must(t, s.ConnectClientCredentials(ctx, workspace, admin, credentials(first)))
	c := h.row(t)
	c.Loaded, c.LastSynced = true, 1
	must(t, h.books.SaveSyncState(ctx, c))
	h.linkSomebody(t)

	err := s.ConnectClientCredentials(ctx, workspace, admin, credentials(second))
	wantError(t, err, conversion.CodeConflict, "")
	if h.row(t).OrgID != c.OrgID {
		t.Fatal("the refused org is connected")
	}
	confirmed := credentials(second)
	confirmed.ConfirmNewOrg = true
	must(t, s.ConnectClientCredentials(ctx, workspace, admin, confirmed))
	if now := h.row(t); now.OrgID != other.ID() || now.Loaded || now.LastSynced != 0 {
		t.Errorf("the new org begins with %+v", now)
	}
	if n, err := h.books.LiveLinks(ctx, conversion.KindContact); err != nil || n != 0 {
		t.Errorf("%d links of the old org are live, %v", n, err)
	}
	must(t, s.ConnectClientCredentials(ctx, workspace, admin, credentials(first))) // nothing is linked: nothing to confirm
}

func TestReconnectingTheSameOrgResumes(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	_, url := org(t, 1)
	s := h.process(url)
	must(t, s.ConnectClientCredentials(ctx, workspace, admin, credentials(url)))
	c := h.row(t)
	c.Loaded, c.LastSynced, c.NextSync = true, 1, conversion.MomentOf(start.Add(time.Hour))
	must(t, h.books.SaveSyncState(ctx, c))
	h.linkSomebody(t)

	must(t, s.Disconnect(ctx, workspace, admin))
	off := h.row(t)
	if off.Connected != 0 || off.AccessToken != nil || off.RefreshToken != nil || off.ClientSecret != nil || off.OrgID != c.OrgID {
		t.Errorf("disconnected: %+v", off)
	}
	if h.status(t, s) != conversion.StatusNotConnected {
		t.Errorf("the status is %s", h.status(t, s))
	}
	_, err := s.Client(ctx, workspace)
	wantError(t, err, conversion.CodeReconnect, "")
	must(t, s.Disconnect(ctx, workspace, admin)) // again: nothing to do

	must(t, s.ConnectClientCredentials(ctx, workspace, admin, credentials(url)))
	on := h.row(t)
	if !on.Loaded || on.LastSynced != 1 || on.NextSync != conversion.MomentOf(start) {
		t.Errorf("resumed with %+v", on)
	}
	if n, err := h.books.LiveLinks(ctx, conversion.KindContact); err != nil || n != 1 {
		t.Errorf("%d links left, %v", n, err)
	}
}
