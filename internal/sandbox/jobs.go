package sandbox

import (
	"sync/atomic"
	"time"
)

// The platform's own jobs run when virtual time has come to them: whenever
// somebody reads or writes after the clock moved.

// jobs are the times of the next runs, in Unix seconds.
type jobs struct {
	due atomic.Int64
	day int64 // whose nightly jobs have run, in days since 1970
}

const secondsPerDay = int64(24 * time.Hour / time.Second)

// settleJobs runs the jobs whose time has come.
func (o *Org) settleJobs() {
	if o.clock.second() < o.jobs.due.Load() {
		return
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	o.settleJobsLocked()
}

func (o *Org) settleJobsLocked() {
	now := o.clock.Now()
	if now.Unix() < o.jobs.due.Load() {
		return
	}
	if today := now.Unix() / secondsPerDay; today > o.jobs.day {
		o.jobs.day = today
		o.archiveActivities(now)
	}
	o.emptyExpired(now)
	o.jobs.due.Store(o.nextJob())
}

// nextJob is when the next job is due: at midnight in GMT, or when a record has
// been in the recycle bin for 15 days.
func (o *Org) nextJob() int64 {
	due := (o.jobs.day + 1) * secondsPerDay
	for _, b := range o.bin.waiting {
		due = min(due, b.at+int64(binPeriod/time.Second))
	}
	return due
}

// background is a transaction of the platform itself, in the name of the
// administrator. The caller holds the lock and ends it.
func (o *Org) background() *tx {
	admin := recordID("005", o.pod, 1)
	return &tx{org: o, user: admin, rights: o.rightsOf(""), now: o.clock.second()}
}
