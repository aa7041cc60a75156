package sandbox

import (
	"net/http/httptest"
	"net/url"
	"testing"
)

// FuzzQuery sends any text as a query to an org with a few records: the answer is
// a result or a refusal, never a crash.
func FuzzQuery(f *testing.F) {
	for _, seed := range []string{
		"SELECT Id, Account.Owner.Name, (SELECT Id, (SELECT Subject FROM Tasks) FROM Contacts ORDER BY Name DESC NULLS LAST) FROM Account WHERE Name LIKE 'A%' LIMIT 5 OFFSET 1",
		"SELECT TYPEOF Who WHEN Lead THEN Company ELSE Name END, Who.Type FROM Task WHERE What.Type = 'Account' FOR VIEW, UPDATE",
		"SELECT Account.Name n, CALENDAR_YEAR(CreatedDate), COUNT(Id), GROUPING(Account.Name) FROM Contact GROUP BY CUBE(Account.Name, CALENDAR_YEAR(CreatedDate)) HAVING COUNT(Id) > 0 ORDER BY n",
		"SELECT FIELDS(ALL) FROM Contact WHERE AccountId IN (SELECT Id FROM Account WHERE Industry != null) AND Birthdate < N_YEARS_AGO:3 LIMIT 200",
		"SELECT COUNT_DISTINCT(Email), FORMAT(MAX(Birthdate)), AVG(Account.AnnualRevenue) FROM Contact USING SCOPE team WITH USER_MODE",
		"SELECT DISTANCE(BillingAddress, GEOLOCATION(1,2), 'km') d, toLabel(Industry), FORMAT(convertCurrency(AnnualRevenue)) FROM Account ORDER BY DISTANCE(BillingAddress, GEOLOCATION(1,2), 'km')",
		"SELECT Id FROM Lead WHERE SystemModstamp > 2026-01-31T09:00:00Z OR (SystemModstamp = 2026-01-31T09:00:00Z AND Id > '00Q000000000001') ORDER BY SystemModstamp, Id",
		"SELECT c.Id, a.Name FROM Contact c, c.Account a WHERE NOT (c.Email = '' OR a.Name IN ('x', null)) AND HOUR_IN_DAY(convertTimezone(c.CreatedDate)) != 3",
		"SELECT COUNT() FROM User WHERE IsActive = true AND Id = '005000000000001'", "SELECT Id FROM Task WHERE ActivityDate = LAST_N_FISCAL_QUARTERS:99999999",
	} {
		f.Add(seed)
	}
	org := New(Options{DailyAPILimit: 1 << 40})
	token := org.IssueToken()
	for _, record := range []struct {
		object string
		fields m
	}{
		{"Account", m{"Name": "Acme", "Industry": "Banking", "AnnualRevenue": 1e6, "BillingLatitude": 1.5, "BillingLongitude": 2}},
		{"Contact", m{"LastName": "Ann", "Email": "ann@acme.test", "Birthdate": "1980-02-29"}},
		{"Lead", m{"LastName": "Lee", "Company": "Acme", "NumberOfEmployees": 5}}, {"Task", m{"Subject": "Call"}},
	} {
		if _, err := org.Insert(org.User(SalesUser), record.object, record.fields); err != nil {
			f.Fatal(err)
		}
	}
	handler := org.Handler()
	f.Fuzz(func(t *testing.T, soql string) {
		if len(soql) > 4000 {
			return
		}
		for _, parameter := range []string{"q", "columns=true&q", "explain"} {
			request := httptest.NewRequest("GET", v67+"/query?"+parameter+"="+url.QueryEscape(soql), nil)
			request.Header.Set("Authorization", "Bearer "+token)
			answer := httptest.NewRecorder()
			handler.ServeHTTP(answer, request)
			if answer.Code != 200 && answer.Code != 400 {
				t.Fatalf("%s=%q: status %d: %s", parameter, soql, answer.Code, answer.Body)
			}
		}
	})
}
