package sandbox

import (
	"reflect"
	"slices"
	"strings"
)

// checkFault refuses a fault that could never strike or that would do nothing.
func (o *Org) checkFault(sent sentFault, f Fault) *Error {
	switch {
	case f.Match.Operation != "" && !isOperation(f.Match.Operation):
		return refusal("JSON_PARSER_ERROR", "there is no operation "+f.Match.Operation)
	case f.Match.Object != "" && !o.hasObject(f.Match.Object):
		return refusal("JSON_PARSER_ERROR", "the org has no object "+f.Match.Object)
	case f.Match.User != "" && o.User(f.Match.User).id == "":
		return refusal("JSON_PARSER_ERROR", "the org has no user "+f.Match.User)
	case f.Nth < 0 || f.Times < -1 || f.RecordError < everyRecord || f.Delay < 0 || f.CommitAfter < 0:
		return refusal("JSON_PARSER_ERROR", "nth, times, record, delay or commitAfter is too low")
	case sent.ContentType != "" && sent.Body == "", sent.Answer && f.CommitAfter == 0, f.RecordError != 0 && f.ErrorCode == "", f.NoCreates && f.ErrorCode == "":
		return refusal("JSON_PARSER_ERROR", "contentType goes with body, answer with commitAfter, record and noCreates with errorCode")
	case sent.Edit != nil:
		return o.checkEdit(*sent.Edit, sent.AfterRead)
	}
	idle := Fault{Match: f.Match, Nth: f.Nth, Times: f.Times, Also: f.Also, AfterRead: f.AfterRead}
	if reflect.DeepEqual(f, idle) {
		return refusal("JSON_PARSER_ERROR", "the fault has no effect")
	}
	return nil
}

func (o *Org) checkEdit(e sentEdit, afterRead string) *Error {
	switch {
	case e.ID == "" && afterRead == "":
		return refusal("JSON_PARSER_ERROR", "an edit needs the id of a record")
	case len(e.Fields) == 0:
		return refusal("JSON_PARSER_ERROR", "an edit needs fields")
	case e.As != "" && o.User(e.As).id == "":
		return refusal("JSON_PARSER_ERROR", "the org has no user "+e.As)
	}
	return nil
}

func (o *Org) hasObject(name string) bool {
	defer o.view()()
	_, ok := o.object(name)
	return ok
}

// isOperation says whether some request is logged under a name.
func isOperation(name string) bool {
	for _, e := range slices.Concat(allDataEndpoints, oauthEndpoints) {
		if strings.EqualFold(e.operation, name) {
			return true
		}
	}
	for call := range soapOperations {
		if strings.EqualFold(call, name) {
			return true
		}
	}
	return strings.EqualFold(name, "soap")
}
