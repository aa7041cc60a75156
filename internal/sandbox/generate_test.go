package sandbox

import (
	"fmt"
	"strings"
	"testing"
	"time"
	"unicode"

	"github.com/google/go-cmp/cmp"
)

var generatedAt = time.Date(2026, 6, 1, 12, 0, 0, 0, time.UTC)

// generated makes an org of n people, its clock standing still.
func generated(t testing.TB, seed int64, n int) *Org {
	t.Helper()
	org := New(Options{Seed: seed, Now: func() time.Time { return generatedAt }})
	if err := org.Generate(n); err != nil {
		t.Fatal(err)
	}
	return org
}

// everything gives all records of an object with all their fields.
func everything(t *testing.T, org *Org, object string) []map[string]any {
	t.Helper()
	var fields []string
	for _, f := range org.objects[strings.ToLower(object)].fields {
		fields = append(fields, f.Name)
	}
	return storedRecords(t, org, object, fields...)
}

func TestGenerateMakesAsMuchAsAsked(t *testing.T) {
	t.Parallel()
	org := generated(t, 1, 2000)
	leads, contacts := org.standard("Lead").rows.Len(), org.standard("Contact").rows.Len()
	if leads+contacts != 2000 || leads < 850 || contacts < 850 {
		t.Errorf("%d leads and %d contacts, want about half of 2000 each", leads, contacts)
	}
	if n := org.standard("Account").rows.Len(); n != 200 {
		t.Errorf("%d accounts, want 200", n)
	}
	if n := org.standard("Task").rows.Len() + org.standard("Event").rows.Len(); n != 2000 {
		t.Errorf("%d activities, want 2000", n)
	}
}

func TestGenerateOfNothingOrLessMakesNothing(t *testing.T) {
	t.Parallel()
	empty := New(Options{})
	for _, n := range []int{0, -1} {
		org := New(Options{})
		if err := org.Generate(n); (err != nil) != (n < 0) {
			t.Errorf("Generate(%d) gives %v", n, err)
		}
		if diff := cmp.Diff(census(empty), census(org)); diff != "" {
			t.Error(diff)
		}
	}
}

func TestGenerateIsTheSameForTheSameSeed(t *testing.T) {
	t.Parallel()
	a, b, other := generated(t, 7, 200), generated(t, 7, 200), generated(t, 8, 200)
	for _, object := range []string{"Account", "Lead", "Contact", "Task", "Event", "User"} {
		if diff := cmp.Diff(everything(t, a, object), everything(t, b, object)); diff != "" {
			t.Errorf("%s differs: %s", object, diff)
		}
	}
	if cmp.Equal(storedRecords(t, a, "Lead", "LastName"), storedRecords(t, other, "Lead", "LastName")) {
		t.Error("another seed gives the same people")
	}
}

func TestGenerateTwiceBringsOtherPeople(t *testing.T) {
	t.Parallel()
	org := generated(t, 1, 100)
	if err := org.Generate(100); err != nil {
		t.Fatal(err)
	}
	names := map[any]int{}
	for _, account := range storedRecords(t, org, "Account", "Phone", "BillingStreet", "Name") {
		names[fmt.Sprint(account)]++
	}
	if len(names) < 18 {
		t.Errorf("only %d different accounts of 20", len(names))
	}
}

func TestGeneratedValuesFitTheirFields(t *testing.T) {
	t.Parallel()
	org := generated(t, 3, 1000)
	for _, object := range []string{"Account", "Lead", "Contact", "Task", "Event", "User"} {
		obj := org.objects[strings.ToLower(object)]
		for row := range obj.rows.ByID().All() {
			for _, f := range obj.fields {
				if f.column < 0 || f.value(row) == nil {
					continue
				}
				stored, refused := f.stored(f.shown(f.value(row)))
				if refused != nil || stored != f.value(row) {
					t.Fatalf("%s.%s of %s does not take its own value: %v", object, f.Name, row.ID, refused)
				}
			}
		}
	}
}

