package engine_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"conversion"
	"conversion/internal/directory"
	"conversion/internal/sandbox"
	"conversion/internal/sandbox/schema"
	"conversion/internal/testkit"
)

// linkedLead is a world with one lead that both sides know, and all updates allowed.
func linkedLead(t *testing.T, database string) (w *world, lead, contact string) {
	t.Helper()
	w = newWorld(t, database)
	lead = w.insert("Lead", map[string]any{"LastName": "Doe", "Company": "Acme", "Email": "jo@acme.example"})
	w.sync()
	w.rules(updateAll)
	w.later(time.Minute)
	return w, lead, w.contact("jo@acme.example").ID
}

// held returns what is held, as "code object.field".
func (w *world) held() (rows []string) {
	w.t.Helper()
	found, _, err := w.books.Held(w.t.Context(), conversion.HeldFilter{Limit: 100})
	if err != nil {
		w.t.Fatal(err)
	}
	for _, h := range found {
		rows = append(rows, conversion.Cause(h.Code, h.Ref.Object, h.Field))
	}
	slices.Sort(rows)
	return rows
}

func (w *world) wantHeld(want ...string) {
	w.t.Helper()
	if got := w.held(); !slices.Equal(got, want) {
		w.t.Fatalf("held %q, want %q", got, want)
	}
}

// tier is a picklist of the org's with the values, in the place of the one before.
func (w *world) tier(values ...string) {
	w.t.Helper()
	f := schema.Field{Name: "Tier__c", Label: "Tier", Type: schema.Picklist, RestrictedPicklist: true, Nillable: true, Createable: true, Updateable: true}
	for _, v := range values {
		f.Picklist = append(f.Picklist, schema.PicklistValue{Value: v, Label: v, Active: true})
	}
	_ = w.org.RemoveField("Lead", "Tier__c")
	if err := w.org.AddField("Lead", f); err != nil {
		w.t.Fatal(err)
	}
}

func TestARefusedFieldIsHeldAndTheRestGoesAtOnce(t *testing.T) {
	t.Parallel()
	testkit.Databases(t, func(t *testing.T, database string) {
		w := newWorld(t, database)
		w.tier("Gold", "Silver")
		lead := w.insert("Lead", map[string]any{"LastName": "Doe", "Company": "Acme", "Email": "jo@acme.example"})
		w.sync()
		w.rules(updateAll)
		w.later(time.Minute)
		w.tier("Silver")
		w.edit(w.contact("jo@acme.example").ID, map[string]any{"Tier__c": "Gold", "job_title": "Head"})
		w.push()
		w.wantHeld("INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST:Lead.Tier__c")
		if got := w.field(lead, "Title"); got != "Head" {
			t.Fatalf("the title is %v: the rest did not go at once", got)
		}
		writes := w.org.Writes()
		w.later(20 * time.Minute)
		w.sync() // describes the picklist without the value: trying it again is in vain
		w.wantHeld("INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST:Lead.Tier__c")
		if n := w.org.Writes() - writes; n != 0 {
			t.Fatalf("%d writes while nothing changed", n)
		}
		w.tier("Silver", "Gold")
		w.later(61 * time.Minute)
		w.sync()
		w.push()
		w.wantHeld()
		if got := w.field(lead, "Tier__c"); got != "Gold" {
			t.Fatalf("the tier is %v once the picklist offers it", got)
		}
	})
}

