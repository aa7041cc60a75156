package connection_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"conversion"
	"conversion/internal/connection"
)

// rotatingOrg is a login host and org that voids a refresh token when it is used. Tokens
// are numbered: "access-2" goes with "refresh-2".
type rotatingOrg struct {
	url string

	mu        sync.Mutex
	number    int
	refreshes int

	beforeRefresh func(n int)        // called with the count of refreshes so far, unlocked
	afterRotation func(n int)        // called before the answer to a good one is sent
	onRequest     func(token string) // called with the access token of a good API request
}

func newRotatingOrg(t testing.TB) *rotatingOrg {
	t.Helper()
	o := &rotatingOrg{number: 1, beforeRefresh: func(int) {}, afterRotation: func(int) {}, onRequest: func(string) {}}
	mux := http.NewServeMux()
	mux.HandleFunc("POST /services/oauth2/token", o.token)
	mux.HandleFunc("GET /services/oauth2/userinfo", o.userinfo)
	mux.HandleFunc("GET /services/data/{version}/query", o.organization)
	server := httptest.NewServer(mux)
	t.Cleanup(server.Close)
	o.url = server.URL
	return o
}

func (o *rotatingOrg) token(w http.ResponseWriter, r *http.Request) {
	if r.FormValue("grant_type") == "refresh_token" && !o.rotate(r.FormValue("refresh_token")) {
		w.WriteHeader(http.StatusBadRequest)
		answer(w, map[string]string{"error": "invalid_grant", "error_description": "expired access/refresh token"})
		return
	}
	o.mu.Lock()
	n := o.number
	o.mu.Unlock()
	o.afterRotation(n)
	answer(w, map[string]string{
		"access_token": fmt.Sprintf("access-%d", n), "refresh_token": fmt.Sprintf("refresh-%d", n),
		"instance_url": o.url, "id": o.url + "/id/00D000000000001AAA/005000000000001AAA", "issued_at": "1",
	})
}

func (o *rotatingOrg) rotate(used string) bool {
	o.mu.Lock()
	o.refreshes++
	n := o.refreshes
	o.mu.Unlock()
	o.beforeRefresh(n)
	o.mu.Lock()
	defer o.mu.Unlock()
	if used != fmt.Sprintf("refresh-%d", o.number) {
		return false
	}
	o.number++
	return true
}

func (o *rotatingOrg) userinfo(w http.ResponseWriter, r *http.Request) {
	if o.accepts(w, r) {
		answer(w, map[string]string{"user_id": "005000000000001AAA", "organization_id": "00D000000000001AAA", "preferred_username": "a@b.test"})
	}
}

func (o *rotatingOrg) organization(w http.ResponseWriter, r *http.Request) {
	if o.accepts(w, r) {
		answer(w, map[string]any{"totalSize": 1, "done": true, "records": []map[string]any{{
			"attributes": map[string]string{"type": "Organization"}, "Id": "00D000000000001AAA", "Name": "Rotating",
			"OrganizationType": "Developer Edition", "InstanceName": "X1", "IsSandbox": false,
		}}})
	}
}

// accepts refuses all but the latest access token.
func (o *rotatingOrg) accepts(w http.ResponseWriter, r *http.Request) bool {
	token := strings.TrimPrefix(r.Header.Get("Authorization"), "Bearer ")
	o.mu.Lock()
	good := token == fmt.Sprintf("access-%d", o.number)
	o.mu.Unlock()
	if good {
		o.onRequest(token)
		return true
	}
	w.WriteHeader(http.StatusUnauthorized)
	answer(w, []map[string]string{{"errorCode": "INVALID_SESSION_ID", "message": "Session expired or invalid"}})
	return false
}

// expire voids the access token; the refresh token stays good.
func (o *rotatingOrg) expire(t testing.TB, h house) {
	t.Helper()
	c := h.row(t)
	c.AccessToken = h.keeper.Seal("connection/"+workspace+"/access_token", []byte("expired"))
	must(t, h.books.SaveConnection(ctx, c, c.Generation, false))
}

func answer(w http.ResponseWriter, body any) { _ = json.NewEncoder(w).Encode(body) }

// connectWeb connects by the web flow, without its pages.
func connectWeb(t testing.TB, s *connection.Service, url string) {
	t.Helper()
	address, err := s.Begin(ctx, workspace, connection.BeginInput{LoginURL: url, ClientID: "app", SessionHash: session})
	must(t, err)
	_, state, _ := strings.Cut(address, "&state=")
	state, _, _ = strings.Cut(state, "&")
	_, err = s.Callback(ctx, admin, connection.CallbackInput{State: state, Code: "code", SessionHash: session})
	must(t, err)
}

func identity(s *connection.Service) error {
	client, err := s.Client(ctx, workspace)
	if err != nil {
		return err
	}
	_, err = client.Identity(ctx)
	return err
}

func TestARotatedTokenIsStoredBeforeItIsUsed(t *testing.T) {
	t.Parallel()
	h, o := newHouse(t), newRotatingOrg(t)
	connectWeb(t, h.process(o.url), o.url)
	o.expire(t, h)
	used := ""
	o.onRequest = func(token string) {
		stored, err := h.keeper.Open("connection/"+workspace+"/access_token", h.row(t).AccessToken)
		if err != nil || string(stored) != token {
			t.Errorf("%s is used while %s is stored (%v)", token, stored, err)
		}
		used = token
	}
	must(t, identity(h.process(o.url)))
	refresh, err := h.keeper.Open("connection/"+workspace+"/refresh_token", h.row(t).RefreshToken)
	if err != nil || used != "access-2" || string(refresh) != "refresh-2" {
		t.Errorf("used %s, stored %s (%v)", used, refresh, err)
	}
}

