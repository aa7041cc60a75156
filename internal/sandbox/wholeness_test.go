package sandbox

import (
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/url"
	"sync"
	"testing"
	"time"
)

// TestNoCrashLeavesHalfATransaction lets 32 clients do everything at random while
// triggers crash and transactions are committed late, and then compares the org
// with itself.
func TestNoCrashLeavesHalfATransaction(t *testing.T) {
	t.Parallel()
	c := newClient(t, Options{DailyAPILimit: 1_000_000, VisibilityDelay: time.Second})
	for _, object := range []string{"Contact", "Task"} {
		if err := c.org.OnSave(object, func(_, after map[string]any) {
			if after["LastName"] == "crash" || after["Subject"] == "crash" {
				panic("a bad trigger")
			}
		}); err != nil {
			t.Fatal(err)
		}
	}
	c.org.Fault(Fault{Match: Match{Writes: true}, Nth: 20, Times: 10, CommitAfter: 3 * time.Second, Answer: true})
	c.org.Fault(Fault{Match: Match{Writes: true}, Nth: 60, Times: 5, Also: true, Drop: DropAfter})
	var wg sync.WaitGroup
	for worker := range 32 {
		wg.Go(func() {
			dice := rand.New(rand.NewPCG(uint64(worker), 7))
			for step := range 8 {
				c.act(dice, fmt.Sprintf("w%d-%d", worker, step))
				c.org.Clock().Advance(200 * time.Millisecond)
			}
		})
	}
	wg.Wait()
	c.org.Clock().Advance(time.Hour)
	c.checkWhole()
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
}

func (c *client) ask(method, path string, body any) {
	if response, err := c.try(method, v67+path, body); err == nil {
		_ = response.Body.Close()
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

// checkWhole checks that families are whole, that what readers see is what there
// is, and that the commit log explains it.
func (c *client) checkWhole() {
	c.t.Helper()
	c.want(http.StatusOK, nil, "GET", v67+"/query?q="+url.QueryEscape("SELECT Id FROM Account"), nil)
	defer c.org.view()()
	accounts, contacts := c.org.standard("Account"), c.org.standard("Contact")
	made := map[any]int{}
	for row := range contacts.rows.All() {
		name, _ := row.Get(mustColumn(contacts, "LastName")).(string)
		if name == "crash" {
			c.t.Errorf("contact %s of a crashed request was kept", row.ID)
		}
		made[row.Get(mustColumn(contacts, "AccountId"))]++
		if parent, ok := accounts.rows.Find(row.Text(mustColumn(contacts, "AccountId"))); !ok || parent.Deleted && !row.Deleted {
			c.t.Errorf("contact %s has lost its account", row.ID)
		}
	}
	if n, want := contacts.rows.Len(), 2*accounts.rows.Len(); n != want || n == 0 {
		c.t.Errorf("%d contacts of %d accounts, want two each", n, accounts.rows.Len())
	}
	for name, obj := range c.org.objects {
		if len(obj.pending) > 0 || len(c.org.late.locks) > 0 {
			c.t.Errorf("%s: %d records are still held", name, len(obj.pending))
		}
		for row := range obj.rows.All() {
			if seen, ok := obj.seen.Find(row.ID); !ok || *seen != *row {
				c.t.Errorf("%s %s is not seen as it is", name, row.ID)
			}
			if known := c.org.log.byRecord[row.ID]; len(known) > 0 && known[len(known)-1].after.Stamp > row.Stamp {
				c.t.Errorf("%s %s is older than its last change", name, row.ID)
			}
		}
	}
}
