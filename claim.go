package conversion

import "cmp"

// Claim is a value that a linked record's field claims for a variable. The zero Claim is
// "none made". Its source is the link that holds it.
type Claim struct {
	Value   Value
	At      Moment // stamp, compared at whole seconds (spec 3.7)
	By      string // the Salesforce user who last modified the record
	Weak    bool   // made at first sight by a blank, false or default: yields to any other
	Answers int64  // > 0: what Salesforce stored in answer to our own claim of that number (spec 4.7)
}

// Made reports whether there is a claim.
func (c Claim) Made() bool { return !c.Value.Absent() }

// OwnClaim is a value that Conversion itself claims for a variable: made by a user, the
// API or an import.
type OwnClaim struct {
	Var    VarID
	Value  Value
	At     Moment // in Salesforce's time
	Number int64  // counts up within the entity; own claims follow each other by it, never by time
	Reach  Reach  // the kinds of record it may go to (spec 5.2)
	Weak   bool   // an opt-out's false that changes no true
	Local  bool   // At is by our own clock: Salesforce's was not known yet (spec 3.7)
	By     Actor
	// Said is when it was made, by our own clock: a record that was read before may hold
	// something else by then (spec 4.6). 0: not known.
	Said Moment
	// Counted is when the breaker counted that a program or an import changed the variable of
	// the contact (spec 4.11); 0: it did not.
	Counted Moment
}

// Stamp orders claims of every source against each other.
type Stamp struct {
	At     Moment
	Record string // id of the claiming record; "" for an own claim
	Number int64  // own claim: its number; answer: the number it answers
	Weak   bool
}

// Stamp returns the claim's place in the order, made by the record with that id.
func (c Claim) Stamp(recordID string) Stamp {
	return Stamp{c.At, recordID, c.Answers, c.Weak}
}

// Stamp returns the own claim's place in the order.
func (c OwnClaim) Stamp() Stamp { return Stamp{At: c.At, Number: c.Number, Weak: c.Weak} }

// Compare orders stamps from older to newer: weak ones first, then by whole second; in
// one second own claims by number, each below the answers to it, all of them below the
// claims that records made by themselves (a tie between the systems goes to Salesforce),
// and those with the lower id above (spec 3.7). 0 only for one and the same stamp.
func (s Stamp) Compare(t Stamp) int {
	return cmp.Or(
		compareBool(!s.Weak, !t.Weak),
		cmp.Compare(s.At.Second(), t.At.Second()),
		compareBool(s.byItself(), t.byItself()),
		cmp.Compare(s.Number, t.Number),
		compareBool(s.Record != "", t.Record != ""),
		cmp.Compare(t.Record, s.Record),
	)
}

// byItself reports whether a record made the claim, and not in answer to one of ours.
func (s Stamp) byItself() bool { return s.Record != "" && s.Number == 0 }

func compareBool(a, b bool) int {
	switch {
	case a == b:
		return 0
	case a:
		return 1
	}
	return -1
}
