package clients_test

import (
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	salesforce "github.com/k-capehart/go-salesforce/v3"
)

type lead struct {
	Id       string `csv:"Id,omitempty"` // go-salesforce goes by the names of members
	LastName string `csv:"LastName"`
	Company  string `csv:"Company"`
	Title    string `csv:"Title"`
}

// TestGoSalesforce runs go-salesforce, with each of its options that change what
// it sends.
func TestGoSalesforce(t *testing.T) {
	t.Parallel()
	o := startOrg(t)
	creds := map[string]salesforce.Creds{
		"password":           {Domain: o.url, Username: o.username, Password: o.password, SecurityToken: "token", ConsumerKey: o.clientID, ConsumerSecret: o.clientSecret},
		"client credentials": {Domain: o.url, ConsumerKey: o.clientID, ConsumerSecret: o.clientSecret},
		"access token":       {Domain: o.url, AccessToken: o.token},
		"JWT":                {Domain: o.url, Username: o.username, ConsumerKey: o.clientID, ConsumerRSAPem: admin(t, "GET", o.url+"/__sandbox/jwt-key")},
	}
	for name, given := range creds {
		for option, options := range map[string][]salesforce.Option{
			"plain": nil, "compressed": {salesforce.WithCompressionHeaders(true)}, "v50.0": {salesforce.WithAPIVersion("v50.0")},
		} {
			t.Run(name+", "+option, func(t *testing.T) {
				t.Parallel()
				sf, err := salesforce.Init(given, options...)
				must(t, err)
				goSalesforce(t, sf, strings.ReplaceAll(name+option, " ", ""))
			})
		}
	}
}

// TestGoSalesforceRenewsItsSession ends the sessions of a client between two of
// its requests.
func TestGoSalesforceRenewsItsSession(t *testing.T) {
	t.Parallel()
	o := startOrg(t)
	for name, given := range map[string]salesforce.Creds{
		"password":           {Domain: o.url, Username: o.username, Password: o.password, ConsumerKey: o.clientID, ConsumerSecret: o.clientSecret},
		"client credentials": {Domain: o.url, ConsumerKey: o.clientID, ConsumerSecret: o.clientSecret},
		"JWT":                {Domain: o.url, Username: o.username, ConsumerKey: o.clientID, ConsumerRSAPem: admin(t, "GET", o.url+"/__sandbox/jwt-key")},
	} {
		for _, compressed := range []bool{false, true} {
			sf, err := salesforce.Init(given, salesforce.WithCompressionHeaders(compressed))
			must(t, err)
			ended := sf.GetAccessToken()
			admin(t, "POST", o.url+"/__sandbox/sessions/expire")
			if made, err := sf.InsertOne("Lead", lead{LastName: "Doe", Company: "Acme"}); err != nil || !made.Success {
				t.Errorf("%s, compressed %v: %+v, %v", name, compressed, made, err)
			}
			if sf.GetAccessToken() == ended {
				t.Errorf("%s: the session was not renewed", name)
			}
		}
	}
}

// TestGoSalesforceWorksWithFiles inserts, exports, updates and deletes more
// records than a page of a query has.
func TestGoSalesforceWorksWithFiles(t *testing.T) {
	t.Parallel()
	o := startOrg(t)
	sf, err := salesforce.Init(salesforce.Creds{Domain: o.url, AccessToken: o.token})
	must(t, err)
	dir := t.TempDir()
	given, exported := filepath.Join(dir, "given.csv"), filepath.Join(dir, "exported.csv")
	must(t, os.WriteFile(given, []byte("LastName,Company\n"+strings.Repeat("\"Files, \"\"quoted\"\"\",Acme\n", 2500)), 0o600))
	_, err = sf.InsertBulkFile("Lead", given, 10_000, true) // of several jobs the client awaits one
	must(t, err)
	if found := query(t, sf, `Files, "quoted"`); len(found) != 2500 {
		t.Errorf("%d leads queried", len(found))
	}
	must(t, sf.QueryBulkExport("SELECT Id FROM Lead", exported))
	_, err = sf.DeleteBulkFile("Lead", exported, 10_000, true)
	must(t, err)
	if left := query(t, sf, `Files, "quoted"`); len(left) != 0 {
		t.Errorf("%d leads left", len(left))
	}
	jobs, err := sf.InsertBulk("Lead", []map[string]any{{"Nothing": "x"}}, 100, true)
	if err == nil || !strings.Contains(err.Error(), "Field name not found : Nothing") {
		t.Errorf("an unknown column: %v, %v", jobs, err)
	}
}