func TestAPersonsRetryGoesAtOnce(t *testing.T) {
	t.Parallel()
	for name, choice := range map[string]func(conversion.Held) conversion.HeldFilter{
		"one":     func(h conversion.Held) conversion.HeldFilter { return conversion.HeldFilter{IDs: []string{h.ID}} },
		"a group": func(h conversion.Held) conversion.HeldFilter { return conversion.HeldFilter{Cause: h.Cause} },
		"all":     func(conversion.Held) conversion.HeldFilter { return conversion.HeldFilter{} },
	} {
		w, lead, contact := linkedLead(t, testkit.SQLite(t))
		rule := sandbox.ValidationRule{Object: "Lead", Name: "No_phone", Formula: "NOT(ISBLANK(Phone))", Message: "No phones.", Field: "Phone", Active: true}
		if err := w.org.AddValidationRule(rule); err != nil {
			t.Fatal(err)
		}
		w.edit(contact, map[string]any{"phone": "555-0100", "job_title": "Head"})
		w.push()
		w.wantHeld("FIELD_CUSTOM_VALIDATION_EXCEPTION:Lead.Phone")
		if err := w.org.RemoveValidationRule("Lead", "No_phone"); err != nil {
			t.Fatal(err)
		}
		rows, _, err := w.books.Held(t.Context(), conversion.HeldFilter{Limit: 10})
		if err != nil {
			t.Fatal(err)
		}
		w.later(time.Minute)
		n, err := w.directory.RetryHeld(t.Context(), workspace, choice(rows[0]), user)
		if err != nil || n != 1 {
			t.Fatalf("%s: retried %d, %v", name, n, err)
		}
		if rows, _, _ = w.books.Held(t.Context(), conversion.HeldFilter{Limit: 10}); rows[0].Retry != w.now() {
			t.Fatalf("%s: the row says %v", name, rows[0].Retry)
		}
		w.push()
		w.wantHeld()
		if got := w.field(lead, "Phone"); got != "555-0100" {
			t.Fatalf("%s: the phone is %v", name, got)
		}
	}
}

func TestANewerSalesforceValueSupersedesAHeldOne(t *testing.T) {
	t.Parallel()
	w, lead, contact := linkedLead(t, testkit.SQLite(t))
	w.org.Fault(sandbox.Fault{Match: sandbox.Match{Operation: "update"}, RecordError: 1, ErrorCode: "DUPLICATE_VALUE",
		Message: "duplicate value found: Phone duplicates value on record with id: 00Q000000000001"})
	w.edit(contact, map[string]any{"phone": "555-0100"})
	w.push()
	w.wantHeld("DUPLICATE_VALUE:Lead.Phone")
	w.later(time.Minute)
	w.update(lead, map[string]any{"Phone": "555-0199"})
	writes := w.org.Writes()
	w.sync()
	w.push()
	w.wantHeld()
	if got := value(w.contact("jo@acme.example"), "phone"); got != "555-0199" || w.org.Writes() != writes {
		t.Fatalf("the phone is %q after %d more writes", got, w.org.Writes()-writes)
	}
}

func TestARefusedFieldOfANewRecordIsLeftOutAndHeldOnceItIsThere(t *testing.T) {
	t.Parallel()
	w := newWorld(t, testkit.SQLite(t))
	w.sync()
	w.rules(func(r *conversion.Rules) { // creating alone is allowed: what was left out goes by that
		r.ContactsCreated = conversion.TargetLeads
		r.Defaults = map[string]string{"Lead.Company": "Unknown"}
	})
	rule := sandbox.ValidationRule{Object: "Lead", Name: "No_phone", Formula: "NOT(ISBLANK(Phone))", Message: "No phones.", Field: "Phone", Active: true}
	if err := w.org.AddValidationRule(rule); err != nil {
		t.Fatal(err)
	}
	w.create(directory.Draft{Key: "jo@acme.example", Values: map[string]any{"last_name": "Doe", "phone": "555-0100", "job_title": "Head"}})
	w.push()
	jo := w.contact("jo@acme.example")
	if len(jo.Links) != 1 {
		t.Fatalf("links %+v, want the lead without the phone", jo.Links)
	}
	id := jo.Links[0].Ref.ID
	w.wantHeld("FIELD_CUSTOM_VALIDATION_EXCEPTION:Lead.Phone")
	if got := w.field(id, "Title"); got != "Head" {
		t.Fatalf("the title is %v", got)
	}
	if err := w.org.RemoveValidationRule("Lead", "No_phone"); err != nil {
		t.Fatal(err)
	}
	w.later(2 * time.Hour)
	w.push()
	w.wantHeld()
	if got := w.field(id, "Phone"); got != "555-0100" {
		t.Fatalf("the phone is %v: what was held is lost", got)
	}
}

