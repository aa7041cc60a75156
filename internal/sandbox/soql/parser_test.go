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
		"SELECT COUNT()FROM Lead",
		"SELECT Status, COUNT(Id) n FROM Lead GROUP BY Status ORDER BY COUNT(Id) DESC NULLS LAST LIMIT 3",
		"SELECT FIELDS(ALL) FROM Account LIMIT 200",
		"SELECT Fields(Standard), Tier__c FROM Account",
		"SELECT Id FROM Lead WHERE (a = 1 OR b = 'x') AND c != null AND NOT d LIKE '%y\\_'",
		"SELECT Id FROM Lead WHERE CreatedDate >= LAST_N_DAYS:30 AND ActivityDate < 2026-01-31",
		"SELECT Id FROM Lead WHERE CreatedDate = n_fiscal_quarters_ago:2 OR CreatedDate = NEXT_N_WEEKS: 1",
		"SELECT Id FROM Lead WHERE SystemModstamp > 2026-01-31T09:08:07Z OR SystemModstamp = 2026-01-31T09:08:07.123+01:00",
		"SELECT Id FROM Lead WHERE SystemModstamp > 2026-01-31T09:08:07.000+0000 AND CreatedDate < 2026-01-31T09:08Z",
		"SELECT Id FROM Lead WHERE Name IN ('a','b\\'c') AND X NOT IN (1,-2.5,null,+3,.5)",
		"SELECT Id FROM Lead WHERE M__c INCLUDES ('a;b','c') AND N__c excludes ('d')\n  ORDER BY Name NULLS LAST, Id",
		"SELECT Id FROM Opportunity WHERE Amount > USD5000 AND Amount < eur100.01",
		"SELECT Order, Limit__c FROM Lead",
		"SELECT Id, From.Name FROM Lead",
		"SELECT Id, (SELECT Id, (SELECT Id FROM Tasks LIMIT 1) FROM Account.Contacts ORDER BY Name LIMIT 5) FROM Account",
		"SELECT TYPEOF What WHEN Account THEN Phone, Owner.Name WHEN Opportunity THEN Amount ELSE Name END, Id FROM Event",
		"SELECT Id FROM Account WHERE Id IN (SELECT AccountId FROM Contact WHERE Name LIKE 'A%') AND Id NOT IN (SELECT AccountId FROM Opportunity)",
		"SELECT LeadSource, GROUPING(LeadSource) g, COUNT(Id) FROM Lead GROUP BY ROLLUP(LeadSource, Rating) HAVING COUNT(Id) > 1 AND LeadSource LIKE 'W%'",
		"SELECT CALENDAR_YEAR(convertTimezone(CreatedDate)) y, COUNT_DISTINCT(Email) FROM Lead GROUP BY CALENDAR_YEAR(convertTimezone(CreatedDate))",
		"SELECT toLabel(Status), FORMAT(convertCurrency(AnnualRevenue)) r FROM Lead ORDER BY toLabel(Status)",
		"SELECT Id, DISTANCE(Address, GEOLOCATION(37.775,-122.418), 'mi') d FROM Lead WHERE DISTANCE(Address, GEOLOCATION(1,2), 'km') < 20",
		"SELECT Name n FROM Lead GROUP BY Name",
		"SELECT c.Id, a.Name FROM Contact c, c.Account a, a.Owner AS o1 WHERE a.Name = 'x'",
		"SELECT Id FROM Lead USING SCOPE mine WHERE Name = 'x' LIMIT 1 FOR VIEW FOR REFERENCE",
		"SELECT Id FROM Lead LIMIT 1 FOR UPDATE, REFERENCE",
		"SELECT Id FROM Contact USING LOOKUP Job__c.Contact__c BIND Account__c = '001', Id = 'a00'",
		"SELECT Id FROM Lead WITH SECURITY_ENFORCED LIMIT 1",
		"SELECT Id FROM Lead WITH USER_MODE",
		"SELECT Title FROM Faq__kav WITH DATA CATEGORY Geo__c ABOVE usa__c AND Product__c AT (a__c, b__c) WITH SYSTEM_MODE UPDATE TRACKING, VIEWSTAT",
		"SELECT Id FROM Feed WITH UserId = '005' LIMIT 1",
		"SELECT RecordId FROM UserRecordAccess WITH RecordVisibilityContext (maxDescriptorPerRecord=100, supportsDomains=true)",
		"SELECT Id FROM Lead ALL ROWS",
		"SELECT Name FROM Lead OFFSET",
		"SELECT Id FROM Lead WHERE Name = 'tab\\tline\\nquote\\'\\\"back\\\\ \\u00e9'",
	} {
		if _, err := Parse(query); err != nil {
			t.Errorf("%s: %v", query, err)
		}
	}
}

