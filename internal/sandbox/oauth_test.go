package sandbox

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"
)

// browser follows redirects within the org and stops at the client's callback.
type browser struct {
	t    *testing.T
	http *http.Client
	base string
}

const callback = "http://127.0.0.1:1/callback?from=sandbox"

func newBrowser(t *testing.T, base string) *browser {
	jar, _ := cookiejar.New(nil)
	return &browser{t, &http.Client{Jar: jar, CheckRedirect: func(r *http.Request, _ []*http.Request) error {
		if strings.HasPrefix(r.URL.String(), "http://127.0.0.1:1/") {
			return http.ErrUseLastResponse
		}
		return nil
	}}, base}
}

// page reads an answer, and where it redirects to.
func (b *browser) page(response *http.Response, err error) (text, location string) {
	b.t.Helper()
	if err != nil {
		b.t.Fatal(err)
	}
	defer response.Body.Close()
	body, _ := io.ReadAll(response.Body)
	return string(body), response.Header.Get("Location")
}

var hiddenInput = regexp.MustCompile(`<input type="hidden" name="([a-z]+)" value="([^"]*)">`)

// submit sends a page's form with its hidden inputs, as they stand in the page,
// and the given ones.
func (b *browser) submit(action, page string, values url.Values) (text, location string) {
	b.t.Helper()
	for _, found := range hiddenInput.FindAllStringSubmatch(page, -1) {
		values.Set(found[1], found[2])
	}
	return b.page(b.http.PostForm(b.base+action, values))
}

// consent logs in and presses a button of the consent page.
func (b *browser) consent(query url.Values, decision string) url.Values {
	b.t.Helper()
	page, _ := b.page(b.http.Get(b.base + "/services/oauth2/authorize?" + query.Encode()))
	if !strings.Contains(page, ">Log In</button>") {
		b.t.Fatalf("no login page: %s", page)
	}
	page, _ = b.submit("/login", page, url.Values{"username": {AdminUser}, "password": {"wrong"}})
	if !strings.Contains(page, "Please check your username and password") {
		b.t.Fatalf("a wrong password is answered with %s", page)
	}
	page, _ = b.submit("/login", page, url.Values{"username": {AdminUser}, "password": {AdminPassword}})
	if !strings.Contains(page, ">Allow</button>") {
		b.t.Fatalf("no consent page: %s", page)
	}
	_, location := b.submit("/services/oauth2/authorize", page, url.Values{"decision": {decision}})
	back, err := url.Parse(location)
	if err != nil || !strings.HasPrefix(location, callback+"&") && !strings.HasPrefix(location, "http://127.0.0.1:1/callback?") {
		b.t.Fatalf("redirected to %q", location)
	}
	return back.Query()
}

func authorizeQuery(verifier string) url.Values {
	sum := sha256.Sum256([]byte(verifier))
	return url.Values{
		"response_type": {"code"}, "client_id": {ClientID}, "redirect_uri": {callback}, "state": {"a+b/c="}, "prompt": {"login"},
		"code_challenge": {base64.RawURLEncoding.EncodeToString(sum[:])}, "scope": {"api refresh_token id"},
	}
}

// token posts to the token endpoint.
func (c *client) tokenCall(form url.Values) (int, map[string]string) {
	c.t.Helper()
	response, err := http.PostForm(c.url+"/services/oauth2/token", form)
	if err != nil {
		c.t.Fatal(err)
	}
	defer response.Body.Close()
	var answer map[string]string
	if err := json.NewDecoder(response.Body).Decode(&answer); err != nil {
		c.t.Fatal(err)
	}
	return response.StatusCode, answer
}