func TestANewRecordIsHeldAsAWhole(t *testing.T) {
	t.Parallel()
	for because, refusal := range map[string]string{
		"a required field is refused":      "LastName",
		"an admin's default is refused":    "Industry",
		"the e-mail is refused":            "Email",
		"no field is named by the refusal": "",
	} {
		w := newWorld(t, testkit.SQLite(t))
		w.sync()
		w.rules(func(r *conversion.Rules) {
			r.ContactsCreated = conversion.TargetLeads
			r.Defaults = map[string]string{"Lead.Company": "Unknown", "Lead.Industry": "Banking"}
		})
		rule := sandbox.ValidationRule{Object: "Lead", Name: "Never", Formula: "NOT(ISBLANK(LastName))", Message: "No.", Field: refusal, Active: true}
		if err := w.org.AddValidationRule(rule); err != nil {
			t.Fatal(err)
		}
		w.create(directory.Draft{Key: "jo@acme.example", Values: map[string]any{"last_name": "Doe", "job_title": "Head"}})
		w.push()
		w.wantHeld(conversion.Cause("FIELD_CUSTOM_VALIDATION_EXCEPTION", conversion.Lead, refusal))
		requests := w.org.Writes()
		w.later(time.Minute)
		w.push()
		if n := w.org.Writes() - requests; n != 0 {
			t.Fatalf("%s: %d writes at once again", because, n)
		}
		if err := w.org.RemoveValidationRule("Lead", "Never"); err != nil {
			t.Fatal(err)
		}
		w.edit(w.contact("jo@acme.example").ID, map[string]any{"job_title": "Boss"})
		w.push()
		w.wantHeld()
		if links := w.contact("jo@acme.example").Links; len(links) != 1 {
			t.Fatalf("%s: links %+v once something was edited", because, links)
		}
	}
}

func TestARefusedRecordDoesNotHoldItsSibling(t *testing.T) {
	t.Parallel()
	w := newWorld(t, testkit.SQLite(t))
	w.insert("Lead", map[string]any{"LastName": "Doe", "Company": "Acme", "Email": "jo@acme.example"})
	sibling := w.insert("Contact", map[string]any{"LastName": "Doe", "Email": "jo@acme.example"})
	w.sync()
	w.rules(updateAll)
	w.later(time.Minute)
	w.org.Fault(sandbox.Fault{Match: sandbox.Match{Operation: "update", Object: "Lead"}, RecordError: 1, ErrorCode: "ENTITY_IS_LOCKED", Times: -1})
	id := w.contact("jo@acme.example").ID
	for _, title := range []string{"First", "Second"} {
		w.later(time.Minute)
		w.edit(id, map[string]any{"job_title": title})
		w.push()
		w.wantHeld("ENTITY_IS_LOCKED:Lead")
		if got := w.field(sibling, "Title"); got != title {
			t.Fatalf("the Contact's title is %v, want %s", got, title)
		}
	}
}

func TestTheStateIsHeldWithItsCountry(t *testing.T) {
	t.Parallel()
	w, lead, contact := linkedLead(t, testkit.SQLite(t))
	rule := sandbox.ValidationRule{Object: "Lead", Name: "Real_states", Formula: `State = "Atlantis"`, Message: "No such state.", Field: "State", Active: true}
	if err := w.org.AddValidationRule(rule); err != nil {
		t.Fatal(err)
	}
	w.edit(contact, map[string]any{"state": "Atlantis", "country": "Utopia", "city": "Poseidonis"})
	w.push()
	w.wantHeld("FIELD_CUSTOM_VALIDATION_EXCEPTION:Lead.Country", "FIELD_CUSTOM_VALIDATION_EXCEPTION:Lead.State")
	if city, country := w.field(lead, "City"), w.field(lead, "Country"); city != "Poseidonis" || country != nil {
		t.Fatalf("the city is %v, the country %v", city, country)
	}
	groups, _, err := w.books.HeldGroups(t.Context(), "", 10)
	if err != nil || len(groups) != 1 || groups[0].Field != "State" || groups[0].Count != 2 {
		t.Fatalf("groups %+v, %v: want one, that of the state", groups, err)
	}
	w.later(time.Minute)
	w.edit(contact, map[string]any{"state": "Ohio"})
	w.push()
	w.wantHeld()
	if state, country := w.field(lead, "State"), w.field(lead, "Country"); state != "Ohio" || country != "Utopia" {
		t.Fatalf("the state is %v, the country %v", state, country)
	}
}

