package sandbox

import (
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"io"
	"maps"
	"math/big"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"
)

// signed makes a JWT of claims.
func signed(t *testing.T, key *rsa.PrivateKey, claims m) string {
	t.Helper()
	b, err := json.Marshal(claims)
	if err != nil {
		t.Fatal(err)
	}
	text := base64.RawURLEncoding.EncodeToString([]byte(`{"alg":"RS256"}`)) + "." + base64.RawURLEncoding.EncodeToString(b)
	sum := sha256.Sum256([]byte(text))
	signature, err := rsa.SignPKCS1v15(rand.Reader, key, crypto.SHA256, sum[:])
	if err != nil {
		t.Fatal(err)
	}
	return text + "." + base64.RawURLEncoding.EncodeToString(signature)
}

func (c *client) assert(text string) (int, map[string]string) {
	c.t.Helper()
	return c.tokenCall(url.Values{"grant_type": {jwtGrant}, "assertion": {text}})
}

func with(claims m, name string, v any) m {
	changed := maps.Clone(claims)
	changed[name] = v
	return changed
}

func TestAJWTOpensASession(t *testing.T) {
	t.Parallel()
	c := newClient(t, Options{})
	other, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	claims := m{"iss": ClientID, "sub": AdminUser, "aud": "https://login.salesforce.com", "exp": start.Add(3 * time.Minute).Unix()}
	for name, tc := range map[string]struct {
		assertion, code, text string
	}{
		"as documented":                {signed(t, ownKey(), claims), "", ""},
		"with an exp in text":          {signed(t, ownKey(), with(claims, "exp", "1769850180")), "", ""},
		"with an exp in milliseconds":  {signed(t, ownKey(), with(claims, "exp", start.UnixMilli()+300)), "", ""},
		"for the sandboxes' host":      {signed(t, ownKey(), with(claims, "aud", "https://test.salesforce.com")), "", ""},
		"for the org's origin":         {signed(t, ownKey(), with(claims, "aud", c.url+"/")), "", ""},
		"for a host without a scheme":  {signed(t, ownKey(), with(claims, "aud", "login.salesforce.com")), "", ""},
		"for a My Domain, in a list":   {signed(t, ownKey(), with(claims, "aud", []string{"https://acme.my.salesforce.com"})), "", ""},
		"for somebody else":            {signed(t, ownKey(), with(claims, "aud", "https://example.test")), "invalid_grant", "Audience validation failed"},
		"of long ago":                  {signed(t, ownKey(), with(claims, "exp", start.Add(-time.Hour).Unix())), "invalid_grant", "invalid assertion"},
		"without an exp":               {signed(t, ownKey(), with(claims, "exp", nil)), "invalid_grant", "invalid assertion"},
		"signed with another key":      {signed(t, other, claims), "invalid_grant", "invalid assertion"},
		"that is none":                 {"a.b", "invalid_grant", "invalid assertion"},
		"of an unknown app":            {signed(t, ownKey(), with(claims, "iss", "nobody")), "invalid_client_id", "client identifier invalid"},
		"of somebody the org has not":  {signed(t, ownKey(), with(claims, "sub", "x@y.test")), "invalid_grant", "user hasn't approved this consumer"},
		"of an app with its own key":   {signed(t, ownKey(), with(claims, "iss", "own-key")), "invalid_grant", "invalid assertion"},
		"signed by the app's own key":  {signed(t, other, with(claims, "iss", "own-key")), "", ""},
		"of an app that needs consent": {signed(t, ownKey(), with(claims, "iss", "asks-first")), "invalid_grant", "user hasn't approved this consumer"},
	} {
		t.Run(name, func(t *testing.T) {
			der, err := x509.MarshalPKIXPublicKey(&other.PublicKey)
			if err != nil {
				t.Fatal(err)
			}
			public := pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der})
			c.want(201, nil, "POST", "/__sandbox/apps", m{"clientId": "own-key", "certificate": string(public)})
			c.want(201, nil, "POST", "/__sandbox/apps", m{"clientId": "asks-first", "needsApproval": true})
			status, answer := c.assert(tc.assertion)
			if (tc.code == "") != (status == 200) || answer["error"] != tc.code || answer["error_description"] != tc.text {
				t.Fatalf("answered %d %v", status, answer)
			}
			if status == 200 && (answer["refresh_token"] != "" || !strings.HasSuffix(answer["id"], c.org.Admin().ID())) {
				t.Errorf("answered %v", answer)
			}
		})
	}
}