func TestTheWebFlowEndsWithATokenThatWorks(t *testing.T) {
	t.Parallel()
	c := newClient(t, Options{})
	verifier := strings.Repeat("v", 171)
	back := newBrowser(t, c.url).consent(authorizeQuery(verifier), "allow")
	if back.Get("state") != "a+b/c=" || back.Get("from") != "sandbox" || !strings.HasPrefix(back.Get("code"), "aPrx") {
		t.Fatalf("callback with %v", back)
	}
	exchange := url.Values{"grant_type": {"authorization_code"}, "code": {back.Get("code")}, "client_id": {ClientID}, "client_secret": {ClientSecret}, "redirect_uri": {callback}, "code_verifier": {verifier}}
	status, token := c.tokenCall(exchange)
	if status != 200 || token["instance_url"] != c.url || token["token_type"] != "Bearer" || token["refresh_token"] == "" ||
		!regexp.MustCompile(`^00D\w{12}![\w.]+$`).MatchString(token["access_token"]) || !regexp.MustCompile(`^\d{13}$`).MatchString(token["issued_at"]) ||
		token["id"] != c.url+"/id/"+c.org.ID()+"/"+c.org.Admin().ID() {
		t.Fatalf("token answer %d %v", status, token)
	}
	if status, again := c.tokenCall(exchange); status != 400 || again["error"] != "invalid_grant" {
		t.Errorf("a code was used twice: %d %v", status, again)
	}
	c.token = token["access_token"]
	c.want(200, nil, "GET", v67+"/limits", nil)
	c.org.ExpireSessions()
	c.refused(401, "INVALID_SESSION_ID", "GET", v67+"/limits", nil)
	refresh := url.Values{"grant_type": {"refresh_token"}, "refresh_token": {token["refresh_token"]}, "client_id": {ClientID}}
	status, fresh := c.tokenCall(refresh)
	if status != 200 || fresh["refresh_token"] != "" || fresh["access_token"] == token["access_token"] {
		t.Errorf("refresh answered %d %v", status, fresh)
	}
	c.org.RevokeTokens()
	if status, dead := c.tokenCall(refresh); status != 400 || dead["error_description"] != "expired access/refresh token" {
		t.Errorf("refresh after revoking answered %d %v", status, dead)
	}
}

func TestAWrongVerifierIsRefused(t *testing.T) {
	t.Parallel()
	c := newClient(t, Options{})
	for verifier, want := range map[string]string{"wrong": "invalid_request", "": "invalid_grant"} {
		back := newBrowser(t, c.url).consent(authorizeQuery("right"), "allow")
		status, answer := c.tokenCall(url.Values{"grant_type": {"authorization_code"}, "code": {back.Get("code")}, "client_id": {ClientID}, "redirect_uri": {callback}, "code_verifier": {verifier}})
		if status != 400 || answer["error"] != want {
			t.Errorf("verifier %q: %d %v, want %s", verifier, status, answer, want)
		}
	}
}

func TestACodeDiesAfterFifteenMinutes(t *testing.T) {
	t.Parallel()
	c := newClient(t, Options{})
	back := newBrowser(t, c.url).consent(authorizeQuery("v"), "allow")
	c.org.Clock().Advance(16 * time.Minute)
	_, answer := c.tokenCall(url.Values{"grant_type": {"authorization_code"}, "code": {back.Get("code")}, "client_id": {ClientID}, "redirect_uri": {callback}, "code_verifier": {"v"}})
	if answer["error_description"] != "expired authorization code" {
		t.Errorf("answered %v", answer)
	}
}

func TestADenyGoesBackWithAccessDenied(t *testing.T) {
	t.Parallel()
	c := newClient(t, Options{})
	if back := newBrowser(t, c.url).consent(authorizeQuery("v"), "deny"); back.Get("error") != "access_denied" || back.Get("state") != "a+b/c=" {
		t.Errorf("callback with %v", back)
	}
}

func TestAnUnprovenRequestIsShownAndNeverRedirected(t *testing.T) {
	t.Parallel()
	c := newClient(t, Options{})
	for field, value := range map[string]string{
		"client_id": "other", "redirect_uri": "http://evil.test/", "response_type": "token",
	} {
		q := authorizeQuery("v")
		q.Set(field, value)
		status, page := c.do("GET", "/services/oauth2/authorize?"+q.Encode(), nil)
		if status != 400 || !strings.Contains(string(page), "OAuth Error") {
			t.Errorf("%s=%s: %d %s", field, value, status, page)
		}
	}
}