func TestAFieldThatAnAutomationKeepsRewritingIsHeldAndSaysWho(t *testing.T) {
	t.Parallel()
	w, lead, contact := linkedLead(t, testkit.SQLite(t))
	for i := range conversion.RewriteLimit + 1 {
		w.later(time.Hour)
		w.edit(contact, map[string]any{"job_title": fmt.Sprint("ours ", i)})
		w.push()
		w.later(time.Minute)
		w.update(lead, map[string]any{"Title": "theirs"})
		w.sync()
	}
	w.later(time.Minute)
	w.edit(contact, map[string]any{"job_title": "ours again", "phone": "555-0100"})
	w.push()
	w.wantHeld("OSCILLATION:Lead.Title")
	if title, phone := w.field(lead, "Title"), w.field(lead, "Phone"); title != "theirs" || phone != "555-0100" {
		t.Fatalf("the title is %v, the phone %v", title, phone)
	}
	rows, _, err := w.books.Held(t.Context(), conversion.HeldFilter{Limit: 10})
	if err != nil || rows[0].UserID != w.sales.ID() || rows[0].UserName == "" {
		t.Fatalf("held %+v, %v: want who keeps changing it", rows, err)
	}
}

// When a refusal is tried again at first, a fifth more or less.
const (
	soon  = 15 * time.Second
	later = time.Hour
)

