package engine

import (
	"context"
	"time"

	"conversion"
)

// Remote is a connected org as the engine sees it; the gateway implements its parts.
type Remote struct {
	Source    Source
	Walker    Walker
	Lookup    Lookup
	Target    Target
	Describer Describer
	Loader    Loader // nil: no object is read by a job
}

// Source reads what changed in Salesforce.
type Source interface {
	// Count returns how many records of the object, deleted ones included, come after
	// the cursor.
	Count(ctx context.Context, o conversion.Object, after conversion.Cursor) (int, error)
	// Changes reads a page of Leads, Contacts or Accounts after the cursor, ordered by
	// (SystemModstamp, Id), deleted and converted ones included, every mapped field.
	Changes(ctx context.Context, s *conversion.Schema, o conversion.Object, after conversion.Cursor, limit int) (conversion.RecordPage, error)
	// Activities reads a page of Tasks or Events in the same way, archived ones included.
	Activities(ctx context.Context, o conversion.Object, after conversion.Cursor, limit int) (conversion.ActivityPage, error)
	// ActivitiesOf reads all activities of the object that belong to the people.
	ActivitiesOf(ctx context.Context, o conversion.Object, people []conversion.Ref) ([]conversion.Activity, error)
	// Relations reads a page of relations between activities of the object and people that
	// were made or changed after the cursor: who is added to an activity does not change it.
	// An org without shared activities is not asked, and answers with an empty page.
	Relations(ctx context.Context, o conversion.Object, after conversion.Cursor, limit int) (conversion.RelationPage, error)
}

// Walker goes through all records of an object in the order of their ids, those in the
// recycle bin included.
type Walker interface {
	// Sightings says which records there are after the id; a CodeForbidden error when the
	// connected user may not read the object.
	Sightings(ctx context.Context, o conversion.Object, after string, limit int) (conversion.SightingPage, error)
	// Walk reads the schema's fields of the Leads, Contacts or Accounts after the id. Next
	// has the id to go on from.
	Walk(ctx context.Context, s *conversion.Schema, o conversion.Object, after string, limit int) (conversion.RecordPage, error)
	// Whereabouts says which of the ids are there; a CodeForbidden error when the connected
	// user may not read the object.
	Whereabouts(ctx context.Context, o conversion.Object, ids []string) ([]conversion.Sighting, error)
	// ReadActivities returns the present state of the Tasks or Events; those that cannot be
	// seen are left out.
	ReadActivities(ctx context.Context, o conversion.Object, ids []string) ([]conversion.Activity, error)
}

// Loader reads very many records of an object as a job of Salesforce's Bulk API. A
// *conversion.LoadLostError tells that the job's records are not there, or no longer.
type Loader interface {
	// BeginLoad has all records of the object after the cursor gathered, deleted and
	// converted ones included.
	BeginLoad(ctx context.Context, s *conversion.Schema, o conversion.Object, after conversion.Cursor) (conversion.Load, error)
	// AskLoad returns the load with whether it is ready by now, and then how many records
	// it has.
	AskLoad(ctx context.Context, l conversion.Load) (conversion.Load, error)
	// LoadRecords reads a page of Leads, Contacts or Accounts, every mapped field, and hands
	// it over as it comes. An error of take or of the request's Opened comes back as it is.
	LoadRecords(ctx context.Context, s *conversion.Schema, r conversion.LoadRequest, take func([]conversion.Record) error) error
	// LoadActivities is that for Tasks and Events.
	LoadActivities(ctx context.Context, r conversion.LoadRequest, take func([]conversion.Activity) error) error
	// EndLoad removes the job and its records.
	EndLoad(ctx context.Context, l conversion.Load) error
}

