package sandbox

import (
	"encoding/json"
	"fmt"
	"net/url"
	"strings"
	"testing"
	"time"
)

// company fills an org with two accounts, three contacts and their activities.
func company(t *testing.T) (c *client, ids map[string]string) {
	t.Helper()
	c = newClient(t, Options{})
	ids = map[string]string{}
	ids["acme"] = c.insert("Account", m{"Name": "Acme", "Industry": "Banking", "AnnualRevenue": 1234567.0, "BillingLatitude": 52.52, "BillingLongitude": 13.405})
	ids["bolt"] = c.insert("Account", m{"Name": "Bolt", "Industry": "Energy", "BillingLatitude": 48.137, "BillingLongitude": 11.575})
	ids["ann"] = c.insert("Contact", m{"LastName": "Ann", "AccountId": ids["acme"], "Email": "ann@acme.test", "Birthdate": "1980-02-29"})
	c.org.Clock().Advance(24 * time.Hour)
	ids["bob"] = c.insert("Contact", m{"LastName": "Bob", "AccountId": ids["acme"], "ReportsToId": ids["ann"]})
	ids["cyd"] = c.insert("Contact", m{"LastName": "Cyd"})
	ids["lead"] = c.insert("Lead", m{"LastName": "Lee", "Company": "Acme", "Email": "lee@acme.test", "LeadSource": "Web"})
	ids["call"] = c.insert("Task", m{"Subject": "Call", "WhoId": ids["ann"], "WhatId": ids["acme"], "ActivityDate": "2026-02-01"})
	ids["mail"] = c.insert("Task", m{"Subject": "Mail", "WhoId": ids["lead"]})
	ids["bare"] = c.insert("Task", m{"Subject": "Bare"})
	return c, ids
}

// rows runs a query and returns its records as JSON without attributes.
func (c *client) table(soql string) string {
	c.t.Helper()
	var b strings.Builder
	for _, record := range c.query(soql).Records {
		stripAttributes(record)
		row, err := json.Marshal(record)
		if err != nil {
			c.t.Fatal(err)
		}
		b.Write(append(row, ' '))
	}
	return strings.TrimSpace(b.String())
}

func stripAttributes(v any) {
	switch v := v.(type) {
	case m:
		delete(v, "attributes")
		for _, below := range v {
			stripAttributes(below)
		}
	case []any:
		for _, below := range v {
			stripAttributes(below)
		}
	}
}

