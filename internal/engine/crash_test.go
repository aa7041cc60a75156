package engine_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"reflect"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"conversion"
	"conversion/internal/directory"
	"conversion/internal/sandbox"
	"conversion/internal/testkit"
)

// proving is set by `make prove`: everything is tried that `make test` takes samples of.
var proving = os.Getenv("PROVE") != ""

// A cycle that creates, updates and deletes on both sides, converts, merges and moves is
// killed before and after everything that outlives a process. Whoever comes after brings
// both sides to where they are without a kill: one record each, nothing lost.
func TestAProcessKilledAtAnyPointOfACycleLosesAndDoublesNothing(t *testing.T) {
	t.Parallel()
	testkit.Databases(t, func(t *testing.T, database string) {
		undisturbed := newCrashWorld(t, database)
		points := undisturbed.child(0)
		undisturbed.rest()
		want := undisturbed.state()
		for at := int64(1); at <= points; at += stride(points) {
			t.Run(fmt.Sprintf("point %d of %d", at, points), func(t *testing.T) {
				t.Parallel()
				w := newCrashWorld(t, another(t, database))
				w.child(at)
				w.rest()
				if diff := cmp.Diff(want, w.state()); diff != "" {
					t.Errorf("both sides differ from those that nobody disturbed (-want +got):\n%s", diff)
				}
			})
		}
	})
}

// stride leaves points out unless everything is to be proved.
func stride(points int64) int64 {
	if proving {
		return 1
	}
	return max(1, points/8)
}

// another returns a database of the same sort.
func another(t *testing.T, database string) string {
	if strings.HasPrefix(database, "postgres") {
		return testkit.Postgres(t)
	}
	return testkit.SQLite(t)
}

// readers are the methods of the engine's books after which nothing outlives the process.
var readers = []string{
	"Groups", "EntitiesOf", "KnownActivities", "CatchUps", "Dirty", "Outdated", "Cursor", "Linked", "Deletions", "Edits", "Withheld", "WithheldFrom", "Released", "Count",
	"Known", "Rounds", "Loads", "OpenPages", "QueuedRuns", "Approvals", "Rules", "Options", "Schema", "Connection", "UsersToName",
	"Pending", "Walk", "Piled", "Preview", "HalfApplied", "PreviewEntities",
	"Spent", "Waits",
	"Renew", // by the clock on the wall, while nothing else happens
}

// The compiler makes a promoted method in another file: a method of mortalBooks that is
// written here has its source here.
func TestEveryDurableStepIsAPointToDieAt(t *testing.T) {
	t.Parallel()
	mortal := reflect.TypeFor[mortalBooks]()
	for i := range mortal.NumMethod() {
		m := mortal.Method(i)
		file, _ := runtime.FuncForPC(m.Func.Pointer()).FileLine(m.Func.Pointer())
		written := strings.HasSuffix(file, "crash_child_test.go")
		if written == slices.Contains(readers, m.Name) {
			t.Errorf("%s has to be either a reader or a point to die at", m.Name)
		}
	}
}

// A first load is killed before and after everything that outlives a process: its jobs in
// Salesforce, its pages, its batches.
func TestAProcessKilledAtAnyPointOfAFirstLoadLosesAndDoublesNothing(t *testing.T) {
	t.Parallel()
	testkit.Databases(t, func(t *testing.T, database string) {
		undisturbed := newUnloadedWorld(t, database)
		points := undisturbed.child(0)
		undisturbed.rest()
		want := undisturbed.contents()
		for at := int64(1); at <= points; at += stride(points) {
			t.Run(fmt.Sprintf("point %d of %d", at, points), func(t *testing.T) {
				t.Parallel()
				w := newUnloadedWorld(t, another(t, database))
				w.child(at)
				w.rest()
				w.sameAs(want)
				if loads, err := w.books.Loads(t.Context()); err != nil || len(loads) > 0 {
					t.Errorf("loads that never end: %+v, %v", loads, err)
				}
			})
		}
	})
}

// newUnloadedWorld is a world of which nothing was read yet, by bulk jobs or otherwise.
func newUnloadedWorld(t *testing.T, database string) *crashWorld {
	t.Helper()
	w := &crashWorld{world: newWorld(t, database), load: true}
	w.page, w.loadAbove, w.loadPage = smallPage, smallLoad, smallLoadPage
	w.build()
	w.people()
	w.generate(24)
	w.later(time.Hour)
	return w
}

