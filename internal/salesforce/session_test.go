package salesforce_test

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"conversion/internal/salesforce"
)

const limitsBody = `{"DailyApiRequests":{"Max":15000,"Remaining":14998}}`

// knows accepts one access token and refuses all others as expired.
func knows(access func() string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Authorization") != "Bearer "+access() {
			refuse(w, 401, "INVALID_SESSION_ID", "Session expired or invalid")
			return
		}
		say(w, 200, limitsBody)
	}
}

func always(access string) func() string { return func() string { return access } }

func TestTwentyRequestsShareOneRefresh(t *testing.T) {
	t.Parallel()
	const requests = 20
	var refused sync.WaitGroup
	refused.Add(requests)
	org := newOrg(t, func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Authorization") == "Bearer access-1" {
			// All of them are refused before any may renew.
			refused.Done()
			refused.Wait()
		}
		knows(always("access-2"))(w, r)
	})
	var refreshes atomic.Int32
	config := org.config()
	config.Refresh = func(context.Context, salesforce.Token) (salesforce.Token, error) {
		refreshes.Add(1)
		return org.token("access-2"), nil
	}
	client := salesforce.New(config)
	var done sync.WaitGroup
	for range requests {
		done.Go(func() {
			if _, err := client.Limits(t.Context()); err != nil {
				t.Error(err)
			}
		})
	}
	done.Wait()
	if n := refreshes.Load(); n != 1 {
		t.Errorf("refreshed %d times", n)
	}
	if n := len(org.asked()); n != 2*requests {
		t.Errorf("%d requests, want each one twice", n)
	}
}

func TestRotatedTokenIsStoredBeforeItIsUsed(t *testing.T) {
	t.Parallel()
	var stored atomic.Value
	stored.Store("refresh-1")
	var org *orgServer
	org = newOrg(t, func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/services/oauth2/token" {
			say(w, 200, tokenBody(org.URL, org.URL, `,"refresh_token":"refresh-2"`))
			return
		}
		if r.Header.Get("Authorization") == "Bearer 00D!new" && stored.Load() != "refresh-2" {
			t.Error("the new token is used before it is stored")
		}
		knows(always("00D!new"))(w, r)
	})
	config := org.config()
	config.Refresh = func(ctx context.Context, old salesforce.Token) (salesforce.Token, error) {
		token, err := org.authorization().Refresh(ctx, old.RefreshToken)
		if err == nil {
			stored.Store(token.RefreshToken)
		}
		return token, err
	}
	if _, err := salesforce.New(config).Limits(t.Context()); err != nil {
		t.Fatal(err)
	}
	if stored.Load() != "refresh-2" {
		t.Error("the rotated token was not handed over")
	}
}

func TestSessionsThatCannotBeRenewed(t *testing.T) {
	t.Parallel()
	expired := refusing(401, "INVALID_SESSION_ID", "Session expired or invalid")
	tests := map[string]struct {
		handle   http.HandlerFunc
		refresh  error
		noOne    bool // there is no Refresh at all
		requests int
	}{
		"refused again after a refresh":     {handle: expired, requests: 2},
		"the refresh token is void":         {handle: expired, refresh: salesforce.NewOAuthError("login", "invalid_grant", "expired access/refresh token"), requests: 1},
		"there is no way to renew":          {handle: expired, noOne: true, requests: 1},
		"a session that is not for the API": {handle: refusing(401, "INVALID_SESSION_ID", "This session is not valid for use with the REST API"), requests: 1},
		"an app that is not attached":       {handle: refusing(401, "INVALID_SESSION_ID", "Connected app is not attached to Agent"), requests: 1},
		"redirected, also to where the refresh led": {handle: func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, "https://new.my.salesforce.com/", 302)
		}, requests: 2},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			org := newOrg(t, test.handle)
			config := org.config()
			if !test.noOne {
				config.Refresh = func(context.Context, salesforce.Token) (salesforce.Token, error) {
					return org.token("access-2"), test.refresh
				}
			}
			_, err := salesforce.New(config).Limits(t.Context())
			if !errors.Is(err, salesforce.ErrReconnect) || salesforce.ClassOf(err) != salesforce.Reconnect {
				t.Errorf("got %v", err)
			}
			if asked := org.asked(); len(asked) != test.requests {
				t.Errorf("asked %v", asked)
			}
		})
	}
}

