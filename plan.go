package conversion

import (
	"fmt"
	"hash/fnv"
)

// Action says what a write does to a record.
type Action string

// The actions.
const (
	ActionCreate Action = "create"
	ActionUpdate Action = "update"
	ActionDelete Action = "delete"
	ActionHold   Action = "hold" // of a preview: nothing could be written
)

// Write is one record to be created, updated or deleted in Salesforce.
type Write struct {
	Action   Action
	Ref      Ref // create: only the object
	EntityID string
	Fields   []FieldWrite // by field name; empty for a deletion
	// ExternalID makes a create an upsert by ExternalIDField, with this value; "" where the
	// org has no such field.
	ExternalID string
	// Parent is the id of the Account that Salesforce locks along with the record, as far as
	// it is known: writes of one Account go together.
	Parent string
}

// FieldWrite is one field of a write. What is sent is the claim, unchanged.
type FieldWrite struct {
	Field  string // API name
	Var    VarID  // 0 for a default of the admin's
	Before Value  // as seen; absent on create
	Value  Value
	Number int64 // the own claim's number; 0 for a default
}

// FieldChange is a known value of an entity that changed: a line of its timeline.
type FieldChange struct {
	Var           VarID
	Before, After Value
	From          Ref // the record whose claim it is; zero for Conversion's own
	By            Actor
	At            Moment
}

// Problem is a record that was not applied or not written as it should be.
type Problem struct {
	Ref      Ref
	EntityID string
	Held     bool // false: skipped, and nothing is to be done about it
	Code     string
	Message  string // for a person
	Hint     string // what to do about it
}

// Plan is what a sync would do to one group: data, not calls. Local effects and intents
// are committed first, the writes are sent afterwards.
type Plan struct {
	Group    Group // after
	Expect   int64 // the entity's version the plan was made on; 0: it is new
	Changes  []FieldChange
	Writes   []Write
	Problems []Problem
	Left     Left
}

// Left says what a plan leaves for later, and what that waits for.
type Left struct {
	Waiting bool   // for the end of a request of unknown outcome, or for a reading
	Lacking bool   // for an Account of the contact's company, or for a pull to tell whose a record is
	Parked  bool   // for a rule to be turned on again
	Held    Moment // for the cause of what is held to go, at the latest until then; 0: nothing is
	// Withheld are the variables of which an admin has to let our own claims go first (spec
	// 4.11), ascending.
	Withheld []VarID
}

// Empty reports whether applying the plan would change nothing in Salesforce.
func (p *Plan) Empty() bool { return len(p.Writes) == 0 }

// Hash identifies what the plan would write: two plans with one hash do the same. A preview
// is bound by it to its applying.
func (p *Plan) Hash() string {
	h := fnv.New128a()
	for _, w := range p.Writes {
		fmt.Fprintf(h, "%s %s %s\n", w.Action, w.Ref, w.EntityID)
		for _, f := range w.Fields {
			fmt.Fprintf(h, " %s %#v %#v\n", f.Field, f.Before, f.Value)
		}
	}
	return fmt.Sprintf("%x", h.Sum(nil))
}