func TestQueriesThatAreRefused(t *testing.T) {
	t.Parallel()
	for query, want := range map[string]string{
		"":                             "unexpected token: '<EOF>'",
		"SELECT FROM Lead":             "unexpected token: 'FROM'",
		"SELECT Id, FROM Lead":         "unexpected token: 'FROM'",
		"SELECT Id FORM Lead":          "unexpected token: 'Lead'",
		"SELECT * FROM Lead":           "unexpected token: '*'",
		"SELECTId FROM Lead":           "unexpected token: 'SELECTId'",
		"SELECT Id FROM Lead;":         "unexpected token: ';'",
		"SELECT Id x FROM Lead":        "only aggregate expressions use field aliasing",
		"SELECT Lower(Name) FROM Lead": "unexpected token: '('",
		"SELECT SUM(A, B) FROM Lead":   "wrong number of arguments",
		"SELECT SUM() FROM Lead":       "unexpected token: ')'",
		"SELECT SUM('x') FROM Lead":    "unexpected argument",
		"SELECT Id FROM Lead WHERE a = 1 AND b = 2 OR c = 3":           "unexpected token: 'OR'",
		"SELECT Id FROM Lead WHERE a IS NULL":                          "unexpected token: 'IS'",
		"SELECT Id FROM Lead WHERE a == 1":                             "unexpected token: '='",
		"SELECT Id FROM Lead WHERE (a = 1":                             "expecting a right parentheses, found '<EOF>'",
		"SELECT Id FROM Lead WHERE a = 1)":                             "unexpected token: ')'",
		"SELECT Id FROM Lead WHERE":                                    "unexpected token: '<EOF>'",
		"SELECT Id FROM Lead WHERE a = 'x":                             "mismatched character '<EOF>' expecting '''",
		"SELECT Id FROM Lead WHERE a = \"x\"":                          "line 1:30 no viable alternative at character '\"'",
		"SELECT Id FROM Lead WHERE a = 'O'Brien'":                      "mismatched character",
		"SELECT Id FROM Lead WHERE a = '\\q'":                          "Illegal character sequence '\\q'",
		"SELECT Id FROM Lead WHERE a = 2026-02-30":                     "Invalid date",
		"SELECT Id FROM Lead WHERE a = 2026-02-01T00:00:00":            "no viable alternative at character '<EOF>'",
		"SELECT Id FROM Lead WHERE a > 2026-02-01T00:00:00 00:00":      "no viable alternative at character ' '",
		"SELECT Id FROM Lead WHERE a = 08.01.2026":                     "unexpected token: '.2026'",
		"SELECT Id FROM Lead WHERE a = :x":                             "Bind variables only allowed in Apex code",
		"SELECT Id FROM Lead WHERE a = b":                              "Bind variables only allowed in Apex code",
		"SELECT Id FROM Lead WHERE a IN ids":                           "expecting a colon, found 'ids'",
		"SELECT Id FROM Lead WHERE a IN ()":                            "unexpected token: ')'",
		"SELECT Id FROM Lead WHERE a LIKE ('x')":                       "unexpected token: '('",
		"SELECT Id FROM Lead WHERE a = LAST_N_DAYS":                    "expecting a colon, found '<EOF>'",
		"SELECT Id FROM Lead WHERE a = LAST_N_DAYS:-3":                 "unexpected token: '-3'",
		"SELECT Id FROM Lead WHERE GEOLOCATION(1,2) < 3":               "unexpected token: 'GEOLOCATION'",
		"SELECT Id FROM Lead WHERE DISTANCE(a, b, 'm') < 3":            "'mi' or 'km'",
		"SELECT DISTANCE(GEOLOCATION(1,2), a, 'mi') FROM Lead":         "location field as its first argument",
		"SELECT DISTANCE(a, GEOLOCATION(b,2), 'mi') FROM Lead":         "must have numbers",
		"SELECT Id FROM Lead LIMIT x":                                  "expecting a colon, found 'x'",
		"SELECT Id FROM Lead LIMIT":                                    "expecting a colon, found '<EOF>'",
		"SELECT Id FROM Lead LIMIT -1":                                 "expecting a colon, found '-'",
		"SELECT Id FROM Lead LIMIT 2147483648":                         "numeric value out of range: 2147483648",
		"SELECT Id FROM Lead LIMIT 1.5":                                "expecting a colon, found '1.5'",
		"SELECT Id FROM Lead OFFSET 1 LIMIT 1":                         "unexpected token: 'LIMIT'",
		"SELECT Id FROM Lead ORDER BY Id WHERE a = 1":                  "unexpected token: 'WHERE'",
		"SELECT Id FROM Lead HAVING COUNT(Id) > 1":                     "unexpected token: 'HAVING'",
		"SELECT Id FROM Lead trailing words":                           "unexpected token: 'words'",
		"SELECT Id (SELECT Id FROM Tasks) FROM Lead":                   "unexpected token: '('",
		"SELECT TYPEOF Who END FROM Task":                              "unexpected token: 'END'",
		"SELECT TYPEOF Who WHEN Lead THEN Id FROM Task":                "unexpected token: 'FROM'",
		"SELECT FIELDS(SOME) FROM Lead":                                "unexpected token: 'SOME'",
		"SELECT Id FROM Lead USING MINE":                               "unexpected token: 'MINE'",
		"SELECT Id FROM Lead WITH":                                     "unexpected token: '<EOF>'",
		"SELECT Id FROM Lead FOR EDIT":                                 "unexpected token: 'EDIT'",
		"SELECT Id FROM Lead FOR":                                      "unexpected token: '<EOF>'",
		"SELECT a..b FROM Lead":                                        "unexpected token: '.'",
		"SELECT Id FROM Lead /* all */":                                "unexpected token: '/'",
		"SELECT Id FROM Lead WHERE " + strings.Repeat("(", 500):        "nested too deeply",
		"SELECT Id FROM Lead WHERE " + strings.Repeat("NOT ", 500):     "nested too deeply",
		"SELECT " + strings.Repeat("FORMAT(", 500) + " FROM Lead":      "nested too deeply",
		"SELECT " + strings.Repeat("(SELECT ", 500):                    "nested too deeply",
		"SELECT Id FROM L WHERE a='" + strings.Repeat("x", 4001) + "'": "string literal too long",
	} {
		_, err := Parse(query)
		var refused *Error
		if !errors.As(err, &refused) || refused.Code != "MALFORMED_QUERY" || !strings.Contains(refused.Message, want) {
			t.Errorf("%s: %v, want %q", query, err, want)
		}
	}
}

