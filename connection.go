package conversion

import "time"

// Status is the state of a connection as people see it (spec 2.3).
type Status string

// The states.
const (
	StatusNotConnected Status = "not_connected"
	StatusConnecting   Status = "connecting"
	StatusSyncing      Status = "syncing"
	StatusSynced       Status = "synced"
	StatusBehind       Status = "behind"
	StatusReconnect    Status = "reconnect"
	StatusPaused       Status = "paused"
	StatusApproval     Status = "approval"
)

// Connection is a workspace's tie to its Salesforce org. A workspace has at most one row;
// disconnecting keeps it, without tokens (spec 2.6).
type Connection struct {
	WorkspaceID  string
	Flow         string // "web" or "client_credentials"
	LoginURL     string
	ClientID     string
	ClientSecret []byte // sealed
	AccessToken  []byte // sealed; nil when disconnected
	RefreshToken []byte // sealed; nil with client credentials
	InstanceURL  string
	OrgID        string // 18 characters; links belong to it (spec 2.4)
	OrgName      string
	Sandbox      bool   // the org is a Salesforce sandbox
	UserID       string // the connected Salesforce user
	UserName     string // shown to admins; never logged
	Connected    Moment // 0: not connected
	Broken       string // why a person must reconnect; "" when it works
	BrokenHint   string
	Paused       bool
	Offline      Moment        // since when requests could not be sent; 0 once what piled up meanwhile was dealt with (spec 5.2)
	Piled        int           // changes of that time that wait for a preview; 0: none do
	Generation   int64         // counts token changes: a refresh with an older one lost the race
	ClockOffset  time.Duration // Salesforce's time − ours, from its Date headers
	ClockKnown   bool          // it was learnt once; from then on what was last learnt is used
	Interval     time.Duration // between pulls
	LastSynced   Moment        // end of the last complete cycle
	NextSync     Moment        // when the next is due; now or earlier: at once
	Loaded       bool          // the first load is complete
	Used, Max    int           // the org's API requests of the day, from its limit header
	Measured     Moment        // when Salesforce told them
}

// Live reports whether requests may be sent.
func (c *Connection) Live() bool {
	return c.Connected != 0 && c.Broken == "" && !c.Paused
}

// AuthState is a started OAuth web login, until its callback comes.
type AuthState struct {
	Hash         []byte // SHA-256 of the state parameter
	WorkspaceID  string
	SessionHash  []byte // binds the callback to the browser that began; none when a program did
	LoginURL     string
	ClientID     string
	ClientSecret []byte // sealed
	Verifier     []byte // PKCE, sealed
	ConfirmOrg   bool   // the admin agreed to another org than the links'
	Expires      Moment
}

// Options are a workspace's settings of the integration besides the rules.
type Options struct {
	IntervalMinutes       int            `json:"interval_minutes"`
	AssignmentRules       bool           `json:"assignment_rules"`        // spec 4.4
	AlignDuplicates       bool           `json:"align_duplicates"`        // spec 4.8
	APISharePercent       int            `json:"api_share_percent"`       // spec 4.10
	UnknownOutcomeMinutes int            `json:"unknown_outcome_minutes"` // spec 4.3
	MaxDeletions          int            `json:"max_deletions"`           // spec 4.11, in 24 hours
	MaxDeletionsPercent   int            `json:"max_deletions_percent"`   // of the linked records, in 24 hours
	MaxChangedPercent     int            `json:"max_changed_percent"`     // of contacts whose field one run or import changes
	OnMerge               OnMerge        `json:"on_merge"`                // spec 3.9
	DeleteInConversion    GoneWith       `json:"delete_in_conversion"`    // spec 3.10
	RetentionDays         int            `json:"retention_days"`          // spec 7.6
	OverlapMinutes        int            `json:"overlap_minutes"`         // how far before the cursor a pull begins (spec 3.16)
	RefreshHours          int            `json:"refresh_hours"`           // between refreshes of formula and roll-up fields (spec 6)
	OutboundFilter        OutboundFilter `json:"outbound_filter"`         // spec 4.2
}

// DefaultOptions are the contract's.
func DefaultOptions() Options {
	return Options{
		IntervalMinutes: 15, APISharePercent: 50, UnknownOutcomeMinutes: 10,
		MaxDeletions: 100, MaxDeletionsPercent: 5, MaxChangedPercent: 10,
		OnMerge: MergeKeep, RetentionDays: 400, OverlapMinutes: 15, RefreshHours: 24,
	}
}

// OnMerge says what becomes of two contacts (companies) whose records were merged in
// Salesforce.
type OnMerge string

// The options of spec 3.9.
const (
	MergeKeep    OnMerge = "keep"    // both stay; the loser's is then without the link
	MergeCombine OnMerge = "combine" // the loser's is combined into the winner's
)

// GoneWith says for which objects a contact (company) is deleted in Conversion once the
// last record it was linked to is deleted in Salesforce (spec 3.10).
type GoneWith struct {
	Lead    bool `json:"lead"`
	Contact bool `json:"contact"`
	Account bool `json:"account"`
}

// Has reports whether the option is on for the object.
func (g GoneWith) Has(o Object) bool {
	switch o {
	case Lead:
		return g.Lead
	case Contact:
		return g.Contact
	case Account:
		return g.Account
	}
	return false
}

// Overlap is how far before the cursor a pull begins.
func (o Options) Overlap() time.Duration { return time.Duration(o.OverlapMinutes) * time.Minute }

// UnknownOutcome is how long a request of unknown outcome may still take effect.
func (o Options) UnknownOutcome() time.Duration {
	return time.Duration(o.UnknownOutcomeMinutes) * time.Minute
}

// Progress is how far the reading of one object has come.
type Progress struct {
	Object Object
	Done   int
	Total  int
	Began  Moment
}

// Cursor is a place in an object's records, ordered by (SystemModstamp, Id).
type Cursor struct {
	Modstamp Moment
	ID       string
}

// Lease is the right to do one thing of a workspace alone, until it ends. Every commit it
// fences checks the generation.
type Lease struct {
	WorkspaceID string
	Name        string // "pull", "push"
	Owner       string
	Until       Moment
	Generation  int64
}

// Due says what a workspace waits for.
type Due struct {
	WorkspaceID string
	Cycle       bool // the next sync is due, or one was asked for
	Push        bool // something waits to be sent
	Load        bool // a load has pages to apply, by as many as can
}
