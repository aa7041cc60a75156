// Package bulk keeps the jobs of Bulk API 2.0: what they ask for, the states they
// go through, the CSV they take and give, the pages of their results, their
// limits.
//
// It knows neither HTTP nor the inside of an org: what jobs need of the org they
// are of is the interface Org. It must never look at a record, a field or a rule
// itself.
package bulk

import (
	"sync"
	"time"
)

// State is where a job stands.
type State string

// The states. Open is of ingest jobs only; the last three are final.
const (
	Open           State = "Open"
	UploadComplete State = "UploadComplete"
	InProgress     State = "InProgress"
	JobComplete    State = "JobComplete"
	Aborted        State = "Aborted"
	Failed         State = "Failed"
)

func (s State) final() bool { return s == JobComplete || s == Aborted || s == Failed }

// Operation is what a job does.
type Operation string

// The operations; the first two are of query jobs.
const (
	Query      Operation = "query"
	QueryAll   Operation = "queryAll"
	Insert     Operation = "insert"
	Update     Operation = "update"
	Upsert     Operation = "upsert"
	Delete     Operation = "delete"
	HardDelete Operation = "hardDelete"
)

// IsQuery says whether the operation reads.
func (o Operation) IsQuery() bool { return o == Query || o == QueryAll }

// Deletes says whether the operation deletes.
func (o Operation) Deletes() bool { return o == Delete || o == HardDelete }

// Spec is what a client asks of a new job.
type Spec struct {
	Operation Operation
	// Object is the object of an ingest job.
	Object string
	// Query is the SOQL of a query job.
	Query string
	// ExternalID is the field that an upsert finds records by.
	ExternalID string
	// AssignmentRule is the id of the rule that gives new records their owners.
	AssignmentRule string
	Format         Format
	// Version is the API version of the request, as "67.0".
	Version string
	// User is the id of the user on whose behalf the job works.
	User string
	// Script makes the job go wrong.
	Script Script
}

// Script is what a test wants to see of a job.
type Script struct {
	// Fail makes the job end Failed with this message, after so many records.
	Fail      string
	FailAfter int
	// Hold keeps the job InProgress for that long, forever when negative.
	Hold time.Duration
	// Record fails one record of an ingest job: its position from 1, 0 for none.
	Record      int
	RecordError string
	// CommitAfter is how long after its end each transaction of an ingest job is
	// committed.
	CommitAfter time.Duration
}

// Info is a job as it is shown.
type Info struct {
	Spec
	ID       string
	Object   string // in the org's own case
	State    State
	Created  time.Time
	Modified time.Time
	// Processed counts the records dealt with, those that failed included.
	Processed, FailedRecords int
	// Took is how long the work took, in the org's time.
	Took time.Duration
	// Message says why a job Failed.
	Message string
	// PKChunking says that the query may be split by record id.
	PKChunking bool
}

// Error is a refusal in the words of Bulk API 2.0.
type Error struct{ Code, Message string }

func (e *Error) Error() string { return e.Code + ": " + e.Message }

// The codes that this package refuses with.
const (
	CodeNotFound     = "NOT_FOUND"
	CodeState        = "INVALIDJOBSTATE"
	CodeInput        = "CLIENTINPUTERROR"
	CodeLimit        = "LIMIT_EXCEEDED"
	CodeVersion      = "INVALIDVERSION"
	CodeLocator      = "INVALID_QUERY_LOCATOR"
	messageNotFound  = "The requested resource does not exist"
	messageBadLocate = "invalid query locator"
)

func notFound() *Error { return &Error{CodeNotFound, messageNotFound} }

// Org is what jobs need of their org. Its methods may be called concurrently.
type Org interface {
	// Now is the org's time.
	Now() time.Time
	// JobID is the record id of the nth job.
	JobID(n uint64) string
	// Select understands a query job; an error refuses to create the job.
	Select(spec Spec) (Selection, error)
	// Target gives the object of an ingest job its own name; an error refuses
	// to create the job.
	Target(spec Spec) (object string, err error)
	// Load makes ready for the records of an ingest job. An error, such as a
	// column that is no field, fails the job.
	Load(spec Spec, columns []string) (Loading, error)
	// Crashed is told of a job whose work panicked.
	Crashed(job string, panicked any)
}

// Selection is a query that the org has understood.
type Selection interface {
	// Object is what the query is about.
	Object() string
	// Columns are the selected paths in the order of the SELECT list.
	Columns() []string
	// PKChunking says whether the query may be split by record id.
	PKChunking() bool
	// Run takes a snapshot of the rows that match now.
	Run() (Rows, error)
}

// Rows are the snapshot that a query took. Its methods may be called
// concurrently.
type Rows interface {
	Len() int
	// Size is about how many bytes the rows hold.
	Size() int64
	// Append writes the rows from one position up to another as CSV.
	Append(b []byte, from, to int, format Format) []byte
}

// Loading is an ingest job at work.
type Loading interface {
	// Save saves records in one transaction, each on its own.
	Save(records []Record) []Outcome
}

// Record is one row of an upload, by column.
type Record []Cell

// Cell is a value as it was uploaded; an empty one says nothing about its field.
type Cell struct {
	Text string
	// Null is a cell of #N/A, which empties the field.
	Null bool
}

// Outcome is what became of a record.
type Outcome struct {
	ID      string
	Created bool
	// Error is in the form of sf__Error, "" for none.
	Error string
}

// job is one job. The mutex of its Jobs guards it, but for the upload and what
// the selection found, which never change once they are there.
type job struct {
	Info
	selection Selection
	rows      Rows

	upload   string
	uploaded bool
	saved    []result
	errors   []string // each text once
	rest     int      // where the rows begin that were never tried

	polls   int       // in the present state
	since   time.Time // when the present state began
	begun   bool
	ended   bool   // the work is done; the state may not show it yet
	failure string // why the work ended early
	work    sync.WaitGroup
}

// result is what became of one uploaded row, which it finds by its place.
type result struct {
	from, to int32
	failed   int32 // position in errors, -1 for none
	created  bool
	id       string
}
