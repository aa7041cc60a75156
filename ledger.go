package conversion

// GroupQuery asks for every group of a kind that is reached by any of the ids, linked
// records or keys: entities of that id, and those they were combined into; entities with a
// link (of any state but moved) to a record, or to one that was converted or merged into it;
// live or deleted entities whose key it is, erased ones by its hash; entities with a live
// link whose record carries the key. One read, however many.
type GroupQuery struct {
	Kind Kind
	IDs  []string
	Refs []Ref
	Keys []string
	// Creating reaches every entity with a create of unknown outcome, deleted ones too.
	Creating bool
}

// DirtyQuery asks for the groups of a kind that may have something to send and whose Retry
// is not after Now: those of live entities, or those of deleted ones; of all lanes, or of one.
type DirtyQuery struct {
	Kind    Kind
	Deleted bool
	OneLane bool
	Lane    Lane // when OneLane is set
	Now     Moment
	Limit   int
}

// Batch is what one transaction commits: all of it or nothing.
type Batch struct {
	Lease       *Lease // checked when set: a lost lease refuses the batch with ErrLeaseLost
	RunID       string
	At          Moment
	Plans       []Plan // each Group replaces the stored one; Expect is checked, Version is stored as Expect+1
	Moves       []Move // the links among them that another entity of the batch had, those of combined entities left out
	Cursor      *CursorMove
	Progress    *Progress
	Counts      Counts // added to the run's
	Lines       []RunLine
	Changes     []Change        // of the timeline
	Held        []Held          // take the place of held rows of the plans' entities:
	Replaces    HeldScope       // these
	Engagements []Engagement    // inserted, or updated by Ref when Modstamp is not older
	Gone        []Ref           // activities that are gone from Salesforce: their engagements are flagged deleted
	Revised     *Revised        // entities whose values are what a later revision of the variables makes of them as well
	Round       *Round          // how far a round has come
	Load        *LoadStep       // how far the load of an object has come
	Users       []string        // ids of Salesforce users met, whose names are to be learnt (spec 3.17)
	Preview     *PreviewStep    // how far the applying of a preview comes
	CatchUps    []CatchUp       // added, or asked for anew
	CaughtUp    []CatchUp       // taken off, unless asked for anew since
	Erased      []string        // entities of which nothing but the tombstone stays: see Entity.Erased
	Asks        []Ask           // questions of the breaker (spec 4.11)
	Deletions   []DeletionCount // made by the batch, for the breaker to count
	Edits       []EditCount     // the same; their At is the batch's
	Went        []Withheld      // what was let go under a grant, or needs it no more: taken off its approval
}

// Revised notes that entities' values were recomputed under a revision of the variables, and
// nothing of them changed: their versions stay.
type Revised struct {
	To       int64            // Entity.Revision
	Versions map[string]int64 // by entity, as they were read; checked
}

// Move says that a record's link goes from one entity to another. What an entity has that
// is combined (Entity.Into) follows by itself.
type Move struct {
	Ref      Ref
	From, To string // entity ids
}

// HeldScope says which held rows of an entity are dealt with anew.
type HeldScope uint8

// The scopes.
const (
	HeldAll  HeldScope = iota // all of them
	HeldKeys                  // those about an e-mail or domain; a refused write is not dealt with
	HeldNone                  // none: they stay
)

// HeldKeyChanged is the code of held rows about an e-mail or domain that could not be
// followed (spec 3.12).
const HeldKeyChanged = "key_changed"

// CursorMove stores how far an object was read.
type CursorMove struct {
	Object Object
	To     Cursor
}

// StaleError reports that groups changed since they were loaded, or that a key was taken:
// nothing was committed; load and plan again.
type StaleError struct {
	EntityIDs []string // may be empty when the database could not tell
}

// Error implements error.
func (e *StaleError) Error() string { return "the entities changed since they were read" }

// ErrLeaseLost reports that another owner holds the lease now.
var ErrLeaseLost = &Error{Code: CodeUnavailable, Message: "Another worker took over."}

// EntityFilter selects entities for a list. Zero fields select everything live.
type EntityFilter struct {
	Kind         Kind
	Key          string // exact, canonical
	Prefix       string // of key, first or last name (contact), name or domain (company); canonical lower case
	CompanyID    string // contacts of a company, by claim or derived (spec 3.15)
	UpdatedSince Moment
	After        string // opaque cursor of the previous page; "" for the first
	Limit        int    // 1..1,000
}
