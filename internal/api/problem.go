package api

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"conversion"
	"conversion/internal/directory"
	"conversion/internal/httpx"
)

// problem is an error as the API tells it: httpx's, and whom a change clashes with.
type problem struct {
	httpx.Problem
	ConflictingID string `json:"conflicting_id,omitempty" doc:"The contact or company that has the e-mail or domain already."`
}

// huma keeps how it tells errors in variables of its package. Nothing else uses it.
func init() {
	huma.NewError = func(status int, message string, errs ...error) huma.StatusError {
		return refused(status, message, errs)
	}
	huma.NewErrorWithContext = func(ctx huma.Context, status int, message string, errs ...error) huma.StatusError {
		p := refused(status, message, errs)
		p.RequestID = httpx.RequestIDFrom(ctx.Context())
		return p
	}
	huma.ValidateStrictCasing = true // "Email" is not "email"
	huma.DefaultArrayNullable = false
}

// problem turns a service's error into what the caller is told; what is our own fault is
// logged, with its cause.
func (a *api) problem(ctx context.Context, err error) *problem {
	p := &problem{Problem: *httpx.Report(ctx, a.Log, err)}
	p.ConflictingID, _ = directory.TakenBy(err)
	return p
}

// codes are those of the refusals that come before any service is asked.
var codes = map[int]conversion.Code{
	http.StatusRequestEntityTooLarge: conversion.CodeTooLarge,
	http.StatusRequestTimeout:        conversion.CodeUnavailable,
	http.StatusInternalServerError:   conversion.CodeInternal,
}

// refuse is a refusal that comes before any service is asked.
func refuse(status int, detail string, fields ...httpx.ProblemField) *problem {
	code, known := codes[status]
	if !known {
		code = conversion.CodeInvalid
	}
	return &problem{Problem: httpx.Problem{
		Type: "about:blank", Title: http.StatusText(status), Status: status,
		Detail: detail, Code: code, Errors: fields,
	}}
}

// refused is huma's refusal of a request in our words. It never quotes what was sent,
// which may be a secret.
func refused(status int, message string, errs []error) *problem {
	if large, ok := errors.AsType[*http.MaxBytesError](errors.Join(errs...)); ok {
		return &problem{Problem: *httpx.ProblemOf(large)}
	}
	details := map[int]string{
		http.StatusBadRequest:            "The request's body is not JSON.",
		http.StatusRequestEntityTooLarge: "The request's body is too large.",
		http.StatusUnsupportedMediaType:  "The request's body must be application/json.",
		http.StatusUnprocessableEntity:   "The input is not valid.",
		http.StatusInternalServerError:   "Something went wrong on our side.",
	}
	detail, known := details[status]
	if !known || len(errs) == 0 && status == http.StatusBadRequest {
		detail = sentence(message)
	}
	if status >= http.StatusInternalServerError {
		return refuse(status, detail)
	}
	return refuse(status, detail, faultyFields(errs)...)
}

func sentence(s string) string {
	if s == "" {
		return s
	}
	return strings.ToUpper(s[:1]) + s[1:] + "."
}

// faultyFields names what huma found wrong by the caller's own names: "variables.city",
// "limit", "contacts[3].email".
func faultyFields(errs []error) []httpx.ProblemField {
	var fields []httpx.ProblemField
	for _, err := range errs {
		if detail, ok := errors.AsType[*huma.ErrorDetail](err); ok {
			fields = append(fields, faultyField(detail))
		}
	}
	return fields
}

func faultyField(detail *huma.ErrorDetail) httpx.ProblemField {
	place, name, _ := strings.Cut(detail.Location, ".")
	if missing, ok := missingProperty(detail.Message); ok {
		return httpx.ProblemField{Field: strings.TrimPrefix(name+"."+missing, "."), Message: "is required"}
	}
	if name == "" {
		name = place
	}
	return httpx.ProblemField{Field: name, Message: plainWords(detail.Message)}
}

// plainWords says what huma means to those who know neither it nor Go.
func plainWords(message string) string {
	switch {
	case message == "unexpected property":
		return "there is no such property"
	case strings.HasPrefix(message, "invalid date/time for format "):
		return "is not a time like 2026-01-31T09:00:00Z (RFC 3339)"
	}
	return message
}

// missingProperty finds the name in huma's message, which has it nowhere else.
func missingProperty(message string) (name string, ok bool) {
	rest, ok := strings.CutPrefix(message, "expected required property ")
	name, complete := strings.CutSuffix(rest, " to be present")
	return name, ok && complete
}

func writeProblem(w http.ResponseWriter, r *http.Request, p *problem) {
	p.RequestID = httpx.RequestIDFrom(r.Context())
	w.Header().Set("Content-Type", p.ContentType(""))
	w.WriteHeader(p.Status)
	_ = json.NewEncoder(w).Encode(p) // the client is gone; nobody is left to tell
}