// TestEveryErrorOfSalesforceIsClassified goes through the reference's table of errors: for
// each code who can end it, what is held, and when it is tried again.
func TestEveryErrorOfSalesforceIsClassified(t *testing.T) {
	t.Parallel()
	const itself, there, here = conversion.FixItself, conversion.FixSalesforce, conversion.FixConversion
	w, lead, contact := linkedLead(t, testkit.SQLite(t))
	i := 0
	for _, test := range []struct {
		code, message string
		fix           conversion.Fix
		field         string // that is held; "": the record
		again         time.Duration
	}{
		{"INVALID_SESSION_ID", "", there, "", later},
		{"API_DISABLED_FOR_ORG", "", there, "", later},
		{"API_CURRENTLY_DISABLED", "", there, "", later},
		{"REQUEST_LIMIT_EXCEEDED", "", itself, "", soon},
		{"REQUEST_LIMIT_EXCEEDED", "ConcurrentPerOrgLongTxn Limit exceeded.", itself, "", soon},
		{"SERVER_UNAVAILABLE", "", itself, "", soon},
		{"ORG_IN_MAINTENANCE", "", itself, "", soon},
		{"INSERT_UPDATE_DELETE_NOT_ALLOWED_DURING_MAINTENANCE", "", itself, "", soon},
		{"FUNCTIONALITY_TEMPORARILY_UNAVAILABLE", "", itself, "", soon},
		{"UNABLE_TO_LOCK_ROW", "", itself, "", soon},
		{"QUERY_TIMEOUT", "", itself, "", soon},
		{"REQUEST_RUNNING_TOO_LONG", "", itself, "", soon},
		{"TXN_SECURITY_METERING_ERROR", "", there, "", later},
		{"TXN_SECURITY_RUNTIME_ERROR", "", there, "", later},
		{"TXN_SECURITY_FAIL_CLOSE", "", there, "", later},
		{"TXN_SECURITY_NO_ACCESS", "", there, "", later},
		{"TXN_SECURITY_END_A_SESSION", "", there, "", later},
		{"TXN_SECURITY_TWO_FA_REQUIRED", "", there, "", later},
		{"TOO_MANY_APEX_REQUESTS", "", itself, "", soon},
		{"UNKNOWN_EXCEPTION", "", itself, "", soon},
		{"INTERNAL_ERROR", "", itself, "", soon},
		{"INVALID_QUERY_LOCATOR", "", itself, "", soon},
		{"MALFORMED_QUERY", "", here, "", later},
		{"INVALID_FIELD", "No such column 'Title' on sobject of type Lead", there, "Title", later},
		{"INVALID_TYPE", "", here, "", later},
		{"INVALID_TYPE_FOR_OPERATION", "", here, "", later},
		{"QUERY_TOO_COMPLICATED", "", here, "", later},
		{"NUMBER_OUTSIDE_VALID_RANGE", "", here, "", later},
		{"EXTERNAL_OBJECT_UNSUPPORTED_EXCEPTION", "", here, "", later},
		{"MALFORMED_ID", "", here, "", later},
		{"INVALID_CROSS_REFERENCE_KEY", "", there, "", later},
		{"INSUFFICIENT_ACCESS_OR_READONLY", "", there, "", later},
		{"INSUFFICIENT_ACCESS_ON_CROSS_REFERENCE_ENTITY", "", there, "", later},
		{"INSUFFICIENT_ACCESS", "", there, "", later},
		{"CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY", "", there, "", later},
		{"CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY", "LeadTrigger: execution of BeforeUpdate caused by: UNABLE_TO_LOCK_ROW", itself, "", soon},
		{"CANNOT_EXECUTE_FLOW_TRIGGER", "", there, "", later},
		{"FIELD_CUSTOM_VALIDATION_EXCEPTION", "", there, "", later},
		{"FIELD_INTEGRITY_EXCEPTION", "", here, "", later},
		{"FIELD_FILTER_VALIDATION_EXCEPTION", "", there, "", later},
		{"REQUIRED_FIELD_MISSING", "Required fields are missing: [Industry]", here, "Industry", later},
		{"INVALID_FIELD_FOR_INSERT_UPDATE", "Unable to create/update fields: Title. Please check the security settings of this field.", there, "Title", later},
		{"INVALID_FIELD_WHEN_USING_TEMPLATE", "", here, "", later},
		{"FIELD_NOT_UPDATABLE", "", there, "", later},
		{"INVALID_TYPE_ON_FIELD_IN_RECORD", "", here, "", later},
		{"JSON_PARSER_ERROR", "", here, "", later},
		{"STRING_TOO_LONG", "", here, "", later},
		{"INVALID_EMAIL_ADDRESS", "", here, "", later},
		{"INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST", "bad value for restricted picklist field: Title", here, "Title", later},
		{"DUPLICATES_DETECTED", "", there, "", later},
		{"DUPLICATE_VALUE", "duplicate value found: Title duplicates value on record with id: 00Q000000000001", there, "Title", later},
		{"DUPLICATE_EXTERNAL_ID", "", there, "", later},
		{"DELETE_FAILED", "", there, "", later},
		{"DEPENDENCY_EXISTS", "", there, "", later},
		{"ENTITY_IS_LOCKED", "", there, "", later},
		{"STORAGE_LIMIT_EXCEEDED", "", there, "", later},
		{"LIMIT_EXCEEDED", "", itself, "", soon},
		{"EXCEEDED_ID_LIMIT", "", here, "", later},
		{"EXCEEDED_QUOTA", "", itself, "", soon},
		{"INACTIVE_OWNER_OR_USER", "", there, "", later},
		{"INVALID_ASSIGNMENT_RULE", "", there, "", later},
		{"UNAVAILABLE_RECORDTYPE_EXCEPTION", "", there, "", later},
		{"INVALID_PERSON_ACCOUNT_OPERATION", "", there, "", later},
		{"MERGE_FAILED", "", there, "", later},
		{"UNDELETE_FAILED", "", there, "", later},
		{"MIXED_DML_OPERATION", "", there, "", later},
		{"CUSTOM_APEX_ERROR", "", there, "", later},
		{"ALL_OR_NONE_OPERATION_ROLLED_BACK", "", itself, "", soon},
		{"PROCESSING_HALTED", "", itself, "", soon},
		{"BATCH_PROCESSING_HALTED", "", itself, "", soon},
		{"MISSING_ARGUMENT", "", here, "", later},
		{"INVALID_ARGUMENT_TYPE", "", here, "", later},
		{"ILLEGAL_QUERY_PARAMETER_VALUE", "", here, "", later},
		{"UNSUPPORTED_MEDIA_TYPE", "", here, "", later},
		{"METHOD_NOT_ALLOWED", "", here, "", later},
		{"A_CODE_OF_TOMORROW", "", there, "", later},
	} {
		name := strings.TrimSpace(test.code + " " + test.message)
		title := fmt.Sprint("Head ", i)
		i++
		w.org.Fault(sandbox.Fault{Match: sandbox.Match{Operation: "update"}, RecordError: 1, ErrorCode: test.code, Message: test.message})
		w.edit(contact, map[string]any{"job_title": title, "phone": title})
		w.push()
		holds := w.linkOf(contact).Holds
		if len(holds) != 1 {
			t.Fatalf("%s: holds %+v, want one", name, holds)
		}
		h := holds[0]
		if h.Code != test.code || h.Fix != test.fix || h.Field != test.field || h.Whole() != (test.field != "Title") || h.Message == "" || h.Hint == "" {
			t.Errorf("%s: held as %+v", name, h)
		}
		if got := h.Retry.Sub(w.now()); got < test.again*4/5 || got > test.again*6/5 {
			t.Errorf("%s: tried again after %v, want about %v", name, got, test.again)
		}
		if told := len(w.held()) == 1; told != (test.fix != itself) {
			t.Errorf("%s: told %v", name, told)
		}
		if phone := w.field(lead, "Phone"); (phone == title) != !h.Whole() {
			t.Errorf("%s: the phone is %v", name, phone)
		}
		w.later(test.again * 6 / 5)
		w.push()
		if got := w.field(lead, "Title"); got != title || len(w.held()) > 0 {
			t.Errorf("%s: the title is %v after it was tried again, held %q", name, got, w.held())
		}
	}
}

