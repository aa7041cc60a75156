package conversion

// Lane says how soon a piece of work gets its share of the API budget (spec 4.10).
type Lane uint8

// The lanes. LaneEdits is the zero value: what nobody put anywhere.
const (
	LaneEdits    Lane = iota // changes of what Salesforce has already, deletions
	LaneNews                 // new contacts, and the companies they need
	LanePull                 // what changed in Salesforce
	LaneSweep                // looking for what no pull can see
	LaneBackfill             // the rules applied to the past; fields read again
)

// Lanes lists them in the order in which they get what there is.
var Lanes = []Lane{LaneNews, LaneEdits, LanePull, LaneSweep, LaneBackfill}

// PushLanes are those that entities wait in, in their order.
var PushLanes = []Lane{LaneNews, LaneEdits, LaneBackfill}

// String returns the lane's name in the API.
func (l Lane) String() string {
	switch l {
	case LaneNews:
		return "news"
	case LaneEdits:
		return "edits"
	case LanePull:
		return "pull"
	case LaneSweep:
		return "sweep"
	case LaneBackfill:
		return "backfill"
	}
	return "other"
}

// rank is the lane's place in Lanes.
func (l Lane) rank() int {
	for i, other := range Lanes {
		if l == other {
			return i
		}
	}
	return len(Lanes)
}

// Before reports whether l gets its share sooner than m.
func (l Lane) Before(m Lane) bool { return l.rank() < m.rank() }

// Mark notes that something of the entity may have to go to Salesforce, at once. One that
// waits already in a lane that is sooner stays there: its changes go together.
func (e *Entity) Mark(l Lane, now Moment) {
	if e.Dirty == 0 || l.Before(e.Lane) {
		e.Lane = l
	}
	e.Dirty, e.Retry, e.Tries = now, 0, 0
}
