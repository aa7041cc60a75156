package salesforce_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"conversion/internal/salesforce"
)

const (
	orgID  = "00D5g00000ABCDEEA5"
	userID = "0055g00000XYZABAA5"
)

// orgServer is a Salesforce org as far as a test needs one. It keeps what it was
// asked.
type orgServer struct {
	*httptest.Server
	mu       sync.Mutex
	requests []string // method and path
}

func newOrg(t *testing.T, handle http.HandlerFunc) *orgServer {
	t.Helper()
	org := &orgServer{}
	org.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		org.mu.Lock()
		org.requests = append(org.requests, r.Method+" "+r.URL.Path)
		org.mu.Unlock()
		handle(w, r)
	}))
	t.Cleanup(org.Close)
	return org
}

func (o *orgServer) asked() []string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return append([]string(nil), o.requests...)
}

func (o *orgServer) hosts() salesforce.Hosts {
	return salesforce.Hosts{Extra: []string{strings.TrimPrefix(o.URL, "http://")}}
}

func (o *orgServer) token(access string) salesforce.Token {
	return salesforce.Token{AccessToken: access, RefreshToken: "refresh-1", InstanceURL: o.URL, OrgID: orgID, UserID: userID}
}

// config is for a client that waits hardly at all between attempts.
func (o *orgServer) config() salesforce.Config {
	return salesforce.Config{
		Hosts:      o.hosts(),
		Token:      o.token("access-1"),
		HTTP:       o.Client(),
		ClientName: "conversion",
		Backoff:    salesforce.Backoff{First: time.Microsecond, Longest: time.Microsecond},
	}
}

func (o *orgServer) client() *salesforce.Client { return salesforce.New(o.config()) }

// say answers with a status and a JSON body.
func say(w http.ResponseWriter, status int, body string) {
	w.Header().Set("Content-Type", "application/json;charset=UTF-8")
	w.WriteHeader(status)
	fmt.Fprint(w, body)
}

func refuse(w http.ResponseWriter, status int, code, message string) {
	say(w, status, fmt.Sprintf(`[{"message":%q,"errorCode":%q}]`, message, code))
}

// inTurn answers each request with the next handler, the last one again and again.
func inTurn(handlers ...http.HandlerFunc) http.HandlerFunc {
	var mu sync.Mutex
	next := 0
	return func(w http.ResponseWriter, r *http.Request) {
		mu.Lock()
		handle := handlers[next]
		next = min(next+1, len(handlers)-1)
		mu.Unlock()
		handle(w, r)
	}
}

func saying(status int, body string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) { say(w, status, body) }
}

func refusing(status int, code, message string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) { refuse(w, status, code, message) }
}

// hangUp drops the connection without an answer.
func hangUp(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }
