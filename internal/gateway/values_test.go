package gateway

import (
	"testing"

	"conversion"
	"conversion/internal/salesforce"
)

func must(t *testing.T) func(conversion.Value, error) conversion.Value {
	return func(v conversion.Value, err error) conversion.Value {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}

// TestValuesOfEveryType goes through describe's types: what REST's JSON and Bulk's CSV say
// of a value, the value that both are, and how it is written.
func TestValuesOfEveryType(t *testing.T) {
	t.Parallel()
	ok := must(t)
	str, num := salesforce.StringCell, salesforce.NumberCell
	for _, test := range []struct {
		of      string
		json    salesforce.Cell
		csv     string
		want    conversion.Value
		written salesforce.Cell
	}{
		{"string", str("Ann "), " Ann", conversion.Text("Ann"), str("Ann")},
		{"textarea", str("a\r\nb"), "a\nb", conversion.Text("a\nb"), str("a\nb")},
		{"phone", str("+1 (555) 0100"), "+1 (555) 0100", conversion.Text("+1 (555) 0100"), str("+1 (555) 0100")},
		{"url", str("HTTP://Acme.com"), "HTTP://Acme.com", conversion.Text("HTTP://Acme.com"), str("HTTP://Acme.com")},
		{"email", str("Ann@Acme.com"), "Ann@Acme.com", conversion.Text("Ann@Acme.com"), str("Ann@Acme.com")},
		{"picklist", str("Web"), "Web", conversion.Text("Web"), str("Web")},
		{"combobox", str("Call"), "Call", conversion.Text("Call"), str("Call")},
		{"encryptedstring", str("****"), "****", conversion.Text("****"), str("****")},
		{"something new", str("x"), "x", conversion.Text("x"), str("x")},
		{"string", str("12.0"), "12.0", conversion.Text("12.0"), str("12.0")},
		{"string", str("true"), "true", conversion.Text("true"), str("true")},

		{"boolean", salesforce.BoolCell(true), "true", conversion.Bool(true), salesforce.BoolCell(true)},
		{"boolean", salesforce.BoolCell(false), "false", conversion.Bool(false), salesforce.BoolCell(false)},

		{"int", num("42"), "42", ok(conversion.Number("42")), num("42")},
		{"int", num("42.0"), "42", ok(conversion.Number("42")), num("42")},
		{"double", num("0.10"), "0.1", ok(conversion.Number("0.1")), num("0.1")},
		{"double", num("-1.5E-3"), "-0.0015", ok(conversion.Number("-0.0015")), num("-0.0015")},
		{"currency", num("12000000.0"), "1.2E7", ok(conversion.Number("12000000")), num("12000000")},
		{"percent", num("0"), "0.0", ok(conversion.Number("0")), num("0")},
		{"long", num("9007199254740993"), "9007199254740993", ok(conversion.Number("9007199254740993")), num("9007199254740993")},

		{"date", str("2026-01-31"), "2026-01-31", ok(conversion.Date("2026-01-31")), str("2026-01-31")},
		{"datetime", str("2026-01-31T09:08:07.000+0000"), "2026-01-31T09:08:07.000Z", ok(conversion.DateTime("2026-01-31T09:08:07Z")), str("2026-01-31T09:08:07Z")},
		{"datetime", str("2026-01-31T09:08:07.120+0000"), "2026-01-31T09:08:07.120Z", ok(conversion.DateTime("2026-01-31T09:08:07.12Z")), str("2026-01-31T09:08:07.12Z")},
		{"time", str("09:08:07.000Z"), "09:08:07.000Z", ok(conversion.TimeOfDay("09:08:07")), str("09:08:07.000Z")},
		{"time", str("09:08:07.500Z"), "09:08:07.5Z", ok(conversion.TimeOfDay("09:08:07.5")), str("09:08:07.500Z")},

		{"multipicklist", str("b;a"), "a;b", conversion.MultiSelect("a;b"), str("a;b")},
		{"reference", str("001ak00000OQTieAAH"), "001ak00000OQTie", conversion.Text("001ak00000OQTieAAH"), str("001ak00000OQTieAAH")},
		{"id", str("003ak00000luKU1AAM"), "003AK00000LUKU1AAM", conversion.Text("003ak00000luKU1AAM"), str("003ak00000luKU1AAM")},
	} {
		f := conversion.Field{Name: "F", Type: test.of}
		if got := value(f, test.json); got != test.want {
			t.Errorf("%s: JSON %q is %#v, want %#v", test.of, test.json.Text, got, test.want)
		}
		if got := value(f, str(test.csv)); got != test.want {
			t.Errorf("%s: CSV %q is %#v, want %#v", test.of, test.csv, got, test.want)
		}
		if got := cell(test.want, conversion.Value{}); got != test.written {
			t.Errorf("%s: %#v is written as %+v, want %+v", test.of, test.want, got, test.written)
		}
		if got := value(f, cell(test.want, conversion.Value{})); got != test.want {
			t.Errorf("%s: what is written comes back as %#v, want %#v", test.of, got, test.want)
		}
	}
}

func TestBlanksAreNullInBothForms(t *testing.T) {
	t.Parallel()
	for _, of := range []string{"string", "textarea", "email", "picklist", "boolean", "int", "double", "currency", "percent", "date", "datetime", "time", "multipicklist", "reference", "id"} {
		f := conversion.Field{Name: "F", Type: of}
		for _, c := range []salesforce.Cell{salesforce.NullCell(), salesforce.StringCell("")} {
			if got := value(f, c); got != conversion.Null {
				t.Errorf("%s: %+v is %#v", of, c, got)
			}
		}
		if got := value(f, salesforce.Cell{}); !got.Absent() {
			t.Errorf("%s: what was not read is %#v", of, got)
		}
	}
	for name, got := range map[string]conversion.Value{
		"blanks only":     value(conversion.Field{Type: "string"}, salesforce.StringCell(" \r\n ")),
		"separators only": value(conversion.Field{Type: "multipicklist"}, salesforce.StringCell(";;")),
		"no e-mail":       email(salesforce.NullCell()),
		"a blank e-mail":  email(salesforce.StringCell(" ")),
	} {
		if got != conversion.Null {
			t.Errorf("%s: %#v", name, got)
		}
	}
}

func TestTextThatIsNotOfItsTypeIsKept(t *testing.T) {
	t.Parallel()
	if got := value(conversion.Field{Type: "date"}, salesforce.StringCell("soon")); got != conversion.Text("soon") {
		t.Errorf("%#v", got)
	}
}

func TestEmailsAreCanonical(t *testing.T) {
	t.Parallel()
	if got := email(salesforce.StringCell(" Ann@ACME.com ")); got != conversion.Text("ann@acme.com") {
		t.Errorf("%#v", got)
	}
}

func TestABlankClearsAFieldAndUnticksABox(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		because       string
		value, before conversion.Value
		want          salesforce.Cell
	}{
		{"null clears a text", conversion.Null, conversion.Text("x"), salesforce.NullCell()},
		{"empty text clears a text", conversion.Text(""), conversion.Text("x"), salesforce.NullCell()},
		{"null unticks a box", conversion.Null, conversion.Bool(true), salesforce.BoolCell(false)},
	} {
		if got := cell(test.value, test.before); got != test.want {
			t.Errorf("%s: %+v, want %+v", test.because, got, test.want)
		}
	}
}

