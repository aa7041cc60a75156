package prove_test

import (
	"context"
	"fmt"
	"hash/fnv"
	"math/rand/v2"
	"strings"
	"time"

	"pgregory.net/rapid"

	"conversion"
	"conversion/internal/directory"
	"conversion/internal/sandbox"
)

// step is one thing that happens. Its numbers choose among what is there when it happens,
// so that a history stays one whatever is left out of it.
type step struct {
	do      action
	a, b, c int
}

// history is what happens in one world, in this order.
type history []step

// action is a sort of step.
type action uint8

const (
	// In Salesforce, by its users.
	newLead action = iota
	newContact
	newAccount
	editRecord
	editEmail
	editWebsite
	convert
	merge
	remove
	undelete
	commitLate // something of that, which nobody sees before its time

	// In Conversion, by its users.
	createContact
	createCompany
	edit
	editKey
	editQuietly // with sync_to_crm: false
	drop
	restore

	// By admins.
	setRule
	setMode
	setOption

	// Time, and the engine.
	wait
	cycle
	push
	crashCycle
	crashPush
	loseAnswer
	answerLate // a write of the engine's is committed in some minutes; nobody says so
	lossyTrigger
	stubborn
	mixPages
	deployField // the org gets our External Id field
	meanwhile   // a user does something between two steps of the engine
	actions     // counts them
)

var actionNames = [actions]string{
	"newLead", "newContact", "newAccount", "editRecord", "editEmail", "editWebsite", "convert", "merge", "remove", "undelete", "commitLate",
	"createContact", "createCompany", "edit", "editKey", "editQuietly", "drop", "restore", "setRule", "setMode", "setOption",
	"wait", "cycle", "push", "crashCycle", "crashPush", "loseAnswer", "answerLate", "lossyTrigger", "stubborn", "mixPages", "deployField", "meanwhile",
}

// String writes the step as it stands in a named case.
func (s step) String() string {
	return fmt.Sprintf("{%s, %d, %d, %d}", actionNames[s.do], s.a, s.b, s.c)
}

func (h history) String() string {
	var b strings.Builder
	for _, s := range h {
		b.WriteString(s.String() + ", ")
	}
	return b.String()
}

// mixture says how often each sort of step is drawn.
type mixture map[action]int

// everything is a life of both sides.
var everything = mixture{
	newLead: 4, newContact: 4, newAccount: 2, editRecord: 8, editEmail: 3, editWebsite: 1, convert: 2, merge: 2, remove: 2, undelete: 1, commitLate: 4,
	createContact: 3, createCompany: 1, edit: 8, editKey: 1, editQuietly: 1, drop: 1, restore: 1,
	setRule: 4, setMode: 3, setOption: 1, mixPages: 1, deployField: 2, meanwhile: 2, wait: 4, cycle: 6, push: 3, crashCycle: 2, crashPush: 2, loseAnswer: 2, answerLate: 1, lossyTrigger: 1,
}

// without is a mixture in which some things do not happen.
func (m mixture) without(some ...action) mixture {
	rest := make(mixture)
	for a, n := range m {
		rest[a] = n
	}
	for _, a := range some {
		delete(rest, a)
	}
	return rest
}

// with is a mixture in which more happens.
func (m mixture) with(more mixture) mixture {
	all := m.without()
	for a, n := range more {
		all[a] += n
	}
	return all
}

const longest = 24 // steps

// draw draws histories of the mixture, one as likely as another. Each name has its own: what
// is drawn for one property is not drawn again for the next.
func (m mixture) draw(name string) *rapid.Generator[history] {
	var bag []action
	for a := range actions {
		for range m[a] {
			bag = append(bag, a)
		}
	}
	of := fnv.New64a()
	_, _ = of.Write([]byte(name))
	return rapid.Custom(func(t *rapid.T) history {
		dice := rand.New(rand.NewPCG(of.Sum64(), seed(t)))
		h := make(history, 1+dice.IntN(longest))
		for i := range h {
			h[i] = step{pick(bag, dice.IntN(len(bag))), dice.IntN(256), dice.IntN(256), dice.IntN(256)}
		}
		return h
	})
}

// seed is any number, as likely as another: numbers that rapid draws are mostly small.
func seed(t *rapid.T) (n uint64) {
	coin := rapid.Bool()
	for range 64 {
		if n <<= 1; coin.Draw(t, "coin") {
			n++
		}
	}
	return n
}

