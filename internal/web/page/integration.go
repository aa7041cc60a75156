package page

import (
	"strings"
	"time"

	"conversion"
)

// Integration is Settings › Integrations.
type Integration struct {
	Frame
	Live    Live
	Connect Connect
	Rules   Rules
	Problem *Problem // what went wrong with the last action
}

// Connect is the form that leads to Salesforce's login.
type Connect struct {
	Environment  string // one of the Environment constants
	LoginURL     string // with "custom"
	ClientID     string
	HasClient    bool   // the settings hold the app's client id and secret
	CallbackURL  string // to be entered in Salesforce
	Reconnecting bool
	Problem      *Problem
}

// connectInputs are the form's inputs, which say themselves what is wrong with them.
var connectInputs = []string{"login_url", "client_id", "client_secret"}

// Where an admin signs in to Salesforce.
const (
	EnvironmentProduction = "production"
	EnvironmentSandbox    = "sandbox"
	EnvironmentCustom     = "custom" // My Domain
)

// Live is the part of the page that keeps itself up to date.
type Live struct {
	Now        time.Time
	Status     conversion.Status
	Held       int
	OrgName    string
	Host       string // of the org
	Sandbox    bool
	User       string // the connected Salesforce user
	LoginURL   string // where it logged in
	Message    string // why a person is needed, or why it takes longer; "" otherwise
	Hint       string // what to do about it
	LastSynced conversion.Moment
	NextSync   conversion.Moment
	Interval   time.Duration
	Progress   []conversion.Progress
	Left       time.Duration // estimated, of what runs now; 0: unknown
	Rate       int           // records a second now; 0: unknown
	Used       int           // API requests of the org's day
	Limit      int           // how many the org has a day; 0: unknown
	Budget     int           // how many of them may be ours; 0: unknown
	Runs       []conversion.Run
	Approvals  []conversion.Approval // that wait for an admin
}

// Connected reports whether there is an org to speak of.
func (l Live) Connected() bool {
	return l.Status != conversion.StatusNotConnected && l.Status != ""
}

// word is the status as people read it (spec 2.3).
func (l Live) word() string {
	switch l.Status {
	case conversion.StatusConnecting:
		return "Connecting"
	case conversion.StatusSyncing:
		return "Syncing"
	case conversion.StatusSynced:
		if l.Held > 0 {
			return "Synced, " + count(l.Held) + " held"
		}
		return "Synced"
	case conversion.StatusBehind:
		return "Behind"
	case conversion.StatusReconnect:
		return "Reconnect needed"
	case conversion.StatusPaused:
		return "Paused"
	case conversion.StatusApproval:
		return "Waiting for approval"
	}
	return "Not connected"
}

func (l Live) tone() string {
	switch l.Status {
	case conversion.StatusSyncing, conversion.StatusConnecting:
		return "busy"
	case conversion.StatusSynced:
		if l.Held > 0 {
			return "warn"
		}
		return "ok"
	case conversion.StatusBehind, conversion.StatusApproval:
		return "warn"
	case conversion.StatusReconnect:
		return "bad"
	}
	return ""
}

// next says when the next sync is due.
func (l Live) next() string {
	switch {
	case l.Status == conversion.StatusPaused:
		return "No sync is due while it is paused."
	case l.Status == conversion.StatusReconnect:
		return "No sync is due until it is reconnected."
	case l.NextSync == 0:
		return "The next sync is not planned yet."
	case !l.NextSync.Time().After(l.Now):
		return "The next sync is due now."
	}
	return "The next sync is due " + ago(l.Now, l.NextSync) + "."
}

// deletions says how much an approval is about.
func deletions(a conversion.Approval) string {
	if a.Var != 0 && a.Direction == conversion.Outbound {
		return plural(a.Count, "contact changed here waits", "contacts changed here wait")
	}
	if a.Var != 0 {
		return plural(a.Count, "changed contact waits", "changed contacts wait")
	}
	if a.Kind == conversion.KindCompany {
		return plural(a.Count, "deletion of a company waits", "deletions of companies wait")
	}
	return plural(a.Count, "deletion of a contact waits", "deletions of contacts wait")
}

// last says when the last sync completed.
func (l Live) last() string {
	if l.LastSynced == 0 {
		return "No sync has completed yet."
	}
	return "Last sync completed " + ago(l.Now, l.LastSynced) + ", " + exact(l.LastSynced) + "."
}

// lastShort is last without the exact time.
func (l Live) lastShort() string {
	if l.LastSynced == 0 {
		return "No sync has completed yet."
	}
	return "Last sync completed " + ago(l.Now, l.LastSynced) + "."
}

// requests says how much of the day's API budget is used; "" while it is not known.
func (l Live) requests() string {
	if l.Budget == 0 || l.Limit == 0 {
		return ""
	}
	return count(l.Used) + " of the org's " + count(l.Limit) + " API requests used today; Conversion may use " + count(l.Budget) + "."
}

// facts are what the card says of the org in one line.
func (l Live) facts() string {
	kind := "Production"
	if l.Sandbox {
		kind = "Sandbox"
	}
	s := l.Host
	if l.OrgName != "" {
		s = l.OrgName + " · " + s
	}
	if !strings.EqualFold(l.OrgName, kind) { // a name that says it already
		s += " · " + kind
	}
	if l.User != "" {
		s += " · connected as " + l.User
	}
	return s
}

// every says how often data flows in.
func (l Live) every() string {
	often := "minute"
	switch minutes := int(l.Interval.Minutes()); {
	case minutes > 60 && minutes%60 == 0:
		often = count(minutes/60) + " hours"
	case minutes == 60:
		often = "hour"
	case minutes > 1:
		often = count(minutes) + " minutes"
	}
	return "Sales data flows in every " + often + "; changes flow back by the rules you set."
}

// pace is the line below the progress: rate, and time left.
func (l Live) pace() string {
	s := ""
	if l.Rate > 0 {
		s = plural(l.Rate, "record a second", "records a second")
	}
	if l.Left > 0 {
		if s != "" {
			s += " · "
		}
		s += "about " + span(l.Left) + " left"
	}
	return s
}