func TestQueriesOfEveryKindAnswerAsSalesforceWould(t *testing.T) {
	t.Parallel()
	c, ids := company(t)
	for soql, want := range map[string]string{
		"SELECT Name, (SELECT LastName FROM Contacts ORDER BY LastName DESC) FROM Account ORDER BY Name":                              `{"Contacts":{"done":true,"records":[{"LastName":"Bob"},{"LastName":"Ann"}],"totalSize":2},"Name":"Acme"} {"Contacts":null,"Name":"Bolt"}`,
		"SELECT Name, (SELECT Contact.LastName FROM Account.Contacts LIMIT 1) FROM Account WHERE Name = 'Acme'":                       `{"Contacts":{"done":true,"records":[{"LastName":"Ann"}],"totalSize":1},"Name":"Acme"}`,
		"SELECT (SELECT LastName, (SELECT Subject FROM Tasks) FROM Contacts WHERE LastName = 'Ann') FROM Account WHERE Name = 'Acme'": `{"Contacts":{"done":true,"records":[{"LastName":"Ann","Tasks":{"done":true,"records":[{"Subject":"Call"}],"totalSize":1}}],"totalSize":1}}`,

		"SELECT Subject, TYPEOF Who WHEN Lead THEN Company, LastName WHEN Contact THEN Account.Name ELSE Name END FROM Task ORDER BY Subject": `{"Subject":"Bare","Who":null} {"Subject":"Call","Who":{"Account":{"Name":"Acme"}}} {"Subject":"Mail","Who":{"Company":"Acme","LastName":"Lee"}}`,
		"SELECT TYPEOF Who WHEN Contact THEN LastName END FROM Task WHERE Subject != 'Bare' ORDER BY Subject":                                 `{"Who":{"LastName":"Ann"}} {"Who":null}`,
		"SELECT TYPEOF What WHEN Opportunity THEN Amount ELSE Name, Type END FROM Task WHERE WhatId != null":                                  `{"What":{"Name":"Acme","Type":"Account"}}`,
		"SELECT Who.Name, Who.Type, Owner.Profile.Name FROM Task WHERE Who.Type = 'Lead'":                                                     "",

		"SELECT Name FROM Account WHERE Id IN (SELECT AccountId FROM Contact WHERE LastName = 'Bob')":                                        `{"Name":"Acme"}`,
		"SELECT Name FROM Account WHERE Id NOT IN (SELECT AccountId FROM Contact)":                                                           `{"Name":"Bolt"}`,
		"SELECT LastName FROM Contact WHERE Id IN (SELECT WhoId FROM Task WHERE Subject = 'Call') AND AccountId IN (SELECT Id FROM Account)": `{"LastName":"Ann"}`,
		"SELECT LastName FROM Contact WHERE NOT Account.Name = 'Acme'":                                                                       `{"LastName":"Cyd"}`,
		"SELECT c.LastName, a.Name FROM Contact c, c.Account a WHERE a.Name = 'Acme' AND c.ReportsTo.LastName = 'Ann'":                       `{"Account":{"Name":"Acme"},"LastName":"Bob"}`,
		"SELECT LastName FROM Contact WHERE Id = '" + ids["ann"][:15] + "'":                                                                  `{"LastName":"Ann"}`,
		"SELECT LastName FROM Contact WHERE Id IN ('" + ids["ann"][:15] + "', '" + ids["bob"] + "') ORDER BY Id DESC":                        `{"LastName":"Bob"} {"LastName":"Ann"}`,
		"select lastname lABEL, COUNT(id) from contact group by LASTNAME having count(ID) > 0 and lastName like 'b%'":                        `{"expr0":1,"lABEL":"Bob"}`,

		"SELECT CALENDAR_YEAR(CreatedDate) y, DAY_IN_MONTH(CreatedDate) d, COUNT(Id) n FROM Contact GROUP BY CALENDAR_YEAR(CreatedDate), DAY_IN_MONTH(CreatedDate) ORDER BY DAY_IN_MONTH(CreatedDate) DESC": `{"d":31,"n":1,"y":2026} {"d":1,"n":2,"y":2026}`,
		"SELECT LastName FROM Contact WHERE DAY_ONLY(CreatedDate) = 2026-02-01 AND HOUR_IN_DAY(CreatedDate) = 9 ORDER BY LastName":                                                                          `{"LastName":"Bob"} {"LastName":"Cyd"}`,
		"SELECT LastName FROM Contact WHERE CALENDAR_MONTH(Birthdate) = 2 AND DAY_IN_YEAR(Birthdate) = 60 AND DAY_IN_WEEK(Birthdate) = 6":                                                                   `{"LastName":"Ann"}`,
		"SELECT LastName FROM Contact WHERE WEEK_IN_MONTH(Birthdate) = 5 AND WEEK_IN_YEAR(Birthdate) = 9 AND FISCAL_QUARTER(Birthdate) = 1":                                                                 `{"LastName":"Ann"}`,
		"SELECT FORMAT(AnnualRevenue) r, FORMAT(CreatedDate) d, toLabel(Industry), convertCurrency(AnnualRevenue) FROM Account WHERE Name = 'Acme'":                                                         `{"AnnualRevenue":1234567,"Industry":"Banking","d":"1/31/2026, 9:00 AM","r":"$1,234,567"}`,
		"SELECT FORMAT(Birthdate) FROM Contact WHERE Birthdate != null":                                                                                                                                     `{"Birthdate":"2/29/1980"}`,
		"SELECT Name FROM Account WHERE toLabel(Industry) = 'energy'":                                                                                                                                       `{"Name":"Bolt"}`,
		"SELECT Name FROM Account WHERE AnnualRevenue > USD1000000":                                                                                                                                         `{"Name":"Acme"}`,
		"SELECT Name FROM Account WHERE DISTANCE(BillingAddress, GEOLOCATION(52.4, 13.1), 'km') < 50":                                                                                                       `{"Name":"Acme"}`,
		"SELECT Name FROM Account ORDER BY DISTANCE(BillingAddress, GEOLOCATION(48.1, 11.5), 'mi') LIMIT 1":                                                                                                 `{"Name":"Bolt"}`,

		"SELECT Account.Name, COUNT(Id) FROM Contact GROUP BY Account.Name ORDER BY COUNT(Id) DESC":                                  `{"Name":"Acme","expr0":2} {"Name":null,"expr0":1}`,
		"SELECT COUNT(AccountId), COUNT_DISTINCT(AccountId), MIN(LastName), MAX(Birthdate) b, FORMAT(MAX(Birthdate)) f FROM Contact": `{"b":"1980-02-29","expr0":2,"expr1":1,"expr2":"Ann","f":"2/29/1980"}`,
		"SELECT SUM(AnnualRevenue), AVG(AnnualRevenue) FROM Account":                                                                 `{"expr0":1234567,"expr1":1234567}`,
		"SELECT Industry, COUNT(Id) n, GROUPING(Industry) g FROM Account GROUP BY ROLLUP(Industry)":                                  `{"Industry":"Banking","g":0,"n":1} {"Industry":"Energy","g":0,"n":1} {"Industry":null,"g":1,"n":2}`,
		"SELECT Industry, Name, COUNT(Id) n FROM Account GROUP BY ROLLUP(Industry, Name)":                                            `{"Industry":"Banking","Name":"Acme","n":1} {"Industry":"Banking","Name":null,"n":1} {"Industry":"Energy","Name":"Bolt","n":1} {"Industry":"Energy","Name":null,"n":1} {"Industry":null,"Name":null,"n":2}`,
		"SELECT Industry, Name, COUNT(Id) n FROM Account GROUP BY CUBE(Industry, Name) HAVING GROUPING(Industry) = 1":                `{"Industry":null,"Name":"Acme","n":1} {"Industry":null,"Name":"Bolt","n":1} {"Industry":null,"Name":null,"n":2}`,
		"SELECT Name n FROM Account GROUP BY Name ORDER BY n DESC LIMIT 1":                                                           `{"n":"Bolt"}`,
		"SELECT LastName FROM Contact USING SCOPE mine":                                                                              "",
		"SELECT LastName FROM Contact USING SCOPE everything WITH SECURITY_ENFORCED ORDER BY LastName LIMIT 1 FOR UPDATE":            `{"LastName":"Ann"}`,
		"SELECT LastName FROM Contact WITH USER_MODE ORDER BY LastName LIMIT 1 OFFSET 2":                                             `{"LastName":"Cyd"}`,
		"SELECT LastName FROM Contact LIMIT 0":                                                                                       "",
	} {
		if want == "" && !strings.Contains(soql, "LIMIT 0") && !strings.Contains(soql, "mine") {
			c.table(soql) // that it runs is enough
			continue
		}
		if got := c.table(soql); got != want {
			t.Errorf("%s\ngot  %s\nwant %s", soql, got, want)
		}
	}
}

