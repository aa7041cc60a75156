package salesforce

import (
	"net/http"
	"strings"
)

// statusNoRoute is answered, in HTML, by Salesforce's edge while an org moves.
const statusNoRoute = 420

// codeClasses is the table of Salesforce's error codes. What it does not hold
// goes by the HTTP status.
var codeClasses = map[string]Class{
	"ALL_OR_NONE_OPERATION_ROLLED_BACK":                   RolledBack,
	"API_CURRENTLY_DISABLED":                              FixInSalesforce,
	"API_DISABLED_FOR_ORG":                                FixInSalesforce,
	"BATCH_PROCESSING_HALTED":                             RolledBack,
	"CANNOT_EXECUTE_FLOW_TRIGGER":                         FixInSalesforce,
	"CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY":                FixInSalesforce,
	"CANNOT_UPDATE_CONVERTED_LEAD":                        FixInConversion,
	"CUSTOM_APEX_ERROR":                                   FixInSalesforce,
	"DELETE_FAILED":                                       FixInSalesforce,
	"DEPENDENCY_EXISTS":                                   FixInSalesforce,
	"DUPLICATES_DETECTED":                                 Duplicate,
	"DUPLICATE_EXTERNAL_ID":                               Duplicate,
	"DUPLICATE_VALUE":                                     Duplicate,
	"ENTITY_IS_DELETED":                                   NotFound,
	"ENTITY_IS_LOCKED":                                    FixInSalesforce,
	"EXCEEDED_ID_LIMIT":                                   FixInConversion,
	"EXCEEDED_QUOTA":                                      Limit,
	"EXTERNAL_OBJECT_UNSUPPORTED_EXCEPTION":               FixInConversion,
	"FIELD_CUSTOM_VALIDATION_EXCEPTION":                   FixInSalesforce,
	"FIELD_FILTER_VALIDATION_EXCEPTION":                   FixInSalesforce,
	"FIELD_INTEGRITY_EXCEPTION":                           FixInConversion,
	"FIELD_NOT_UPDATABLE":                                 FixInSalesforce,
	"FUNCTIONALITY_TEMPORARILY_UNAVAILABLE":               Retry,
	"ILLEGAL_QUERY_PARAMETER_VALUE":                       FixInConversion,
	"INACTIVE_OWNER_OR_USER":                              FixInSalesforce,
	"INSERT_UPDATE_DELETE_NOT_ALLOWED_DURING_MAINTENANCE": Retry,
	"INSUFFICIENT_ACCESS":                                 FixInSalesforce,
	"INSUFFICIENT_ACCESS_ON_CROSS_REFERENCE_ENTITY":       FixInSalesforce,
	"INSUFFICIENT_ACCESS_OR_READONLY":                     FixInSalesforce,
	"INTERNAL_ERROR":                                      Retry,
	"INVALID_ARGUMENT_TYPE":                               FixInConversion,
	"INVALID_ASSIGNMENT_RULE":                             FixInSalesforce,
	"INVALID_CROSS_REFERENCE_KEY":                         FixInSalesforce,
	"INVALID_EMAIL_ADDRESS":                               FixInConversion,
	"INVALID_FIELD":                                       FixInConversion,
	"INVALID_FIELD_FOR_INSERT_UPDATE":                     FixInSalesforce,
	"INVALID_FIELD_WHEN_USING_TEMPLATE":                   FixInConversion,
	"INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST":             FixInConversion,
	"INVALID_PERSON_ACCOUNT_OPERATION":                    FixInSalesforce,
	"INVALID_QUERY_LOCATOR":                               Restart,
	"INVALID_REPLICATION_DATE":                            FixInConversion,
	"INVALID_SESSION_ID":                                  Reconnect,
	"INVALID_TYPE":                                        FixInConversion,
	"INVALID_TYPE_FOR_OPERATION":                          FixInConversion,
	"INVALID_TYPE_ON_FIELD_IN_RECORD":                     FixInConversion,
	"JSON_PARSER_ERROR":                                   FixInConversion,
	"LIMIT_EXCEEDED":                                      Limit,
	"MALFORMED_ID":                                        FixInConversion,
	"MALFORMED_QUERY":                                     FixInConversion,
	"MERGE_FAILED":                                        FixInSalesforce,
	"METHOD_NOT_ALLOWED":                                  FixInConversion,
	"MISSING_ARGUMENT":                                    FixInConversion,
	"MIXED_DML_OPERATION":                                 FixInSalesforce,
	"NOT_FOUND":                                           NotFound,
	"NUMBER_OUTSIDE_VALID_RANGE":                          FixInConversion,
	"ORG_IN_MAINTENANCE":                                  Retry,
	"PROCESSING_HALTED":                                   RolledBack,
	"QUERY_TIMEOUT":                                       Retry,
	"QUERY_TOO_COMPLICATED":                               FixInConversion,
	"REQUEST_LIMIT_EXCEEDED":                              Limit,
	"REQUEST_RUNNING_TOO_LONG":                            Retry,
	"REQUIRED_FIELD_MISSING":                              FixInConversion,
	"SERVER_UNAVAILABLE":                                  Retry,
	"STORAGE_LIMIT_EXCEEDED":                              FixInSalesforce,
	"STRING_TOO_LONG":                                     FixInConversion,
	"TOO_MANY_APEX_REQUESTS":                              Retry,
	"TXN_SECURITY_END_A_SESSION":                          FixInSalesforce,
	"TXN_SECURITY_FAIL_CLOSE":                             FixInSalesforce,
	"TXN_SECURITY_METERING_ERROR":                         FixInSalesforce,
	"TXN_SECURITY_NO_ACCESS":                              FixInSalesforce,
	"TXN_SECURITY_RUNTIME_ERROR":                          FixInSalesforce,
	"TXN_SECURITY_TWO_FA_REQUIRED":                        FixInSalesforce,
	"UNABLE_TO_LOCK_ROW":                                  Retry,
	"UNAVAILABLE_RECORDTYPE_EXCEPTION":                    FixInSalesforce,
	"UNDELETE_FAILED":                                     FixInSalesforce,
	"UNKNOWN_EXCEPTION":                                   Retry,
	"UNSUPPORTED_API_VERSION":                             FixInConversion,
	"UNSUPPORTED_MEDIA_TYPE":                              FixInConversion,
}

