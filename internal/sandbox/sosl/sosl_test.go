package sosl

import (
	"errors"
	"slices"
	"strings"
	"testing"
)

func TestASearchIsCutIntoItsClauses(t *testing.T) {
	t.Parallel()
	s, err := Parse(`find {Joe\}*} in Name Fields returning Contact(Id, Account.Name where LastName = 'O\'Neil) limit' and (Id != null) order by LastName desc limit 5 offset 1), Lead, Account (Name) with spell_correction = false limit 20`)
	if err != nil {
		t.Fatal(err)
	}
	if s.Group != Names || s.Limit != 20 || len(s.Returning) != 3 {
		t.Errorf("read as %+v", s)
	}
	const want = `SELECT Id, Account.Name FROM Contact where LastName = 'O\'Neil) limit' and (Id != null) order by LastName desc limit 5 offset 1`
	if got := s.Returning[0].Query(); got != want {
		t.Errorf("query %q, want %q", got, want)
	}
	if got := s.Returning[1].Query(); got != "SELECT Id FROM Lead" {
		t.Errorf("query %q", got)
	}
}

func TestAMalformedSearchIsRefused(t *testing.T) {
	t.Parallel()
	for search, want := range map[string]string{
		"":                            "unexpected token: '<EOF>'",
		"SELECT Id FROM Lead":         "unexpected token: 'SELECT'",
		"FIND":                        "No search term found. The search term must be enclosed in braces.",
		"FIND Joe":                    "No search term found. The search term must be enclosed in braces.",
		"FIND {Joe":                   "No search term found. The search term must be enclosed in braces.",
		"FIND {}":                     "unexpected token: '}'",
		"FIND {a}":                    "search term must be longer than one character: a",
		"FIND {*}":                    "search term must be longer than one character: *",
		"FIND {j*}":                   "search term must be longer than one character: j*",
		"FIND {Joe OR}":               "unexpected token: '}'",
		"FIND {AND Joe}":              "unexpected token: 'A'",
		"FIND {(Joe}":                 "unexpected token: '}'",
		"FIND {Joe)}":                 "unexpected token: ')'",
		`FIND {"Joe}`:                 "unexpected token: '<EOF>'",
		"FIND {Joe & Jim}":            "unexpected token: '&'",
		"FIND {Joe} IN SOME FIELDS":   "unexpected token: 'SOME'",
		"FIND {Joe} IN NAME":          "unexpected token: '<EOF>'",
		"FIND {Joe} RETURNING":        "unexpected token: '<EOF>'",
		"FIND {Joe} RETURNING Lead(":  "unexpected token: '<EOF>'",
		"FIND {Joe} RETURNING Lead()": "unexpected token: ''",
		"FIND {Joe} RETURNING Lead(Id GROUP BY Id)":        "unexpected token: 'GROUP'",
		"FIND {Joe} RETURNING Lead(USING ListView=Mine)":   "unexpected token: 'USING'",
		"FIND {Joe} RETURNING Lead(Id) WITH NETWORK = 'x'": "WITH NETWORK is not supported by this org",
		"FIND {Joe} UPDATE TRACKING":                       "UPDATE is not supported by this org",
		"FIND {Joe} LIMIT 0":                               "unexpected token: '0'",
		"FIND {Joe} LIMIT 2001":                            "Search limit must be between 1 and 2000",
		"FIND {Joe} RETURNING Lead Doe":                    "unexpected token: 'Doe'",
	} {
		_, err := Parse(search)
		var refused *Error
		if !errors.As(err, &refused) || refused.Code != "MALFORMED_SEARCH" || !strings.HasSuffix(refused.Message, want) {
			t.Errorf("%q: %v, want %q", search, err, want)
		}
	}
}

func TestTermsMatchWholeWords(t *testing.T) {
	t.Parallel()
	fields := [][]string{Words("Dr. Joan O'Neil"), Words("joan@acme-inc.example"), Words("(415) 555-1234"), Words("Zürich")}
	for terms, want := range map[string]bool{
		"joan":                     true,
		"JOAN neil":                true,
		"joan jim":                 false,
		"joan OR jim":              true,
		"joan AND NOT jim":         true,
		"jim OR joan AND NOT neil": false,
		"(jim or joan) and neil":   true,
		"jo":                       false,
		"jo*":                      true,
		"j?an":                     true,
		"*oan":                     false,
		"joan@acme-inc.example":    true,
		`"acme inc"`:               true,
		`"inc acme"`:               false,
		`O\'Neil`:                  true,
		`555\-12*`:                 true,
		`jo\*`:                     false,
		"zürich":                   true,
		"ZÜR*":                     true,
		`"AND"`:                    false,
		"a*a*a*a*a*a*a*a*a*a*a*b":  false,
	} {
		e, err := ParseTerms(terms)
		if err != nil {
			t.Errorf("%s: %v", terms, err)
			continue
		}
		if got := e.Matches(fields); got != want {
			t.Errorf("%s: matches is %t", terms, got)
		}
	}
}

func TestOneOfTheLiteralsIsInEverythingThatMatches(t *testing.T) {
	t.Parallel()
	for terms, want := range map[string]string{
		"joan": "joan", "jo smith*": "smith", "joan OR jim": "joan jim", "(joan or jim) smithers": "smithers", "ab AND NOT longer": "ab",
		"jo*anna": "anna", "zürich": "rich", "jo@acme.example": "example", "joan or 東京": "",
	} {
		e, err := ParseTerms(terms)
		if err != nil {
			t.Fatal(err)
		}
		if got := strings.Join(e.Literals(), " "); got != want {
			t.Errorf("%s: literals %q, want %q", terms, got, want)
		}
	}
}

func FuzzParse(f *testing.F) {
	f.Add(`FIND {Joe* AND NOT "a b" OR (c?d)} IN ALL FIELDS RETURNING Contact(Id, Name WHERE a = 'x' ORDER BY b LIMIT 1), Lead LIMIT 10`)
	f.Add(`FIND {a\}b} RETURNING Lead (toLabel(Status), Owner.Name where x in ('\'')) WITH SPELL_CORRECTION = TRUE`)
	f.Add("FIND {\xff\xfe}")
	f.Fuzz(func(t *testing.T, text string) {
		s, err := Parse(text)
		var refused *Error
		if err != nil {
			if !errors.As(err, &refused) || refused.Code != "MALFORMED_SEARCH" {
				t.Fatalf("refused with %v", err)
			}
			return
		}
		for _, r := range s.Returning {
			_ = r.Query()
		}
		fields := [][]string{Words(text)}
		literals := s.Find.Literals()
		held := func(l string) bool { return strings.Contains(strings.ToLower(text), l) }
		if s.Find.Matches(fields) && len(literals) > 0 && !slices.ContainsFunc(literals, held) {
			t.Fatalf("%q matches without holding one of %q", text, literals)
		}
	})
}
