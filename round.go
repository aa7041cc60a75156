package conversion

// Work says what a round is made for.
type Work string

// The works of rounds.
const (
	WorkSweep   Work = "sweep"   // finds and repairs what no cursor can see (spec 3.16)
	WorkFill    Work = "fill"    // reads the values of fields that appeared (spec 3.4)
	WorkRefresh Work = "refresh" // reads formula and roll-up fields again (spec 6)
)

// Round is one pass over all records of an object in the order of their ids. It is stored
// with every page that was dealt with, so that whoever comes next goes on from there. A
// workspace has at most one of a work and object: the last.
type Round struct {
	Work   Work
	Object Object
	Why    string // why it was begun, for a person
	Scope  string // what it covers: a round of another scope does not stand for it
	After  string // the id up to which records were dealt with; "" at first
	Began  Moment
	Ended  Moment // 0 while it is under way
	Found  Found
}

// UnderWay reports whether the round was begun and is not through.
func (r Round) UnderWay() bool { return r.Began != 0 && r.Ended == 0 }

// Found counts what a round met.
type Found struct {
	Compared int // records of either side
	Unknown  int // there, and not known here
	Gone     int // known here, and no longer there
	Stale    int // there otherwise than they were known here
}

// Sighting says that a record is there, without its fields.
type Sighting struct {
	ID       string
	Modstamp Moment
	Deleted  bool
	Who      Ref  // of an activity: the Lead or Contact it belongs to
	PassOver bool // it would not be taken up were it unknown: no e-mail, a converted lead, a person account, deleted
}

// SightingPage is a page of sightings by id, ascending. The page may be short, even empty,
// while More is set.
type SightingPage struct {
	Sightings []Sighting
	More      bool
}

// Known is what is remembered of a record's state, for comparing it with a sighting.
type Known struct {
	ID       string
	Modstamp Moment
	State    LinkState // of an activity: LinkLive or LinkDeleted
}
