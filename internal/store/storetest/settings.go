package storetest

import (
	"errors"
	"testing"
	"time"

	"conversion"
	"conversion/internal/store"
)

func testSettings(t *testing.T, open func(t *testing.T) *store.Store) {
	s := open(t)
	for name, test := range map[string]func(fixture){
		"rules are the default ones until some are saved":          rulesAreSaved,
		"saving rules wakes up dirty entities and is in the audit": rulesWakeDirty,
		"options are the default ones until some are saved":        optionsAreSaved,
		"variables are saved by id, with all of their fields":      variablesAreSaved,
		"a variable's key is unique in its kind":                   variableKeyTaken,
		"a variable's number is never given to another":            variableIDTaken,
		"a variable is added once":                                 variableAddedOnce,
		"a connection is stored whole and read back":               connectionIsSaved,
		"of two who save a connection one is refused":              connectionRace,
		"the state of the sync is stored apart from the tie":       syncState,
		"the next sync is made due and nothing else":               awaken,
		"another org begins anew and finds no link of the old one": anotherOrg,
		"a first org leaves nothing behind":                        firstOrg,
		"a change that decides whose claim counts is a revision":   revisionsCount,
		"learning the clock is a revision, once":                   clockIsLearnt,
		"outdated entities are found, deleted ones are not":        outdatedAreFound,
		"an entity's revision is noted where it stood still":       revisedIsChecked,
		"what is outdated is due, over no connection either":       outdatedAreDue,
		"another outbound filter wakes who waits for a person":     filterWakes,
		"a started login is taken once, by its hash, in time":      authStates,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			test(newFixture(t, s))
		})
	}
	t.Run("the scheduler finds what is due over live connections", func(t *testing.T) {
		t.Parallel()
		due(t, open(t))
	})
}

var admin = conversion.Actor{Kind: conversion.ActorUser, ID: "admin"}

func rulesAreSaved(f fixture) {
	ctx, t := f.Context(), f.T
	same(t, must(f.books.Rules(ctx))(t), conversion.DefaultRules())
	rules := conversion.DefaultRules()
	rules.ContactsUpdated, rules.Defaults = conversion.TargetAll, map[string]string{"Lead.Company": "[not provided]"}
	ok(t, f.books.SaveRules(ctx, rules, admin, begun))
	same(t, must(f.books.Rules(ctx))(t), rules)
	ok(t, f.books.SaveRules(ctx, conversion.DefaultRules(), admin, begun+1))
	same(t, must(f.books.Rules(ctx))(t), conversion.DefaultRules())
}

func rulesWakeDirty(f fixture) {
	ctx, t := f.Context(), f.T
	parked, clean := contact("a@example.com", "A"), contact("b@example.com", "B")
	parked.Dirty, parked.Retry = begun, conversion.ParkedRetry
	firm := company("example.com", "C")
	firm.Dirty, firm.Retry = begun, conversion.ParkedRetry
	f.have(linked(parked), linked(clean), linked(firm))
	same(t, len(f.due(conversion.DirtyQuery{Kind: conversion.KindContact})), 0)

	ok(t, f.books.SaveRules(ctx, conversion.DefaultRules(), admin, begun))

	same(t, ids(f.due(conversion.DirtyQuery{Kind: conversion.KindContact})), []string{parked.ID})
	same(t, ids(f.due(conversion.DirtyQuery{Kind: conversion.KindCompany})), []string{firm.ID})
	f.commit(conversion.Batch{Plans: plans(f.group(parked))}) // its version has not moved
	log, _, err := f.store.AuditLog(ctx, workspaceOf(f), "", 10)
	same(t, len(must(log, err)(t)), 1)
	same(t, log[0].Action, "rules.changed")
	same(t, log[0].Actor, admin)
}

func workspaceOf(f fixture) string {
	f.Helper()
	return must(f.books.Connection(f.Context()))(f.T).WorkspaceID
}

