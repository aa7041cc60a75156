package sandbox

import (
	"maps"
	"net/http"
	"slices"
	"time"

	"conversion/internal/sandbox/table"
)

// snapshot is the whole org as it was: its records, deleted ones included, its
// objects, fields and rules, its users and permissions (which are records), its
// commit log, and what was on its way to being committed or seen.
//
// Records cost nothing when a snapshot is taken: each table is marked, and then
// remembers what a row was before it first changes. The rest is copied, which is
// small. What belongs to clients is no part of the org and goes on: sessions, the
// request log, the API usage, armed faults, bulk jobs. Open query cursors die when
// a snapshot is restored.
type snapshot struct {
	name     string
	taken    time.Time // virtual
	objects  map[string]*objectState
	byPrefix map[string][]*object
	log      changeLog
	late     lateState
	rules    rulesState
}

// objectState is an object without its records, and the mark of these.
type objectState struct {
	object *object
	was    object
	fields map[*field]field
	// touched is when the description was last changed or put back to was: while that is
	// the object's, it is still described as it was.
	touched int64
	mark    *table.Mark
	hidden  table.Hidden
}

// rulesState is what the org knows beside its objects.
type rulesState struct {
	features      []string
	bin           recycleBin
	mapped        map[string]map[string]string
	duplicates    []DuplicateRule
	openings      []opening
	assignments   map[string]*assignmentRule
	looks         map[viewing]look
	recents       map[string][]string
	validations   []*validation
	definitions   uint64
	customObjects int
}

type lateState struct {
	delay       time.Duration
	issued      int
	uncommitted []*lateCommit
	unseen      []unseen
	locks       map[string]rowLock
}

// SnapshotInfo describes a snapshot.
type SnapshotInfo struct {
	Name string `json:"name"`
	// Taken is when, in virtual time.
	Taken time.Time `json:"taken"`
}

// Snapshot remembers the org as it is under a name; one of the same name is
// replaced. However large the org, it takes no time and little memory; later
// changes cost some memory each, until the snapshot is dropped.
func (o *Org) Snapshot(name string) error {
	o.mu.Lock()
	defer o.mu.Unlock()
	if name == "" {
		return refusal("REQUIRED_FIELD_MISSING", "a snapshot needs a name", "name")
	}
	o.settleLocked()
	o.dropSnapshot(name)
	s := &snapshot{
		name: name, taken: o.clock.Now(), objects: map[string]*objectState{}, byPrefix: sharedOut(o.byPrefix),
		log: *o.log, late: o.late.state(), rules: o.rulesState(),
	}
	s.log.entries = slices.Clip(s.log.entries)
	for key, obj := range o.objects {
		s.objects[key] = stateOf(obj)
	}
	o.snapshots = append(o.snapshots, s)
	return nil
}

func stateOf(obj *object) *objectState {
	s := &objectState{object: obj, was: *obj, fields: map[*field]field{}, touched: obj.changed, mark: obj.rows.Mark(), hidden: obj.seen.Hidden()}
	s.was.fields, s.was.byName = slices.Clone(obj.fields), maps.Clone(obj.byName)
	s.was.pending, s.was.purged = maps.Clone(obj.pending), slices.Clone(obj.purged)
	s.was.onSave = slices.Clone(obj.onSave)
	for _, f := range obj.fields {
		s.fields[f] = *f
	}
	return s
}

func (o *Org) rulesState() rulesState {
	return rulesState{
		features: slices.Clone(o.features), bin: o.bin.clone(), mapped: maps.Clone(o.mapped),
		duplicates: slices.Clone(o.duplicates), openings: slices.Clone(o.openings), assignments: maps.Clone(o.assignments),
		looks: o.viewings.state(), recents: o.recents.state(),
		validations: copied(o.validations), definitions: o.definitions, customObjects: o.customObjects,
	}
}

// clone copies the bin; a deletion itself never changes.
func (b *recycleBin) clone() recycleBin {
	return recycleBin{deletions: maps.Clone(b.deletions), roots: maps.Clone(b.roots), waiting: slices.Clone(b.waiting)}
}

// sharedOut copies which objects share a prefix.
func sharedOut(byPrefix map[string][]*object) map[string][]*object {
	to := map[string][]*object{}
	for prefix, objects := range byPrefix {
		to[prefix] = slices.Clone(objects)
	}
	return to
}

// copied copies what pointers lead to.
func copied[T any](from []*T) []*T {
	to := make([]*T, len(from))
	for i, p := range from {
		v := *p
		to[i] = &v
	}
	return to
}

func (l *late) state() lateState {
	return lateState{l.delay, l.issued, slices.Clone(l.uncommitted), slices.Clone(l.unseen), maps.Clone(l.locks)}
}

