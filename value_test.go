package conversion

import (
	"encoding/json"
	"fmt"
	"math"
	"math/big"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"
)

func TestCanonicalForms(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		because string
		typ     Type
		text    string
		want    Value
	}{
		{"white space around a text does not count", TypeText, " \tGold \n", Value{formText, "Gold"}},
		{"within it, it does", TypeText, "a  b", Value{formText, "a  b"}},
		{"case counts", TypeText, "GOLD", Value{formText, "GOLD"}},
		{"an empty text is a value", TypeText, "", Value{formText, ""}},
		{"an empty number is null", TypeNumber, "", Null},
		{"so is an empty date", TypeDate, "", Null},
		{"and an empty choice", TypeMultiSelect, "", Null},
		{"the scale of a number does not count", TypeNumber, "12.50", Value{formNumber, "12.5"}},
		{"nor does a fraction of nothing", TypeNumber, "12.000", Value{formNumber, "12"}},
		{"nor how it is written", TypeNumber, " +1.25E1 ", Value{formNumber, "12.5"}},
		{"nor leading zeros", TypeNumber, "0012", Value{formNumber, "12"}},
		{"small ones are plain digits", TypeNumber, "1.5e-3", Value{formNumber, "0.0015"}},
		{"large ones too", TypeNumber, "-2e3", Value{formNumber, "-2000"}},
		{"a point needs no digits before it", TypeNumber, ".5", Value{formNumber, "0.5"}},
		{"nor after it", TypeNumber, "5.", Value{formNumber, "5"}},
		{"zero has no sign and no scale", TypeNumber, "-0.00e5", Value{formNumber, "0"}},
		{"true is true in any case", TypeBool, "TRUE", Value{formBool, "true"}},
		{"as Salesforce's CSV writes it", TypeBool, " false ", Value{formBool, "false"}},
		{"a date is a day", TypeDate, " 2026-01-31 ", Value{formDate, "2026-01-31"}},
		{"a time is in UTC", TypeDateTime, "2026-01-31T01:00:00+02:00", Value{formDateTime, "2026-01-30T23:00:00Z"}},
		{"as Salesforce's JSON writes it", TypeDateTime, "2026-01-31T12:00:00.000+0000", Value{formDateTime, "2026-01-31T12:00:00Z"}},
		{"as its CSV writes it", TypeDateTime, "2026-01-31T12:00:00.000Z", Value{formDateTime, "2026-01-31T12:00:00Z"}},
		{"to the millisecond", TypeDateTime, "2026-01-31T12:00:00.1239Z", Value{formDateTime, "2026-01-31T12:00:00.123Z"}},
		{"a time of day has no zone", TypeTime, "09:08:07.500Z", Value{formTime, "09:08:07.5"}},
		{"nor needs a fraction", TypeTime, "09:08:07", Value{formTime, "09:08:07"}},
		{"the order of a choice does not count", TypeMultiSelect, "b;a", Value{formMultiSelect, "a;b"}},
		{"nor do repeats and blanks", TypeMultiSelect, " b ;;a; b;", Value{formMultiSelect, "a;b"}},
	} {
		got, err := Parse(test.typ, test.text)
		if err != nil || got != test.want {
			t.Errorf("%s: Parse(%s, %q) = %#v, %v; want %#v", test.because, test.typ, test.text, got, err, test.want)
		}
	}
}

func TestWhatIsNoValueOfATypeIsRefused(t *testing.T) {
	t.Parallel()
	for typ, texts := range map[Type][]string{
		TypeNumber:   {"twelve", "1,5", "1.2.3", "--1", "+-1", "1e", "1e2.5", "e5", ".", "-", "1_000", "0x10", "½", "NaN", "Inf", "1e401", "1e-401", " "},
		TypeBool:     {"yes", "2", "on", " "},
		TypeDate:     {"31.01.2026", "2026-02-30", "2026-1-31", "2026-01-31T00:00:00Z", "today"},
		TypeDateTime: {"2026-01-31", "2026-01-31T25:00:00Z", "2026-01-31 12:00:00", "noon", "0000-01-01T00:00:00+01:00", "9999-12-31T23:59:59-01:00"},
		TypeTime:     {"24:00:00", "9 am", "12:60:00", "12:00:00+01:00"},
	} {
		for _, text := range texts {
			got, err := Parse(typ, text)
			if err == nil {
				t.Errorf("%q is read as the %s %#v", text, typ, got)
			} else if !strings.Contains(err.Error(), fmt.Sprintf("%q", text)) || !got.Absent() {
				t.Errorf("the refusal of %q as a %s does not name it: %v, %#v", text, typ, err, got)
			}
		}
	}
}

