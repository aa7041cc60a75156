package sandbox

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
)

// grants are the grant types of the token endpoint. The JWT flow names the app in
// its assertion, the others in the request.
var grants = map[string]struct {
	serve       func(*call, *App, url.Values) *Error
	needsSecret bool // where nothing but the secret proves the client
}{
	"authorization_code": {(*call).exchangeCode, false},
	"refresh_token":      {(*call).refreshAccess, false},
	"client_credentials": {(*call).clientCredentials, true},
	"password":           {(*call).passwordGrant, true},
}

const jwtGrant = "urn:ietf:params:oauth:grant-type:jwt-bearer"

// issueToken serves the token endpoint.
func (c *call) issueToken() *Error {
	return c.asOAuth(c.grantToken())
}

func (c *call) grantToken() *Error {
	form := c.form()
	switch form.Get("format") {
	case "", "json", "xml", "urlencoded":
	default:
		return refusal("invalid_request", "format is one of json, xml and urlencoded")
	}
	grant := form.Get("grant_type")
	if grant == jwtGrant {
		return c.jwtBearer(form)
	}
	kind, known := grants[grant]
	if !known {
		return refusal("unsupported_grant_type", "grant type not supported")
	}
	app, err := c.client(form, kind.needsSecret)
	if err != nil {
		return err
	}
	return kind.serve(c, app, form)
}

// form is what an OAuth request says, in its address or in its body.
func (c *call) form() url.Values {
	values := c.request.URL.Query()
	body, _ := url.ParseQuery(string(c.body)) // what can be read of it
	for name, given := range body {
		values[name] = given
	}
	return values
}

// client finds the app that a request comes from, by Basic or by form. A secret
// may be left out where something else proves the client; a wrong one never is
// taken.
func (c *call) client(form url.Values, needsSecret bool) (*App, *Error) {
	id, secret := form.Get("client_id"), form.Get("client_secret")
	if user, password, ok := c.request.BasicAuth(); ok {
		id, secret = formDecoded(user), formDecoded(password)
	}
	app, ok := c.org.apps.find(id)
	switch {
	case !ok:
		return nil, refusal("invalid_client_id", "client identifier invalid")
	case secret != "" && app.ClientSecret != "" && secret != app.ClientSecret,
		secret == "" && (needsSecret || app.SecretRequired):
		return nil, refusal("invalid_client", "invalid client credentials")
	}
	return app, nil
}

// formDecoded decodes a part of Basic credentials, which OAuth wants form-encoded
// and many clients send as it is.
func formDecoded(text string) string {
	if decoded, err := url.QueryUnescape(text); err == nil && !strings.Contains(text, "+") {
		return decoded
	}
	return text
}

func (c *call) exchangeCode(app *App, form url.Values) *Error {
	if form.Get("code") == "" {
		return refusal("invalid_request", "missing required parameter: code")
	}
	code, err := c.org.sessions.redeem(form.Get("code"))
	if err != nil {
		return err
	}
	user, known := c.org.profile(code.user)
	switch {
	case code.app != app.ClientID:
		return refusal("invalid_grant", "invalid authorization code")
	case code.redirect != form.Get("redirect_uri"):
		return refusal("redirect_uri_mismatch", "redirect_uri must match configuration")
	case !known || !user.active:
		return refusal("inactive_user", "user is inactive")
	}
	if err := checkVerifier(code.challenge, form.Get("code_verifier")); err != nil {
		return err
	}
	t := token{app: app, user: user, scope: code.scope, nonce: code.nonce}
	if scoped(code.scope, "refresh_token") || scoped(code.scope, "offline_access") {
		t.grant = c.org.sessions.grantRefresh(app.ClientID, user.id, code.scope)
		t.refresh = t.grant.token
	}
	return c.answerToken(t)
}

// checkVerifier is PKCE. The length of the verifier is not looked at: there are
// clients that send more than the standard's 128 characters.
func checkVerifier(challenge, verifier string) *Error {
	sum := sha256.Sum256([]byte(verifier))
	switch {
	case challenge == "":
	case verifier == "":
		return refusal("invalid_grant", "code verifier required")
	case strings.TrimRight(challenge, "=") != base64.RawURLEncoding.EncodeToString(sum[:]):
		return refusal("invalid_request", "invalid code verifier")
	}
	return nil
}

func (c *call) refreshAccess(app *App, form url.Values) *Error {
	text := form.Get("refresh_token")
	grant, ok := c.org.sessions.refreshable(text)
	if !ok || grant.app != app.ClientID {
		return refusal("invalid_grant", "expired access/refresh token")
	}
	user, ok := c.org.profile(grant.user)
	if !ok || !user.active {
		return refusal("inactive_user", "user is inactive")
	}
	next, ok := c.org.sessions.rotated(grant, text)
	if !ok {
		return refusal("invalid_grant", "expired access/refresh token")
	}
	return c.answerToken(token{app: app, user: user, scope: grant.scope, grant: grant, refresh: next})
}

func (c *call) clientCredentials(app *App, form url.Values) *Error {
	user, ok := c.org.profile(c.org.User(app.RunAs).id)
	if app.RunAs == "" || !ok {
		return refusal("invalid_grant", "no client credentials user enabled")
	}
	return c.openFor(app, user, form)
}

