package prove_test

import (
	"cmp"
	"context"
	"errors"
	"maps"
	"slices"
	"strings"
	"time"

	"conversion"
	"conversion/internal/engine"
	"conversion/internal/sandbox"
)

// wire is the org as the engine sees it: the gateway's part, done over the sandbox's own
// calls, without HTTP and SOQL. What the history asks for goes wrong on it.
type wire struct {
	org   *sandbox.Org
	now   func() time.Time
	self  sandbox.Actor // whom the engine is connected as
	truth *truth

	asked conversion.Moment // of the last reading: none are alike
	page  int               // records a page, whatever the engine wants; 0: as it wants
	mixed bool              // pages come in any order, twice, and with what was read before
	past  map[conversion.Ref][]conversion.Record

	answers  []answer // what becomes of the next writes, in their order
	landing  []landing
	late     time.Duration // after which the next write of the engine's is committed that is late
	requests int
	writes   int                        // of those, requests to write
	keyed    bool                       // the org has our External Id field
	made     map[keyedBy]conversion.Ref // by it
	looking  bool                       // a look-up before a create is under way
	opened   func(name string)          // is told of each call before it is made; nil: nobody
}

// keyedBy is what our External Id field holds, on records of an object.
type keyedBy struct {
	object conversion.Object
	entity string
}

// answer is what the engine learns of a request to write, and when it takes effect.
type answer uint8

const (
	answered     answer = iota
	lostAnswer          // it was carried out; nobody says so
	lostRequest         // it was not; nobody says so
	landsLater          // it is carried out in some minutes; nobody says so
	turnedAway          // it was refused before it was read, and the engine knows
	lastOfAnswer        // counts those before
	landsAsOf           // it is carried out, and committed in some minutes with the stamps of now; nobody says so
)

// landing is what takes effect when its time has come: a write, or a transaction of
// anybody's that ended before.
type landing struct {
	at     time.Time
	writes []conversion.Write
	commit bool // the org has done it: from now on it is seen
}

func (w *wire) remote() engine.Remote {
	return engine.Remote{Source: w, Walker: w, Lookup: w, Target: w, Describer: w}
}

func (w *wire) call(name string) {
	w.requests++
	if w.opened != nil {
		w.opened(name)
	}
}

// read returns what a record holds now, cut to the schema's variables.
func (w *wire) read(s *conversion.Schema, ref conversion.Ref, asked conversion.Moment) (conversion.Record, bool) {
	row, ok := w.truth.row(ref)
	if !ok {
		return conversion.Record{}, false
	}
	w.truth.model.reads(ref, asked, row)
	modified := min(row.modified, max(conversion.MomentOf(w.now()), row.modstamp))
	r := conversion.Record{
		Ref: ref, Reading: conversion.Reading{Modstamp: row.modstamp, Asked: asked, Modified: modified},
		Created: row.created, ModifiedBy: row.by, Deleted: row.deleted, MasterID: row.master,
		Converted: row.converted, ConvertedContactID: row.contact, ConvertedAccountID: row.account,
		KeyRead: true, Name: row.text("Name"), CreatedBy: row.text("CreatedById"),
	}
	for by, made := range w.made {
		if made == ref {
			r.ExternalID = by.entity
		}
	}
	r.Key = conversion.Email(row.text("Email"))
	if ref.Object == conversion.Account {
		r.Key = conversion.Domain(row.text("Website"))
	}
	for i := range s.Variables {
		v := &s.Variables[i]
		if f, ok := v.On(ref.Object); ok && f.Live() && v.Takes() {
			r.Fields = append(r.Fields, conversion.FieldValue{Var: v.ID, Value: row.value(f)})
		}
	}
	return r, true
}

// row is what the org says of a record, as the REST API would.
type row struct {
	fields             map[string]any
	modstamp, modified conversion.Moment
	created            conversion.Moment
	by, master         string
	deleted, converted bool
	contact, account   string // what a converted lead became
}

func (r row) text(name string) string { s, _ := r.fields[name].(string); return s }

// value is a field's in canonical form.
func (r row) value(f conversion.Field) conversion.Value {
	return canonical(f.Name, f.Type, r.fields[f.Name])
}

