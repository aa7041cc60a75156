package httpx

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"regexp"
	"runtime/debug"
	"strings"
	"time"

	"conversion"
)

// Middleware wraps a handler.
type Middleware func(http.Handler) http.Handler

// Chain wraps handler in the middlewares, the first one outermost.
func Chain(handler http.Handler, middlewares ...Middleware) http.Handler {
	for i := len(middlewares) - 1; i >= 0; i-- {
		handler = middlewares[i](handler)
	}
	return handler
}

type requestIDKey struct{}

// saneID is what a proxy in front may name a request.
var saneID = regexp.MustCompile(`^[A-Za-z0-9-]{8,64}$`)

// RequestID names every request, in its context and in the answer's header
// X-Request-Id. A sane name given by a proxy in front is kept.
func RequestID(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		id := r.Header.Get("X-Request-Id")
		if !saneID.MatchString(id) {
			id = rand.Text()
		}
		w.Header().Set("X-Request-Id", id)
		next.ServeHTTP(w, r.WithContext(context.WithValue(r.Context(), requestIDKey{}, id)))
	})
}

// RequestIDFrom returns the name of the request that ctx belongs to, or "".
func RequestIDFrom(ctx context.Context) string {
	id, _ := ctx.Value(requestIDKey{}).(string)
	return id
}

type routeKey struct{}

// AccessLog logs every answered request by method, path and status, without
// its query, and hands the same to count, which may be nil, with the pattern
// of the route instead of the path: what Routes noted, "" when none matched.
func AccessLog(log *slog.Logger, count func(method, route string, status int, took time.Duration)) Middleware {
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			began, route, answer := time.Now(), "", &recorder{ResponseWriter: w}
			next.ServeHTTP(answer, r.WithContext(context.WithValue(r.Context(), routeKey{}, &route)))
			took := time.Since(began)
			log.InfoContext(r.Context(), "request", "request_id", RequestIDFrom(r.Context()),
				"method", r.Method, "path", r.URL.Path, "status", answer.code(), "bytes", answer.bytes, "took", took)
			if count != nil {
				count(r.Method, route, answer.code(), took)
			}
		})
	}
}

// Routes wraps the mux and notes for AccessLog which of its patterns matched.
// The mux writes it into the very request it is given, which middlewares in
// between may have copied.
func Routes(mux http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		mux.ServeHTTP(w, r)
		if route, ok := r.Context().Value(routeKey{}).(*string); ok {
			*route = strings.TrimPrefix(r.Pattern, r.Method+" ")
		}
	})
}

// Recover answers a panic with a problem and logs it with its stack. Place it
// inside AccessLog, whose line then shows the 500.
func Recover(log *slog.Logger) Middleware {
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			answer := &recorder{ResponseWriter: w}
			defer func() {
				if cause := recover(); cause != nil {
					answerPanic(answer, r, log, cause)
				}
			}()
			next.ServeHTTP(answer, r)
		})
	}
}

// answerPanic runs in the panicking goroutine. It passes on the way to drop a
// connection on purpose, and takes it when half an answer is out already,
// which must not pass for a whole one.
func answerPanic(answer *recorder, r *http.Request, log *slog.Logger, cause any) {
	err, _ := cause.(error)
	if errors.Is(err, http.ErrAbortHandler) {
		panic(cause)
	}
	log.ErrorContext(r.Context(), "handler panicked", "request_id", RequestIDFrom(r.Context()),
		"panic", fmt.Sprint(cause), "stack", string(debug.Stack()))
	if answer.status != 0 {
		panic(http.ErrAbortHandler)
	}
	problem := ProblemOf(fmt.Errorf("panic: %v", cause))
	problem.RequestID = RequestIDFrom(r.Context())
	WriteProblem(answer, problem)
}

// LimitBody bounds the bodies of requests: reading beyond limit(r) bytes gives
// an error that ProblemOf turns into a 413.
func LimitBody(limit func(*http.Request) int64) Middleware {
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			r.Body = http.MaxBytesReader(w, r.Body, limit(r))
			next.ServeHTTP(w, r)
		})
	}
}

// SameOrigin refuses requests that another site made a user's browser send.
// Programs, whose requests carry no browser headers, pass. publicURL is the
// origin that browsers see, in case a proxy in front changes the Host.
func SameOrigin(publicURL string) (Middleware, error) {
	guard := http.NewCrossOriginProtection()
	if err := guard.AddTrustedOrigin(publicURL); err != nil {
		return nil, fmt.Errorf("trust the public URL: %w", err)
	}
	guard.SetDenyHandler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		problem := ProblemOf(conversion.Errorf(conversion.CodeForbidden, "The request came from another site."))
		problem.RequestID = RequestIDFrom(r.Context())
		WriteProblem(w, problem)
	}))
	return guard.Handler, nil
}
