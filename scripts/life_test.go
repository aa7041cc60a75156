package scripts

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
	"github.com/tidwall/gjson"
)

// TestALifeFullOfFaultsEndsInAgreement lets both sides be edited while requests fail, hang,
// lie and are forgotten, processes are killed, and clocks disagree. With PROVE set
// the org has 5,000 people and lives longer; LIFE_SEED repeats a life.
func TestALifeFullOfFaultsEndsInAgreement(t *testing.T) {
	t.Parallel()
	records, rounds := 200, 12
	if os.Getenv("PROVE") != "" {
		records, rounds = 5000, 150
	}
	seed := uint64(1)
	if text := os.Getenv("LIFE_SEED"); text != "" {
		var err error
		if seed, err = strconv.ParseUint(text, 10, 64); err != nil {
			t.Fatalf("LIFE_SEED: %v", err)
		}
	}
	t.Logf("LIFE_SEED=%d repeats this life", seed)
	params := language()
	params.Files = []string{filepath.Join("testdata", "life.txtar")}
	params.Setup = func(env *testscript.Env) error {
		env.Setenv("RECORDS", strconv.Itoa(records))
		env.Setenv("ROUNDS", strconv.Itoa(rounds))
		env.Setenv("SKEW", fmt.Sprintf("%dm", int(seed%21)-10)) // between the clocks of both sides
		env.Setenv("SEED", strconv.FormatUint(seed, 10))
		return setUp(env)
	}
	params.Cmds["live"] = func(ts *testscript.TestScript, neg bool, args []string) {
		noNeg(ts, neg)
		n, err := strconv.Atoi(args[0])
		ts.Check(err)
		l := life{ts: ts, random: rand.New(rand.NewPCG(seed, seed))}
		for l.round = range n {
			l.live()
		}
	}
	params.Cmds["rest"] = rest
	params.Cmds["agree"] = agree
	testscript.Run(t, params)
}

// life is what happens to an org and a workspace, by chance.
type life struct {
	ts     *testscript.TestScript
	random *rand.Rand
	round  int
	made   int
}

// faults are armed a few at a time; each is a body for the sandbox.
var faults = []string{
	`{"preset":"unavailable","times":2}`,
	`{"preset":"unexpected"}`,
	`{"preset":"concurrentLimit","times":2}`,
	`{"preset":"apiLimit"}`,
	`{"preset":"expiredSession"}`,
	`{"preset":"halfAnswer","operation":"query"}`,
	`{"preset":"badGateway","times":2}`,
	`{"preset":"queryTimeout"}`,
	`{"preset":"staleLocator"}`,
	`{"operation":"create","drop":"after"}`,
	`{"operation":"update","drop":"after"}`,
	`{"operation":"delete","drop":"after"}`,
	`{"operation":"create","drop":"before"}`,
	`{"operation":"update","drop":"before"}`,
	`{"operation":"create","commitAfter":"4m"}`,
	`{"operation":"update","commitAfter":"4m"}`,
	`{"operation":"update","record":-1,"errorCode":"UNABLE_TO_LOCK_ROW"}`,
	`{"operation":"update","record":1,"errorCode":"STRING_TOO_LONG"}`,
	`{"operation":"create","record":1,"errorCode":"UNABLE_TO_LOCK_ROW"}`,
	`{"expireSession":true,"nth":3}`,
}

// live is one round: something breaks, people work on both sides, time passes, a cycle runs.
func (l *life) live() {
	for range 3 + l.random.IntN(6) {
		l.workThere()
	}
	switch l.random.IntN(6) {
	case 0:
		l.org("POST", "/visibility", fmt.Sprintf(`{"delay":"%ds"}`, l.random.IntN(120)))
	case 1:
		killServe(l.ts, false, nil)
		startServe(l.ts, false, nil)
	}
	read := l.some("Lead", "IsConverted = false")
	for range l.random.IntN(4) {
		l.org("POST", "/faults", faults[l.random.IntN(len(faults))])
	}
	l.org("POST", "/faults", fmt.Sprintf(`{"afterRead":%q,"edit":{"fields":{"Title":"Between %d"}}}`, read, l.next()))
	for range 3 + l.random.IntN(6) {
		l.workHere()
	}
	advance(l.ts, false, []string{fmt.Sprintf("%dm", 1+l.random.IntN(40))})
	l.cycle()
	l.org("DELETE", "/faults", "")
}