func canonical(name, kind string, v any) conversion.Value {
	switch v := v.(type) {
	case bool:
		return conversion.Bool(v)
	case float64:
		n, _ := conversion.FromJSON(conversion.TypeNumber, v)
		return n
	case string:
		if v == "" {
			break
		}
		if name == "Email" {
			return conversion.Text(conversion.Email(v))
		}
		return conversion.Text(v)
	}
	if kind == "boolean" {
		return conversion.Bool(false)
	}
	return conversion.Null
}

func moment(v any) conversion.Moment {
	s, _ := v.(string)
	at, err := time.Parse("2006-01-02T15:04:05.000-0700", s)
	if err != nil {
		return 0
	}
	return conversion.MomentOf(at)
}

func newRow(fields map[string]any) row {
	r := row{fields: fields, modstamp: moment(fields["SystemModstamp"]), modified: moment(fields["LastModifiedDate"]), created: moment(fields["CreatedDate"])}
	r.by, r.master = r.text("LastModifiedById"), r.text("MasterRecordId")
	r.deleted, _ = fields["IsDeleted"].(bool)
	r.converted, _ = fields["IsConverted"].(bool)
	r.contact, r.account = r.text("ConvertedContactId"), r.text("ConvertedAccountId")
	return r
}

// ask gives a reading its moment: later than any before.
func (w *wire) ask() conversion.Moment {
	w.asked = max(conversion.MomentOf(w.now()), w.asked+1)
	return w.asked
}

func (w *wire) Count(context.Context, conversion.Object, conversion.Cursor) (int, error) {
	return 0, nil
}

// Changes reads a page. On a mixed wire it also holds what earlier pages held, as a slow
// request would bring it, and what it holds comes twice and in any order.
func (w *wire) Changes(_ context.Context, s *conversion.Schema, o conversion.Object, after conversion.Cursor, limit int) (conversion.RecordPage, error) {
	asked := w.ask()
	var all []conversion.Record
	for _, ref := range w.truth.refs(o) {
		r, ok := w.read(s, ref, asked)
		if ok && (r.Reading.Modstamp > after.Modstamp || r.Reading.Modstamp == after.Modstamp && ref.ID > after.ID) {
			all = append(all, r)
		}
	}
	slices.SortFunc(all, func(a, b conversion.Record) int {
		return cmp.Or(cmp.Compare(a.Reading.Modstamp, b.Reading.Modstamp), cmp.Compare(a.Ref.ID, b.Ref.ID))
	})
	if w.page > 0 {
		limit = w.page
	}
	page := conversion.RecordPage{Records: all, Next: after}
	if len(all) > limit {
		page.Records, page.More = all[:limit], true
	}
	if n := len(page.Records); n > 0 {
		page.Next = conversion.Cursor{Modstamp: page.Records[n-1].Reading.Modstamp, ID: page.Records[n-1].Ref.ID}
	}
	if w.mixed {
		page.Records = w.mix(o, page.Records)
	}
	w.call("changes")
	return page, nil
}

// mix adds to a page what was ever read of the object's records, oldest last, and each thing
// of the page twice, newest first.
func (w *wire) mix(o conversion.Object, records []conversion.Record) []conversion.Record {
	var mixed []conversion.Record
	for _, r := range slices.Backward(records) {
		mixed = append(mixed, r, r)
		w.past[r.Ref] = append(w.past[r.Ref], r)
		if n := len(w.past[r.Ref]); n > 4 {
			w.past[r.Ref] = w.past[r.Ref][n-4:]
		}
	}
	for _, ref := range w.truth.refs(o) {
		for _, before := range slices.Backward(w.past[ref]) {
			mixed = append(mixed, before)
		}
	}
	return mixed
}

func (w *wire) Read(_ context.Context, s *conversion.Schema, refs []conversion.Ref) ([]conversion.Record, error) {
	asked := w.ask()
	var records []conversion.Record
	for _, ref := range refs {
		if r, ok := w.read(s, ref, asked); ok {
			records = append(records, r)
		}
	}
	w.call("read")
	return records, nil
}

