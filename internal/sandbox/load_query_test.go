package sandbox

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"net/url"
	"path/filepath"
	"testing"
)

// queryOverHTTP asks an org as a client would and gives all records of all
// pages.
func queryOverHTTP(t *testing.T, org *Org, verb, soql string) []map[string]any {
	t.Helper()
	server := httptest.NewServer(org.Handler())
	defer server.Close()
	token := org.IssueToken()
	var records []map[string]any
	for path := "/services/data/v67.0/" + verb + "?q=" + url.QueryEscape(soql); path != ""; {
		var page struct {
			Records        []map[string]any
			NextRecordsURL string `json:"nextRecordsUrl"`
		}
		getJSON(t, server.URL+path, token, &page)
		records = append(records, page.Records...)
		path = page.NextRecordsURL
	}
	return records
}

func getJSON(t *testing.T, address, token string, into any) {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, address, nil)
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Authorization", "Bearer "+token)
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		t.Fatalf("GET %s: %s", address, response.Status)
	}
	if err := json.NewDecoder(response.Body).Decode(into); err != nil {
		t.Fatal(err)
	}
}

func TestLoadedRecordsAreFoundByQueries(t *testing.T) {
	t.Parallel()
	org, _ := loadDirectory(t, map[string]string{
		"Account.csv": "ID,NAME,WEBSITE,TIER__C,LASTMODIFIEDDATE\n" + accountA + ",Acme,http://acme.example,gold,2020-02-01T00:00:00.000Z\n",
		"Contact.csv": "Id,LastName,Email,AccountId\n" + contactA + ",Roe,jane@acme.example," + accountA + "\n",
	})
	records := queryOverHTTP(t, org, "query", "SELECT Id, LastName, Account.Name, Account.TIER__c, Account.LastModifiedDate FROM Contact WHERE Email = 'JANE@acme.example'")
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
	server := httptest.NewServer(org.Handler())
	defer server.Close()
	var describe struct {
		Fields []struct {
			Name, Type         string
			Custom, Updateable bool
		}
	}
	getJSON(t, server.URL+"/services/data/v67.0/sobjects/Lead/describe", org.IssueToken(), &describe)
	for _, f := range describe.Fields {
		if f.Name == "Score__c" && f.Type == "double" && f.Custom && f.Updateable {
			return
		}
	}
	t.Error("describe does not show the custom field Score__c")
}

func TestGeneratedRecordsAreFoundByQueries(t *testing.T) {
	t.Parallel()
	org := generated(t, 1, 3000)
	found := 0
	for _, object := range []string{"Lead", "Contact"} {
		records := queryOverHTTP(t, org, "queryAll", "SELECT Id, SystemModstamp FROM "+object+" ORDER BY SystemModstamp, Id")
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
	records := queryOverHTTP(t, org, "query", "SELECT Name, Owner.Name, SystemModstamp FROM Account WHERE BillingCity = 'PHOENIX'")
	if len(records) == 0 {
		t.Fatal("no account in Phoenix was found")
	}
	for _, record := range records {
		if owner, _ := record["Owner"].(map[string]any); owner["Name"] == nil {
			t.Errorf("%v has no owner with a name", record)
		}
	}
}
