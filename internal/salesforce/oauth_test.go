package salesforce_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"conversion/internal/salesforce"
)

const (
	clientSecret = "s3cret-of-the-app"
	authCode     = "aPrxSecretCode=="
)

func (o *orgServer) authorization() salesforce.Authorization {
	return salesforce.Authorization{
		LoginURL:     o.URL,
		ClientID:     "3MVG9",
		ClientSecret: clientSecret,
		RedirectURL:  "http://127.0.0.1:8080/callback",
		Hosts:        o.hosts(),
		HTTP:         o.Client(),
	}
}

func tokenBody(instance, identity, more string) string {
	return fmt.Sprintf(`{"access_token":"00D!new","instance_url":%q,"id":"%s/id/00D5g00000ABCDE/0055g00000XYZABAA5",
		"token_type":"Bearer","issued_at":"1765432100123","scope":"refresh_token api id"%s}`, instance, identity, more)
}

func TestAuthorizeURLCarriesStateAndChallenge(t *testing.T) {
	t.Parallel()
	authorization := salesforce.Authorization{LoginURL: "https://acme.my.salesforce.com/", ClientID: "3MVG9", RedirectURL: "https://c.test/cb"}
	raw, err := authorization.AuthorizeURL("state-1", "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk")
	if err != nil {
		t.Fatal(err)
	}
	u, err := url.Parse(raw)
	if err != nil {
		t.Fatal(err)
	}
	if got := u.Scheme + "://" + u.Host + u.Path; got != "https://acme.my.salesforce.com/services/oauth2/authorize" {
		t.Errorf("goes to %s", got)
	}
	want := url.Values{
		"response_type":         {"code"},
		"client_id":             {"3MVG9"},
		"redirect_uri":          {"https://c.test/cb"},
		"scope":                 {"api refresh_token id"},
		"state":                 {"state-1"},
		"code_challenge":        {"E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"}, // RFC 7636, appendix B
		"code_challenge_method": {"S256"},
	}
	if diff := cmp.Diff(want, u.Query()); diff != "" {
		t.Error(diff)
	}
}

func TestLoginsSendTheirGrantAndReadTheToken(t *testing.T) {
	t.Parallel()
	app := url.Values{"client_id": {"3MVG9"}, "client_secret": {clientSecret}}
	tests := map[string]struct {
		login   func(context.Context, salesforce.Authorization) (salesforce.Token, error)
		answer  string
		form    url.Values
		refresh string
	}{
		"exchange of a code": {
			func(ctx context.Context, a salesforce.Authorization) (salesforce.Token, error) {
				return a.Exchange(ctx, authCode, "verifier")
			},
			`,"refresh_token":"5Aep1"`,
			url.Values{"grant_type": {"authorization_code"}, "code": {authCode}, "code_verifier": {"verifier"}, "redirect_uri": {"http://127.0.0.1:8080/callback"}},
			"5Aep1",
		},
		"client credentials": {
			func(ctx context.Context, a salesforce.Authorization) (salesforce.Token, error) {
				return a.ClientCredentials(ctx)
			},
			"",
			url.Values{"grant_type": {"client_credentials"}},
			"",
		},
		"refresh without rotation keeps the refresh token": {
			func(ctx context.Context, a salesforce.Authorization) (salesforce.Token, error) {
				return a.Refresh(ctx, "5Aep1")
			},
			"",
			url.Values{"grant_type": {"refresh_token"}, "refresh_token": {"5Aep1"}},
			"5Aep1",
		},
		"refresh with rotation returns the new one": {
			func(ctx context.Context, a salesforce.Authorization) (salesforce.Token, error) {
				return a.Refresh(ctx, "5Aep1")
			},
			`,"refresh_token":"5Aep2"`,
			url.Values{"grant_type": {"refresh_token"}, "refresh_token": {"5Aep1"}},
			"5Aep2",
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var form url.Values
			var org *orgServer
			org = newOrg(t, func(w http.ResponseWriter, r *http.Request) {
				_ = r.ParseForm()
				form = r.PostForm
				say(w, 200, tokenBody(org.URL+"/", org.URL, test.answer))
			})
			token, err := test.login(t.Context(), org.authorization())
			if err != nil {
				t.Fatal(err)
			}
			want := salesforce.Token{
				AccessToken: "00D!new", RefreshToken: test.refresh, InstanceURL: org.URL, OrgID: orgID, UserID: userID,
				IdentityURL: org.URL + "/id/00D5g00000ABCDE/0055g00000XYZABAA5",
				IssuedAt:    time.UnixMilli(1765432100123).UTC(), Scope: "refresh_token api id",
			}
			if token != want {
				t.Errorf("got\n%+v\n%s %s", token, token.AccessToken, token.RefreshToken)
			}
			for name, values := range app {
				test.form[name] = values
			}
			if diff := cmp.Diff(test.form, form); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestTokenForAnUntrustedHostIsRefused(t *testing.T) {
	t.Parallel()
	tests := map[string]struct{ instance, identity string }{
		"instance_url": {"https://evil.test", "https://login.salesforce.com"},
		"identity URL": {"https://acme.my.salesforce.com", "https://evil.test"},
		"no instance":  {"", "https://login.salesforce.com"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			org := newOrg(t, saying(200, tokenBody(test.instance, test.identity, "")))
			token, err := org.authorization().ClientCredentials(t.Context())
			if _, ok := errors.AsType[*salesforce.UntrustedHostError](err); !ok || token != (salesforce.Token{}) {
				t.Errorf("got %v, %v", token, err)
			}
		})
	}
}

func TestUntrustedLoginHostSeesNothing(t *testing.T) {
	t.Parallel()
	org := newOrg(t, saying(200, "{}"))
	authorization := org.authorization()
	authorization.Hosts = salesforce.Hosts{}
	_, authorize := authorization.AuthorizeURL("s", "v")
	_, exchange := authorization.Exchange(t.Context(), authCode, "v")
	revoke := authorization.Revoke(t.Context(), "5Aep1")
	for name, err := range map[string]error{"authorize": authorize, "exchange": exchange, "revoke": revoke} {
		if _, ok := errors.AsType[*salesforce.UntrustedHostError](err); !ok {
			t.Errorf("%s: %v", name, err)
		}
	}
	if asked := org.asked(); len(asked) != 0 {
		t.Errorf("it was asked %v", asked)
	}
}

func TestLoginFollowsNoRedirect(t *testing.T) {
	t.Parallel()
	other := newOrg(t, saying(200, "{}"))
	org := newOrg(t, func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, other.URL+r.URL.Path, http.StatusTemporaryRedirect)
	})
	if _, err := org.authorization().ClientCredentials(t.Context()); salesforce.ClassOf(err) != salesforce.BadClient {
		t.Errorf("got %v", err)
	}
	if asked := other.asked(); len(asked) != 0 {
		t.Errorf("the other host was asked %v", asked)
	}
}

