package engine_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"conversion"
	"conversion/internal/sandbox/schema"
	"conversion/internal/testkit"
)

// everyType are custom fields of Leads, one of every type that an org can have, besides the
// standard ones.
func everyType() []schema.Field {
	f := func(name string, of schema.Type, more func(*schema.Field)) schema.Field {
		field := schema.Field{Name: name, Label: name, Type: of, Nillable: of != schema.Boolean, Createable: true, Updateable: true, Custom: true}
		if more != nil {
			more(&field)
		}
		return field
	}
	decimal := func(precision, scale int) func(*schema.Field) {
		return func(f *schema.Field) { f.Precision, f.Scale = precision, scale }
	}
	long := func(length int) func(*schema.Field) { return func(f *schema.Field) { f.Length = length } }
	values := func(restricted bool) func(*schema.Field) {
		return func(f *schema.Field) {
			f.RestrictedPicklist = restricted
			for _, v := range []string{"Gold", "Silver", "Platinum"} {
				f.Picklist = append(f.Picklist, schema.PicklistValue{Value: v, Label: "The " + v, Active: true})
			}
		}
	}
	formula := func(text string) func(*schema.Field) {
		return func(f *schema.Field) {
			f.Calculated, f.Formula, f.Createable, f.Updateable, f.Precision = true, text, false, false, 18
		}
	}
	return []schema.Field{
		f("Text__c", schema.String, long(255)),
		f("Box__c", schema.Boolean, nil),
		f("Money__c", schema.Currency, decimal(18, 2)),
		f("Number__c", schema.Double, decimal(18, 4)),
		f("Whole__c", schema.Double, decimal(18, 0)),
		f("Percent__c", schema.Percent, decimal(5, 2)),
		f("Day__c", schema.Date, nil),
		f("Moment__c", schema.DateTime, nil),
		f("Hour__c", schema.Time, nil),
		f("Mail__c", schema.Email, long(80)),
		f("Telephone__c", schema.Phone, long(40)),
		f("Address__c", schema.URL, long(255)),
		f("Choice__c", schema.Picklist, values(false)),
		f("Strict__c", schema.Picklist, values(true)),
		f("Choices__c", schema.MultiPicklist, values(false)),
		f("Note__c", schema.TextArea, long(255)),
		f("Story__c", schema.TextArea, long(32_768)),
		f("Rich__c", schema.TextArea, func(f *schema.Field) { f.Length, f.HTMLFormatted = 32_768, true }),
		f("Secret__c", schema.EncryptedString, func(f *schema.Field) { f.Length, f.MaskType, f.MaskChar = 20, "lastFour", "asterisk" }),
		f("Place__c", schema.Location, decimal(18, 6)),
		f("Partner__c", schema.Reference, func(f *schema.Field) {
			f.ReferenceTo, f.RelationshipName, f.ChildRelationship = []string{"Account"}, "Partner__r", "Partners"
		}),
		f("Serial__c", schema.String, func(f *schema.Field) {
			f.AutoNumber, f.DisplayFormat, f.StartingNumber, f.Createable, f.Updateable, f.Length = true, "A-{0000}", 7, false, false, 30
		}),
		f("Sum__c", schema.Double, formula("1.5 + 1.50")),
		f("Sentence__c", schema.String, formula(`"x" & "y"`)),
		f("Flag__c", schema.Boolean, formula("1 = 1")),
		f("Leap__c", schema.Date, formula("DATE(2024, 2, 29)")),
	}
}

// typeCase is a value of one type: as a user of the org stores it, as Conversion has it, and
// what somebody in Conversion makes of it.
type typeCase struct {
	because string
	field   string // API name
	stored  any
	want    string // canonical; "null" for nothing
	sent    any    // untold: Conversion may not write it
	back    string // canonical, once it was sent; as want where nothing could be
}

// untold is what is sent where nothing can be.
var untold = new(int)

var (
	longText = strings.Repeat("Žluťoučký kůň 🐎\n", 1_000) + "end"
	tooFine  = "2026-03-29T01:30:00.123Z"
)

