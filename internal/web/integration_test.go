package web_test

import (
	"bufio"
	"net/http"
	"strings"
	"testing"
	"time"

	"conversion"
	"conversion/internal/connection"
)

func connected(status conversion.Status) connection.StatusView {
	return connection.StatusView{
		Status: status, LastSynced: ago(2 * time.Minute), NextSync: ago(-13 * time.Minute),
		Org: connection.Org{ID: "00D000000000001EAA", Name: "Acme Inc", InstanceURL: "https://acme.my.salesforce.com", UserName: "sync@acme.example"},
	}
}

func TestConnectLeadsToSalesforce(t *testing.T) {
	t.Parallel()
	w := newWorld()
	v := w.asAdmin(t)
	v.get("/settings/integrations").wants(t, http.StatusOK, "<h1>Integrations</h1>", "Connect your CRM", `id="connect"`, "Not connected", "http://127.0.0.1:8080"+connection.CallbackPath)
	v.post("/settings/integrations/connect", "environment", "custom", "login_url", "acme.my.salesforce.com", "client_id", "id", "client_secret", "secret").
		leads(t, "https://login.salesforce.com/services/oauth2/authorize?state=s")
	if w.begun.LoginURL != "acme.my.salesforce.com" || w.begun.ClientID != "id" || w.begun.ClientSecret != "secret" || len(w.begun.SessionHash) == 0 {
		t.Errorf("began with %+v", w.begun)
	}
	v.get(connection.CallbackPath+"?state=s&code=c").leads(t, "/settings/integrations")
	if string(w.came.SessionHash) != string(w.begun.SessionHash) || w.came.State != "s" || w.came.Code != "c" || w.came.WorkspaceID != "w" {
		t.Errorf("came back with %+v", w.came)
	}
}

func TestTheChosenEnvironmentIsTheLoginAddress(t *testing.T) {
	t.Parallel()
	w := newWorld()
	v := w.asAdmin(t)
	for environment, want := range map[string]string{"production": "production", "sandbox": "sandbox", "custom": "typed"} {
		v.post("/settings/integrations/connect", "environment", environment, "login_url", "typed")
		if w.begun.LoginURL != want {
			t.Errorf("%s: login address %q, want %q", environment, w.begun.LoginURL, want)
		}
	}
}

func TestMyDomainWithoutAnAddressIsNotProduction(t *testing.T) {
	t.Parallel()
	w := newWorld()
	v := w.asAdmin(t)
	v.post("/settings/integrations/connect", "environment", "custom", "login_url", " ").
		wants(t, http.StatusUnprocessableEntity, "Enter your My Domain address.")
	if len(w.begun.SessionHash) != 0 {
		t.Errorf("a login began: %+v", w.begun)
	}
}

func TestARefusedLoginIsSaidOnThePage(t *testing.T) {
	t.Parallel()
	w := newWorld()
	v := w.asAdmin(t)
	refusal := conversion.Invalid("login_url", "is not a Salesforce address")
	refusal.Hint = "Allow it with --salesforce-allow-host."
	w.refusal = refusal
	a := v.post("/settings/integrations/connect", "environment", "custom", "login_url", "evil.example", "client_secret", "hunter2")
	a.wants(t, http.StatusUnprocessableEntity, `role="alert"`, "Allow it with --salesforce-allow-host.", `value="evil.example"`, `id="connect"`)
	if strings.Count(a.body, "s not a Salesforce address") != 1 || strings.Contains(a.body, "<code>login_url") {
		t.Errorf("the fault is not said once, at its input:\n%s", a.body)
	}
	if strings.Contains(a.body, "hunter2") {
		t.Error("the page repeats the client secret")
	}
	w.refusal = &conversion.Error{Code: conversion.CodeInvalid, Message: "Connecting to Salesforce failed: wrong client secret.", Hint: "Copy it again."}
	v.get(connection.CallbackPath+"?state=s&error=invalid_client").leads(t, "/settings/integrations")
	v.get("/settings/integrations").wants(t, http.StatusOK, "wrong client secret", "Copy it again.")
	if a := v.get("/settings/integrations"); strings.Contains(a.body, "wrong client secret") {
		t.Error("the problem is said twice")
	}
}

