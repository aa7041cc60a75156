package conversion

import (
	"fmt"
	"strconv"
)

// Load is the first reading of an object by a job of Salesforce's Bulk API. The job hands
// its records out in pages, which any worker may take.
type Load struct {
	Object   Object
	JobID    string // Salesforce's; "": none, the object is read page by page as ever
	RunID    string // the run that counts its records
	Asked    Moment // when the job was asked for, by our clock: all its records count as read then
	Began    Moment // when Salesforce made it, by its clock: a pull goes on from there
	Ready    bool   // its records can be read
	Total    int    // how many these are, deleted ones included; an estimate before it is ready
	Polls    int    // how often was asked whether it is ready
	Failures int    // how many jobs before came to nothing
	LoadState
}

// LoadState is how far the pages of a load have come. It follows from them.
type LoadState struct {
	Pages   int // known so far
	Open    int // of these, not wholly applied
	Applied int // records
}

// Through reports whether every page was applied.
func (l Load) Through() bool { return l.Pages > 0 && l.Open == 0 }

// UnderWay reports whether the object is being read by a job.
func (l Load) UnderWay() bool { return l.JobID != "" }

// LoadPage is a part of a load's records. Where a page ends is where the next one begins, so
// each is known once the one before it was opened.
type LoadPage struct {
	Object  Object
	JobID   string
	Number  int    // from 0
	Locator string // Salesforce's name for where it begins; "" for the first
	Applied int    // records that were applied, from the first
	Done    bool   // all of them
}

// Lease is the name of the lease under which a worker applies the page.
func (p LoadPage) Lease() string { return LoadLeases(p.JobID) + strconv.Itoa(p.Number) }

// LoadLeases is what the names of the leases of a job's pages begin with.
func LoadLeases(jobID string) string { return "load " + jobID + " " }

// LoadStep is what a batch does to the load of an object.
type LoadStep struct {
	Load *Load     // stored, but for its LoadState; pages and leases of another job than its own go
	Next *LoadPage // a page that is known now, if it was not already
	Page *LoadPage // how far it was applied: more is added to the object's progress
	Over Object    // the load of this object is over: nothing of it stays
}

// LoadRequest asks for a page of a load.
type LoadRequest struct {
	Load    Load
	Locator string // where it begins
	Rows    int    // records a page has at most
	Batch   int    // records that are handed over at a time
	// Opened is told of the page before its records come, and again when it has to be read
	// again from the first. An error ends the reading.
	Opened func(LoadedPage) error
}

// LoadedPage is a page of a load as it comes.
type LoadedPage struct {
	Next string // the locator of the page after it; "" when it is the last
	Rows int    // how many records it has
}

// LoadLostError reports that Salesforce does not have the records of a load, or has them no
// longer: the job failed, was aborted, or expired. The load has to be begun anew; what was
// applied stays.
type LoadLostError struct {
	Object Object
	Err    error
}

// Error implements error.
func (e *LoadLostError) Error() string {
	return fmt.Sprintf("the load of %s has to be begun anew: %v", e.Object, e.Err)
}

// Unwrap returns what Salesforce said.
func (e *LoadLostError) Unwrap() error { return e.Err }
