package soql

import (
	"errors"
	"strings"
	"testing"
)

func TestQueriesThatParse(t *testing.T) {
	t.Parallel()
	for _, query := range []string{
		"SELECT Id FROM Lead",
		"select id, name from lead limit 5 offset 2",
		"SELECT l.Id, l.Owner.Name FROM Lead AS l WHERE l.Email = 'a@x.test'",
		"SELECT COUNT() FROM Lead WHERE NOT (IsConverted = true)",
		"SELECT Status, COUNT(Id) n FROM Lead GROUP BY Status ORDER BY COUNT(Id) DESC NULLS LAST LIMIT 3",
		"SELECT FIELDS(ALL) FROM Account LIMIT 200",
		"SELECT Id FROM Lead WHERE (a = 1 OR b = 'x') AND c != null AND NOT d LIKE '%y\\_'",
		"SELECT Id FROM Lead WHERE CreatedDate >= LAST_N_DAYS:30 AND ActivityDate < 2026-01-31",
		"SELECT Id FROM Lead WHERE SystemModstamp > 2026-01-31T09:08:07Z OR SystemModstamp = 2026-01-31T09:08:07.123+01:00",
		"SELECT Id FROM Lead WHERE Name IN ('a','b\\'c') AND X NOT IN (1,-2.5,null)",
		"SELECT Id FROM Lead WHERE M__c INCLUDES ('a;b','c')\n  ORDER BY Name NULLS LAST, Id",
		"SELECT Order, Limit__c FROM Lead",
	} {
		if _, err := Parse(query); err != nil {
			t.Errorf("%s: %v", query, err)
		}
	}
}

func TestQueriesThatAreRefused(t *testing.T) {
	t.Parallel()
	for query, want := range map[string]string{
		"":                    "unexpected token: '<EOF>'",
		"SELECT FROM Lead":    "unexpected token: 'Lead'",
		"SELECT Id FORM Lead": "unexpected token: 'FORM'",
		"SELECT * FROM Lead":  "no viable alternative at character '*'",
		"SELECT Id FROM Lead WHERE a = 1 AND b = 2 OR c = 3":           "unexpected token: 'OR'",
		"SELECT Id FROM Lead WHERE a IS NULL":                          "unexpected token: 'IS'",
		"SELECT Id FROM Lead WHERE a = 'x":                             "string literal not terminated",
		"SELECT Id FROM Lead WHERE a = '\\q'":                          "Illegal character sequence",
		"SELECT Id FROM Lead WHERE a = 2026-02-30":                     "Invalid date",
		"SELECT Id FROM Lead WHERE a = :x":                             "bind variables",
		"SELECT Id FROM Lead LIMIT x":                                  "unexpected token: 'x'",
		"SELECT Id FROM Lead LIMIT -1":                                 "unexpected token: '-1'",
		"SELECT Id FROM Lead trailing words":                           "unexpected token: 'words'",
		"SELECT Id, (SELECT Id FROM Tasks) FROM Lead":                  "a subquery in the SELECT list is not supported",
		"SELECT TYPEOF Who WHEN Lead THEN Id END FROM Task":            "TYPEOF is not supported",
		"SELECT Id FROM Lead WHERE Id IN (SELECT WhoId FROM Task)":     "a subquery in a filter is not supported",
		"SELECT Id FROM Lead USING SCOPE mine":                         "USING SCOPE is not supported",
		"SELECT Id FROM Lead WITH SECURITY_ENFORCED":                   "WITH is not supported",
		"SELECT Status FROM Lead GROUP BY Status HAVING COUNT(Id) > 1": "HAVING is not supported",
		"SELECT Id FROM Lead FOR VIEW":                                 "FOR VIEW is not supported",
		"SELECT Id FROM Lead ALL ROWS":                                 "ALL ROWS not allowed",
		"SELECT FIELDS(SOME) FROM Lead":                                "FIELDS function must have",
		"SELECT Id x FROM Lead":                                        "unexpected token: 'x'",
		"SELECT Id FROM Lead WHERE " + strings.Repeat("(", 500):        "nested too deeply",
	} {
		_, err := Parse(query)
		var refused *Error
		if !errors.As(err, &refused) || refused.Code != "MALFORMED_QUERY" || !strings.Contains(refused.Message, want) {
			t.Errorf("%s: %v, want %q", query, err, want)
		}
	}
}

func TestAnErrorQuotesTheQueryAndTheColumn(t *testing.T) {
	t.Parallel()
	query := "SELECT Id,Name,BillingCity,IsDeleted FROM Accout"
	err := Errorf("INVALID_TYPE", query, strings.Index(query, "Accout"), "sObject type 'Accout' is not supported.")
	want := "\nName,BillingCity,IsDeleted FROM Accout\n                                ^\nERROR at Row:1:Column:43\nsObject type 'Accout' is not supported."
	if err.Message != want {
		t.Errorf("got  %q\nwant %q", err.Message, want)
	}
	second := Malformed("SELECT Id\nFROM Lead\nWHER", 20, "x")
	if !strings.Contains(second.Message, "Row:3:Column:1") {
		t.Errorf("position in a later line: %q", second.Message)
	}
}

func TestOffsetBeyondItsMaximum(t *testing.T) {
	t.Parallel()
	var refused *Error
	if _, err := Parse("SELECT Id FROM Lead OFFSET 2001"); !errors.As(err, &refused) || refused.Code != "NUMBER_OUTSIDE_VALID_RANGE" {
		t.Errorf("got %v", err)
	}
}

func TestALikeKeepsItsEscapedWildcards(t *testing.T) {
	t.Parallel()
	q, err := Parse(`SELECT Id FROM Lead WHERE Name LIKE '50\% \'off\'_%'`)
	if err != nil {
		t.Fatal(err)
	}
	if got := q.Where.(*Compare).Values[0].Text; got != `50\% 'off'_%` {
		t.Errorf("got %q", got)
	}
}

func FuzzParse(f *testing.F) {
	for _, seed := range []string{
		"SELECT Id FROM Lead WHERE (a = 1 OR b LIKE '%x\\'') AND c IN (null, 2026-01-31T00:00:00Z) ORDER BY d DESC NULLS LAST LIMIT 1 OFFSET 2",
		"SELECT FIELDS(ALL), COUNT(), MAX(x) y FROM Lead l GROUP BY z", "SELECT é FROM Lead", "select '", "SELECT a FROM b WHERE NOT NOT c = LAST_N_DAYS:3",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, query string) {
		q, err := Parse(query)
		var refused *Error
		if err != nil && (!errors.As(err, &refused) || refused.Code == "" || refused.Message == "") {
			t.Fatalf("an error that says nothing: %v", err)
		}
		if err == nil && (len(q.Select) == 0 || q.From.Text == "") {
			t.Fatalf("%q parsed into a query without a SELECT list or an object", query)
		}
	})
}
