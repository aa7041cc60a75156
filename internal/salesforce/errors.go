package salesforce

import (
	"errors"
	"fmt"
	"log/slog"
	"strings"
)

// Class says what has to happen before a failed request or record can succeed.
type Class uint8

// The classes of errors.
const (
	Unclassified    Class = iota // not an error of this package
	Retry                        // an outage or a lock: the same again, later
	Limit                        // the org's or the app's budget is used up: the same again, much later
	Unreachable                  // no connection, no answer: the same again, later; an address may be wrong
	Restart                      // a query's locator died: begin again from the last safe cursor
	Reconnect                    // the login is void: a person has to log in again
	BadClient                    // the app's id, secret or callback is wrong
	FixInSalesforce              // permissions, rules, automation, storage: an admin of the org
	FixInConversion              // the value or the request itself
	Duplicate                    // another record is in the way; see Error.Matches
	NotFound                     // no such record, object or path, or none the user sees
	RolledBack                   // another record of the request failed; look there
	numberOfClasses = int(RolledBack) + 1
)

var classNames = [numberOfClasses]string{
	"unclassified", "retry", "limit", "unreachable", "restart", "reconnect", "bad_client",
	"fix_in_salesforce", "fix_in_conversion", "duplicate", "not_found", "rolled_back",
}

// String returns the class as a lower-case word with underscores.
func (c Class) String() string { return classNames[c] }

// Sentinels for errors.Is.
var (
	ErrReconnect   = errors.New("reconnect needed")
	ErrUnreachable = errors.New("salesforce cannot be reached")
	ErrNotFound    = errors.New("not found in salesforce")
	ErrLimit       = errors.New("salesforce's request limit is reached")
)

var sentinels = map[Class]error{
	Reconnect: ErrReconnect, Unreachable: ErrUnreachable, NotFound: ErrNotFound, Limit: ErrLimit,
}

// Error is a refusal by Salesforce, or the lack of an answer, on a request that
// surely changed nothing; or, in a Result, the refusal of one record.
type Error struct {
	Status  int      // HTTP status; 0 without an answer, and in results
	Code    string   // Salesforce's code, such as UNABLE_TO_LOCK_ROW; may be empty
	Message string   // for a person; may quote a record's values, so it is not for logs
	Fields  []string // API names of the fields that are to blame, if known
	Class   Class
	Matches []Match // for Duplicate: the records in the way, if told
	// AllowSave: the duplicate rule is an alert, WriteOptions.AllowDuplicates overrides it.
	AllowSave bool

	cause error
}

// Match is a record that a duplicate rule or a unique field found.
type Match struct {
	Object string // empty if not told
	ID     string
}

func (e *Error) Error() string {
	switch {
	case e.Code == "" || strings.Contains(e.Message, e.Code):
		return "salesforce: " + e.Message
	case e.Message == "":
		return "salesforce: " + e.Code
	}
	return fmt.Sprintf("salesforce: %s (%s)", e.Message, e.Code)
}

// Unwrap returns what caused the lack of an answer.
func (e *Error) Unwrap() error { return e.cause }

// Is matches the sentinel of the error's class.
func (e *Error) Is(target error) bool { return isSentinel(e.Class, target) }

// LogValue leaves out the message, which may quote a person's data.
func (e *Error) LogValue() slog.Value {
	return slog.GroupValue(slog.Int("status", e.Status), slog.String("code", e.Code), slog.String("class", e.Class.String()))
}

func isSentinel(class Class, target error) bool {
	sentinel := sentinels[class]
	return sentinel != nil && errors.Is(sentinel, target)
}

// OutcomeUnknownError says that a write was sent and that no answer tells whether
// Salesforce did it. It must not be sent again before the records were looked up.
type OutcomeUnknownError struct {
	Cause error
}

func (e *OutcomeUnknownError) Error() string {
	return "the write was sent, but its outcome is unknown: " + e.Cause.Error()
}

// Unwrap returns what kept the answer away.
func (e *OutcomeUnknownError) Unwrap() error { return e.Cause }

// ClassOf returns the class of an error of this package, however wrapped. An
// outcome that is unknown has the class of its cause: ask for it first.
func ClassOf(err error) Class {
	if e, ok := errors.AsType[*Error](err); ok {
		return e.Class
	}
	if e, ok := errors.AsType[*OAuthError](err); ok {
		return e.Class
	}
	if _, ok := errors.AsType[*UntrustedHostError](err); ok {
		return BadClient
	}
	return Unclassified
}