func optionsAreSaved(f fixture) {
	ctx, t := f.Context(), f.T
	same(t, must(f.books.Options(ctx))(t), conversion.DefaultOptions())
	options := conversion.DefaultOptions()
	options.IntervalMinutes, options.AlignDuplicates = 5, true
	ok(t, f.books.SaveOptions(ctx, options, admin, begun))
	same(t, must(f.books.Options(ctx))(t), options)
	log, _, err := f.store.AuditLog(ctx, workspaceOf(f), "", 10)
	same(t, must(log, err)(t)[0].Action, "options.changed")
}

func variablesAreSaved(f fixture) {
	ctx, t := f.Context(), f.T
	title := conversion.Variable{
		ID: 12, Kind: conversion.KindContact, Key: "job_title", Label: "Title", Type: conversion.TypeText, Mode: conversion.ModeTwoWay,
		Fields: []conversion.Field{
			{Object: conversion.Lead, Name: "Title", Label: "Title", Type: "string", Length: 128, Default: conversion.Text("Ms"), Updateable: true},
			{Object: conversion.Contact, Name: "Title", Type: "picklist", Restricted: true, Picklist: []string{"a", "b"}, Default: conversion.Null, Gone: begun, References: []string{"User"}},
		},
		Problems: []conversion.FieldProblem{{Object: conversion.Contact, Field: "Title", Code: conversion.FieldGone, RenamedTo: "Job__c", Since: begun, Message: "It is gone.", Hint: "Look for it."}},
	}
	optOut := conversion.Variable{ID: 10, Kind: conversion.KindContact, Key: "opted_out", Type: conversion.TypeBool, Mode: conversion.ModeNone, ReadOnly: true, LeftOut: true, OptOut: true,
		Fields: []conversion.Field{{Object: conversion.Lead, Name: "HasOptedOutOfEmail", Default: conversion.Bool(false)}}}
	ok(t, f.books.SaveVariables(ctx, conversion.KindContact, []conversion.Variable{title, optOut}))
	ok(t, f.books.SaveVariables(ctx, conversion.KindCompany, []conversion.Variable{{ID: 12, Kind: conversion.KindCompany, Key: "job_title"}}))
	title.Label = "Job title"
	ok(t, f.books.SaveVariables(ctx, conversion.KindContact, []conversion.Variable{title}))

	schema := must(f.books.Schema(ctx, conversion.KindContact))(t)
	same(t, schema.Variables, []conversion.Variable{optOut, title})
	same(t, schema.ByField(conversion.Lead, "Title").Key, "job_title")
	same(t, len(must(f.books.Schema(ctx, conversion.KindCompany))(t).Variables), 1)
}

func variableKeyTaken(f fixture) {
	ctx, t := f.Context(), f.T
	ok(t, f.books.SaveVariables(ctx, conversion.KindContact, []conversion.Variable{{ID: 10, Kind: conversion.KindContact, Key: "x"}}))
	err := f.books.SaveVariables(ctx, conversion.KindContact, []conversion.Variable{{ID: 11, Kind: conversion.KindContact, Key: "x"}})
	refuses(t, err, conversion.CodeConflict)
}

func variableIDTaken(f fixture) {
	ctx, t := f.Context(), f.T
	first := conversion.Variable{ID: 10, Kind: conversion.KindContact, Key: "x", Label: "X"}
	ok(t, f.books.SaveVariables(ctx, conversion.KindContact, []conversion.Variable{first}))
	err := f.books.SaveVariables(ctx, conversion.KindContact, []conversion.Variable{
		{ID: 9, Kind: conversion.KindContact, Key: "z"}, {ID: 10, Kind: conversion.KindContact, Key: "y"},
	})
	if _, stale := errors.AsType[*conversion.StaleError](err); !stale {
		t.Errorf("the number of another variable is taken: %v", err)
	}
	same(t, must(f.books.Schema(ctx, conversion.KindContact))(t).Variables, []conversion.Variable{first})
}