// admin makes a request of the admin API and returns what it answers.
func admin(t *testing.T, method, url string) string {
	t.Helper()
	request, err := http.NewRequest(method, url, nil)
	must(t, err)
	response, err := http.DefaultClient.Do(request)
	must(t, err)
	defer func() { _ = response.Body.Close() }()
	text, err := io.ReadAll(response.Body)
	must(t, err)
	if response.StatusCode >= 300 {
		t.Fatalf("%s: %s", response.Status, text)
	}
	return string(text)
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func goSalesforce(t *testing.T, sf *salesforce.Salesforce, tag string) {
	one, err := sf.InsertOne("Lead", lead{LastName: tag, Company: "Acme"})
	must(t, err)
	must(t, sf.UpdateOne("Lead", map[string]any{"Id": one.Id, "Title": "CEO"}))
	found := query(t, sf, tag)
	if len(found) != 1 || found[0].Title != "CEO" {
		t.Errorf("after one insert and one update: %+v", found)
	}
	if _, err := sf.InsertOne("Lead", lead{LastName: tag}); err == nil || !strings.Contains(err.Error(), "REQUIRED_FIELD_MISSING") {
		t.Errorf("a lead without company: %v", err)
	}
	email := strings.ToLower(strings.NewReplacer(",", "", ".", "").Replace(tag)) + "@acme.example"
	for _, title := range []string{"made", "changed"} {
		if _, err := sf.UpsertOne("Contact", "Email", map[string]any{"Email": email, "LastName": tag, "Title": title}); err != nil {
			t.Errorf("upsert: %v", err)
		}
	}
	must(t, sf.DeleteOne("Lead", lead{Id: one.Id}))
	collections(t, sf, tag)
	composite(t, sf, tag)
	bulk(t, sf, tag)
}

func query(t *testing.T, sf *salesforce.Salesforce, tag string) []lead {
	t.Helper()
	var found []lead
	must(t, sf.Query("SELECT Id, LastName, Company, Title FROM Lead WHERE LastName = '"+tag+"' ORDER BY Id", &found))
	return found
}

func collections(t *testing.T, sf *salesforce.Salesforce, tag string) {
	tag += "collection"
	batch := make([]lead, 450)
	for i := range batch {
		batch[i] = lead{LastName: tag, Company: "Acme"}
	}
	batch[7].Company = ""
	made, err := sf.InsertCollection("Lead", batch, 200)
	must(t, err)
	if !made.HasSalesforceErrors || made.Results[7].Success || !made.Results[8].Success {
		t.Errorf("a bad one among many: %+v", made.Results[5:9])
	}
	found := query(t, sf, tag)
	if len(found) != 449 {
		t.Fatalf("%d of 449 were inserted", len(found))
	}
	for i := range found {
		found[i].Title = "CTO"
	}
	changed, err := sf.UpdateCollection("Lead", found, 200)
	must(t, err)
	gone, err := sf.DeleteCollection("Lead", found, 200)
	must(t, err)
	if changed.HasSalesforceErrors || gone.HasSalesforceErrors || len(query(t, sf, tag)) != 0 {
		t.Errorf("update %v, delete %v", changed.HasSalesforceErrors, gone.HasSalesforceErrors)
	}
	contacts := []map[string]any{{"Email": tag + "@acme.example", "LastName": tag}}
	if up, err := sf.UpsertCollection("Contact", "Email", contacts, 200); err != nil || up.HasSalesforceErrors {
		t.Errorf("upsert of a collection: %+v, %v", up, err)
	}
}

func composite(t *testing.T, sf *salesforce.Salesforce, tag string) {
	tag += "composite"
	batch := make([]lead, 30)
	for i := range batch {
		batch[i] = lead{LastName: tag, Company: "Acme"}
	}
	made, err := sf.InsertComposite("Lead", batch, 10, true)
	must(t, err)
	found := query(t, sf, tag)
	if made.HasSalesforceErrors || len(found) != 30 {
		t.Fatalf("composite inserted %d: %+v", len(found), made)
	}
	changed, err := sf.UpdateComposite("Lead", found, 10, true)
	must(t, err)
	gone, err := sf.DeleteComposite("Lead", found, 10, true)
	must(t, err)
	if changed.HasSalesforceErrors || gone.HasSalesforceErrors || len(query(t, sf, tag)) != 0 {
		t.Errorf("update %+v, delete %+v", changed, gone)
	}
}

func bulk(t *testing.T, sf *salesforce.Salesforce, tag string) {
	tag += "bulk"
	batch := make([]lead, 120)
	for i := range batch {
		batch[i] = lead{LastName: tag, Company: "Acme"}
	}
	batch[3].Company = ""
	jobs, err := sf.InsertBulk("Lead", batch, 1000, true)
	must(t, err)
	results, err := sf.GetJobResults(jobs[0])
	must(t, err)
	if results.NumberRecordsFailed != 1 || len(results.SuccessfulRecords) != 119 {
		t.Errorf("bulk: %d failed, %d done", results.NumberRecordsFailed, len(results.SuccessfulRecords))
	}
	file := filepath.Join(t.TempDir(), "leads.csv")
	must(t, sf.QueryBulkExport("SELECT Id, LastName FROM Lead WHERE LastName = '"+tag+"'", file))
	exported, err := os.ReadFile(file)
	must(t, err)
	if lines := strings.Count(string(exported), "\n"); lines != 120 {
		t.Errorf("%d lines exported", lines)
	}
	iterate(t, sf, tag)
	found := query(t, sf, tag)
	_, err = sf.UpdateBulk("Lead", found, 1000, true)
	must(t, err)
	ids := make([]map[string]any, len(found))
	for i, one := range found {
		ids[i] = map[string]any{"Id": one.Id}
	}
	_, err = sf.DeleteBulk("Lead", ids, 1000, true)
	must(t, err)
	if left := query(t, sf, tag); len(left) != 0 {
		t.Errorf("%d left after a bulk delete", len(left))
	}
}

func iterate(t *testing.T, sf *salesforce.Salesforce, tag string) {
	pages, err := sf.QueryBulkIterator("SELECT Id, LastName FROM Lead WHERE LastName = '" + tag + "'")
	must(t, err)
	rows := 0
	for pages.Next() {
		var page []lead
		must(t, pages.Decode(&page))
		rows += len(page)
	}
	must(t, pages.Error())
	if rows != 119 {
		t.Errorf("%d rows iterated", rows)
	}
}
