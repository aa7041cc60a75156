package scripts

import (
	"encoding/json"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
	"github.com/tidwall/gjson"

	"conversion/internal/testkit"
)

// killing is how a first load by workers that are killed is proved.
type killing struct {
	people  int
	load    string // CONVERSION_TEST_LOAD; "" as it is
	workers int
	kills   int // about so many, evenly over the load
}

// TestWorkersThatAreKilledLoadWhatOneUndisturbedDoes runs the first load of one org into two
// databases: by one worker that nobody disturbs, and by several of which one is killed each
// time the load has moved on. Both must hold the same. With PROVE set the org has 200,000
// people.
func TestWorkersThatAreKilledLoadWhatOneUndisturbedDoes(t *testing.T) {
	t.Parallel()
	k := killing{people: 1500, load: "100,100", workers: 3, kills: 6}
	if os.Getenv("PROVE") != "" {
		k = killing{people: 200_000, workers: 4, kills: 20}
	}
	params := onPostgres(t)
	params.Files = []string{filepath.Join("testdata", "killed_workers.txtar")}
	onOne := params.Setup
	params.Setup = func(env *testscript.Env) error {
		env.Setenv("PEOPLE", strconv.Itoa(k.people))
		env.Setenv("CONVERSION_TEST_LOAD", k.load)
		env.Setenv("OTHER_DATABASE", testkit.Postgres(t))
		return onOne(env)
	}
	params.Cmds["load-killing-workers"] = func(ts *testscript.TestScript, neg bool, _ []string) {
		noNeg(ts, neg)
		k.run(ts)
	}
	params.Cmds["load"] = func(ts *testscript.TestScript, neg bool, _ []string) {
		noNeg(ts, neg)
		askToConnect(ts)
		for at := ""; at != loaded; {
			at, _ = movedOn(ts, at, 1)
		}
	}
	var calm map[string]int
	params.Cmds["contents"] = func(ts *testscript.TestScript, neg bool, _ []string) {
		noNeg(ts, neg)
		calm = contents(ts)
		if len(calm) < k.people/2 {
			ts.Fatalf("the database holds %d different things of %d people", len(calm), k.people)
		}
	}
	params.Cmds["same-contents"] = func(ts *testscript.TestScript, neg bool, _ []string) {
		noNeg(ts, neg)
		same(ts, calm, contents(ts))
	}
	testscript.Run(t, params)
}

// run loads the org with workers of which one by chance is killed, and replaced, each time
// the load has moved on.
func (k killing) run(ts *testscript.TestScript) {
	seed := rand.Uint64()
	ts.Logf("seed %d", seed)
	random := rand.New(rand.NewPCG(seed, seed))
	var workers []*exec.Cmd
	for range k.workers {
		workers = append(workers, startWorker(ts))
	}
	askToConnect(ts)
	killed := 0
	for at, done := "", 0; ; killed++ {
		step := max(1, total(ts)/k.kills)
		if at, done = movedOn(ts, at, step); at == loaded {
			break
		}
		i := random.IntN(len(workers))
		ts.Logf("%d records are in: worker %d is killed", done, i)
		ts.Check(workers[i].Process.Kill())
		_ = workers[i].Wait()
		workers[i] = startWorker(ts)
	}
	if killed < k.kills/2 {
		ts.Fatalf("only %d workers were killed", killed)
	}
	for _, worker := range workers {
		end(worker)
	}
}

// askToConnect connects without waiting for anything.
func askToConnect(ts *testscript.TestScript) {
	callAPI(ts, false, []string{"POST", "/integrations/salesforce/connect",
		`{"flow":"client_credentials","login_url":"$ORG","client_id":"sandbox-client","client_secret":"sandbox-secret"}`})
}

// loaded is where a first load is at its end.
const loaded = "synced"

// total is how many records there are to be loaded, as far as it is known.
func total(ts *testscript.TestScript) int {
	_, answer := get(ts, "/integrations/salesforce")
	return sum(gjson.GetBytes(answer, "progress.#.total"))
}

func sum(of gjson.Result) (n int) {
	for _, one := range of.Array() {
		n += int(one.Int())
	}
	return n
}

// movedOn waits until at least so many records more are in than at a place of the load, and
// returns the place it is at then.
func movedOn(ts *testscript.TestScript, at string, step int) (place string, done int) {
	before, _ := strconv.Atoi(at)
	var answer []byte
	for deadline := time.Now().Add(patience); time.Now().Before(deadline); time.Sleep(50 * time.Millisecond) {
		_, answer = get(ts, "/integrations/salesforce")
		done = sum(gjson.GetBytes(answer, "progress.#.done"))
		if gjson.GetBytes(answer, "status").String() == loaded {
			return loaded, done
		}
		if done >= before+step {
			return strconv.Itoa(done), done
		}
	}
	ts.Fatalf("waited in vain for %d records more than %d: %s", step, before, answer)
	return "", 0
}

// contents is everything that the API tells of people and companies, without ids and times
// of its own, and how often it is there.
func contents(ts *testscript.TestScript) map[string]int {
	found, companies := make(map[string]int), make(map[string]string)
	list(ts, "/companies", func(company gjson.Result) {
		companies[company.Get("id").String()] = company.Get("links.#.record_id").Raw
		found["company "+plain(ts, company)]++
	})
	list(ts, "/contacts", func(contact gjson.Result) {
		text := plain(ts, contact) + " of " + companies[contact.Get("company_id").String()]
		var happened []string
		list(ts, "/contacts/"+contact.Get("id").String()+"/engagements", func(engagement gjson.Result) {
			happened = append(happened, plain(ts, engagement))
		})
		slices.Sort(happened)
		found["contact "+text+strings.Join(happened, "\n")]++
	})
	return found
}

// plain is a thing without what differs between two databases that hold the same.
func plain(ts *testscript.TestScript, thing gjson.Result) string {
	var members map[string]any
	ts.Check(json.Unmarshal([]byte(thing.Raw), &members))
	for _, own := range []string{"id", "created_at", "updated_at", "company_id", "contact_id", "contact_ids"} {
		delete(members, own)
	}
	text, err := json.Marshal(members)
	ts.Check(err)
	return string(text)
}

// list calls each for everything that a list of the API has.
func list(ts *testscript.TestScript, path string, each func(gjson.Result)) {
	for next := "?limit=500"; next != ""; {
		status, answer := get(ts, path+next)
		if status != 200 {
			ts.Fatalf("%s: %d %s", path, status, answer)
		}
		page := gjson.ParseBytes(answer)
		for _, thing := range page.Get("data").Array() {
			each(thing)
		}
		if next = page.Get("next_cursor").String(); next != "" {
			next = "?limit=500&cursor=" + next
		}
	}
}

// same compares what two databases hold.
func same(ts *testscript.TestScript, calm, killed map[string]int) {
	different := 0
	for _, side := range []struct {
		name        string
		one, theirs map[string]int
	}{{"undisturbed", calm, killed}, {"with workers killed", killed, calm}} {
		for thing, times := range side.one {
			if times != side.theirs[thing] {
				if different++; different <= 6 {
					ts.Logf("%s %d times, not %d: %s", side.name, times, side.theirs[thing], thing)
				}
			}
		}
	}
	if different > 0 {
		ts.Fatalf("%d things differ", different)
	}
}