func variableAddedOnce(f fixture) {
	ctx, t := f.Context(), f.T
	first := conversion.Variable{ID: 10, Kind: conversion.KindContact, Key: "x", Label: "X"}
	ok(t, f.books.AddVariable(ctx, first))
	twin := first
	twin.Label = "Another"
	if _, stale := errors.AsType[*conversion.StaleError](f.books.AddVariable(ctx, twin)); !stale {
		t.Error("the same number and key were added twice")
	}
	twin.ID = 11
	refuses(t, f.books.AddVariable(ctx, twin), conversion.CodeConflict)
	same(t, must(f.books.Schema(ctx, conversion.KindContact))(t).Variables, []conversion.Variable{first})
}

// tie is a connection with everything set but what the sync stores.
func tie(workspaceID string) conversion.Connection {
	return conversion.Connection{
		WorkspaceID: workspaceID, Flow: "web", LoginURL: "https://login.salesforce.com", ClientID: "id", ClientSecret: []byte{0, 1},
		AccessToken: []byte{2}, RefreshToken: []byte{3}, InstanceURL: "https://x.my.salesforce.com", OrgID: "00D", OrgName: "Acme",
		Sandbox: true, UserID: "005", UserName: "integration", Connected: begun, Interval: 15 * time.Minute,
	}
}

func connectionIsSaved(f fixture) {
	ctx, t := f.Context(), f.T
	none := must(f.books.Connection(ctx))(t)
	same(t, none, conversion.Connection{WorkspaceID: none.WorkspaceID})
	c := tie(none.WorkspaceID)
	c.NextSync = begun + 1
	ok(t, f.books.SaveConnection(ctx, c, 0, false))
	c.Generation = 1
	same(t, must(f.books.Connection(ctx))(t), c)

	c.AccessToken, c.RefreshToken, c.Broken, c.BrokenHint, c.Paused = nil, nil, "The token was revoked.", "Connect again.", true
	c.LastSynced = begun + 5
	ok(t, f.books.SaveConnection(ctx, c, 1, true))
	c.Generation = 2
	same(t, must(f.books.Connection(ctx))(t), c)
}

func connectionRace(f fixture) {
	ctx, t := f.Context(), f.T
	c := tie("")
	ok(t, f.books.SaveConnection(ctx, c, 0, true))
	refuses(t, f.books.SaveConnection(ctx, c, 0, true), conversion.CodeConflict)
	ok(t, f.books.SaveConnection(ctx, c, 1, false))
	refuses(t, f.books.SaveConnection(ctx, c, 1, false), conversion.CodeConflict)
	same(t, must(f.books.Connection(ctx))(t).Generation, int64(2))
}

func syncState(f fixture) {
	ctx, t := f.Context(), f.T
	c := tie(workspaceOf(f))
	ok(t, f.books.SaveSyncState(ctx, c)) // there is none yet
	same(t, must(f.books.Connection(ctx))(t).Generation, int64(0))
	ok(t, f.books.SaveConnection(ctx, c, 0, true))

	state := conversion.Connection{LastSynced: 1, NextSync: 2, Loaded: true, Used: 3, Max: 4, ClockOffset: -5 * time.Millisecond, ClockKnown: true, OrgID: c.OrgID, OrgName: "not stored"}
	ok(t, f.books.SaveSyncState(ctx, state))
	c.Generation, c.LastSynced, c.NextSync, c.Loaded, c.Used, c.Max, c.ClockOffset, c.ClockKnown = 1, 1, 2, true, 3, 4, -5*time.Millisecond, true
	same(t, must(f.books.Connection(ctx))(t), c)
	offset, known, err := f.books.ClockOffset(ctx)
	ok(t, err)
	same(t, offset, -5*time.Millisecond)
	same(t, known, true)

	ok(t, f.books.SaveSyncState(ctx, conversion.Connection{NextSync: 99, OrgID: "another org"})) // came too late
	ok(t, f.books.SaveConnection(ctx, tie(""), 1, false))                                        // leaves that alone
	c.Generation = 2
	same(t, must(f.books.Connection(ctx))(t), c)
}