// cycle asks for one and waits until it is over, however it ends: done, failed, or waiting for
// requests to be left.
func (l *life) cycle() {
	status, answer := call(l.ts, "POST", l.ts.Getenv("URL")+"/api/v1/integrations/salesforce/sync", "")
	if status >= 400 {
		l.ts.Logf("round %d: sync: %d %s", l.round, status, answer)
		return
	}
	for _, id := range gjson.GetBytes(answer, "run_ids").Array() {
		awaitThat(l.ts, "/runs/"+id.String(), "end of the run", func(answer []byte) bool {
			state := gjson.GetBytes(answer, "status").String()
			return state == "done" || state == "failed" || l.waits()
		})
	}
}

func (l *life) waits() bool {
	return gjson.GetBytes(l.here("GET", "/integrations/salesforce", ""), "api.waits.#").Int() > 0
}

func (l *life) org(method, path, body string) []byte {
	status, answer := call(l.ts, method, l.ts.Getenv("ORG")+"/__sandbox"+path, body)
	if status >= 400 && status != http.StatusBadRequest && status != http.StatusNotFound {
		l.ts.Fatalf("round %d: %s %s %s: %d %s", l.round, method, path, body, status, answer)
	}
	return answer
}

// some returns a record's id that a query finds, by chance; "" when there is none.
func (l *life) some(object, condition string) string {
	soql := "SELECT Id FROM " + object + " WHERE " + condition + " ORDER BY Id LIMIT 1000"
	answer := l.query(soql)
	found := gjson.GetBytes(answer, "records.#.Id").Array()
	if len(found) == 0 {
		return ""
	}
	return found[l.random.IntN(len(found))].String()
}

func (l *life) query(soql string) []byte {
	request, err := http.NewRequest("GET", l.ts.Getenv("ORG")+"/services/data/v62.0/query?q="+url.QueryEscape(soql), nil)
	l.ts.Check(err)
	request.Header.Set("Authorization", "Bearer "+orgToken(l.ts))
	answer, err := http.DefaultClient.Do(request)
	l.ts.Check(err)
	defer func() { _ = answer.Body.Close() }()
	var body bytes.Buffer
	_, err = body.ReadFrom(answer.Body)
	l.ts.Check(err)
	return body.Bytes()
}

// workThere is something that people do in Salesforce.
func (l *life) workThere() {
	lead, contact := l.some("Lead", "IsConverted = false"), l.some("Contact", "Id != null")
	email := fmt.Sprintf("person%d@life%d.example", l.random.IntN(40), l.random.IntN(5))
	switch l.random.IntN(9) {
	case 0:
		l.org("POST", "/records/Lead", fmt.Sprintf(`{"LastName":"There%d","Company":"Life","Email":%q}`, l.next(), email))
	case 1:
		l.org("POST", "/records/Contact", fmt.Sprintf(`{"LastName":"There%d","Email":%q}`, l.next(), email))
	case 2:
		l.org("PATCH", "/records/"+lead, fmt.Sprintf(`{"Title":"There %d"}`, l.next()))
	case 3:
		l.org("PATCH", "/records/"+contact, fmt.Sprintf(`{"Phone":"555-%04d","Title":""}`, l.next()))
	case 4:
		l.org("PATCH", "/records/"+contact, fmt.Sprintf(`{"Email":%q}`, email))
	case 5:
		l.org("DELETE", "/records/"+lead, "")
	case 6:
		l.org("POST", "/convert", fmt.Sprintf(`{"leadId":%q,"doNotCreateOpportunity":true}`, lead))
	case 7:
		l.org("POST", "/merge", fmt.Sprintf(`{"winner":%q,"losers":[%q]}`, contact, l.some("Contact", "Id != '"+contact+"'")))
	case 8:
		l.org("POST", "/records/Task", fmt.Sprintf(`{"Subject":"Call %d","WhoId":%q}`, l.next(), lead))
	}
}

