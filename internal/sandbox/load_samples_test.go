package sandbox

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	"golang.org/x/text/encoding/charmap"
)

// sampleData are exports of real orgs, beside the module.
const sampleData = "../../../shared/fixtures/salesforce/sample-data"

func samples(t *testing.T) bool {
	t.Helper()
	if _, err := os.Stat(sampleData); err != nil {
		t.Log("no sample data beside the module: nothing to load")
		return false
	}
	return true
}

func TestLoadTakesTheSampleTree(t *testing.T) {
	t.Parallel()
	if !samples(t) {
		return
	}
	org := New(Options{})
	directory := filepath.Join(sampleData, "lwc-recipes")
	loaded, err := org.LoadSpecs(
		LoadSpec{Path: filepath.Join(directory, "Contacts.json")},
		LoadSpec{Path: filepath.Join(directory, "Accounts.json")})
	if err != nil {
		t.Fatal(err)
	}
	if len(loaded.CustomFields) != 1 || loaded.CustomFields[0] != "Contact.Picture__c" {
		t.Errorf("custom fields are %v", loaded.CustomFields)
	}
	accounts := sampleTree(t, filepath.Join(directory, "Accounts.json"))
	contacts := sampleTree(t, filepath.Join(directory, "Contacts.json"))
	if loaded.Records["Account"] != len(accounts) || loaded.Records["Contact"] != len(contacts) {
		t.Errorf("loaded %v, the files hold %d and %d", loaded.Records, len(accounts), len(contacts))
	}
	names := map[any]any{}
	for _, account := range storedRecords(t, org, "Account", "Id", "Name") {
		names[account["Id"]] = account["Name"]
	}
	for i, contact := range storedRecords(t, org, "Contact", "Email", "Title", "Picture__c", "AccountId") {
		want := contacts[i]
		if contact["Email"] != want["Email"] || contact["Title"] != want["Title"] || contact["Picture__c"] != want["Picture__c"] {
			t.Errorf("contact %d is %v, the file says %v", i, contact, want)
		}
		if names[contact["AccountId"]] == nil {
			t.Errorf("contact %d has no account", i)
		}
	}
}

func sampleTree(t *testing.T, path string) []map[string]any {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var tree struct{ Records []map[string]any }
	if err := json.Unmarshal(text, &tree); err != nil {
		t.Fatal(err)
	}
	return tree.Records
}

func TestLoadTakesTheSamplePlan(t *testing.T) {
	t.Parallel()
	if !samples(t) {
		return
	}
	loaded, err := New(Options{}).Load(filepath.Join(sampleData, "lwc-recipes", "data-plan.json"))
	if err != nil {
		t.Fatal(err)
	}
	for _, object := range []string{"Account", "Contact", "Opportunity"} {
		if loaded.Records[object] == 0 {
			t.Errorf("the plan lists records of %s, none was loaded", object)
		}
	}
}

func TestLoadTakesTheSampleExport(t *testing.T) {
	t.Parallel()
	if !samples(t) {
		return
	}
	path := filepath.Join(sampleData, "dataloader", "accountData.csv")
	org := New(Options{})
	loaded, err := org.LoadSpecs(LoadSpec{Path: path, Object: "Account"})
	if err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	text, err = charmap.Windows1252.NewDecoder().Bytes(text)
	if err != nil {
		t.Fatal(err)
	}
	rows, err := csv.NewReader(bytes.NewReader(text)).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	if loaded.Records["Account"] != len(rows)-1 {
		t.Errorf("loaded %d accounts, the file holds %d", loaded.Records["Account"], len(rows)-1)
	}
	stored := map[any]map[string]any{}
	for _, account := range storedRecords(t, org, "Account", "Id", "Name", "BillingCity", "OwnerId", "ORACLE_ID__c") {
		stored[account["Id"]] = account
	}
	for _, row := range rows[1:] {
		account := stored[row[0]]
		if account["Name"] != row[3] || account["OwnerId"] != row[29] || orEmpty(account["BillingCity"]) != row[7] || orEmpty(account["ORACLE_ID__c"]) != row[36] {
			t.Errorf("%s is %v, the file says %v", row[0], account, row)
		}
	}
}

func orEmpty(v any) string {
	text, _ := v.(string)
	return text
}
