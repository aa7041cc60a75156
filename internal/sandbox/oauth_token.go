package sandbox

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"net/http"
	"net/url"
	"strconv"
	"strings"
)

// oauthError answers as OAuth endpoints do: one object.
func (c *call) oauthError(status int, code, description string) *Error {
	c.header.Set("Cache-Control", "no-store")
	return c.json(status, map[string]string{"error": code, "error_description": description})
}

func (c *call) badRequest(code, description string) *Error {
	return c.oauthError(http.StatusBadRequest, code, description)
}

// tokenRequest reads the form and the client's credentials, from Basic or form.
func (c *call) tokenRequest() (form url.Values, id, secret string) {
	form, err := url.ParseQuery(string(c.body))
	if err != nil {
		return url.Values{}, "", ""
	}
	if id, secret, ok := c.request.BasicAuth(); ok {
		return form, id, secret
	}
	return form, form.Get("client_id"), form.Get("client_secret")
}

// issueToken serves all grants.
func (c *call) issueToken() *Error {
	form, id, secret := c.tokenRequest()
	if format := form.Get("format"); format != "" && format != "json" {
		return c.badRequest("invalid_request", "only format=json is supported by this org")
	}
	grant := form.Get("grant_type")
	serve, known := map[string]func(url.Values) *Error{
		"authorization_code": c.exchangeCode, "refresh_token": c.refreshAccess,
		"client_credentials": c.clientCredentials, "password": c.passwordGrant,
	}[grant]
	// Public clients may leave the secret out where something else proves them.
	needsSecret := grant == "client_credentials" || grant == "password"
	switch {
	case !known:
		return c.badRequest("unsupported_grant_type", "grant type not supported")
	case id != ClientID:
		return c.badRequest("invalid_client_id", "client identifier invalid")
	case secret != ClientSecret && (secret != "" || needsSecret):
		return c.badRequest("invalid_client", "invalid client credentials")
	}
	return serve(form)
}

func (c *call) exchangeCode(form url.Values) *Error {
	code, ok := c.org.sessions.redeem(form.Get("code"))
	if !ok {
		return c.badRequest("invalid_grant", "expired authorization code")
	}
	verifier := form.Get("code_verifier")
	sum := sha256.Sum256([]byte(verifier))
	switch {
	case code.redirect != form.Get("redirect_uri"):
		return c.badRequest("redirect_uri_mismatch", "redirect_uri must match configuration")
	case code.challenge != "" && verifier == "":
		return c.badRequest("invalid_grant", "code verifier required")
	case code.challenge != "" && strings.TrimRight(code.challenge, "=") != base64.RawURLEncoding.EncodeToString(sum[:]):
		return c.badRequest("invalid_request", "invalid code verifier")
	}
	refresh := ""
	if scoped(code.scope, "refresh_token") || scoped(code.scope, "offline_access") {
		refresh = c.org.sessions.grantRefresh(code.user, code.scope)
	}
	return c.answerToken(code.user, code.scope, refresh, true)
}

func scoped(scope, name string) bool {
	for _, s := range strings.Fields(scope) {
		if s == name {
			return true
		}
	}
	return false
}

func (c *call) refreshAccess(form url.Values) *Error {
	token := form.Get("refresh_token")
	grant, ok := c.org.sessions.refreshable(token)
	if !ok {
		return c.badRequest("invalid_grant", "expired access/refresh token")
	}
	if user, ok := c.org.profile(grant.user); !ok || !user.active {
		return c.badRequest("inactive_user", "user is inactive")
	}
	return c.answerToken(grant.user, grant.scope, token, false)
}

func (c *call) clientCredentials(url.Values) *Error {
	return c.answerToken(c.org.Admin().id, "api id", "", false)
}

func (c *call) passwordGrant(form url.Values) *Error {
	user, ok := c.org.profile(c.org.User(form.Get("username")).id)
	switch {
	case !ok || form.Get("password") != AdminPassword:
		return c.badRequest("invalid_grant", "authentication failure - Invalid Password")
	case !user.active:
		return c.badRequest("inactive_user", "user is inactive")
	}
	return c.answerToken(user.id, "api web id", "", false)
}

// answerToken opens a session and answers with it. The refresh token is shown
// only when it is new.
func (c *call) answerToken(user, scope, refresh string, show bool) *Error {
	issued := strconv.FormatInt(c.org.clock.Now().UnixMilli(), 10)
	id := c.identityURL(user)
	mac := hmac.New(sha256.New, []byte(ClientSecret))
	mac.Write([]byte(id + issued))
	answer := map[string]string{
		"access_token": c.org.sessions.open(c.org.id, user, scope, refresh),
		"signature":    base64.StdEncoding.EncodeToString(mac.Sum(nil)),
		"scope":        scope, "instance_url": c.origin(), "id": id, "token_type": "Bearer", "issued_at": issued,
	}
	if show && refresh != "" {
		answer["refresh_token"] = refresh
	}
	c.header.Set("Cache-Control", "no-store")
	return c.json(http.StatusOK, answer)
}

func (c *call) revoke() *Error {
	form, _, _ := c.tokenRequest()
	token := form.Get("token")
	if token == "" {
		token = c.request.URL.Query().Get("token")
	}
	if !c.org.sessions.revoke(token) {
		return c.badRequest("unsupported_token_type", "this token type is not supported")
	}
	return c.noContent(http.StatusOK)
}

func (c *call) introspect() *Error {
	form, id, secret := c.tokenRequest()
	if id != ClientID || secret != ClientSecret {
		return c.oauthError(http.StatusUnauthorized, "invalid_client", "invalid client credentials")
	}
	token := form.Get("token")
	if found, ok := c.org.sessions.find(token, false); ok {
		return c.introspected("access_token", found.user, found.scope, map[string]any{
			"exp": found.used.Add(c.org.sessions.lifetime).Unix(), "iat": found.issued.Unix(), "nbf": found.issued.Unix(),
		})
	}
	if found, ok := c.org.sessions.refreshable(token); ok {
		return c.introspected("refresh_token", found.user, found.scope, nil)
	}
	return c.json(http.StatusOK, map[string]any{"active": false})
}

func (c *call) introspected(kind, user, scope string, times map[string]any) *Error {
	who, _ := c.org.profile(user)
	answer := map[string]any{
		"active": true, "scope": scope, "client_id": ClientID, "username": who.username, "sub": c.identityURL(user), "token_type": kind,
	}
	for name, v := range times {
		answer[name] = v
	}
	return c.json(http.StatusOK, answer)
}