func TestGrantsWithoutABrowser(t *testing.T) {
	t.Parallel()
	c := newClient(t, Options{})
	for name, tc := range map[string]struct {
		form url.Values
		want string
	}{
		"client credentials":          {url.Values{"grant_type": {"client_credentials"}, "client_id": {ClientID}, "client_secret": {ClientSecret}}, ""},
		"password":                    {url.Values{"grant_type": {"password"}, "client_id": {ClientID}, "client_secret": {ClientSecret}, "username": {SalesUser}, "password": {AdminPassword}}, ""},
		"a wrong password":            {url.Values{"grant_type": {"password"}, "client_id": {ClientID}, "client_secret": {ClientSecret}, "username": {SalesUser}, "password": {"x"}}, "invalid_grant"},
		"a wrong secret":              {url.Values{"grant_type": {"client_credentials"}, "client_id": {ClientID}, "client_secret": {"x"}}, "invalid_client"},
		"no secret where one is due":  {url.Values{"grant_type": {"client_credentials"}, "client_id": {ClientID}}, "invalid_client"},
		"an unknown client":           {url.Values{"grant_type": {"client_credentials"}, "client_id": {"x"}, "client_secret": {ClientSecret}}, "invalid_client_id"},
		"an unknown grant":            {url.Values{"grant_type": {"device"}, "client_id": {ClientID}}, "unsupported_grant_type"},
		"a refresh token of thin air": {url.Values{"grant_type": {"refresh_token"}, "client_id": {ClientID}, "refresh_token": {"x"}}, "invalid_grant"},
		"an unknown format":           {url.Values{"grant_type": {"client_credentials"}, "client_id": {ClientID}, "client_secret": {ClientSecret}, "format": {"yaml"}}, "invalid_request"},
	} {
		status, answer := c.tokenCall(tc.form)
		if (tc.want == "") != (status == 200) || answer["error"] != tc.want {
			t.Errorf("%s: %d %v, want %q", name, status, answer, tc.want)
		}
	}
}

func TestIdentityNamesUserAndOrg(t *testing.T) {
	t.Parallel()
	c := newClient(t, Options{})
	var info, identity, resources m
	c.want(200, &info, "GET", "/services/oauth2/userinfo", nil)
	c.want(200, &resources, "GET", v67, nil)
	address := strings.TrimPrefix(resources["identity"].(string), c.url)
	c.want(200, &identity, "GET", address+"?format=json&oauth_token="+url.QueryEscape(c.token), nil)
	for _, got := range []m{info, identity} {
		if got["user_id"] != c.org.Admin().ID() || got["organization_id"] != c.org.ID() {
			t.Errorf("identity %v", got)
		}
	}
	if !strings.HasPrefix(c.token, shortID(c.org.ID())+"!") {
		t.Errorf("the token %s does not begin with the org's id", c.token)
	}
	c.token = "nonsense"
	if status, body := c.do("GET", "/services/oauth2/userinfo", nil); status != 403 || string(body) != "Bad_OAuth_Token" {
		t.Errorf("a bad token is answered with %d %s", status, body)
	}
}

func TestTokensAreIntrospectedRevokedAndDieUnused(t *testing.T) {
	t.Parallel()
	c := newClient(t, Options{SessionLifetime: 2 * time.Hour})
	introspect := func() m {
		response, err := http.PostForm(c.url+"/services/oauth2/introspect", url.Values{"token": {c.token}, "client_id": {ClientID}, "client_secret": {ClientSecret}})
		if err != nil {
			t.Fatal(err)
		}
		defer response.Body.Close()
		var answer m
		if err := json.NewDecoder(response.Body).Decode(&answer); err != nil {
			t.Fatal(err)
		}
		return answer
	}
	if got := introspect(); got["active"] != true || got["username"] != AdminUser {
		t.Errorf("introspected as %v", got)
	}
	c.org.Clock().Advance(3 * time.Hour)
	c.refused(401, "INVALID_SESSION_ID", "GET", v67, nil)
	if got := introspect(); got["active"] != false {
		t.Errorf("a dead token is introspected as %v", got)
	}
	c.token = c.org.IssueToken()
	if status, _ := c.do("POST", "/services/oauth2/revoke?token="+url.QueryEscape(c.token), nil); status != 200 {
		t.Errorf("revoking answered %d", status)
	}
	c.refused(401, "INVALID_SESSION_ID", "GET", v67, nil)
}
