package conversion

import "time"

// PreviewScope says how far back a preview looks.
type PreviewScope string

// The scopes.
const (
	ScopePending  PreviewScope = "pending"  // what waits to be sent
	ScopeExisting PreviewScope = "existing" // everything Conversion ever said, whatever the rules were then: *Apply to existing*
)

// Valid reports whether the scope is one of the two.
func (s PreviewScope) Valid() bool { return s == ScopePending || s == ScopeExisting }

// PreviewLife is how long a preview may be applied.
const PreviewLife = 24 * time.Hour

// MaxPreviewItems is how many records a preview shows. Its counts are of all.
const MaxPreviewItems = 10_000

// Modes are changes of variables' modes, by kind and key.
type Modes map[Kind]map[string]Mode

// Preview is what a change of rules or modes would do, made by the planner and not carried
// out (spec 5.5). It may be applied once, within a day, and only while Basis still holds.
type Preview struct {
	ID       string
	Scope    PreviewScope
	Rules    Rules // all six, as they would be
	Modes    Modes // those that would change
	Basis    string
	Counts   PreviewCounts
	Entities int    // contacts and companies that something would be done to
	Listed   int    // records that are shown
	Created  Moment // 0 while it is being made: nobody may see it
	Expires  Moment
	Begun    Moment // since when it is being applied; 0: it is not
	Applied  Moment // 0 until all of it was
	Done     int    // of Entities: dealt with by applying
	Skipped  int    // of those: passed over, for they had changed
	By       Actor  // who applied it
}

// PreviewCounts count records. Create, Update and Delete are what would be written.
type PreviewCounts struct {
	Create int `json:"create"`
	Update int `json:"update"`
	Delete int `json:"delete"`
	Hold   int `json:"hold"` // could not be written, or waits for an approval
}

// Add counts records by what would be done.
func (c *PreviewCounts) Add(a Action, n int) {
	switch a {
	case ActionCreate:
		c.Create += n
	case ActionUpdate:
		c.Update += n
	case ActionDelete:
		c.Delete += n
	case ActionHold:
		c.Hold += n
	}
}

// PreviewEntity is a contact or company that a preview would do something to. Hash is what
// (see Plan.Hash): applying passes over one whose plan has become another.
type PreviewEntity struct {
	Number   int // counts up from 1 within the preview, in the order of planning
	EntityID string
	Kind     Kind
	Hash     string
}

// PreviewItem is one record of a preview.
type PreviewItem struct {
	Number   int // counts up from 1 within the preview
	Entity   int // Number of its PreviewEntity
	EntityID string
	Kind     Kind
	Action   Action
	Ref      Ref          // to be created: only the object
	Key      string       // e-mail of the contact, domain of the company
	Name     string       // company: its name
	Fields   []FieldWrite // by field name; empty for a deletion and for what is held
	Reason   string       // the rule it follows, or why it is held
	Skipped  bool         // applying passed it over, for it had changed since
}

// PreviewStep is how far a batch brings the applying of a preview.
type PreviewStep struct {
	PreviewID string
	Done      int   // entities dealt with, this batch included
	Skipped   []int // the numbers of those the batch passed over
	Finished  bool
}

// WalkQuery asks for groups in the order of their entities' ids, a page at a time.
type WalkQuery struct {
	Kind  Kind
	Dirty bool   // only what may have something to send; else whatever Conversion itself ever said something about
	After string // id of the last entity of the page before; "" for the first
	Limit int
}
