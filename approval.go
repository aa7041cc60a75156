package conversion

import (
	"crypto/sha256"
	"encoding/hex"
	"strconv"
	"time"
)

// BreakerWindow is over which deletions and edits are counted (spec 4.11).
const BreakerWindow = 24 * time.Hour

// Approval is a question of the breaker: something in bulk that is held back until an admin
// decides. It is for exactly what is withheld under it (spec 4.11).
type Approval struct {
	ID        string
	Direction Direction // Outbound: it would happen in Salesforce; Inbound: in Conversion
	Kind      Kind
	Var       VarID  // the variable that is changed in bulk; 0: deletions
	Reason    string // for a person
	Count     int    // entities it is about
	Used      int    // of them, those that went once it was granted
	Created   Moment
	Decided   Moment
	Granted   bool
	By        Actor
}

// Withheld is one thing that an approval is about: the deletion of an entity, or a change of
// one variable.
type Withheld struct {
	Approval string
	EntityID string
	Ref      Ref    // of a change that comes in: the record; zero for a deletion, and for an own claim
	Var      VarID  // 0: a deletion
	Mark     string // tells it from a later one: see DeletionMark, ChangeMark and ClaimMark
}

// DeletionMark is the mark of the deletion of an entity: once restored and deleted again, it
// is another.
func DeletionMark(e *Entity) string { return strconv.FormatInt(int64(e.Deleted), 10) }

// ClaimMark is the mark of an own claim that is not sent.
func ClaimMark(number int64) string { return strconv.FormatInt(number, 10) }

// ChangeMark is the mark of a value that is not taken over. It does not tell the value.
func ChangeMark(v Value) string {
	form, text := v.Stored()
	sum := sha256.Sum256(append([]byte{form}, text...))
	return hex.EncodeToString(sum[:16])
}

// WithheldState is something withheld with what became of its approval.
type WithheldState struct {
	Withheld
	Direction Direction
	Decided   bool
	Granted   bool
}

// Ask puts a question, or adds to one that waits: to its Count, and to what it is about.
// One that was decided meanwhile refuses the batch with a StaleError.
type Ask struct {
	Approval Approval
	Withheld []Withheld
}

// EditCount is how many contacts somebody changed or blanked one variable of within an
// EditSlot, through the API or by an import: edits that may go to Salesforce.
type EditCount struct {
	Var VarID
	By  Actor
	At  Moment // when the slot begins
	N   int
}

// EditSlot is how finely edits are counted.
const EditSlot = 10 * time.Minute

// SlotOf returns when the EditSlot of a moment begins.
func SlotOf(at Moment) Moment { return at - at%Moment(EditSlot.Microseconds()) }

// DeletionCount is how many deletions a batch makes in one direction, with what Salesforce
// deletes along. They are counted over BreakerWindow.
type DeletionCount struct {
	Direction Direction
	Kind      Kind
	N         int
}
