package bulk

import (
	"cmp"
	"sync"
	"time"
)

// Settings are an org's measures; what is zero is as Defaults has it.
type Settings struct {
	// PageSize is how many rows a page of results has when the client does not
	// say.
	PageSize int
	// Pace is how long a job waits before it starts and before it ends, in the
	// org's time, unless a client polls meanwhile: every second poll moves a
	// job on.
	Pace time.Duration
	// What 24 hours allow.
	QueryJobs, Batches int
	ResultBytes        int64
}

// Defaults are the measures of an org that was told nothing.
func Defaults() Settings {
	return Settings{PageSize: 50_000, Pace: time.Second, QueryJobs: 10_000, Batches: 15_000, ResultBytes: 1_000_000_000 << 10}
}

const (
	resultLife = 7 * 24 * time.Hour // of a job that has ended
	openLife   = 24 * time.Hour     // of a job that is never closed
	// settle is how long a poll waits, in real time, for work that is about to
	// end, so that the states of a small job depend on polls alone.
	settle = time.Second
)

// Jobs are the jobs of one org. Its methods may be called concurrently.
type Jobs struct {
	org      Org
	settings Settings
	used     usage

	mu     sync.Mutex // guards what follows and every job
	issued uint64
	byID   map[string]*job
	order  []*job // oldest first
}

// or fills in what was left out.
func (s Settings) or(d Settings) Settings {
	return Settings{
		PageSize: cmp.Or(s.PageSize, d.PageSize), Pace: cmp.Or(s.Pace, d.Pace), QueryJobs: cmp.Or(s.QueryJobs, d.QueryJobs),
		Batches: cmp.Or(s.Batches, d.Batches), ResultBytes: cmp.Or(s.ResultBytes, d.ResultBytes),
	}
}

// New returns the jobs of an org that has none yet.
func New(org Org, settings Settings) *Jobs {
	return &Jobs{org: org, settings: settings.or(Defaults()), byID: map[string]*job{}}
}

// Create makes a job: a query job at once ready to run, an ingest job open for
// its upload.
func (js *Jobs) Create(spec Spec) (Info, error) {
	j := &job{}
	j.Spec = spec
	var err error
	if spec.Operation.IsQuery() {
		if err = js.used.checkQueries(js.org.Now(), js.settings); err != nil {
			return Info{}, err
		}
		if j.selection, err = js.org.Select(spec); err == nil {
			j.Object, j.PKChunking = j.selection.Object(), j.selection.PKChunking()
		}
	} else {
		j.Object, err = js.org.Target(spec)
	}
	if err != nil {
		return Info{}, err
	}
	js.mu.Lock()
	defer js.mu.Unlock()
	js.add(j)
	return j.Info, nil
}

func (js *Jobs) add(j *job) {
	now := js.org.Now()
	js.issued++
	j.ID, j.Created = js.org.JobID(js.issued), now
	js.byID[j.ID] = j
	js.order = append(js.order, j)
	if j.Operation.IsQuery() {
		js.used.addQuery(now)
		js.enter(j, UploadComplete)
	} else {
		js.enter(j, Open)
	}
}

// CreateLoaded makes an ingest job together with its data and closes it.
func (js *Jobs) CreateLoaded(spec Spec, content string) (Info, error) {
	info, err := js.Create(spec)
	if err == nil {
		err = js.Upload(info.ID, content)
	}
	if err == nil {
		info, err = js.Close(info.ID, spec.Script)
	}
	return info, err
}

// Poll shows a job, and moves it on as time and polls do.
func (js *Jobs) Poll(id string, query bool) (Info, error) {
	js.mu.Lock()
	j, err := js.find(id, query)
	if err != nil {
		js.mu.Unlock()
		return Info{}, err
	}
	j.polls++
	waits := j.State == InProgress && j.polls > 1 && j.Script.Hold == 0
	js.mu.Unlock()
	if waits {
		j.settle()
	}
	js.mu.Lock()
	defer js.mu.Unlock()
	js.advance(j)
	return j.Info, nil
}