func TestQueriesThatMakeNoSense(t *testing.T) {
	t.Parallel()
	c, _ := company(t)
	for soql, want := range map[string][2]string{
		"SELECT Id, (SELECT Id FROM Contact) FROM Account":                                                                                          {"INVALID_TYPE", "Didn't understand relationship 'Contact' in FROM part of query call."},
		"SELECT Id, (SELECT COUNT(Id) FROM Contacts) FROM Account":                                                                                  {"MALFORMED_QUERY", "Only root queries support aggregate expressions"},
		"SELECT Id, (SELECT Id FROM Contacts), (SELECT Name FROM Contacts) FROM Account":                                                            {"INVALID_FIELD", "duplicate field selected: Contacts"},
		"SELECT TYPEOF Account WHEN Account THEN Id END FROM Contact":                                                                               {"INVALID_FIELD", "non-polymorphic relationship"},
		"SELECT Who.Name, TYPEOF Who WHEN Lead THEN Company END FROM Task":                                                                          {"MALFORMED_QUERY", "selected by a path too: Who"},
		"SELECT TYPEOF Who WHEN Lead THEN Company END, Who.Type FROM Task":                                                                          {"MALFORMED_QUERY", "ERROR at Row:1:Column:8"},
		"SELECT TYPEOF Who WHEN Account THEN Id END FROM Task":                                                                                      {"INVALID_FIELD", "not a possible type"},
		"SELECT TYPEOF Who WHEN Leed THEN Id END FROM Task":                                                                                         {"INVALID_TYPE", "sObject type 'Leed' is not supported."},
		"SELECT Who.Company FROM Task":                                                                                                              {"INVALID_FIELD", "No such column 'Company' on entity 'Name'"},
		"SELECT Who.Account.Name FROM Task":                                                                                                         {"INVALID_FIELD", "Didn't understand relationship 'Account'"},
		"SELECT Id FROM Contact WHERE LastName IN (SELECT Id FROM Account)":                                                                         {"MALFORMED_QUERY", "should be a foreign key (id) field, cannot use : 'LastName'"},
		"SELECT Id FROM Contact WHERE AccountId IN (SELECT Name FROM Account)":                                                                      {"MALFORMED_QUERY", "Semi join sub-selects can only query id fields, cannot use: 'Name'"},
		"SELECT Id FROM Contact WHERE AccountId IN (SELECT Id FROM Lead)":                                                                           {"MALFORMED_QUERY", "should point to the same object type"},
		"SELECT Id FROM Contact WHERE AccountId IN (SELECT Id FROM Account) OR Name = 'x'":                                                          {"MALFORMED_QUERY", "not allowed with the 'OR' operator"},
		"SELECT Id FROM Contact WHERE Id IN (SELECT WhoId FROM Task WHERE WhatId IN (SELECT Id FROM Account))":                                      {"MALFORMED_QUERY", "Nesting of semi join sub-selects is not supported"},
		"SELECT Id FROM Contact WHERE AccountId IN (SELECT Id FROM Acount)":                                                                         {"INVALID_TYPE", "sObject type 'Acount'"},
		"SELECT Id FROM Contact WHERE Id IN (SELECT WhoId FROM Task) AND Id IN (SELECT WhoId FROM Event) AND AccountId IN (SELECT Id FROM Account)": {"MALFORMED_QUERY", "Maximum 2 semi join sub-selects are allowed"},
		"SELECT LastName, COUNT(Id) FROM Contact":                                                                                                   {"MALFORMED_QUERY", "Field must be grouped or aggregated: LastName"},
		"SELECT Id FROM Contact GROUP BY LastName":                                                                                                  {"MALFORMED_QUERY", "Field must be grouped or aggregated: Id"},
		"SELECT LastName FROM Contact GROUP BY LastName ORDER BY Id":                                                                                {"MALFORMED_QUERY", "Ordered field must be grouped or aggregated: Id"},
		"SELECT CALENDAR_YEAR(CreatedDate) FROM Contact":                                                                                            {"MALFORMED_QUERY", "Field must be grouped or aggregated: CALENDAR_YEAR(CreatedDate)"},
		"SELECT COUNT(), Id FROM Contact":                                                                                                           {"MALFORMED_QUERY", "COUNT() must be the only element"},
		"SELECT Name, Account.Name FROM Contact GROUP BY Name, Account.Name":                                                                        {"MALFORMED_QUERY", "duplicate alias: Name"},
		"SELECT SUM(LastName) FROM Contact":                                                                                                         {"INVALID_FIELD", "does not support aggregate operator SUM"},
		"SELECT Description, COUNT(Id) FROM Contact GROUP BY Description":                                                                           {"MALFORMED_QUERY", "field 'Description' can not be grouped in a query call"},
		"SELECT Id FROM Contact WHERE COUNT(Id) > 1":                                                                                                {"MALFORMED_QUERY", "aggregate function"},
		"SELECT toLabel(LastName) FROM Contact":                                                                                                     {"INVALID_FIELD", "toLabel is not supported"},
		"SELECT Id FROM Contact WHERE CALENDAR_YEAR(LastName) = 1":                                                                                  {"INVALID_FIELD", "not a date"},
		"SELECT Id FROM Contact WHERE HOUR_IN_DAY(Birthdate) = 1":                                                                                   {"INVALID_FIELD", "not a datetime"},
		"SELECT Id FROM Contact WHERE MailingAddress = 'x'":                                                                                         {"INVALID_FIELD", "Distance functions"},
		"SELECT Id FROM Contact WHERE DISTANCE(LastName, GEOLOCATION(1,1), 'km') < 1":                                                               {"INVALID_FIELD", "not a location"},
		"SELECT Id FROM Contact WHERE LastName INCLUDES ('x')":                                                                                      {"INVALID_QUERY_FILTER_OPERATOR", "multipicklist"},
		"SELECT Id FROM Contact WHERE DoNotCall > true":                                                                                             {"INVALID_QUERY_FILTER_OPERATOR", "invalid operator on boolean field"},
		"SELECT Id FROM Contact WHERE DoNotCall = 'true'":                                                                                           {"INVALID_FIELD", "must be of type boolean and should not be enclosed in quotes"},
		"SELECT Id FROM Account WHERE AnnualRevenue > EUR5":                                                                                         {"MALFORMED_QUERY", "Invalid currency code: EUR"},
		"SELECT Id FROM Account ALL ROWS":                                                                                                           {"MALFORMED_QUERY", "ALL ROWS not allowed in this context"},
		"SELECT Id FROM Account WITH SYSTEM_MODE":                                                                                                   {"MALFORMED_QUERY", "SYSTEM_MODE not allowed in this context"},
		"SELECT Id FROM Account WITH DATA CATEGORY a__c AT b__c":                                                                                    {"MALFORMED_QUERY", "DATA CATEGORY not allowed in this context"},
		"SELECT Id FROM Account USING SCOPE nothing":                                                                                                {"MALFORMED_QUERY", "invalid scope: nothing"},
		"SELECT Id FROM Contact USING LOOKUP Job__c.Contact__c":                                                                                     {"INVALID_TYPE", "sObject type 'Job__c'"},
		"SELECT Id FROM Account UPDATE VIEWSTAT":                                                                                                    {"MALFORMED_QUERY", "only allowed on articles"},
		"SELECT Id FROM Account, Contact":                                                                                                           {"MALFORMED_QUERY", "A driving SObject type has already been set"},
		"SELECT ReportsTo.ReportsTo.ReportsTo.ReportsTo.ReportsTo.ReportsTo.Id FROM Contact":                                                        {"MALFORMED_QUERY", "at most 5 levels"},
		"SELECT Id FROM Nowhere__c WITH DATA CATEGORY a__c AT b__c":                                                                                 {"INVALID_TYPE", "Nowhere__c"},
	} {
		if message := c.refused(400, want[0], "GET", v67+"/query?q="+url.QueryEscape(soql), nil); !strings.Contains(message, want[1]) {
			t.Errorf("%s: %q, want %q in it", soql, message, want[1])
		}
	}
}

