package scripts

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
	"github.com/tidwall/gjson"
	"golang.org/x/text/encoding/charmap"
)

// Exports of real orgs, beside the module when they are there.
const samples = "../shared/fixtures/salesforce/sample-data"

func TestSampleExportsArriveAsTheyAreInTheFiles(t *testing.T) {
	t.Parallel()
	folder := filepath.Join(repository(), filepath.FromSlash(samples))
	if _, err := os.Stat(folder); err != nil {
		t.Log("no sample data beside the module: nothing to compare with")
		return
	}
	params := language()
	params.Files = []string{filepath.Join("testdata", "sample_exports.txtar")}
	params.Setup = func(env *testscript.Env) error {
		env.Setenv("SAMPLES", folder)
		return setUp(env)
	}
	params.Cmds["equals-samples"] = equalsSamples
	testscript.Run(t, params)
}

// row is a record of a file: its values by API name in lower case, "" for a blank.
type row map[string]string

// equalsSamples checks companies and contacts against the files, read here on their own.
func equalsSamples(ts *testscript.TestScript, _ bool, _ []string) {
	folder := ts.Getenv("SAMPLES")
	tree := treeRows(ts, filepath.Join(folder, "lwc-recipes", "Accounts.json"))
	accounts := append(slices.Clone(tree), csvRows(ts, filepath.Join(folder, "dataloader", "accountData.csv"))...)
	companies := equalCompanies(ts, accounts)

	accountNames := make(map[string]string) // by reference
	for _, account := range tree {
		accountNames["@"+account["referenceid"]] = account["name"]
	}
	contacts := treeRows(ts, filepath.Join(folder, "lwc-recipes", "Contacts.json"))
	equalContacts(ts, contacts, accountNames, companies)
}

// equalCompanies checks that every Account is a company, those of one domain the same, with
// the file's values. It returns the companies' names by id.
func equalCompanies(ts *testscript.TestScript, accounts []row) map[string]string {
	keys, shown := variableKeys(ts, "company", "Account"), everything(ts, "/companies")
	want := make(map[string][]row) // by domain; those without stand alone
	for i, account := range accounts {
		key := domainOf(account["website"])
		if key == "" {
			key = strconv.Itoa(i)
		}
		want[key] = append(want[key], account)
	}
	if len(shown) != len(want) {
		ts.Fatalf("there are %d companies; the files have %d", len(shown), len(want))
	}
	byRecord, byName, names := make(map[string]gjson.Result), make(map[string]gjson.Result), make(map[string]string)
	for _, company := range shown {
		names[company.Get("id").String()] = company.Get("name").String()
		byName[company.Get("name").String()] = company
		for _, link := range company.Get("links").Array() {
			byRecord[link.Get("record_id").String()] = company
		}
	}
	for _, group := range want {
		for _, account := range group {
			company, ok := byRecord[account["id"]]
			if !ok {
				company = byName[account["name"]]
			}
			if got := company.Get("domain").String(); got != domainOf(account["website"]) {
				ts.Fatalf("%s has the domain %q", account["name"], got)
			}
			if len(group) == 1 {
				equalValues(ts, company, account, keys)
			}
		}
	}
	return names
}

// equalContacts checks that the e-mails, compared in lower case, are the contacts, with the
// file's values and companies.
func equalContacts(ts *testscript.TestScript, people []row, accountNames, companies map[string]string) {
	keys, shown := variableKeys(ts, "contact", "Contact"), everything(ts, "/contacts")
	want := make(map[string]row)
	for _, person := range people {
		if email := strings.ToLower(strings.TrimSpace(person["email"])); email != "" {
			want[email] = person
		}
	}
	var emails []string
	for _, contact := range shown {
		email := contact.Get("email").String()
		emails = append(emails, email)
		person, ok := want[email]
		if !ok {
			continue
		}
		if got := companies[contact.Get("company_id").String()]; got != accountNames[person["accountid"]] {
			ts.Fatalf("%s is of %q, not %q", email, got, accountNames[person["accountid"]])
		}
		equalValues(ts, contact, person, keys)
	}
	slices.Sort(emails)
	if !slices.Equal(emails, slices.Sorted(maps.Keys(want))) {
		ts.Fatalf("the contacts are %q", emails)
	}
}