// Lookup asks Salesforce who is there, before anything is created.
type Lookup interface {
	// ByKey returns the live Leads and Contacts with one of the e-mails (contacts), or the
	// live Accounts whose website has one of the domains (companies), with every mapped
	// field.
	ByKey(ctx context.Context, s *conversion.Schema, keys []string) ([]conversion.Record, error)
	// ByExternalID returns the records of the object that were created for one of the
	// entities, deleted and converted ones included.
	ByExternalID(ctx context.Context, s *conversion.Schema, o conversion.Object, ids []string) ([]conversion.Record, error)
	// Made returns the records that the query names, deleted and converted ones included.
	Made(ctx context.Context, s *conversion.Schema, q conversion.MadeQuery) ([]conversion.Record, error)
}

// Target reads and writes single records of Salesforce.
type Target interface {
	// Read returns the present state of the records, every mapped field. A record that is
	// gone comes back with Deleted set; one that cannot be seen is left out.
	Read(ctx context.Context, s *conversion.Schema, refs []conversion.Ref) ([]conversion.Record, error)
	// Write sends the writes in as few requests as can be, and answers with one outcome a
	// write, in their order. The error is for what stopped all that have no outcome.
	Write(ctx context.Context, writes []conversion.Write, options conversion.WriteOptions) ([]conversion.Outcome, error)
	// Upserts reports whether the object has our External Id field, so that a create of it
	// can be sent twice and makes one record.
	Upserts(ctx context.Context, o conversion.Object) (bool, error)
}

// Describer says what the org is like.
type Describer interface {
	// Describe returns Lead, Contact, Account, Task and Event as the connected user sees
	// them; an object that cannot be read has Readable false.
	Describe(ctx context.Context) ([]conversion.ObjectDef, error)
	// Users returns the names of users by id, for owners (spec 3.17).
	Users(ctx context.Context, ids []string) (map[string]string, error)
	// Doomed returns how many records Salesforce would delete along with the Accounts, and
	// which of these have Opportunities (spec 4.11).
	Doomed(ctx context.Context, accountIDs []string) (conversion.Doom, error)
	// Usage returns the org's API requests of the day and its limit, as last answered, and
	// when that was.
	Usage() (used, max int, at conversion.Moment)
	// Measure asks for the org's usage, in one request; Usage then tells.
	Measure(ctx context.Context) error
	// ClockOffset returns Salesforce's time minus ours, as last answered.
	ClockOffset() time.Duration
}

// Books are a workspace's records as the engine needs them; the store implements them.
type Books interface {
	Ledger
	Meter
	Rounds
	Loads
	Waiting
	Activities
	Journal
	Breaker
	Leases
	Settings
	Previews
	Pile
	Quarantine
}

// Ledger holds contacts and companies with their links.
type Ledger interface {
	// Groups loads every group the query reaches, each once, with all its links.
	Groups(ctx context.Context, q conversion.GroupQuery) ([]conversion.Group, error)
	// Dirty loads groups that may have something to send and whose Retry has come, oldest
	// first.
	Dirty(ctx context.Context, q conversion.DirtyQuery) ([]conversion.Group, error)
	// Commit applies a batch in one transaction; see conversion.Batch and StaleError.
	Commit(ctx context.Context, b conversion.Batch) error
	// Cursor returns how far the object was read; the zero Cursor at first.
	Cursor(ctx context.Context, o conversion.Object) (conversion.Cursor, error)
	// Linked counts the live links of a kind, and those that ended since the moment because
	// their entities were deleted.
	Linked(ctx context.Context, k conversion.Kind, since conversion.Moment) (int, error)
	// Outdated loads live groups of the kind whose values were recomputed under an earlier
	// revision of the variables, at most limit.
	Outdated(ctx context.Context, k conversion.Kind, revision int64, limit int) ([]conversion.Group, error)
}

// Rounds are the passes over all records of an object; Commit stores how far one has come.
type Rounds interface {
	// Rounds returns the last round of each work and object.
	Rounds(ctx context.Context) ([]conversion.Round, error)
	// Known returns what is known of the object's records after the id, ascending by id:
	// linked ones of every state but moved, activities that are engagements.
	Known(ctx context.Context, o conversion.Object, after string, limit int) ([]conversion.Known, error)
	// UsersToName returns the ids of Salesforce users that were met and whose names were not
	// asked for since the moment.
	UsersToName(ctx context.Context, since conversion.Moment, limit int) ([]string, error)
}

