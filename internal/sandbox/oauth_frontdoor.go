package sandbox

import (
	"net/http"
	"net/url"
)

// singleAccess answers with an address that logs a browser in as the user of the
// token, once.
func (c *call) singleAccess() *Error {
	user, session, ok := c.bearer()
	if !ok {
		return nil
	}
	if !scoped(session.scope, "web") && !scoped(session.scope, "full") {
		return c.oauthError(http.StatusForbidden, "invalid_scope", "the token is not for use with the web")
	}
	next, ok := localPage(c.form().Get("redirect_uri"))
	if !ok {
		return c.oauthError(http.StatusBadRequest, "invalid_request", "redirect_uri must be a page of this org")
	}
	q := url.Values{"otp": {c.org.sessions.bridge(user.id)}, "startURL": {next.String()}}
	return c.json(http.StatusOK, map[string]string{"frontdoor_uri": c.origin() + "/secur/frontdoor.jsp?" + q.Encode()})
}

// frontdoor makes a browser session of a one-time password, or of the access
// token itself, and goes on to a page of the org.
func (c *call) frontdoor() *Error {
	form := c.form()
	start := form.Get("startURL")
	if start == "" {
		start = form.Get("retURL")
	}
	next, ok := localPage(start)
	if !ok {
		return c.errorPage(refusal("invalid_request", "startURL must be a page of this org"))
	}
	user, ok := c.org.sessions.cross(form.Get("otp"))
	if session, live := c.org.sessions.find(form.Get("sid"), true); !ok && live {
		user, ok = session.user, scoped(session.scope, "web") || scoped(session.scope, "full")
	}
	if !ok {
		return c.loginPage(http.StatusOK, next.String(), "", "Your session has expired. Log in again.")
	}
	c.remember(user)
	return c.redirect(next.String())
}

// openIDConfiguration tells OpenID clients what there is, and where.
func (c *call) openIDConfiguration() *Error {
	origin := c.origin()
	at := func(path string) string { return origin + "/services/oauth2/" + path }
	return c.json(http.StatusOK, map[string]any{
		"issuer": origin, "authorization_endpoint": at("authorize"), "token_endpoint": at("token"),
		"revocation_endpoint": at("revoke"), "userinfo_endpoint": at("userinfo"), "introspection_endpoint": at("introspect"),
		"jwks_uri": origin + "/id/keys", "scopes_supported": append(append([]string{}, scopes...), otherScopes...),
		"response_types_supported": []string{"code"}, "subject_types_supported": []string{"public"},
		"grant_types_supported":                 []string{"authorization_code", "refresh_token", "client_credentials", "password", jwtGrant},
		"id_token_signing_alg_values_supported": []string{"RS256"}, "display_values_supported": []string{"page", "popup", "touch"},
		"token_endpoint_auth_methods_supported": []string{"client_secret_post", "client_secret_basic"},
		"code_challenge_methods_supported":      []string{"S256"},
		"claims_supported": []string{"active", "address", "email", "email_verified", "family_name", "given_name", "is_app_installed",
			"language", "locale", "name", "nickname", "organization_id", "photos", "picture", "preferred_username", "profile", "sub",
			"updated_at", "urls", "user_id", "user_type", "zoneinfo"},
	})
}

// authConfiguration tells mobile clients how to log in: by the org's own page.
func (c *call) authConfiguration() *Error {
	origin := c.origin()
	return c.json(http.StatusOK, map[string]any{
		"OrgConfig": map[string]any{"OrganizationId": c.org.id, "MyDomainUrl": origin}, "AuthProviders": []any{}, "SamlProviders": []any{},
		"LoginPage": map[string]any{"LoginPageUrl": origin, "LoginPageTypeConfig": []any{}, "UsernamePasswordEnabled": true},
		"MobileSDK": map[string]any{
			"UseiOSNativeBrowserForAuthentication": false, "UseAndroidNativeBrowserForAuthentication": false,
			"shareBrowserSessionIOS": false, "shareBrowserSessionAndroid": false,
		},
	})
}
