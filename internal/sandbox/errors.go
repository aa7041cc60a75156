package sandbox

import (
	"fmt"
	"net/http"
	"strings"
)

// Error is a refusal in Salesforce's words. Status is the HTTP status of a
// single-record call; inside a collection only Code, Message and Fields arrive.
type Error struct {
	Status  int
	Code    string
	Message string
	Fields  []string
	// Duplicates holds the ids of the matching records of a DUPLICATES_DETECTED.
	Duplicates []string
	// DuplicateRule is the rule that found them, DuplicateOf the object that it
	// guards.
	DuplicateRule, DuplicateOf string
	// AllowSave says that the duplicate rule may be overridden by header.
	AllowSave bool
	// Others are further errors of the same record.
	Others []*Error
}

// all lists an error with the others of its record.
func (e *Error) all() []*Error { return append([]*Error{e}, e.Others...) }

func (e *Error) Error() string { return e.Code + ": " + e.Message }

// refusal is a 400 with an error code, about the given fields.
func refusal(code, message string, fields ...string) *Error {
	return &Error{Status: http.StatusBadRequest, Code: code, Message: message, Fields: fields}
}

func notFound() *Error {
	return &Error{Status: http.StatusNotFound, Code: "NOT_FOUND", Message: "The requested resource does not exist"}
}

// noAccess refuses a change of a record to a user who may see it at most.
func noAccess() *Error {
	return &Error{Status: http.StatusForbidden, Code: "INSUFFICIENT_ACCESS_OR_READONLY", Message: "insufficient access rights on object id"}
}

// missingFields refuses what lacks fields that it must have.
func missingFields(names ...string) *Error {
	return refusal("REQUIRED_FIELD_MISSING", "Required fields are missing: ["+strings.Join(names, ", ")+"]", names...)
}

// cannot refuses an operation that no record of the object takes.
func (o *object) cannot(operation string) *Error {
	return refusal("INVALID_TYPE_FOR_OPERATION", "entity type "+o.Name+" does not support "+operation)
}

// noSession refuses a request that comes in nobody's name.
func noSession() *Error {
	return &Error{Status: http.StatusUnauthorized, Code: "INVALID_SESSION_ID", Message: "Session expired or invalid"}
}

// noCrossAccess refuses what leads to a record that the user does not see.
func noCrossAccess(fields ...string) *Error {
	return refusal("INSUFFICIENT_ACCESS_ON_CROSS_REFERENCE_ENTITY", "insufficient access rights on cross-reference id", fields...)
}

// noKey refuses a path whose field is no key, or whose id is none of the object.
func noKey(given string) *Error {
	return &Error{Status: http.StatusNotFound, Code: "NOT_FOUND", Message: "Provided external ID field does not exist or is not accessible: " + given}
}

func entityDeleted() *Error {
	return &Error{Status: http.StatusNotFound, Code: "ENTITY_IS_DELETED", Message: "entity is deleted", Fields: []string{}}
}

func noColumn(field, object string) *Error {
	return refusal("INVALID_FIELD", fmt.Sprintf("No such column '%s' on sobject of type %s", field, object))
}

// duplicateValue tells of the record that has the value already, by its id in 15
// characters.
func duplicateValue(what, id string, fields ...string) *Error {
	return refusal("DUPLICATE_VALUE", fmt.Sprintf("duplicate value found: %s duplicates value on record with id: %s", what, shortID(id)), fields...)
}

func malformedID(label, id string, fields ...string) *Error {
	return refusal("MALFORMED_ID", fmt.Sprintf("%s: id value of incorrect type: %s", label, id), fields...)
}