func typeCases(account, other string) []typeCase {
	return []typeCase{
		{"a text is trimmed", "Text__c", "  Ann ", "Ann", " Bob\t", "Bob"},
		{"a text keeps its leading zeros", "Text__c", "007", "007", "0042", "0042"},
		{"a text that looks like a number is one of letters", "Text__c", "1e5", "1e5", "12.0", "12.0"},
		{"a text that looks like a box is one of letters", "Text__c", "true", "true", "false", "false"},
		{"a text may hold what CSV is made of", "Text__c", `a,"b";c`, `a,"b";c`, `"`, `"`},
		{"a text is of any script", "Text__c", "Žofie 日本 💚 e\u0301", "Žofie 日本 💚 e\u0301", "Αθήνα", "Αθήνα"},
		{"a text may look like null", "Text__c", "#N/A", "#N/A", "null", "null"},
		{"no text is null", "Text__c", nil, "null", "x", "x"},
		{"an empty text is null", "Text__c", "", "null", "x", "x"},
		{"a text is cleared by null", "Text__c", "x", "x", nil, "null"},
		{"a text is cleared by an empty one", "Text__c", "x", "x", "", "null"},
		{"a text is cleared by blanks", "Text__c", "x", "x", "  ", "null"},

		{"a box that is ticked", "Box__c", true, "true", false, "false"},
		{"a box that is not is false, not null", "Box__c", false, "false", true, "true"},
		{"a box cannot be null: it is unticked", "Box__c", true, "true", nil, "false"},

		{"an amount in millions", "Money__c", 12_000_000, "12000000", json.Number("1.5E7"), "15000000"},
		{"an amount in cents", "Money__c", json.Number("-0.10"), "-0.1", json.Number("99.90"), "99.9"},
		{"no amount is null, not zero", "Money__c", nil, "null", json.Number("0"), "0"},
		{"zero is an amount, not null", "Money__c", 0, "0", nil, "null"},
		{"a number with its scale", "Number__c", json.Number("3.1400"), "3.14", json.Number("2.7182"), "2.7182"},
		{"a small number", "Number__c", json.Number("0.0001"), "0.0001", json.Number("1E-4"), "0.0001"},
		{"a number of many digits", "Whole__c", json.Number("999999999999999"), "999999999999999", json.Number("123456789012345"), "123456789012345"},
		{"a number finer than its scale is what Salesforce makes of it", "Number__c", json.Number("1.23456"), "1.2346", json.Number("2.718281"), "2.7183"},
		{"a whole number", "NumberOfEmployees", 7, "7", json.Number("7.0"), "7"},
		{"a currency without scale", "AnnualRevenue", 12_500_000, "12500000", json.Number("0"), "0"},
		{"a percentage", "Percent__c", json.Number("33.5"), "33.5", json.Number("100"), "100"},

		{"a date", "Day__c", "2026-02-28", "2026-02-28", "2024-02-29", "2024-02-29"},
		{"no date", "Day__c", nil, "null", "0099-12-31", "0099-12-31"},
		{"a moment in another zone", "Moment__c", "2026-01-31T11:08:07.000+02:00", "2026-01-31T09:08:07Z", "2026-10-25T02:30:00+02:00", "2026-10-25T00:30:00Z"},
		{"a moment with milliseconds", "Moment__c", "2026-01-31T09:08:07.000Z", "2026-01-31T09:08:07Z", tooFine, "2026-03-29T01:30:00Z"},
		{"no moment", "Moment__c", "2026-01-31T09:08:07.000Z", "2026-01-31T09:08:07Z", nil, "null"},
		{"a time of day", "Hour__c", "09:08:07.000Z", "09:08:07", "23:59:59.5", "23:59:59.5"},
		{"midnight is not null", "Hour__c", "00:00:00.000Z", "00:00:00", nil, "null"},

		{"an e-mail address that is nobody's key keeps its case", "Mail__c", "Ann@Acme.example", "Ann@Acme.example", "Bob@Acme.example", "Bob@Acme.example"},
		{"a phone", "Telephone__c", "+1 (555) 0100", "+1 (555) 0100", "00420 555", "00420 555"},
		{"an address on the web", "Address__c", "HTTP://Acme.example/?q=a&b", "HTTP://Acme.example/?q=a&b", "acme.example", "acme.example"},

		{"a choice by its value, not its label", "Choice__c", "Gold", "Gold", "Silver", "Silver"},
		{"a choice that is not on the list", "Choice__c", "Bronze", "Bronze", "Tin", "Tin"},
		{"a restricted choice", "Strict__c", "Gold", "Gold", "Silver", "Silver"},
		{"a choice is cleared", "Strict__c", "Gold", "Gold", nil, "null"},
		{"several choices, in any order", "Choices__c", "Silver;Gold", "Gold;Silver", []any{"Platinum", "Gold"}, "Gold;Platinum"},
		{"the same choices in another order are no change", "Choices__c", "Silver;Gold", "Gold;Silver", "Silver;Gold", "Gold;Silver"},
		{"one choice of several", "Choices__c", "Gold", "Gold", nil, "null"},

		{"lines", "Note__c", "one\r\ntwo", "one\ntwo", "three\nfour", "three\nfour"},
		{"lines of another machine", "Note__c", "one\ntwo", "one\ntwo", "three\r\nfour", "three\nfour"},
		{"blank lines within", "Note__c", "one\n\ntwo\n", "one\n\ntwo", "\n\nthree", "three"},
		{"a long text", "Story__c", longText, longText, longText + "!", longText + "!"},
		{"a rich text", "Rich__c", "<p>A &amp; <b>B</b></p>", "<p>A &amp; <b>B</b></p>", "<p>C</p>", "<p>C</p>"},
		{"a street", "Street", "Main St 1\r\n2nd floor", "Main St 1\n2nd floor", "Side St 2\nBack", "Side St 2\nBack"},
		{"a postal code keeps its leading zero", "PostalCode", "01234", "01234", "00100", "00100"},
		{"a secret is what the connected user may see of it", "Secret__c", "1234567890", "******7890", "0987654321", "******4321"},

		{"where it is, as two numbers", "Place__Latitude__s", json.Number("50.087500"), "50.0875", json.Number("-33.868820"), "-33.86882"},
		{"the other of the two", "Place__Longitude__s", json.Number("14.42"), "14.42", json.Number("151.2"), "151.2"},
		{"the latitude of an address", "Latitude", json.Number("50.0875"), "50.0875", json.Number("0"), "0"},
		{"another record", "Partner__c", account, account, other, other},
		{"another record by its short id", "Partner__c", account, account, other[:15], other},
		{"no other record", "Partner__c", account, account, nil, "null"},

		{"a number in sequence", "Serial__c", untold, "A-*", untold, "A-*"},
		{"a formula of numbers", "Sum__c", untold, "3", untold, "3"},
		{"a formula of texts", "Sentence__c", untold, "xy", untold, "xy"},
		{"a formula of boxes", "Flag__c", untold, "true", untold, "true"},
		{"a formula of dates", "Leap__c", untold, "2024-02-29", untold, "2024-02-29"},
	}
}

