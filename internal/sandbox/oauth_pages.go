package sandbox

import (
	"bytes"
	"encoding/base64"
	"html/template"
	"net/http"
	"net/url"
	"strings"
)

// loginCookie holds the browser's login at the org. Its name is unlikely to meet
// another server's on the same host, since cookies do not tell ports apart.
const loginCookie = "sandbox_login"

// loginPage asks for a user, to go on at a page of this origin.
func (c *call) loginPage(status int, start, username, problem string) *Error {
	return c.showPage(status, "login", map[string]any{"Start": carried(start), "Username": username, "Problem": problem})
}

// carried writes an address into a hidden input without a character that HTML
// would escape: the scripts that drive logins seldom unescape what they find.
func carried(address string) string { return base64.RawURLEncoding.EncodeToString([]byte(address)) }

// broughtBack reads what carried wrote; anything else is no address.
func broughtBack(text string) string {
	address, _ := base64.RawURLEncoding.DecodeString(text)
	return string(address)
}

// errorPage shows what is wrong at the login host.
func (c *call) errorPage(err *Error) *Error {
	return c.showPage(http.StatusBadRequest, "error", map[string]any{"Code": err.Code, "Text": err.Message})
}

// logInPage takes the login form and goes on where the browser wanted to go.
func (c *call) logInPage() *Error {
	form, err := url.ParseQuery(string(c.body))
	if err != nil {
		return refusal("JSON_PARSER_ERROR", err.Error())
	}
	start := broughtBack(form.Get("start"))
	user, ok := c.org.logIn(form.Get("username"), form.Get("password"))
	if !ok || !user.active {
		return c.loginPage(http.StatusOK, start, form.Get("username"),
			"Please check your username and password. If you still can't log in, contact your Salesforce administrator.")
	}
	next, ok := localPage(start)
	if !ok {
		return c.errorPage(refusal("invalid_request", "the page to go on to is not one of this org"))
	}
	q := next.Query()
	q.Del("prompt")
	next.RawQuery = q.Encode()
	c.remember(user.id)
	return c.redirect(next.String())
}

// localPage reads the address of a page of this origin, given without a host.
func localPage(text string) (*url.URL, bool) {
	if text == "" {
		return &url.URL{Path: "/"}, true
	}
	if !strings.HasPrefix(text, "/") {
		text = "/" + text
	}
	u, err := url.Parse(text)
	if err != nil || u.Host != "" || u.Scheme != "" || strings.HasPrefix(u.Path, "//") || strings.Contains(u.Path, `\`) {
		return nil, false
	}
	return u, true
}

// remember logs the browser in.
func (c *call) remember(user string) {
	cookie := http.Cookie{Name: loginCookie, Value: c.org.sessions.login(user), Path: "/", HttpOnly: true, SameSite: http.SameSiteLaxMode}
	c.header.Set("Set-Cookie", cookie.String())
}

// logOutPage ends the browser's login.
func (c *call) logOutPage() *Error {
	c.org.sessions.logOut(c.cookie())
	cookie := http.Cookie{Name: loginCookie, Path: "/", MaxAge: -1}
	c.header.Set("Set-Cookie", cookie.String())
	return c.redirect("/")
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

func (c *call) redirect(to string) *Error {
	c.header.Set("Location", to)
	return c.noContent(http.StatusFound)
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
