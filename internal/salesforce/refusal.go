package salesforce

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"path"
	"regexp"
	"strings"
)

// refusal reads an answer that is not a good one.
func refusal(call call, response *http.Response) error {
	body, _ := readBounded(response.Body, smallBody) // what came of it is explanation enough
	e := readError(response.StatusCode, body)
	switch {
	case isPermanent(body):
		e.Class = Reconnect
		return e
	case isSessionOver(response, e, body):
		return &sessionOverError{e}
	case call.write && mayBeDone(e):
		return &OutcomeUnknownError{Cause: e}
	}
	return e
}

// sessionOverError says that the token was refused, so that the request was not
// looked at; a new token may help.
type sessionOverError struct{ refusal *Error }

func (e *sessionOverError) Error() string { return "the session is over: " + e.refusal.Message }

// isPermanent tells refusals of the app or its policy from an expired session,
// with which they share their code.
func isPermanent(body []byte) bool {
	return bytes.Contains(body, []byte("This session is not valid for use with the REST API")) ||
		bytes.Contains(body, []byte("Connected app is not attached to Agent"))
}

func isSessionOver(response *http.Response, e *Error, body []byte) bool {
	switch response.StatusCode {
	case http.StatusUnauthorized:
		return true
	case http.StatusForbidden:
		return bytes.Contains(body, []byte("_OAuth_Token")) || e.Code == "INVALID_SESSION_ID"
	case http.StatusMovedPermanently, http.StatusFound, http.StatusSeeOther,
		http.StatusTemporaryRedirect, http.StatusPermanentRedirect:
		// The org has moved: a renewed token names its new address.
		return true
	}
	return e.Code == "INVALID_SESSION_ID"
}

func mayBeDone(e *Error) bool {
	return e.Status == http.StatusRequestTimeout || e.Status >= 500 && !turnedAway[e.Code]
}

// wireError is an error as the API spells it: errorCode at the top of an answer,
// statusCode in the result of a record, error in what OAuth endpoints say.
type wireError struct {
	ErrorCode   string          `json:"errorCode"`
	StatusCode  string          `json:"statusCode"`
	Message     string          `json:"message"`
	Fields      []string        `json:"fields"`
	OAuth       string          `json:"error"`
	Description string          `json:"error_description"`
	Misspelt    *wireDuplicates `json:"duplicateResut"` // as REST really says
	Duplicates  *wireDuplicates `json:"duplicateResult"`
}

type wireDuplicates struct {
	AllowSave    bool `json:"allowSave"`
	MatchResults []struct {
		EntityType   string `json:"entityType"`
		MatchRecords []struct {
			Record struct {
				ID string `json:"Id"`
			} `json:"record"`
		} `json:"matchRecords"`
	} `json:"matchResults"`
}

// wireResult is the result of one record.
type wireResult struct {
	ID      string      `json:"id"`
	Success bool        `json:"success"`
	Created bool        `json:"created"`
	Errors  []wireError `json:"errors"`
}

func (w wireResult) result() Result {
	result := Result{ID: LongID(w.ID), Success: w.Success, Created: w.Created}
	for _, e := range w.Errors {
		result.Errors = append(result.Errors, *e.read(0))
	}
	if !w.Success && len(w.Errors) == 0 {
		result.Errors = []Error{{Message: "Salesforce refused the record without a reason", Class: FixInSalesforce}}
	}
	return result
}

// readError makes an error of any body: an array of errors, one error, the paths
// of several matches, HTML or nothing.
func readError(status int, body []byte) *Error {
	var many []wireError
	if err := json.Unmarshal(body, &many); err == nil && len(many) > 0 {
		return joined(status, many)
	}
	var one wireError
	if err := json.Unmarshal(body, &one); err == nil {
		return one.read(status)
	}
	e := (wireError{}).read(status)
	var paths []string
	if err := json.Unmarshal(body, &paths); err == nil && status == http.StatusMultipleChoices {
		for _, p := range paths {
			e.Matches = append(e.Matches, Match{Object: path.Base(path.Dir(p)), ID: LongID(path.Base(p))})
		}
	}
	return e
}

// joined is the first error, with the messages of the others.
func joined(status int, many []wireError) *Error {
	e := many[0].read(status)
	for _, other := range many[1:] {
		e.Message += "; " + other.Message
	}
	return e
}

func (w wireError) read(status int) *Error {
	e := &Error{Status: status, Code: w.ErrorCode, Message: w.Message, Fields: w.Fields}
	for _, code := range []string{w.StatusCode, w.OAuth} {
		if e.Code == "" {
			e.Code = code
		}
	}
	if e.Message == "" {
		e.Message = w.Description
	}
	if e.Message == "" {
		e.Message = strings.TrimSpace(fmt.Sprintf("it answered %d %s", status, http.StatusText(status)))
	}
	if len(e.Fields) == 0 {
		e.Fields = fieldsIn(e.Code, e.Message)
	}
	e.Class = classify(status, e.Code, e.Message)
	e.Matches = matchesIn(e.Code, e.Message)
	for _, d := range []*wireDuplicates{w.Misspelt, w.Duplicates} {
		e.addMatches(d)
	}
	return e
}

func (e *Error) addMatches(found *wireDuplicates) {
	if found == nil {
		return
	}
	e.AllowSave = found.AllowSave
	for _, result := range found.MatchResults {
		for _, match := range result.MatchRecords {
			e.Matches = append(e.Matches, Match{Object: result.EntityType, ID: LongID(match.Record.ID)})
		}
	}
}

// fieldPatterns find the field that a message blames where the error itself does
// not list it.
var fieldPatterns = map[string]*regexp.Regexp{
	"INVALID_FIELD":                           regexp.MustCompile(`No such column '([A-Za-z0-9_.]+)'`),
	"INVALID_FIELD_FOR_INSERT_UPDATE":         regexp.MustCompile(`Unable to create/update fields: ([A-Za-z0-9_, ]+)`),
	"INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST": regexp.MustCompile(`restricted picklist field: ([A-Za-z0-9_]+)`),
	"REQUIRED_FIELD_MISSING":                  regexp.MustCompile(`fields are missing: \[([A-Za-z0-9_, ]+)\]`),
	"DUPLICATE_VALUE":                         regexp.MustCompile(`duplicate value found: ([A-Za-z0-9_]+) duplicates`),
}

func fieldsIn(code, message string) []string {
	pattern := fieldPatterns[code]
	if pattern == nil {
		return nil
	}
	match := pattern.FindStringSubmatch(message)
	if match == nil {
		return nil
	}
	return strings.Split(match[1], ", ")
}

var clashingID = regexp.MustCompile(`record with id: ([A-Za-z0-9]{15,18})`)

func matchesIn(code, message string) []Match {
	if code != "DUPLICATE_VALUE" {
		return nil
	}
	match := clashingID.FindStringSubmatch(message)
	if match == nil {
		return nil
	}
	return []Match{{ID: LongID(match[1])}}
}

// withoutURL takes the URL, which may hold a query with people's data, off an
// error of net/http.
func withoutURL(err error) error {
	if e, ok := errors.AsType[*url.Error](err); ok {
		return e.Err
	}
	return err
}