func TestTheKeyForJWTsIsHandedOut(t *testing.T) {
	t.Parallel()
	c := newClient(t, Options{})
	status, key := c.do("GET", "/__sandbox/jwt-key", nil)
	if block, _ := pem.Decode(key); status != 200 || block == nil || block.Type != "RSA PRIVATE KEY" {
		t.Errorf("answered %d %.40s", status, key)
	}
}

// authorizeAs goes through the web flow of an app and exchanges the code.
func (c *client) authorizeAs(app, scope string) map[string]string {
	c.t.Helper()
	q := authorizeQuery("v")
	q.Set("client_id", app)
	q.Set("scope", scope)
	q.Set("nonce", "n-1")
	back := newBrowser(c.t, c.url).consent(q, "allow")
	status, answer := c.tokenCall(url.Values{"grant_type": {"authorization_code"}, "code": {back.Get("code")}, "client_id": {app},
		"redirect_uri": {callback}, "code_verifier": {"v"}})
	if status != 200 {
		c.t.Fatalf("the code was answered with %d %v", status, answer)
	}
	return answer
}

func (c *client) refresh(token string) (int, map[string]string) {
	c.t.Helper()
	return c.tokenCall(url.Values{"grant_type": {"refresh_token"}, "refresh_token": {token}, "client_id": {ClientID}})
}

func TestWithRotationARefreshTokenWorksOnce(t *testing.T) {
	t.Parallel()
	c := newClient(t, Options{RotateRefreshTokens: true})
	first := c.authorizeAs(ClientID, "api refresh_token")["refresh_token"]
	status, answer := c.refresh(first)
	second := answer["refresh_token"]
	if status != 200 || second == "" || second == first || !strings.HasPrefix(second, "5Aep") {
		t.Fatalf("answered %d %v", status, answer)
	}
	if status, answer := c.refresh(first); status != 400 || answer["error"] != "invalid_grant" {
		t.Errorf("the used token is answered with %d %v", status, answer)
	}
	c.want(200, nil, "PATCH", "/__sandbox/oauth", m{"rotateRefreshTokens": false})
	if status, answer := c.refresh(second); status != 200 || answer["refresh_token"] != "" {
		t.Errorf("without rotation: %d %v", status, answer)
	}
}

func TestAUserHasFiveLiveGrantsWithAnApp(t *testing.T) {
	t.Parallel()
	c := newClient(t, Options{})
	var tokens []string
	for range 6 {
		tokens = append(tokens, c.authorizeAs(ClientID, "api refresh_token")["refresh_token"])
	}
	for i, token := range tokens {
		if status, _ := c.refresh(token); (status == 200) != (i > 0) {
			t.Errorf("grant %d of 6 is answered with %d", i+1, status)
		}
	}
}

func TestScopesDecideWhatATokenIsGoodFor(t *testing.T) {
	t.Parallel()
	c := newClient(t, Options{})
	answer := c.authorizeAs(ClientID, "id openid email profile")
	if answer["refresh_token"] != "" || answer["scope"] != "id openid email profile" {
		t.Errorf("answered %v", answer)
	}
	claims := c.verified(answer["id_token"])
	if claims["iss"] != c.url || claims["aud"] != ClientID || claims["nonce"] != "n-1" || claims["sub"] != answer["id"] || claims["email"] != AdminUser {
		t.Errorf("the ID token says %v", claims)
	}
	c.token = answer["access_token"]
	if said := c.refused(401, "INVALID_SESSION_ID", "GET", v67+"/limits", nil); said != "This session is not valid for use with the REST API" {
		t.Errorf("refused with %q", said)
	}
	c.want(200, nil, "GET", "/services/oauth2/userinfo", nil)
	if status, _ := c.do("GET", "/services/oauth2/singleaccess", nil); status != 403 {
		t.Errorf("a token without web opens the frontdoor: %d", status)
	}
	if answer := c.authorizeAs(ClientID, ""); answer["scope"] != strings.Join(scopes, " ") || answer["refresh_token"] == "" {
		t.Errorf("without a scope: %v", answer)
	}
}