func (w *wire) ByKey(_ context.Context, s *conversion.Schema, keys []string) ([]conversion.Record, error) {
	w.looking = true
	defer func() { w.looking = false }()
	asked := w.ask()
	var found []conversion.Record
	for _, key := range keys {
		w.truth.model.found[key] = nil
	}
	for _, o := range s.Kind.Objects() {
		for _, ref := range w.truth.refs(o) {
			if r, ok := w.read(s, ref, asked); ok && r.Live() && r.Key != "" && slices.Contains(keys, r.Key) {
				found = append(found, r)
				w.truth.model.found[r.Key] = append(w.truth.model.found[r.Key], ref)
			}
		}
	}
	w.call("look up")
	return found, nil
}

func (w *wire) ByExternalID(_ context.Context, s *conversion.Schema, o conversion.Object, ids []string) ([]conversion.Record, error) {
	asked := w.ask()
	var found []conversion.Record
	for _, ref := range w.truth.refs(o) {
		if r, ok := w.read(s, ref, asked); ok && r.ExternalID != "" && slices.Contains(ids, r.ExternalID) {
			found = append(found, r)
		}
	}
	w.call("look up")
	return found, nil
}

func (w *wire) Made(_ context.Context, s *conversion.Schema, q conversion.MadeQuery) ([]conversion.Record, error) {
	asked := w.ask()
	var found []conversion.Record
	for _, ref := range w.truth.refs(q.Object) {
		r, ok := w.read(s, ref, asked)
		if ok && r.CreatedBy == q.By && r.Created >= q.Since && r.Created <= q.Until && slices.Contains(q.Names, r.Name) {
			found = append(found, r)
		}
	}
	w.call("look up")
	return found, nil
}

func (w *wire) Upserts(context.Context, conversion.Object) (bool, error) { return w.keyed, nil }

func (w *wire) Activities(_ context.Context, _ conversion.Object, after conversion.Cursor, _ int) (conversion.ActivityPage, error) {
	return conversion.ActivityPage{Next: after}, nil
}

func (w *wire) ActivitiesOf(context.Context, conversion.Object, []conversion.Ref) ([]conversion.Activity, error) {
	return nil, nil
}

func (w *wire) Relations(_ context.Context, _ conversion.Object, after conversion.Cursor, _ int) (conversion.RelationPage, error) {
	return conversion.RelationPage{Next: after}, nil
}

func (w *wire) Sightings(_ context.Context, o conversion.Object, after string, limit int) (conversion.SightingPage, error) {
	var page conversion.SightingPage
	for _, ref := range w.byID(o) {
		if r, ok := w.truth.row(ref); ok && ref.ID > after {
			pass := r.deleted || r.converted || o != conversion.Account && r.text("Email") == ""
			page.Sightings = append(page.Sightings, conversion.Sighting{ID: ref.ID, Modstamp: r.modstamp, Deleted: r.deleted, PassOver: pass})
		}
	}
	if len(page.Sightings) > limit {
		page.Sightings, page.More = page.Sightings[:limit], true
	}
	w.call("sightings")
	return page, nil
}

func (w *wire) byID(o conversion.Object) []conversion.Ref {
	refs := w.truth.refs(o)
	slices.SortFunc(refs, func(a, b conversion.Ref) int { return strings.Compare(a.ID, b.ID) })
	return refs
}

func (w *wire) Walk(_ context.Context, s *conversion.Schema, o conversion.Object, after string, limit int) (conversion.RecordPage, error) {
	asked := w.ask()
	page := conversion.RecordPage{Next: conversion.Cursor{ID: after}}
	for _, ref := range w.byID(o) {
		if r, ok := w.read(s, ref, asked); ok && ref.ID > after {
			page.Records = append(page.Records, r)
		}
	}
	if len(page.Records) > limit {
		page.Records, page.More = page.Records[:limit], true
	}
	if n := len(page.Records); n > 0 {
		page.Next.ID = page.Records[n-1].Ref.ID
	}
	w.call("walk")
	return page, nil
}