func TestErrorsQuoteTheQueryAroundTheirPlace(t *testing.T) {
	t.Parallel()
	query := "SELECT Id,Name,BillingCity,IsDeleted FROM Accout"
	err := Errorf("INVALID_TYPE", query, strings.Index(query, "Accout"), "sObject type 'Accout' is not supported.")
	want := "\nName,BillingCity,IsDeleted FROM Accout\n                                ^\nERROR at Row:1:Column:43\nsObject type 'Accout' is not supported."
	if err.Message != want {
		t.Errorf("a name that is not there\ngot  %q\nwant %q", err.Message, want)
	}
	_, syntax := Parse(`SELECT FirstName, LastName FROM CampaignMember WHERE Id = "00v3D000003BjNa"`)
	want = "MALFORMED_QUERY: \nFROM CampaignMember WHERE Id = \"00v3D000003BjNa\"\n                              ^\nERROR at Row:1:Column:58\nline 1:58 no viable alternative at character '\"'"
	if syntax.Error() != want {
		t.Errorf("a character that begins nothing\ngot  %q\nwant %q", syntax, want)
	}
	_, syntax = Parse("SELECT Id, Email, Name\nFROM Contact\nWHERE AccountId = '0014000000p6XlS' AND LastName LIKE 'test' OR email LIKE 'test'")
	want = "MALFORMED_QUERY: \n'0014000000p6XlS' AND LastName LIKE 'test' OR email LIKE 'test'\n                                          ^\nERROR at Row:3:Column:61\nunexpected token: 'OR'"
	if syntax.Error() != want {
		t.Errorf("a word in a later line\ngot  %q\nwant %q", syntax, want)
	}
}

