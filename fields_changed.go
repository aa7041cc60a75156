package conversion

import "strings"

// FieldsChangedError reports that Salesforce no longer knows fields that were asked for:
// they were deleted or hidden since the object was described. Describe it again.
type FieldsChangedError struct {
	Object Object
	Fields []string // API names; may be empty when Salesforce did not say
	Err    error
}

// Error implements error.
func (e *FieldsChangedError) Error() string {
	return "fields of " + string(e.Object) + " changed: " + strings.Join(e.Fields, ", ")
}

// Unwrap returns Salesforce's refusal.
func (e *FieldsChangedError) Unwrap() error { return e.Err }