// verified checks a JWT with the org's key set and returns its claims.
func (c *client) verified(text string) m {
	c.t.Helper()
	var set struct{ Keys []map[string]string }
	c.want(200, &set, "GET", "/id/keys", nil)
	n, _ := base64.RawURLEncoding.DecodeString(set.Keys[0]["n"])
	e, _ := base64.RawURLEncoding.DecodeString(set.Keys[0]["e"])
	key := rsa.PublicKey{N: new(big.Int).SetBytes(n), E: int(new(big.Int).SetBytes(e).Int64())}
	a, ok := readAssertion(text)
	if !ok || !a.signedWith(&key) {
		c.t.Fatalf("the JWT %q is not signed with a key of the set", text)
	}
	payload, _ := base64.RawURLEncoding.DecodeString(strings.Split(text, ".")[1])
	var claims m
	if err := json.Unmarshal(payload, &claims); err != nil {
		c.t.Fatal(err)
	}
	return claims
}

func TestAProvenClientGetsItsErrorsBack(t *testing.T) {
	t.Parallel()
	c := newClient(t, Options{})
	for name, tc := range map[string]struct{ field, value, want string }{
		"a scope that the org has not": {"scope", "everything", "invalid_scope"},
		"a plain challenge":            {"code_challenge_method", "plain", "invalid_request"},
		"an unknown prompt":            {"prompt", "please", "invalid_request"},
		"an unknown display":           {"display", "hologram", "invalid_request"},
		"no user interface":            {"immediate", "true", "immediate_unsuccessful"},
		"no prompt":                    {"prompt", "none", "immediate_unsuccessful"},
	} {
		q := authorizeQuery("v")
		q.Set(tc.field, tc.value)
		b := newBrowser(t, c.url)
		_, location := b.page(b.http.Get(c.url + "/services/oauth2/authorize?" + q.Encode()))
		back, err := url.Parse(location)
		if err != nil || back.Query().Get("error") != tc.want || back.Query().Get("state") != "a+b/c=" || back.Query().Get("error_description") == "" {
			t.Errorf("%s: the browser is sent to %q", name, location)
		}
	}
}

func TestImmediateWorksForWhatWasAllowedBefore(t *testing.T) {
	t.Parallel()
	c := newClient(t, Options{})
	b := newBrowser(t, c.url)
	q := authorizeQuery("v")
	b.consent(q, "allow")
	q.Set("immediate", "true")
	ask := func() url.Values {
		_, location := b.page(b.http.Get(c.url + "/services/oauth2/authorize?" + q.Encode()))
		return mustQuery(t, location)
	}
	if back := ask(); back.Get("code") == "" {
		t.Errorf("sent back with %v", back)
	}
	q.Set("scope", "api web")
	if back := ask(); back.Get("error") != "immediate_unsuccessful" {
		t.Errorf("a wider scope is sent back with %v", back)
	}
}

func mustQuery(t *testing.T, address string) url.Values {
	t.Helper()
	u, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	return u.Query()
}

func TestTheCommandLineIsAKnownClient(t *testing.T) {
	t.Parallel()
	c := newClient(t, Options{})
	for address, want := range map[string]int{
		"http://localhost:1717/OauthRedirect": 200, "http://localhost:8888/OauthRedirect": 200,
		"http://localhost:1717/other": 400, "https://example.test/OauthRedirect": 400,
	} {
		q := url.Values{"response_type": {"code"}, "client_id": {PlatformCLI}, "redirect_uri": {address}, "scope": {"refresh_token api web"},
			"code_challenge": {"x"}, "state": {"0123456789ab"}, "prompt": {"login"}}
		if status, page := c.do("GET", "/services/oauth2/authorize?"+q.Encode(), nil); status != want {
			t.Errorf("%s: %d %s", address, status, page)
		}
	}
	status, answer := c.tokenCall(url.Values{"grant_type": {"password"}, "client_id": {PlatformCLI}, "username": {AdminUser}, "password": {AdminPassword}})
	if status != 400 || answer["error"] != "invalid_client" {
		t.Errorf("a public client logs in by password: %d %v", status, answer)
	}
}

func TestAPasswordTakesASecurityToken(t *testing.T) {
	t.Parallel()
	c := newClient(t, Options{})
	for password, want := range map[string]int{
		AdminPassword: 200, AdminPassword + "xY7securityToken": 200, AdminPassword + "x": 400, AdminPassword + "-wrong": 400, "": 400,
	} {
		status, answer := c.tokenCall(url.Values{"grant_type": {"password"}, "client_id": {ClientID}, "client_secret": {ClientSecret},
			"username": {AdminUser}, "password": {password}})
		if status != want {
			t.Errorf("the password %q: %d %v", password, status, answer)
		}
	}
}