func awaken(f fixture) {
	ctx, t := f.Context(), f.T
	ok(t, f.books.Awaken(ctx, begun)) // there is none yet
	c := tie(workspaceOf(f))
	c.LastSynced, c.NextSync, c.Loaded, c.Used, c.Max, c.ClockOffset = 1, begun+5, true, 3, 4, time.Second
	ok(t, f.books.SaveConnection(ctx, c, 0, false))
	ok(t, f.books.Awaken(ctx, begun))
	c.Generation, c.NextSync = 1, begun
	same(t, must(f.books.Connection(ctx))(t), c)
}

// synced is a workspace in the middle of its life with an org: a contact of a Lead, a
// create on its way, and everything the engine remembers.
func (f fixture) synced(c conversion.Connection) (linkedOne, onItsWay *conversion.Entity) {
	f.Helper()
	ctx, t := f.Context(), f.T
	ok(t, f.books.SaveConnection(ctx, c, 0, true))
	ok(t, f.books.SaveVariables(ctx, conversion.KindContact, []conversion.Variable{{ID: 10, Kind: conversion.KindContact, Key: "x"}}))
	linkedOne, onItsWay = contact("a@example.com", "A"), contact("b@example.com", "B")
	onItsWay.Creating = &conversion.Creation{Object: conversion.Lead, At: begun}
	f.commit(conversion.Batch{
		At: begun, Plans: plans(linked(linkedOne, lead(1)), linked(onItsWay)),
		Cursor:   &conversion.CursorMove{Object: conversion.Lead, To: conversion.Cursor{Modstamp: begun, ID: lead(1).ID}},
		Progress: &conversion.Progress{Object: conversion.Lead, Total: 1},
		Held:     []conversion.Held{{EntityID: linkedOne.ID, Ref: lead(1), Code: "X"}},
	})
	ok(t, f.books.Commit(ctx, conversion.Batch{Asks: []conversion.Ask{{Approval: conversion.Approval{ID: "1", Kind: conversion.KindContact, Created: begun}}}}))
	return linkedOne, onItsWay
}

func anotherOrg(f fixture) {
	ctx, t := f.Context(), f.T
	c := tie(workspaceOf(f))
	a, b := f.synced(c)
	before := f.group(a)
	lease, _, err := f.books.Acquire(ctx, "cycle", "me", begun, begun+100)
	ok(t, err)

	c.OrgID, c.Loaded = "00D000000000002EAA", true
	ok(t, f.books.SaveConnection(ctx, c, 1, true))

	same(t, must(f.books.Connection(ctx))(t).Loaded, false)
	same(t, must(f.books.Cursor(ctx, conversion.Lead))(t), conversion.Cursor{})
	same(t, len(must(f.books.Progress(ctx))(t)), 0)
	same(t, must(f.books.HeldCount(ctx))(t), 0)
	same(t, len(must(f.books.Approvals(ctx, 0))(t)), 0)
	same(t, must(f.books.LiveLinks(ctx, conversion.KindContact))(t), 0)
	same(t, len(must(f.books.EntitiesOf(ctx, []conversion.Ref{lead(1)}))(t)), 0)
	same(t, len(f.groups(conversion.GroupQuery{Kind: conversion.KindContact, Refs: []conversion.Ref{lead(1)}})), 0)
	same(t, len(must(f.books.Schema(ctx, conversion.KindContact))(t).Variables), 1)
	same(t, f.group(b).Entity.Creating, (*conversion.Creation)(nil))

	after := f.group(a).Links[0]
	same(t, after.State, conversion.LinkMoved)
	same(t, after.Ref, conversion.Ref{Object: conversion.Lead, ID: "00D/" + lead(1).ID})
	same(t, after.Fields, before.Links[0].Fields) // its claims stay

	f.stale(conversion.Batch{Plans: plans(before)}, a.ID)
	if err := f.books.Commit(ctx, conversion.Batch{Lease: &lease}); !errors.Is(err, conversion.ErrLeaseLost) {
		t.Errorf("who worked on the old org commits: %v", err)
	}
	f.have(linked(contact("c@example.com", "C"), lead(1))) // the new org's record of the same id
	same(t, must(f.books.LiveLinks(ctx, conversion.KindContact))(t), 1)
}

