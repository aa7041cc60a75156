package conversion

import (
	"slices"
	"time"
)

// LinkState says what became of the tie between a record and an entity.
type LinkState string

// The states of a link; the API shows them by these names (spec 8.2).
const (
	LinkLive      LinkState = "linked"
	LinkConverted LinkState = "converted"
	LinkMerged    LinkState = "merged"
	LinkMoved     LinkState = "moved" // what stays where a record was: its name and its opt-outs (spec 3.7)
	LinkDeleted   LinkState = "deleted_in_salesforce"
	LinkIgnored   LinkState = "ignored" // of a contact deleted in Conversion (spec 3.11)
	LinkHeld      LinkState = "held"    // live, but its e-mail or domain could not be followed (spec 3.12)
)

// Link is the tie between one record and one entity, with what is remembered of it:
// seen, placed and settled (spec 1).
type Link struct {
	Ref      Ref
	EntityID string
	State    LinkState
	Key      string       // the canonical e-mail or domain the record last carried
	Placed   string       // the one with which it was placed on its entity
	Name     string       // the record's Name, for people
	Reading  Reading      // the newest of any of its fields
	Fields   []FieldState // by Var ascending
	Met      Moment       // the cycle whose pages linked it, while it may still be decided that it belongs elsewhere (spec 3.2); 0: settled
	Linked   Moment       // when the link was made, or moved to its entity
	Hold     string       // why the link is held; "" otherwise
	Holds    []FieldHold  // by Var ascending: what Salesforce refused (spec 4.9)
	Rewrites []Rewrites   // by Var ascending: what others changed after us (spec 4.7)
	Into     Ref          // the Contact that a converted lead became, or the winner of a merge; zero otherwise
	// Pending: whose the record is has to be decided once the people of a cycle are in:
	// its e-mail (domain) was changed, it came back, or it was converted or merged away
	// (spec 3.2).
	Pending bool
}

// FieldState is what a link remembers of one variable.
type FieldState struct {
	Var     VarID
	Seen    Value   // absent: never read
	Reading Reading // when Seen was read
	Claim   Claim   // the newest claim the field made
	Settled int64   // number of the last own claim dealt with: sent, or decided against
	Intent  Intent  // what we are about to send, or sent without learning the outcome
}

// Intent is a value saved before it is sent, so that its echo is known for what it is
// even after a crash. The zero Intent is none.
type Intent struct {
	Value  Value
	Number int64 // of the own claim that is sent
	At     Moment
	Again  bool // an earlier request with the same may still take effect, too: an echo may be its, and ends nothing
}

// Pending reports whether an intent is there and the outcome of its request may still be
// open at now; Salesforce's longest transaction is wait.
func (i Intent) Pending(now Moment, wait time.Duration) bool {
	return i.Number > 0 && now.Sub(i.At) < wait
}

// Live reports whether the link's record may be read, make claims and be written.
func (l *Link) Live() bool { return l.State == LinkLive || l.State == LinkHeld }

// Carry notes the e-mail or domain that the record carries now. Whose a live one is that was
// changed has to be decided.
func (l *Link) Carry(key string) {
	l.Pending = l.Pending || l.Live() && key != l.Key
	l.Key = key
}

// Place notes that the record belongs where it is, with the key that it carries.
func (l *Link) Place() {
	l.Placed, l.Pending = l.Key, false
	if l.Live() {
		l.State, l.Hold = LinkLive, ""
	}
}

// Ghost returns what a record leaves on the entity it moves from: its name, and the opt-outs
// that it claimed (spec 3.7).
func (l *Link) Ghost(s *Schema) *Link {
	g := &Link{Ref: l.Ref, EntityID: l.EntityID, State: LinkMoved, Name: l.Name, Linked: l.Linked}
	for _, f := range l.Fields {
		if v := s.ByID(f.Var); v != nil && v.OptOut && f.Claim.Value.True() {
			g.Fields = append(g.Fields, FieldState{Var: f.Var, Claim: f.Claim})
		}
	}
	return g
}

// Field returns what is remembered of the variable, nil when nothing is.
func (l *Link) Field(id VarID) *FieldState {
	i, ok := l.find(id)
	if !ok {
		return nil
	}
	return &l.Fields[i]
}

// Ensure returns the state of the variable, made when absent. The pointer is valid until
// the next Ensure.
func (l *Link) Ensure(id VarID) *FieldState {
	i, ok := l.find(id)
	if !ok {
		l.Fields = slices.Insert(l.Fields, i, FieldState{Var: id})
	}
	return &l.Fields[i]
}

func (l *Link) find(id VarID) (int, bool) {
	return slices.BinarySearchFunc(l.Fields, id, func(f FieldState, id VarID) int { return int(f.Var - id) })
}

// Clone returns a copy that shares nothing that is written.
func (l *Link) Clone() *Link {
	c := *l
	c.Fields = slices.Clone(l.Fields)
	c.Holds, c.Rewrites = slices.Clone(l.Holds), slices.Clone(l.Rewrites)
	return &c
}