// What values are made of: few, so that they meet.
var (
	emails  = []string{"ann@a.example", "bob@a.example", "cid@b.example", "Ann@A.example "}
	sites   = []string{"https://www.a.example/x", "b.example", "", "a.example"}
	words   = []string{"", "one", "two", "+three", "four "}
	people  = []string{"job_title", "phone", "first_name", "email_opt_out", "do_not_call"}
	firms   = []string{"phone", "industry"}
	modes   = []conversion.Mode{conversion.ModeTwoWay, conversion.ModePreferSalesforce, conversion.ModeAlwaysSalesforce, conversion.ModeAlwaysConversion, conversion.ModeNone}
	commits = []time.Duration{20 * time.Second, 3 * time.Minute, 14 * time.Minute, 45 * time.Minute} // how long after their ends
	answers = []time.Duration{time.Minute, 7 * time.Minute, 9 * time.Minute}
	periods = []time.Duration{0, time.Second, 400 * time.Millisecond, time.Minute, 20 * time.Minute, 25 * time.Hour}
)

func pick[T any](list []T, n int) T { return list[n%len(list)] }

// do carries a step out. An error is one of the engine's that nothing explains.
func (w *world) do(s step) error {
	switch {
	case s.do <= undelete:
		w.inSalesforce(s)
	case s.do == commitLate:
		w.late(s)
	case s.do <= restore:
		w.inConversion(s)
	case s.do <= setOption:
		w.byAdmin(s)
	default:
		return w.byTime(s)
	}
	return nil
}

func (w *world) byTime(s step) error {
	switch s.do {
	case wait:
		w.wait(pick(periods, s.a))
	case cycle:
		return w.cycle()
	case push:
		return w.push()
	case crashCycle:
		w.crashIn = 1 + s.a%12
		return w.cycle()
	case crashPush:
		w.crashIn = 1 + s.a%6
		return w.push()
	case loseAnswer:
		w.wire.answers = append(w.wire.answers, answer(s.a)%lastOfAnswer)
	case answerLate:
		w.wire.answers = append(w.wire.answers, landsAsOf)
		w.wire.late = pick(answers, s.a)
	case lossyTrigger:
		w.rewritePhones()
	case stubborn:
		w.stubborn = true
	case meanwhile:
		w.meanwhile(s)
	case deployField:
		w.wire.keyed = true
	case mixPages:
		w.wire.mixed, w.wire.page = s.a%2 == 0, s.b%4
	}
	return nil
}

// inSalesforce does what its users do. What Salesforce refuses does not happen.
func (w *world) inSalesforce(s step) {
	switch s.do {
	case newLead:
		w.insert(conversion.Lead, map[string]any{"LastName": "L", "Company": "C", "Email": pick(emails, s.a), field(s.b): w.word(s.b, s.c)})
	case newContact:
		w.insert(conversion.Contact, map[string]any{"LastName": "L", "Email": pick(emails, s.a), field(s.b): w.word(s.b, s.c)})
	case newAccount:
		w.insert(conversion.Account, map[string]any{"Name": "N", "Website": pick(sites, s.a), "Industry": pick([]string{"", "Energy"}, s.b)})
	default:
		w.change(s)
	}
}

// late is what a user does in a transaction that ends now and is committed in its time:
// until then nobody sees it, and nobody else changes what it changed (spec 3.16).
func (w *world) late(s step) {
	after, sales, pending := pick(commits, s.a), w.sales, len(w.org.PendingCommits())
	if after > w.books.options.Overlap() {
		w.wait(time.Second) // of two changes within one the sweep knows only that there were some
	}
	w.sales = sales.Late(after)
	w.inSalesforce(step{pick([]action{newLead, newContact, editRecord, editEmail, remove, convert, merge, undelete, newAccount, editWebsite}, s.a/len(commits)), s.b, s.b / 3, s.c})
	w.sales = sales
	if len(w.org.PendingCommits()) > pending {
		w.wire.landing = append(w.wire.landing, landing{at: w.clock.Now().Add(after), commit: true})
		if after > w.books.options.Overlap() {
			w.overdue = true
			w.passBy()
		}
	}
}

// passBy makes records that nobody is linked to, so that the reading goes on beyond what is
// not seen yet.
func (w *world) passBy() {
	w.wait(w.books.options.Overlap() + time.Minute)
	w.insert(conversion.Lead, map[string]any{"LastName": "P", "Company": "C"})
	w.insert(conversion.Contact, map[string]any{"LastName": "P"})
}

