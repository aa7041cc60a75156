package gateway

import (
	"context"
	"errors"

	"conversion"
	"conversion/internal/salesforce"
)

// orgError turns an error of the client into one the engine and a person can act on: a
// *conversion.FieldsChangedError when a field is no longer there, else a
// *conversion.Error with the client's as its cause. A cancelled call stays what it is.
func orgError(object conversion.Object, err error) error {
	if errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
		return err
	}
	refusal, _ := errors.AsType[*salesforce.Error](err)
	if refusal != nil && refusal.Code == "INVALID_FIELD" {
		return &conversion.FieldsChangedError{Object: object, Fields: refusal.Fields, Err: err}
	}
	if host, untrusted := errors.AsType[*salesforce.UntrustedHostError](err); untrusted {
		return &conversion.Error{
			Code: conversion.CodeUnavailable, Message: "This process does not trust the address of the Salesforce org.",
			Hint: "Give it the same --salesforce-allow-host settings as the other processes, if " + host.Host + " is right.", Err: err,
		}
	}
	e := &conversion.Error{Code: conversion.CodeInternal, Message: "Salesforce did not understand a request.", Err: err}
	if told, ok := classErrors[salesforce.ClassOf(err)]; ok {
		e.Code, e.Message, e.Hint = told.code, told.message, told.hint
	}
	return e
}

var classErrors = map[salesforce.Class]struct {
	code          conversion.Code
	message, hint string
}{
	salesforce.Retry: {conversion.CodeUnavailable,
		"Salesforce is busy or out of service.", "The work goes on by itself once Salesforce answers again."},
	salesforce.Unreachable: {conversion.CodeUnavailable,
		"Salesforce cannot be reached.", "Check the network and the instance's address; the work goes on by itself."},
	salesforce.Restart: {conversion.CodeUnavailable,
		"Salesforce forgot where a long reading had come to.", "It is begun again by itself."},
	salesforce.Limit: {conversion.CodeLimit,
		"The org's limit of API requests is used up.", "The work goes on when requests are free again, within 24 hours."},
	salesforce.Reconnect: {conversion.CodeReconnect,
		"Salesforce no longer accepts the login.", "Connect Salesforce again under Settings › Integrations."},
	salesforce.BadClient: {conversion.CodeReconnect,
		"Salesforce does not accept the connected app.", "Check the client id, the secret and the instance's host, and connect again."},
	salesforce.FixInSalesforce: {conversion.CodeForbidden,
		"The connected Salesforce user may not do this.", "Give the user access to the object, its fields and the API in Salesforce."},
	salesforce.NotFound: {conversion.CodeNotFound,
		"Salesforce has no such object, or the connected user does not see it.", "Give the user access to the object in Salesforce."},
}

// cannotSee reports whether a query failed because the user does not see the object.
func cannotSee(err error) bool {
	refusal, ok := errors.AsType[*salesforce.Error](err)
	return ok && (refusal.Class == salesforce.NotFound || refusal.Code == "INVALID_TYPE" || refusal.Code == "INVALID_FIELD")
}