func TestNothingsDiffer(t *testing.T) {
	t.Parallel()
	zero, _ := Number("0")
	nothings := []Value{{}, Null, Text(""), zero, Bool(false)}
	for i, a := range nothings {
		for j, b := range nothings {
			if (a == b) != (i == j) {
				t.Errorf("%#v == %#v is %v", a, b, a == b)
			}
		}
	}
	for i, v := range nothings {
		if v.Absent() != (i == 0) || v.Blank() != (i <= 2) || v.False() != (i == 4) || v.True() {
			t.Errorf("%#v is absent %v, blank %v, false %v, true %v", v, v.Absent(), v.Blank(), v.False(), v.True())
		}
	}
	if Text("true").True() || Text("false").False() || !Bool(true).True() || Bool(true).False() {
		t.Error("only a boolean is true or false")
	}
}

func TestWhatJSONMayHold(t *testing.T) {
	t.Parallel()
	number := func(s string) Value { v, _ := Number(s); return v }
	for _, test := range []struct {
		because string
		typ     Type
		json    any
		want    Value // absent when it is refused
	}{
		{"null is null for every type", TypeText, nil, Null},
		{"null is null for every type", TypeBool, nil, Null},
		{"a text is a text", TypeText, "a", Text("a")},
		{"a number is no text", TypeText, json.Number("1"), Value{}},
		{"nor is a boolean", TypeText, true, Value{}},
		{"nor is a list", TypeText, []any{"a"}, Value{}},
		{"nor is an object", TypeText, map[string]any{}, Value{}},
		{"a number is a number", TypeNumber, json.Number("1.50"), number("1.5")},
		{"however it was decoded", TypeNumber, 1e21, number("1000000000000000000000")},
		{"but not when it is none", TypeNumber, math.NaN(), Value{}},
		{"a text is no number", TypeNumber, "1", Value{}},
		{"a boolean is a boolean", TypeBool, true, Bool(true)},
		{"a text is no boolean", TypeBool, "true", Value{}},
		{"nor is a number", TypeBool, json.Number("1"), Value{}},
		{"a date is written as a text", TypeDate, "2026-01-31", Value{formDate, "2026-01-31"}},
		{"an empty one is null", TypeDate, "", Null},
		{"a bad one is refused", TypeDate, "soon", Value{}},
		{"a choice is a text", TypeMultiSelect, "b;a", MultiSelect("a;b")},
		{"or a list of texts", TypeMultiSelect, []any{"b", "a"}, MultiSelect("a;b")},
		{"and of nothing else", TypeMultiSelect, []any{"b", true}, Value{}},
	} {
		got, err := FromJSON(test.typ, test.json)
		if got != test.want || (err == nil) != !test.want.Absent() {
			t.Errorf("%s: FromJSON(%s, %v) = %#v, %v; want %#v", test.because, test.typ, test.json, got, err, test.want)
		}
	}
}

var types = []Type{TypeText, TypeNumber, TypeBool, TypeDate, TypeDateTime, TypeTime, TypeMultiSelect}

// drawValue draws a value of any type, written in some way.
func drawValue(t *rapid.T) (Type, Value) {
	typ := rapid.SampledFrom(types).Draw(t, "type")
	var text string
	switch typ {
	case TypeText:
		text = rapid.String().Draw(t, "text")
	case TypeNumber:
		text = drawDecimal(t)
	case TypeBool:
		text = rapid.SampledFrom([]string{"true", "FALSE", " False", "1"}).Draw(t, "boolean")
	case TypeMultiSelect:
		text = rapid.StringMatching(`[a-c ;]{0,6}[a-c]`).Draw(t, "choice")
	case TypeDate, TypeDateTime, TypeTime:
		moment := time.Unix(rapid.Int64Range(-8e9, 2e11).Draw(t, "second"), rapid.Int64Range(0, 999_999_999).Draw(t, "nanosecond")).UTC()
		text = moment.Format(map[Type]string{TypeDate: time.DateOnly, TypeDateTime: time.RFC3339Nano, TypeTime: "15:04:05.999999999Z"}[typ])
	}
	v, err := Parse(typ, text)
	if err != nil {
		t.Fatalf("%q is no %s: %v", text, typ, err)
	}
	return typ, v
}