func TestTheNameOfAnOrgMaySayWhatItIs(t *testing.T) {
	t.Parallel()
	w := newWorld()
	w.status = connected(conversion.StatusSynced)
	w.status.Org.Name, w.status.Org.Sandbox = "Sandbox", true
	w.asAdmin(t).get("/settings/integrations").wants(t, http.StatusOK, "<p>Sandbox · acme.my.salesforce.com · connected as")
}

func TestAnotherOrgHasToBeConfirmed(t *testing.T) {
	t.Parallel()
	w := newWorld()
	v := w.asAdmin(t)
	w.refusal = conversion.Errorf(conversion.CodeConflict, "This is another Salesforce org.")
	v.get(connection.CallbackPath + "?state=s&code=c")
	v.get("/settings/integrations").wants(t, http.StatusOK, "This is another Salesforce org.", `name="confirm_new_org"`)
	w.refusal = nil
	v.post("/settings/integrations/connect", "environment", "production", "confirm_new_org", "true")
	if !w.begun.ConfirmNewOrg {
		t.Error("the confirmation was lost")
	}
}

func TestTheStatusIsAWordWithTheTimesInATooltip(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		status conversion.Status
		held   int
		word   string
		says   string
	}{
		{conversion.StatusSynced, 0, "Synced", "Last sync completed 2 min ago, 23 November 2026, 11:58:00 UTC. The next sync is due in 13 min."},
		{conversion.StatusSynced, 3, "Synced, 3 held", "3 records could not be synced"},
		{conversion.StatusSyncing, 0, "Syncing", "The next sync is due"},
		{conversion.StatusConnecting, 0, "Connecting", "The next sync is due"},
		{conversion.StatusBehind, 0, "Behind", "The next sync is due"},
		{conversion.StatusReconnect, 0, "Reconnect needed", "No sync is due until it is reconnected."},
		{conversion.StatusPaused, 0, "Paused", "No sync is due while it is paused."},
		{conversion.StatusApproval, 0, "Waiting for approval", "The next sync is due"},
	} {
		t.Run(test.word, func(t *testing.T) {
			t.Parallel()
			w := newWorld()
			w.status = connected(test.status)
			w.status.Held = test.held
			w.status.API = connection.APIUse{Used: 17, Limit: 100_000, Budget: 50_000}
			a := w.asAdmin(t).get("/settings/integrations")
			a.wants(t, http.StatusOK, "</i>"+test.word, test.says, `id="status"`, `data-status="`+string(test.status)+`"`,
				`aria-describedby="status-when"`, `role="tooltip" id="status-when"`, "Acme Inc · acme.my.salesforce.com · Production · connected as sync@acme.example",
				"17 of the org&#39;s 100,000 API requests used today; Conversion may use 50,000.", `id="rules-open"`)
		})
	}
}

func TestABrokenConnectionSaysWhatToDo(t *testing.T) {
	t.Parallel()
	w := newWorld()
	w.status = connected(conversion.StatusReconnect)
	w.status.Message, w.status.Hint = "The access was revoked.", "Sign in to Salesforce again."
	w.status.LoginURL = "https://acme.my.salesforce.com"
	w.asAdmin(t).get("/settings/integrations").wants(t, http.StatusOK, "The access was revoked.", "Sign in to Salesforce again.",
		`id="reconnect"`, `type="hidden" name="login_url" value="https://acme.my.salesforce.com"`, `id="connect"`)
}

func TestButtonsDoWhatTheySay(t *testing.T) {
	t.Parallel()
	w := newWorld()
	w.status = connected(conversion.StatusSynced)
	v := w.asAdmin(t)
	for path, notice := range map[string]string{"sync": "Sync requested", "pause": "Paused", "resume": "Resumed", "disconnect": "Disconnected."} {
		v.post("/settings/integrations/"+path).leads(t, "/settings/integrations")
		v.get("/settings/integrations").wants(t, http.StatusOK, `role="status"`, notice)
		if last := w.calls[len(w.calls)-1]; last != path {
			t.Errorf("%s called %s", path, last)
		}
	}
	w.refusal = &conversion.Error{Code: conversion.CodeReconnect, Message: "Salesforce is not connected."}
	v.post("/settings/integrations/sync").leads(t, "/settings/integrations")
	v.get("/settings/integrations").wants(t, http.StatusOK, `role="alert"`, "Salesforce is not connected.")
}