// field and word choose a field of people and a value for it.
func field(n int) string {
	return pick([]string{"Title", "Phone", "FirstName", "HasOptedOutOfEmail", "DoNotCall", "Fax"}, n)
}

func (w *world) word(f, n int) any {
	if name := field(f); name == "HasOptedOutOfEmail" || name == "DoNotCall" {
		return n%2 == 0 || w.stubborn
	}
	return pick(words, n)
}

func (w *world) insert(o conversion.Object, fields map[string]any) {
	id, err := w.org.Insert(w.sales, string(o), fields)
	if err != nil {
		return
	}
	ref := conversion.Ref{Object: o, ID: id}
	w.truth.add(ref)
	w.truth.happened(ref)
}

// records are those of the objects, deleted or not.
func (w *world) records(deleted bool, objects ...conversion.Object) []conversion.Ref {
	var refs []conversion.Ref
	for _, o := range objects {
		for _, ref := range w.truth.refs(o) {
			if r, ok := w.truth.row(ref); ok && r.deleted == deleted && !r.converted {
				refs = append(refs, ref)
			}
		}
	}
	return refs
}

func (w *world) change(s step) {
	leads, contacts := w.records(false, conversion.Lead), w.records(false, conversion.Contact)
	accounts := w.records(false, conversion.Account)
	all := append(append(append([]conversion.Ref{}, leads...), contacts...), accounts...)
	persons := all[:len(leads)+len(contacts)]
	gone := w.records(true, conversion.Lead, conversion.Contact, conversion.Account)
	switch {
	case s.do == editRecord && len(all) > 0:
		w.update(pick(all, s.a), s.b, s.c)
	case s.do == editEmail && len(persons) > 0:
		w.set(pick(persons, s.a), "Email", pick(append(emails[:3:3], "", "new@a.example"), s.b))
	case s.do == editWebsite && len(accounts) > 0:
		w.set(pick(accounts, s.a), "Website", pick(sites, s.b))
	case s.do == convert && len(leads) > 0:
		w.convert(pick(leads, s.a), contacts, s.b)
	case s.do == merge:
		w.merge(pick([][]conversion.Ref{leads, contacts, accounts}, s.c), s.a, s.b)
	case s.do == remove && len(all) > 0:
		if w.org.Delete(w.sales, pick(all, s.a).ID) == nil {
			w.truth.happened()
		}
	case s.do == undelete && len(gone) > 0:
		if w.org.Undelete(w.sales, pick(gone, s.a).ID) == nil {
			w.truth.happened()
		}
	}
}

func (w *world) update(ref conversion.Ref, f, v int) {
	if ref.Object == conversion.Account {
		w.set(ref, pick([]string{"Phone", "Industry", "Fax"}, f), pick([]string{"", "Energy", "Banking"}, v))
		return
	}
	w.set(ref, field(f), w.word(f, v))
}

func (w *world) set(ref conversion.Ref, field string, value any) {
	if value == "" {
		value = nil
	}
	if w.org.Update(w.sales, ref.ID, map[string]any{field: value}) == nil {
		w.truth.happened(ref)
	}
}

func (w *world) convert(lead conversion.Ref, contacts []conversion.Ref, n int) {
	options := sandbox.ConvertOptions{DoNotCreateOpportunity: true}
	if len(contacts) > 0 && n%3 == 0 {
		into := pick(contacts, n/3)
		if row, _ := w.truth.row(into); row.text("AccountId") != "" {
			options.ContactID, options.AccountID = into.ID, row.text("AccountId")
		}
	}
	done, err := w.org.ConvertLead(w.sales, lead.ID, options)
	if err != nil {
		return
	}
	w.truth.add(conversion.Ref{Object: conversion.Account, ID: done.AccountID})
	w.truth.add(conversion.Ref{Object: conversion.Contact, ID: done.ContactID})
	w.truth.happened()
}

func (w *world) merge(refs []conversion.Ref, a, b int) {
	if len(refs) < 2 {
		return
	}
	winner, loser := pick(refs, a), pick(refs, a+1+b%(len(refs)-1))
	if w.org.Merge(w.sales, winner.ID, loser.ID) == nil {
		w.truth.happened()
	}
}

