package sandbox

import (
	"cmp"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"
)

// home is what the page at / shows of the org.
type home struct {
	Origin, Org            string
	Now, Skew              string
	Frozen                 bool
	Password               string
	ClientID, ClientSecret string
	Users                  []homeUser
	MoreUsers              int
	Objects                []homeObject
	Requests               []homeRequest
	Counts                 Counts
	Faults                 []homeFault
	Commits, Locks         int
	Snapshots              []SnapshotInfo
	Admin, Sales           string
}

type homeUser struct {
	ID, Name, Username string
	Active             bool
}

type homeObject struct {
	Name    string
	Records int
}

type homeRequest struct {
	At, Operation, Object, Client, Status string
	Bad                                   bool
}

type homeFault struct {
	ID           int
	What         string
	Struck, Left string
}

// What the page lists at most.
const (
	shownUsers    = 8
	shownRequests = 12
	clockFormat   = "2006-01-02 15:04:05 MST"
)

// homePage tells whoever opens the origin what this is, how it stands, and how to
// use it.
func (c *call) homePage() *Error {
	if c.request.Method != http.MethodGet {
		return notFound()
	}
	o := c.org
	h := home{
		Origin: c.origin(), Org: o.id, Now: o.clock.Now().Format(clockFormat), Frozen: o.clock.Frozen(),
		Password: AdminPassword, ClientID: ClientID, ClientSecret: ClientSecret, Admin: AdminUser, Sales: SalesUser,
		Requests: shownTraffic(o.Requests()), Counts: o.Counts(), Faults: shownFaults(o.Faults()),
		Commits: len(o.PendingCommits()), Locks: len(o.Locks()), Snapshots: o.Snapshots(),
	}
	if ahead := o.clock.Ahead().Round(time.Second); ahead != 0 {
		h.Skew = ahead.String()
	}
	h.Users, h.MoreUsers = o.shownUsers()
	h.Objects = o.shownObjects()
	return c.showPage(http.StatusOK, "home", h)
}

// shownUsers lists the first users and says how many more there are.
func (o *Org) shownUsers() (list []homeUser, more int) {
	defer o.view()()
	users := o.standard("User")
	text := func(f *field, v any) string { s, _ := f.shown(v).(string); return s }
	name, _ := users.field("Name")
	username, _ := users.field("Username")
	active, _ := users.field("IsActive")
	for row := range users.seen.All() {
		if len(list) == shownUsers {
			return list, users.rows.Len() - shownUsers
		}
		list = append(list, homeUser{ID: row.ID, Name: text(name, name.value(row)), Username: text(username, username.value(row)), Active: active.value(row) == true})
	}
	return list, 0
}

// shownObjects lists the objects that have records of people's own, those with
// most first; permissions and lists of values are the org's furniture.
func (o *Org) shownObjects() []homeObject {
	defer o.view()()
	var list []homeObject
	for _, name := range o.objectNames() {
		obj, _ := o.object(name)
		if obj.rows.Len() > 0 && obj.Createable && !permissionObjects[obj.Name] {
			list = append(list, homeObject{name, obj.rows.Len()})
		}
	}
	slices.SortStableFunc(list, func(a, b homeObject) int { return cmp.Compare(b.Records, a.Records) })
	return list
}

// shownTraffic lists the last requests, newest first.
func shownTraffic(log []Request) []homeRequest {
	var list []homeRequest
	for _, r := range slices.Backward(log) {
		if len(list) == shownRequests {
			break
		}
		shown := homeRequest{At: r.At.Format("15:04:05"), Operation: r.Operation, Object: r.Object, Client: r.Client, Status: fmt.Sprint(r.Status), Bad: r.Status == 0 || r.Status >= http.StatusBadRequest}
		if r.Status == 0 {
			shown.Status = "cut off"
		}
		list = append(list, shown)
	}
	return list
}

// shownFaults says of each fault that can still strike whom it hits with what.
func shownFaults(faults []ArmedFault) []homeFault {
	var list []homeFault
	for _, f := range faults {
		if f.Left == 0 {
			continue
		}
		left := fmt.Sprint(f.Left)
		if f.Left < 0 {
			left = "always"
		}
		list = append(list, homeFault{ID: f.ID, What: f.String(), Struck: fmt.Sprint(f.Struck), Left: left})
	}
	return list
}

// String says whom the fault hits with what, in a line.
func (f Fault) String() string {
	var whom, what []string
	say := func(list *[]string, when bool, format string, args ...any) {
		if when {
			*list = append(*list, fmt.Sprintf(format, args...))
		}
	}
	say(&whom, f.Match.Method != "", "%s", f.Match.Method)
	say(&whom, f.Match.Operation != "", "%s", f.Match.Operation)
	say(&whom, f.Match.Writes && f.Match.Operation == "", "writes")
	say(&whom, f.Match.Object != "", "of %s", f.Match.Object)
	say(&whom, f.Match.Path != "", "at %s", f.Match.Path)
	say(&whom, f.Match.Record != "", "of %s", f.Match.Record)
	say(&whom, len(whom) == 0, "any request")
	say(&what, f.Status != 0, "%d", f.Status)
	say(&what, f.ErrorCode != "", "%s", f.ErrorCode)
	say(&what, f.RecordError > 0, "for record %d", f.RecordError)
	say(&what, f.NoCreates, "for new records")
	say(&what, f.Drop == DropHalf, "half of the answer")
	say(&what, f.Drop == DropBefore, "connection cut")
	say(&what, f.Drop == DropAfter, "committed, connection cut")
	say(&what, f.CommitAfter > 0, "committed after %s", f.CommitAfter)
	say(&what, f.ExpireSession, "session expires")
	say(&what, f.Delay > 0, "slow by %s", f.Delay)
	say(&what, f.Advance > 0, "clock moves by %s", f.Advance)
	say(&what, f.Job != (JobFault{}), "bulk job goes wrong")
	say(&what, f.Hold != nil, "held")
	say(&what, f.Before != nil, "something else happens first")
	return strings.Join(whom, " ") + ": " + strings.Join(what, ", ")
}