func TestTokensComeInTheFormatAskedFor(t *testing.T) {
	t.Parallel()
	c := newClient(t, Options{})
	form := url.Values{"grant_type": {"client_credentials"}}
	for name, tc := range map[string]struct{ format, accept, kind, part string }{
		"JSON by default":      {"", "*/*", "application/json;charset=UTF-8", `"token_type":"Bearer"`},
		"XML by parameter":     {"xml", "", "application/xml;charset=UTF-8", "<OAuth><access_token>00D"},
		"a form by parameter":  {"urlencoded", "application/xml", "application/x-www-form-urlencoded;charset=UTF-8", "token_type=Bearer"},
		"XML by Accept":        {"", "application/xml", "application/xml;charset=UTF-8", "<token_type>Bearer</token_type>"},
		"a form by Accept":     {"", "application/x-www-form-urlencoded;q=0.9, */*", "application/x-www-form-urlencoded;charset=UTF-8", "token_type=Bearer"},
		"JSON for a browser":   {"", "text/html,application/xml;q=0.9", "application/json;charset=UTF-8", `"token_type":"Bearer"`},
		"JSON in spite of XML": {"json", "application/xml", "application/json;charset=UTF-8", `"scope":"api web id"`},
	} {
		asked := maps.Clone(form)
		if tc.format != "" {
			asked.Set("format", tc.format)
		}
		request, _ := http.NewRequest("POST", c.url+"/services/oauth2/token", strings.NewReader(asked.Encode()))
		request.SetBasicAuth(ClientID, ClientSecret)
		request.Header.Set("Accept", tc.accept)
		response, err := http.DefaultClient.Do(request)
		if err != nil {
			t.Fatal(err)
		}
		body, _ := io.ReadAll(response.Body)
		_ = response.Body.Close()
		if response.Header.Get("Content-Type") != tc.kind || !strings.Contains(string(body), tc.part) || response.Header.Get("Cache-Control") != "no-store" {
			t.Errorf("%s: %s %s", name, response.Header.Get("Content-Type"), body)
		}
	}
}

func TestEveryRefusalOfTheTokenEndpointIsNamed(t *testing.T) {
	t.Parallel()
	c := newClient(t, Options{})
	c.want(201, nil, "POST", "/__sandbox/apps", m{"clientId": "strict", "clientSecret": "s", "secretRequired": true, "scopes": []string{"api", "id"}})
	code := func() string { return newBrowser(t, c.url).consent(authorizeQuery("v"), "allow").Get("code") }
	for name, tc := range map[string]struct {
		form url.Values
		want [2]string
	}{
		"a made-up code":        {url.Values{"grant_type": {"authorization_code"}, "client_id": {ClientID}, "code": {"x"}}, [2]string{"invalid_grant", "invalid authorization code"}},
		"no code":               {url.Values{"grant_type": {"authorization_code"}, "client_id": {ClientID}}, [2]string{"invalid_request", "missing required parameter: code"}},
		"another app's code":    {url.Values{"grant_type": {"authorization_code"}, "client_id": {PlatformCLI}, "code": {code()}, "redirect_uri": {callback}}, [2]string{"invalid_grant", "invalid authorization code"}},
		"another address":       {url.Values{"grant_type": {"authorization_code"}, "client_id": {ClientID}, "code": {code()}, "redirect_uri": {"https://x.test/"}}, [2]string{"redirect_uri_mismatch", "redirect_uri must match configuration"}},
		"no secret, though due": {url.Values{"grant_type": {"refresh_token"}, "client_id": {"strict"}, "refresh_token": {"x"}}, [2]string{"invalid_client", "invalid client credentials"}},
		"nobody to run as":      {url.Values{"grant_type": {"client_credentials"}, "client_id": {"strict"}, "client_secret": {"s"}}, [2]string{"invalid_grant", "no client credentials user enabled"}},
		"too wide a scope":      {url.Values{"grant_type": {"password"}, "client_id": {"strict"}, "client_secret": {"s"}, "username": {AdminUser}, "password": {AdminPassword}, "scope": {"web"}}, [2]string{"invalid_scope", "the requested scope is not allowed"}},
		"no grant type":         {url.Values{"client_id": {ClientID}}, [2]string{"unsupported_grant_type", "grant type not supported"}},
	} {
		status, answer := c.tokenCall(tc.form)
		if got := [2]string{answer["error"], answer["error_description"]}; status != 400 || got != tc.want {
			t.Errorf("%s: %d %v, want %v", name, status, answer, tc.want)
		}
	}
	if status, body := c.do("GET", "/services/oauth2/token?grant_type=password", nil); status != 400 || !strings.Contains(string(body), "must use HTTP POST") {
		t.Errorf("GET is answered with %d %s", status, body)
	}
}

