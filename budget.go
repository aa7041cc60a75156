package conversion

import (
	"math"
	"time"
)

const (
	// BudgetWindow is over which requests are counted (spec 4.10).
	BudgetWindow = 24 * time.Hour
	// BudgetSlot is how finely they are kept: a slot counts until all of it has left the
	// window, so that what is counted is never less than what was sent.
	BudgetSlot = 10 * time.Minute

	ceilingPercent = 95 // of the org's daily requests, whoever sends them, is where ours stop
)

// Budget is what is known of the API requests of an org's day when a piece of work asks
// for some of them (spec 4.10).
type Budget struct {
	Ours    int // counted by us, in the window
	Used    int // by everybody, as Salesforce last answered
	Max     int // the org's daily limit; 0: not known yet
	Percent int // of Max that may be ours
}

// Share is how many requests may be ours in a window.
func (b Budget) Share() int { return b.Max * b.Percent / 100 }

// Ceiling is how many requests of everybody there may be before ours stop.
func (b Budget) Ceiling() int { return b.Max * ceilingPercent / 100 }

// lanePercent of our share may be used up when a lane still gets some: what is kept back
// is for the lanes before it.
func lanePercent(l Lane) int {
	switch l {
	case LaneNews:
		return 100
	case LaneEdits, LanePull:
		return 95
	case LaneSweep:
		return 80
	}
	return 70
}

// Most is how many requests of ours there may be in the window, those of the lane
// included. Before the org's limit is known nothing bounds them: the first answer tells.
func (b Budget) Most(l Lane) int {
	if b.Max == 0 {
		return math.MaxInt
	}
	ours := b.Share() * lanePercent(l) / 100
	return max(0, min(ours, b.Ours+b.Ceiling()-b.Used))
}

// Allows reports whether n requests more of the lane may be sent.
func (b Budget) Allows(l Lane, n int) bool { return n <= b.Most(l)-b.Ours }

// OrgFull reports whether the ceiling stops n requests more, whosever the others were.
func (b Budget) OrgFull(n int) bool { return b.Max > 0 && b.Used+n > b.Ceiling() }

// window is how long changes are gathered once so much of the budget is used.
var window = []struct {
	percent int
	gather  time.Duration
}{{95, 15 * time.Minute}, {85, 5 * time.Minute}, {70, 2 * time.Minute}, {50, 30 * time.Second}}

// Window is how long changes are gathered before they are sent: longer as the budget runs
// low, so that more of them share a request (spec 4.1). 0 while half of it is left.
func (b Budget) Window() time.Duration {
	if b.Max == 0 {
		return 0
	}
	for _, w := range window {
		if b.Ours*100 >= b.Share()*w.percent || b.Used*100 >= b.Ceiling()*(w.percent+100)/2 {
			return w.gather
		}
	}
	return 0
}

// BatchCost is how many requests a batch of a push takes at most when nothing has to be sent
// again: to read, look up, create, update and delete, and read back, Leads and Contacts.
const BatchCost = 12

// Forecast is how many requests it takes at most to send so many contacts or companies, in
// full batches.
func Forecast(entities int) int {
	const batch = 200 // a collection's worth (spec 4.1)
	return (entities + batch - 1) / batch * BatchCost
}

// Reason says why work waits.
type Reason string

// The reasons.
const (
	WaitsForShare  Reason = "share"  // the admin's share of the org's requests is used up
	WaitsForOrg    Reason = "org"    // the org's requests of the day are nearly used up
	WaitsForLimit  Reason = "limit"  // Salesforce refused a request for its limit
	WaitsForOthers Reason = "window" // nothing is short: changes are gathered to share requests
)

// Wait is a lane that rests. It is tried again by itself at Until.
type Wait struct {
	Lane   Lane
	Reason Reason
	Since  Moment
	Until  Moment
}

// Short reports whether the lane waits because requests are short.
func (w Wait) Short() bool { return w.Reason != WaitsForOthers }

// Reservation asks for requests of the budget before they are sent.
type Reservation struct {
	Lane Lane
	At   Moment
	N    int
	Most int // how many of the window may be ours with them
}