func TestNestedSubqueriesDependOnTheVersion(t *testing.T) {
	t.Parallel()
	c, _ := company(t)
	nested := "/query?q=" + url.QueryEscape("SELECT Id, (SELECT Id, (SELECT Id FROM Tasks) FROM Contacts) FROM Account")
	c.want(200, nil, "GET", "/services/data/v58.0"+nested, nil)
	if message := c.refused(400, "MALFORMED_QUERY", "GET", "/services/data/v57.0"+nested, nil); !strings.Contains(message, "at most 1 level") {
		t.Error(message)
	}
}

func TestChildrenCountTowardsThePageAndHavePagesOfTheirOwn(t *testing.T) {
	t.Parallel()
	c := newClient(t, Options{})
	for a := range 3 {
		account := c.insert("Account", m{"Name": fmt.Sprintf("A%d", a)})
		for i := range 150 {
			c.insert("Contact", m{"LastName": fmt.Sprintf("C%03d", i), "AccountId": account})
		}
	}
	var first result
	c.want(200, &first, "GET", v67+"/query?q="+url.QueryEscape("SELECT Name, (SELECT LastName FROM Contacts ORDER BY LastName) FROM Account ORDER BY Name"), nil, "Sforce-Query-Options", "batchSize=200")
	if first.TotalSize != 3 || first.Done || len(first.Records) != 2 {
		t.Fatalf("a page of %d accounts of %d, done %v", len(first.Records), first.TotalSize, first.Done)
	}
	whole := first.Records[0]["Contacts"].(m)
	if whole["done"] != true || len(whole["records"].([]any)) != 150 {
		t.Errorf("the first account has %d contacts on its page", len(whole["records"].([]any)))
	}
	cut := first.Records[1]["Contacts"].(m)
	if cut["done"] != false || cut["totalSize"] != 150.0 || len(cut["records"].([]any)) != 48 {
		t.Fatalf("the second account has %d contacts on its page", len(cut["records"].([]any)))
	}
	var rest result
	c.want(200, &rest, "GET", cut["nextRecordsUrl"].(string), nil)
	if !rest.Done || len(rest.Records) != 102 || rest.Records[0]["LastName"] != "C048" {
		t.Errorf("the rest of the contacts: %d, the first %v", len(rest.Records), rest.Records[0])
	}
	var second result
	c.want(200, &second, "GET", first.NextRecordsURL, nil)
	if !second.Done || len(second.Records) != 1 || second.Records[0]["Name"] != "A2" {
		t.Errorf("the second page: %v", second)
	}
}