func TestGeneratedPeopleShareEMails(t *testing.T) {
	t.Parallel()
	org := generated(t, 1, 3000)
	owners := map[string]int{}
	people := append(storedRecords(t, org, "Lead", "Email"), storedRecords(t, org, "Contact", "Email")...)
	for _, person := range people {
		if email := strings.ToLower(orEmpty(person["Email"])); email != "" {
			owners[email]++
		}
	}
	sharing := 0
	for _, n := range owners {
		if n > 1 {
			sharing += n
		}
	}
	if percent := 100 * sharing / len(people); percent < 15 || percent > 30 {
		t.Errorf("%d %% of the people share an e-mail, want about 20 %%", percent)
	}
}

func TestGeneratedLeadsOftenLackAnEMail(t *testing.T) {
	t.Parallel()
	without := 0
	leads := storedRecords(t, generated(t, 1, 2000), "Lead", "Email")
	for _, lead := range leads {
		if lead["Email"] == nil {
			without++
		}
	}
	if percent := 100 * without / len(leads); percent < 4 || percent > 15 {
		t.Errorf("%d %% of the leads have no e-mail", percent)
	}
}

func TestGeneratedAccountsShareDomainsInSeveralSpellings(t *testing.T) {
	t.Parallel()
	spellings := map[string]map[string]bool{}
	for _, account := range storedRecords(t, generated(t, 1, 3000), "Account", "Website") {
		site := orEmpty(account["Website"])
		host := strings.ToLower(site)
		host = strings.TrimPrefix(strings.TrimPrefix(host, "https://"), "http://")
		host = strings.TrimPrefix(host, "www.")
		host, _, _ = strings.Cut(host, "/")
		host, _, _ = strings.Cut(host, ":")
		host = strings.TrimSuffix(host, ".")
		if spellings[host] == nil {
			spellings[host] = map[string]bool{}
		}
		spellings[host][site] = true
	}
	shared := 0
	for _, of := range spellings {
		if len(of) > 1 {
			shared++
		}
	}
	if shared < 10 {
		t.Errorf("only %d domains are there in several spellings", shared)
	}
}

func TestGeneratedConvertedLeadsLeadToTheirContactAndAccount(t *testing.T) {
	t.Parallel()
	org := generated(t, 1, 2000)
	contacts := map[any]map[string]any{}
	for _, contact := range storedRecords(t, org, "Contact", "Id", "Email", "AccountId", "LastName", "CreatedDate") {
		contacts[contact["Id"]] = contact
	}
	converted := 0
	for _, lead := range storedRecords(t, org, "Lead", "IsConverted", "Status", "ConvertedDate", "ConvertedContactId", "ConvertedAccountId", "Email", "LastName", "LastModifiedDate") {
		if lead["IsConverted"] != true {
			continue
		}
		converted++
		contact := contacts[lead["ConvertedContactId"]]
		if contact == nil || contact["AccountId"] != lead["ConvertedAccountId"] || contact["Email"] != lead["Email"] ||
			contact["CreatedDate"] != lead["LastModifiedDate"] || lead["Status"] != "Closed - Converted" || lead["ConvertedDate"] == nil {
			t.Errorf("the lead %v does not agree with its contact %v", lead, contact)
		}
	}
	if converted < 20 {
		t.Errorf("only %d converted leads", converted)
	}
}

func TestGeneratedActivitiesAreAboutPeopleAndCompanies(t *testing.T) {
	t.Parallel()
	org := generated(t, 1, 1000)
	about := map[string]int{}
	activities := append(storedRecords(t, org, "Task", "WhoId", "WhatId", "AccountId"), storedRecords(t, org, "Event", "WhoId", "WhatId", "AccountId")...)
	for _, activity := range activities {
		who, what := orEmpty(activity["WhoId"]), orEmpty(activity["WhatId"])
		for _, id := range []string{who, what, orEmpty(activity["AccountId"])} {
			if _, _, err := org.locate(id); id != "" && err != nil {
				t.Fatalf("%v refers to nothing: %v", activity, err)
			}
		}
		if who == "" && what == "" {
			t.Fatalf("%v is about nobody", activity)
		}
		about[who[:min(3, len(who))]]++
	}
	if about["00Q"] < 200 || about["003"] < 200 || about[""] == 0 {
		t.Errorf("activities by kind: %v", about)
	}
}

