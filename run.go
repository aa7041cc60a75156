package conversion

// Direction of a run.
type Direction string

// The directions.
const (
	Inbound  Direction = "inbound"
	Outbound Direction = "outbound"
)

// RunStatus is how far a run has come.
type RunStatus string

// The states of a run.
const (
	RunQueued  RunStatus = "queued"
	RunRunning RunStatus = "running"
	RunDone    RunStatus = "done"
	RunFailed  RunStatus = "failed"
)

// Counts says what a run did, in records.
type Counts struct {
	Created int `json:"created"`
	Updated int `json:"updated"`
	Deleted int `json:"deleted"`
	Skipped int `json:"skipped"`
	Held    int `json:"held"`
}

// Plus returns the sum.
func (c Counts) Plus(d Counts) Counts {
	return Counts{c.Created + d.Created, c.Updated + d.Updated, c.Deleted + d.Deleted, c.Skipped + d.Skipped, c.Held + d.Held}
}

// Total returns how many records were touched or passed over.
func (c Counts) Total() int { return c.Created + c.Updated + c.Deleted + c.Skipped + c.Held }

// Run is one execution of a pull or a push for one object (spec 7.1).
type Run struct {
	ID        string
	Direction Direction
	Object    Object
	Trigger   string // "schedule", "manual", "first", "change", "sweep", "refresh"
	Status    RunStatus
	Created   Moment
	Started   Moment
	Finished  Moment
	Counts    Counts
	Error     string // why it failed, for a person
	Note      string // what it found, for a person; "" for most
}

// RunFilter selects runs for a list, newest first. Zero fields do not filter.
type RunFilter struct {
	Direction Direction
	Object    Object
	Since     Moment // created then or later
	Until     Moment // created before
	After     string // opaque cursor of the page before; "" for the first
	Limit     int    // 1..1,000
}

// RunLine is one record of a run: what was done with it.
type RunLine struct {
	RunID    string
	Ref      Ref
	EntityID string
	Outcome  string // "created", "updated", "deleted", "skipped", "held"
	Message  string // for skipped and held
	At       Moment
}

// Change is one line of an entity's timeline (spec 7.2).
type Change struct {
	EntityID string
	FieldChange
	RunID string
	Rule  string       // the rule by which it went out; "" for changes that came in
	Note  string       // what happened, when it is not a value that changed: "linked", "sent to Lead"; or why a value changed
	Sent  []FieldWrite // what a note of something sent is about, by field name
}

// Held is a record or field that could not be synced, with the reason and the next try.
type Held struct {
	ID       string
	EntityID string
	Ref      Ref
	Field    string // API name of the field that is held; "": the record
	Cause    string // what rows have in common that end together; see the function Cause
	Fix      Fix    // who can end it
	Code     string
	Message  string
	Hint     string
	UserID   string // Salesforce user who keeps changing the field; "" otherwise
	Since    Moment
	Retry    Moment
	Name     string // what the entity is called: a contact's e-mail, a company's name; only where it is read
	UserName string // of UserID, as far as known; only where it is read
}

// HeldFilter selects held rows for a list, newest first. Zero fields do not filter.
type HeldFilter struct {
	IDs    []string // at most 1,000
	Cause  string   // see the function Cause
	Object Object
	Fix    Fix
	After  string // opaque cursor of the page before; "" for the first
	Limit  int    // 1..1,000
}

// HeldGroup is what of one cause is held (spec 7.3).
type HeldGroup struct {
	Cause   string
	Code    string
	Object  Object
	Field   string // the field to blame; "" for the record
	Fix     Fix
	Message string // of one of them
	Hint    string
	Count   int
	Since   Moment // of the oldest
	Retry   Moment // the earliest
}
