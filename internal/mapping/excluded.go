package mapping

import (
	"strings"

	"conversion"
)

// bookkeeping are the standard fields that never become variables, each with the reason
// (spec 3.4). CreatedDate is not among them: when a lead came is a fact people sort by.
var bookkeeping = map[string]string{
	"Id":                 "a link's name, not a value",
	"IsDeleted":          "a link's state",
	"MasterRecordId":     "a link's state",
	"SystemModstamp":     "moves with every change",
	"CreatedById":        "Salesforce's own record of who; a change's author is in the timeline",
	"LastModifiedDate":   "moves with every change",
	"LastModifiedById":   "moves with every change",
	"LastViewedDate":     "about the connected user, not the record",
	"LastReferencedDate": "about the connected user, not the record",
	"LastActivityDate":   "derived from activities, and moves unseen by SystemModstamp",
	"LastCURequestDate":  "a retired feature (Stay-in-Touch)",
	"LastCUUpdateDate":   "a retired feature (Stay-in-Touch)",
	"PhotoUrl":           "a path that only a signed-in browser can open",

	"IsConverted":            "a link's state",
	"ConvertedDate":          "a link's state",
	"ConvertedAccountId":     "a link's state",
	"ConvertedContactId":     "a link's state",
	"ConvertedOpportunityId": "a link's state",
	"IsPersonAccount":        "what sort of record it is (spec 3.13)",
	"PersonContactId":        "what sort of record it is (spec 3.13)",

	conversion.ExternalIDField: "for whom we made the record",

	"Jigsaw":          "a retired feature (Data.com)",
	"JigsawCompanyId": "a retired feature (Data.com)",
	"JigsawContactId": "a retired feature (Data.com)",
	"CleanStatus":     "a retired feature (Data.com)",
	"DandbCompanyId":  "a retired feature (Data.com)",
}

// separate are the standard fields that are of one name on Lead and Contact, and yet not
// the same: the values of one are not values of the other.
var separate = map[string]string{
	"RecordTypeId": "record types belong to one object",
}

// excluded reports whether the field of the object never becomes a variable.
func excluded(object conversion.ObjectDef, f conversion.Field) bool {
	switch {
	case !f.Scalar() || bookkeeping[f.Name] != "":
		return true
	case strings.HasSuffix(f.Name, "GeocodeAccuracy"):
		return true // Salesforce's note on the latitude beside it
	case object.Object == conversion.Account:
		return aboutPerson(object, f)
	}
	return f.Name == "Name" // of a person: made up of the names beside it
}

// aboutPerson reports whether an Account's field is about the person that a person
// account is: those are people, not companies (spec 3.13).
func aboutPerson(object conversion.ObjectDef, f conversion.Field) bool {
	if !has(object, "IsPersonAccount") {
		return false
	}
	switch f.Name {
	case "Salutation", "FirstName", "MiddleName", "LastName", "Suffix":
		return true
	}
	return strings.HasSuffix(f.Name, "__pc") || !f.Custom && strings.HasPrefix(f.Name, "Person")
}

func has(object conversion.ObjectDef, name string) bool {
	for _, f := range object.Fields {
		if f.Name == name {
			return true
		}
	}
	return false
}
