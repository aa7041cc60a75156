package httpx_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"conversion/internal/httpx"
	"conversion/internal/obs"
)

var quiet = slog.New(slog.DiscardHandler)

// answer sends a request through handler wrapped in the middlewares.
func answer(request *http.Request, handler http.HandlerFunc, middlewares ...httpx.Middleware) *httptest.ResponseRecorder {
	w := httptest.NewRecorder()
	httpx.Chain(handler, middlewares...).ServeHTTP(w, request)
	return w
}

func TestARequestHasOneNameInContextHeaderAndLog(t *testing.T) {
	t.Parallel()
	for given, keep := range map[string]bool{"": false, "from-the-proxy-1": true, "<script>alert": false, "short": false} {
		request := httptest.NewRequest(http.MethodGet, "/", nil)
		request.Header.Set("X-Request-Id", given)
		var seen string
		w := answer(request, func(_ http.ResponseWriter, r *http.Request) { seen = httpx.RequestIDFrom(r.Context()) }, httpx.RequestID)
		if seen == "" || w.Header().Get("X-Request-Id") != seen || (seen == given) != keep {
			t.Errorf("given %q: name %q, header %q", given, seen, w.Header().Get("X-Request-Id"))
		}
	}
}

func TestTheAccessLogShowsNeitherQueryNorEMail(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	log, err := obs.NewLogger(&out, "text", "info")
	if err != nil {
		t.Fatal(err)
	}
	request := httptest.NewRequest(http.MethodGet, "/contacts/ada@example.com?email=ada@example.com&code=hunter2", nil)
	answer(request, http.NotFound, httpx.RequestID, httpx.AccessLog(log, nil))
	line := out.String()
	if strings.Contains(line, "example.com") || strings.Contains(line, "hunter2") {
		t.Errorf("the line shows too much: %s", line)
	}
	for _, want := range []string{"method=GET", "path=/contacts/", "status=404", "request_id="} {
		if !strings.Contains(line, want) {
			t.Errorf("%q is missing in %s", want, line)
		}
	}
}

func TestRequestsAreCountedByRoute(t *testing.T) {
	t.Parallel()
	mux := http.NewServeMux()
	mux.HandleFunc("GET /contacts/{id}", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusTeapot) })
	copying := func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { next.ServeHTTP(w, r.WithContext(r.Context())) })
	}
	var counted []string
	count := func(method, route string, status int, _ time.Duration) {
		counted = append(counted, fmt.Sprint(method, " ", route, " ", status))
	}
	for _, path := range []string{"/contacts/7", "/nowhere"} {
		request := httptest.NewRequest(http.MethodGet, path, nil)
		answer(request, httpx.Routes(mux).ServeHTTP, httpx.AccessLog(quiet, count), copying)
	}
	if diff := cmp.Diff([]string{"GET /contacts/{id} 418", "GET  404"}, counted); diff != "" {
		t.Errorf("counted (-want +got):\n%s", diff)
	}
}

func TestAPanicIsAnsweredWithAProblem(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	w := answer(httptest.NewRequest(http.MethodGet, "/", nil), func(http.ResponseWriter, *http.Request) { panic("nil map") },
		httpx.RequestID, httpx.Recover(slog.New(slog.NewTextHandler(&out, nil))))
	if w.Code != 500 || strings.Contains(w.Body.String(), "nil map") || !strings.Contains(w.Body.String(), "request_id") {
		t.Errorf("answered %d %s", w.Code, w.Body)
	}
	if !strings.Contains(out.String(), "nil map") || !strings.Contains(out.String(), "httpx_test.go") {
		t.Errorf("the log lacks cause or stack: %s", out.String())
	}
}

func TestAPanicAfterTheAnswerBeganDropsTheConnection(t *testing.T) {
	t.Parallel()
	defer func() {
		if err, _ := recover().(error); !errors.Is(err, http.ErrAbortHandler) {
			t.Errorf("recovered %v, want http.ErrAbortHandler", err)
		}
	}()
	answer(httptest.NewRequest(http.MethodGet, "/", nil), func(w http.ResponseWriter, _ *http.Request) {
		_, _ = io.WriteString(w, "half")
		panic("late")
	}, httpx.Recover(quiet))
}

func TestABodyBeyondTheLimitIsRefused(t *testing.T) {
	t.Parallel()
	limit := httpx.LimitBody(func(r *http.Request) int64 {
		if r.URL.Path == "/import" {
			return 100
		}
		return 5
	})
	for path, want := range map[string]int{"/contacts": 413, "/import": 200} {
		request := httptest.NewRequest(http.MethodPost, path, strings.NewReader("123456"))
		w := answer(request, func(w http.ResponseWriter, r *http.Request) {
			if _, err := io.ReadAll(r.Body); err != nil {
				httpx.WriteProblem(w, httpx.ProblemOf(err))
			}
		}, limit)
		if w.Code != want {
			t.Errorf("%s: %d, want %d", path, w.Code, want)
		}
	}
}

