package web_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"conversion"
	"conversion/internal/web"
)

// visitRoute asks for the route with made-up values in its path.
func (v visit) visitRoute(pattern string) answer {
	method, path, _ := strings.Cut(pattern, " ")
	path = strings.NewReplacer("{$}", "", "{id}", "x", "{token}", "setup-token").Replace(path)
	if method == http.MethodPost {
		return v.post(path)
	}
	return v.get(path)
}

func TestNobodyInParticularIsLedToSignIn(t *testing.T) {
	t.Parallel()
	v := newWorld().open(t)
	for _, route := range web.Routes() {
		a := v.visitRoute(route.Pattern)
		led := a.status == http.StatusSeeOther && strings.HasPrefix(a.header.Get("Location"), "/sign-in")
		if !route.Everyone && !led {
			t.Errorf("%s: %d to %q, want the sign-in page", route.Pattern, a.status, a.header.Get("Location"))
		}
	}
}

func TestMembersDoNotReachTheSettings(t *testing.T) {
	t.Parallel()
	v := newWorld().as(t, "grace@example.com")
	for _, route := range web.Routes() {
		if !route.AdminOnly {
			continue
		}
		if a := v.visitRoute(route.Pattern); a.status != http.StatusForbidden || !strings.Contains(a.body, "Only admins") {
			t.Errorf("%s: %d, want 403", route.Pattern, a.status)
		}
	}
	a := v.get("/contacts")
	if a.wants(t, http.StatusOK, "Grace Hopper"); strings.Contains(a.body, "/settings/") {
		t.Error("a member's navigation shows the settings")
	}
}

func TestSignInLeadsToThePageAskedFor(t *testing.T) {
	t.Parallel()
	v := newWorld().open(t)
	v.get("/activity?direction=inbound").leads(t, "/sign-in?next=%2Factivity%3Fdirection%3Dinbound")
	v.get("/sign-in?next=/activity").wants(t, http.StatusOK, `name="next" value="/activity"`, `name="email"`, `name="password"`, "<h1>Sign in</h1>")
	for next, want := range map[string]string{
		"/activity": "/activity", "//evil.example": "/", "https://evil.example/": "/", `/\evil.example`: "/", "": "/",
	} {
		v.post("/sign-in", "email", "ada@example.com", "password", "correct horse battery", "next", next).leads(t, want)
	}
}

func TestWrongCredentialsAreSaidOnThePage(t *testing.T) {
	t.Parallel()
	a := newWorld().open(t).post("/sign-in", "email", "ada@example.com", "password", "guess", "next", "/held")
	a.wants(t, http.StatusUnauthorized, `role="alert"`, "E-mail or password is wrong.", `value="ada@example.com"`, `value="/held"`)
	if strings.Contains(a.body, "guess") {
		t.Error("the page repeats the password")
	}
}

func TestSigningInRenewsTheSession(t *testing.T) {
	t.Parallel()
	v := newWorld().open(t)
	token := func(a answer) string {
		cookie, _, _ := strings.Cut(a.header.Get("Set-Cookie"), ";")
		return cookie
	}
	sign := func() answer {
		return v.post("/sign-in", "email", "ada@example.com", "password", "correct horse battery")
	}
	first, second := sign(), sign()
	if token(first) == "" || token(first) == token(second) {
		t.Errorf("tokens %q and %q, want two", token(first), token(second))
	}
	for _, attribute := range []string{"HttpOnly", "SameSite=Lax", "Path=/"} {
		if !strings.Contains(first.header.Get("Set-Cookie"), attribute) {
			t.Errorf("the cookie lacks %s: %s", attribute, first.header.Get("Set-Cookie"))
		}
	}
}

func TestOverHTTPSTheCookieIsSecure(t *testing.T) {
	t.Parallel()
	for url, want := range map[string]bool{"https://crm.example.com": true, "http://127.0.0.1:8080": false} {
		w := newWorld()
		config := w.config()
		config.PublicURL = url
		v := w.serve(t, web.New(config))
		a := v.post("/sign-in", "email", "ada@example.com", "password", "correct horse battery")
		if got := strings.Contains(a.header.Get("Set-Cookie"), "Secure"); got != want {
			t.Errorf("%s: Secure %v, want %v", url, got, want)
		}
	}
}

func TestSignOutEndsTheSession(t *testing.T) {
	t.Parallel()
	v := newWorld().asAdmin(t)
	v.get("/contacts").wants(t, http.StatusOK)
	v.post("/sign-out").leads(t, "/sign-in")
	v.get("/contacts").leads(t, "/sign-in?next=%2Fcontacts")
}

func TestARemovedMemberIsNobody(t *testing.T) {
	t.Parallel()
	w := newWorld()
	v := w.asAdmin(t)
	w.members = nil
	v.get("/contacts").leads(t, "/sign-in?next=%2Fcontacts")
}

