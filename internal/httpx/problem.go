// Package httpx is the edge that the API and the web pages share: what an
// error becomes, what every request passes through, and the server itself.
//
// It must never know a contact or a workspace, and never write a query string,
// a body or an e-mail address to the log.
package httpx

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"net/http"

	"conversion"
)

// Problem is an error as RFC 9457 problem details. It satisfies what huma asks
// of an error that knows its status and content type.
type Problem struct {
	Type      string          `json:"type"`                 // "about:blank": title and status say it all
	Title     string          `json:"title"`                // the status in words
	Status    int             `json:"status"`               // the HTTP status
	Detail    string          `json:"detail"`               // what happened, for a person
	Code      conversion.Code `json:"code"`                 // what happened, for a program
	Hint      string          `json:"hint,omitempty"`       // what to do about it
	Errors    []ProblemField  `json:"errors,omitempty"`     // the fields at fault
	RequestID string          `json:"request_id,omitempty"` // by which the log has more
}

// ProblemField names one field of the input and what is wrong with it.
type ProblemField struct {
	Field   string `json:"field"` // dotted, as the caller wrote it
	Message string `json:"message"`
}

// Error returns the detail.
func (p *Problem) Error() string { return p.Detail }

// GetStatus returns the HTTP status.
func (p *Problem) GetStatus() int { return p.Status }

// ContentType returns the media type of problem details.
func (p *Problem) ContentType(string) string { return "application/problem+json" }

// statuses is the one table from error codes to HTTP statuses.
var statuses = map[conversion.Code]int{
	conversion.CodeInvalid:      http.StatusUnprocessableEntity,
	conversion.CodeUnauthorized: http.StatusUnauthorized,
	conversion.CodeForbidden:    http.StatusForbidden,
	conversion.CodeNotFound:     http.StatusNotFound,
	conversion.CodeConflict:     http.StatusConflict,
	conversion.CodeTooLarge:     http.StatusRequestEntityTooLarge,
	conversion.CodeLimit:        http.StatusTooManyRequests,
	conversion.CodeReconnect:    http.StatusConflict,
	conversion.CodeUnavailable:  http.StatusServiceUnavailable,
	conversion.CodeInternal:     http.StatusInternalServerError,
}

// ProblemOf turns any error into a problem. Of errors that are not meant for a
// person it tells nothing but that something went wrong.
func ProblemOf(err error) *Problem {
	meant := explain(err)
	status, known := statuses[meant.Code]
	if !known {
		status = http.StatusInternalServerError
	}
	problem := &Problem{
		Type: "about:blank", Title: http.StatusText(status), Status: status,
		Detail: meant.Message, Code: meant.Code, Hint: meant.Hint,
	}
	for _, field := range meant.Fields {
		problem.Errors = append(problem.Errors, ProblemField{Field: field.Field, Message: field.Message})
	}
	return problem
}

// explain finds the error meant for a person in err's chain or makes one.
func explain(err error) *conversion.Error {
	if meant, ok := errors.AsType[*conversion.Error](err); ok {
		return meant
	}
	if large, ok := errors.AsType[*http.MaxBytesError](err); ok {
		return conversion.Errorf(conversion.CodeTooLarge, "The request's body is larger than %d bytes.", large.Limit)
	}
	if errors.Is(err, context.DeadlineExceeded) {
		return conversion.Errorf(conversion.CodeUnavailable, "This took too long. Try again later.")
	}
	return conversion.Errorf(conversion.CodeInternal, "Something went wrong on our side.")
}

// Report is ProblemOf for the end of a request: it logs what is our own fault,
// with its cause, and gives the problem the request's id.
func Report(ctx context.Context, log *slog.Logger, err error) *Problem {
	problem := ProblemOf(err)
	problem.RequestID = RequestIDFrom(ctx)
	if problem.Status == http.StatusInternalServerError && !errors.Is(err, context.Canceled) {
		log.ErrorContext(ctx, "request failed", "request_id", problem.RequestID, "error", err)
	}
	return problem
}

// WriteProblem answers with the problem as JSON. Nothing may have been written
// before.
func WriteProblem(w http.ResponseWriter, problem *Problem) {
	w.Header().Set("Content-Type", problem.ContentType(""))
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(problem.Status)
	_ = json.NewEncoder(w).Encode(problem) // the client is gone; nobody is left to tell
}