// Sizes by which a few records make several pages of several batches.
const smallPage, smallLoad, smallLoadPage = 3, 4, 7

type crashWorld struct {
	*world
	load bool // its children read by bulk jobs
}

// newCrashWorld is a synced world in which much has happened on both sides since.
func newCrashWorld(t *testing.T, database string) *crashWorld {
	t.Helper()
	w := &crashWorld{world: newWorld(t, database)}
	before := w.people()
	w.sync()
	w.rules(func(r *conversion.Rules) {
		r.ContactsCreated, r.ContactsUpdated, r.ContactsDeleted = conversion.TargetContacts, conversion.TargetAll, conversion.TargetAll
		r.CompaniesCreated, r.CompaniesUpdated = conversion.TargetCompanies, conversion.TargetCompanies
	})
	w.later(time.Minute)
	w.workHere()
	w.later(time.Minute)
	w.workThere(before)
	w.later(time.Minute)
	return w
}

// people are the records there are at first, by last name.
func (w *crashWorld) people() map[string]string {
	account := w.insert("Account", map[string]any{"Name": "Acme", "Website": "https://www.acme.example"})
	ids := map[string]string{"Acme": account}
	for _, name := range []string{"Edited", "Doomed", "Converted", "Changed", "Gone", "Moving"} {
		ids[name] = w.insert("Lead", map[string]any{"LastName": name, "Company": "Acme", "Email": emailOf(name), "Title": "Clerk"})
	}
	for _, name := range []string{"Winner", "Loser", "Sibling"} {
		ids[name] = w.insert("Contact", map[string]any{"LastName": name, "AccountId": account, "Email": emailOf(name)})
	}
	ids["Call"] = w.insert("Task", map[string]any{"Subject": "Call", "WhoId": ids["Converted"]})
	return ids
}

func emailOf(name string) string { return strings.ToLower(name) + "@acme.example" }

// workHere is what people do in Conversion.
func (w *crashWorld) workHere() {
	w.edit(w.contact(emailOf("Edited")).ID, map[string]any{"job_title": "Head of Ops", "phone": "555-0100"})
	w.delete([]directory.View{w.contact(emailOf("Doomed"))})
	w.createCompany(directory.Draft{Key: "newcorp.example", Name: "Newcorp"})
	for i := range 3 {
		name := fmt.Sprintf("New%d", i)
		w.create(directory.Draft{Key: name + "@newcorp.example", Values: map[string]any{"last_name": name, "job_title": "Buyer"}})
	}
}

func (w *world) createCompany(d directory.Draft) {
	w.t.Helper()
	results, err := w.directory.Upsert(w.t.Context(), workspace, conversion.KindCompany, user, []directory.Draft{d})
	if err != nil || results[0].Err != nil {
		w.t.Fatal(err, results)
	}
}

// workThere is what people do in Salesforce.
func (w *crashWorld) workThere(ids map[string]string) {
	w.update(ids["Changed"], map[string]any{"Title": "Director"})
	w.update(ids["Moving"], map[string]any{"Email": emailOf("Moved")})
	w.insert("Lead", map[string]any{"LastName": "Arrived", "Company": "Else", "Email": emailOf("Arrived")})
	w.insert("Lead", map[string]any{"LastName": "Again", "Company": "Else", "Email": emailOf("Sibling")})
	_, err := w.org.ConvertLead(w.sales, ids["Converted"], sandbox.ConvertOptions{AccountID: ids["Acme"], DoNotCreateOpportunity: true})
	if err == nil {
		err = w.org.Merge(w.sales, ids["Winner"], ids["Loser"])
	}
	if err == nil {
		err = w.org.Delete(w.sales, ids["Gone"])
	}
	if err != nil {
		w.t.Fatal(err)
	}
}

