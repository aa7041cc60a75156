package gateway

import (
	"conversion"
	"errors"
	"slices"
	"strings"

	"conversion/internal/salesforce"
)

const (
	codeDeleted    = "ENTITY_IS_DELETED"
	codeConverted  = "CANNOT_UPDATE_CONVERTED_LEAD"
	codeLocked     = "UNABLE_TO_LOCK_ROW"
	codeDuplicates = "DUPLICATES_DETECTED" // by a duplicate rule
	codeTaken      = "DUPLICATE_VALUE"     // of a unique field
)

// refusedForContent reports whether a request was refused for what it holds, rather than
// for the state of the login or of Salesforce.
func refusedForContent(err error) bool {
	class := salesforce.ClassOf(err)
	return class == salesforce.FixInConversion || class == salesforce.Duplicate
}

// isLocked reports whether a whole request met a lock.
func isLocked(err error) bool {
	e, ok := errors.AsType[*salesforce.Error](err)
	return ok && e.Code == codeLocked
}

// noSuchKey reports whether an upsert was refused because the field it goes by is gone, or
// hidden.
func noSuchKey(err error) bool {
	e, ok := errors.AsType[*salesforce.Error](err)
	return ok && (e.Class == salesforce.NotFound || e.Code == "INVALID_FIELD" && slices.Equal(e.Fields, []string{conversion.ExternalIDField}))
}

// namedFields returns the fields that a refusal of a whole request blames.
func namedFields(err error) []string {
	if e, ok := errors.AsType[*salesforce.Error](err); ok {
		return e.Fields
	}
	return nil
}

// unreadable reports whether a value somewhere in a request could not be spelled or read.
func unreadable(err error) bool {
	e, ok := errors.AsType[*salesforce.Error](err)
	return ok && (e.Code == "JSON_PARSER_ERROR" || e.Code == "")
}

func refusedWhole(err error) *conversion.RemoteError {
	if e, ok := errors.AsType[*salesforce.Error](err); ok {
		return refusal([]salesforce.Error{*e})
	}
	return refusal(nil)
}

// refusal says in a person's words why Salesforce refused a record. The first error that
// does not go away gives the code; a refusal goes away by itself only if all of its errors
// do.
func refusal(errs []salesforce.Error) *conversion.RemoteError {
	if len(errs) == 0 {
		errs = []salesforce.Error{{Message: "no reason given", Class: salesforce.FixInSalesforce}}
	}
	main := errs[0] // the first that does not go away
	if i := slices.IndexFunc(errs, func(e salesforce.Error) bool { return !passing(e.Class) }); i > 0 {
		main = errs[i]
	}
	r := &conversion.RemoteError{Code: main.Code, Retry: true, Fix: fixOf(main)}
	var said []string
	for _, e := range errs {
		r.Fields = append(r.Fields, e.Fields...)
		r.Retry = r.Retry && passing(e.Class)
		r.Gone = r.Gone || e.Class == salesforce.NotFound || e.Code == codeConverted
		for _, match := range e.Matches {
			r.Duplicates = append(r.Duplicates, refOf(match.ID))
		}
		said = append(said, e.Message)
	}
	slices.Sort(r.Fields)
	r.Fields = slices.Compact(r.Fields)
	r.Message, r.Hint = explain(main, r.Fields, strings.Join(said, "; "))
	return r
}

// fixOf says who can end a refusal (spec 4.9).
func fixOf(e salesforce.Error) conversion.Fix {
	switch {
	case passing(e.Class):
		return conversion.FixItself
	case e.Class == salesforce.FixInConversion && e.Code != "INVALID_FIELD":
		return conversion.FixConversion
	}
	return conversion.FixSalesforce // a duplicate is merged there, a record that is not seen is shared there
}

// passing reports whether an error of the class goes away without anybody's doing.
func passing(c salesforce.Class) bool {
	switch c {
	case salesforce.Retry, salesforce.Limit, salesforce.Unreachable, salesforce.Restart, salesforce.RolledBack:
		return true
	}
	return false
}

// explain finds the words for an error: by its code, else by its class. said is what
// Salesforce itself says.
func explain(e salesforce.Error, fields []string, said string) (message, hint string) {
	words, ok := explanations[e.Code]
	if !ok {
		words = classExplanations[e.Class]
	}
	if words.message == "" {
		words = explanation{"Salesforce refused the record: {said}", "See what Salesforce says, and try again."}
	}
	named := "a field"
	if len(fields) > 0 {
		named = strings.Join(fields, ", ")
	}
	return strings.NewReplacer("{fields}", named, "{said}", said).Replace(words.message), words.hint
}

// explanation is what happened and what to do about it; {fields} stands for the fields'
// names, {said} for Salesforce's own words.
type explanation struct{ message, hint string }

const (
	askAdmin    = "Change the automation in Salesforce, or the value here."
	grantAccess = "Give the connected user access in Salesforce, then retry."
	byItself    = "It is tried again by itself."
)