// typeWorld is an org with a Lead for every case, taken over once.
type typeWorld struct {
	*world
	cases []typeCase
	leads []string // by case
}

func newTypeWorld(t *testing.T) *typeWorld {
	t.Helper()
	w := &typeWorld{world: newWorld(t, testkit.SQLite(t))}
	for _, f := range everyType() {
		w.addField("Lead", f)
	}
	w.cases = typeCases(w.insert("Account", map[string]any{"Name": "One"}), w.insert("Account", map[string]any{"Name": "Two"}))
	for i, c := range w.cases {
		fields := make(map[string]any)
		if c.stored != untold {
			fields[c.field] = c.stored
		}
		switch c.field {
		case "Place__Latitude__s":
			fields["Place__Longitude__s"] = 1
		case "Place__Longitude__s":
			fields["Place__Latitude__s"] = 1
		case "Latitude":
			fields["Longitude"] = 1
		}
		w.leads = append(w.leads, w.leadOf(caseEmail(i), fields))
	}
	w.sync()
	return w
}

func caseEmail(i int) string { return fmt.Sprintf("case-%02d@acme.example", i) }

// keyOf returns the key of the variable that a Lead's field is.
func (w *typeWorld) keyOf(field string) string {
	w.t.Helper()
	s, err := w.books.Schema(w.t.Context(), conversion.KindContact)
	if err != nil {
		w.t.Fatal(err)
	}
	v := s.ByField(conversion.Lead, field)
	if v == nil {
		w.t.Fatalf("%s is no variable", field)
	}
	return v.Key
}

// shows checks what the contact of a case has.
func (w *typeWorld) shows(i int, when, want string) {
	w.t.Helper()
	c, got := w.cases[i], "null"
	key := w.keyOf(c.field)
	for _, v := range w.contact(caseEmail(i)).Values {
		if v.Variable.Key == key && !v.Value.Blank() {
			got = v.Value.String()
		}
	}
	if prefix, any := strings.CutSuffix(want, "*"); got != want && (!any || !strings.HasPrefix(got, prefix)) {
		w.t.Errorf("%s: %s %s is %q, want %q", c.because, c.field, when, shortened(got), shortened(want))
	}
}

