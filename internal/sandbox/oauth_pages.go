package sandbox

import (
	"bytes"
	"html/template"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
)

// loginCookie holds the browser's login at the org. Its name is unlikely to meet
// another server's on the same host, since cookies do not tell ports apart.
const loginCookie = "sandbox_login"

// allScopes are the scopes that the client may ask for.
var allScopes = map[string]bool{
	"api": true, "web": true, "full": true, "refresh_token": true, "offline_access": true,
	"id": true, "profile": true, "email": true, "address": true, "phone": true, "openid": true,
}

// defaultScope is what a client gets that asks for nothing.
const defaultScope = "api refresh_token id"

// authorization is what the authorize endpoint was asked for.
type authorization struct {
	redirect, scope, state, challenge string
}

// readAuthorization checks a request to authorize. Errors are shown at the login
// host, never redirected: an unproven redirect_uri must not be followed.
func (c *call) readAuthorization(q url.Values) (authorization, *Error) {
	a := authorization{redirect: q.Get("redirect_uri"), scope: q.Get("scope"), state: q.Get("state"), challenge: q.Get("code_challenge")}
	if a.scope == "" {
		a.scope = defaultScope
	}
	method := q.Get("code_challenge_method")
	switch {
	case q.Get("client_id") != ClientID:
		return a, refusal("invalid_client_id", "client identifier invalid")
	case q.Get("response_type") != "code":
		return a, refusal("unsupported_response_type", "response type not supported")
	case a.redirect == "":
		return a, refusal("redirect_uri_missing", "redirect_uri missing")
	case !allowedRedirect(a.redirect):
		return a, refusal("redirect_uri_mismatch", "redirect_uri must match configuration")
	case method != "" && method != "S256": // a missing method means S256
		return a, refusal("invalid_request", "code challenge method not supported")
	case q.Get("immediate") == "true":
		return a, refusal("immediate_unsuccessful", "immediate unsuccessful")
	}
	for _, s := range strings.Fields(a.scope) {
		if !allScopes[s] {
			return a, refusal("invalid_scope", "the requested scope is not allowed")
		}
	}
	return a, nil
}

// allowedRedirect accepts any https address and any address of this machine.
func allowedRedirect(text string) bool {
	u, err := url.Parse(text)
	if err != nil || u.Host == "" || u.Fragment != "" {
		return false
	}
	host := u.Hostname()
	ip, err := netip.ParseAddr(host)
	return u.Scheme == "https" || u.Scheme == "http" && (host == "localhost" || err == nil && ip.IsLoopback())
}

// authorize shows the login page, then the consent page.
func (c *call) authorize() *Error {
	q := c.request.URL.Query()
	a, err := c.readAuthorization(q)
	if err != nil {
		return c.showPage(http.StatusBadRequest, "error", map[string]any{"Code": err.Code, "Text": err.Message})
	}
	user, ok := c.browserUser()
	if !ok || strings.Contains(q.Get("prompt"), "login") {
		return c.loginPage(http.StatusOK, c.request.URL.RequestURI(), q.Get("login_hint"), "")
	}
	return c.showPage(http.StatusOK, "consent", map[string]any{
		"User": user.username, "Scopes": strings.Fields(a.scope), "Query": c.request.URL.RawQuery, "Proof": c.cookie(),
	})
}

func (c *call) cookie() string {
	cookie, err := c.request.Cookie(loginCookie)
	if err != nil {
		return ""
	}
	return cookie.Value
}

func (c *call) browserUser() (profile, bool) {
	id, ok := c.org.sessions.loggedIn(c.cookie())
	if !ok {
		return profile{}, false
	}
	return c.org.profile(id)
}

func (c *call) loginPage(status int, start, username, problem string) *Error {
	return c.showPage(status, "login", map[string]any{"Start": start, "Username": username, "Problem": problem})
}

// logIn takes the login form and goes on where the browser wanted to go.
func (c *call) logIn() *Error {
	form, err := url.ParseQuery(string(c.body))
	if err != nil {
		return parserError(err)
	}
	user := c.org.User(strings.TrimSpace(form.Get("username")))
	start := form.Get("start")
	if user.id == "" || form.Get("password") != AdminPassword {
		return c.loginPage(http.StatusOK, start, form.Get("username"),
			"Please check your username and password. If you still can't log in, contact your Salesforce administrator.")
	}
	next, err := url.Parse(start)
	if err != nil || next.Host != "" || next.Path != "/services/oauth2/authorize" {
		return refusal("invalid_request", "the page to go on to is not one of this org")
	}
	q := next.Query()
	q.Del("prompt")
	next.RawQuery = q.Encode()
	cookie := http.Cookie{Name: loginCookie, Value: c.org.sessions.login(user.id), Path: "/", HttpOnly: true, SameSite: http.SameSiteLaxMode}
	c.header.Set("Set-Cookie", cookie.String())
	return c.redirect(next.String())
}