// notCompared are columns that never become a variable (spec 3.4), that are the loading
// org's own, or that are compared apart.
var notCompared = []string{
	"id", "referenceid", "isdeleted", "masterrecordid", "systemmodstamp", "lastmodifieddate", "lastmodifiedbyid",
	"createdbyid", "ownerid", "email", "accountid",
}

// equalValues checks every other column of the row.
func equalValues(ts *testscript.TestScript, entity gjson.Result, want row, keys map[string]string) {
	for column, value := range want {
		if slices.Contains(notCompared, column) {
			continue
		}
		got := entity.Get("variables").Get(gjson.Escape(keys[column]))
		if column == "name" {
			got = entity.Get("name")
		}
		if !sameValue(got, strings.TrimSpace(value)) {
			ts.Fatalf("%s is %s, not %q, of %s", column, got.Raw, value, entity.Raw)
		}
	}
}

func sameValue(got gjson.Result, want string) bool {
	switch got.Type {
	case gjson.Null:
		return want == ""
	case gjson.Number:
		number, err := strconv.ParseFloat(want, 64)
		return err == nil && number == got.Num
	}
	if at, err := time.Parse(time.RFC3339, want); err == nil {
		shown, err := time.Parse(time.RFC3339, got.String())
		return err == nil && shown.Equal(at)
	}
	return got.String() == want
}

// domainOf is the host of a website of the samples.
func domainOf(website string) string {
	_, host, found := strings.Cut(strings.ToLower(website), "//")
	if !found {
		host = strings.ToLower(website)
	}
	host, _, _ = strings.Cut(host, "/")
	return strings.TrimPrefix(host, "www.")
}

// variableKeys returns the variables' keys by field in lower case.
func variableKeys(ts *testscript.TestScript, kind, object string) map[string]string {
	keys := make(map[string]string)
	for _, v := range everything(ts, "/variables?object="+kind) {
		for _, field := range v.Get("salesforce_fields").Array() {
			if name, ok := strings.CutPrefix(field.String(), object+"."); ok {
				keys[strings.ToLower(name)] = v.Get("key").String()
			}
		}
	}
	return keys
}

// everything returns a whole list of the API, page by page.
func everything(ts *testscript.TestScript, path string) []gjson.Result {
	var all []gjson.Result
	separator := "?"
	if strings.Contains(path, "?") {
		separator = "&"
	}
	for cursor := ""; ; {
		status, answer := call(ts, "GET", ts.Getenv("URL")+"/api/v1"+path+separator+"limit=100"+cursor, "")
		if status >= 300 {
			ts.Fatalf("%s: %d %s", path, status, answer)
		}
		all = append(all, gjson.GetBytes(answer, "data").Array()...)
		next := gjson.GetBytes(answer, "next_cursor").String()
		if next == "" {
			return all
		}
		cursor = "&cursor=" + next
	}
}

func treeRows(ts *testscript.TestScript, path string) []row {
	text, err := os.ReadFile(path)
	ts.Check(err)
	var file struct {
		Records []map[string]any `json:"records"`
	}
	ts.Check(json.Unmarshal(text, &file))
	var rows []row
	for _, record := range file.Records {
		r := make(row)
		for name, value := range record {
			switch value := value.(type) {
			case string:
				r[strings.ToLower(name)] = value
			case float64:
				r[strings.ToLower(name)] = strconv.FormatFloat(value, 'f', -1, 64)
			case map[string]any: // attributes
				r["referenceid"], _ = value["referenceId"].(string)
			}
		}
		rows = append(rows, r)
	}
	return rows
}

// csvRows reads a file that Data Loader wrote on Windows.
func csvRows(ts *testscript.TestScript, path string) []row {
	text, err := os.ReadFile(path)
	ts.Check(err)
	text, err = charmap.Windows1252.NewDecoder().Bytes(text)
	ts.Check(err)
	lines, err := csv.NewReader(bytes.NewReader(text)).ReadAll()
	ts.Check(err)
	var rows []row
	for _, line := range lines[1:] {
		r := make(row)
		for i, name := range lines[0] {
			r[strings.ToLower(name)] = line[i]
		}
		rows = append(rows, r)
	}
	return rows
}
