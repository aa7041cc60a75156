package connection

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"conversion"
)

// Facts are what a status is made of.
type Facts struct {
	Connection   conversion.Connection
	Progress     []conversion.Progress
	Held         int
	Approvals    []conversion.Approval
	Ours         int                     // API requests of the last 24 hours
	Waits        []conversion.Wait       // lanes that rest
	Waiting      map[conversion.Lane]int // entities that wait to be sent
	SharePercent int                     // of the org's daily requests that may be ours
	Interval     time.Duration           // between pulls, where the connection has none of its own
	Now          conversion.Moment
}

// StatusView is the state of a connection as people see it (spec 2.3, 8.2).
type StatusView struct {
	Status     conversion.Status
	Message    string // why a person is needed; "" otherwise
	Hint       string // what to do about it
	LastSynced conversion.Moment
	NextSync   conversion.Moment // 0 when none is due
	Org        Org
	LoginURL   string
	ClientID   string
	Progress   []conversion.Progress
	PerSecond  float64       // records read a second, while syncing
	ETA        time.Duration // 0: not syncing, or not known yet
	Held       int
	Approvals  int // that wait for an admin
	API        APIUse
}

// Org is the org a workspace belongs to. It stays after disconnecting.
type Org struct {
	ID          string // "" before the first connection
	Name        string
	InstanceURL string
	Sandbox     bool
	UserName    string // the connected Salesforce user
}

// APIUse is the org's API requests of the day, and what we make of them (spec 4.10).
type APIUse struct {
	Used     int // by everybody, as Salesforce told
	Limit    int // 0: not known yet
	Budget   int // how many of them may be ours
	Ours     int // how many were, in the last 24 hours
	Forecast int // how many it takes at most to send what waits
	Window   time.Duration
	Waits    []conversion.Wait // what waits for requests
}

// Status reads the workspace's facts and returns what they amount to.
func (s *Service) Status(ctx context.Context, workspaceID string) (StatusView, error) {
	books := s.Open(workspaceID)
	f := Facts{Interval: s.Interval, Now: s.moment()}
	var options conversion.Options
	for _, read := range []func() error{
		func() (err error) { f.Connection, err = books.Connection(ctx); return err },
		func() (err error) { f.Progress, err = books.Progress(ctx); return err },
		func() (err error) { f.Held, err = books.HeldCount(ctx); return err },
		func() (err error) { f.Approvals, err = books.Approvals(ctx, f.Now); return err },
		func() (err error) { f.Ours, err = books.Spent(ctx, f.Now); return err },
		func() (err error) { f.Waits, err = books.Waits(ctx); return err },
		func() (err error) { f.Waiting, err = books.DirtyCounts(ctx); return err },
		func() (err error) { options, err = books.Options(ctx); return err },
	} {
		if err := read(); err != nil {
			return StatusView{}, err
		}
	}
	f.SharePercent = options.APISharePercent
	return StatusOf(f), nil
}

// StatusOf tells the status from the facts alone.
func StatusOf(f Facts) StatusView {
	c := f.Connection
	view := StatusView{
		LastSynced: c.LastSynced,
		Org:        Org{c.OrgID, c.OrgName, c.InstanceURL, c.Sandbox, c.UserName},
		LoginURL:   c.LoginURL, ClientID: c.ClientID,
		Held: f.Held, API: f.use(),
	}
	for _, a := range f.Approvals {
		if a.Decided == 0 {
			view.Approvals++
		}
	}
	if c.Live() {
		view.NextSync = c.NextSync
		view.Progress = f.Progress
	}
	view.Status = f.state(view.Approvals)
	if view.Status == conversion.StatusSyncing {
		view.PerSecond, view.ETA = pace(f.Progress, f.Now)
	}
	view.Message, view.Hint = f.reason(view.Status)
	return view
}

// state is the first that applies: what needs a person comes before what goes by itself.
func (f Facts) state(waiting int) conversion.Status {
	c := f.Connection
	switch {
	case c.Connected == 0:
		return conversion.StatusNotConnected
	case c.Broken != "":
		return conversion.StatusReconnect
	case c.Paused:
		return conversion.StatusPaused
	case waiting > 0 || c.Piled > 0:
		return conversion.StatusApproval
	case len(f.short()) > 0 || f.budget().OrgFull(1):
		return conversion.StatusBehind
	case unfinished(f.Progress):
		return conversion.StatusSyncing
	case f.missed():
		return conversion.StatusBehind
	case !c.Loaded && len(f.Progress) == 0:
		return conversion.StatusConnecting
	case !c.Loaded:
		return conversion.StatusSyncing
	}
	return conversion.StatusSynced
}

