package salesforce

import (
	"log/slog"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

func TestErrorsAreReadFromAnyBody(t *testing.T) {
	t.Parallel()
	const match = `{"allowSave":true,"duplicateRule":"Standard_Lead_Duplicate_Rule","matchResults":[{"entityType":"Lead","matchRecords":[` +
		`{"matchConfidence":100.0,"record":{"attributes":{"type":"Lead"},"Id":"00QKB000002vPqN"}}]}]}`
	duplicate := Error{
		Status: 400, Code: "DUPLICATES_DETECTED", Message: "Use one of these records?", Class: Duplicate,
		Matches: []Match{{Object: "Lead", ID: "00QKB000002vPqN2AU"}}, AllowSave: true,
	}
	tests := map[string]struct {
		status int
		body   string
		want   Error
	}{
		"an array": {
			400, `[{"message":"bad value for restricted picklist field: Web","errorCode":"INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST","fields":["LeadSource"]}]`,
			Error{Status: 400, Code: "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST", Message: "bad value for restricted picklist field: Web", Fields: []string{"LeadSource"}, Class: FixInConversion},
		},
		"several errors": {
			400, `[{"message":"one","errorCode":"STRING_TOO_LONG"},{"message":"two","errorCode":"INVALID_EMAIL_ADDRESS"}]`,
			Error{Status: 400, Code: "STRING_TOO_LONG", Message: "one; two", Class: FixInConversion},
		},
		"an object": {
			400, `{"message":"no","errorCode":"MALFORMED_ID"}`,
			Error{Status: 400, Code: "MALFORMED_ID", Message: "no", Class: FixInConversion},
		},
		"an object of an OAuth endpoint": {
			400, `{"error":"invalid_request","error_description":"no"}`,
			Error{Status: 400, Code: "invalid_request", Message: "no", Class: FixInConversion},
		},
		"fields that only the message names": {
			400, `[{"errorCode":"INVALID_FIELD_FOR_INSERT_UPDATE","message":"Unable to create/update fields: MasterRecordId, Name. Please check the security settings"}]`,
			Error{
				Status: 400, Code: "INVALID_FIELD_FOR_INSERT_UPDATE", Class: FixInSalesforce, Fields: []string{"MasterRecordId", "Name"},
				Message: "Unable to create/update fields: MasterRecordId, Name. Please check the security settings",
			},
		},
		"a missing column": {
			400, `[{"errorCode":"INVALID_FIELD","message":"\nSELECT Foo__c\n^\nNo such column 'Foo__c' on entity 'Lead'."}]`,
			Error{Status: 400, Code: "INVALID_FIELD", Class: FixInConversion, Fields: []string{"Foo__c"}, Message: "\nSELECT Foo__c\n^\nNo such column 'Foo__c' on entity 'Lead'."},
		},
		"a duplicate rule, misspelt": {400, `[{"duplicateResut":` + match + `,"errorCode":"DUPLICATES_DETECTED","message":"Use one of these records?"}]`, duplicate},
		"a duplicate rule, spelt":    {400, `[{"duplicateResult":` + match + `,"errorCode":"DUPLICATES_DETECTED","message":"Use one of these records?"}]`, duplicate},
		"several matches": {
			300, `["/services/data/v62.0/sobjects/Lead/00QKB000002vPqN","/services/data/v62.0/sobjects/Lead/00QKB000002vPqN2AU"]`,
			Error{Status: 300, Message: "it answered 300 Multiple Choices", Class: Duplicate, Matches: []Match{{"Lead", "00QKB000002vPqN2AU"}, {"Lead", "00QKB000002vPqN2AU"}}},
		},
		"HTML":           {503, `<html><body>down</body></html>`, Error{Status: 503, Message: "it answered 503 Service Unavailable", Class: Retry}},
		"HTML of 420":    {420, `<html></html>`, Error{Status: 420, Message: "it answered 420", Class: Retry}},
		"nothing":        {404, ``, Error{Status: 404, Message: "it answered 404 Not Found", Class: NotFound}},
		"an empty array": {500, `[]`, Error{Status: 500, Message: "it answered 500 Internal Server Error", Class: Retry}},
		"odd JSON":       {400, `"no"`, Error{Status: 400, Message: "it answered 400 Bad Request", Class: FixInConversion}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := readError(test.status, []byte(test.body))
			if diff := cmp.Diff(test.want, *got, cmpopts.IgnoreUnexported(Error{})); diff != "" {
				t.Error(diff)
			}
			if !strings.HasPrefix(got.Error(), "salesforce: ") || strings.Count(got.Error(), test.want.Code) != 1 && test.want.Code != "" {
				t.Errorf("says %q", got.Error())
			}
		})
	}
}

func TestLoggedErrorHoldsNoRecordsValues(t *testing.T) {
	t.Parallel()
	var log strings.Builder
	e := &Error{Status: 400, Code: "INVALID_EMAIL_ADDRESS", Message: "Email: invalid email address: jo@acme", Class: FixInConversion}
	slog.New(slog.NewTextHandler(&log, nil)).Info("refused", "error", e)
	if strings.Contains(log.String(), "jo@acme") || !strings.Contains(log.String(), "INVALID_EMAIL_ADDRESS") {
		t.Error(log.String())
	}
}

func TestEveryClassHasAName(t *testing.T) {
	t.Parallel()
	names := map[string]bool{}
	for class := range numberOfClasses {
		names[Class(class).String()] = true
	}
	if len(names) != numberOfClasses || names[""] {
		t.Errorf("names: %v", names)
	}
}
