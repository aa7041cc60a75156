// Package sandbox simulates one Salesforce org: its records and their rules, its
// login pages and OAuth endpoints, its REST API, and an admin API with which a
// test makes history happen, moves the clock and scripts faults.
//
// It is written from Salesforce's documented behaviour and must never import the
// product's own Salesforce client, gateway or vocabulary: what it proves would
// be worth nothing. What it does not support it refuses with an error as
// Salesforce would; it never ignores a clause, a header or a field silently.
package sandbox

import (
	"log/slog"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"conversion/internal/sandbox/bulk"
)

// The fixed credentials of every sandbox org. All its users share the password.
const (
	AdminUser     = "admin@sandbox.test"
	AdminPassword = "sandbox"
	SalesUser     = "sales@sandbox.test"
	ClientID      = "sandbox-client"
	ClientSecret  = "sandbox-secret"
)

const (
	defaultDailyLimit      = 100_000
	defaultSessionLifetime = 24 * time.Hour
)

// Options are the settings of an org; the zero value is usable.
type Options struct {
	// Seed tells orgs apart: each seed has its own organisation and record ids.
	Seed int64
	// Now is what the virtual clock runs by; nil means the machine's clock.
	Now func() time.Time
	// Logger receives one line a request; nil means none.
	Logger *slog.Logger
	// DailyAPILimit is the number of API requests in 24 hours, 100,000 when 0.
	DailyAPILimit int
	// SessionLifetime is how long an unused access token lives in virtual time,
	// 24 hours when 0.
	SessionLifetime time.Duration
	// VisibilityDelay is how long after its commit a change is seen by readers,
	// in virtual time; none when 0. Writers see it at once.
	VisibilityDelay time.Duration
	// RotateRefreshTokens makes each refresh token work once, for a new one.
	RotateRefreshTokens bool
	// Bulk are the measures of Bulk API; what is zero is as bulk.Defaults has it.
	Bulk bulk.Settings
	// Features the org has from the start (see Org.Enable).
	Features []string
}

// Org is a Salesforce org in memory. Its methods may be called concurrently.
type Org struct {
	clock    *Clock
	logger   *slog.Logger
	id       string // of the Organization record, 18 characters
	pod      string
	limit    int
	traffic  *traffic
	held     *heldRights
	sessions *sessions
	apps     *apps
	cursors  *cursors
	viewings *viewings
	recents  *recents
	bulk     *bulk.Jobs

	late       *late        // what is not committed or not visible yet
	mu         sync.RWMutex // guards late and everything below
	objects    map[string]*object
	byPrefix   map[string][]*object
	features   []string
	log        *changeLog
	snapshots  []*snapshot // in the order in which they were taken
	bin        *recycleBin
	jobs       jobs
	mapped     map[string]map[string]string // lead field -> field, by the object it becomes one of
	duplicates []DuplicateRule
	openings   []opening

	assignments map[string]*assignmentRule // by id

	validations []*validation
	definitions uint64 // how many definitions of fields and rules were given an id

	customObjects int // how many were ever made
}

// Actor is a user of the org on whose behalf something is done.
type Actor struct {
	id string
	// bound is set for the user of a session, who may do only what permissions
	// allow.
	bound bool
	late  time.Duration // how long after their ends its transactions are committed
}

// Late is the same user with transactions that are committed only so much virtual time
// after their ends, as by a fault with CommitAfter: until then nobody sees what they did,
// and its records are locked.
func (a Actor) Late(after time.Duration) Actor {
	a.late = after
	return a
}

// ID is the user's record id, "" for a user that the org does not have.
func (a Actor) ID() string { return a.id }

// New makes an org with the standard objects, an administrator and a sales user.
func New(options Options) *Org {
	if options.Now == nil {
		options.Now = time.Now
	}
	if options.Logger == nil {
		options.Logger = slog.New(slog.DiscardHandler)
	}
	if options.DailyAPILimit == 0 {
		options.DailyAPILimit = defaultDailyLimit
	}
	if options.SessionLifetime == 0 {
		options.SessionLifetime = defaultSessionLifetime
	}
	o := &Org{
		clock:    newClock(options.Now),
		logger:   options.Logger,
		id:       orgID(options.Seed),
		pod:      podOf(options.Seed),
		limit:    options.DailyAPILimit,
		traffic:  newTraffic(),
		apps:     newApps(),
		cursors:  newCursors(),
		viewings: newViewings(),
		late:     newLate(0),
		recents:  newRecents(),
		objects:  map[string]*object{},
		byPrefix: map[string][]*object{},
		log:      newChangeLog(),
		bin:      newRecycleBin(),
	}
	o.bulk = bulk.New(bulkOrg{o}, options.Bulk)
	o.assignments = map[string]*assignmentRule{}
	o.held = newHeldRights(o.clock.second())
	o.sessions = newSessions(o.clock, options.SessionLifetime, options.RotateRefreshTokens)
	o.jobs.day = o.clock.second() / secondsPerDay
	o.jobs.due.Store(o.nextJob())
	o.grow()
	o.populate()
	o.furnish()
	for _, feature := range options.Features {
		if err := o.Enable(feature); err != nil {
			panic("sandbox: " + err.Error())
		}
	}
	o.late.delay = options.VisibilityDelay
	o.describeFromNow()
	return o
}