// RestoreOptions say how a snapshot is restored.
type RestoreOptions struct {
	// Clock sets the org's clock back to when the snapshot was taken. Otherwise it
	// runs on, and what has fallen due since is committed and seen at once.
	Clock bool
}

// Restore makes the org what it was when the snapshot was taken. The snapshot
// stays, and so do others: also those that were taken later.
func (o *Org) Restore(name string, options RestoreOptions) error {
	o.mu.Lock()
	defer o.mu.Unlock()
	s := o.snapshotNamed(name)
	if s == nil {
		return noSnapshot(name)
	}
	if options.Clock {
		o.clock.Set(s.taken)
	}
	o.restoreObjects(s)
	o.restoreRules(s.rules)
	o.log.restore(s.log)
	o.late.restore(s.late)
	o.cursors.closeAll()
	o.permissionsChanged()
	o.settleLocked()
	return nil
}

func (o *Org) restoreObjects(s *snapshot) {
	o.objects, o.byPrefix = map[string]*object{}, sharedOut(s.byPrefix)
	for key, state := range s.objects {
		if state.restore() {
			// A client that keeps a description asks whether it changed since.
			o.describeChanged(state.object)
			state.touched = state.object.changed
		}
		o.objects[key] = state.object
	}
}

// restore reports whether the object's description is another than it was.
func (s *objectState) restore() (described bool) {
	obj, was := s.object, s.was
	described = obj.changed != s.touched
	// Column numbers are never given out twice; neither do times of descriptions
	// go back.
	was.columns, was.changed = max(was.columns, obj.columns), max(was.changed, obj.changed)
	was.pending, was.purged = maps.Clone(was.pending), slices.Clone(was.purged)
	was.onSave = slices.Clone(was.onSave)
	if described {
		was.fields, was.byName = slices.Clone(was.fields), maps.Clone(was.byName)
		for f, state := range s.fields {
			*f = state
		}
	} else {
		was.fields, was.byName = obj.fields, obj.byName
		for _, f := range was.fields {
			if f.AutoNumber {
				f.counted = s.fields[f].counted
			}
		}
	}
	*obj = was
	obj.rows.Restore(s.mark)
	obj.seen.Restore(s.hidden)
	return described
}

func (o *Org) restoreRules(r rulesState) {
	bin := r.bin.clone()
	o.features, o.bin, o.mapped = slices.Clone(r.features), &bin, maps.Clone(r.mapped)
	o.duplicates, o.openings, o.assignments = slices.Clone(r.duplicates), slices.Clone(r.openings), maps.Clone(r.assignments)
	o.viewings.restore(r.looks)
	o.recents.restore(r.recents)
	o.jobs.due.Store(o.nextJob())
	o.validations, o.definitions, o.customObjects = copied(r.validations), r.definitions, r.customObjects
}

func (l *late) restore(s lateState) {
	l.delay, l.issued = s.delay, s.issued
	l.uncommitted, l.unseen, l.locks = slices.Clone(s.uncommitted), slices.Clone(s.unseen), maps.Clone(s.locks)
	l.schedule()
}

func (l *changeLog) restore(was changeLog) {
	*l = changeLog{entries: was.entries, last: was.last, transactions: was.transactions, byRecord: map[string][]*change{}}
	for _, c := range l.entries {
		l.byRecord[c.id] = append(l.byRecord[c.id], c)
	}
}

// closeAll forgets all results.
func (cs *cursors) closeAll() {
	cs.mu.Lock()
	defer cs.mu.Unlock()
	cs.open = nil
}

// Snapshots lists the org's snapshots in the order in which they were taken.
func (o *Org) Snapshots() []SnapshotInfo {
	defer o.view()()
	list := make([]SnapshotInfo, len(o.snapshots))
	for i, s := range o.snapshots {
		list[i] = SnapshotInfo{s.name, s.taken}
	}
	return list
}

// DropSnapshot forgets a snapshot; false means that there is none of that name.
func (o *Org) DropSnapshot(name string) bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.dropSnapshot(name)
}

func (o *Org) dropSnapshot(name string) bool {
	s := o.snapshotNamed(name)
	if s == nil {
		return false
	}
	for _, state := range s.objects {
		state.object.rows.Forget(state.mark)
	}
	o.snapshots = slices.DeleteFunc(o.snapshots, func(other *snapshot) bool { return other == s })
	return true
}

func (o *Org) snapshotNamed(name string) *snapshot {
	for _, s := range o.snapshots {
		if s.name == name {
			return s
		}
	}
	return nil
}

func noSnapshot(name string) *Error {
	return &Error{Status: http.StatusNotFound, Code: "NOT_FOUND", Message: "there is no snapshot of that name: " + name}
}