// settle waits a moment for work that is about to end.
func (j *job) settle() {
	done := make(chan struct{})
	go func() {
		j.work.Wait()
		close(done)
	}()
	timer := time.NewTimer(settle)
	defer timer.Stop()
	select {
	case <-done:
	case <-timer.C:
	}
}

// find finds a job of a kind; jobs past their life are gone.
func (js *Jobs) find(id string, query bool) (*job, *Error) {
	j, ok := js.byID[id]
	if !ok && len(id) == 15 {
		for long, other := range js.byID {
			if long[:15] == id {
				j, ok = other, true
			}
		}
	}
	if !ok || j.Operation.IsQuery() != query {
		return nil, notFound()
	}
	if js.expire(j); js.byID[j.ID] == nil {
		return nil, notFound()
	}
	return j, nil
}

// expire ends jobs that were left open, and forgets those whose results have
// outlived their time.
func (js *Jobs) expire(j *job) {
	age := js.org.Now().Sub(j.since)
	switch {
	case j.State.final() && age > resultLife:
		js.drop(j)
	case j.State == Open && age > openLife:
		js.enter(j, Aborted)
	}
}

func (js *Jobs) drop(j *job) {
	delete(js.byID, j.ID)
	for i := range js.order {
		if js.order[i] == j {
			js.order = append(js.order[:i:i], js.order[i+1:]...)
			return
		}
	}
}

// ObjectOf is the object that a job is about, "" for an unknown job.
func (js *Jobs) ObjectOf(id string) string {
	js.mu.Lock()
	defer js.mu.Unlock()
	if j, ok := js.byID[id]; ok {
		return j.Object
	}
	return ""
}

// Delete forgets a job and its data.
func (js *Jobs) Delete(id string, query bool) error {
	js.mu.Lock()
	defer js.mu.Unlock()
	j, err := js.find(id, query)
	if err != nil {
		return err
	}
	js.advance(j)
	if j.State == Open || j.State == InProgress || query && !j.State.final() {
		return &Error{CodeState, "Job must be in a final state to be deleted; it is " + string(j.State)}
	}
	js.drop(j)
	return nil
}

// Abort ends a job that has not ended.
func (js *Jobs) Abort(id string, query bool) (Info, error) {
	js.mu.Lock()
	defer js.mu.Unlock()
	j, err := js.find(id, query)
	if err != nil {
		return Info{}, err
	}
	if js.advance(j); j.State.final() {
		return Info{}, &Error{CodeState, "Aborting already " + past[j.State] + " Job not allowed"}
	}
	js.enter(j, Aborted)
	return j.Info, nil
}

// past names the final states as refusals do.
var past = map[State]string{JobComplete: "Completed", Aborted: "Aborted", Failed: "Failed", UploadComplete: "Closed", InProgress: "Closed"}

// listPage is how many jobs a page of a list has.
const listPage = 1000

// List shows the jobs of a kind, oldest first, after so many others; next is
// where the following page begins, 0 for none.
func (js *Jobs) List(query bool, after int) (page []Info, next int) {
	js.mu.Lock()
	defer js.mu.Unlock()
	n := 0
	for _, j := range append([]*job(nil), js.order...) {
		if js.expire(j); js.byID[j.ID] == nil || j.Operation.IsQuery() != query {
			continue
		}
		if n++; n <= after {
			continue
		}
		if len(page) == listPage {
			return page, n - 1
		}
		js.advance(j)
		page = append(page, j.Info)
	}
	return page, 0
}

// Remaining is what the last 24 hours have left of the allowance.
func (js *Jobs) Remaining() (queryJobs, batches int, resultBytes int64) {
	return js.used.remaining(js.org.Now(), js.settings)
}

// Allowance is what the org allows in 24 hours.
func (js *Jobs) Allowance() Settings { return js.settings }