// inConversion does what its users do. What the directory refuses does not happen.
func (w *world) inConversion(s step) {
	kind := conversion.KindContact
	if s.do == createCompany || s.a%5 == 4 && s.do != createContact {
		kind = conversion.KindCompany
	}
	switch s.do {
	case createContact:
		w.upsert(kind, directory.Draft{Key: pick(emails, s.a), Values: map[string]any{"last_name": "L", pick(people[:3], s.b): pick(words, s.c)}})
		return
	case createCompany:
		w.upsert(kind, directory.Draft{Key: pick(sites, s.a), Name: "N", Values: map[string]any{pick(firms, s.b): pick(words, s.c)}})
		return
	}
	list := w.entities(kind, s.do != restore)
	if len(list) == 0 {
		return
	}
	w.onEntity(s, pick(list, s.a))
}

func (w *world) upsert(kind conversion.Kind, d directory.Draft) {
	results, err := w.directory.Upsert(context.Background(), workspace, kind, user, []directory.Draft{d})
	if err != nil {
		w.model.broken("upsert: %v", err)
		return
	}
	if r := results[0]; r.Err == nil {
		w.model.edited(w.books.entities[r.View.ID], w.asked(kind, d.Values), w.books.rules.Reach())
	}
}

func (w *world) asked(kind conversion.Kind, values map[string]any) map[string]conversion.Value {
	asked := make(map[string]conversion.Value)
	for key, v := range values {
		s, _ := w.books.Schema(context.Background(), kind)
		if variable := s.ByKey(key); variable != nil {
			asked[key], _ = conversion.FromJSON(variable.Type, v)
		}
	}
	return asked
}

func (w *world) onEntity(s step, e *conversion.Entity) {
	ctx := context.Background()
	switch s.do {
	case edit, editQuietly:
		keys := people
		if e.Kind == conversion.KindCompany {
			keys = firms
		}
		key := pick(keys, s.b)
		var value any = pick(words, s.c)
		if strings.HasSuffix(key, "opt_out") || key == "do_not_call" {
			value = s.c%2 == 0 || w.stubborn
		}
		w.patch(e, directory.Patch{Values: map[string]any{key: value}, LocalOnly: s.do == editQuietly})
	case editKey:
		key := pick(emails, s.b)
		if e.Kind == conversion.KindCompany {
			key = pick(sites, s.b)
		}
		w.patch(e, directory.Patch{Key: &key})
	case drop:
		_ = w.directory.Delete(ctx, workspace, e.Kind, e.ID, user, s.b%4 == 0)
	case restore:
		if _, err := w.directory.Restore(ctx, workspace, e.Kind, e.ID, user); err == nil {
			w.model.edited(w.books.entities[e.ID], nil, w.books.rules.Reach())
		}
	}
}

func (w *world) patch(e *conversion.Entity, p directory.Patch) {
	_, err := w.directory.Update(context.Background(), workspace, e.Kind, e.ID, user, p)
	if err != nil {
		return
	}
	allowed := w.books.rules.Reach()
	if p.LocalOnly {
		allowed = 0
	}
	w.model.edited(w.books.entities[e.ID], w.asked(e.Kind, p.Values), allowed)
}

func (w *world) byAdmin(s step) {
	ctx := context.Background()
	switch s.do {
	case setRule:
		setting := pick(conversion.RuleSettings, s.a)
		rules := w.books.rules
		*rules.Get(setting.Key) = pick(setting.Options, s.b)
		_ = w.books.SaveRules(ctx, rules, user, w.now())
	case setMode:
		mode := pick(modes, s.b)
		key := pick(people, s.a)
		if _, err := w.directory.PatchVariable(ctx, workspace, conversion.KindContact, key, directory.VariablePatch{Mode: &mode}); err == nil {
			_, _ = w.books.Schema(ctx, conversion.KindContact)
			w.model.modeChanged(conversion.KindContact, key)
		}
	case setOption:
		options := w.books.options
		options.OnMerge = pick([]conversion.OnMerge{conversion.MergeKeep, conversion.MergeCombine}, s.a)
		options.DeleteInConversion = conversion.GoneWith{Lead: s.b&1 > 0, Contact: s.b&2 > 0, Account: s.b&4 > 0}
		_ = w.books.SaveOptions(ctx, options, user, w.now())
	}
}

// meanwhile lets somebody do something when the engine has come some steps further: edit or
// create here, or enter a new person there. An edit of the very record that is being written
// is another matter (spec 4.6).
func (w *world) meanwhile(s step) {
	left := 1 + s.a%12
	w.between = func(string) {
		if left--; left == 0 {
			w.between = nil
			_ = w.do(step{pick([]action{edit, createContact, newLead, newContact, editKey}, s.a/12), s.b, s.b / 3, s.c})
		}
	}
}
