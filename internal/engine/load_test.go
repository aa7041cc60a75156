package engine_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"conversion"
	"conversion/internal/directory"
	"conversion/internal/engine"
	"conversion/internal/sandbox"
	"conversion/internal/testkit"
)

// newLoadWorld is a world whose objects of more than a few records are first read by bulk
// jobs, in pages of a few batches.
func newLoadWorld(t *testing.T, database string) *world {
	t.Helper()
	w := newWorld(t, database)
	w.byBulk()
	return w
}

func (w *world) byBulk() {
	w.page, w.loadAbove, w.loadPage = 15, 10, 40
	w.build()
}

// generate fills the org with people, their companies and activities.
func (w *world) generate(n int) {
	w.t.Helper()
	if err := w.org.Generate(n); err != nil {
		w.t.Fatal(err)
	}
}

// asked counts the requests of an operation.
func (w *world) asked(operation string) (n int) {
	for _, r := range w.org.Requests() {
		if r.Operation == operation {
			n++
		}
	}
	return n
}

// contents are what is known of everybody, without the ids and times that differ from one
// reading to another: the records' ids are the org's.
func (w *world) contents() []string {
	w.t.Helper()
	var lines []string
	companies := make(map[string]string)
	for _, kind := range []conversion.Kind{conversion.KindCompany, conversion.KindContact} {
		for _, v := range w.list(kind) {
			links := make([]string, len(v.Links))
			for i, l := range v.Links {
				links[i] = fmt.Sprint(l.Ref.ID, " ", l.Status)
			}
			slices.Sort(links)
			companies[v.ID] = strings.Join(links, ", ")
			lines = append(lines, fmt.Sprintf("%s %s of %s: %v; %s", kind, v.Key, companies[v.CompanyID], told(v), companies[v.ID]))
			if kind == conversion.KindContact {
				lines = append(lines, w.engagements(v, companies[v.ID])...)
			}
		}
	}
	slices.Sort(lines)
	return lines
}

func (w *world) engagements(v directory.View, of string) (lines []string) {
	w.t.Helper()
	items, _, err := w.directory.Engagements(w.t.Context(), workspace, v.ID, "", "", 1000)
	if err != nil {
		w.t.Fatal(err)
	}
	for _, e := range items {
		lines = append(lines, fmt.Sprintf("%s %s %q at %s of %s, gone %t", e.Type, e.Ref.ID, e.Subject, e.Occurred, of, e.Deleted))
	}
	return lines
}

// sameAs compares what came of two worlds.
func (w *world) sameAs(want []string) {
	w.t.Helper()
	if diff := cmp.Diff(want, w.contents()); diff != "" {
		w.t.Errorf("it is not what a reading page by page gives (-want +got):\n%s", diff)
	}
}

// byREST are the contents of an org of n people that is read without bulk jobs.
func byREST(t *testing.T, n int) []string {
	t.Helper()
	w := newWorld(t, testkit.SQLite(t))
	w.generate(n)
	w.sync()
	if w.asked("bulkCreate") > 0 {
		t.Error("a few records made a bulk job")
	}
	return w.contents()
}

func TestAFirstLoadByBulkGivesWhatAReadingPageByPageGives(t *testing.T) {
	t.Parallel()
	want := byREST(t, 300)
	testkit.Databases(t, func(t *testing.T, database string) {
		w := newLoadWorld(t, database)
		w.generate(300)
		w.sync()
		w.sameAs(want)
		if n := w.asked("bulkCreate"); n != 5 {
			t.Errorf("%d bulk jobs, want one of each object", n)
		}
		if loads, err := w.books.Loads(t.Context()); err != nil || len(loads) > 0 || w.asked("bulkDelete") != 5 {
			t.Errorf("it leaves %+v, and %d jobs are removed: %v", loads, w.asked("bulkDelete"), err)
		}
		for _, p := range w.progress() {
			if p.Total == 0 || p.Done != p.Total {
				t.Errorf("%s: %d of %d are done", p.Object, p.Done, p.Total)
			}
		}
		w.later(20 * time.Minute)
		versions, bulk := w.versions(), w.asked("bulkCreate")
		w.sync()
		if diff := cmp.Diff(versions, w.versions()); diff != "" {
			t.Errorf("the pull after it changes what nobody changed:\n%s", diff)
		}
		if w.asked("bulkCreate") != bulk {
			t.Error("the pull after it makes bulk jobs")
		}
	})
}

func (w *world) progress() []conversion.Progress {
	w.t.Helper()
	list, err := w.books.Progress(w.t.Context())
	if err != nil {
		w.t.Fatal(err)
	}
	return list
}

