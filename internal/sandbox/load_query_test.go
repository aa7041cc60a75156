package sandbox

import (
	"path/filepath"
	"testing"
)

func TestLoadedRecordsAreFoundByQueries(t *testing.T) {
	t.Parallel()
	org, _ := loadDirectory(t, map[string]string{
		"Account.csv": "ID,NAME,WEBSITE,TIER__C,LASTMODIFIEDDATE\n" + accountA + ",Acme,http://acme.example,gold,2020-02-01T00:00:00.000Z\n",
		"Contact.csv": "Id,LastName,Email,AccountId\n" + contactA + ",Roe,jane@acme.example," + accountA + "\n",
	})
	records := clientOf(t, org).allPages("query", "SELECT Id, LastName, Account.Name, Account.TIER__c, Account.LastModifiedDate FROM Contact WHERE Email = 'JANE@acme.example'")
	if len(records) != 1 || records[0]["Id"] != contactA {
		t.Fatalf("found %v", records)
	}
	account, _ := records[0]["Account"].(map[string]any)
	if account["Name"] != "Acme" || account["TIER__c"] != "gold" || account["LastModifiedDate"] != "2020-02-01T00:00:00.000+0000" {
		t.Errorf("its account is %v", account)
	}
}

func TestLoadedCustomFieldsAreDescribed(t *testing.T) {
	t.Parallel()
	org, _ := loadDirectory(t, map[string]string{"Lead.csv": "LastName,Company,Score__c\nRoe,Acme,7\n"})
	f := clientOf(t, org).described("Lead", "Score__c")
	if f["type"] != "double" || f["custom"] != true || f["updateable"] != true {
		t.Errorf("the custom field is described as %v", f)
	}
}

func TestGeneratedRecordsAreFoundByQueries(t *testing.T) {
	t.Parallel()
	org := generated(t, 1, 3000)
	found := 0
	for _, object := range []string{"Lead", "Contact"} {
		records := clientOf(t, org).allPages("queryAll", "SELECT Id, SystemModstamp FROM "+object+" ORDER BY SystemModstamp, Id")
		last := ""
		for _, record := range records {
			key := orEmpty(record["SystemModstamp"]) + orEmpty(record["Id"])
			if key <= last {
				t.Fatalf("%s comes after %s", key, last)
			}
			last = key
		}
		found += len(records)
	}
	if found != 3000 {
		t.Errorf("found %d people, want 3000", found)
	}
}

func TestTheSampleExportIsFoundByQueries(t *testing.T) {
	t.Parallel()
	if !samples(t) {
		return
	}
	org := New(Options{})
	if _, err := org.LoadSpecs(LoadSpec{Path: filepath.Join(sampleData, "dataloader", "accountData.csv"), Object: "Account"}); err != nil {
		t.Fatal(err)
	}
	records := clientOf(t, org).allPages("query", "SELECT Name, Owner.Name, SystemModstamp FROM Account WHERE BillingCity = 'PHOENIX'")
	if len(records) == 0 {
		t.Fatal("no account in Phoenix was found")
	}
	for _, record := range records {
		if owner, _ := record["Owner"].(map[string]any); owner["Name"] == nil {
			t.Errorf("%v has no owner with a name", record)
		}
	}
}