func TestALivePageOfNobodyIsToldWhereToSignIn(t *testing.T) {
	t.Parallel()
	v := newWorld().open(t)
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, v.base+"/settings/integrations/live", nil)
	if err == nil {
		r.Header.Set("HX-Request", "true")
	}
	a := v.do(r, err)
	if a.status != http.StatusUnauthorized || a.header.Get("HX-Redirect") != "/sign-in" {
		t.Errorf("answered %d, HX-Redirect %q", a.status, a.header.Get("HX-Redirect"))
	}
}

func TestSigningInLeadsBackToTheFormThatWasOpen(t *testing.T) {
	t.Parallel()
	v := newWorld().open(t)
	v.post("/contacts/ada", "email", "ada@example.com").leads(t, "/sign-in?next=%2Fcontacts%2Fada%2Fedit")
	v.post("/companies", "name", "Acme").leads(t, "/sign-in?next=%2Fcompanies%2Fnew")
	v.post("/contacts/ada/delete").leads(t, "/sign-in")
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, v.base+"/contacts/ada/edit", nil)
	if err == nil {
		r.Header.Set("HX-Request", "true")
	}
	if a := v.do(r, err); a.header.Get("HX-Redirect") != "/sign-in?next=%2Fcontacts%2Fada%2Fedit" {
		t.Errorf("HX-Redirect %q", a.header.Get("HX-Redirect"))
	}
}

func TestTheSetUpLinkMakesTheFirstAdmin(t *testing.T) {
	t.Parallel()
	w := newWorld()
	v := w.open(t)
	v.get("/setup/spent").wants(t, http.StatusNotFound, "does not work any more")
	v.get("/setup/setup-token").wants(t, http.StatusOK, `name="name"`, `minlength="12"`)
	v.post("/setup/setup-token", "name", "Ada", "email", "ada@example.com", "password", "short").
		wants(t, http.StatusUnprocessableEntity, "Is shorter than 12 characters.", `aria-invalid="true"`, `value="Ada"`)
	v.post("/setup/setup-token", "name", "Ada", "email", "ada@example.com", "password", "long enough it is").
		leads(t, "/settings/integrations")
	v.get("/settings/integrations").wants(t, http.StatusOK, "Welcome. Connect Salesforce to begin.", `id="connect"`)
}

func TestAFormBeyondItsLimitIsRefused(t *testing.T) {
	t.Parallel()
	v := newWorld().open(t)
	v.post("/sign-in", "email", strings.Repeat("x", 2<<20)).wants(t, http.StatusRequestEntityTooLarge, "larger than")
}

func TestAnUnknownPageSaysSo(t *testing.T) {
	t.Parallel()
	v := newWorld().asAdmin(t)
	v.get("/nowhere").wants(t, http.StatusNotFound, "<h1>Not found</h1>", "There is no such page.")
	v.get("/contacts/nobody").wants(t, http.StatusNotFound, "There is no such contact.")
}

func TestAKeyIsShownOnce(t *testing.T) {
	t.Parallel()
	w := newWorld()
	w.keys = []conversion.APIKey{{ID: "k1", Name: "Website", Prefix: "cv_ab", Created: ago(time.Hour)}}
	v := w.asAdmin(t)
	v.post("/settings/keys", "name", "Importer").wants(t, http.StatusOK, "key-in-clear", "not shown")
	if a := v.get("/settings/keys"); strings.Contains(a.body, "key-in-clear") {
		t.Error("the key is shown again")
	}
	v.post("/settings/keys", "name", "Other", "form", "a").wants(t, http.StatusOK, "key-in-clear")
	v.post("/settings/keys", "name", "Other", "form", "b").wants(t, http.StatusOK, "key-in-clear")
	made := len(w.calls)
	v.post("/settings/keys", "name", "Other", "form", "a").leads(t, "/settings/keys") // a reload
	if len(w.calls) != made {
		t.Errorf("a reload made a key: %v", w.calls)
	}
	v.get("/settings/keys").wants(t, http.StatusOK, "shown only once", `type="hidden" name="form"`)
	v.post("/settings/keys/k1/revoke").leads(t, "/settings/keys")
	w.refusal = conversion.Invalid("name", "is missing")
	v.post("/settings/keys", "name", "").wants(t, http.StatusUnprocessableEntity, "Is missing.")
}

func TestAMemberIsAdded(t *testing.T) {
	t.Parallel()
	w := newWorld()
	v := w.asAdmin(t)
	v.post("/settings/members", "name", "Alan", "email", "alan@example.com", "password", "long enough it is", "role", "member").
		leads(t, "/settings/members")
	v.get("/settings/members").wants(t, http.StatusOK, "Member added", "Grace Hopper")
	w.refusal = conversion.Invalid("email", "has an account already")
	v.post("/settings/members", "name", "Alan").wants(t, http.StatusUnprocessableEntity, "Has an account already.", `value="Alan"`)
}