func TestTenResultsOfAUserStayOpenForTwoDays(t *testing.T) {
	t.Parallel()
	c := newClient(t, Options{})
	for i := range 201 {
		c.lead(fmt.Sprintf("l%d@x.test", i))
	}
	open := func() string {
		var r result
		c.want(200, &r, "GET", v67+"/query?q=SELECT+Id+FROM+Lead", nil, "Sforce-Query-Options", "batchSize=200")
		return r.NextRecordsURL
	}
	oldest := open()
	for range 9 {
		open()
	}
	c.want(200, nil, "GET", oldest, nil)
	newest := open()
	c.refused(400, "INVALID_QUERY_LOCATOR", "GET", oldest, nil)
	c.org.Clock().Advance(47 * time.Hour)
	c.token = c.org.IssueToken()
	c.want(200, nil, "GET", strings.Replace(newest, "/query/", "/queryAll/", 1), nil)
	c.org.Clock().Advance(2 * time.Hour)
	c.token = c.org.IssueToken()
	c.refused(400, "INVALID_QUERY_LOCATOR", "GET", newest, nil)
}

func TestQueryAllSeesWhatIsDeletedAndArchived(t *testing.T) {
	t.Parallel()
	c, ids := company(t)
	c.want(204, nil, "DELETE", v67+"/sobjects/Contact/"+ids["ann"], nil)
	if n := c.query("SELECT Id FROM Contact").TotalSize; n != 2 {
		t.Errorf("query finds %d contacts", n)
	}
	all := c.queryAll("SELECT LastName, (SELECT Subject FROM Tasks) FROM Contact WHERE IsDeleted = true")
	if all.TotalSize != 1 || all.Records[0]["Tasks"] == nil {
		t.Errorf("queryAll: %v", all.Records)
	}
	if r := c.query("SELECT ReportsTo.LastName FROM Contact WHERE LastName = 'Bob'").Records[0]; r["ReportsTo"] != nil {
		t.Errorf("a deleted parent shows: %v", r)
	}
}

