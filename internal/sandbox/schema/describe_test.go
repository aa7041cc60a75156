package schema

import (
	"encoding/json"
	"fmt"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// recordedDescribes are answers of real orgs, beside the module.
const recordedDescribes = "../../../../shared/fixtures/salesforce/describe"

// recordedField is what a recorded describe says of a field, as far as it is
// compared.
type recordedField struct {
	Name               string
	Custom             bool
	Type               Type
	Length             int
	Precision          int
	Scale              int
	Digits             int
	Nillable           bool
	Createable         bool
	Updateable         bool
	DefaultedOnCreate  bool
	RestrictedPicklist bool
	Filterable         bool
	Sortable           bool
	Groupable          bool
	Permissionable     bool
	NameField          bool
	IDLookup           bool `json:"idLookup"`
	ReferenceTo        []string
	RelationshipName   string
	CompoundFieldName  string
	ExtraTypeInfo      string
}

// absent are recorded standard fields that our org does not have: they come
// with features that it has not, or say nothing about people, companies and
// what happened to them.
var absent = map[string]string{
	"*.IndividualId":                            "Data Protection and Privacy feature",
	"*.RecordTypeId":                            "needs record types",
	"*.DandbCompanyId":                          "Data.com company object",
	"Account.IsPartner":                         "partner portal",
	"Account.IsCustomerPortal":                  "customer portal",
	"Account.ChannelProgramName":                "partner channel programs",
	"Account.ChannelProgramLevelName":           "partner channel programs",
	"Account.OperatingHoursId":                  "Field Service",
	"Opportunity.LastAmountChangedHistoryId":    "the org keeps no opportunity history object",
	"Opportunity.LastCloseDateChangedHistoryId": "the org keeps no opportunity history object",
	"User.UserPermissions*":                     "licence switches",
	"User.UserPreferences*":                     "a user's own screen settings",
	"User.EmailPreferences*":                    "a user's own mail settings",
	"User.StayInTouch*":                         "Stay-in-Touch texts",
	"User.Offline*ExpirationDate":               "offline editions",
	"User.ContactId":                            "portal users",
	"User.AccountId":                            "portal users",
	"User.CallCenterId":                         "call centres",
}

// different are the properties in which our org differs on purpose.
var different = map[string]string{
	"Event.WhatId.referenceTo":                 "the org has only some of the objects an event can be about",
	"Account.Name.compoundFieldName":           "recorded with person accounts, which our org has not",
	"User.CommunityNickname.defaultedOnCreate": "our org does without",
	"User.ProfileId.defaultedOnCreate":         "our org has no profiles",
	"Account.Name.extraTypeInfo":               "recorded with person accounts, which our org has not",
}

func TestSchemasAgreeWithRecordedDescribes(t *testing.T) {
	t.Parallel()
	if _, err := os.Stat(recordedDescribes); err != nil {
		t.Log("no recorded describes beside the module: nothing to compare with")
		return
	}
	for _, name := range []string{"Account", "Contact", "Event", "Lead", "Opportunity", "User"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			compareObject(t, Standard()[name], readRecorded(t, name))
		})
	}
}

func readRecorded(t *testing.T, name string) []recordedField {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(recordedDescribes, name+".json"))
	if err != nil {
		t.Fatal(err)
	}
	var recorded struct{ Fields []recordedField }
	if err := json.Unmarshal(text, &recorded); err != nil {
		t.Fatal(err)
	}
	return recorded.Fields
}

func compareObject(t *testing.T, ours *Object, recorded []recordedField) {
	t.Helper()
	for _, want := range recorded {
		if want.Custom || strings.HasSuffix(want.Name, "__c") {
			continue
		}
		got, ok := ours.Field(want.Name)
		if !ok {
			if !isAbsent(ours.Name + "." + want.Name) {
				t.Errorf("%s lacks the field %s", ours.Name, want.Name)
			}
			continue
		}
		compareField(t, ours.Name, *got, want)
	}
}

func isAbsent(field string) bool {
	for pattern := range absent {
		if matched, err := path.Match(pattern, field); err == nil && matched {
			return true
		}
	}
	return false
}

func compareField(t *testing.T, object string, got Field, want recordedField) {
	t.Helper()
	sort := func(names []string) string {
		return strings.Join(slices.Sorted(slices.Values(names)), ",")
	}
	properties := []struct {
		name      string
		got, want any
	}{
		{"name", got.Name, want.Name},
		{"type", got.Type, want.Type},
		{"length", got.Length, want.Length},
		{"precision", got.Precision, want.Precision},
		{"scale", got.Scale, want.Scale},
		{"digits", got.Digits, want.Digits},
		{"nillable", got.Nillable, want.Nillable},
		{"createable", got.Createable, want.Createable},
		{"updateable", got.Updateable, want.Updateable},
		{"defaultedOnCreate", got.DefaultedOnCreate, want.DefaultedOnCreate},
		{"restrictedPicklist", got.RestrictedPicklist, want.RestrictedPicklist},
		{"filterable", got.Filterable, want.Filterable},
		{"sortable", got.Sortable, want.Sortable},
		{"groupable", got.Groupable, want.Groupable},
		{"permissionable", got.Permissionable, want.Permissionable},
		{"nameField", got.NameField, want.NameField},
		{"idLookup", got.IDLookup, want.IDLookup},
		{"referenceTo", sort(got.ReferenceTo), sort(want.ReferenceTo)},
		{"relationshipName", got.RelationshipName, want.RelationshipName},
		{"compoundFieldName", got.CompoundFieldName, want.CompoundFieldName},
		{"extraTypeInfo", got.ExtraTypeInfo, want.ExtraTypeInfo},
	}
	for _, p := range properties {
		key := fmt.Sprintf("%s.%s.%s", object, want.Name, p.name)
		if _, known := different[key]; p.got != p.want && !known {
			t.Errorf("%s is %v, recorded %v", key, p.got, p.want)
		}
	}
}