func (w *wire) Whereabouts(_ context.Context, o conversion.Object, ids []string) ([]conversion.Sighting, error) {
	var found []conversion.Sighting
	for _, id := range ids {
		if r, ok := w.truth.row(conversion.Ref{Object: o, ID: id}); ok {
			found = append(found, conversion.Sighting{ID: id, Modstamp: r.modstamp, Deleted: r.deleted})
		}
	}
	w.call("whereabouts")
	return found, nil
}

func (w *wire) ReadActivities(context.Context, conversion.Object, []string) ([]conversion.Activity, error) {
	return nil, nil
}

var errNoAnswer = errors.New("the connection was lost")

// Write does what the next answer says.
func (w *wire) Write(_ context.Context, writes []conversion.Write, _ conversion.WriteOptions) ([]conversion.Outcome, error) {
	w.writes++
	how := answered
	if len(w.answers) > 0 {
		how, w.answers = w.answers[0], w.answers[1:]
	}
	outcomes := make([]conversion.Outcome, len(writes))
	if how == turnedAway {
		return outcomes, errNoAnswer
	}
	for _, write := range writes {
		w.truth.model.sends(write)
	}
	switch how {
	case landsLater:
		w.landing = append(w.landing, landing{at: w.now().Add(7 * time.Minute), writes: writes})
	case landsAsOf:
		w.writeLate(writes)
	case answered, lostAnswer:
		for i, write := range writes {
			outcomes[i] = w.write(write)
			w.judgeRefusal(write, outcomes[i])
		}
	}
	w.call("write")
	if how == answered {
		return outcomes, nil
	}
	for i := range outcomes {
		outcomes[i] = conversion.Outcome{Sent: true, Unknown: true}
	}
	return outcomes, errNoAnswer
}

// next is when the next of the writes under way takes effect.
func (w *wire) next() (at time.Time, ok bool) {
	for _, l := range w.landing {
		if !ok || l.at.Before(at) {
			at, ok = l.at, true
		}
	}
	return at, ok
}

// land carries out what was under way and whose time has come.
func (w *wire) land() {
	due := w.landing
	w.landing = nil
	for _, l := range due {
		if l.at.After(w.now()) {
			w.landing = append(w.landing, l)
			continue
		}
		for _, write := range l.writes {
			if l.commit {
				w.truth.wrote(write)
			} else {
				w.write(write)
			}
		}
		if l.commit {
			w.truth.happened()
		}
	}
}

// writeLate carries out what is committed later, each write by itself.
func (w *wire) writeLate(writes []conversion.Write) {
	l := landing{at: w.now().Add(w.late), commit: true}
	for _, write := range writes {
		done := w.carryOut(w.self.Late(w.late), write)
		w.judgeRefusal(write, done)
		if done.Failure == nil {
			write.Ref.ID = done.ID
			l.writes = append(l.writes, write)
		}
	}
	w.landing = append(w.landing, l)
}

// judgeRefusal tells the truth of what Salesforce would not take, but for what somebody
// else's transaction holds.
func (w *wire) judgeRefusal(write conversion.Write, done conversion.Outcome) {
	if done.Failure == nil || done.Failure.Code == "UNABLE_TO_LOCK_ROW" && len(w.org.Locks()) > 0 {
		return
	}
	w.truth.refused(write, done.Failure)
}

// write carries out one write.
func (w *wire) write(write conversion.Write) conversion.Outcome {
	done := w.carryOut(w.self, write)
	if done.Failure == nil {
		write.Ref.ID = done.ID
		w.truth.wrote(write)
	}
	return done
}

// carryOut is what the org makes of a write of the user's.
func (w *wire) carryOut(as sandbox.Actor, write conversion.Write) conversion.Outcome {
	fields := make(map[string]any)
	for _, f := range write.Fields {
		fields[f.Field] = written(f.Value)
	}
	var id string
	var err error
	switch write.Action {
	case conversion.ActionCreate:
		by := keyedBy{write.Ref.Object, write.ExternalID}
		if made, again := w.made[by]; again && write.ExternalID != "" && !w.truth.rows[made].deleted {
			id, err = made.ID, w.org.Update(as, made.ID, fields)
			break
		}
		maps.DeleteFunc(fields, func(_ string, v any) bool { return v == nil })
		if id, err = w.org.Insert(as, string(write.Ref.Object), fields); err == nil {
			ref := conversion.Ref{Object: write.Ref.Object, ID: id}
			w.truth.add(ref)
			if write.ExternalID != "" {
				w.made[by] = ref
			}
		}
	case conversion.ActionUpdate:
		id, err = write.Ref.ID, w.org.Update(as, write.Ref.ID, fields)
	case conversion.ActionDelete:
		id, err = write.Ref.ID, w.org.Delete(as, write.Ref.ID)
	}
	if err != nil {
		return conversion.Outcome{Sent: true, Failure: refusal(err)}
	}
	return conversion.Outcome{Sent: true, ID: id}
}

