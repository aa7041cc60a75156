package sandbox

import "strings"

// saveOptions are what a client says by headers about the rules of its saves. The
// zero value is for saves of which nobody says anything: no assignment rule
// applies.
type saveOptions struct {
	// duplicates overrides duplicate rules that only warn.
	duplicates bool
	// details shows all fields of the duplicates that a rule found.
	details bool
	// asUser lets duplicate rules find only what the user sees.
	asUser bool
	assign autoAssign
}

// saveOptions reads what the client says about the rules of its saves.
func (c *call) saveOptions() saveOptions {
	if c.soap != nil {
		return c.soapOptions()
	}
	duplicates := c.request.Header.Get("Sforce-Duplicate-Rule-Header")
	return saveOptions{
		duplicates: isTrue(option(duplicates, ";", "allowSave")),
		details:    isTrue(option(duplicates, ";", "includeRecordDetails")),
		asUser:     isTrue(option(duplicates, ";", "runAsCurrentUser")),
		assign:     autoAssignOf(c.request.Header.Get("Sforce-Auto-Assign")),
	}
}

// soapOptions: unlike in the REST API, without a header no assignment rule applies.
func (c *call) soapOptions() saveOptions {
	duplicates, assignment := c.soap.Header("DuplicateRuleHeader"), c.soap.Header("AssignmentRuleHeader")
	options := saveOptions{duplicates: duplicates.Flag("allowSave"), asUser: duplicates.Flag("runAsCurrentUser")}
	options.assign = autoAssign(assignment.Value("assignmentRuleId"))
	if assignment.Flag("useDefaultRule") {
		options.assign = activeRule
	}
	return options
}

// autoAssignOf reads the header Sforce-Auto-Assign; without it the active rule
// applies.
func autoAssignOf(header string) autoAssign {
	switch {
	case header == "" || strings.EqualFold(header, "true"):
		return activeRule
	case strings.EqualFold(header, "false"):
		return ""
	}
	return autoAssign(header)
}