func TestGeneratedDataIsAsUntidyAsRealData(t *testing.T) {
	t.Parallel()
	org := generated(t, 1, 3000)
	people := append(storedRecords(t, org, "Lead", "Name", "Title", "Description", "HasOptedOutOfEmail", "DoNotCall"),
		storedRecords(t, org, "Contact", "Name", "Title", "Description", "HasOptedOutOfEmail", "DoNotCall")...)
	seen := map[string]int{}
	count := func(what string, is bool) {
		if is {
			seen[what]++
		}
	}
	for _, person := range people {
		text := orEmpty(person["Name"]) + orEmpty(person["Description"])
		count("opted out of e-mail", person["HasOptedOutOfEmail"] == true)
		count("not to be called", person["DoNotCall"] == true)
		count("without a title", person["Title"] == nil)
		count("with quotes", strings.ContainsRune(text, '"'))
		count("with a line break", strings.ContainsRune(text, '\n'))
		count("with an emoji", strings.ContainsFunc(text, func(r rune) bool { return r > 0x1F000 }))
		for _, script := range []string{"Han", "Hangul", "Hebrew", "Arabic", "Cyrillic", "Greek"} {
			count("in "+script, strings.ContainsFunc(text, func(r rune) bool { return unicode.Is(unicode.Scripts[script], r) }))
		}
	}
	for _, what := range []string{
		"opted out of e-mail", "not to be called", "without a title", "with quotes", "with a line break", "with an emoji",
		"in Han", "in Hangul", "in Hebrew", "in Arabic", "in Cyrillic", "in Greek",
	} {
		if seen[what] == 0 {
			t.Errorf("nobody is %s", what)
		}
	}
}

func TestGeneratedAddressesCanBeNobodys(t *testing.T) {
	t.Parallel()
	org := generated(t, 1, 2000)
	reserved := func(domain string) bool {
		return strings.HasSuffix(domain, ".example") || strings.HasSuffix(domain, ".test")
	}
	for _, object := range []string{"Lead", "Contact", "User"} {
		for _, person := range storedRecords(t, org, object, "Email") {
			if email := orEmpty(person["Email"]); email != "" && !reserved(email) {
				t.Errorf("%s could be somebody's", email)
			}
		}
	}
	for _, object := range []string{"Lead", "Account"} {
		for _, company := range storedRecords(t, org, object, "Website", "Phone") {
			site := strings.ToLower(orEmpty(company["Website"]))
			if strings.Contains(site, ".") && !strings.Contains(site, ".example") && !strings.Contains(site, ".test") {
				t.Errorf("%s could be somebody's", site)
			}
			if phone := orEmpty(company["Phone"]); phone != "" && !strings.Contains(strings.ReplaceAll(phone, " ", "-"), "555-01") {
				t.Errorf("%s could be somebody's", phone)
			}
		}
	}
}

func TestGeneratedStampsSpreadOverTwoYearsWithTies(t *testing.T) {
	t.Parallel()
	org := generated(t, 1, 3000)
	earliest := generatedAt.AddDate(-2, 0, -1)
	for _, object := range []string{"Account", "Lead", "Contact", "Task", "Event"} {
		seconds := map[int64]int{}
		months := map[string]bool{}
		obj := org.objects[strings.ToLower(object)]
		created, modified := mustColumn(obj, "CreatedDate"), mustColumn(obj, "LastModifiedDate")
		for row := range obj.rows.ByID().All() {
			c, m := row.Get(created).(int64), row.Get(modified).(int64)
			if c > m || m > row.Stamp || row.Stamp >= generatedAt.Unix() || c < earliest.Unix() {
				t.Fatalf("%s: created %d, modified %d, stamped %d", row.ID, c, m, row.Stamp)
			}
			seconds[row.Stamp]++
			months[time.Unix(row.Stamp, 0).UTC().Format("2006-01")] = true
		}
		most := 0
		for _, n := range seconds {
			most = max(most, n)
		}
		if most < 10 || len(seconds) < 50 || len(months) < 20 {
			t.Errorf("%s: at most %d records in a second, %d seconds, %d months", object, most, len(seconds), len(months))
		}
	}
}

func BenchmarkGenerate(b *testing.B) {
	const people = 10_000
	for b.Loop() {
		generated(b, 1, people)
	}
	b.ReportMetric(float64(people)*float64(b.N)/b.Elapsed().Seconds(), "people/s")
}
