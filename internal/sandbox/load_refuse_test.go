package sandbox

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestLoadRefusesWhatItCannotReadAndLoadsNothing(t *testing.T) {
	t.Parallel()
	const head = "Id,LastName,Company,Tier__c\n00Qx0000001abcdEAA,Roe,Acme,gold\n"
	tests := []struct{ mistake, file, text, want string }{
		{"unknown column", "Lead.csv", "LastName,Shoe Size\nRoe,9\n", "Lead.csv:1: Lead has no field Shoe Size"},
		{"unknown object", "Spaceship.csv", "Name\nEagle\n", "Spaceship.csv: there is no object Spaceship"},
		{"object that is not made", "Organization.csv", "Name\nMine\n", "a record of Organization cannot be made"},
		{"row too short", "Lead.csv", head + "00Qx0000001abceEAA,Doe\n", "Lead.csv:3: read a row: wrong number of fields"},
		{"open quote", "Lead.csv", head + "\"00Qx\n\n", "Lead.csv:3: read a row:"},
		{"empty file", "Lead.csv", "", "Lead.csv:1: the file is empty"},
		{"column twice", "Lead.csv", "LastName,LASTNAME\nRoe,Roe\n", "Lead.csv:1: the column LASTNAME is there twice"},
		{"required value missing", "Lead.csv", head + ",Doe,,\n", "Lead.csv:3: Company: a Lead needs one"},
		{"no boolean", "Lead.csv", "LastName,Company,DoNotCall\nRoe,Acme,maybe\n", `Lead.csv:2: DoNotCall: "maybe" is no boolean`},
		{"no date", "Contact.csv", "LastName,Birthdate\nRoe,last May\n", `Contact.csv:2: Birthdate: "last May" is no date`},
		{"no time", "Lead.csv", "LastName,Company,CreatedDate\nRoe,Acme,now\n", `Lead.csv:2: CreatedDate: "now" is no date and time`},
		{"no number", "Lead.csv", "LastName,Company,AnnualRevenue\nRoe,Acme,much\n", "Lead.csv:2: AnnualRevenue:"},
		{"text too long", "Lead.csv", "LastName,Company\n" + strings.Repeat("x", 81) + ",Acme\n", "Lead.csv:2: LastName: STRING_TOO_LONG"},
		{"bad e-mail", "Lead.csv", "LastName,Company,Email\nRoe,Acme,nobody\n", "Lead.csv:2: Email: INVALID_EMAIL_ADDRESS"},
		{"id twice", "Lead.csv", head + "00Qx0000001abcd,Doe,Acme,\n", "Lead.csv:3: the Id 00Qx0000001abcdEAA is there twice"},
		{"reference to nothing", "Contact.csv", "LastName,AccountId\nRoe," + accountA + "\n", "Contact.csv:2: AccountId: there is no Account " + accountA},
		{"reference of the wrong kind", "Contact.csv", "Id,LastName,AccountId\n" + contactB + ",Doe,\n" + contactA + ",Roe," + contactB + "\n", "Contact.csv:3: AccountId: " + contactB + " is a Contact, not a Account"},
		{"event without a start", "Event.csv", "Subject\nLunch\n", "Event.csv:2: REQUIRED_FIELD_MISSING"},
		{"UTF-16", "Lead.csv", "\xff\xfeL\x00", "Lead.csv:1: the file is UTF-16"},
		{"tree with an unknown reference", "c.json", "{\"records\":[\n {\"attributes\":{\"type\":\"Contact\"},\n \"LastName\":\"Roe\",\"AccountId\":\"@A9\"}]}", "c.json:2: AccountId: no record has the referenceId A9"},
		{"tree with an unknown object", "c.json", "{\"records\":[\n{\"attributes\":{\"type\":\"Spaceship\"}}]}", "c.json:2: there is no object Spaceship"},
		{"tree with an unknown field", "c.json", "{\"records\":[\n\n{\"attributes\":{\"type\":\"Lead\"},\"Shoes\":9}]}", "c.json:3: Lead has no field Shoes"},
		{"tree with unknown children", "c.json", "{\"records\":[{\"attributes\":{\"type\":\"Lead\"},\"Shoes\":{\"records\":[]}}]}", "c.json:1: Lead has neither a field nor children named Shoes"},
		{"tree without objects", "c.json", "{\"records\":[{\"Name\":\"x\"}]}", "c.json:1: a record does not name its object"},
		{"tree cut short", "c.json", "{\"records\":[\n{\"attributes\":", "c.json:2: read it as JSON: unexpected EOF"},
		{"no tree", "c.json", "{\"rows\":[]}", `found the key "rows"`},
		{"reference id twice", "c.json", "{\"records\":[{\"attributes\":{\"type\":\"Account\",\"referenceId\":\"A\"},\"Name\":\"x\"},\n{\"attributes\":{\"type\":\"Account\",\"referenceId\":\"A\"},\"Name\":\"y\"}]}", "c.json:2: the referenceId A is there twice"},
		{"plan of a missing file", "plan.json", `[{"sobject":"Account","files":["gone.json"]}]`, "gone.json: no such file"},
		{"plan without files", "plan.json", `[{"Name":"Acme"}]`, "neither a tree of records nor a plan"},
	}
	for _, test := range tests {
		t.Run(test.mistake, func(t *testing.T) {
			t.Parallel()
			org := New(Options{})
			directory := directoryOf(t, map[string]string{
				test.file:      test.text,
				"Account2.csv": "ID,NAME\n" + accountB + ",Globex\n",
			})
			before := New(Options{})
			_, err := org.LoadSpecs(
				LoadSpec{Path: filepath.Join(directory, "Account2.csv"), Object: "Account"},
				LoadSpec{Path: filepath.Join(directory, test.file)})
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("got  %v\nwant %s", err, test.want)
			}
			if diff := cmp.Diff(census(before), census(org)); diff != "" {
				t.Error("something was loaded:", diff)
			}
		})
	}
}