func TestManyRequestsOfAProcessRefreshOnce(t *testing.T) {
	t.Parallel()
	h, o := newHouse(t), newRotatingOrg(t)
	s := h.process(o.url)
	connectWeb(t, h.process(o.url), o.url)
	o.expire(t, h)
	var group sync.WaitGroup
	for range 8 {
		group.Go(func() {
			if err := identity(s); err != nil {
				t.Error(err)
			}
		})
	}
	group.Wait()
	if o.refreshes != 1 {
		t.Errorf("%d refreshes, want 1", o.refreshes)
	}
}

func TestAProcessTakesTheTokenThatAnotherGot(t *testing.T) {
	t.Parallel()
	h, o := newHouse(t), newRotatingOrg(t)
	first, second := h.process(o.url), h.process(o.url)
	connectWeb(t, first, o.url)
	o.expire(t, h)
	client, err := second.Client(ctx, workspace) // holds the expired token from now on
	must(t, err)
	must(t, identity(first))
	if _, err := client.Identity(ctx); err != nil || o.refreshes != 1 {
		t.Errorf("%d refreshes, %v", o.refreshes, err)
	}
}

func TestTwoProcessesRefreshAtOnce(t *testing.T) {
	t.Parallel()
	h, o := newHouse(t), newRotatingOrg(t)
	connectWeb(t, h.process(o.url), o.url)
	o.expire(t, h)
	firstDone, bothAsked := make(chan struct{}), make(chan struct{})
	o.beforeRefresh = func(n int) {
		if n == 2 { // with the same token as the first: let that one be stored
			close(bothAsked)
			<-firstDone
			return
		}
		<-bothAsked
	}
	errs := make(chan error, 2)
	first, second := h.process(o.url), h.process(o.url)
	for _, s := range []*connection.Service{first, second} {
		go func() { errs <- identity(s) }()
	}
	must(t, <-errs)
	close(firstDone)
	must(t, <-errs)
	if c := h.row(t); c.Broken != "" || o.refreshes != 2 {
		t.Errorf("broken %q after %d refreshes", c.Broken, o.refreshes)
	}
}

func TestALoserWhoCallsTheConnectionBrokenIsCorrected(t *testing.T) {
	t.Parallel()
	h, o := newHouse(t), newRotatingOrg(t)
	connectWeb(t, h.process(o.url), o.url)
	o.expire(t, h)
	rotated, refused := make(chan struct{}), make(chan struct{})
	o.afterRotation = func(int) { // the winner's answer is late
		close(rotated)
		<-refused
	}
	winner := make(chan error)
	go func() { winner <- identity(h.process(o.url)) }()
	<-rotated
	if err := identity(h.process(o.url)); conversion.ErrorCode(err) != conversion.CodeReconnect {
		t.Errorf("the loser got %v", err)
	}
	close(refused)
	must(t, <-winner)
	if c := h.row(t); c.Broken != "" {
		t.Errorf("the connection stays broken: %s", c.Broken)
	}
	must(t, identity(h.process(o.url)))
}

func TestARevokedTokenNeedsAPerson(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	o, url := org(t, 1)
	s := h.process(url)
	address, err := s.Begin(ctx, workspace, connection.BeginInput{
		LoginURL: url, ClientID: "sandbox-client", ClientSecret: "sandbox-secret", SessionHash: session,
	})
	must(t, err)
	_, err = s.Callback(ctx, admin, newBrowser(t).logIn(t, address, "allow"))
	must(t, err)

	o.RevokeTokens()
	if err := identity(s); conversion.ErrorCode(err) != conversion.CodeReconnect {
		t.Fatalf("got %v", err)
	}
	view, err := s.Status(ctx, workspace)
	must(t, err)
	if view.Status != conversion.StatusReconnect || view.Message == "" || view.Hint == "" {
		t.Errorf("got %+v", view)
	}
	_, err = s.Client(ctx, workspace)
	wantError(t, err, conversion.CodeReconnect, "")

	must(t, s.ConnectClientCredentials(ctx, workspace, admin, credentials(url)))
	must(t, identity(s))
}

func TestAnOutageDoesNotBreakTheConnection(t *testing.T) {
	t.Parallel()
	h, o := newHouse(t), newRotatingOrg(t)
	connectWeb(t, h.process(o.url), o.url)
	gone := httptest.NewServer(nil)
	gone.Close()
	c := h.row(t)
	c.LoginURL = gone.URL
	must(t, h.books.SaveConnection(ctx, c, c.Generation, false))
	o.expire(t, h)
	if err := identity(h.process(o.url, gone.URL)); conversion.ErrorCode(err) != conversion.CodeUnavailable {
		t.Errorf("got %v", err)
	}
	if broken := h.row(t).Broken; broken != "" {
		t.Errorf("broken: %s", broken)
	}
}

func TestPausedConnectionsSendNothing(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	_, url := org(t, 1)
	s := h.process(url)
	must(t, s.ConnectClientCredentials(ctx, workspace, admin, credentials(url)))
	must(t, s.Pause(ctx, workspace, admin))
	_, err := s.Client(ctx, workspace)
	wantError(t, err, conversion.CodeUnavailable, "")
	if h.status(t, s) != conversion.StatusPaused {
		t.Errorf("the status is %s", h.status(t, s))
	}
	must(t, s.Resume(ctx, workspace, admin))
	must(t, identity(s))
}
