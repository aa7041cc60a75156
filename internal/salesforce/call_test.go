package salesforce_test

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"conversion/internal/salesforce"
	"conversion/internal/salesforce/soql"
)

func TestReadsAreRepeatedWhileSalesforceIsBusy(t *testing.T) {
	t.Parallel()
	tests := map[string]http.HandlerFunc{
		"an overload":             refusing(503, "SERVER_UNAVAILABLE", "busy"),
		"a lock":                  refusing(400, "UNABLE_TO_LOCK_ROW", "locked"),
		"too many long requests":  refusing(403, "REQUEST_LIMIT_EXCEEDED", "ConcurrentPerOrgLongTxn Limit exceeded."),
		"an edge without a route": saying(420, "<html></html>"),
		"throttling":              saying(429, ""),
		"a gateway's HTML":        saying(502, "<html>bad gateway</html>"),
		"a dropped connection":    hangUp,
		"an answer that breaks off": func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Length", "1000")
			say(w, 200, `{"DailyApi`)
		},
	}
	for name, busy := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			org := newOrg(t, inTurn(busy, busy, saying(200, limitsBody)))
			limits, err := org.client().Limits(t.Context())
			if err != nil || limits["DailyApiRequests"].Max != 15000 {
				t.Errorf("got %v, %v", limits, err)
			}
			if n := len(org.asked()); n != 3 {
				t.Errorf("%d requests", n)
			}
		})
	}
}

func TestReadsAreNotRepeatedForever(t *testing.T) {
	t.Parallel()
	org := newOrg(t, refusing(503, "SERVER_UNAVAILABLE", "busy"))
	_, err := org.client().Limits(t.Context())
	if salesforce.ClassOf(err) != salesforce.Retry || len(org.asked()) != 4 {
		t.Errorf("got %v after %d requests", err, len(org.asked()))
	}
}

func TestReadsThatCannotSucceedAreNotRepeated(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		handle http.HandlerFunc
		want   salesforce.Class
	}{
		"the day's limit":               {refusing(403, "REQUEST_LIMIT_EXCEEDED", "TotalRequests Limit exceeded."), salesforce.Limit},
		"a missing column":              {refusing(400, "INVALID_FIELD", "No such column 'Foo' on entity 'Lead'."), salesforce.FixInConversion},
		"a dead locator":                {refusing(400, "INVALID_QUERY_LOCATOR", "invalid query locator"), salesforce.Restart},
		"no such thing":                 {refusing(404, "NOT_FOUND", "The requested resource does not exist"), salesforce.NotFound},
		"a bigger answer than bearable": {saying(200, `{"a":"`+strings.Repeat("x", 2<<20)+`"}`), salesforce.FixInConversion},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			org := newOrg(t, test.handle)
			_, err := org.client().Limits(t.Context())
			if got := salesforce.ClassOf(err); got != test.want || len(org.asked()) != 1 {
				t.Errorf("%v is %s after %d requests, want %s", err, got, len(org.asked()), test.want)
			}
		})
	}
}

func TestSentinelsMatchTheirClass(t *testing.T) {
	t.Parallel()
	org := newOrg(t, inTurn(
		refusing(403, "REQUEST_LIMIT_EXCEEDED", "TotalRequests Limit exceeded."),
		refusing(404, "NOT_FOUND", "The requested resource does not exist"),
	))
	client := org.client()
	for _, want := range []error{salesforce.ErrLimit, salesforce.ErrNotFound} {
		if _, err := client.Limits(t.Context()); !errors.Is(err, want) || errors.Is(err, salesforce.ErrReconnect) {
			t.Errorf("%v is not %v", err, want)
		}
	}
}

func TestEveryAttemptIsCountedAndIdentityIsFree(t *testing.T) {
	t.Parallel()
	org := newOrg(t, inTurn(saying(200, "{}"), saying(503, ""), saying(200, limitsBody)))
	var counted atomic.Int32
	config := org.config()
	config.Count = func(_ context.Context, n int) { counted.Add(int32(n)) }
	client := salesforce.New(config)
	if _, err := client.Identity(t.Context()); err != nil {
		t.Fatal(err)
	}
	if _, err := client.Limits(t.Context()); err != nil {
		t.Fatal(err)
	}
	if n := counted.Load(); n != 2 {
		t.Errorf("counted %d", n)
	}
}