// missed reports whether a whole cycle was missed: the next is overdue by an interval.
func (f Facts) missed() bool {
	interval := f.Connection.Interval
	if interval == 0 {
		interval = f.Interval
	}
	return f.Connection.NextSync != 0 && f.Now > f.Connection.NextSync.Add(interval)
}

func (f Facts) budget() conversion.Budget {
	return conversion.Budget{Ours: f.Ours, Used: f.Connection.Used, Max: f.Connection.Max, Percent: f.SharePercent}
}

// short returns the lanes that wait because requests are short.
func (f Facts) short() []conversion.Wait {
	return slices.DeleteFunc(slices.Clone(f.Waits), func(w conversion.Wait) bool { return !w.Short() })
}

func (f Facts) use() APIUse {
	b := f.budget()
	use := APIUse{Used: b.Used, Limit: b.Max, Budget: b.Share(), Ours: b.Ours, Window: b.Window(), Waits: f.short()}
	for _, l := range conversion.PushLanes {
		use.Forecast += conversion.Forecast(f.Waiting[l])
	}
	return use
}

func unfinished(progress []conversion.Progress) bool {
	return slices.ContainsFunc(progress, func(p conversion.Progress) bool { return p.Done < p.Total })
}

// pace returns how many records a second have been read since the reading began, and how
// long the rest takes at that rate; zeros when nothing was read yet.
func pace(progress []conversion.Progress, now conversion.Moment) (perSecond float64, eta time.Duration) {
	var done, left int
	began := now
	for _, p := range progress {
		done += p.Done
		left += max(0, p.Total-p.Done)
		if p.Began != 0 {
			began = min(began, p.Began)
		}
	}
	passed := now.Sub(began).Seconds()
	if done == 0 || passed <= 0 {
		return 0, 0
	}
	perSecond = float64(done) / passed
	return perSecond, time.Duration(float64(left) / perSecond * float64(time.Second))
}

// reason says why a person is needed, or why it takes longer.
func (f Facts) reason(status conversion.Status) (message, hint string) {
	switch status {
	case conversion.StatusReconnect:
		return f.Connection.Broken, f.Connection.BrokenHint
	case conversion.StatusApproval:
		if f.Connection.Piled > 0 {
			return fmt.Sprintf("%d contacts and companies were changed while nothing could be sent.", f.Connection.Piled), "Preview the rules, then apply the preview."
		}
		return "Changes wait for an admin's approval.", "Look at what would be deleted or changed, then approve or refuse it."
	case conversion.StatusBehind:
		if short := f.short(); len(short) > 0 || f.budget().OrgFull(1) {
			return f.shortage(short)
		}
		return "A sync was missed.", "Check that the worker runs; what waits is done in the next sync."
	}
	return "", ""
}

// shortage says which requests are short, and what waits for them.
func (f Facts) shortage(short []conversion.Wait) (message, hint string) {
	use := f.use()
	message = fmt.Sprintf("The org's API requests of the day are nearly used up: %d of %d.", use.Used, use.Limit)
	hint = "The sync goes on by itself as they are granted again."
	var names []string
	for _, w := range short {
		names = append(names, laneNames[w.Lane])
		switch w.Reason {
		case conversion.WaitsForShare:
			message = fmt.Sprintf("Our share of the org's API requests is used up: %d of %d in 24 hours.", use.Ours, use.Budget)
			hint = "The sync goes on by itself as they are granted again. An admin can allow a larger share."
		case conversion.WaitsForLimit:
			message = "Salesforce takes no more API requests of the org today."
		}
	}
	if len(names) > 0 {
		message += " What waits: " + strings.Join(names, ", ") + "."
	}
	return message, hint
}

// laneNames are the lanes in a person's words.
var laneNames = map[conversion.Lane]string{
	conversion.LaneNews: "new contacts and companies", conversion.LaneEdits: "changes and deletions",
	conversion.LanePull: "reading from Salesforce", conversion.LaneSweep: "the nightly sweep", conversion.LaneBackfill: "changes of the past",
}