// workHere is something that people do in Conversion.
func (l *life) workHere() {
	email := fmt.Sprintf("here%d@life%d.example", l.random.IntN(60), l.random.IntN(5))
	switch l.random.IntN(7) {
	case 5:
		l.here("POST", "/companies", fmt.Sprintf(`{"domain":"life%d.example","name":"Life %d"}`, l.random.IntN(8), l.next()))
	case 6:
		l.here("PATCH", "/contacts/"+l.someone(), fmt.Sprintf(`{"email":%q}`, email))
	case 0:
		l.here("POST", "/contacts", fmt.Sprintf(`{"email":%q,"variables":{"last_name":"Here%d"}}`, email, l.next()))
	case 1, 2:
		l.here("PATCH", "/contacts/"+l.someone(), fmt.Sprintf(`{"variables":{"job_title":"Here %d"}}`, l.next()))
	case 3:
		l.here("PATCH", "/contacts/"+l.someone(), fmt.Sprintf(`{"variables":{"phone":"555-%04d"}}`, l.next()))
	case 4:
		if l.random.IntN(4) == 0 {
			l.here("DELETE", "/contacts/"+l.someone(), "")
		}
	}
}

func (l *life) next() int { l.made++; return l.made }

// here calls the JSON API; a refusal is an answer like any other, a failure is not.
func (l *life) here(method, path, body string) []byte {
	status, answer := call(l.ts, method, l.ts.Getenv("URL")+"/api/v1"+path, body)
	if status >= 500 {
		l.ts.Fatalf("round %d: %s %s: %d %s", l.round, method, path, status, answer)
	}
	return answer
}

func (l *life) someone() string {
	found := gjson.GetBytes(l.here("GET", "/contacts?limit=500", ""), "data.#.id").Array()
	if len(found) == 0 {
		return ""
	}
	return found[l.random.IntN(len(found))].String()
}

// rest ends all faults and lets cycles run until nothing can be left to do but what waits
// for people.
func rest(ts *testscript.TestScript, neg bool, _ []string) {
	noNeg(ts, neg)
	l := life{ts: ts}
	l.org("DELETE", "/faults", "")
	l.org("POST", "/visibility", `{"delay":"0s"}`)
	for range 6 {
		advance(ts, false, []string{"16m"})
		l.cycle()
	}
	awaitJSON(ts, "/integrations/salesforce", "status", "synced")
}

// agree runs the program that compares both sides.
func agree(ts *testscript.TestScript, neg bool, _ []string) {
	noNeg(ts, neg)
	cmd := exec.Command("go", "run", "conversion/scripts/agree", "--org", ts.Getenv("ORG"), "--org-token", orgToken(ts),
		"--conversion", ts.Getenv("URL"), "--key", ts.Getenv("KEY"))
	out, err := cmd.CombinedOutput()
	ts.Logf("%s", out)
	if err == nil {
		return
	}
	for _, named := range regexp.MustCompile(`of (contact|company) ([0-9a-f-]{36})`).FindAllSubmatch(out, 3) { // what to begin looking with
		path := map[string]string{"contact": "/contacts/", "company": "/companies/"}[string(named[1])] + string(named[2])
		for _, path := range []string{path, path + "/timeline"} {
			_, answer := call(ts, "GET", ts.Getenv("URL")+"/api/v1"+path, "")
			ts.Logf("%s", answer)
		}
	}
	ts.Fatalf("both sides do not agree: %v", err)
}
