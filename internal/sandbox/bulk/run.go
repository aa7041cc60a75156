package bulk

import "time"

// enter puts a job into a state.
func (js *Jobs) enter(j *job, s State) {
	now := js.org.Now()
	j.State, j.Modified, j.since, j.polls = s, now, now, 0
	if s == UploadComplete || s == InProgress {
		// For clients that never poll; a clock that stands still is waited for.
		time.AfterFunc(js.settings.Pace+time.Millisecond, func() {
			js.mu.Lock()
			defer js.mu.Unlock()
			js.advance(j)
		})
	}
	if s == InProgress {
		js.begin(j)
	}
}

// advance moves a job on if it is time: its state has lasted as long as the pace
// says, or a client has polled twice. It never skips a state.
func (js *Jobs) advance(j *job) {
	if js.byID[j.ID] == nil {
		return // deleted while it waited
	}
	if due := j.polls > 1 || js.org.Now().Sub(j.since) >= js.settings.Pace; !due && j.State == UploadComplete {
		return
	}
	switch j.State {
	case UploadComplete:
		js.enter(j, InProgress)
		j.polls = 1 // the poll that saw it begin
	case InProgress:
		if j.ended && js.released(j) {
			js.end(j)
		}
	}
}

// released says whether a job may show that it has ended.
func (js *Jobs) released(j *job) bool {
	age := js.org.Now().Sub(j.since)
	if j.Script.Hold != 0 {
		return j.Script.Hold > 0 && age >= j.Script.Hold
	}
	return j.polls > 1 || age >= js.settings.Pace
}

func (js *Jobs) end(j *job) {
	took := j.Took
	if j.failure != "" {
		js.enter(j, Failed)
		j.Message = j.failure
	} else {
		js.enter(j, JobComplete)
	}
	j.Took = took
}

// begin starts the work of a job.
func (js *Jobs) begin(j *job) {
	if j.begun || j.Script.Hold < 0 {
		return
	}
	j.begun = true
	j.work.Add(1)
	go func() {
		defer j.work.Done()
		start := js.org.Now()
		failure := js.carryOut(j)
		js.mu.Lock()
		defer js.mu.Unlock()
		j.ended, j.failure = true, failure
		j.Took = js.org.Now().Sub(start)
	}()
}

// carryOut does a job's work and says why it failed, if it did. A panic in the
// work fails the job, too: nobody else is there to catch it.
func (js *Jobs) carryOut(j *job) (failure string) {
	defer func() {
		if panicked := recover(); panicked != nil {
			js.org.Crashed(j.ID, panicked)
			failure = "InternalServerError : An unexpected error occurred."
		}
	}()
	if !j.Operation.IsQuery() {
		return js.load(j)
	}
	if j.Script.Fail != "" {
		return j.Script.Fail
	}
	rows, err := j.selection.Run()
	if err != nil {
		return err.Error()
	}
	js.used.add(js.org.Now(), spent{bytes: rows.Size()})
	js.mu.Lock()
	defer js.mu.Unlock()
	j.rows, j.Processed = rows, rows.Len()
	return ""
}