var explanations = map[string]explanation{
	"REQUIRED_FIELD_MISSING": {"Salesforce requires {fields}, and there is no value for it.",
		"Fill in the variable, or set a default for the field beside the rules."},
	"INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST": {"The picklist {fields} does not offer the value.",
		"Add the value to the picklist in Salesforce, or choose another one here."},
	"STRING_TOO_LONG": {"The value is too long for {fields}.",
		"Shorten the value here, or lengthen the field in Salesforce."},
	"NUMBER_OUTSIDE_VALID_RANGE": {"The number is out of the range of {fields}.",
		"Change the number here, or the field in Salesforce."},
	"INVALID_TYPE_ON_FIELD_IN_RECORD": {"The value is not of the type of {fields}.",
		"Change the value here; the variables are brought up to date within the hour."},
	"JSON_PARSER_ERROR": {"Salesforce could not read a value: {said}",
		"Change the value here."},
	"INVALID_EMAIL_ADDRESS": {"Salesforce does not take the e-mail address.",
		"Correct the address here."},
	"FIELD_CUSTOM_VALIDATION_EXCEPTION": {"A validation rule of the org refused the record: {said}",
		"Change the value here, or the validation rule in Salesforce."},
	"FIELD_INTEGRITY_EXCEPTION": {"The values do not fit together in Salesforce: {said}",
		"Correct the values here, such as a state that is not one of the country's."},
	"FIELD_FILTER_VALIDATION_EXCEPTION": {"A lookup filter of the org refused {fields}: {said}",
		"Choose another record here, or change the lookup filter in Salesforce."},
	codeDuplicates: {"A duplicate rule of the org found a record like this: {said}",
		"Merge the records in Salesforce, or let the duplicate rule allow the connected user."},
	codeTaken: {"Another record in Salesforce already has this value of {fields}.",
		"Change the value here, or the other record in Salesforce."},
	codeDeleted: {"The record was deleted in Salesforce.",
		"Restore it from the recycle bin in Salesforce if it should be kept."},
	codeConverted: {"The lead was converted in Salesforce and is no longer written.",
		"Its contact is synced in its place."},
	"INVALID_CROSS_REFERENCE_KEY": {"A record that is referred to is not there, or the connected user does not see it: {said}",
		"Choose another record here, or give the connected user access to it in Salesforce."},
	"MALFORMED_ID": {"{fields} does not hold the id of a record of the right kind.",
		"Correct the id here."},
	codeLocked: {"Somebody else was changing the record in Salesforce.", byItself},
	"ENTITY_IS_LOCKED": {"The record is locked in Salesforce, by an approval for example.",
		"Unlock it in Salesforce, or wait until it is approved; then retry."},
	"INSUFFICIENT_ACCESS_OR_READONLY":               {"The connected Salesforce user may not change the record.", grantAccess},
	"INSUFFICIENT_ACCESS":                           {"The connected Salesforce user may not do this.", grantAccess},
	"INSUFFICIENT_ACCESS_ON_CROSS_REFERENCE_ENTITY": {"The connected Salesforce user has no access to a record that is referred to.", grantAccess},
	"INVALID_FIELD_FOR_INSERT_UPDATE":               {"The connected Salesforce user may not write {fields}.", grantAccess},
	"FIELD_NOT_UPDATABLE":                           {"{fields} cannot be changed in Salesforce.", grantAccess},
	"INVALID_FIELD":                                 {"{fields} is no longer there in Salesforce, or is hidden from the connected user.", grantAccess},
	"STORAGE_LIMIT_EXCEEDED": {"The org's storage is full.",
		"Free or buy data storage in Salesforce; then retry."},
	"INACTIVE_OWNER_OR_USER": {"The owner is no longer active in Salesforce.",
		"Choose another owner, here or in Salesforce."},
	"CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY": {"A trigger of the org refused the record: {said}", askAdmin},
	"CANNOT_EXECUTE_FLOW_TRIGGER":          {"A flow of the org failed: {said}", askAdmin},
	"CUSTOM_APEX_ERROR":                    {"A trigger of the org refused the record: {said}", askAdmin},
	"DELETE_FAILED": {"Salesforce did not delete the record: {said}",
		"Remove what depends on it in Salesforce; then retry."},
	"DEPENDENCY_EXISTS": {"Other records depend on this one: {said}",
		"Remove what depends on it in Salesforce; then retry."},
	"UNAVAILABLE_RECORDTYPE_EXCEPTION": {"The connected Salesforce user may not use the record type.",
		"Choose another record type, or assign it to the user's profile in Salesforce."},
	"INVALID_PERSON_ACCOUNT_OPERATION": {"Salesforce does not allow this on a person account.",
		"Change the record in Salesforce."},
	"INVALID_ASSIGNMENT_RULE": {"The org's assignment rule is not valid.",
		"Correct the rule in Salesforce, or switch assignment rules off beside the rules."},
}

var classExplanations = map[salesforce.Class]explanation{
	salesforce.Retry:           {"Salesforce could not do it at this moment: {said}", byItself},
	salesforce.Unreachable:     {"Salesforce could not be reached.", byItself},
	salesforce.Restart:         {"Salesforce could not do it at this moment: {said}", byItself},
	salesforce.RolledBack:      {"Another record of the same request failed.", byItself},
	salesforce.Limit:           {"A limit of the org is reached: {said}", "It is tried again once the limit allows."},
	salesforce.FixInSalesforce: {"Salesforce refused the record: {said}", "Change it in Salesforce; then retry."},
	salesforce.FixInConversion: {"Salesforce refused the record: {said}", "Correct the value here."},
	salesforce.Duplicate:       {"Salesforce has such a record already: {said}", "Merge the records in Salesforce; then retry."},
	salesforce.NotFound:        {"Salesforce no longer has the record, or the connected user does not see it.", grantAccess},
}
