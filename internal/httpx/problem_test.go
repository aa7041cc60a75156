package httpx_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/google/go-cmp/cmp"

	"conversion"
	"conversion/internal/httpx"
)

func TestAnErrorBecomesAProblem(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name   string
		err    error
		status int
		detail string
	}{
		{"invalid input", conversion.Invalid("email", "is missing"), 422, "The input is not valid."},
		{"wrong credentials", conversion.Errorf(conversion.CodeUnauthorized, "Wrong key."), 401, "Wrong key."},
		{"not allowed", conversion.Errorf(conversion.CodeForbidden, "Admins only."), 403, "Admins only."},
		{"no such thing", conversion.Errorf(conversion.CodeNotFound, "No such contact."), 404, "No such contact."},
		{"a clash", conversion.Errorf(conversion.CodeConflict, "Taken."), 409, "Taken."},
		{"a lost connection", conversion.Errorf(conversion.CodeReconnect, "Reconnect."), 409, "Reconnect."},
		{"too much", conversion.Errorf(conversion.CodeTooLarge, "Too long."), 413, "Too long."},
		{"too often", conversion.Errorf(conversion.CodeLimit, "Slow down."), 429, "Slow down."},
		{"an outage", conversion.Errorf(conversion.CodeUnavailable, "Later."), 503, "Later."},
		{"our fault", conversion.Errorf(conversion.CodeInternal, "Oops."), 500, "Oops."},
		{"an unknown code", conversion.Errorf("odd", "Odd."), 500, "Odd."},
		{"a wrapped error", fmt.Errorf("load: %w", conversion.Errorf(conversion.CodeNotFound, "Gone.")), 404, "Gone."},
		{"a body beyond its limit", fmt.Errorf("read: %w", &http.MaxBytesError{Limit: 9}), 413, "The request's body is larger than 9 bytes."},
		{"a deadline", fmt.Errorf("query: %w", context.DeadlineExceeded), 503, "This took too long. Try again later."},
		{"any other error, told to nobody", errors.New("pq: relation contact"), 500, "Something went wrong on our side."},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			problem := httpx.ProblemOf(test.err)
			if problem.Status != test.status || problem.Detail != test.detail || problem.Title != http.StatusText(test.status) {
				t.Errorf("problem %+v, want %d %q", problem, test.status, test.detail)
			}
		})
	}
}

func TestAProblemIsWrittenWithFieldsAndHint(t *testing.T) {
	t.Parallel()
	err := conversion.Invalid("variables.job_title", "is longer than 128 characters")
	err.Hint = "Shorten it."
	answer := httptest.NewRecorder()
	httpx.WriteProblem(answer, httpx.ProblemOf(err))
	if got := answer.Header().Get("Content-Type"); got != "application/problem+json" || answer.Code != 422 {
		t.Errorf("answered %d as %s", answer.Code, got)
	}
	var got map[string]any
	if err := json.Unmarshal(answer.Body.Bytes(), &got); err != nil {
		t.Fatal(err)
	}
	want := map[string]any{
		"type": "about:blank", "title": "Unprocessable Entity", "status": 422.0, "code": "invalid",
		"detail": "The input is not valid.", "hint": "Shorten it.",
		"errors": []any{map[string]any{"field": "variables.job_title", "message": "is longer than 128 characters"}},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("body (-want +got):\n%s", diff)
	}
}

func TestOnlyOurOwnFaultsAreLogged(t *testing.T) {
	t.Parallel()
	for err, want := range map[error]bool{
		errors.New("disk full"): true,
		conversion.Errorf(conversion.CodeNotFound, "No such contact."): false,
		fmt.Errorf("query: %w", context.Canceled):                      false,
	} {
		var out bytes.Buffer
		problem := httpx.Report(t.Context(), slog.New(slog.NewTextHandler(&out, nil)), err)
		if logged := out.Len() > 0; logged != want {
			t.Errorf("%v: logged %v, want %v; problem %+v", err, logged, want, problem)
		}
	}
}