func firstOrg(f fixture) {
	ctx, t := f.Context(), f.T
	c := tie(workspaceOf(f))
	c.OrgID = ""
	a, _ := f.synced(c)
	before := f.group(a)
	c.OrgID = "00D"
	ok(t, f.books.SaveConnection(ctx, c, 1, true))
	same(t, f.group(a), before)
}

func authStates(f fixture) {
	ctx, t := f.Context(), f.T
	hash := []byte("hash of " + workspaceOf(f))
	state := conversion.AuthState{
		Hash: hash, WorkspaceID: workspaceOf(f), SessionHash: []byte{1}, LoginURL: "https://login.salesforce.com",
		ClientID: "id", ClientSecret: []byte{2}, Verifier: []byte{3}, ConfirmOrg: true, Expires: 1 << 60,
	}
	ok(t, f.books.SaveAuthState(ctx, state))
	same(t, must(f.store.TakeAuthState(ctx, hash, 100))(t), state)
	_, err := f.store.TakeAuthState(ctx, hash, 100)
	refuses(t, err, conversion.CodeNotFound)

	state.Expires = 100
	ok(t, f.books.SaveAuthState(ctx, state))
	_, err = f.store.TakeAuthState(ctx, hash, 100)
	refuses(t, err, conversion.CodeNotFound)
}

func due(t *testing.T, s *store.Store) {
	ctx := t.Context()
	for id, change := range map[string]func(c *conversion.Connection){
		"due":          func(c *conversion.Connection) { c.NextSync = begun },
		"not yet":      func(c *conversion.Connection) { c.NextSync = begun + 1 },
		"asked for":    func(c *conversion.Connection) { c.NextSync = begun + 2 },
		"nothing":      func(c *conversion.Connection) { c.NextSync = begun + 2 },
		"paused":       func(c *conversion.Connection) { c.Paused = true },
		"broken":       func(c *conversion.Connection) { c.Broken = "The token was revoked." },
		"disconnected": func(c *conversion.Connection) { c.Connected = 0 },
	} {
		c := tie(id)
		c.NextSync = begun
		change(&c)
		f := fixtureOf(t, s, id)
		ok(t, f.books.SaveConnection(ctx, c, 0, true))
		e, later := company("example.com", "C"), contact("a@example.com", "A")
		e.Dirty, later.Dirty, later.Retry = begun, begun, begun+1
		switch id {
		case "due":
			e.Dirty = 0
		case "asked for", "nothing":
			e.Dirty, later.Dirty = 0, 0
		}
		f.have(linked(e), linked(later))
		if id != "nothing" {
			f.run(conversion.Inbound)
		}
		if id == "asked for" || id == "paused" {
			ok(t, f.books.AddRuns(ctx, []conversion.Run{{ID: "queued", Status: conversion.RunQueued, Created: begun}}))
		}
	}
	fixtureOf(t, s, "never connected").have(linked(contact("a@example.com", "A")))

	same(t, must(s.Due(ctx, begun))(t), []conversion.Due{
		{WorkspaceID: "due", Cycle: true}, {WorkspaceID: "not yet", Push: true}, {WorkspaceID: "asked for", Cycle: true},
	})
	same(t, must(s.Due(ctx, begun+1))(t), []conversion.Due{
		{WorkspaceID: "due", Cycle: true, Push: true}, {WorkspaceID: "not yet", Cycle: true, Push: true}, {WorkspaceID: "asked for", Cycle: true},
	})

	// What somebody is at already is not due; when they died, it is again as their lease ends.
	_, _, err := s.Workspace("due").Acquire(ctx, "cycle", "me", begun, begun+10)
	ok(t, err)
	_, _, err = s.Workspace("not yet").Acquire(ctx, "push", "me", begun, begun+10)
	ok(t, err)
	same(t, must(s.Due(ctx, begun+1))(t), []conversion.Due{
		{WorkspaceID: "due", Push: true}, {WorkspaceID: "not yet", Cycle: true}, {WorkspaceID: "asked for", Cycle: true},
	})
	same(t, must(s.Due(ctx, begun+10))(t)[0], conversion.Due{WorkspaceID: "due", Cycle: true, Push: true})
}