func TestAProgressThatWasMeasuredBeforeOthersWorkedIsWholeAtTheEnd(t *testing.T) {
	t.Parallel()
	w := newLoadWorld(t, testkit.SQLite(t))
	w.generate(100)
	w.step = func(name string) error {
		if name != "commit" {
			return nil
		}
		loads, err := w.books.Loads(t.Context())
		if err != nil {
			return err
		}
		late := w.progress() // as one who began to measure when nothing was done stores it
		for i, p := range late {
			if slices.ContainsFunc(loads, func(l conversion.Load) bool { return l.Object == p.Object }) {
				late[i].Done = 0
			}
		}
		return w.books.SaveProgress(t.Context(), late)
	}
	w.sync()
	for _, p := range w.progress() {
		if p.Total == 0 || p.Done != p.Total {
			t.Errorf("%s: %d of %d are done", p.Object, p.Done, p.Total)
		}
	}
}

// during runs what happens in Salesforce once, when the records of all people are gathered
// and not yet read.
func (w *world) during(happens func()) {
	var once sync.Once
	w.step = func(name string) error {
		if name == "open a page of a load" && w.loadOf(conversion.Lead).Ready {
			once.Do(happens)
		}
		return nil
	}
}

func (w *world) loadOf(o conversion.Object) (found conversion.Load) {
	w.t.Helper()
	loads, err := w.books.Loads(w.t.Context())
	if err != nil {
		w.t.Error(err)
	}
	for _, l := range loads {
		if l.Object == o {
			found = l
		}
	}
	return found
}

func TestWhatChangesDuringALoadIsReadAfterIt(t *testing.T) {
	t.Parallel()
	w := newLoadWorld(t, testkit.SQLite(t))
	w.generate(60)
	changed := w.insert("Lead", map[string]any{"LastName": "Changed", "Company": "Acme", "Email": "changed@acme.example", "Title": "Clerk"})
	doomed := w.insert("Lead", map[string]any{"LastName": "Doomed", "Company": "Acme", "Email": "doomed@acme.example"})
	called := w.insert("Task", map[string]any{"Subject": "Call", "WhoId": changed})
	w.during(func() {
		w.later(time.Minute)
		defer w.later(time.Hour) // beyond what a pull looks back
		w.update(changed, map[string]any{"Title": "Head"})
		w.update(called, map[string]any{"Subject": "Called"})
		arrived := w.insert("Lead", map[string]any{"LastName": "Arrived", "Company": "Acme", "Email": "arrived@acme.example"})
		w.insert("Task", map[string]any{"Subject": "Welcome", "WhoId": arrived})
		if err := w.org.Delete(w.sales, doomed); err != nil {
			t.Error(err)
		}
	})
	w.sync()
	c := w.contact("changed@acme.example")
	if got := value(c, "job_title"); got != "Head" {
		t.Errorf("the title is %q", got)
	}
	if got := w.engagements(c, ""); len(got) != 1 || !strings.Contains(got[0], "Called") {
		t.Errorf("engagements: %v", got)
	}
	if got := w.contact("doomed@acme.example").Links[0].Status; got != conversion.LinkDeleted {
		t.Errorf("the deleted lead is %s", got)
	}
	if got := w.engagements(w.contact("arrived@acme.example"), ""); len(got) != 1 {
		t.Errorf("who arrived has %v", got)
	}
}

// drop stops the work at the nth time of the step, as a crash would, once.
func (w *world) drop(step string, nth int) {
	w.step = func(name string) error {
		if name == step {
			if nth--; nth == 0 {
				return errors.New("the process died")
			}
		}
		return nil
	}
}