// linkOf returns the one link of an entity as it is stored.
func (w *world) linkOf(entityID string) *conversion.Link {
	w.t.Helper()
	groups, err := w.books.Groups(w.t.Context(), conversion.GroupQuery{Kind: conversion.KindContact, IDs: []string{entityID}})
	if err != nil || len(groups) != 1 || len(groups[0].Links) != 1 {
		w.t.Fatalf("groups %+v, %v", groups, err)
	}
	return groups[0].Links[0]
}

// TestRecordsThatAreGoneAreNotHeld: ENTITY_IS_DELETED, NOT_FOUND and
// CANNOT_UPDATE_CONVERTED_LEAD end the link instead.
func TestRecordsThatAreGoneAreNotHeld(t *testing.T) {
	t.Parallel()
	for _, code := range []string{"ENTITY_IS_DELETED", "NOT_FOUND", "CANNOT_UPDATE_CONVERTED_LEAD"} {
		w, _, contact := linkedLead(t, testkit.SQLite(t))
		w.org.Fault(sandbox.Fault{Match: sandbox.Match{Operation: "update"}, RecordError: 1, ErrorCode: code})
		w.edit(contact, map[string]any{"job_title": "Head"})
		w.push()
		if link := w.linkOf(contact); len(link.Holds) > 0 || len(w.held()) > 0 {
			t.Fatalf("%s: held %+v", code, link.Holds)
		}
	}
}

func TestAStopBetweenARefusalAndItsRetryLosesNothing(t *testing.T) {
	t.Parallel()
	stop := errors.New("stop")
	for at := 1; at <= 10; at++ {
		w, lead, contact := linkedLead(t, testkit.SQLite(t))
		rule := sandbox.ValidationRule{Object: "Lead", Name: "No_phone", Formula: "NOT(ISBLANK(Phone))", Message: "No phones.", Field: "Phone", Active: true}
		if err := w.org.AddValidationRule(rule); err != nil {
			t.Fatal(err)
		}
		w.edit(contact, map[string]any{"phone": "555-0100", "job_title": "Head"})
		steps := 0
		w.step = func(string) error {
			if steps++; steps == at {
				return stop
			}
			return nil
		}
		if err := w.engine.Push(t.Context(), workspace); err != nil && !errors.Is(err, stop) {
			t.Fatal(err)
		}
		w.step = nil
		w.later(11 * time.Minute)
		w.push()
		if got := w.field(lead, "Title"); got != "Head" {
			t.Fatalf("stopped at step %d: the title is %v", at, got)
		}
		w.wantHeld("FIELD_CUSTOM_VALIDATION_EXCEPTION:Lead.Phone")
	}
}
