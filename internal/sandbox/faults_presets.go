package sandbox

import (
	"maps"
	"net/http"
	"slices"
)

// knownError is how Salesforce answers with an error code.
type knownError struct {
	status  int
	message string
}

// knownErrors completes faults that name only a code.
var knownErrors = map[string]knownError{
	"API_CURRENTLY_DISABLED":                {http.StatusForbidden, "The REST API is not enabled for this Organization."},
	"API_DISABLED_FOR_ORG":                  {http.StatusForbidden, "The REST API is not enabled for this Organization."},
	"CANNOT_EXECUTE_FLOW_TRIGGER":           {http.StatusBadRequest, "We can't save this record because a process failed."},
	"ENTITY_IS_DELETED":                     {http.StatusNotFound, "entity is deleted"},
	"ENTITY_IS_LOCKED":                      {http.StatusBadRequest, "the entity is locked for editing"},
	"FIELD_CUSTOM_VALIDATION_EXCEPTION":     {http.StatusBadRequest, "a validation rule refused the record"},
	"FUNCTIONALITY_TEMPORARILY_UNAVAILABLE": {http.StatusServiceUnavailable, "The functionality is temporarily unavailable."},
	"INSERT_UPDATE_DELETE_NOT_ALLOWED_DURING_MAINTENANCE": {http.StatusServiceUnavailable,
		"Inserts, updates and deletes are not allowed while the org is in read-only mode for maintenance."},
	"INSUFFICIENT_ACCESS":      {http.StatusForbidden, "insufficient access rights"},
	"INTERNAL_ERROR":           {http.StatusInternalServerError, "An internal error occurred."},
	"INVALID_QUERY_LOCATOR":    {http.StatusBadRequest, "invalid query locator"},
	"INVALID_SESSION_ID":       {http.StatusUnauthorized, "Session expired or invalid"},
	"NOT_FOUND":                {http.StatusNotFound, "The requested resource does not exist"},
	"ORG_IN_MAINTENANCE":       {http.StatusServiceUnavailable, "The org is in maintenance."},
	"QUERY_TIMEOUT":            {http.StatusBadRequest, "Your query request was running for too long."},
	"REQUEST_LIMIT_EXCEEDED":   {http.StatusForbidden, "TotalRequests Limit exceeded."},
	"REQUEST_RUNNING_TOO_LONG": {http.StatusBadRequest, "Your request was running for too long, and has been stopped."},
	"SERVER_UNAVAILABLE":       {http.StatusServiceUnavailable, "The server is currently unavailable."},
	"STORAGE_LIMIT_EXCEEDED":   {http.StatusBadRequest, "storage limit exceeded"},
	"TOO_MANY_APEX_REQUESTS":   {http.StatusServiceUnavailable, "Unable to service request: too many requests."},
	"TXN_SECURITY_NO_ACCESS":   {http.StatusForbidden, "The operation is blocked by a transaction security policy."},
	"UNABLE_TO_LOCK_ROW":       {http.StatusBadRequest, "unable to obtain exclusive access to this record"},
	"UNKNOWN_EXCEPTION":        {http.StatusInternalServerError, "An unexpected error occurred. Please include this ErrorId if you contact support: 1234567890-12345 (-1234567890)"},
	"inactive_org":             {http.StatusBadRequest, "organization is inactive"},
	"inactive_user":            {http.StatusBadRequest, "user is inactive"},
	"invalid_app_access":       {http.StatusBadRequest, "user is not admin approved to access this app"},
	"invalid_client":           {http.StatusBadRequest, "invalid client credentials"},
	"invalid_client_id":        {http.StatusBadRequest, "client identifier invalid"},
	"invalid_grant":            {http.StatusBadRequest, "expired access/refresh token"},
	"rate_limit_exceeded":      {http.StatusBadRequest, "login rate exceeded"},
	"server_error":             {http.StatusInternalServerError, "An unexpected error occurred."},
	"temporarily_unavailable":  {http.StatusServiceUnavailable, "The authorization server is temporarily unavailable."},
	"unknown_error":            {http.StatusBadRequest, "retry your request"},
}

// presets are the faults that clients most often have to stand, by name.
var presets = map[string]Fault{
	"apiLimit":        {ErrorCode: "REQUEST_LIMIT_EXCEEDED"},
	"concurrentLimit": {ErrorCode: "REQUEST_LIMIT_EXCEEDED", Message: "ConcurrentPerOrgLongTxn Limit exceeded."},
	"unavailable":     {ErrorCode: "SERVER_UNAVAILABLE"},
	"unexpected":      {ErrorCode: "UNKNOWN_EXCEPTION"},
	"maintenance":     {Match: Match{Writes: true}, ErrorCode: "INSERT_UPDATE_DELETE_NOT_ALLOWED_DURING_MAINTENANCE"},
	"storageLimit":    {NoCreates: true, ErrorCode: "STORAGE_LIMIT_EXCEEDED"},
	"lockedRow":       {Match: Match{Writes: true}, RecordError: everyRecord, ErrorCode: "UNABLE_TO_LOCK_ROW"},
	"queryTimeout":    {Match: Match{Operation: "query"}, ErrorCode: "QUERY_TIMEOUT"},
	"staleLocator":    {Match: Match{Operation: "queryMore"}, ErrorCode: "INVALID_QUERY_LOCATOR"},
	"expiredSession":  {ExpireSession: true},
	"noRoute":         {Status: statusNoRoute},
	"edgeUnavailable": {Status: http.StatusServiceUnavailable, Body: "<html><head><title>Service Unavailable</title></head><body><h1>Service Unavailable</h1></body></html>"},
	"badGateway":      {Status: http.StatusBadGateway, Body: "<html><head><title>Bad Gateway</title></head><body><h1>Bad Gateway</h1></body></html>"},
	"uriTooLong":      {Status: http.StatusRequestURITooLong, Body: "<h1>Bad Message 414</h1><pre>reason: URI Too Long</pre>"},
	"headersTooLarge": {Status: http.StatusRequestHeaderFieldsTooLarge, Body: "<h1>Bad Message 431</h1><pre>reason: Request Header Fields Too Large</pre>"},
	"tokenBusy":       {Match: Match{Operation: "token"}, ErrorCode: "invalid_grant", Message: "token request is already being processed"},
	"revokedGrant":    {Match: Match{Operation: "token"}, ErrorCode: "invalid_grant"},
	"loginRate":       {Match: Match{Operation: "token"}, ErrorCode: "rate_limit_exceeded"},
	"halfAnswer":      {Drop: DropHalf},
	"lostAnswer":      {Match: Match{Writes: true}, Drop: DropAfter},
}

// Preset returns a ready-made fault by name, to be armed as it is or with a match
// of one's own; false means that there is none.
func Preset(name string) (Fault, bool) {
	f, ok := presets[name]
	return f, ok
}

// PresetNames lists the names of the ready-made faults in alphabetical order.
func PresetNames() []string { return slices.Sorted(maps.Keys(presets)) }