func shortened(s string) string { return s[:min(len(s), 80)] }

func TestValuesOfEveryTypeAreTheSameFromRESTAndBulkAndWhenReadAgain(t *testing.T) {
	t.Parallel()
	w := newTypeWorld(t)
	claimed := make(map[int]string)
	for i, c := range w.cases {
		w.shows(i, "from REST", c.want)
		claimed[i] = w.claim(i)
	}
	w.sameFromBulk()
	w.later(time.Hour)
	for _, id := range w.leads {
		w.update(id, map[string]any{"Title": "Head"})
	}
	w.sync()
	for i, c := range w.cases {
		w.shows(i, "read again", c.want)
		if now := w.claim(i); now != claimed[i] {
			t.Errorf("%s: reading it again made a claim: %s became %s", c.because, claimed[i], now)
		}
		if n := w.told(w.contact(caseEmail(i)).ID, w.keyOf(c.field)); n != 0 {
			t.Errorf("%s: %d changes are told of a value that stood still", c.because, n)
		}
	}
}

// claim says whose claim the value of a case is, and when it was made.
func (w *typeWorld) claim(i int) string {
	w.t.Helper()
	h, err := w.directory.History(w.t.Context(), workspace, conversion.KindContact, w.contact(caseEmail(i)).ID, w.keyOf(w.cases[i].field), "", 10)
	if err != nil || len(h.Claims) == 0 || !h.Claims[0].Wins {
		w.t.Fatalf("%s: claims %+v, %v", w.cases[i].because, h.Claims, err)
	}
	return fmt.Sprint(h.Claims[0].From, " at ", h.Claims[0].At)
}

// loadedLeads reads every Lead by a bulk job, in pages and batches.
func (w *typeWorld) loadedLeads(s *conversion.Schema) (found []conversion.Record) {
	w.t.Helper()
	ctx := w.t.Context()
	l, err := w.gate.BeginLoad(ctx, s, conversion.Lead, conversion.Cursor{})
	for err == nil && !l.Ready {
		w.later(time.Second)
		l, err = w.gate.AskLoad(ctx, l)
	}
	r := conversion.LoadRequest{Load: l, Rows: 25, Batch: 10}
	for more := err == nil; more; {
		r.Opened = func(p conversion.LoadedPage) error { r.Locator = p.Next; return nil }
		err = w.gate.LoadRecords(ctx, s, r, func(some []conversion.Record) error { found = append(found, some...); return nil })
		more = err == nil && r.Locator != ""
	}
	if err != nil {
		w.t.Fatal(err)
	}
	return found
}

// sameFromBulk checks every field of every Lead, Bulk's CSV against REST's JSON.
func (w *typeWorld) sameFromBulk() {
	w.t.Helper()
	s, err := w.books.Schema(w.t.Context(), conversion.KindContact)
	if err != nil {
		w.t.Fatal(err)
	}
	page, err := w.gate.Walk(w.t.Context(), s, conversion.Lead, "", 0)
	if err != nil {
		w.t.Fatal(err)
	}
	bulk := make(map[string]conversion.Record)
	for _, r := range w.loadedLeads(s) {
		bulk[r.Ref.ID] = r
	}
	if len(page.Records) != len(w.cases) || len(bulk) != len(w.cases) {
		w.t.Fatalf("%d Leads from REST, %d from Bulk, want %d", len(page.Records), len(bulk), len(w.cases))
	}
	for _, rest := range page.Records {
		other := bulk[rest.Ref.ID]
		for _, f := range rest.Fields {
			if got := other.Value(f.Var); got != f.Value {
				w.t.Errorf("%s is %#v in JSON and %#v in CSV", s.ByID(f.Var).Key, f.Value, got)
			}
		}
		rest.Reading.Asked, other.Reading.Asked, rest.Read, other.Read, rest.Fields, other.Fields = 0, 0, 0, 0, nil, nil
		if fmt.Sprint(rest) != fmt.Sprint(other) {
			w.t.Errorf("a record is %+v in JSON and %+v in CSV", rest, other)
		}
	}
}