func TestRequestsFromOtherSitesAreRefused(t *testing.T) {
	t.Parallel()
	guard, err := httpx.SameOrigin("https://crm.example.com")
	if err != nil {
		t.Fatal(err)
	}
	tests := []struct {
		name    string
		headers map[string]string
		want    int
	}{
		{"a program", nil, 200},
		{"our own page", map[string]string{"Sec-Fetch-Site": "same-origin"}, 200},
		{"our own page behind a proxy", map[string]string{"Origin": "https://crm.example.com"}, 200},
		{"another site's page", map[string]string{"Sec-Fetch-Site": "cross-site"}, 403},
		{"another site's old browser", map[string]string{"Origin": "https://evil.example"}, 403},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			request := httptest.NewRequest(http.MethodPost, "http://127.0.0.1:8080/contacts", nil)
			for name, value := range test.headers {
				request.Header.Set(name, value)
			}
			if w := answer(request, func(http.ResponseWriter, *http.Request) {}, guard); w.Code != test.want {
				t.Errorf("answered %d, want %d", w.Code, test.want)
			}
		})
	}
}

func TestPagesAreKeptToWhatWeServe(t *testing.T) {
	t.Parallel()
	headers := httpx.SecurityHeaders(httpx.Policy{FormTargets: []string{"https://login.salesforce.com"}, HTTPS: true})
	w := answer(httptest.NewRequest(http.MethodGet, "/", nil), func(http.ResponseWriter, *http.Request) {}, headers)
	policy := w.Header().Get("Content-Security-Policy")
	for _, want := range []string{"default-src 'none'", "script-src 'self';", "form-action 'self' https://login.salesforce.com;", "frame-ancestors 'none'"} {
		if !strings.Contains(policy, want) {
			t.Errorf("%q is missing in %q", want, policy)
		}
	}
	if strings.Contains(policy, "unsafe") {
		t.Errorf("the policy allows what is inline: %q", policy)
	}
	if w.Header().Get("X-Content-Type-Options") != "nosniff" || w.Header().Get("Strict-Transport-Security") == "" {
		t.Errorf("headers: %v", w.Header())
	}
}

func TestReadyzFollowsItsCheckAndKeepsTheReasonToItself(t *testing.T) {
	t.Parallel()
	for failure, want := range map[error]int{nil: 200, errors.New("no database at 10.0.0.1"): 503} {
		ready := httpx.Readyz(quiet, func(context.Context) error { return failure })
		w := answer(httptest.NewRequest(http.MethodGet, "/readyz", nil), ready.ServeHTTP)
		if w.Code != want || strings.Contains(w.Body.String(), "10.0.0.1") {
			t.Errorf("check %v: answered %d %q", failure, w.Code, w.Body)
		}
	}
	if w := answer(httptest.NewRequest(http.MethodGet, "/healthz", nil), httpx.Healthz().ServeHTTP); w.Code != 200 {
		t.Errorf("healthz answered %d", w.Code)
	}
}

func TestMetricsAreServed(t *testing.T) {
	t.Parallel()
	metrics := obs.NewMetrics()
	metrics.RunFinished("in", "done", time.Second)
	w := answer(httptest.NewRequest(http.MethodGet, "/metrics", nil), httpx.Metrics(metrics.Gatherer()).ServeHTTP)
	if !strings.Contains(w.Body.String(), `conversion_runs_total{direction="in",status="done"} 1`) {
		t.Errorf("body: %s", w.Body)
	}
}

func TestTheServerFinishesWhatIsUnderWayWhenToldToStop(t *testing.T) {
	t.Parallel()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	began := make(chan struct{})
	stream := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.WriteString(w, "first ")
		_ = http.NewResponseController(w).Flush()
		close(began)
		<-httpx.Draining(r.Context())
		_, _ = io.WriteString(w, "last")
	})
	ctx, stop := context.WithCancel(t.Context())
	stopped := make(chan error, 1)
	go func() {
		stopped <- httpx.Serve(ctx, listener, httpx.Chain(stream, httpx.AccessLog(quiet, nil), httpx.Recover(quiet)), quiet)
	}()
	response, err := http.Get("http://" + listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = response.Body.Close() }()
	<-began
	stop()
	body, err := io.ReadAll(response.Body)
	if err != nil || string(body) != "first last" {
		t.Errorf("body %q, %v", body, err)
	}
	if err := <-stopped; err != nil {
		t.Errorf("Serve: %v", err)
	}
}

func TestServeReportsAListenerThatFails(t *testing.T) {
	t.Parallel()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	_ = listener.Close()
	if err := httpx.Serve(t.Context(), listener, http.NotFoundHandler(), quiet); err == nil {
		t.Fatal("no error")
	}
}