func TestRecordIDsHaveEighteenCharacters(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ because, id, want string }{
		{"a long id stays", "001ak00000OQTieAAH", "001ak00000OQTieAAH"},
		{"a short id gets its checksum", "00QKB000002vPqN", "00QKB000002vPqN2AU"},
		{"letters that lost their case get it back", "00qkb000002vpqn2au", "00QKB000002vPqN2AU"},
		{"and those that were shouted", "003RO0000035WQGYAM", "003RO0000035WQgYAM"},
		{"what is no id stays", "Acme Corporation!!", "Acme Corporation!!"},
		{"nothing stays nothing", "", ""},
	} {
		if got := recordID(test.id); got != test.want {
			t.Errorf("%s: %q, want %q", test.because, got, test.want)
		}
	}
}

func TestRefsAreToldByTheirPrefix(t *testing.T) {
	t.Parallel()
	for id, want := range map[string]conversion.Ref{
		"00QKB000002vPqN": {Object: conversion.Lead, ID: "00QKB000002vPqN2AU"},
		"003ak00000luKU1": {Object: conversion.Contact, ID: "003ak00000luKU1AAM"},
		"":                {},
		"a00000000000001": {},
	} {
		if got := refOf(id); got != want {
			t.Errorf("%q: %v, want %v", id, got, want)
		}
	}
}
