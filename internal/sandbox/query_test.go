package sandbox

import (
	"fmt"
	"net/url"
	"strings"
	"testing"
	"time"
)

// people fills an org with leads that differ in what queries look at.
func people(t *testing.T) *client {
	t.Helper()
	c := newClient(t, Options{})
	for _, f := range []m{
		{"LastName": "Abel", "Email": "Abel@X.test", "NumberOfEmployees": 5, "Status": "Working - Contacted", "Title": "100% CEO"},
		{"LastName": "Baker", "Email": "baker@x.test", "NumberOfEmployees": 50, "DoNotCall": true, "Title": "100x CEO"},
		{"LastName": "Cole", "NumberOfEmployees": 500, "AnnualRevenue": 1e6},
	} {
		f["Company"] = "Acme"
		c.insert("Lead", f)
		c.org.Clock().Advance(time.Hour)
	}
	return c
}

func TestFiltersSelectWhatSalesforceWould(t *testing.T) {
	t.Parallel()
	c := people(t)
	for where, want := range map[string]string{
		"Email = 'abel@x.TEST'":                            "Abel",
		"Email = null":                                     "Cole",
		"Email != null":                                    "Abel Baker",
		"Email != 'baker@x.test'":                          "Abel Cole",
		"Email NOT IN ('baker@x.test')":                    "Abel Cole",
		"Email IN ('baker@x.test', null)":                  "Baker Cole",
		"LastName LIKE '%e'":                               "Cole",
		"LastName LIKE '_bel'":                             "Abel",
		`Title LIKE '100\% %'`:                             "Abel",
		"Title LIKE '100_ ceo'":                            "Abel Baker",
		"NumberOfEmployees >= 50 AND DoNotCall = false":    "Cole",
		"NumberOfEmployees < 50 OR DoNotCall = true":       "Abel Baker",
		"NOT (NumberOfEmployees < 50 OR DoNotCall = true)": "Cole",
		"LastName > 'b'":                                   "Baker Cole",
		"CreatedDate = 2026-01-31T10:00:00Z":               "Baker",
		"CreatedDate > 2026-01-31T10:30:00+01:00":          "Baker Cole",
		"CreatedDate < 2026-01-31T09:00:00.500Z":           "Abel",
		"CreatedDate = TODAY":                              "Abel Baker Cole",
		"CreatedDate < TODAY":                              "",
		"CreatedDate = LAST_N_DAYS:1":                      "Abel Baker Cole",
		"CreatedDate = LAST_MONTH":                         "",
		"SystemModstamp >= 2026-01-31T10:00:00Z AND SystemModstamp < 2026-01-31T11:00:00Z": "Baker",
		"Owner.Name = 'sam sales'":                  "Abel Baker Cole",
		"Owner.Name = 'Ada Admin'":                  "",
		"CreatedBy.Username = 'sales@sandbox.test'": "Abel Baker Cole",
	} {
		var names []string
		for _, r := range c.query("SELECT LastName FROM Lead WHERE " + where + " ORDER BY LastName").Records {
			names = append(names, r["LastName"].(string))
		}
		if got := strings.Join(names, " "); got != want {
			t.Errorf("%s: %q, want %q", where, got, want)
		}
	}
}

