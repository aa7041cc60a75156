package sandbox

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"net/http"
	"net/url"
	"sync"
	"testing"
	"time"

	"conversion/internal/sandbox/bulk"
	"conversion/internal/sandbox/soql"
)

func TestParallelClientsSeeWholeRecords(t *testing.T) {
	t.Parallel()
	c := newClient(t, Options{})
	shared := c.lead("shared@x.test")
	var wg sync.WaitGroup
	for worker := range 32 {
		wg.Go(func() {
			for i := range 5 {
				name := fmt.Sprintf("w%d-%d", worker, i)
				response, err := c.try("POST", v67+"/composite/sobjects", m{"records": []m{
					typed("Lead", m{"LastName": name, "Company": "X", "Email": name + "@x.test"}), typed("Account", m{"Name": name}),
				}})
				if err != nil || response.StatusCode != 200 {
					t.Errorf("create: %v %v", response, err)
					return
				}
				response.Body.Close()
				for _, path := range []string{"/query?q=" + url.QueryEscape("SELECT Id, Owner.Name FROM Lead WHERE Email = '"+name+"@x.test'"), "/sobjects/Lead/" + shared, "/sobjects/Lead/describe"} {
					if response, err = c.try("GET", v67+path, nil); err != nil || response.StatusCode != 200 {
						t.Errorf("%s: %v %v", path, response, err)
						return
					}
					response.Body.Close()
				}
				if response, err = c.try("PATCH", v67+"/sobjects/Lead/"+shared, m{"Title": name}); err == nil {
					response.Body.Close()
				}
				c.org.Clock().Advance(time.Second)
			}
		})
	}
	wg.Wait()
	if n := c.query("SELECT COUNT() FROM Lead").TotalSize; n != 161 {
		t.Errorf("%d leads, want 161", n)
	}
}

func TestBodiesMayBeZipped(t *testing.T) {
	t.Parallel()
	c := newClient(t, Options{})
	var body bytes.Buffer
	z := gzip.NewWriter(&body)
	fmt.Fprint(z, `{"LastName":"Zip","Company":"X"}`)
	z.Close()
	request, _ := http.NewRequest("POST", c.url+v67+"/sobjects/Lead", &body)
	request.Header.Set("Authorization", "Bearer "+c.token)
	request.Header.Set("Content-Encoding", "gzip")
	response, err := http.DefaultClient.Do(request)
	if err != nil || response.StatusCode != 201 {
		t.Fatalf("%v %v", response, err)
	}
	response.Body.Close()
	if response.Uncompressed {
		t.Error("a small answer was zipped")
	}
	for path, want := range map[string]bool{"/limits": true, "/sobjects/Lead/describe": true, "/sobjects/Nope/describe": false} {
		request, _ := http.NewRequest("GET", c.url+v67+path, nil)
		request.Header.Set("Authorization", "Bearer "+c.token)
		if response, err := http.DefaultClient.Do(request); err != nil || response.Body.Close() != nil || response.Uncompressed != want {
			t.Errorf("%s: zipped should be %v: %v", path, want, err)
		}
	}
	// go-salesforce announces gzip on requests without a body.
	c.want(200, nil, "GET", v67+"/limits", nil, "Content-Encoding", "gzip")
}

func TestAKeysetPageCostsAPageOfManyRecords(t *testing.T) {
	t.Parallel()
	c := newClient(t, Options{})
	const total = 30_000
	as := c.org.User(SalesUser)
	for i := range total {
		if i%10_000 == 0 {
			c.org.Clock().Advance(time.Second)
		}
		if _, err := c.org.Insert(as, "Lead", m{"LastName": "L", "Company": "X"}); err != nil {
			t.Fatal(err)
		}
	}
	seen, stamp, last := 0, "2026-01-31T09:00:00.000Z", ""
	for {
		where := "SystemModstamp > " + stamp
		if last != "" {
			where += " OR (SystemModstamp = " + stamp + " AND Id > '" + last + "')"
		}
		records := c.query("SELECT Id, SystemModstamp FROM Lead WHERE " + where + " ORDER BY SystemModstamp ASC, Id ASC LIMIT 2000").Records
		if len(records) == 0 {
			break
		}
		seen += len(records)
		end := records[len(records)-1]
		last, stamp = end["Id"].(string), end["SystemModstamp"].(string)[:19]+"Z"
	}
	if seen != total {
		t.Errorf("%d records in keyset pages, want %d", seen, total)
	}
	if scanned := c.scanned("SELECT Id FROM Lead WHERE SystemModstamp > " + stamp + " OR (SystemModstamp = " + stamp + " AND Id > '" + last + "') ORDER BY SystemModstamp, Id"); scanned != 0 {
		t.Errorf("the page after the last looks at %d rows", scanned)
	}
	if scanned := c.scanned("SELECT Id FROM Lead WHERE Id = '" + last + "' AND IsDeleted = false"); scanned != 1 {
		t.Errorf("a look-up by id looks at %d rows", scanned)
	}
}

// scanned counts the rows that a query has to look at.
func (c *client) scanned(text string) int {
	c.t.Helper()
	c.org.mu.RLock()
	defer c.org.mu.RUnlock()
	parsed, err := soql.Parse(text)
	if err != nil {
		c.t.Fatal(err)
	}
	n, refused := c.org.names(c.org.rightsFor(Actor{}), lastVersion, parsed)
	if refused != nil {
		c.t.Fatal(refused)
	}
	s, refused := n.selection(false)
	if refused != nil {
		c.t.Fatal(refused)
	}
	rows, _ := s.plan.candidates()
	looked := 0
	for range rows {
		looked++
	}
	return looked
}

func TestBulkResultsAreWrittenWhileTheOrgIsRestored(t *testing.T) {
	t.Parallel()
	org := New(Options{})
	if _, err := org.Insert(org.Admin(), "Lead", m{"LastName": "Doe", "Company": "Acme", "AnnualRevenue": 5}); err != nil {
		t.Fatal(err)
	}
	if err := org.Snapshot("before"); err != nil {
		t.Fatal(err)
	}
	selection, err := bulkOrg{org}.Select(bulk.Spec{Operation: bulk.Query, Query: "SELECT LastName, AnnualRevenue FROM Lead", User: org.Admin().ID()})
	if err != nil {
		t.Fatal(err)
	}
	rows, err := selection.Run()
	if err != nil {
		t.Fatal(err)
	}
	var restored sync.WaitGroup
	restored.Go(func() {
		for range 3 {
			if err := org.Restore("before", RestoreOptions{}); err != nil {
				t.Error(err)
			}
		}
	})
	for range 100 {
		if got := string(rows.Append(nil, 0, rows.Len(), bulk.Format{Delimiter: "COMMA", LineEnding: "LF"})); got != "\"Doe\",\"5.0\"\n" {
			t.Fatalf("the rows are %q", got)
		}
	}
	restored.Wait()
}