func TestAnswersTellUsageAndTime(t *testing.T) {
	t.Parallel()
	const date = "Sat, 31 Jan 2026 09:01:30 GMT"
	server := time.Date(2026, 1, 31, 9, 1, 30, 0, time.UTC)
	now := server.Add(-90 * time.Second)
	org := newOrg(t, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Date", date)
		w.Header().Set("Sforce-Limit-Info", "api-usage=1042/115000; per-app-api-usage=17/250(appName=sample-app)")
		refuse(w, 404, "NOT_FOUND", "")
	})
	config := org.config()
	config.Now = func() time.Time { return now }
	var told time.Time
	config.OnServerTime = func(server, asked, answered time.Time) {
		told = server
		if !asked.Equal(now) || !answered.Equal(now) {
			t.Errorf("asked %v, answered %v", asked, answered)
		}
	}
	client := salesforce.New(config)
	if _, known := client.Usage(); known {
		t.Error("usage is known before any answer")
	}
	if _, err := client.Limits(t.Context()); err == nil {
		t.Fatal("no error")
	}
	usage, _ := client.Usage()
	if want := (salesforce.Usage{Used: 1042, Max: 115000, At: now}); usage != want {
		t.Errorf("usage is %+v", usage)
	}
	if offset, known := client.ClockOffset(); !known || (offset-90*time.Second).Abs() > time.Second {
		t.Errorf("the offset is %v", offset)
	}
	if !told.Equal(server) {
		t.Errorf("told %v", told)
	}
}

func TestRequestsSayWhoAsks(t *testing.T) {
	t.Parallel()
	var header http.Header
	org := newOrg(t, func(w http.ResponseWriter, r *http.Request) {
		header = r.Header
		say(w, 200, limitsBody)
	})
	if _, err := org.client().Limits(t.Context()); err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]string{
		"Authorization":       "Bearer access-1",
		"Sforce-Call-Options": "client=conversion",
		"Accept-Encoding":     "gzip",
	} {
		if got := header.Get(name); got != want {
			t.Errorf("%s is %q, want %q", name, got, want)
		}
	}
}

func TestSilenceEndsInTime(t *testing.T) {
	t.Parallel()
	org := newOrg(t, silent)
	config := org.config()
	config.Timeouts.Quick = time.Millisecond
	config.Backoff.Attempts = 2
	_, err := salesforce.New(config).Limits(t.Context())
	if !errors.Is(err, salesforce.ErrUnreachable) || !strings.Contains(err.Error(), "too long") {
		t.Errorf("got %v", err)
	}
}

// silent answers when the client is gone.
func silent(_ http.ResponseWriter, r *http.Request) {
	drain(r)
	<-r.Context().Done()
}

func TestCallersCancellationIsItsOwn(t *testing.T) {
	t.Parallel()
	tests := map[string]func(w http.ResponseWriter){
		"before the answer": func(http.ResponseWriter) {},
		"within the answer": func(w http.ResponseWriter) {
			say(w, 200, `{"DailyApi`)
			_ = http.NewResponseController(w).Flush()
		},
	}
	for name, begin := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			ctx, cancel := context.WithCancel(t.Context())
			org := newOrg(t, func(w http.ResponseWriter, r *http.Request) {
				begin(w)
				cancel()
				silent(w, r)
			})
			config := org.config()
			config.Backoff.Attempts = 1
			_, err := salesforce.New(config).Limits(ctx)
			if !errors.Is(err, context.Canceled) || salesforce.ClassOf(err) != salesforce.Unclassified {
				t.Errorf("got %v", err)
			}
			if n := len(org.asked()); n != 1 {
				t.Errorf("%d requests", n)
			}
		})
	}
}

func TestErrorsDoNotQuoteTheQuery(t *testing.T) {
	t.Parallel()
	gone := httptest.NewServer(http.NotFoundHandler())
	gone.Close()
	host := strings.TrimPrefix(gone.URL, "http://")
	client := salesforce.New(salesforce.Config{
		Hosts:   salesforce.Hosts{Extra: []string{host}},
		Token:   salesforce.Token{AccessToken: "access-1", InstanceURL: gone.URL},
		Backoff: salesforce.Backoff{Attempts: 1},
	})
	_, err := client.Query(t.Context(), soql.Select("Id").From("Lead").Where(soql.Equal("Email", soql.Text("jo@acme.test"))))
	if !errors.Is(err, salesforce.ErrUnreachable) || strings.Contains(err.Error(), "acme.test") {
		t.Errorf("got %v", err)
	}
	if _, holdsURL := errors.AsType[*url.Error](err); holdsURL {
		t.Errorf("the URL can be had from %v", err)
	}
}

func TestInstanceThatIsNotTrustedSeesNothing(t *testing.T) {
	t.Parallel()
	org := newOrg(t, saying(200, limitsBody))
	config := org.config()
	config.Hosts = salesforce.Hosts{}
	_, err := salesforce.New(config).Limits(t.Context())
	if _, ok := errors.AsType[*salesforce.UntrustedHostError](err); !ok || len(org.asked()) != 0 {
		t.Errorf("got %v after %d requests", err, len(org.asked()))
	}
}
