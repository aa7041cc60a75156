package salesforce

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"golang.org/x/oauth2"
)

// scopes are what the product needs: the data API, staying logged in, and who
// the user is.
const scopes = "api refresh_token id"

// Authorization talks to a login host on behalf of an app: the web-server flow
// with PKCE, client credentials, refresh and revocation. Its errors are
// *OAuthError or *UntrustedHostError; it never retries.
type Authorization struct {
	LoginURL     string // https://login.salesforce.com, test, or a My Domain
	ClientID     string
	ClientSecret string // may be empty if the app does not require one
	RedirectURL  string // for the web flow: our callback, as registered with the app
	Hosts        Hosts
	HTTP         *http.Client // nil: a client of its own
}

// NewVerifier returns a fresh PKCE verifier, to be kept beside the state until
// the callback.
func NewVerifier() string { return oauth2.GenerateVerifier() }

// AuthorizeURL returns where to send the admin's browser.
func (a Authorization) AuthorizeURL(state, verifier string) (string, error) {
	u, err := a.endpoint("authorize")
	if err != nil {
		return "", err
	}
	u.RawQuery = url.Values{
		"response_type":         {"code"},
		"client_id":             {a.ClientID},
		"redirect_uri":          {a.RedirectURL},
		"scope":                 {scopes},
		"state":                 {state},
		"code_challenge":        {oauth2.S256ChallengeFromVerifier(verifier)},
		"code_challenge_method": {"S256"},
	}.Encode()
	return u.String(), nil
}

// Exchange trades the code of the callback for a token.
func (a Authorization) Exchange(ctx context.Context, code, verifier string) (Token, error) {
	return a.grant(ctx, url.Values{
		"grant_type":    {"authorization_code"},
		"code":          {code},
		"redirect_uri":  {a.RedirectURL},
		"code_verifier": {verifier},
	})
}

// ClientCredentials logs in as the app's own user. There is no refresh token:
// logging in again is the refresh.
func (a Authorization) ClientCredentials(ctx context.Context) (Token, error) {
	return a.grant(ctx, url.Values{"grant_type": {"client_credentials"}})
}

// Refresh trades a refresh token for a new token. What it returns is complete:
// the refresh token in it is the rotated one, or the given one if the org does
// not rotate. It must be stored before it is used.
func (a Authorization) Refresh(ctx context.Context, refreshToken string) (Token, error) {
	token, err := a.grant(ctx, url.Values{"grant_type": {"refresh_token"}, "refresh_token": {refreshToken}})
	if err == nil && token.RefreshToken == "" {
		token.RefreshToken = refreshToken
	}
	return token, err
}

// Revoke voids a refresh token together with its access tokens, or one access
// token. Revoking what is already void is no error.
func (a Authorization) Revoke(ctx context.Context, token string) error {
	u, err := a.endpoint("revoke")
	if err != nil {
		return err
	}
	_, err = a.post(ctx, u, url.Values{"token": {token}})
	if e, ok := errors.AsType[*OAuthError](err); ok && (e.Code == "invalid_token" || e.Code == "unsupported_token_type") {
		return nil
	}
	return err
}

// grant asks for a token and checks where it may be sent.
func (a Authorization) grant(ctx context.Context, form url.Values) (Token, error) {
	u, err := a.endpoint("token")
	if err != nil {
		return Token{}, err
	}
	form.Set("client_id", a.ClientID)
	if a.ClientSecret != "" {
		form.Set("client_secret", a.ClientSecret)
	}
	body, err := a.post(ctx, u, form)
	if err != nil {
		return Token{}, err
	}
	return a.readToken(u.Host, body)
}

func (a Authorization) endpoint(name string) (*url.URL, error) {
	u, err := a.Hosts.Trusted(a.LoginURL)
	if err != nil {
		return nil, fmt.Errorf("login address: %w", err)
	}
	return &url.URL{Scheme: u.Scheme, Host: u.Host, Path: "/services/oauth2/" + name}, nil
}

func (a Authorization) post(ctx context.Context, u *url.URL, form url.Values) ([]byte, error) {
	ctx, cancel := context.WithTimeout(ctx, loginTimeout)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, u.String(), strings.NewReader(form.Encode()))
	if err != nil {
		return nil, fmt.Errorf("request to %s: %w", u.Host, err)
	}
	request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	request.Header.Set("Accept", "application/json")
	response, err := withoutRedirects(a.HTTP).Do(request)
	if err != nil {
		return nil, unreachableLogin(u.Host, err)
	}
	defer response.Body.Close()
	body, err := readBounded(response.Body, smallBody)
	if err != nil {
		return nil, unreachableLogin(u.Host, err)
	}
	if response.StatusCode != http.StatusOK {
		return nil, refusedLogin(u.Host, response.StatusCode, body)
	}
	return body, nil
}

// tokenAnswer is the JSON of a token endpoint.
type tokenAnswer struct {
	AccessToken  string `json:"access_token"`
	RefreshToken string `json:"refresh_token"`
	InstanceURL  string `json:"instance_url"`
	ID           string `json:"id"`
	IssuedAt     string `json:"issued_at"`
	Scope        string `json:"scope"`
}

func (a Authorization) readToken(host string, body []byte) (Token, error) {
	var answer tokenAnswer
	if err := json.Unmarshal(body, &answer); err != nil || answer.AccessToken == "" {
		return Token{}, &OAuthError{Class: Retry, Host: host, Status: http.StatusOK, Description: "the answer holds no token"}
	}
	instance, err := a.Hosts.Trusted(answer.InstanceURL)
	if err != nil {
		return Token{}, fmt.Errorf("instance_url in the answer of %s: %w", host, err)
	}
	identity, err := a.Hosts.Trusted(answer.ID)
	if err != nil {
		return Token{}, fmt.Errorf("identity URL in the answer of %s: %w", host, err)
	}
	token := Token{
		AccessToken:  answer.AccessToken,
		RefreshToken: answer.RefreshToken,
		InstanceURL:  instance.Scheme + "://" + instance.Host,
		IdentityURL:  identity.String(),
		IssuedAt:     issuedAt(answer.IssuedAt),
		Scope:        answer.Scope,
	}
	token.OrgID, token.UserID = idsOf(identity)
	return token, nil
}

// idsOf takes org and user from the last two elements of an identity URL.
func idsOf(identity *url.URL) (org, user string) {
	elements := strings.Split(strings.Trim(identity.Path, "/"), "/")
	if len(elements) < 2 {
		return "", ""
	}
	return LongID(elements[len(elements)-2]), LongID(elements[len(elements)-1])
}

// issuedAt reads milliseconds since 1970, sent as a string; zero if it is none.
func issuedAt(milliseconds string) time.Time {
	n, err := strconv.ParseInt(milliseconds, 10, 64)
	if err != nil {
		return time.Time{}
	}
	return time.UnixMilli(n).UTC()
}