func drawDecimal(t *rapid.T) string {
	return rapid.StringMatching(`[+-]?[0-9]{1,25}(\.[0-9]{0,20})?([eE][+-]?[0-3]?[0-9]{1,2})?`).Draw(t, "number")
}

func TestACanonicalTextIsReadAsTheValueItself(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		typ, v := drawValue(t)
		if again, err := Parse(typ, v.String()); err != nil || again != v {
			t.Fatalf("%#v is read again as %#v, %v", v, again, err)
		}
	})
}

func TestAValueSurvivesItsJSONAndItsStore(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		typ, v := drawValue(t)
		encoded, err := json.Marshal(v)
		if err != nil {
			t.Fatal(err)
		}
		if appended := v.AppendJSON([]byte("x")); string(appended) != "x"+string(encoded) {
			t.Fatalf("%#v is appended as %s, want %s", v, appended, encoded)
		}
		decoder := json.NewDecoder(strings.NewReader(string(encoded)))
		decoder.UseNumber()
		var decoded any
		if err := decoder.Decode(&decoded); err != nil {
			t.Fatal(err)
		}
		if again, err := FromJSON(typ, decoded); err != nil || again != v {
			t.Fatalf("%#v is %s in JSON, which is %#v, %v", v, encoded, again, err)
		}
		if again, err := FromStored(v.Stored()); err != nil || again != v {
			t.Fatalf("%#v is stored as %#v, %v", v, again, err)
		}
	})
}

func TestStoredFormsAreStable(t *testing.T) {
	t.Parallel()
	// What is stored is read by these numbers for ever.
	for i, f := range []form{formAbsent, formNull, formText, formNumber, formBool, formDate, formDateTime, formTime, formMultiSelect} {
		if int(f) != i {
			t.Errorf("form %d is stored as %d", i, f)
		}
	}
	if _, err := FromStored(uint8(formMultiSelect)+1, ""); err == nil {
		t.Error("a form that nobody knows is read")
	}
	for _, v := range []Value{{}, Null} {
		if encoded, err := json.Marshal(v); err != nil || string(encoded) != "null" {
			t.Errorf("%#v is %s in JSON, %v", v, encoded, err)
		}
	}
}

func TestNumbersAreEqualWhenArithmeticSaysSo(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		a, b := drawDecimal(t), drawDecimal(t)
		if rapid.Bool().Draw(t, "scaled") {
			b = a + "0" // another number, or the same at another scale
		}
		x, errA := Number(a)
		y, errB := Number(b)
		if errA != nil || errB != nil {
			return // an exponent beyond the limit
		}
		if (x == y) != (rat(t, a).Cmp(rat(t, b)) == 0) {
			t.Fatalf("%s is %s, %s is %s", a, x, b, y)
		}
		if rat(t, x.String()).Cmp(rat(t, a)) != 0 {
			t.Fatalf("%s became %s", a, x)
		}
	})
}

type failer interface{ Fatalf(string, ...any) }

func rat(t failer, s string) *big.Rat {
	r, ok := new(big.Rat).SetString(s)
	if !ok {
		t.Fatalf("%q is no rational", s)
	}
	return r
}

func FuzzNumber(f *testing.F) {
	for _, s := range []string{"12.50", "-0", "1e400", "1E-400", ".5", "5.", "+1", "0x1", "1_0", "1/2"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		v, err := Number(s)
		if err != nil {
			return
		}
		if again, err := Number(v.String()); err != nil || again != v {
			t.Errorf("%q is %s, read again as %s, %v", s, v, again, err)
		}
		if rat(t, strings.TrimSpace(s)).Cmp(rat(t, v.String())) != 0 {
			t.Errorf("%q became %s", s, v)
		}
		if !json.Valid([]byte(v.String())) {
			t.Errorf("%q is %s, which is no JSON", s, v)
		}
	})
}

func FuzzDateTime(f *testing.F) {
	for _, s := range []string{"2026-01-31T12:00:00Z", "2026-01-31T12:00:00.000+0000", "0000-01-01T00:00:00+01:00", "9999-12-31T23:59:59.9999-01:00"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		v, err := DateTime(s)
		if err != nil {
			return
		}
		if again, err := DateTime(v.String()); err != nil || again != v {
			t.Errorf("%q is %s, read again as %s, %v", s, v, again, err)
		}
	})
}
