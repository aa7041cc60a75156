package sandbox

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
)

// authorization is what the authorize endpoint was asked for.
type authorization struct {
	app                                      *App
	back                                     *url.URL // where the browser goes in the end
	redirect, scope, state, challenge, nonce string
	prompt                                   []string
	immediate                                bool
}

// readAuthorization checks who asks, and where the browser is to be sent. What
// is wrong here is shown at the login host, never redirected: an unproven address
// must not be followed.
func (c *call) readAuthorization(q url.Values) (authorization, *Error) {
	app, known := c.org.apps.find(q.Get("client_id"))
	a := authorization{
		app: app, redirect: q.Get("redirect_uri"), scope: q.Get("scope"), state: q.Get("state"), nonce: q.Get("nonce"),
		challenge: q.Get("code_challenge"), prompt: strings.Fields(q.Get("prompt")), immediate: q.Get("immediate") == "true",
	}
	switch {
	case q.Get("client_id") == "":
		return a, refusal("invalid_request", "missing required parameter: client_id")
	case !known:
		return a, refusal("invalid_client_id", "client identifier invalid")
	case q.Get("response_type") != "code":
		return a, refusal("unsupported_response_type", "response type not supported")
	case a.redirect == "":
		return a, refusal("redirect_uri_missing", "redirect_uri missing")
	case !app.takesCallback(a.redirect):
		return a, refusal("redirect_uri_mismatch", "redirect_uri must match configuration")
	}
	back, err := url.Parse(a.redirect)
	if err != nil {
		return a, refusal("redirect_uri_mismatch", "redirect_uri must match configuration")
	}
	a.back = back
	if a.scope == "" {
		a.scope = app.defaultScope()
	}
	return a, nil
}

// fault is what is wrong with the request of a proven client, which the browser
// takes back to it.
func (a authorization) fault(q url.Values) *Error {
	for _, name := range strings.Fields(a.scope) {
		if !a.app.allows(name) {
			return refusal("invalid_scope", "the requested scope is not allowed")
		}
	}
	for _, p := range a.prompt {
		if !slices.Contains([]string{"login", "consent", "select_account", "none"}, p) {
			return refusal("invalid_request", "invalid prompt: "+p)
		}
	}
	display := q.Get("display")
	if display != "" && !slices.Contains([]string{"page", "popup", "touch", "mobile"}, display) {
		return refusal("invalid_request", "invalid display: "+display)
	}
	// A challenge without a method is S256: that is what clients mean by it.
	if method := q.Get("code_challenge_method"); method != "" && method != "S256" {
		return refusal("invalid_request", "invalid code challenge method")
	}
	return nil
}

// goBack sends the browser back to the client.
func (c *call) goBack(a authorization, answer url.Values) *Error {
	if a.state != "" {
		answer.Set("state", a.state)
	}
	given := a.back.Query()
	for name, values := range answer {
		given[name] = values
	}
	back := *a.back
	back.RawQuery = given.Encode()
	return c.redirect(back.String())
}

func (c *call) goBackWith(a authorization, err *Error) *Error {
	return c.goBack(a, url.Values{"error": {err.Code}, "error_description": {err.Message}})
}

// goBackAllowed ends the flow well.
func (c *call) goBackAllowed(a authorization, user profile) *Error {
	return c.goBack(a, url.Values{"code": {c.org.sessions.newCode(code{
		app: a.app.ClientID, user: user.id, scope: a.scope, redirect: a.redirect, challenge: a.challenge, nonce: a.nonce,
	})}})
}

// authorize shows the login page, then the consent page. Without a page it goes
// on only for a user who is logged in and allowed the same before.
func (c *call) authorize() *Error {
	q := c.request.URL.Query()
	a, err := c.readAuthorization(q)
	if err != nil {
		return c.errorPage(err)
	}
	if err := a.fault(q); err != nil {
		return c.goBackWith(a, err)
	}
	user, ok := c.browserUser()
	silent := a.immediate || slices.Contains(a.prompt, "none")
	switch {
	case silent && ok && c.org.sessions.approved(user.id, a.app.ClientID, a.scope):
		return c.goBackAllowed(a, user)
	case silent:
		return c.goBackWith(a, refusal("immediate_unsuccessful", "immediate unsuccessful"))
	case !ok, slices.Contains(a.prompt, "login"), slices.Contains(a.prompt, "select_account"):
		return c.loginPage(http.StatusOK, c.request.URL.RequestURI(), q.Get("login_hint"), "")
	}
	return c.showPage(http.StatusOK, "consent", map[string]any{
		"App": a.app.ClientID, "User": user.username, "Scopes": strings.Fields(a.scope), "Query": carried(c.request.URL.RawQuery), "Proof": c.cookie(),
	})
}

// decide takes the consent form and sends the browser back to the client.
func (c *call) decide() *Error {
	form, formErr := url.ParseQuery(string(c.body))
	if form.Has("client_id") { // a client that asks by POST
		return c.redirect("/services/oauth2/authorize?" + form.Encode())
	}
	user, ok := c.browserUser()
	if formErr != nil || !ok || form.Get("proof") != c.cookie() {
		return c.errorPage(refusal("invalid_request", "the login has ended, begin again"))
	}
	q, _ := url.ParseQuery(broughtBack(form.Get("query")))
	a, err := c.readAuthorization(q)
	if err != nil {
		return c.errorPage(err)
	}
	if err := a.fault(q); err != nil {
		return c.goBackWith(a, err)
	}
	switch {
	case form.Get("decision") != "allow":
		return c.goBackWith(a, refusal("access_denied", "end-user denied authorization"))
	case !c.org.sessions.admitLogin(user.id):
		return c.goBackWith(a, refusal("rate_limit_exceeded", "login rate exceeded"))
	}
	c.org.sessions.approve(user.id, a.app.ClientID, a.scope)
	return c.goBackAllowed(a, user)
}