func TestValuesOfEveryTypeThatAreSentComeBackAsTheyAre(t *testing.T) {
	t.Parallel()
	w := newTypeWorld(t)
	w.rules(updateAll)
	w.later(time.Hour)
	for i, c := range w.cases {
		if c.sent != untold {
			w.edit(w.contact(caseEmail(i)).ID, map[string]any{w.keyOf(c.field): c.sent})
		}
	}
	w.push()
	w.noneHeld()
	for i, c := range w.cases {
		w.shows(i, "once it was sent", c.back)
		w.reads(i, c.back)
	}
	w.sameFromBulk()
	settled, claimed := w.whatIsTold(), make(map[int]string)
	for i, c := range w.cases {
		claimed[i] = w.claim(i)
		if w.taken(c) && settled[c.because] > 1 {
			t.Errorf("%s: the echo of what was sent is told as an answer", c.because)
		}
	}
	for range 2 {
		w.later(time.Hour)
		for _, id := range w.leads {
			w.update(id, map[string]any{"Title": w.now().String()})
		}
		byOthers := w.org.Writes()
		w.sync()
		w.push()
		if n := w.org.Writes() - byOthers; n != 0 {
			t.Errorf("what was sent came back and was answered with %d writes", n)
		}
	}
	for i, c := range w.cases {
		w.shows(i, "when it came back", c.back)
		if now := w.claim(i); now != claimed[i] {
			t.Errorf("%s: its echo made a claim: %s became %s", c.because, claimed[i], now)
		}
	}
	for because, n := range w.whatIsTold() {
		if n != settled[because] {
			t.Errorf("%s: when it came back %d more changes were told", because, n-settled[because])
		}
	}
}

// taken reports whether Salesforce stores what is sent as it is.
func (w *typeWorld) taken(c typeCase) bool {
	w.t.Helper()
	if c.sent == untold {
		return true
	}
	v, err := conversion.FromJSON(w.variable(w.keyOf(c.field)).Type, c.sent)
	if err != nil {
		w.t.Fatal(err)
	}
	return v.String() == c.back
}

// reads checks what a new reading by REST makes of what a Lead holds.
func (w *typeWorld) reads(i int, want string) {
	w.t.Helper()
	s, err := w.books.Schema(w.t.Context(), conversion.KindContact)
	if err != nil {
		w.t.Fatal(err)
	}
	records, err := w.gate.Read(w.t.Context(), s, []conversion.Ref{{Object: conversion.Lead, ID: w.leads[i]}})
	if err != nil || len(records) != 1 {
		w.t.Fatalf("%d records, %v", len(records), err)
	}
	got := "null"
	if v := records[0].Value(s.ByField(conversion.Lead, w.cases[i].field).ID); !v.Blank() {
		got = v.String()
	}
	if prefix, any := strings.CutSuffix(want, "*"); got != want && (!any || !strings.HasPrefix(got, prefix)) {
		w.t.Errorf("%s: Salesforce holds %q, want %q", w.cases[i].because, shortened(got), shortened(want))
	}
}

// whatIsTold counts the changes that each case's contact is told to have had of its value.
func (w *typeWorld) whatIsTold() map[string]int {
	w.t.Helper()
	told := make(map[string]int)
	for i, c := range w.cases {
		told[c.because] = w.told(w.contact(caseEmail(i)).ID, w.keyOf(c.field))
	}
	return told
}

// noneHeld checks that nothing was refused.
func (w *typeWorld) noneHeld() {
	w.t.Helper()
	held, _, err := w.books.Held(w.t.Context(), conversion.HeldFilter{Limit: 100})
	if err != nil {
		w.t.Fatal(err)
	}
	for _, h := range held {
		w.t.Errorf("held: %s: %s", h.Code, h.Message)
	}
}

func TestEveryTypeOfAFieldIsTested(t *testing.T) {
	t.Parallel()
	tested := make(map[string]bool)
	for _, c := range typeCases("001070000000001EAA", "001070000000002EAA") {
		tested[c.field] = true
	}
	for _, f := range everyType() {
		if f.Type != schema.Location && !tested[f.Name] {
			t.Errorf("no case is of %s", f.Name)
		}
	}
	if names := slices.Sorted(maps.Keys(tested)); !slices.Contains(names, "Place__Latitude__s") || !slices.Contains(names, "Street") {
		t.Errorf("no case is of a part of a compound field: %v", names)
	}
}
