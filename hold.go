package conversion

import (
	"fmt"
	"hash/fnv"
	"slices"
	"strings"
)

// Fix says who can end what holds a record or a field (spec 4.9).
type Fix string

// The classes of a refusal.
const (
	FixItself     Fix = "itself"     // it goes away: a lock, a limit, an outage
	FixSalesforce Fix = "salesforce" // an admin of the org: permissions, rules, automation, storage
	FixConversion Fix = "conversion" // the value, here
)

// FieldHold is a field of a record that Salesforce refused, or with Var 0 the record as a
// whole. It is left out of what is sent until its cause may be gone (spec 4.9); a link
// keeps those of its record, an entity those of a record that is still to be created.
type FieldHold struct {
	Var     VarID  // 0: the whole record
	With    VarID  // the refused variable that it depends on and is held along with; 0: it was refused itself
	Field   string // API name of the field to blame; "" when none was named
	Number  int64  // the own claim that was refused; of the whole record: the entity's last
	Code    string // Salesforce's, or one of the codes below
	Message string // for a person
	Hint    string // what to do about it
	Fix     Fix
	Since   Moment
	Retry   Moment // not before, unless its cause is gone earlier
	Tries   int    // refusals on end
	By      string // Salesforce user who keeps changing the field; "" otherwise
	Shape   uint64 // of the field's definition when it was refused, see Field.Shape; of the whole record: its Modstamp, or what of the rules it was made of
	Born    bool   // left out when the record was made: it goes by the rule for creating, too
}

// The codes of holds that Salesforce did not give.
const (
	HoldOscillation = "OSCILLATION"        // another system keeps changing the field (spec 4.7)
	HoldNotWritable = "FIELD_NOT_WRITABLE" // describe says that it may not be written
	HoldFieldGone   = "FIELD_GONE"         // it disappeared from describe
	HoldApproval    = "WAITS_FOR_APPROVAL" // changed in bulk (spec 4.11); never stored
)

// HeldUnanswered is the code of held rows about a create of which nobody knows whether it
// took effect (spec 4.3).
const HeldUnanswered = "OUTCOME_UNKNOWN"

// Whole reports whether the record is held as a whole.
func (h FieldHold) Whole() bool { return h.Var == 0 }

// Rewrites are the last times a field of a record was changed by others after we had
// written it (spec 4.7).
type Rewrites struct {
	Var VarID
	At  [RewriteLimit + 1]Moment // ascending; 0: never
	By  string                   // Salesforce user of the last
}

// RewriteLimit is how often a day a field may be changed back before it is held.
const RewriteLimit = 3

// FindHold returns the place of a variable's hold, and whether it is there. Holds are
// ascending by variable.
func FindHold(holds []FieldHold, id VarID) (int, bool) {
	return slices.BinarySearchFunc(holds, id, func(h FieldHold, id VarID) int { return int(h.Var - id) })
}

// Cause names what holds have in common that end together: the code, the object, and the
// field if one is to blame, as in STRING_TOO_LONG:Lead.Title.
func Cause(code string, o Object, field string) string {
	cause := code + ":" + string(o)
	if field != "" {
		cause += "." + field
	}
	return cause
}

// Shape identifies what of the field's definition decides whether Salesforce takes a value:
// when it changes, what the field refused may be welcome (spec 4.9).
func (f Field) Shape() uint64 {
	h := fnv.New64a()
	fmt.Fprintln(h, f.Name, f.Type, f.Length, f.Precision, f.Scale, f.Digits, f.Nillable, f.Restricted, f.Live(), f.Createable, f.Updateable)
	fmt.Fprintln(h, strings.Join(f.Picklist, "\x00"), f.References)
	return h.Sum64()
}

// Together reports whether two fields of one object only make sense side by side: a state
// and the country it is in, a picklist and the one that controls it, a lookup and the field
// its filter looks at (spec 4.9).
func (f Field) Together(with Field) bool {
	if f.Compound != "" && f.Compound == with.Compound && inRegion(f.Name) && inRegion(with.Name) {
		return true
	}
	return slices.Contains(f.Controllers, with.Name) || slices.Contains(with.Controllers, f.Name)
}

// inRegion reports whether an address's field names a state or a country.
func inRegion(name string) bool {
	name = strings.TrimSuffix(name, "Code")
	return strings.HasSuffix(name, "State") || strings.HasSuffix(name, "Country")
}