// Loads are the first readings of objects by jobs; Commit stores how far they have come.
type Loads interface {
	// Loads returns those under way, and the objects that are read without a job.
	Loads(ctx context.Context) ([]conversion.Load, error)
	// OpenPages returns the pages that are known and not wholly applied, in their order.
	OpenPages(ctx context.Context) ([]conversion.LoadPage, error)
}

// Waiting tells what has to be decided about.
type Waiting interface {
	// Pending returns records of which it has to be decided whose they are, at most limit.
	Pending(ctx context.Context, limit int) ([]conversion.Ref, error)
}

// Meter counts our API requests in rows that all processes share, and says which lane
// waits for some (spec 4.10).
type Meter interface {
	// Reserve counts the requests as ours, in one step with looking whether they still fit;
	// ok false when they do not, and nothing is counted.
	Reserve(ctx context.Context, r conversion.Reservation) (ok bool, err error)
	// Spend counts n requests of the moment without asking, or takes back -n.
	Spend(ctx context.Context, l conversion.Lane, at conversion.Moment, n int) error
	// Spent returns how many requests were ours in the window before now.
	Spent(ctx context.Context, now conversion.Moment) (int, error)
	// Measured stores what Salesforce last told of the org's requests, if that is news.
	Measured(ctx context.Context, used, max int, at conversion.Moment) error
	// Rest stores that a lane waits; one that waits already keeps its Since.
	Rest(ctx context.Context, w conversion.Wait) error
	// Waits returns the lanes that wait.
	Waits(ctx context.Context) ([]conversion.Wait, error)
	// Resume ends the lane's wait.
	Resume(ctx context.Context, l conversion.Lane) error
}

// Activities hold what is known of Tasks and Events.
type Activities interface {
	// EntitiesOf returns the ids of the live entities that the records are linked to, by
	// record; ended links count, ignored ones do not.
	EntitiesOf(ctx context.Context, refs []conversion.Ref) (map[conversion.Ref]string, error)
	// KnownActivities returns what the engagements hold of the activities, for those there
	// are.
	KnownActivities(ctx context.Context, refs []conversion.Ref) (map[conversion.Ref]conversion.KnownActivity, error)
	// CatchUps returns people whose activities of the object are to be read, at most limit.
	CatchUps(ctx context.Context, activity conversion.Object, limit int) ([]conversion.CatchUp, error)
}

// Journal holds runs.
type Journal interface {
	AddRuns(ctx context.Context, runs []conversion.Run) error
	// QueuedRuns returns the runs that wait, oldest first.
	QueuedRuns(ctx context.Context) ([]conversion.Run, error)
	// UpdateRun stores status, times, error and note; counts are added by Commit.
	UpdateRun(ctx context.Context, r conversion.Run) error
	// FailRunning marks runs left running by an owner that died as failed.
	FailRunning(ctx context.Context, d conversion.Direction, at conversion.Moment, reason string) error
}

// Breaker is what the breaker remembers (spec 4.11); Commit stores what it asks and counts.
type Breaker interface {
	// Approvals returns those that wait or were decided since the moment.
	Approvals(ctx context.Context, since conversion.Moment) ([]conversion.Approval, error)
	// Withheld returns what is withheld of the entities, whatever became of the approvals.
	Withheld(ctx context.Context, entityIDs []string) ([]conversion.WithheldState, error)
	// WithheldFrom returns what is withheld of the records' values.
	WithheldFrom(ctx context.Context, refs []conversion.Ref) ([]conversion.WithheldState, error)
	// Released returns what was granted of a direction and has not gone yet, at most limit.
	Released(ctx context.Context, d conversion.Direction, limit int) ([]conversion.WithheldState, error)
	// Deletions counts what was deleted in a direction since the moment, with what Salesforce
	// deleted along.
	Deletions(ctx context.Context, d conversion.Direction, k conversion.Kind, since conversion.Moment) (int, error)
	// Edits returns the counts of edits of the slots that end after the moment, oldest first.
	Edits(ctx context.Context, since conversion.Moment) ([]conversion.EditCount, error)
	// Count counts the live entities of a kind.
	Count(ctx context.Context, k conversion.Kind) (int, error)
}

