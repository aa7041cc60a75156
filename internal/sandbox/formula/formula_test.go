package formula_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"conversion/internal/sandbox/formula"
)

// lead is a record with a few fields, before and after a change.
type lead struct {
	is, was map[string]any
	created bool
}

func (l lead) Value(key any) any           { return l.is[key.(string)] }
func (l lead) Prior(key any) any           { return l.was[key.(string)] }
func (l lead) IsNew() bool                 { return l.created }
func (l lead) Now() time.Time              { return time.Date(2026, 3, 31, 10, 30, 15, 0, time.UTC) }
func (l lead) CaseSafeID(id string) string { return id + "AAA" }

// fields is a scope: types by path.
type fields map[string]formula.Type

func (f fields) Variable(path []string) (formula.Variable, bool, error) {
	name := strings.Join(path, ".")
	if name == "Hidden" {
		return formula.Variable{}, false, errors.New("Field Hidden is inaccessible.")
	}
	kind, ok := f[name]
	return formula.Variable{Type: kind, Key: name, Own: len(path) == 1}, ok, nil
}

var scope = fields{
	"Name": formula.Text, "Empty": formula.Text, "Amount": formula.Number, "None": formula.Number, "Flag": formula.Boolean,
	"Born": formula.Date, "Seen": formula.DateTime, "Opens": formula.Time, "NoDay": formula.Date,
	"Status": formula.Picklist, "Tags": formula.MultiPicklist, "Account.Owner.Name": formula.Text, "$User.Id": formula.Text,
	"Owner:User.Email": formula.Text,
}

var jo = lead{
	is: map[string]any{
		"Name": "Jo Döe", "Amount": 12.5, "Flag": true, "Status": "Open", "Tags": "Hot;New", "Account.Owner.Name": "Sam",
		"Born": day("2026-01-31"), "Seen": formula.Moment(time.Date(2026, 1, 31, 12, 0, 0, 0, time.UTC).Unix()),
		"Opens": formula.Clock(9 * 3600_000), "$User.Id": "005", "Owner:User.Email": "sam@acme.example",
	},
	was: map[string]any{"Name": "Jo", "Amount": 12.5, "Status": "New"},
}

func day(s string) formula.Day {
	d, _ := formula.ParseDay(s)
	return d
}

