package sandbox

import (
	"fmt"
	"net/url"
	"os"
	"runtime"
	"strconv"
	"strings"
	"testing"
	"time"
)

// BenchmarkLargeOrg generates an org of SANDBOX_PEOPLE people (leads and contacts,
// 100,000 if unset), with a tenth as many accounts and as many activities, and
// reports what that takes: records a second, bytes of memory (at most, and in the
// end), and how long the queries of a sync take. Two million is the size of a large
// customer:
//
//	SANDBOX_PEOPLE=2000000 go test ./internal/sandbox -run '^$' -bench LargeOrg -benchtime 1x
func BenchmarkLargeOrg(b *testing.B) {
	people := benchPeople(b)
	var org *Org
	for b.Loop() {
		org = New(Options{})
		if err := org.Generate(people); err != nil {
			b.Fatal(err)
		}
	}
	records := 0
	for _, obj := range org.objects {
		records += obj.rows.Len()
	}
	b.ReportMetric(float64(records)*float64(b.N)/b.Elapsed().Seconds(), "records/s")
	b.ReportMetric(peakMB(b), "MB-peak")
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	b.ReportMetric(float64(m.HeapAlloc)/1e6, "MB-heap")
	for name, took := range timeQueries(b, org) {
		b.ReportMetric(took.Seconds()*1e3, "ms-"+name)
	}
}

// benchPeople is how large the org of a benchmark is to be.
func benchPeople(b *testing.B) int {
	text := os.Getenv("SANDBOX_PEOPLE")
	if text == "" {
		return 100_000
	}
	people, err := strconv.Atoi(text)
	if err != nil {
		b.Fatal(err)
	}
	return people
}

// peakMB is the most memory that the process ever had, where the system says so.
func peakMB(b *testing.B) float64 {
	status, err := os.ReadFile("/proc/self/status")
	if err != nil {
		b.Log("the peak of the memory is not known: ", err)
		return 0
	}
	_, after, _ := strings.Cut(string(status), "VmHWM:")
	kb, _ := strconv.ParseFloat(strings.Fields(after)[0], 64)
	return kb / 1e3
}

// timeQueries answers the queries of a sync over HTTP and times the second of
// each.
func timeQueries(b *testing.B, org *Org) map[string]time.Duration {
	lead, contact := middle(org, "lead", "Email"), middle(org, "contact", "AccountId")
	task := middle(org, "task", "WhoId")
	at := time.Unix(middle(org, "lead", "Email").Stamp, 0).UTC()
	text := func(object, field, id string) string {
		f, _ := org.objects[object].field(field)
		r, _ := org.objects[object].rows.Find(id)
		return r.Text(f.column)
	}
	queries := map[string]string{
		"id":       "SELECT Name, Email FROM Lead WHERE Id = '" + lead.ID + "'",
		"email":    "SELECT Id, Name FROM Lead WHERE Email = '" + strings.ReplaceAll(text("lead", "Email", lead.ID), "'", `\'`) + "'",
		"whoid":    "SELECT Id, Subject FROM Task WHERE WhoId = '" + text("task", "WhoId", task.ID) + "'",
		"account":  "SELECT Id, Email FROM Contact WHERE AccountId = '" + text("contact", "AccountId", contact.ID) + "'",
		"modstamp": fmt.Sprintf("SELECT Id, SystemModstamp FROM Lead WHERE SystemModstamp >= %s ORDER BY SystemModstamp, Id LIMIT 200", at.Format(time.RFC3339)),
		"page": fmt.Sprintf("SELECT Id, SystemModstamp FROM Lead WHERE SystemModstamp > %[1]s OR (SystemModstamp = %[1]s AND Id > '%[2]s') ORDER BY SystemModstamp, Id LIMIT 2000",
			at.Format(time.RFC3339), lead.ID),
		"child":    "SELECT Id, (SELECT Id, Email FROM Contacts) FROM Account WHERE Id = '" + text("contact", "AccountId", contact.ID) + "'",
		"semijoin": "SELECT Id FROM Contact WHERE AccountId IN (SELECT Id FROM Account WHERE Id = '" + text("contact", "AccountId", contact.ID) + "')",
	}
	c := benchClient(b, org)
	took := map[string]time.Duration{}
	ask := func(name, path string) {
		for range 2 {
			start := time.Now()
			c.get(v67 + path)
			took[name] = time.Since(start)
		}
	}
	for name, soql := range queries {
		ask(name, "/query?q="+url.QueryEscape(soql))
	}
	ask("search", "/search?q="+url.QueryEscape("FIND {zzyzx} IN NAME FIELDS RETURNING Lead(Id), Contact(Id)"))
	return took
}