func TestQueriesThatNameWhatIsNotThere(t *testing.T) {
	t.Parallel()
	c := people(t)
	for soql, want := range map[string][2]string{
		"SELECT Id,Name,BillingCity,IsDeleted FROM Accout":             {"INVALID_TYPE", "\nName,BillingCity,IsDeleted FROM Accout\n                                ^\nERROR at Row:1:Column:43\nsObject type 'Accout' is not supported. If you are attempting to use a custom object, be sure to append the '__c' after the entity name. Please reference your WSDL or the describe call for the appropriate names."},
		"SELECT Id FROM ScratchOrgInfo limit 1":                        {"INVALID_TYPE", "ScratchOrgInfo"},
		"SELECT Foo FROM Lead":                                         {"INVALID_FIELD", "ERROR at Row:1:Column:8\nNo such column 'Foo' on entity 'Lead'."},
		"SELECT Id FROM Lead WHERE Foo = 1":                            {"INVALID_FIELD", "Column:27"},
		"SELECT Boss.Name FROM Lead":                                   {"INVALID_FIELD", "Didn't understand relationship 'Boss'"},
		"SELECT Id FROM Lead WHERE Email = 5":                          {"INVALID_FIELD", "must be of type string and should be enclosed in quotes"},
		"SELECT Id FROM Lead WHERE CreatedDate = '2026-01-31'":         {"INVALID_FIELD", "must be of type dateTime and should not be enclosed in quotes"},
		"SELECT Id FROM Lead WHERE CreatedDate = 2026-01-31":           {"INVALID_FIELD", "must be of type dateTime"},
		"SELECT Id FROM Lead WHERE Id = 'x'":                           {"INVALID_QUERY_FILTER_OPERATOR", "invalid ID field: x"},
		"SELECT Id FROM Lead WHERE Id LIKE '00Q%'":                     {"INVALID_QUERY_FILTER_OPERATOR", "invalid operator on id field"},
		"SELECT Id FROM Lead WHERE Description = 'x'":                  {"INVALID_FIELD", "field 'Description' can not be filtered"},
		"SELECT Id FROM Lead ORDER BY Description":                     {"MALFORMED_QUERY", "field 'Description' can not be sorted"},
		"SELECT Id, Id FROM Lead":                                      {"INVALID_FIELD", "duplicate field selected: Id"},
		"SELECT FIELDS(ALL) FROM Lead":                                 {"MALFORMED_QUERY", "LIMIT of at most 200"},
		"SELECT Status, LastName, COUNT(Id) FROM Lead GROUP BY Status": {"MALFORMED_QUERY", "Field must be grouped or aggregated: LastName"},
	} {
		message := c.refused(400, want[0], "GET", v67+"/query?q="+url.QueryEscape(soql), nil)
		if !strings.Contains(message, want[1]) {
			t.Errorf("%s: %q, want %q in it", soql, message, want[1])
		}
	}
}

func TestParentsAreNestedInTheOrderOfTheSelectList(t *testing.T) {
	t.Parallel()
	c := newClient(t, Options{})
	account := c.insert("Account", m{"Name": "Acme"})
	contact := c.insert("Contact", m{"LastName": "D", "AccountId": account})
	c.insert("Contact", m{"LastName": "E"})
	lead := c.lead("a@x.test")
	c.insert("Task", m{"Subject": "Call", "WhoId": contact})
	c.insert("Task", m{"Subject": "Mail", "WhoId": lead})
	_, body := c.do("GET", v67+"/query?q="+url.QueryEscape("SELECT Account.Name, LastName, Account.Owner.Name FROM Contact ORDER BY LastName"), nil)
	path := v67 + "/sobjects/"
	want := fmt.Sprintf(`{"totalSize":2,"done":true,"records":[{"attributes":{"type":"Contact","url":"%[1]sContact/%[2]s"},"Account":{"attributes":{"type":"Account","url":"%[1]sAccount/%[3]s"},"Name":"Acme","Owner":{"attributes":{"type":"User","url":"%[1]sUser/%[4]s"},"Name":"Sam Sales"}},"LastName":"D"},`,
		path, contact, account, c.org.User(SalesUser).ID())
	if !strings.HasPrefix(string(body), want) || !strings.Contains(string(body), `"Account":null`) {
		t.Errorf("got  %s\nwant %s…", body, want)
	}
	r := c.query("SELECT Subject, Who.Type, Who.Name, AccountId FROM Task WHERE Who.Type = 'Lead'")
	who, _ := r.Records[0]["Who"].(m)
	if r.TotalSize != 1 || who["Type"] != "Lead" || who["Name"] != "Doe" || who["attributes"].(m)["type"] != "Name" || r.Records[0]["AccountId"] != nil {
		t.Errorf("tasks of leads: %v", r.Records)
	}
	if got := c.query("SELECT AccountId FROM Task WHERE WhoId = '" + contact + "'").Records[0]["AccountId"]; got != account {
		t.Errorf("the contact's task has the account %v", got)
	}
}

func TestOrderPutsNullsWhereAsked(t *testing.T) {
	t.Parallel()
	c := people(t)
	for order, want := range map[string]string{
		"Email": "Cole Abel Baker", "Email NULLS LAST": "Abel Baker Cole",
		"Email DESC": "Cole Baker Abel", "Email DESC NULLS LAST": "Baker Abel Cole",
		"SystemModstamp DESC": "Cole Baker Abel", "SystemModstamp, Id": "Abel Baker Cole",
		"Email LIMIT 1 OFFSET 1": "Abel",
	} {
		var names []string
		for _, r := range c.query("SELECT LastName FROM Lead ORDER BY " + order).Records {
			names = append(names, r["LastName"].(string))
		}
		if got := strings.Join(names, " "); got != want {
			t.Errorf("ORDER BY %s: %q, want %q", order, got, want)
		}
	}
}

