package sandbox

import (
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"conversion/internal/sandbox/schema"
	"conversion/internal/sandbox/table"
)

// TestNoCrashLeavesHalfATransaction lets 32 clients do everything at random while
// triggers crash, connections are cut, transactions are committed late and the org
// goes back in time, and then compares the org with itself.
func TestNoCrashLeavesHalfATransaction(t *testing.T) {
	t.Parallel()
	c := newClient(t, Options{DailyAPILimit: 1_000_000, VisibilityDelay: time.Second})
	for _, object := range []string{"Contact", "Task", "Lead"} {
		if err := c.org.OnSave(object, func(_, after map[string]any) {
			if after["LastName"] == "crash" || after["Subject"] == "crash" {
				panic("a bad trigger")
			}
		}); err != nil {
			t.Fatal(err)
		}
	}
	c.storm(32, 5)
	c.settle()
	c.checkWhole()

	if err := c.org.Snapshot("calm"); err != nil {
		t.Fatal(err)
	}
	calm := c.sizes()
	done := make(chan struct{})
	go func() {
		defer close(done)
		c.storm(8, 4)
	}()
	for range 3 {
		c.restore()
	}
	<-done
	c.settle()
	c.checkWhole()
	c.restore()
	if diff := cmp.Diff(calm, c.sizes()); diff != "" {
		t.Error("the restored org differs:", diff)
	}
	c.checkWhole()
}

// storm lets clients act in parallel while faults strike.
func (c *client) storm(clients, steps int) {
	c.org.Fault(Fault{Match: Match{Writes: true}, Nth: 20, Times: 10, CommitAfter: 3 * time.Second, Answer: true})
	for i, drop := range []Drop{DropAfter, DropBefore, DropHalf} {
		c.org.Fault(Fault{Match: Match{Writes: true, User: AdminUser}, Nth: 30 + 20*i, Times: 5, Also: true, Drop: drop})
	}
	c.org.Fault(Fault{Match: Match{Operation: "query"}, Nth: 5, Times: 3, ExpireSession: true})
	var wg sync.WaitGroup
	for worker := range clients {
		wg.Go(func() {
			dice := rand.New(rand.NewPCG(uint64(worker), 7))
			own := *c
			for step := range steps {
				own.token = c.org.IssueToken()
				own.act(dice, fmt.Sprintf("w%d-%d", worker, step))
				c.org.Clock().Advance(200 * time.Millisecond)
			}
		})
	}
	wg.Wait()
}

// settle ends every job and commits everything that is late.
func (c *client) settle() {
	c.t.Helper()
	c.org.ClearFaults()
	for _, path := range []string{ingestJobs, queryJobs} {
		var listed struct{ Records []job }
		c.want(http.StatusOK, &listed, "GET", path, nil)
		for _, j := range listed.Records {
			if j.State != "Open" {
				c.finish(path + "/" + j.ID)
			}
		}
	}
	c.org.Clock().Advance(time.Hour)
	c.want(http.StatusOK, nil, "GET", v67+"/query?q="+url.QueryEscape("SELECT Id FROM Account"), nil)
}

func (c *client) restore() {
	if err := c.org.Restore("calm", RestoreOptions{}); err != nil {
		c.t.Error(err)
	}
}

// sizes counts the records of every object, and the changes that were logged.
func (c *client) sizes() map[string]int {
	defer c.org.view()()
	sizes := map[string]int{"log": len(c.org.log.entries)}
	for name, obj := range c.org.objects {
		sizes[name] = obj.rows.Len()
	}
	return sizes
}

// act does one thing that a client may do. What it is answered does not matter:
// records are locked, gone and refused at random.
func (c *client) act(dice *rand.Rand, name string) {
	last := "fine"
	if dice.IntN(4) == 0 {
		last = "crash"
	}
	family := m{"allOrNone": true, "compositeRequest": []m{
		{"method": "POST", "url": v67 + "/sobjects/Account", "referenceId": "a", "body": m{"Name": name}},
		{"method": "POST", "url": v67 + "/sobjects/Contact", "referenceId": "b", "body": m{"LastName": "of " + name, "AccountId": "@{a.id}"}},
		{"method": "POST", "url": v67 + "/sobjects/Contact", "referenceId": "c", "body": m{"LastName": last, "AccountId": "@{a.id}"}},
	}}
	if last == "fine" {
		family["compositeRequest"].([]m)[2]["body"].(m)["LastName"] = "too of " + name
	}
	c.ask("POST", "/composite", family)
	ids := c.some(dice)
	if len(ids) < 2 {
		return
	}
	account, other := ids[0], ids[1]
	switch dice.IntN(6) {
	case 0:
		c.ask("DELETE", "/sobjects/Account/"+account, nil)
	case 1:
		_ = c.org.Merge(c.org.Admin(), account, other)
	case 2:
		c.ask("PATCH", "/sobjects/Account/"+account, m{"Phone": name})
	case 3:
		c.ask("POST", "/composite/sobjects", m{"records": []m{
			typed("Task", m{"Subject": "fine", "WhatId": account, "ActivityDate": "2026-02-01"}), typed("Task", m{"Subject": last, "WhatId": other}),
		}})
	case 4:
		_ = c.org.Undelete(c.org.Admin(), account)
	case 5:
		c.ask("GET", "/sobjects/Account/"+account, nil)
	}
	c.actBeyondREST(dice, name, last, account)
}

