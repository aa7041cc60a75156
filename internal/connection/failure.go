package connection

import (
	"errors"

	"conversion"
	"conversion/internal/salesforce"
)

// failedLogin turns a failure to log in into what an admin can act on: what happened, and
// what to do. Errors that already are such pass.
func failedLogin(err error) error {
	if _, known := errors.AsType[*conversion.Error](err); known || err == nil {
		return err
	}
	failure := &conversion.Error{Code: codeOf(err), Message: messageOf(err), Hint: hintOf(err), Err: err}
	if field, message := faultyField(err); field != "" {
		failure.Fields = []conversion.FieldError{{Field: field, Message: message}}
	}
	return failure
}

func codeOf(err error) conversion.Code {
	switch salesforce.ClassOf(err) {
	case salesforce.BadClient:
		return conversion.CodeInvalid
	case salesforce.Reconnect, salesforce.FixInSalesforce, salesforce.NotFound:
		return conversion.CodeForbidden
	case salesforce.Unreachable, salesforce.Retry, salesforce.Limit:
		return conversion.CodeUnavailable
	}
	return conversion.CodeInternal
}

// faultyField names the entry that is to blame, with what is wrong with it; "" when none
// surely is.
func faultyField(err error) (field, message string) {
	if _, ok := errors.AsType[*salesforce.UntrustedHostError](err); ok {
		return "login_url", "is not trusted"
	}
	refused, ok := errors.AsType[*salesforce.OAuthError](err)
	if !ok {
		return "", ""
	}
	switch {
	case refused.Class == salesforce.Unreachable:
		return "login_url", "cannot be reached"
	case refused.Code == "invalid_client_id":
		return "client_id", "is not known to Salesforce"
	case refused.Code == "invalid_client", refused.Code == "invalid_client_credentials":
		return "client_secret", "was refused by Salesforce"
	}
	return "", ""
}

// messageOf says what happened. Its parts come from error types that hold no secrets.
func messageOf(err error) string {
	if refused, ok := errors.AsType[*salesforce.OAuthError](err); ok {
		return "Connecting to Salesforce failed: " + refused.Error() + "."
	}
	if untrusted, ok := errors.AsType[*salesforce.UntrustedHostError](err); ok {
		return "Connecting to Salesforce failed: " + untrusted.Error() + "."
	}
	if refused, ok := errors.AsType[*salesforce.Error](err); ok {
		return "Salesforce answered the login, but not what was asked next: " + refused.Message + "."
	}
	return "Connecting to Salesforce failed."
}

func hintOf(err error) string {
	if refused, ok := errors.AsType[*salesforce.OAuthError](err); ok {
		return refused.Hint()
	}
	if untrusted, ok := errors.AsType[*salesforce.UntrustedHostError](err); ok {
		return untrusted.Hint()
	}
	switch salesforce.ClassOf(err) {
	case salesforce.Reconnect, salesforce.FixInSalesforce, salesforce.NotFound:
		return "Let an admin of the org give the user the permission API Enabled, then connect again."
	case salesforce.Unreachable, salesforce.Retry, salesforce.Limit:
		return "Salesforce is busy or cannot be reached; try again in a while."
	}
	return ""
}