func TestLookingAtRecordsIsNotedForTheUser(t *testing.T) {
	t.Parallel()
	c, ids := company(t)
	c.query("SELECT Id FROM Contact WHERE LastName = 'Ann' FOR REFERENCE")
	c.query("SELECT Id FROM Contact WHERE LastName = 'Bob' FOR VIEW")
	const looked = `{"LastName":"Ann","LastReferencedDate":"2026-02-01T09:00:00.000+0000","LastViewedDate":null} {"LastName":"Bob","LastReferencedDate":"2026-02-01T09:00:00.000+0000","LastViewedDate":"2026-02-01T09:00:00.000+0000"}`
	if got := c.table("SELECT LastName, LastViewedDate, LastReferencedDate FROM Contact WHERE LastReferencedDate != null ORDER BY LastName"); got != looked {
		t.Errorf("got %s", got)
	}
	var recent []m
	c.want(200, &recent, "GET", v67+"/recent", nil)
	if len(recent) != 1 || recent[0]["Id"] != ids["bob"] {
		t.Errorf("recently used: %v", recent)
	}
}

func TestDatesAreThoseOfTheUsersZone(t *testing.T) {
	t.Parallel()
	c := newClient(t, Options{})
	c.lead("early@x.test") // 2026-01-31 09:00 in GMT
	c.org.Clock().Set(time.Date(2026, 2, 1, 2, 0, 0, 0, time.UTC))
	c.lead("late@x.test")
	zone := func(name string) {
		if err := c.org.Update(c.org.Admin(), c.org.Admin().ID(), m{"TimeZoneSidKey": name}); err != nil {
			t.Fatal(err)
		}
	}
	if n := c.query("SELECT Id FROM Lead WHERE CreatedDate = TODAY").TotalSize; n != 1 {
		t.Errorf("in GMT %d leads are of today", n)
	}
	zone("America/Los_Angeles") // still January 31
	if n := c.query("SELECT Id FROM Lead WHERE CreatedDate = TODAY").TotalSize; n != 2 {
		t.Errorf("in Los Angeles %d leads are of today", n)
	}
	const hours = "SELECT HOUR_IN_DAY(CreatedDate) u, HOUR_IN_DAY(convertTimezone(CreatedDate)) l FROM Lead GROUP BY HOUR_IN_DAY(CreatedDate), HOUR_IN_DAY(convertTimezone(CreatedDate)) ORDER BY HOUR_IN_DAY(CreatedDate)"
	if got := c.table(hours); got != `{"l":18,"u":2} {"l":1,"u":9}` {
		t.Errorf("hours: %s", got)
	}
}

