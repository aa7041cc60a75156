package sandbox

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"conversion/internal/sandbox/schema"
)

// directoryOf writes files into a directory of their own.
func directoryOf(t *testing.T, files map[string]string) string {
	t.Helper()
	directory := t.TempDir()
	for name, text := range files {
		if err := os.WriteFile(filepath.Join(directory, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return directory
}

// loadDirectory loads files into a new org.
func loadDirectory(t *testing.T, files map[string]string) (*Org, Loaded) {
	t.Helper()
	org := New(Options{})
	loaded, err := org.Load(directoryOf(t, files))
	if err != nil {
		t.Fatal(err)
	}
	return org, loaded
}

// storedRecords gives an object's records in the order of their ids, with the
// fields asked for in the form of the REST API.
func storedRecords(t *testing.T, org *Org, object string, fields ...string) []map[string]any {
	t.Helper()
	org.mu.RLock()
	defer org.mu.RUnlock()
	obj, ok := org.object(object)
	if !ok {
		t.Fatalf("there is no object %s", object)
	}
	var records []map[string]any
	for row := range obj.rows.ByID().All() {
		record := map[string]any{}
		for _, name := range fields {
			f, ok := obj.field(name)
			if !ok {
				t.Fatalf("%s has no field %s", object, name)
			}
			record[name] = f.shown(f.value(row))
		}
		records = append(records, record)
	}
	return records
}

const (
	accountA = "001x0000002xLCVAA2"
	accountB = "001x0000002xLCWAA2"
	contactA = "003x0000001abcdAAA"
	contactB = "003x0000001abceAAA"
)

func TestLoadReadsADataLoaderExport(t *testing.T) {
	t.Parallel()
	org, loaded := loadDirectory(t, map[string]string{
		"Account.csv": "\ufeffID,NAME,PARENTID,ANNUALREVENUE,CREATEDDATE,LASTMODIFIEDDATE,SYSTEMMODSTAMP,DESCRIPTION\n" +
			accountA + ",\"Acme, Inc.\"," + accountB + ",6.0E7,2020-01-01T01:02:03.000Z,2020-02-01T00:00:00.000Z,2020-03-01T00:00:00.000Z,\"two\nlines\"\n" +
			accountB + ",Globex,,,2020-01-01T00:00:00.000+0000,2020-01-01T00:00:00.000Z,2020-01-01T00:00:00.000Z,\n",
		"Contact.csv": "Id,LastName,AccountId,HasOptedOutOfEmail,Birthdate,Name,MailingAddress\n" +
			contactA + ",Roe," + accountA[:15] + ",true,1980-05-06,Jane Roe,[object]\n",
	})

	if diff := cmp.Diff(map[string]int{"Account": 2, "Contact": 1}, loaded.Records); diff != "" {
		t.Error("records loaded:", diff)
	}
	accounts := storedRecords(t, org, "Account", "Id", "Name", "ParentId", "AnnualRevenue", "CreatedDate", "LastModifiedDate", "SystemModstamp", "Description")
	want := []map[string]any{{
		"Id": accountA, "Name": "Acme, Inc.", "ParentId": accountB, "AnnualRevenue": 6e7, "Description": "two\nlines",
		"CreatedDate": "2020-01-01T01:02:03.000+0000", "LastModifiedDate": "2020-02-01T00:00:00.000+0000",
		"SystemModstamp": "2020-03-01T00:00:00.000+0000",
	}, {
		"Id": accountB, "Name": "Globex", "ParentId": nil, "AnnualRevenue": nil, "Description": nil,
		"CreatedDate": "2020-01-01T00:00:00.000+0000", "LastModifiedDate": "2020-01-01T00:00:00.000+0000",
		"SystemModstamp": "2020-01-01T00:00:00.000+0000",
	}}
	if diff := cmp.Diff(want, accounts); diff != "" {
		t.Error(diff)
	}
	contacts := storedRecords(t, org, "Contact", "Id", "AccountId", "HasOptedOutOfEmail", "DoNotCall", "Birthdate", "Name")
	want = []map[string]any{{
		"Id": contactA, "AccountId": accountA, "HasOptedOutOfEmail": true, "DoNotCall": false, "Birthdate": "1980-05-06", "Name": "Roe",
	}}
	if diff := cmp.Diff(want, contacts); diff != "" {
		t.Error(diff)
	}
}

func TestLoadReadsATreeWithReferencesAcrossFiles(t *testing.T) {
	t.Parallel()
	files := map[string]string{
		"Contacts.json": `{"records":[{"attributes":{"type":"Contact","referenceId":"C1"},"LastName":"Roe","AccountId":"@A1"}]}`,
		"Accounts.json": `{"records":[
			{"attributes":{"type":"Account","referenceId":"A1"},"Name":"Acme","NumberOfEmployees":12,
			 "Contacts":{"records":[{"attributes":{"type":"Contact","referenceId":"C2"},"LastName":"Nested"}]}}]}`,
	}
	org, loaded := loadDirectory(t, files)
	if diff := cmp.Diff(map[string]int{"Account": 1, "Contact": 2}, loaded.Records); diff != "" {
		t.Error("records loaded:", diff)
	}
	account := storedRecords(t, org, "Account", "Id")[0]["Id"]
	for _, contact := range storedRecords(t, org, "Contact", "LastName", "AccountId") {
		if contact["AccountId"] != account {
			t.Errorf("%v is not of the account %v", contact, account)
		}
	}
}

func TestLoadReadsTheFilesOfAPlanOnce(t *testing.T) {
	t.Parallel()
	_, loaded := loadDirectory(t, map[string]string{
		"data-plan.json": `[{"sobject":"Account","files":["Accounts.json"]}]`,
		"Accounts.json":  `{"records":[{"attributes":{"type":"Account","referenceId":"A1"},"Name":"Acme"}]}`,
		"README.md":      "what this is",
	})
	if loaded.Records["Account"] != 1 {
		t.Errorf("%d accounts, want 1", loaded.Records["Account"])
	}
	if len(loaded.Ignored) != 1 || filepath.Base(loaded.Ignored[0]) != "README.md" {
		t.Errorf("ignored %v, want README.md", loaded.Ignored)
	}
}

func TestLoadMakesCustomFieldsOfUnknownColumns(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("long ", 60)
	org, loaded := loadDirectory(t, map[string]string{
		"Lead.csv": "LastName,Company,VIP__c,SCORE__C,Since__c,Seen__c,Code__c,Notes__c,Empty__c\n" +
			"Roe,Acme,true,12.50,2020-02-03,2020-02-03T04:05:06Z,00123," + long + ",\n" +
			"Doe,Acme,,7,,,A-7,,\n",
	})
	want := map[string]schema.Type{
		"VIP__c": schema.Boolean, "SCORE__c": schema.Double, "Since__c": schema.Date, "Seen__c": schema.DateTime,
		"Code__c": schema.String, "Notes__c": schema.TextArea, "Empty__c": schema.String,
	}
	if len(loaded.CustomFields) != len(want) {
		t.Errorf("custom fields are %v", loaded.CustomFields)
	}
	lead, _ := org.object("Lead")
	for name, kind := range want {
		f, ok := lead.field(name)
		if !ok || f.Type != kind || !f.Custom || !f.Updateable {
			t.Errorf("%s is %+v, want a writable custom field of type %s", name, f, kind)
		}
	}
	got := storedRecords(t, org, "Lead", "LastName", "VIP__c", "SCORE__c", "Code__c", "Seen__c")
	wantRecords := []map[string]any{
		{"LastName": "Roe", "VIP__c": true, "SCORE__c": 12.5, "Code__c": "00123", "Seen__c": "2020-02-03T04:05:06.000+0000"},
		{"LastName": "Doe", "VIP__c": false, "SCORE__c": 7.0, "Code__c": "A-7", "Seen__c": nil},
	}
	if diff := cmp.Diff(wantRecords, got); diff != "" {
		t.Error(diff)
	}
}

func TestLoadFollowsIdsThatAreNoSalesforceIds(t *testing.T) {
	t.Parallel()
	org, _ := loadDirectory(t, map[string]string{
		"Account.csv": "Id,Name\nacct-7,Acme\n",
		"Contact.csv": "Id,LastName,AccountId\n1,Roe,acct-7\n",
		"Task.csv":    "Subject,WhoId,Status,ActivityDate\nCall,1,Completed,2020-01-02\n",
	})
	account := storedRecords(t, org, "Account", "Id", "LastActivityDate")[0]
	contact := storedRecords(t, org, "Contact", "Id", "AccountId")[0]
	task := storedRecords(t, org, "Task", "WhoId", "AccountId", "IsClosed")[0]
	if contact["AccountId"] != account["Id"] || task["WhoId"] != contact["Id"] || task["AccountId"] != account["Id"] {
		t.Errorf("references lead elsewhere: %v, %v, %v", account, contact, task)
	}
	if task["IsClosed"] != true || account["LastActivityDate"] != "2020-01-02" {
		t.Errorf("what follows from a task is missing: %v, %v", account, task)
	}
}

func TestLoadMakesPlaceholdersOfUnknownUsers(t *testing.T) {
	t.Parallel()
	const owner = "005x0000000fNSiAAM"
	org, loaded := loadDirectory(t, map[string]string{
		"Account.csv": "Name,OwnerId,CreatedById\nAcme," + owner + "," + owner + "\n",
	})
	if loaded.PlaceholderUsers != 1 {
		t.Errorf("%d placeholders, want 1", loaded.PlaceholderUsers)
	}
	if got := storedRecords(t, org, "Account", "OwnerId")[0]["OwnerId"]; got != owner {
		t.Errorf("the owner is %v, want %s", got, owner)
	}
	for _, user := range storedRecords(t, org, "User", "Id", "IsActive", "Name") {
		if user["Id"] == owner && (user["IsActive"] != false || user["Name"] != "User "+owner) {
			t.Errorf("the placeholder is %v", user)
		}
	}
}

func TestLoadReadsWindows1252(t *testing.T) {
	t.Parallel()
	org, _ := loadDirectory(t, map[string]string{"Account.csv": "Name\nP\xe9b\xe9o \x96 5\xba\n"})
	if got := storedRecords(t, org, "Account", "Name")[0]["Name"]; got != "Pébéo – 5º" {
		t.Errorf("got %q", got)
	}
}

func TestLoadKeepsDeletedRecordsDeleted(t *testing.T) {
	t.Parallel()
	org, _ := loadDirectory(t, map[string]string{
		"Lead.csv": "LastName,Company,IsDeleted\nRoe,Acme,true\nDoe,Acme,false\n",
	})
	got := storedRecords(t, org, "Lead", "LastName", "IsDeleted")
	want := []map[string]any{{"LastName": "Roe", "IsDeleted": true}, {"LastName": "Doe", "IsDeleted": false}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}