func TestFormulasComputeAsSalesforceDoes(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]any{
		`1 + 2 * 3`:                            7.0,
		`2 * 3 ^ 2`:                            36.0, // a product binds stronger than a power
		`-Amount + 0.5`:                        -12.0,
		`(1 + 2) * 3`:                          9.0,
		`0.1 + 0.2 = 0.3`:                      true,
		`ROUND(0.1 + 0.2, 1) = 0.3`:            true,
		`TEXT(0.1 + 0.2)`:                      "0.3",
		`10 / 4`:                               2.5,
		`Name & " of " & Account.Owner.Name`:   "Jo Döe of Sam",
		`"a" + 'b'`:                            "ab",
		`"say \"hi\"\\"`:                       `say "hi"\`,
		`/* why */ Amount > 10 && Flag`:        true,
		`Amount > 10 AND(Flag)`:                errText("Syntax error. Extra AND"),
		`NOT Flag || Amount <> 12.5`:           false,
		`!Flag`:                                false,
		`None > 1`:                             nil,
		`NOT(None > 1)`:                        nil,
		`IF(None > 1, "a", "b")`:               "b",
		`None + 1`:                             nil,
		`Empty = ""`:                           true,
		`ISBLANK(Empty)`:                       true,
		`ISNULL(Empty)`:                        false,
		`ISNULL(None)`:                         true,
		`BLANKVALUE(Empty, "x")`:               "x",
		`NULLVALUE(None, 3)`:                   3.0,
		`ISPICKVAL(Status, "Open")`:            true,
		`ISPICKVAL(Status, "")`:                false,
		`CASE(Status, "New", 1, "Open", 2, 0)`: 2.0,
		`CASE(Amount, 1, "a", "b")`:            "b",
		`TEXT(Status) & "!"`:                   "Open!",
		`INCLUDES(Tags, "New")`:                true,
		`INCLUDES(Tags, "Ne")`:                 false,
		`LEFT(Name, 4)`:                        "Jo D",
		`RIGHT(Name, 3)`:                       "Döe",
		`MID(Name, 4, 2)`:                      "Dö",
		`MID(Name, 0, 2)`:                      "Jo",
		`LEN(Name)`:                            6.0,
		`UPPER(Name)`:                          "JO DÖE",
		`TRIM("  x ")`:                         "x",
		`CONTAINS(Name, "Dö")`:                 true,
		`CONTAINS(Name, "dö")`:                 false,
		`BEGINS(Name, "Jo")`:                   true,
		`FIND("e", Name)`:                      6.0,
		`FIND("o", Name, 3)`:                   0.0,
		`SUBSTITUTE(Name, "Jo", "Bo")`:         "Bo Döe",
		`LPAD("7", 3, "0")`:                    "007",
		`RPAD("7", 3)`:                         "7  ",
		`LPAD("12345", 3)`:                     "123",
		`"a" & BR() & "b"`:                     "a<br>b",
		`VALUE("12.50")`:                       12.5,
		`VALUE("x")`:                           errText("The value 'x' is not a valid number."),
		`1 / 0`:                                errText("a number cannot be computed"),
		`IF(Flag, 1, 1 / 0)`:                   1.0,
		`CEILING(-2.1)`:                        -3.0,
		`FLOOR(-2.9)`:                          -2.0,
		`MFLOOR(-2.1)`:                         -3.0,
		`ROUND(1.005, 2)`:                      1.01,
		`ROUND(-1234, -2)`:                     -1200.0,
		`MOD(7, 3)`:                            1.0,
		`MAX(1, 3, 2)`:                         3.0,
		`SQRT(16) + LOG(100) + LN(EXP(1))`:     7.0,
		`DATE(2026, 2, 28) + 1`:                day("2026-03-01"),
		`DATE(2026, 2, 30)`:                    errText("there is no such day"),
		`Born - DATE(2026, 1, 1)`:              30.0,
		`Seen - DATETIMEVALUE("2026-01-30 00:00:00")`: 1.5,
		`DATEVALUE(Seen)`:                      day("2026-01-31"),
		`DATEVALUE("2026-01-32")`:              errText(`"2026-01-32" is no date`),
		`TODAY()`:                              day("2026-03-31"),
		`NOW() > Seen`:                         true,
		`YEAR(Born) * 100 + MONTH(Born)`:       202601.0,
		`WEEKDAY(Born)`:                        7.0,
		`ADDMONTHS(Born, 1)`:                   day("2026-02-28"),
		`ADDMONTHS(DATE(2026, 2, 28), 1)`:      day("2026-03-31"),
		`ADDMONTHS(DATE(2026, 1, 30), 1)`:      day("2026-02-28"),
		`TEXT(Born) & TEXT(Seen)`:              "2026-01-312026-01-31 12:00:00Z",
		`TEXT(Opens)`:                          "09:00:00.000",
		`HOUR(Opens + 3600000)`:                10.0,
		`ISBLANK(NoDay)`:                       true,
		`NoDay + 1`:                            nil,
		`CASESAFEID($User.Id)`:                 "005AAA",
		`Owner:User.Email`:                     "sam@acme.example",
		`ISCHANGED(Name)`:                      true,
		`ISCHANGED(Amount)`:                    false,
		`ISCHANGED(Status)`:                    true,
		`PRIORVALUE(Name)`:                     "Jo",
		`ISPICKVAL(PRIORVALUE(Status), "New")`: true,
		`ISNEW()`:                              false,
		`REGEX(Name, "Jo .*")`:                 true,
		`REGEX(Name, "Jo")`:                    false,
		`REGEX("12345", "\\d{5}")`:             true,
	} {
		t.Run(text, func(t *testing.T) {
			t.Parallel()
			if diff := cmp.Diff(want, computed(text, formula.ForRule)); diff != "" {
				t.Error(diff)
			}
		})
	}
}

type errText string

// computed gives the value of a formula for jo, or the text of its error.
func computed(text string, use formula.Use) any {
	f, err := formula.Compile(text, scope, formula.Options{Use: use})
	if err != nil {
		return errText(err.Error())
	}
	v, err := f.Eval(jo)
	if err != nil {
		return errText(err.Error())
	}
	return v
}

func TestMistakesAreNamedInSalesforcesWords(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		`Nme = "x"`:               "Field Nme does not exist. Check spelling.",
		`Hidden`:                  "Field Hidden is inaccessible.",
		`FOO(1)`:                  "Unknown function FOO. Check spelling.",
		`IF(Flag, 1)`:             "Incorrect number of parameters for function 'IF()'. Expected 3, received 2",
		`IF(Name, 1, 2)`:          "Incorrect parameter type for function 'IF()'. Expected Boolean, received Text",
		`IF(Flag, 1, "x")`:        "Incorrect parameter type for function 'IF()'. Expected Number, received Text",
		`Name & 1`:                "Incorrect parameter type for operator '&'. Expected Text, received Number",
		`Name > "a"`:              "Incorrect parameter type for operator '>'. Expected Number, Date, DateTime, Time, received Text",
		`Status = "Open"`:         "Field Status is a picklist field. Picklist fields are only supported in certain functions.",
		`Tags`:                    "Field Tags is a multi-select picklist field. Multi-select picklist fields are only supported in certain functions.",
		`(1`:                      "Syntax error.  Missing ')'",
		`1 +`:                     "Syntax error",
		`1 ) `:                    "Syntax error. Extra )",
		`"abc`:                    "Syntax error.  Missing '\"'",
		`1 # 2`:                   "Syntax error.  Found '#'",
		`ISCHANGED("x")`:          "Incorrect parameter for function 'ISCHANGED()'. Expected field reference.",
		`ISPICKVAL(Name, "x")`:    "Incorrect parameter for function 'ISPICKVAL()'. Expected Picklist field reference.",
		`HYPERLINK("x", "y")`:     "Function HYPERLINK may not be used in this type of formula",
		strings.Repeat("1", 5001): "Formula is too long (5001 characters). Maximum length is 5000 characters",
		strings.Repeat("(", 300):  "Formula is nested too deeply",
	} {
		t.Run(text[:min(len(text), 30)], func(t *testing.T) {
			t.Parallel()
			if diff := cmp.Diff(any(errText(want)), computed(text, formula.ForRule)); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestAMistakeHasItsPlace(t *testing.T) {
	t.Parallel()
	_, err := formula.Compile("1 + Nme", scope, formula.Options{})
	var at *formula.Error
	if !errors.As(err, &at) || at.Pos != 4 {
		t.Errorf("the mistake is reported as %#v", err)
	}
}

func TestBlankNumbersAreZeroWhereAFieldSaysSo(t *testing.T) {
	t.Parallel()
	f, err := formula.Compile("None + 1", scope, formula.Options{BlankAsZero: true})
	if err != nil {
		t.Fatal(err)
	}
	if got, err := f.Eval(jo); got != 1.0 || err != nil {
		t.Errorf("blank + 1 is %v, %v", got, err)
	}
}

func TestLinksAreMarkup(t *testing.T) {
	t.Parallel()
	f, err := formula.Compile(`HYPERLINK("/" & $User.Id, Name)`, scope, formula.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if got, _ := f.Eval(jo); got != `<a href="/005" target="_blank">Jo Döe</a>` || !f.HTML {
		t.Errorf("the link is %v", got)
	}
}

func TestFunctionsOfRulesAreNotForFields(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"ISNEW()", "ISCHANGED(Name)", "PRIORVALUE(Name)", `REGEX(Name, "x")`} {
		if _, err := formula.Compile(text, scope, formula.Options{Use: formula.ForField}); err == nil {
			t.Errorf("%s is taken in a formula field", text)
		}
	}
}

func FuzzNoTextBreaksTheLanguage(f *testing.F) {
	for _, seed := range []string{
		`IF(AND(Amount > 1, NOT(Flag)), LPAD(Name, 5, "0"), CASE(Status, "a", "b", "c"))`, `1e308 * 1e308 ^ -Amount`,
		`ADDMONTHS(Born, 1e300) + DATE(1,2,3)`, `MID(Name, -5, 1e9) & CHR(1e9) & "\`, `SUBSTITUTE(Name,"o",LPAD("x",100000))`,
		`REGEX(Name, "(")`, `Opens - 1e300`, `/* `, `((((`, `TRUNC(1, 1e9)`, `FROMUNIXTIME(1e18)`,
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		for _, use := range []formula.Use{formula.ForField, formula.ForRule, formula.ForDefault} {
			compiled, err := formula.Compile(text, scope, formula.Options{Use: use, BlankAsZero: use == formula.ForField})
			if err != nil {
				continue
			}
			for _, record := range []lead{jo, {created: true}} {
				if v, err := compiled.Eval(record); err == nil {
					checkType(t, compiled.Type, v)
				}
			}
		}
	})
}

func checkType(t *testing.T, kind formula.Type, v any) {
	t.Helper()
	ok := v == nil
	switch v.(type) {
	case string:
		ok = kind == formula.Text
	case float64:
		ok = kind == formula.Number
	case bool:
		ok = kind == formula.Boolean
	case formula.Day:
		ok = kind == formula.Date
	case formula.Moment:
		ok = kind == formula.DateTime
	case formula.Clock:
		ok = kind == formula.Time
	}
	if !ok {
		t.Errorf("a %s formula gives a %T", kind, v)
	}
}