// actBeyondREST uses one of the other APIs.
func (c *client) actBeyondREST(dice *rand.Rand, name, last, account string) {
	lead := func(last string) string {
		return "<sObjects><type>Lead</type><LastName>" + last + "</LastName><Company>" + name + "</Company></sObjects>"
	}
	switch dice.IntN(5) {
	case 0:
		c.load(name, last)
	case 1:
		var j job
		c.ask("POST", "/jobs/query", m{"operation": "query", "query": "SELECT Id, Name, Owner.Name FROM Contact"}, &j)
		for range 4 {
			c.ask("GET", "/jobs/query/"+j.ID, nil)
		}
		c.ask("GET", "/jobs/query/"+j.ID+"/results", nil)
	case 2:
		c.envelope("<create>" + lead("fine") + lead(last) + "</create>")
	case 3:
		var leads struct{ Records []struct{ ID string } }
		c.ask("GET", "/query?q="+url.QueryEscape("SELECT Id FROM Lead WHERE IsConverted = false LIMIT 3"), nil, &leads)
		for _, one := range leads.Records {
			c.envelope("<convertLead><leadConverts><leadId>" + one.ID + "</leadId><convertedStatus>Closed - Converted</convertedStatus></leadConverts></convertLead>")
		}
	case 4:
		field := strings.ReplaceAll(name, "-", "x") + "__c"
		var made struct{ ID string }
		c.ask("POST", "/tooling/sobjects/CustomField", m{"FullName": "Account." + field, "Metadata": m{"type": "Text", "label": "F", "length": 80, "externalId": true}}, &made)
		c.ask("PATCH", "/sobjects/Account/"+account, m{field: name})
		c.ask("GET", "/query?q="+url.QueryEscape("SELECT Id FROM Account WHERE "+field+" = '"+name+"'"), nil)
		if dice.IntN(2) == 0 {
			c.ask("DELETE", "/tooling/sobjects/CustomField/"+made.ID, nil)
		}
	}
}

// load uploads two leads and perhaps polls their job to its end.
func (c *client) load(name, last string) {
	var j job
	c.ask("POST", "/jobs/ingest", m{"object": "Lead", "operation": "insert"}, &j)
	request, err := http.NewRequest("PUT", c.url+v67+"/jobs/ingest/"+j.ID+"/batches", strings.NewReader("LastName,Company\nfine,"+name+"\n"+last+","+name+"\n"))
	if err != nil {
		c.t.Error(err)
		return
	}
	request.Header.Set("Content-Type", "text/csv")
	c.raw(request)
	c.ask("PATCH", "/jobs/ingest/"+j.ID, m{"state": "UploadComplete"})
	for range 4 {
		c.ask("GET", "/jobs/ingest/"+j.ID, nil)
	}
}

// envelope makes a SOAP call.
func (c *client) envelope(body string) {
	request, err := http.NewRequest("POST", c.url+"/services/Soap/u/60.0", strings.NewReader(`<soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/"><soapenv:Header xmlns="urn:partner.soap.sforce.com">`+
		"<SessionHeader><sessionId>"+c.token+`</sessionId></SessionHeader></soapenv:Header><soapenv:Body xmlns="urn:partner.soap.sforce.com">`+body+"</soapenv:Body></soapenv:Envelope>"))
	if err != nil {
		c.t.Error(err)
		return
	}
	request.Header.Set("Content-Type", "text/xml")
	request.Header.Set("SOAPAction", `""`)
	c.raw(request)
}