// populate creates what every org has: its Organization record and its users.
func (o *Org) populate() {
	admin := recordID("005", o.pod, 1)
	o.mustImport(admin, "Organization", map[string]any{
		"Id": o.id, "Name": "Sandbox", "OrganizationType": "Developer Edition", "InstanceName": "SBX1", "IsSandbox": true,
		"DefaultLocaleSidKey": "en_US", "LanguageLocaleKey": "en_US", "TimeZoneSidKey": "GMT",
	})
	o.seedProfiles()
	o.mustImport(admin, "User", user(admin, AdminUser, "Ada", "Admin", "aadm", o.profileNamed(adminProfile)))
	o.mustImport(admin, "User", user(recordID("005", o.pod, 2), SalesUser, "Sam", "Sales", "ssal", o.profileNamed(standardProfile)))
	for _, name := range o.objectNames() {
		o.openObject(o.objects[strings.ToLower(name)])
	}
}

func user(id, name, first, last, alias, profile string) map[string]any {
	return map[string]any{
		"Id": id, "Username": name, "Email": name, "FirstName": first, "LastName": last, "Alias": alias, "ProfileId": profile,
		"IsActive": true, "UserType": "Standard", "TimeZoneSidKey": "GMT", "LocaleSidKey": "en_US",
		"LanguageLocaleKey": "en_US", "EmailEncodingKey": "UTF-8",
	}
}

// mustImport stores a record of the org's own furniture, leaving out fields that
// the schema does not have.
func (o *Org) mustImport(user, object string, fields map[string]any) {
	for name := range fields {
		if !o.objects[strings.ToLower(object)].has(name) {
			delete(fields, name)
		}
	}
	if _, err := o.Import(Actor{id: user}, object, fields); err != nil {
		panic("sandbox: the standard schema does not take the org's own records: " + err.Error())
	}
}

// Handler serves the whole org over HTTP: login and consent pages, OAuth, the
// REST API and the admin API. One origin plays login host, My Domain and API
// host; absolute URLs use the origin that the client called.
func (o *Org) Handler() http.Handler { return &server{org: o} }

// Clock is the org's virtual clock, by which every stamp is made.
func (o *Org) Clock() *Clock { return o.clock }

// ID is the 18-character id of the organisation.
func (o *Org) ID() string { return o.id }

// Admin is the administrator.
func (o *Org) Admin() Actor { return o.User(AdminUser) }

// User finds a user by name in any case; without one the Actor is zero, and everything done
// on its behalf fails.
func (o *Org) User(username string) Actor {
	o.mu.RLock()
	defer o.mu.RUnlock()
	if row, ok := o.userNamed(username); ok {
		return Actor{id: row.ID}
	}
	return Actor{}
}

// objectNames lists the objects in alphabetical order.
func (o *Org) objectNames() []string {
	names := make([]string, 0, len(o.objects))
	for _, obj := range o.objects {
		names = append(names, obj.Name)
	}
	slices.Sort(names)
	return names
}

// standard returns an object that every org has. The caller holds the lock.
func (o *Org) standard(name string) *object {
	obj, ok := o.object(name)
	if !ok {
		panic("sandbox: the org has no object " + name)
	}
	return obj
}

// object finds an object by name in any case. The caller holds the lock.
func (o *Org) object(name string) (*object, bool) {
	obj, ok := o.objects[strings.ToLower(name)]
	return obj, ok
}

// objectOf finds the object that a record id belongs to by its key prefix; a few
// objects share theirs.
func (o *Org) objectOf(id string) (*object, bool) {
	if len(id) < 3 {
		return nil, false
	}
	sharing := o.byPrefix[id[:3]]
	if len(sharing) == 0 {
		return nil, false
	}
	for _, obj := range sharing[1:] {
		if _, ok := obj.rows.Find(id); ok && obj.View == "" {
			return obj, true
		}
	}
	return sharing[0], true
}

// newID gives out the next free record id of an object.
func (o *Org) newID(obj *object) string {
	for {
		obj.issued++
		id := recordID(obj.KeyPrefix, o.pod, obj.issued)
		if _, taken := obj.rows.Find(id); !taken {
			return id
		}
	}
}