func TestALoadThatStopsGoesOnWhereItWas(t *testing.T) {
	t.Parallel()
	want := byREST(t, 120)
	w := newLoadWorld(t, testkit.SQLite(t))
	w.generate(120)
	w.drop("commit", 12)
	for w.engine.Cycle(t.Context(), workspace) != nil {
		if w.later(30 * time.Second); w.step == nil {
			continue
		}
		loads, err := w.books.Loads(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if i := slices.IndexFunc(loads, func(l conversion.Load) bool { return l.Applied > 0 }); i >= 0 && loads[i].Pages > loads[i].Open {
			w.step = nil
			w.build() // another process
		}
	}
	w.sameAs(want)
	if n := w.asked("bulkCreate"); n != 5 {
		t.Errorf("%d bulk jobs, want one of each object", n)
	}
}

func TestAJobThatComesToNothingIsBegunAnew(t *testing.T) {
	t.Parallel()
	want := byREST(t, 120)
	for because, lose := range map[string]func(w *world, job string) error{
		"somebody removed it": func(w *world, job string) error { return w.gate.EndLoad(w.t.Context(), conversion.Load{JobID: job}) },
		"it expired":          func(w *world, _ string) error { w.later(8 * 24 * time.Hour); return nil },
	} {
		t.Run(because, func(t *testing.T) {
			t.Parallel()
			w := newLoadWorld(t, testkit.SQLite(t))
			w.generate(120)
			opened := 0
			w.step = func(name string) error {
				if name != "open a page of a load" {
					return nil
				}
				if opened++; opened != 4 {
					return nil
				}
				pages, err := w.books.OpenPages(t.Context())
				if err != nil {
					return err
				}
				return lose(w, pages[0].JobID)
			}
			w.sync()
			w.sameAs(want)
			if n := w.asked("bulkCreate"); n < 6 {
				t.Errorf("%d bulk jobs: none was begun anew", n)
			}
		})
	}
}

func TestAnObjectOfWhichSalesforceMakesNoJobIsReadWithout(t *testing.T) {
	t.Parallel()
	want := byREST(t, 60)
	for because, fault := range map[string]sandbox.Fault{
		"it refuses":         {Match: sandbox.Match{Operation: "bulkCreate", Object: "Lead"}, Times: -1, Status: 400, ErrorCode: "INVALIDENTITY", Message: "Entity 'Lead' is not supported by the Bulk API."},
		"the day's are used": {Match: sandbox.Match{Operation: "bulkCreate", Object: "Lead"}, Times: -1, Status: 400, ErrorCode: "LIMIT_EXCEEDED", Message: "Max bulk v2 query jobs (10000) per 24 hrs has been reached"},
	} {
		t.Run(because, func(t *testing.T) {
			t.Parallel()
			w := newLoadWorld(t, testkit.SQLite(t))
			w.generate(60)
			w.org.Fault(fault)
			w.sync()
			w.sameAs(want)
			if loads, err := w.books.Loads(t.Context()); err != nil || len(loads) > 0 {
				t.Errorf("it leaves %+v, %v", loads, err)
			}
		})
	}
}

func TestAnyWorkerTakesAnyPageOfALoad(t *testing.T) {
	t.Parallel()
	want := byREST(t, 300)
	testkit.Databases(t, func(t *testing.T, database string) {
		w := newLoadWorld(t, database)
		w.generate(300)
		config := w.config
		config.Owner = "helper"
		helper := engine.New(config)
		ctx, stop := context.WithCancel(t.Context())
		var helping sync.WaitGroup
		for range 3 {
			helping.Go(func() {
				for ctx.Err() == nil {
					if err := helper.Help(ctx, workspace); err != nil && ctx.Err() == nil {
						t.Error(err)
						return
					}
				}
			})
		}
		w.sync()
		stop()
		helping.Wait()
		w.sameAs(want)
	})
}

func TestALoadHonoursAPause(t *testing.T) {
	t.Parallel()
	w := newLoadWorld(t, testkit.SQLite(t))
	w.generate(120)
	opened := 0
	w.step = func(name string) error {
		if name == "open a page of a load" {
			if opened++; opened == 2 {
				c, err := w.books.Connection(t.Context())
				if err != nil {
					return err
				}
				c.Paused = true
				return w.books.SaveConnection(t.Context(), c, c.Generation, false)
			}
		}
		return nil
	}
	var err error
	for {
		err = w.engine.Cycle(t.Context(), workspace)
		later, ok := errors.AsType[*engine.LaterError](err)
		if !ok {
			break
		}
		w.later(later.Until.Sub(w.now()))
	}
	if conversion.ErrorCode(err) != conversion.CodeReconnect || opened != 2 {
		t.Errorf("%d pages were opened: %v", opened, err)
	}
	if err := w.engine.Help(t.Context(), workspace); conversion.ErrorCode(err) != conversion.CodeReconnect || opened != 2 {
		t.Errorf("a helper went on: %d pages were opened: %v", opened, err)
	}
}

// What a job was not asked for, it does not bring; nothing of the record changes either.
func TestAFieldThatAppearsDuringALoadIsFilledAfterIt(t *testing.T) {
	t.Parallel()
	w := newLoadWorld(t, testkit.SQLite(t))
	for n := range 60 { // leads alone: nothing else is read that would tell that the org was read before
		w.insert("Lead", map[string]any{"LastName": "Roe", "Company": "Acme", "Email": fmt.Sprintf("p%d@acme.example", n)})
	}
	w.insert("Lead", map[string]any{"LastName": "Doe", "Company": "Acme", "Email": "jo@acme.example", "Title": "Clerk"})
	w.hide("Lead", "Title", true)
	w.later(24 * time.Hour)
	var later *engine.LaterError
	if err := w.engine.Cycle(t.Context(), workspace); !errors.As(err, &later) {
		t.Fatalf("the load began with %v", err)
	}
	w.hide("Lead", "Title", false)
	w.later(2 * time.Hour) // the next cycle describes the org again
	w.sync()
	w.later(20 * time.Minute)
	w.sync()
	if got := value(w.contact("jo@acme.example"), "job_title"); got != "Clerk" {
		t.Errorf("the field that was hidden holds %q", got)
	}
}

func TestALoadPaysForEachOfItsRequests(t *testing.T) {
	t.Parallel()
	w := newLoadWorld(t, testkit.SQLite(t))
	w.generate(120)
	w.sync()
	spent, err := w.books.Spent(t.Context(), w.now())
	if n := len(w.org.Requests()); err != nil || spent != n {
		t.Errorf("%d requests were counted of %d: %v", spent, n, err)
	}
}