func TestOAuthErrorsHaveTheirClass(t *testing.T) {
	t.Parallel()
	tests := []struct {
		status            int
		code, description string
		want              salesforce.Class
	}{
		{400, "invalid_grant", "expired authorization code", salesforce.Reconnect},
		{400, "invalid_grant", "expired access/refresh token", salesforce.Reconnect},
		{400, "invalid_grant", "authentication failure - Invalid Password", salesforce.Reconnect},
		{400, "invalid_grant", "Audience validation failed", salesforce.Reconnect},
		{400, "invalid_grant", "ip restricted", salesforce.Reconnect},
		{400, "invalid_grant", "Token request is already being processed", salesforce.Retry},
		{400, "inactive_user", "user is inactive", salesforce.Reconnect},
		{400, "inactive_org", "organization is inactive", salesforce.Reconnect},
		{400, "invalid_client_id", "client identifier invalid", salesforce.BadClient},
		{400, "invalid_client", "invalid client credentials", salesforce.BadClient},
		{401, "invalid_client", "invalid client credentials", salesforce.BadClient},
		{400, "invalid_app_access", "user is not admin approved", salesforce.Reconnect},
		{400, "invalid_request", "must use HTTP POST", salesforce.BadClient},
		{400, "invalid_scope", "the requested scope is not allowed", salesforce.BadClient},
		{400, "unsupported_grant_type", "grant type not supported", salesforce.BadClient},
		{400, "unsupported_response_type", "", salesforce.BadClient},
		{400, "redirect_uri_mismatch", "", salesforce.BadClient},
		{400, "redirect_uri_missing", "", salesforce.BadClient},
		{400, "access_denied", "end-user denied authorization", salesforce.Reconnect},
		{400, "rate_limit_exceeded", "login rate exceeded", salesforce.Retry},
		{400, "server_error", "", salesforce.Retry},
		{503, "temporarily_unavailable", "", salesforce.Retry},
		{400, "unknown_error", "retry your request", salesforce.Retry},
		{502, "never_seen", "", salesforce.Retry},
		{403, "REQUEST_LIMIT_EXCEEDED", "TotalRequests Limit exceeded.", salesforce.Retry},
		{403, "SERVER_UNAVAILABLE", "", salesforce.Retry},
		{400, "never_seen", "", salesforce.BadClient},
	}
	for _, test := range tests {
		org := newOrg(t, saying(test.status, fmt.Sprintf(`{"error":%q,"error_description":%q}`, test.code, test.description)))
		_, err := org.authorization().Exchange(t.Context(), authCode, "verifier")
		var refused *salesforce.OAuthError
		if !errors.As(err, &refused) {
			t.Errorf("%s: %v", test.code, err)
			continue
		}
		if refused.Class != test.want || salesforce.ClassOf(err) != test.want || errors.Is(err, salesforce.ErrReconnect) != (test.want == salesforce.Reconnect) {
			t.Errorf("%s %q is %s, want %s", test.code, test.description, refused.Class, test.want)
		}
		if refused.Hint() == "" || !strings.Contains(err.Error(), test.code) || refused.Description != test.description {
			t.Errorf("%s does not explain itself: %v", test.code, err)
		}
	}
}