func TestLimitsOfLengthAndOffset(t *testing.T) {
	t.Parallel()
	for query, code := range map[string]string{
		"SELECT Id FROM Lead OFFSET 2001":                                "NUMBER_OUTSIDE_VALID_RANGE",
		"SELECT Id FROM Lead WHERE a = '" + strings.Repeat("x", 100_000): "QUERY_TOO_COMPLICATED",
	} {
		var refused *Error
		if _, err := Parse(query); !errors.As(err, &refused) || refused.Code != code {
			t.Errorf("%.40s…: %v, want %s", query, err, code)
		}
	}
	if _, err := Parse("SELECT Id FROM Lead LIMIT 0 OFFSET 2000"); err != nil {
		t.Error(err)
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

func TestAQueryIsReadIntoItsParts(t *testing.T) {
	t.Parallel()
	q, err := Parse("SELECT Id, (SELECT Subject s FROM Tasks GROUP BY Subject), MAX(Name) m, FIELDS(CUSTOM) FROM Account a, a.Owner o " +
		"USING SCOPE team WHERE Id IN (SELECT AccountId FROM Contact) WITH USER_MODE GROUP BY CUBE(Name) HAVING COUNT(Id) > 2 " +
		"ORDER BY o.Name DESC NULLS LAST, Id LIMIT 7 OFFSET 3 FOR VIEW UPDATE TRACKING ALL ROWS")
	if err != nil {
		t.Fatal(err)
	}
	compare := q.Where.(*Compare)
	switch {
	case len(q.Select) != 4 || q.Select[1].Child.From.Text != "Tasks" || q.Select[2].Alias != "m" || q.Select[2].Args[0].Path.String() != "Name" || q.Select[3].Fields != "CUSTOM":
		t.Errorf("SELECT: %+v", q.Select)
	case q.From.Text != "Account" || q.Alias != "a" || q.Joins[0].Path.String() != "a.Owner" || q.Joins[0].Alias != "o" || q.Scope.Text != "team":
		t.Errorf("FROM: %+v %+v", q.From, q.Joins)
	case compare.Op != In || compare.Sub.From.Text != "Contact" || q.With[0].Kind != "USER_MODE":
		t.Errorf("WHERE: %+v", compare)
	case q.Subtotals != "CUBE" || len(q.GroupBy) != 1 || q.Having.(*Compare).Func != "COUNT":
		t.Errorf("GROUP BY: %+v", q)
	case !q.OrderBy[0].Desc || !q.OrderBy[0].NullsLast || q.OrderBy[1].Desc || q.OrderBy[1].NullsLast:
		t.Errorf("ORDER BY: %+v", q.OrderBy)
	case q.Limit != 7 || q.Offset != 3 || q.For[0].Text != "VIEW" || q.Update[0].Text != "TRACKING" || q.AllRows == nil:
		t.Errorf("the end: %+v", q)
	}
}

func FuzzParse(f *testing.F) {
	for _, seed := range []string{
		"SELECT Id FROM Lead WHERE (a = 1 OR b LIKE '%x\\'') AND c IN (null, 2026-01-31T00:00:00Z) ORDER BY d DESC NULLS LAST LIMIT 1 OFFSET 2",
		"SELECT FIELDS(ALL), COUNT(), MAX(x) y FROM Lead l GROUP BY z", "SELECT é FROM Lead", "select '", "SELECT a FROM b WHERE NOT NOT c = LAST_N_DAYS:3",
		"SELECT TYPEOF a WHEN b THEN c ELSE d END, (SELECT e FROM f.g) FROM h i, i.j k USING SCOPE l WITH DATA CATEGORY m AT (n) GROUP BY ROLLUP(o) HAVING SUM(p)>USD5.5 FOR VIEW, UPDATE",
		"SELECT DISTANCE(a, GEOLOCATION(-1.5,2), 'mi') FROM b WHERE c IN (SELECT d FROM e) ALL ROWS",
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