func written(v conversion.Value) any {
	switch {
	case v.True(), v.False():
		return v.True()
	case v.Blank():
		return nil
	}
	return v.JSON()
}

func refusal(err error) *conversion.RemoteError {
	var e *sandbox.Error
	if !errors.As(err, &e) {
		return &conversion.RemoteError{Code: "UNKNOWN", Message: err.Error()}
	}
	gone := slices.Contains([]string{"ENTITY_IS_DELETED", "CANNOT_UPDATE_CONVERTED_LEAD", "INVALID_CROSS_REFERENCE_KEY", "NOT_FOUND"}, e.Code)
	refused := &conversion.RemoteError{Code: e.Code, Message: e.Message, Fields: e.Fields, Gone: gone}
	if strings.HasPrefix(e.Code, "UNABLE_TO_LOCK") {
		refused.Retry, refused.Fix = true, conversion.FixItself
	}
	return refused
}

func (w *wire) Describe(context.Context) ([]conversion.ObjectDef, error) { return described, nil }

func (w *wire) Users(context.Context, []string) (map[string]string, error) { return nil, nil }

func (w *wire) Doomed(context.Context, []string) (conversion.Doom, error) {
	return conversion.Doom{}, nil
}

func (w *wire) Usage() (used, limit int, at conversion.Moment) {
	return w.requests, 1_000_000, conversion.MomentOf(w.now())
}

func (w *wire) Measure(context.Context) error { return nil }

func (w *wire) ClockOffset() time.Duration { return 0 }

// described is what the connected user sees of the org: of every sort of field one, for a
// history that reads all of them is a slow one. Nobody may write Fax.
var described = []conversion.ObjectDef{
	object(conversion.Lead, required("LastName"), required("Company"), text("FirstName", 40), text("Title", 128), text("Phone", 40), readOnly("Fax"), opt("HasOptedOutOfEmail"), opt("DoNotCall"), email()),
	object(conversion.Contact, required("LastName"), text("FirstName", 40), text("Title", 128), text("Phone", 40), readOnly("Fax"), opt("HasOptedOutOfEmail"), opt("DoNotCall"), email(), lookup("AccountId")),
	object(conversion.Account, required("Name"), text("Website", 255), text("Phone", 40), text("Industry", 255), readOnly("Fax")),
	{Object: conversion.Task}, {Object: conversion.Event},
}

func object(o conversion.Object, fields ...conversion.Field) conversion.ObjectDef {
	for i := range fields {
		fields[i].Object = o
	}
	return conversion.ObjectDef{Object: o, Label: string(o), Readable: true, Createable: true, Updateable: true, Deletable: true, Fields: fields}
}

func text(name string, length int) conversion.Field {
	return conversion.Field{Name: name, Label: name, Type: "string", Length: length, Nillable: true, Createable: true, Updateable: true}
}

func required(name string) conversion.Field {
	f := text(name, 80)
	f.Nillable, f.Required = false, true
	return f
}

func readOnly(name string) conversion.Field {
	f := text(name, 40)
	f.Createable, f.Updateable = false, false
	return f
}

func opt(name string) conversion.Field {
	return conversion.Field{Name: name, Label: name, Type: "boolean", Default: conversion.Bool(false), Createable: true, Updateable: true}
}

func email() conversion.Field {
	f := text("Email", 80)
	f.Type = "email"
	return f
}

func lookup(name string) conversion.Field {
	return conversion.Field{Name: name, Label: name, Type: "reference", References: []string{"Account"}, Nillable: true, Createable: true, Updateable: true}
}