func TestAnInactiveUserCannotLogIn(t *testing.T) {
	t.Parallel()
	c := newClient(t, Options{})
	token := c.authorizeAs(ClientID, "api refresh_token")
	if err := c.org.Update(c.org.Admin(), c.org.Admin().ID(), m{"IsActive": false}); err != nil {
		t.Fatal(err)
	}
	_, answer := c.tokenCall(url.Values{"grant_type": {"password"}, "client_id": {ClientID}, "client_secret": {ClientSecret}, "username": {AdminUser}, "password": {AdminPassword}})
	if answer["error"] != "inactive_user" {
		t.Errorf("by password: %v", answer)
	}
	if _, answer := c.refresh(token["refresh_token"]); answer["error"] != "inactive_user" {
		t.Errorf("by refresh token: %v", answer)
	}
	if status, body := c.do("GET", "/services/oauth2/userinfo", nil, "Authorization", "Bearer "+token["access_token"]); status != 403 {
		t.Errorf("userinfo: %d %s", status, body)
	}
}

func TestLoginsAreThrottled(t *testing.T) {
	t.Parallel()
	c := newClient(t, Options{})
	for range loginsPerHour {
		c.org.sessions.admitLogin(c.org.Admin().ID())
	}
	login := url.Values{"grant_type": {"client_credentials"}, "client_id": {ClientID}, "client_secret": {ClientSecret}}
	if status, answer := c.tokenCall(login); status != 400 || answer["error"] != "rate_limit_exceeded" || answer["error_description"] != "login rate exceeded" {
		t.Errorf("answered %d %v", status, answer)
	}
	c.org.Clock().Advance(time.Hour)
	if status, answer := c.tokenCall(login); status != 200 {
		t.Errorf("an hour later: %d %v", status, answer)
	}
}

func TestTheFrontdoorLogsABrowserInOnce(t *testing.T) {
	t.Parallel()
	c := newClient(t, Options{})
	id := c.lead("a@x.test")
	var answer map[string]string
	c.want(200, &answer, "GET", "/services/oauth2/singleaccess?redirect_uri=lightning/r/Lead/"+id+"/view", nil)
	b := newBrowser(t, c.url)
	if page, _ := b.page(b.http.Get(answer["frontdoor_uri"])); !strings.Contains(page, "a@x.test") {
		t.Errorf("the frontdoor leads to %s", page)
	}
	if page, _ := b.page(b.http.Get(c.url + "/services/oauth2/authorize?" + without(authorizeQuery("v"), "prompt").Encode())); !strings.Contains(page, ">Allow</button>") {
		t.Errorf("the browser is not logged in: %s", page)
	}
	other := newBrowser(t, c.url)
	if page, _ := other.page(other.http.Get(answer["frontdoor_uri"])); !strings.Contains(page, "Log In</button>") {
		t.Errorf("the frontdoor opens twice: %s", page)
	}
	if page, _ := other.page(other.http.Get(c.url + "/secur/frontdoor.jsp?sid=" + url.QueryEscape(c.token) + "&retURL=/lightning/r/Lead/" + id + "/view")); !strings.Contains(page, "a@x.test") {
		t.Errorf("a session id leads to %s", page)
	}
	if status, _ := c.do("GET", "/secur/frontdoor.jsp?sid=x&startURL=//evil.test/", nil); status != 400 {
		t.Errorf("the frontdoor leads away: %d", status)
	}
}

func without(q url.Values, name string) url.Values {
	q.Del(name)
	return q
}

func TestIdentityAnswersAreWhole(t *testing.T) {
	t.Parallel()
	c := newClient(t, Options{})
	path := "/id/" + c.org.ID() + "/" + c.org.Admin().ID()
	var identity, latest m
	c.want(200, &identity, "GET", path, nil)
	c.want(200, &latest, "GET", path+"?version=latest", nil)
	if want, absent := recorded(t, "responses/identity.json"); !absent {
		sameKeys(t, "identity", identity, want)
		sameKeys(t, "urls", identity["urls"], want.(m)["urls"])
		sameKeys(t, "photos", identity["photos"], want.(m)["photos"])
		sameKeys(t, "status", identity["status"], want.(m)["status"])
		if identity["user_type"] != want.(m)["user_type"] || !strings.HasSuffix(identity["last_modified_date"].(string), "Z") {
			t.Errorf("identity %v", identity)
		}
	}
	for name, address := range latest["urls"].(m) {
		if strings.Contains(address.(string), "{version}") {
			t.Errorf("?version=latest leaves %s as %s", name, address)
		}
	}
	if rest := identity["urls"].(m)["rest"]; rest != c.url+"/services/data/v{version}/" {
		t.Errorf("rest is %s", rest)
	}
	status, page := c.do("GET", path+"?format=xml", nil)
	if status != 200 || !strings.Contains(string(page), "<user_id>"+c.org.Admin().ID()+"</user_id>") {
		t.Errorf("as XML: %d %s", status, page)
	}
	c.token = ""
	for header, want := range map[string]string{"": "Missing_OAuth_Token", "Bearer x": "Bad_OAuth_Token"} {
		for _, at := range []string{path, "/services/oauth2/userinfo"} {
			if status, text := c.do("GET", at, nil, "Authorization", header); status != 403 || string(text) != want {
				t.Errorf("%s with %q: %d %s", at, header, status, text)
			}
		}
	}
}