func TestColumnsOfAQuery(t *testing.T) {
	t.Parallel()
	c, _ := company(t)
	var described struct {
		ColumnMetadata []struct {
			Aggregate, Insertable, NumberType, TextType, Updatable bool
			ApexType, ForeignKeyName                               *string
			ColumnName, DisplayName                                string
			JoinColumns                                            []m
		}
		EntityName, KeyPrefix string
		GroupBy, IDSelected   bool
	}
	ask := func(soql string) {
		described.ColumnMetadata = nil
		c.want(200, &described, "GET", v67+"/query?columns=true&q="+url.QueryEscape(soql), nil)
	}
	ask("SELECT Id, LastName, Owner.Name, (SELECT Subject FROM Tasks) FROM Contact")
	columns := described.ColumnMetadata
	switch {
	case described.EntityName != "Contact" || described.KeyPrefix != "003" || !described.IDSelected || described.GroupBy || len(columns) != 4:
		t.Errorf("%+v", described)
	case *columns[0].ApexType != "Id" || columns[0].TextType || columns[0].Insertable || columns[0].JoinColumns == nil:
		t.Errorf("Id: %+v", columns[0])
	case *columns[1].ApexType != "String" || !columns[1].TextType || !columns[1].Insertable || !columns[1].Updatable:
		t.Errorf("LastName: %+v", columns[1])
	case columns[2].ColumnName != "Owner" || columns[2].Aggregate || *columns[2].ForeignKeyName != "OwnerId" || columns[2].JoinColumns[0]["columnName"] != "Name":
		t.Errorf("Owner.Name: %+v", columns[2])
	case columns[3].ColumnName != "Tasks" || !columns[3].Aggregate || columns[3].ApexType != nil || len(columns[3].JoinColumns) != 1:
		t.Errorf("Tasks: %+v", columns[3])
	}
	ask("SELECT Industry, AVG(AnnualRevenue), MAX(Name) m FROM Account GROUP BY Industry")
	columns = described.ColumnMetadata
	if !described.GroupBy || columns[0].Aggregate || !columns[1].Aggregate || columns[1].ColumnName != "expr0" || columns[1].DisplayName != "avg(AnnualRevenue)" || !columns[1].NumberType || columns[2].ColumnName != "m" || columns[2].DisplayName != "m" {
		t.Errorf("groups: %+v", columns)
	}
	ask("SELECT toLabel(Industry), FORMAT(CreatedDate) made FROM Account")
	if columns = described.ColumnMetadata; columns[0].DisplayName != "Industry" || columns[1].DisplayName != "made" {
		t.Errorf("functions are not displayed under the names of their values: %+v", columns)
	}
	c.refused(400, "INVALID_FIELD", "GET", v67+"/query?columns=true&q=SELECT+Nope+FROM+Lead", nil)
}