func (c *call) passwordGrant(app *App, form url.Values) *Error {
	user, ok := c.org.logIn(form.Get("username"), form.Get("password"))
	if !ok {
		return refusal("invalid_grant", "authentication failure - Invalid Password")
	}
	return c.openFor(app, user, form)
}

// logIn finds the user of a name and a password, to which a security token may
// be appended.
func (o *Org) logIn(username, password string) (profile, bool) {
	user, ok := o.profile(o.User(strings.TrimSpace(username)).id)
	rest, right := strings.CutPrefix(password, AdminPassword)
	return user, ok && right && (rest == "" || isSecurityToken(rest))
}

// isSecurityToken takes any text of letters and digits that is long enough not to
// be a slip of the finger.
func isSecurityToken(text string) bool {
	return len(text) >= 4 && strings.Trim(text, base62) == ""
}

// openFor opens a session without a refresh token, in a flow without a browser.
func (c *call) openFor(app *App, user profile, form url.Values) *Error {
	scope := form.Get("scope")
	switch {
	case !user.active:
		return refusal("inactive_user", "user is inactive")
	case !c.org.sessions.admitLogin(user.id):
		return refusal("rate_limit_exceeded", "login rate exceeded")
	case scope == "" && len(app.Scopes) == 0:
		scope = "api web id"
	case scope == "":
		scope = app.defaultScope()
	}
	for _, name := range strings.Fields(scope) {
		if !app.allows(name) {
			return refusal("invalid_scope", "the requested scope is not allowed")
		}
	}
	return c.answerToken(token{app: app, user: user, scope: scope})
}

// token is what an answer of the token endpoint is made of. refresh is shown when
// it is new.
type token struct {
	app     *App
	user    profile
	scope   string
	grant   *grant
	refresh string
	nonce   string
}

// answerToken opens a session and answers with it.
func (c *call) answerToken(t token) *Error {
	now := c.org.clock.Now()
	issued := strconv.FormatInt(now.UnixMilli(), 10)
	id := c.identityURL(t.user.id)
	mac := hmac.New(sha256.New, []byte(t.app.ClientSecret))
	mac.Write([]byte(id + issued))
	access := c.org.sessions.open(c.org.id, t.app.ClientID, t.user.id, t.scope, t.grant)
	answer := map[string]any{
		"access_token": access, "signature": base64.StdEncoding.EncodeToString(mac.Sum(nil)),
		"scope": t.scope, "instance_url": c.origin(), "id": id, "token_type": "Bearer", "issued_at": issued,
	}
	if t.refresh != "" {
		answer["refresh_token"] = t.refresh
	}
	if scoped(t.scope, "openid") {
		answer["id_token"] = c.idToken(t, access, now)
	}
	return c.answerOAuth(http.StatusOK, answer)
}

// idToken is the OpenID Connect part of an answer.
func (c *call) idToken(t token, access string, now time.Time) string {
	sum := sha256.Sum256([]byte(access))
	claims := map[string]any{
		"iss": c.origin(), "sub": c.identityURL(t.user.id), "aud": t.app.ClientID, "iat": now.Unix(), "auth_time": now.Unix(),
		"exp": now.Add(2 * time.Minute).Unix(), "at_hash": base64.RawURLEncoding.EncodeToString(sum[:16]),
	}
	if t.nonce != "" {
		claims["nonce"] = t.nonce
	}
	if scoped(t.scope, "profile") {
		claims["name"], claims["preferred_username"], claims["zoneinfo"] = t.user.name, t.user.username, t.user.timezone
	}
	if scoped(t.scope, "email") {
		claims["email"], claims["email_verified"] = t.user.email, true
	}
	return signJWT(claims)
}

// revoke ends a token. A refusal is form-encoded unless the client asks for
// something else, because that is what clients read.
func (c *call) revoke() *Error {
	form := c.form()
	if !c.org.sessions.revoke(form.Get("token")) {
		return c.answerOAuthAs(c.format(formEncoded), http.StatusBadRequest, map[string]any{
			"error": "unsupported_token_type", "error_description": "this token type is not supported",
		})
	}
	return c.noContent(http.StatusOK)
}

func (c *call) introspect() *Error {
	form := c.form()
	app, err := c.client(form, true)
	if err != nil {
		err.Status = http.StatusUnauthorized
		return c.asOAuth(err)
	}
	token := form.Get("token")
	if found, ok := c.org.sessions.find(token, false); ok && found.app == app.ClientID {
		return c.introspected("access_token", app, found.user, found.scope, map[string]any{
			"exp": found.used.Add(c.org.sessions.timeout()).Unix(), "iat": found.issued.Unix(), "nbf": found.issued.Unix(),
		})
	}
	if found, ok := c.org.sessions.refreshable(token); ok && found.app == app.ClientID {
		return c.introspected("refresh_token", app, found.user, found.scope, nil)
	}
	return c.answerOAuth(http.StatusOK, map[string]any{"active": false})
}

func (c *call) introspected(kind string, app *App, user, scope string, times map[string]any) *Error {
	who, _ := c.org.profile(user)
	answer := map[string]any{
		"active": true, "scope": scope, "client_id": app.ClientID, "username": who.username, "sub": c.identityURL(user), "token_type": kind,
	}
	for name, v := range times {
		answer[name] = v
	}
	return c.answerOAuth(http.StatusOK, answer)
}