func (c *client) raw(request *http.Request) {
	request.Header.Set("Authorization", "Bearer "+c.token)
	if response, err := http.DefaultClient.Do(request); err == nil {
		_, _ = io.Copy(io.Discard, response.Body)
		_ = response.Body.Close()
	}
}

// ask sends a request and reads an answer, if there is one, into the last argument.
func (c *client) ask(method, path string, body any, into ...any) {
	response, err := c.try(method, v67+path, body)
	if err != nil {
		return
	}
	defer response.Body.Close()
	read, err := io.ReadAll(response.Body)
	if err == nil && len(into) == 1 {
		_ = json.Unmarshal(read, into[0]) // an error is an array
	}
}

// some lists a few accounts.
func (c *client) some(dice *rand.Rand) []string {
	var ids []string
	c.org.mu.RLock()
	defer c.org.mu.RUnlock()
	for row := range c.org.standard("Account").rows.All() {
		if dice.IntN(3) == 0 && len(ids) < 2 {
			ids = append(ids, row.ID)
		}
	}
	return ids
}

// checkWhole checks that what one transaction made is whole, that what readers see
// is what there is, and that indexes, lookups and logs agree with it.
func (c *client) checkWhole() {
	c.t.Helper()
	defer c.org.view()()
	c.checkFamilies()
	for name, obj := range c.org.objects {
		if len(obj.pending) > 0 || len(c.org.late.locks) > 0 {
			c.t.Errorf("%s: %d records are still held", name, len(obj.pending))
		}
		if err := obj.rows.Check(); err != nil {
			c.t.Errorf("%s: %v", name, err)
		}
		for row := range obj.rows.All() {
			c.checkRow(obj, row)
		}
	}
	c.checkTraffic()
}

// checkFamilies checks that accounts came with two contacts, and leads in pairs.
func (c *client) checkFamilies() {
	c.t.Helper()
	accounts, contacts, leads := c.org.objects["account"], c.org.objects["contact"], c.org.objects["lead"]
	for _, people := range []*object{contacts, leads} {
		for row := range people.rows.All() {
			if row.Get(mustColumn(people, "LastName")) == "crash" {
				c.t.Errorf("%s of a crashed request was kept", row.ID)
			}
		}
	}
	for row := range contacts.rows.All() {
		if parent, ok := accounts.rows.Find(row.Text(mustColumn(contacts, "AccountId"))); !ok || parent.Deleted && !row.Deleted {
			c.t.Errorf("contact %s has lost its account", row.ID)
		}
	}
	converted, pairs := 0, map[string]int{}
	for row := range leads.rows.All() {
		pairs[row.Text(mustColumn(leads, "Company"))]++
		if row.Get(mustColumn(leads, "IsConverted")) == true {
			converted++
		}
	}
	for company, n := range pairs {
		if n%2 != 0 {
			c.t.Errorf("%d leads of %s, want pairs", n, company)
		}
	}
	if n, want := contacts.rows.Len()-converted, 2*(accounts.rows.Len()-converted); n != want || n == 0 || converted == 0 {
		c.t.Errorf("%d contacts of %d accounts and %d conversions, want two each", n, accounts.rows.Len(), converted)
	}
}

// checkRow checks that a record is seen and logged as it is, and that its lookups
// lead somewhere.
func (c *client) checkRow(obj *object, row *table.Row) {
	c.t.Helper()
	if seen, ok := obj.seen.Find(row.ID); !ok || *seen != *row {
		c.t.Errorf("%s %s is not seen as it is", obj.Name, row.ID)
	}
	if known := c.org.log.byRecord[row.ID]; len(known) > 0 && known[len(known)-1].after.Stamp > row.Stamp {
		c.t.Errorf("%s %s is older than its last change", obj.Name, row.ID)
	}
	for _, f := range obj.fields {
		if f.Type != schema.Reference || f.column < 0 || row.Text(f.column) == "" {
			continue
		}
		if _, _, err := c.org.locate(row.Text(f.column)); err != nil {
			c.t.Errorf("%s %s: %s leads nowhere", obj.Name, row.ID, f.Name)
		}
	}
}

// checkTraffic checks that every request was logged and counted once.
func (c *client) checkTraffic() {
	c.t.Helper()
	counts, operations, statuses := c.org.Counts(), 0, 0
	for _, n := range counts.Operations {
		operations += n
	}
	for _, n := range counts.Statuses {
		statuses += n
	}
	if logged := len(c.org.Requests()); operations != logged || statuses != logged {
		c.t.Errorf("%d operations and %d statuses of %d requests", operations, statuses, logged)
	}
}