// turnedAway are the codes of a 5xx answer that say the request was not let in.
// After any other 5xx a write may have been done.
var turnedAway = map[string]bool{
	"FUNCTIONALITY_TEMPORARILY_UNAVAILABLE":               true,
	"INSERT_UPDATE_DELETE_NOT_ALLOWED_DURING_MAINTENANCE": true,
	"ORG_IN_MAINTENANCE":                                  true,
	"REQUEST_LIMIT_EXCEEDED":                              true,
	"SERVER_UNAVAILABLE":                                  true,
	"TOO_MANY_APEX_REQUESTS":                              true,
}

// classify returns the class of a code, its message and its HTTP status (0 for
// the result of one record).
func classify(status int, code, message string) Class {
	class, known := codeClasses[code]
	if !known {
		return classOfStatus(status)
	}
	switch {
	case code == "REQUEST_LIMIT_EXCEEDED" && strings.Contains(message, "Concurrent"):
		return Retry // too many long requests at this moment, not in this day
	case code == "LIMIT_EXCEEDED" && strings.Contains(message, "chunk"):
		return FixInConversion
	case code == "INVALID_CROSS_REFERENCE_KEY" && status == http.StatusNotFound:
		return NotFound
	case class == FixInSalesforce && strings.Contains(message, "UNABLE_TO_LOCK_ROW"):
		return Retry // a trigger or flow met a lock
	}
	return class
}

func classOfStatus(status int) Class {
	switch {
	case status == http.StatusUnauthorized:
		return Reconnect
	case status == http.StatusNotFound:
		return NotFound
	case status == http.StatusMultipleChoices:
		return Duplicate
	case status == http.StatusRequestTimeout, status == http.StatusTooManyRequests,
		status == http.StatusNotAcceptable, status == statusNoRoute, status >= 500:
		return Retry
	case status == http.StatusForbidden, status == 0:
		return FixInSalesforce
	}
	return FixInConversion
}
