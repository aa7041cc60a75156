package api

import (
	"log/slog"
	"net/http"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/danielgtaylor/huma/v2"

	"conversion"
	"conversion/internal/httpx"
)

// Prefix is where the API is mounted.
const Prefix = "/api/v1"

// documentPath is where the API is described. It needs no key: it holds nobody's data.
const documentPath = Prefix + "/openapi.json"

// Config is what the API is made of. All of it is required.
type Config struct {
	Keys        Keys
	Entities    Entities
	Endings     Endings
	Engagements Engagements
	Variables   Variables
	Quarantine  Quarantine
	Connections Connections
	Settings    Settings
	Syncer      Syncer
	Planner     Planner
	Books       func(workspaceID string) Books
	Now         func() time.Time
	Log         *slog.Logger
}

// api is the handlers over their services.
type api struct {
	Config
	huma huma.API
}

// New returns the handler of everything below Prefix. It expects to be mounted there with
// the prefix left on the path, behind the middlewares of httpx.
func New(c Config) http.Handler {
	mux := http.NewServeMux()
	a := &api{Config: c, huma: newHuma(mux)}
	a.routes()
	mux.Handle("GET "+documentPath, a.document())
	return a.serve(mux)
}

// serve lets in whoever has a key, and answers what no route is for.
func (a *api) serve(mux *http.ServeMux) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Cache-Control", "no-store") // answers hold people's data
		if !readable(r) {
			writeProblem(w, r, refuse(http.StatusBadRequest, "The address holds characters that are no text."))
			return
		}
		if r.URL.Path != documentPath {
			key, err := a.Keys.Authenticate(r.Context(), presented(r))
			if err != nil {
				w.Header().Set("WWW-Authenticate", "Bearer")
				writeProblem(w, r, a.problem(r.Context(), err))
				return
			}
			outer := r
			r = r.WithContext(withCaller(r.Context(), key))
			defer func() { outer.Pattern = r.Pattern }() // what the access log counts by
		}
		if handler, pattern := mux.Handler(r); pattern == "" {
			answerUnmatched(w, r, handler)
			return
		}
		mux.ServeHTTP(w, r)
	})
}

// presented returns the API key that a request brings, "" without one.
func presented(r *http.Request) string {
	scheme, key, _ := strings.Cut(r.Header.Get("Authorization"), " ")
	if strings.EqualFold(scheme, "Bearer") {
		return strings.TrimSpace(key)
	}
	return strings.TrimSpace(r.Header.Get("X-API-Key"))
}

// readable reports whether path and query are text that a database can be asked for.
func readable(r *http.Request) bool {
	ok := func(s string) bool { return utf8.ValidString(s) && !strings.ContainsRune(s, 0) }
	if !ok(r.URL.Path) {
		return false
	}
	for _, values := range r.URL.Query() {
		if !ok(strings.Join(values, " ")) {
			return false
		}
	}
	return true
}

// answerUnmatched answers what the mux has no route for, with a problem where the mux
// would write text: 404, or 405 with the methods there are.
func answerUnmatched(w http.ResponseWriter, r *http.Request, handler http.Handler) {
	var said verdict
	said.header = w.Header()
	handler.ServeHTTP(&said, r)
	if said.status == http.StatusMethodNotAllowed {
		writeProblem(w, r, refuse(said.status, "This address has no such method."))
		return
	}
	notFound := conversion.Errorf(conversion.CodeNotFound, "There is nothing at this address.")
	writeProblem(w, r, &problem{Problem: *httpx.ProblemOf(notFound)})
}

// verdict takes the mux's answer without its text.
type verdict struct {
	header http.Header
	status int
}

// Header returns the header of the answer to come.
func (v *verdict) Header() http.Header { return v.header }

// Write drops the text.
func (v *verdict) Write(p []byte) (int, error) { return len(p), nil }

// WriteHeader notes the status.
func (v *verdict) WriteHeader(status int) { v.status = status }