func TestProgressIsStreamedWholeAndAgainWhenItChanges(t *testing.T) {
	t.Parallel()
	w := newWorld()
	w.status = connected(conversion.StatusSyncing)
	w.status.LastSynced = 0
	w.status.Progress = []conversion.Progress{{Object: conversion.Lead, Done: 6200, Total: 48210}}
	w.status.PerSecond, w.status.ETA = 5274, 2*time.Minute
	v := w.asAdmin(t)
	v.get("/settings/integrations").wants(t, http.StatusOK, `hx-sse:connect="/settings/integrations/live"`, `hx-swap="innerMorph"`)
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, v.base+"/settings/integrations/live", nil)
	if err != nil {
		t.Fatal(err)
	}
	response, err := v.client.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	if got := response.Header.Get("Content-Type"); got != "text/event-stream" {
		t.Fatalf("Content-Type %q", got)
	}
	events := bufio.NewReader(response.Body)
	nextEvent(t, events, "First sync", `<progress aria-labelledby="progress-Lead" value="6200" max="48210">`, "6,200", "of 48,210", "5,274 records a second · about 2 min left")
	w.mu.Lock()
	w.status = connected(conversion.StatusSynced)
	w.mu.Unlock()
	nextEvent(t, events, "</i>Synced", "Last sync completed 2 min ago")
}

// nextEvent reads an event of the stream, which must be unnamed, and looks for the texts.
func nextEvent(t *testing.T, events *bufio.Reader, texts ...string) {
	t.Helper()
	var event strings.Builder
	for {
		line, err := events.ReadString('\n')
		if err != nil {
			t.Fatal(err)
		}
		if line == "\n" {
			break
		}
		data, ok := strings.CutPrefix(line, "data: ")
		if !ok {
			t.Fatalf("the line %q is no data", line)
		}
		event.WriteString(data)
	}
	for _, text := range texts {
		if !strings.Contains(event.String(), text) {
			t.Errorf("%q is missing in %s", text, event.String())
		}
	}
}

func TestTheSixRulesOfferTheir15Options(t *testing.T) {
	t.Parallel()
	w := newWorld()
	w.rules.ContactsUpdated = conversion.TargetAll
	a := w.asAdmin(t).get("/settings/integrations/rules")
	a.wants(t, http.StatusOK, `id="rules-form"`, `id="rules-save"`, `name="contacts_updated" value="all" required checked`, `name="defaults.Lead.Company"`)
	for _, setting := range conversion.RuleSettings {
		for _, option := range setting.Options {
			if !strings.Contains(a.body, `name="`+setting.Key+`" value="`+string(option)+`"`) {
				t.Errorf("%s=%s is not offered", setting.Key, option)
			}
		}
	}
	if n := strings.Count(a.body, `type="radio"`); n != 15 {
		t.Errorf("%d options, want 15", n)
	}
}

func TestRulesAreSaved(t *testing.T) {
	t.Parallel()
	w := newWorld()
	w.rules.Defaults = map[string]string{"Lead.Status": "Open", "Lead.Company": "Old"}
	v := w.asAdmin(t)
	form := []string{
		"contacts_created", "leads", "contacts_updated", "all", "contacts_deleted", "none",
		"companies_created", "companies", "companies_updated", "none", "companies_deleted", "companies",
		"defaults.Lead.Company", "", "defaults.Lead.LastName", " Unknown ",
	}
	v.post("/settings/integrations/rules", form...).leads(t, "/settings/integrations")
	v.get("/settings/integrations").wants(t, http.StatusOK, "Rules saved")
	want := conversion.Rules{
		ContactsCreated: "leads", ContactsUpdated: "all", ContactsDeleted: "none",
		CompaniesCreated: "companies", CompaniesUpdated: "none", CompaniesDeleted: "companies",
	}
	if w.rules.Reach() != want.Reach() || len(w.rules.Defaults) != 2 || w.rules.Defaults["Lead.LastName"] != "Unknown" || w.rules.Defaults["Lead.Status"] != "Open" {
		t.Errorf("saved %+v", w.rules)
	}
}

func TestRulesWithoutSuchAnOptionAreRefused(t *testing.T) {
	t.Parallel()
	w := newWorld()
	v := w.asAdmin(t)
	v.post("/settings/integrations/rules", "contacts_created", "everything").
		wants(t, http.StatusUnprocessableEntity, "The rules are not valid.", "is not one of", `id="rules-form"`)
	if w.rules.Reach() != 0 {
		t.Errorf("rules changed to %+v", w.rules)
	}
}
