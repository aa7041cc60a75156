package conversion

import (
	"errors"
	"fmt"
	"strings"
)

// Code classifies an error at a package edge; the edge of the process turns it into a
// status, a body or a page.
type Code string

// The codes.
const (
	CodeInvalid      Code = "invalid"           // the caller sent something wrong; Fields name what
	CodeUnauthorized Code = "unauthorized"      // nobody, or the wrong credentials
	CodeForbidden    Code = "forbidden"         // somebody, but not allowed
	CodeNotFound     Code = "not_found"         // no such thing in this workspace
	CodeConflict     Code = "conflict"          // it clashes with what is there
	CodeTooLarge     Code = "payload_too_large" // a body or a value beyond its limit
	CodeLimit        Code = "limit"             // too many requests, or a budget is used up
	CodeReconnect    Code = "reconnect"         // the tie to Salesforce needs a person
	CodeUnavailable  Code = "unavailable"       // try again later
	CodeInternal     Code = "internal"          // our fault
)

// FieldError names one field of the caller's input and what is wrong with it.
type FieldError struct {
	Field   string // as the caller wrote it, dotted: "variables.job_title"
	Message string
}

// Error is an error a person can act on: what happened, and what to do about it.
type Error struct {
	Code    Code
	Message string // one sentence for a person; no secrets, no e-mail addresses of others
	Hint    string // what to do; may be empty
	Fields  []FieldError
	Err     error // the cause, for logs; may be nil
}

// Error gives the message, the fields and the cause.
func (e *Error) Error() string {
	var b strings.Builder
	b.WriteString(e.Message)
	for _, f := range e.Fields {
		fmt.Fprintf(&b, "; %s: %s", f.Field, f.Message)
	}
	if e.Err != nil {
		fmt.Fprintf(&b, ": %v", e.Err)
	}
	return b.String()
}

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Err }

// Invalid returns an error that names one field.
func Invalid(field, format string, args ...any) *Error {
	message := fmt.Sprintf(format, args...)
	return &Error{Code: CodeInvalid, Message: "The input is not valid.", Fields: []FieldError{{field, message}}}
}

// Errorf returns an error with a code and a message for a person.
func Errorf(code Code, format string, args ...any) *Error {
	return &Error{Code: code, Message: fmt.Sprintf(format, args...)}
}

// ErrorCode returns the code of the first Error in err's chain, CodeInternal for any
// other error, and "" for nil.
func ErrorCode(err error) Code {
	if err == nil {
		return ""
	}
	if e, ok := errors.AsType[*Error](err); ok {
		return e.Code
	}
	return CodeInternal
}