// Leases are rows, so that two workers never do the same thing of one workspace.
type Leases interface {
	// Acquire takes the lease when it is free or has ended; ok false when another holds it.
	Acquire(ctx context.Context, name, owner string, now, until conversion.Moment) (lease conversion.Lease, ok bool, err error)
	Renew(ctx context.Context, l conversion.Lease, until conversion.Moment) error
	Release(ctx context.Context, l conversion.Lease) error
}

// Settings are what an admin chose, and the state of the connection.
type Settings interface {
	Rules(ctx context.Context) (conversion.Rules, error)
	Options(ctx context.Context) (conversion.Options, error)
	Schema(ctx context.Context, k conversion.Kind) (*conversion.Schema, error)
	SaveVariables(ctx context.Context, k conversion.Kind, variables []conversion.Variable) error
	Connection(ctx context.Context) (conversion.Connection, error)
	// SaveSyncState stores LastSynced, NextSync, Loaded, Used, Max and ClockOffset. That the
	// clock is known for the first time makes a revision of the variables.
	SaveSyncState(ctx context.Context, c conversion.Connection) error
	// SaveProgress replaces the progress of all objects.
	SaveProgress(ctx context.Context, p []conversion.Progress) error
	// SaveUsers stores names of Salesforce users by id, and that they were asked for at the
	// moment; "" for one that cannot be seen: the name it had stays.
	SaveUsers(ctx context.Context, names map[string]string, at conversion.Moment) error
}

// Previews hold what a change of rules or modes would do (spec 5.5).
type Previews interface {
	// Walk loads groups in the order of their entities' ids, a page at a time.
	Walk(ctx context.Context, q conversion.WalkQuery) ([]conversion.Group, error)
	// AddPreview begins a preview that nobody sees before FinishPreview.
	AddPreview(ctx context.Context, p conversion.Preview, now conversion.Moment) error
	AddToPreview(ctx context.Context, id string, entities []conversion.PreviewEntity, items []conversion.PreviewItem) error
	// FinishPreview stores what a preview came to; held gives the kinds whose deletions
	// would wait, with the reason.
	FinishPreview(ctx context.Context, p conversion.Preview, held map[conversion.Kind]string) error
	// Preview returns one that is made and has not expired.
	Preview(ctx context.Context, id string, now conversion.Moment) (conversion.Preview, error)
	// HalfApplied returns the preview whose applying began and did not end, if there is one.
	HalfApplied(ctx context.Context) (conversion.Preview, error)
	// PreviewEntities returns whom a preview is about, those after the number.
	PreviewEntities(ctx context.Context, id string, after, limit int) ([]conversion.PreviewEntity, error)
	// BeginApplying saves the rules and modes of a preview, once, and wakes nobody.
	BeginApplying(ctx context.Context, p conversion.Preview, by conversion.Actor, at conversion.Moment) error
}

// Quarantine is what Salesforce refused.
type Quarantine interface {
	// WakeHeld lets the entities of a kind that have a held field be planned again now.
	WakeHeld(ctx context.Context, k conversion.Kind, now conversion.Moment) error
}

// Pile is what was changed while nothing could be sent (spec 5.2).
type Pile interface {
	// Piled counts what may be sent now and has waited since the moment or later, up to the
	// limit.
	Piled(ctx context.Context, since, now conversion.Moment, limit int) (int, error)
	// SavePile stores since when nothing could be sent, and how much waits for a preview.
	SavePile(ctx context.Context, offline conversion.Moment, piled int) error
}