func TestOAuthAnswersThatAreNoAnswers(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		handle http.HandlerFunc
		want   salesforce.Class
	}{
		"HTML of another server":  {saying(404, "<html>not found</html>"), salesforce.BadClient},
		"an edge without a route": {saying(420, "<html></html>"), salesforce.Retry},
		"an outage":               {saying(503, ""), salesforce.Retry},
		"a token without a token": {saying(200, "{}"), salesforce.Retry},
		"a dropped connection":    {hangUp, salesforce.Unreachable},
		"a flood":                 {saying(200, strings.Repeat("x", 2<<20)), salesforce.Unreachable},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			org := newOrg(t, test.handle)
			_, err := org.authorization().ClientCredentials(t.Context())
			if got := salesforce.ClassOf(err); got != test.want {
				t.Errorf("%v is %s, want %s", err, got, test.want)
			}
		})
	}
}

func TestALoginHostThatDoesNotExistIsSaidWithoutOurResolver(t *testing.T) {
	t.Parallel()
	unknown := &net.DNSError{Err: "no such host", Name: "acme.my.salesforce.com", Server: "10.0.0.53:53", IsNotFound: true}
	authorization := salesforce.Authorization{
		LoginURL: "https://acme.my.salesforce.com", ClientID: "3MVG9", ClientSecret: clientSecret,
		HTTP: &http.Client{Transport: offline{&net.OpError{Op: "dial", Net: "tcp", Err: unknown}}},
	}
	_, err := authorization.ClientCredentials(t.Context())
	if err == nil || strings.Contains(err.Error(), "10.0.0.53") || !strings.Contains(err.Error(), "no host of that name") {
		t.Errorf("got %v", err)
	}
}

// offline is a network on which every request fails.
type offline struct{ err error }

func (o offline) RoundTrip(*http.Request) (*http.Response, error) { return nil, o.err }

func TestUnreachableLoginHost(t *testing.T) {
	t.Parallel()
	gone := httptest.NewServer(http.NotFoundHandler())
	gone.Close()
	authorization := salesforce.Authorization{
		LoginURL: gone.URL, ClientID: "3MVG9", ClientSecret: clientSecret,
		Hosts: salesforce.Hosts{Extra: []string{strings.TrimPrefix(gone.URL, "http://")}},
	}
	_, err := authorization.ClientCredentials(t.Context())
	if !errors.Is(err, salesforce.ErrUnreachable) || !strings.Contains(err.Error(), "cannot be reached") {
		t.Errorf("got %v", err)
	}
}

func TestRevokeOfAVoidTokenIsNoError(t *testing.T) {
	t.Parallel()
	org := newOrg(t, inTurn(
		saying(200, ""),
		saying(400, "error=unsupported_token_type&error_description=this+token+type+is+not+supported"),
		saying(400, `{"error":"invalid_token"}`),
		saying(400, "error=invalid_request&error_description=no+token"),
	))
	for i, failed := range []bool{false, false, false, true} {
		if err := org.authorization().Revoke(t.Context(), "5Aep1"); (err != nil) != failed {
			t.Errorf("revocation %d: %v", i, err)
		}
	}
}

func TestSecretsDoNotShow(t *testing.T) {
	t.Parallel()
	token := salesforce.Token{AccessToken: "00D!hidden", RefreshToken: "5Aephidden", OrgID: orgID}
	var log strings.Builder
	slog.New(slog.NewTextHandler(&log, nil)).Info("token", "token", token)
	shown := []string{fmt.Sprint(token), fmt.Sprintf("%+v %#v %s %q", token, token, token, &token), log.String()}

	org := newOrg(t, refusing(400, "invalid_grant", "no"))
	_, exchange := org.authorization().Exchange(t.Context(), authCode, "hidden-verifier")
	_, refresh := org.authorization().Refresh(t.Context(), "5Aephidden")
	gone := newOrg(t, hangUp)
	_, lost := gone.authorization().Exchange(t.Context(), authCode, "hidden-verifier")
	for _, err := range []error{exchange, refresh, lost} {
		shown = append(shown, fmt.Sprintf("%v %+v", err, err))
	}
	for _, text := range shown {
		for _, secret := range []string{"hidden", clientSecret, authCode} {
			if strings.Contains(text, secret) {
				t.Errorf("%q shows in %s", secret, text)
			}
		}
	}
}