// child runs a cycle in a process of its own that is killed at the point, and returns how
// many points it passed when none was given.
func (w *crashWorld) child(dieAt int64) int64 {
	w.t.Helper()
	text, err := json.Marshal(errand{
		Database: w.database, Instance: w.instance, Token: w.org.IssueToken(), Now: w.clock.Now(), DieAt: dieAt, Load: w.load,
	})
	if err != nil {
		w.t.Fatal(err)
	}
	var out, complaints bytes.Buffer
	child := exec.CommandContext(w.t.Context(), os.Args[0])
	child.Env = append(os.Environ(), errandVar+"="+string(text))
	child.Stdout, child.Stderr = &out, &complaints
	err = child.Run()
	if dieAt > 0 {
		status, _ := child.ProcessState.Sys().(syscall.WaitStatus)
		if !status.Signaled() || status.Signal() != syscall.SIGKILL {
			w.t.Fatalf("the child was to be killed at point %d: %v: %s", dieAt, err, &complaints)
		}
		return dieAt
	}
	if err != nil {
		w.t.Fatalf("the child failed: %v: %s", err, &complaints)
	}
	points, err := strconv.ParseInt(strings.TrimSpace(out.String()), 10, 64)
	if err != nil {
		w.t.Fatal(err)
	}
	return points
}

// rest lets time pass and cycles run until nothing is left to do.
func (w *crashWorld) rest() {
	w.t.Helper()
	for range 4 {
		w.later(12 * time.Minute) // longer than an outcome can stay unknown
		w.sync()
	}
	writes := w.org.Writes()
	w.later(12 * time.Minute)
	w.sync()
	if n := w.org.Writes() - writes; n != 0 {
		w.t.Errorf("at rest, %d writes are sent", n)
	}
}

// state is what both sides hold, without the ids and times that differ from world to world.
func (w *crashWorld) state() []string {
	w.t.Helper()
	names, lines := w.salesforceState()
	for _, kind := range []conversion.Kind{conversion.KindContact, conversion.KindCompany} {
		for _, v := range w.list(kind) {
			lines = append(lines, fmt.Sprintf("%s %s: %s; %s", kind, v.Key, told(v), linked(v, names)))
		}
	}
	slices.Sort(lines)
	return lines
}

func told(v directory.View) string {
	var values []string
	for _, key := range []string{"first_name", "last_name", "job_title", "phone", "name", "website", "company"} {
		if s := value(v, key); s != "" {
			values = append(values, key+"="+s)
		}
	}
	return strings.Join(values, " ")
}

func linked(v directory.View, names map[string]string) string {
	links := make([]string, len(v.Links))
	for i, l := range v.Links {
		links[i] = names[l.Ref.ID] + " " + string(l.Status)
	}
	slices.Sort(links)
	return strings.Join(links, ", ")
}

// salesforceState asks the org itself: the name of every record by id, and a line a record.
func (w *crashWorld) salesforceState() (names map[string]string, lines []string) {
	w.t.Helper()
	names = make(map[string]string)
	for object, fields := range map[string]string{
		"Lead": "LastName, Email, Title, Phone, Company, IsConverted", "Contact": "LastName, Email, Title, Phone, Account.Name",
		"Account": "Name, Website", "Task": "Subject, Who.Name",
	} {
		for _, r := range w.query("SELECT Id, IsDeleted, " + fields + " FROM " + object) {
			names[fmt.Sprint(r["Id"])] = fmt.Sprintf("%s %v%v", object, r["LastName"], r["Name"])
			delete(r, "Id")
			lines = append(lines, object+" "+flat(r))
		}
	}
	return names, lines
}

// flat spells a record in one line.
func flat(r map[string]any) string {
	var parts []string
	for _, name := range slices.Sorted(maps.Keys(r)) {
		switch v := r[name].(type) {
		case nil:
		case map[string]any:
			if name != "attributes" {
				parts = append(parts, name+"("+flat(v)+")")
			}
		default:
			parts = append(parts, fmt.Sprintf("%s=%v", name, v))
		}
	}
	return strings.Join(parts, " ")
}

// query asks the org over its REST API, deleted records included.
func (w *crashWorld) query(soql string) []map[string]any {
	w.t.Helper()
	r, err := http.NewRequestWithContext(w.t.Context(), http.MethodGet, w.instance+"/services/data/v62.0/queryAll?q="+url.QueryEscape(soql), nil)
	if err != nil {
		w.t.Fatal(err)
	}
	r.Header.Set("Authorization", "Bearer "+w.org.IssueToken())
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		w.t.Fatal(err)
	}
	defer func() { _ = answer.Body.Close() }()
	body, err := io.ReadAll(answer.Body)
	if err != nil || answer.StatusCode != http.StatusOK {
		w.t.Fatalf("%s: %v: %s", soql, err, body)
	}
	var page struct{ Records []map[string]any }
	if err := json.Unmarshal(body, &page); err != nil {
		w.t.Fatal(err)
	}
	return page.Records
}