func (c *call) redirect(to string) *Error {
	c.header.Set("Location", to)
	return c.noContent(http.StatusFound)
}

// decide takes the consent form and sends the browser back to the client.
func (c *call) decide() *Error {
	form, formErr := url.ParseQuery(string(c.body))
	user, ok := c.browserUser()
	if formErr != nil || !ok || form.Get("proof") != c.cookie() {
		return c.showPage(http.StatusBadRequest, "error", map[string]any{"Code": "invalid_request", "Text": "the login has ended, begin again"})
	}
	q, _ := url.ParseQuery(form.Get("query"))
	a, err := c.readAuthorization(q)
	if err != nil {
		return c.showPage(http.StatusBadRequest, "error", map[string]any{"Code": err.Code, "Text": err.Message})
	}
	back, answer := mustURL(a.redirect), url.Values{}
	if form.Get("decision") == "allow" {
		answer.Set("code", c.org.sessions.newCode(code{user: user.id, scope: a.scope, redirect: a.redirect, challenge: a.challenge}))
	} else {
		answer.Set("error", "access_denied")
		answer.Set("error_description", "end-user denied authorization")
	}
	if q.Has("state") {
		answer.Set("state", a.state)
	}
	given := back.Query()
	for name, values := range answer {
		given[name] = values
	}
	back.RawQuery = given.Encode()
	return c.redirect(back.String())
}

// mustURL parses an address that was parsed before.
func mustURL(text string) *url.URL {
	u, err := url.Parse(text)
	if err != nil {
		panic(err)
	}
	return u
}

// showPage answers with one of the login host's pages.
func (c *call) showPage(status int, name string, data any) *Error {
	var b bytes.Buffer
	if err := pages.ExecuteTemplate(&b, name, data); err != nil {
		panic(err)
	}
	c.header.Set("Cache-Control", "no-store")
	return c.html(status, b.Bytes())
}

var pages = template.Must(template.New("").Parse(loginPages + homePageText + recordPageText))

const loginPages = `
{{define "head"}}<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>{{.}} | Salesforce sandbox</title><style>
body{font:16px/1.5 system-ui,sans-serif;background:#f4f6f9;color:#16325c;margin:0}
main{max-width:26rem;margin:8vh auto;background:#fff;border:1px solid #d8dde6;border-radius:.4rem;padding:2rem}
main.wide{max-width:60rem}label{display:block;margin:.8rem 0 .2rem}
table{border-collapse:collapse}th,td{text-align:left;vertical-align:top;padding:.25rem 1rem .25rem 0;border-bottom:1px solid #d8dde6;font-weight:400}th{color:#54698d}
input{width:100%;box-sizing:border-box;padding:.5rem;border:1px solid #9faab5;border-radius:.25rem;font:inherit}
button{margin:1.2rem .6rem 0 0;padding:.55rem 1.4rem;border:1px solid #0070d2;border-radius:.25rem;background:#0070d2;color:#fff;font:inherit}
button.plain{background:#fff;color:#0070d2}.problem{color:#c23934}code,pre{background:#f4f6f9}pre{padding:.8rem;overflow:auto}
</style></head><body>{{end}}

{{define "login"}}{{template "head" "Login"}}<main><h1>Log in</h1><p>Salesforce sandbox</p>
{{if .Problem}}<p class="problem" id="error" role="alert">{{.Problem}}</p>{{end}}
<form method="post" action="/login"><input type="hidden" name="start" value="{{.Start}}">
<label for="username">Username</label><input id="username" name="username" type="email" value="{{.Username}}" autocomplete="username" required>
<label for="password">Password</label><input id="password" name="password" type="password" autocomplete="current-password" required>
<button id="Login" type="submit">Log In</button></form></main></body></html>{{end}}

{{define "consent"}}{{template "head" "Allow Access?"}}<main><h1>Allow Access?</h1>
<p>The app is asking to do the following on behalf of <strong id="user">{{.User}}</strong>:</p>
<ul>{{range .Scopes}}<li>{{.}}</li>{{end}}</ul>
<form method="post" action="/services/oauth2/authorize"><input type="hidden" name="query" value="{{.Query}}"><input type="hidden" name="proof" value="{{.Proof}}">
<button id="allow" type="submit" name="decision" value="allow">Allow</button>
<button id="deny" class="plain" type="submit" name="decision" value="deny">Deny</button></form></main></body></html>{{end}}

{{define "error"}}{{template "head" "OAuth Error"}}<main><h1>OAuth Error</h1>
<p class="problem" id="error" role="alert">error={{.Code}}&amp;error_description={{.Text}}</p></main></body></html>{{end}}
`
