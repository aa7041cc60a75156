package salesforce

import (
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"strings"
)

// OAuthError is a login host's refusal, or its silence. It holds no secrets.
type OAuthError struct {
	Class       Class  // Reconnect, BadClient, Retry or Unreachable
	Host        string // of the login
	Status      int    // HTTP status, 0 without an answer
	Code        string // such as invalid_grant; empty without an answer
	Description string // Salesforce's words, or what kept the answer away

	cause error
}

// oauthClasses is the table of errors of token endpoints and callbacks. What is
// not in it goes by the HTTP status.
var oauthClasses = map[string]Class{
	"access_denied":              Reconnect,
	"immediate_unsuccessful":     Reconnect,
	"inactive_org":               Reconnect,
	"inactive_user":              Reconnect,
	"invalid_app_access":         Reconnect,
	"invalid_client":             BadClient,
	"invalid_client_credentials": BadClient,
	"invalid_client_id":          BadClient,
	"invalid_grant":              Reconnect,
	"invalid_request":            BadClient,
	"invalid_scope":              BadClient,
	"rate_limit_exceeded":        Retry,
	"redirect_uri_mismatch":      BadClient,
	"redirect_uri_missing":       BadClient,
	"server_error":               Retry,
	"temporarily_unavailable":    Retry,
	"unauthorized_client":        BadClient,
	"unknown_error":              Retry,
	"unsupported_grant_type":     BadClient,
	"unsupported_response_type":  BadClient,
	"unsupported_token_type":     BadClient,
}

// NewOAuthError classifies the error that a login host hands to our callback.
func NewOAuthError(loginHost, code, description string) *OAuthError {
	return &OAuthError{Class: classifyOAuth(code, description, 0), Host: loginHost, Code: code, Description: description}
}

func classifyOAuth(code, description string, status int) Class {
	// Two refreshes at once with one token: the other one has it.
	if strings.Contains(description, "already being processed") {
		return Retry
	}
	if class, known := oauthClasses[code]; known {
		return class
	}
	if status >= 500 || status == http.StatusTooManyRequests || status == statusNoRoute {
		return Retry
	}
	// An outage or a limit of the whole instance, in the words of the data API, says nothing
	// about the login.
	if class := codeClasses[code]; class == Retry || class == Limit {
		return Retry
	}
	return BadClient
}

func refusedLogin(host string, status int, body []byte) *OAuthError {
	var answer struct {
		Error       string `json:"error"`
		Description string `json:"error_description"`
	}
	if err := json.Unmarshal(body, &answer); err != nil {
		// Revocation answers its errors as a form.
		if form, err := url.ParseQuery(string(body)); err == nil {
			answer.Error, answer.Description = form.Get("error"), form.Get("error_description")
		}
	}
	if answer.Error == "" {
		answer.Description = fmt.Sprintf("it answered %d %s", status, http.StatusText(status))
	}
	return &OAuthError{
		Class:       classifyOAuth(answer.Error, answer.Description, status),
		Host:        host,
		Status:      status,
		Code:        answer.Error,
		Description: answer.Description,
	}
}

func unreachableLogin(host string, err error) *OAuthError {
	return &OAuthError{Class: Unreachable, Host: host, Description: reasonOf(err), cause: err}
}

func (e *OAuthError) Error() string {
	switch {
	case e.Class == Unreachable:
		return fmt.Sprintf("%s cannot be reached: %s", e.Host, e.Description)
	case e.Code == "":
		return fmt.Sprintf("%s refused the login: %s", e.Host, e.Description)
	case e.Description == "":
		return fmt.Sprintf("%s refused the login: %s", e.Host, e.Code)
	}
	return fmt.Sprintf("%s refused the login: %s (%s)", e.Host, e.Description, e.Code)
}

// Hint says what an admin can do about it.
func (e *OAuthError) Hint() string {
	switch {
	case e.Code == "invalid_client_id":
		return "Check the consumer key of the connected app; a new app takes up to ten minutes until logins know it."
	case e.Code == "invalid_client" || e.Code == "invalid_client_credentials":
		return "Check the consumer secret of the connected app."
	case strings.HasPrefix(e.Code, "redirect_uri"):
		return "Enter this installation's callback address in the connected app, exactly as it is shown here."
	case e.Code == "access_denied":
		return "Access was denied in Salesforce: connect again and choose Allow."
	case e.Code == "inactive_user":
		return "The user is deactivated in Salesforce: activate it, or connect with another one."
	case e.Code == "inactive_org":
		return "The org is locked or closed: ask Salesforce, then connect again."
	case e.Code == "invalid_app_access":
		return "Let an admin of the org approve the user for the connected app, then connect again."
	case e.Class == Reconnect:
		return "Connect again; the login was revoked, has expired, or is barred by a policy of the org."
	case e.Class == Unreachable:
		return "Check the login address and that this machine may reach it."
	case e.Class == BadClient && e.Code == "":
		return "Check the login address: it does not answer as a login host of Salesforce does."
	case e.Class == BadClient:
		return "Check the connected app's settings: key, secret, callback address, scopes and allowed flows."
	}
	return "Salesforce is busy or down; it is tried again by itself."
}

// Unwrap returns what kept the answer away.
func (e *OAuthError) Unwrap() error { return e.cause }

// Is matches the sentinel of the error's class.
func (e *OAuthError) Is(target error) bool { return isSentinel(e.Class, target) }

// LogValue names host, code and class.
func (e *OAuthError) LogValue() slog.Value {
	return slog.GroupValue(slog.String("host", e.Host), slog.Int("status", e.Status),
		slog.String("code", e.Code), slog.String("class", e.Class.String()))
}

// reasonOf says why a request failed, without the URL, which may hold a query.
func reasonOf(err error) string {
	if e, ok := errors.AsType[net.Error](err); ok && e.Timeout() {
		return "it took too long"
	}
	if e, ok := errors.AsType[*net.DNSError](err); ok { // its own words name our resolver
		if e.IsNotFound {
			return "there is no host of that name"
		}
		return "its name could not be looked up"
	}
	return withoutURL(err).Error()
}