func TestExplainSaysHowAQueryWouldRun(t *testing.T) {
	t.Parallel()
	c, _ := company(t)
	var answer struct{ Plans []queryPlan }
	c.want(200, &answer, "GET", v67+"/query?explain="+url.QueryEscape("SELECT Id FROM Contact WHERE Email = 'ann@acme.test' AND LastName = 'Ann'"), nil)
	if len(answer.Plans) != 2 || answer.Plans[0].LeadingOperationType != "Index" || answer.Plans[0].Fields[0] != "Email" || answer.Plans[0].Cardinality != 1 ||
		answer.Plans[1].LeadingOperationType != "TableScan" || answer.Plans[1].SObjectCardinality != 3 || answer.Plans[1].SObjectType != "Contact" {
		t.Errorf("%+v", answer.Plans)
	}
	c.want(200, &answer, "GET", v67+"/query?explain="+url.QueryEscape("SELECT COUNT() FROM Contact WHERE LastName = 'Ann'"), nil)
	if len(answer.Plans) != 1 {
		t.Errorf("%+v", answer.Plans)
	}
	c.refused(400, "MALFORMED_QUERY", "GET", v67+"/query?explain=00O000000000001", nil)
}

func TestGroupedResultsAreNeverPaged(t *testing.T) {
	t.Parallel()
	c := newClient(t, Options{})
	for i := range 2001 {
		c.insert("Account", m{"Name": fmt.Sprintf("A%04d", i)})
	}
	c.refused(400, "EXCEEDED_ID_LIMIT", "GET", v67+"/query?q="+url.QueryEscape("SELECT Name, COUNT(Id) FROM Account GROUP BY Name"), nil)
	if n := c.query("SELECT Name, COUNT(Id) FROM Account GROUP BY Name LIMIT 2000").TotalSize; n != 2000 {
		t.Errorf("%d groups", n)
	}
}

func TestWhatAPolymorphicLookupLeadsToIsDescribedAsName(t *testing.T) {
	t.Parallel()
	c := newClient(t, Options{})
	c.insert("Task", m{"Subject": "Call", "WhoId": c.lead("a@x.test")})
	var described struct {
		Name   string `json:"name"`
		Fields []struct {
			Name string `json:"name"`
		} `json:"fields"`
	}
	c.want(200, &described, "GET", v67+"/sobjects/name/describe", nil)
	paths := []string{}
	for _, f := range described.Fields {
		paths = append(paths, "Who."+f.Name)
	}
	if described.Name != "Name" || len(paths) < 10 {
		t.Fatalf("described is %+v", described)
	}
	if n := c.query("SELECT " + strings.Join(paths, ", ") + " FROM Task").TotalSize; n != 1 {
		t.Errorf("%d tasks", n)
	}
	c.refused(400, "INVALID_TYPE", "GET", v67+"/query?q=SELECT+Id+FROM+Name", nil)
}