func TestCountsAndGroups(t *testing.T) {
	t.Parallel()
	c := people(t)
	if r := c.query("SELECT COUNT() FROM Lead"); r.TotalSize != 3 || len(r.Records) != 0 || !r.Done {
		t.Errorf("COUNT(): %+v", r)
	}
	r := c.query("SELECT Status, COUNT(Id), MAX(NumberOfEmployees) most FROM Lead GROUP BY Status ORDER BY COUNT(Id) DESC")
	first := r.Records[0]
	if r.TotalSize != 2 || first["Status"] != "Open - Not Contacted" || first["expr0"] != 2.0 || first["most"] != 500.0 ||
		first["attributes"].(m)["type"] != "AggregateResult" {
		t.Errorf("groups: %v", r.Records)
	}
	r = c.query("SELECT COUNT_DISTINCT(Company), SUM(NumberOfEmployees), AVG(AnnualRevenue), MIN(Email) FROM Lead WHERE LastName = 'none'")
	if r.TotalSize != 1 || r.Records[0]["expr0"] != 0.0 || r.Records[0]["expr1"] != nil {
		t.Errorf("aggregates of nothing: %v", r.Records)
	}
}

func TestLongResultsComeInPages(t *testing.T) {
	t.Parallel()
	c := newClient(t, Options{})
	for i := range 450 {
		c.lead(fmt.Sprintf("p%d@x.test", i))
	}
	seen := map[any]bool{}
	var page result
	c.want(200, &page, "GET", "/services/data/v63.0/query/?q=SELECT+Id+FROM+Lead", nil, "Sforce-Query-Options", "batchSize=200")
	for pages := 1; ; pages++ {
		for _, r := range page.Records {
			seen[r["Id"]] = true
		}
		if page.Done {
			if pages != 3 || len(seen) != 450 {
				t.Errorf("%d records on %d pages", len(seen), pages)
			}
			break
		}
		if !strings.HasPrefix(page.NextRecordsURL, "/services/data/v63.0/query/01g") || strings.Count(page.NextRecordsURL, "/") != 5 {
			t.Fatalf("nextRecordsUrl is %s", page.NextRecordsURL)
		}
		next := page.NextRecordsURL
		page = result{}
		c.want(200, &page, "GET", next, nil)
	}
	c.refused(400, "INVALID_QUERY_LOCATOR", "GET", v67+"/query/"+recordID("01g", "00", 99)+"-2000", nil)
}

func TestDateLiteralsNameTheirSpans(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 5, 13, 15, 4, 5, 0, time.UTC) // a Wednesday
	for literal, want := range map[string]string{
		"TODAY": "2026-05-13 2026-05-14", "YESTERDAY": "2026-05-12 2026-05-13", "TOMORROW": "2026-05-14 2026-05-15",
		"THIS_WEEK": "2026-05-10 2026-05-17", "LAST_WEEK": "2026-05-03 2026-05-10", "NEXT_WEEK": "2026-05-17 2026-05-24",
		"THIS_MONTH": "2026-05-01 2026-06-01", "LAST_MONTH": "2026-04-01 2026-05-01", "NEXT_MONTH": "2026-06-01 2026-07-01",
		"THIS_QUARTER": "2026-04-01 2026-07-01", "LAST_FISCAL_QUARTER": "2026-01-01 2026-04-01",
		"THIS_YEAR": "2026-01-01 2027-01-01", "NEXT_FISCAL_YEAR": "2027-01-01 2028-01-01",
		"LAST_90_DAYS": "2026-02-12 2026-05-14", "NEXT_90_DAYS": "2026-05-14 2026-08-12",
		"LAST_N_DAYS:3": "2026-05-10 2026-05-14", "NEXT_N_DAYS:3": "2026-05-14 2026-05-17", "N_DAYS_AGO:3": "2026-05-10 2026-05-11",
		"LAST_N_WEEKS:2": "2026-04-26 2026-05-10", "LAST_N_MONTHS:2": "2026-03-01 2026-05-01", "N_MONTHS_AGO:2": "2026-03-01 2026-04-01",
		"NEXT_N_YEARS:2": "2027-01-01 2029-01-01",
	} {
		name, count, _ := strings.Cut(literal, ":")
		n := 0
		if count != "" {
			if _, err := fmt.Sscan(count, &n); err != nil {
				t.Fatal(err)
			}
		}
		from, to := relativeSpan(now, name, n)
		if got := from.Format(time.DateOnly) + " " + to.Format(time.DateOnly); got != want {
			t.Errorf("%s: %s, want %s", literal, got, want)
		}
	}
}