func TestTokenAnswersHaveTheShapesOfRecordedOnes(t *testing.T) {
	t.Parallel()
	c := newClient(t, Options{})
	login := url.Values{"grant_type": {"password"}, "client_id": {ClientID}, "client_secret": {ClientSecret}, "username": {AdminUser}, "password": {AdminPassword}}
	wrong := maps.Clone(login)
	wrong.Set("password", "wrong")
	for name, tc := range map[string]struct {
		form  url.Values
		exact bool
	}{
		"auth_success_response.json": {login, false}, "auth_error_response.json": {wrong, true},
		"refresh_error_response.json": {url.Values{"grant_type": {"refresh_token"}, "client_id": {ClientID}, "refresh_token": {"x"}}, true},
	} {
		want, absent := recorded(t, "responses/restforce/"+name)
		if absent {
			return
		}
		_, answer := c.tokenCall(tc.form)
		got := m{}
		for k, v := range answer {
			got[k] = v
		}
		sameKeys(t, name, got, want, "scope", "token_type")
		if tc.exact && !maps.Equal(got, want.(m)) {
			t.Errorf("%s: %v, recorded %v", name, got, want)
		}
	}
}

func TestARefusedRevocationIsFormEncoded(t *testing.T) {
	t.Parallel()
	c := newClient(t, Options{})
	const want = "error=unsupported_token_type&error_description=this+token+type+is+not+supported"
	if status, body := c.do("POST", "/services/oauth2/revoke?token=x", nil); status != 400 || string(body) != want {
		t.Errorf("answered %d %s", status, body)
	}
	token := c.authorizeAs(ClientID, "api refresh_token")
	if status, body := c.do("GET", "/services/oauth2/revoke?token="+url.QueryEscape(token["refresh_token"]), nil); status != 200 || len(body) > 0 {
		t.Errorf("answered %d %s", status, body)
	}
	c.token = token["access_token"]
	c.refused(401, "INVALID_SESSION_ID", "GET", v67, nil)
}

func TestAnAppThatIsRemovedTakesItsTokensAlong(t *testing.T) {
	t.Parallel()
	c := newClient(t, Options{})
	c.want(201, nil, "POST", "/__sandbox/apps", m{"clientId": "mine", "clientSecret": "s", "callbacks": []string{callback}, "runAs": SalesUser})
	token := c.authorizeAs("mine", "api refresh_token")
	var listed struct{ Apps []struct{ ClientID string } }
	c.want(200, &listed, "GET", "/__sandbox/apps", nil)
	if !slices.ContainsFunc(listed.Apps, func(a struct{ ClientID string }) bool { return a.ClientID == "mine" }) {
		t.Errorf("the org has the apps %v", listed)
	}
	c.want(204, nil, "DELETE", "/__sandbox/apps/mine", nil)
	c.token = token["access_token"]
	c.refused(401, "INVALID_SESSION_ID", "GET", v67, nil)
}

func TestDiscoveryLeadsToEndpointsThatAnswer(t *testing.T) {
	t.Parallel()
	c := newClient(t, Options{})
	var found m
	c.want(200, &found, "GET", "/.well-known/openid-configuration", nil)
	for name, address := range found {
		text, ok := address.(string)
		if !ok || !strings.HasSuffix(name, "_endpoint") && name != "jwks_uri" {
			continue
		}
		if status, _ := c.do("GET", strings.TrimPrefix(text, c.url), nil); status == 404 {
			t.Errorf("%s at %s is not there", name, text)
		}
	}
	c.want(200, &found, "GET", "/.well-known/auth-configuration", nil)
}
