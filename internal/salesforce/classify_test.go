package salesforce

import "testing"

func TestEveryCodeHasItsClass(t *testing.T) {
	t.Parallel()
	tests := []struct {
		status  int
		code    string
		message string
		want    Class
	}{
		{401, "INVALID_SESSION_ID", "Session expired or invalid", Reconnect},
		{403, "API_DISABLED_FOR_ORG", "", FixInSalesforce},
		{403, "API_CURRENTLY_DISABLED", "", FixInSalesforce},
		{403, "REQUEST_LIMIT_EXCEEDED", "TotalRequests Limit exceeded.", Limit},
		{403, "REQUEST_LIMIT_EXCEEDED", "ConcurrentPerOrgLongTxn Limit exceeded.", Retry},
		{503, "SERVER_UNAVAILABLE", "", Retry},
		{503, "ORG_IN_MAINTENANCE", "", Retry},
		{400, "INSERT_UPDATE_DELETE_NOT_ALLOWED_DURING_MAINTENANCE", "", Retry},
		{503, "FUNCTIONALITY_TEMPORARILY_UNAVAILABLE", "", Retry},
		{400, "UNABLE_TO_LOCK_ROW", "unable to obtain exclusive access to this record", Retry},
		{400, "QUERY_TIMEOUT", "", Retry},
		{400, "REQUEST_RUNNING_TOO_LONG", "", Retry},
		{400, "TXN_SECURITY_METERING_ERROR", "", FixInSalesforce},
		{400, "TXN_SECURITY_RUNTIME_ERROR", "", FixInSalesforce},
		{400, "TXN_SECURITY_FAIL_CLOSE", "", FixInSalesforce},
		{403, "TXN_SECURITY_NO_ACCESS", "", FixInSalesforce},
		{403, "TXN_SECURITY_END_A_SESSION", "", FixInSalesforce},
		{403, "TXN_SECURITY_TWO_FA_REQUIRED", "", FixInSalesforce},
		{503, "TOO_MANY_APEX_REQUESTS", "", Retry},
		{500, "UNKNOWN_EXCEPTION", "An unexpected error occurred.", Retry},
		{500, "INTERNAL_ERROR", "", Retry},
		{400, "INVALID_QUERY_LOCATOR", "invalid query locator", Restart},
		{400, "MALFORMED_QUERY", "unexpected token", FixInConversion},
		{400, "INVALID_FIELD", "No such column 'Foo' on entity 'Lead'.", FixInConversion},
		{400, "INVALID_TYPE", "", FixInConversion},
		{400, "INVALID_TYPE_FOR_OPERATION", "", FixInConversion},
		{400, "QUERY_TOO_COMPLICATED", "", FixInConversion},
		{400, "NUMBER_OUTSIDE_VALID_RANGE", "", FixInConversion},
		{400, "EXTERNAL_OBJECT_UNSUPPORTED_EXCEPTION", "", FixInConversion},
		{404, "NOT_FOUND", "The requested resource does not exist", NotFound},
		{404, "ENTITY_IS_DELETED", "entity is deleted", NotFound},
		{400, "MALFORMED_ID", "malformed id 1", FixInConversion},
		{400, "INVALID_CROSS_REFERENCE_KEY", "invalid cross reference id", FixInSalesforce},
		{404, "INVALID_CROSS_REFERENCE_KEY", "invalid cross reference id", NotFound},
		{403, "INSUFFICIENT_ACCESS_OR_READONLY", "", FixInSalesforce},
		{400, "INSUFFICIENT_ACCESS_ON_CROSS_REFERENCE_ENTITY", "", FixInSalesforce},
		{403, "INSUFFICIENT_ACCESS", "", FixInSalesforce},
		{400, "CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY", "LeadTrigger: execution of BeforeUpdate", FixInSalesforce},
		{400, "CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY", "LeadTrigger: System.DmlException: UNABLE_TO_LOCK_ROW, unable to obtain", Retry},
		{400, "CANNOT_EXECUTE_FLOW_TRIGGER", "", FixInSalesforce},
		{400, "FIELD_CUSTOM_VALIDATION_EXCEPTION", "Phone is needed", FixInSalesforce},
		{400, "FIELD_INTEGRITY_EXCEPTION", "", FixInConversion},
		{400, "FIELD_FILTER_VALIDATION_EXCEPTION", "", FixInSalesforce},
		{400, "REQUIRED_FIELD_MISSING", "Required fields are missing: [LastName]", FixInConversion},
		{400, "INVALID_FIELD_FOR_INSERT_UPDATE", "", FixInSalesforce},
		{400, "INVALID_FIELD_WHEN_USING_TEMPLATE", "", FixInConversion},
		{400, "FIELD_NOT_UPDATABLE", "", FixInSalesforce},
		{400, "INVALID_TYPE_ON_FIELD_IN_RECORD", "", FixInConversion},
		{400, "JSON_PARSER_ERROR", "", FixInConversion},
		{400, "STRING_TOO_LONG", "First Name: data value too large", FixInConversion},
		{400, "INVALID_EMAIL_ADDRESS", "Email: invalid email address: foo", FixInConversion},
		{400, "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST", "", FixInConversion},
		{400, "DUPLICATES_DETECTED", "Use one of these records?", Duplicate},
		{400, "DUPLICATE_VALUE", "", Duplicate},
		{400, "DUPLICATE_EXTERNAL_ID", "", Duplicate},
		{400, "CANNOT_UPDATE_CONVERTED_LEAD", "cannot reference converted lead", FixInConversion},
		{400, "DELETE_FAILED", "", FixInSalesforce},
		{400, "DEPENDENCY_EXISTS", "", FixInSalesforce},
		{400, "ENTITY_IS_LOCKED", "", FixInSalesforce},
		{403, "STORAGE_LIMIT_EXCEEDED", "", FixInSalesforce},
		{400, "LIMIT_EXCEEDED", "", Limit},
		{400, "LIMIT_EXCEEDED", "Cannot have more than 10 chunks in a single operation", FixInConversion},
		{400, "EXCEEDED_ID_LIMIT", "record limit reached", FixInConversion},
		{400, "EXCEEDED_QUOTA", "", Limit},
		{400, "INACTIVE_OWNER_OR_USER", "", FixInSalesforce},
		{400, "INVALID_ASSIGNMENT_RULE", "", FixInSalesforce},
		{400, "UNAVAILABLE_RECORDTYPE_EXCEPTION", "", FixInSalesforce},
		{400, "INVALID_PERSON_ACCOUNT_OPERATION", "", FixInSalesforce},
		{400, "MERGE_FAILED", "", FixInSalesforce},
		{400, "UNDELETE_FAILED", "", FixInSalesforce},
		{400, "MIXED_DML_OPERATION", "", FixInSalesforce},
		{400, "CUSTOM_APEX_ERROR", "", FixInSalesforce},
		{0, "ALL_OR_NONE_OPERATION_ROLLED_BACK", "", RolledBack},
		{0, "PROCESSING_HALTED", "", RolledBack},
		{0, "BATCH_PROCESSING_HALTED", "", RolledBack},
		{400, "MISSING_ARGUMENT", "Id not specified in an update call", FixInConversion},
		{400, "INVALID_ARGUMENT_TYPE", "", FixInConversion},
		{400, "ILLEGAL_QUERY_PARAMETER_VALUE", "", FixInConversion},
		{415, "UNSUPPORTED_MEDIA_TYPE", "", FixInConversion},
		{405, "METHOD_NOT_ALLOWED", "", FixInConversion},
		{410, "UNSUPPORTED_API_VERSION", "", FixInConversion},
		{400, "INVALID_REPLICATION_DATE", "", FixInConversion},

		{500, "", "", Retry},
		{502, "NEVER_SEEN_BEFORE", "", Retry},
		{429, "", "", Retry},
		{420, "", "", Retry},
		{408, "", "", Retry},
		{406, "", "", Retry},
		{404, "", "", NotFound},
		{403, "", "", FixInSalesforce},
		{401, "", "", Reconnect},
		{300, "", "", Duplicate},
		{414, "", "", FixInConversion},
		{400, "NEVER_SEEN_BEFORE", "", FixInConversion},
		{0, "NEVER_SEEN_BEFORE", "", FixInSalesforce},
	}
	tested := map[string]bool{}
	for _, test := range tests {
		tested[test.code] = true
		if got := classify(test.status, test.code, test.message); got != test.want {
			t.Errorf("%d %s %q is %s, want %s", test.status, test.code, test.message, got, test.want)
		}
	}
	for code := range codeClasses {
		if !tested[code] {
			t.Errorf("%s is not tested", code)
		}
	}
}