func TestIdentityRenewsOnBadOAuthToken(t *testing.T) {
	t.Parallel()
	org := newOrg(t, func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Authorization") != "Bearer access-2" {
			http.Error(w, "Bad_OAuth_Token", http.StatusForbidden)
			return
		}
		say(w, 200, `{"user_id":"0055g00000XYZAB","organization_id":"00D5g00000ABCDEEA5","preferred_username":"jo@acme.test","name":"Jo","email":"jo@acme.test","email_verified":true}`)
	})
	config := org.config()
	config.Refresh = func(context.Context, salesforce.Token) (salesforce.Token, error) { return org.token("access-2"), nil }
	identity, err := salesforce.New(config).Identity(t.Context())
	want := salesforce.Identity{UserID: userID, OrgID: orgID, Username: "jo@acme.test", Name: "Jo", Email: "jo@acme.test"}
	if err != nil || identity != want {
		t.Errorf("got %+v, %v", identity, err)
	}
}

func TestOutageOfTheLoginHostIsWaitedOut(t *testing.T) {
	t.Parallel()
	org := newOrg(t, knows(always("access-2")))
	var tries atomic.Int32
	config := org.config()
	config.Refresh = func(context.Context, salesforce.Token) (salesforce.Token, error) {
		if tries.Add(1) == 1 {
			return salesforce.Token{}, salesforce.NewOAuthError("login", "temporarily_unavailable", "")
		}
		return org.token("access-2"), nil
	}
	if _, err := salesforce.New(config).Limits(t.Context()); err != nil || tries.Load() != 2 {
		t.Errorf("got %v after %d tries", err, tries.Load())
	}
}

func TestRenewedTokenForAnUntrustedHostIsNotUsed(t *testing.T) {
	t.Parallel()
	evil := newOrg(t, saying(200, limitsBody))
	org := newOrg(t, refusing(401, "INVALID_SESSION_ID", "Session expired or invalid"))
	config := org.config()
	config.Refresh = func(context.Context, salesforce.Token) (salesforce.Token, error) { return evil.token("access-2"), nil }
	_, err := salesforce.New(config).Limits(t.Context())
	if _, ok := errors.AsType[*salesforce.UntrustedHostError](err); !ok {
		t.Errorf("got %v", err)
	}
	if asked := evil.asked(); len(asked) != 0 {
		t.Errorf("the untrusted host was asked %v", asked)
	}
}

func TestInstanceOfTheRenewedTokenIsTakenOver(t *testing.T) {
	t.Parallel()
	moved := newOrg(t, knows(always("access-2")))
	org := newOrg(t, func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, moved.URL+r.URL.Path, http.StatusMovedPermanently)
	})
	config := org.config()
	config.Hosts.Extra = append(config.Hosts.Extra, moved.hosts().Extra...)
	config.Refresh = func(context.Context, salesforce.Token) (salesforce.Token, error) { return moved.token("access-2"), nil }
	if _, err := salesforce.New(config).Limits(t.Context()); err != nil {
		t.Fatal(err)
	}
	if got := strings.Join(moved.asked(), ","); got != "GET /services/data/v62.0/limits" {
		t.Errorf("the new instance was asked %s", got)
	}
}

func TestRedirectTakesNoTokenToAnotherHost(t *testing.T) {
	t.Parallel()
	other := newOrg(t, saying(200, limitsBody))
	org := newOrg(t, func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, other.URL+r.URL.Path, http.StatusTemporaryRedirect)
	})
	client := org.client()
	_, read := client.Limits(t.Context())
	_, write := client.DeleteAll(t.Context(), []string{"00Q"})
	if read == nil || write == nil {
		t.Errorf("got %v and %v", read, write)
	}
	if asked := other.asked(); len(asked) != 0 {
		t.Errorf("the other host was asked %v", asked)
	}
}

func TestCallerThatGivesUpDoesNotStopTheRefresh(t *testing.T) {
	t.Parallel()
	org := newOrg(t, knows(always("access-2")))
	started, release := make(chan struct{}), make(chan struct{})
	config := org.config()
	config.Refresh = func(ctx context.Context, _ salesforce.Token) (salesforce.Token, error) {
		close(started)
		<-release
		return org.token("access-2"), ctx.Err()
	}
	client := salesforce.New(config)
	ctx, cancel := context.WithCancel(t.Context())
	gaveUp := make(chan error)
	go func() {
		_, err := client.Limits(ctx)
		gaveUp <- err
	}()
	<-started
	cancel()
	if err := <-gaveUp; !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
	close(release)
	if _, err := client.Limits(t.Context()); err != nil {
		t.Errorf("the next caller got %v", err)
	}
}