// census counts an org's records and fields by object.
func census(org *Org) map[string][2]int {
	org.mu.RLock()
	defer org.mu.RUnlock()
	counts := map[string][2]int{}
	for _, obj := range org.objects {
		counts[obj.Name] = [2]int{obj.rows.Len(), len(obj.fields)}
	}
	return counts
}

func TestLoadTellsManyProblemsAtOnceButNotAll(t *testing.T) {
	t.Parallel()
	text := "LastName,Company,DoNotCall\n" + strings.Repeat("Roe,Acme,maybe\n", 25)
	_, err := New(Options{}).Load(filepath.Join(directoryOf(t, map[string]string{"Lead.csv": text}), "Lead.csv"))
	if err == nil || strings.Count(err.Error(), "is no boolean") != shownProblems || !strings.Contains(err.Error(), "and 15 more problems") {
		t.Errorf("got %v", err)
	}
}

func TestLoadRefusesPathsItCannotUse(t *testing.T) {
	t.Parallel()
	directory := directoryOf(t, map[string]string{"notes.txt": "hello", "tree.json": `{"records":[]}`})
	tests := []struct{ mistake, spec, want string }{
		{"path that is not there", filepath.Join(directory, "gone.csv"), "gone.csv: no such file or directory"},
		{"directory without data", t.TempDir(), "there is no CSV or JSON file in it"},
		{"file of another kind", filepath.Join(directory, "notes.txt"), "neither .csv nor .json"},
		{"object for a directory", "Account=" + directory, "a directory holds many objects"},
		{"object for a tree", "Account=" + filepath.Join(directory, "tree.json"), "name their objects themselves"},
	}
	for _, test := range tests {
		_, err := New(Options{}).LoadSpecs(ParseLoadSpec(test.spec))
		if err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s: got %v, want %s", test.mistake, err, test.want)
		}
	}
}

func TestParseLoadSpecReadsTheFormsOfTheFlag(t *testing.T) {
	t.Parallel()
	tests := []struct {
		text string
		want LoadSpec
	}{
		{"data", LoadSpec{Path: "data"}},
		{"data/Account.csv", LoadSpec{Path: "data/Account.csv"}},
		{"Account=data/accountData.csv", LoadSpec{Path: "data/accountData.csv", Object: "Account"}},
		{"./a=b/Account.csv", LoadSpec{Path: "./a=b/Account.csv"}},
	}
	for _, test := range tests {
		if got := ParseLoadSpec(test.text); got != test.want {
			t.Errorf("ParseLoadSpec(%q) = %+v, want %+v", test.text, got, test.want)
		}
	}
}
