package api_test

import (
	"net/url"
	"strings"
	"testing"
	"time"

	"conversion"
	"conversion/internal/sandbox"
)

func TestBeforeConnectingTheStatusSaysSo(t *testing.T) {
	t.Parallel()
	newHouse(t).home.call("GET", "/integrations/salesforce", "").is(200).says(map[string]any{
		"status": "not_connected", "last_synced_at": nil, "next_sync_at": nil, "org.id": nil, "eta_seconds": nil,
		"held": 0, "approvals": 0, "api.used": 0, "api.limit": 0, "api.budget": 0,
	})
}

func TestAConnectionIsMadePausedResumedAndEnded(t *testing.T) {
	t.Parallel()
	c := newHouse(t).home
	c.connect().is(200).says(map[string]any{"status": "connecting"})
	connected := c.call("GET", "/integrations/salesforce", "").is(200).says(map[string]any{
		"status": "connecting", "next_sync_at": "2026-03-01T12:00:00Z", "org.instance_url": c.org,
	})
	if id := connected.textAt("org.id"); len(id) != 18 {
		t.Errorf("the org's id is %q", id)
	}
	c.call("POST", "/integrations/salesforce/pause", "").is(200).says(map[string]any{"status": "paused"})
	c.call("POST", "/integrations/salesforce/resume", "").is(200).says(map[string]any{"status": "connecting"})
	c.call("DELETE", "/integrations/salesforce", "").is(204)
	c.call("GET", "/integrations/salesforce", "").is(200).says(map[string]any{"status": "not_connected", "org.id": connected.at("org.id")})
}

func TestTheStatusTellsTheUseOfTheAPIAgainstTheBudget(t *testing.T) {
	t.Parallel()
	c := newHouse(t).home
	c.connect().is(200)
	c.call("PUT", "/integrations/salesforce/options", `{"api_share_percent":20}`).is(200)
	c.call("PUT", "/integrations/salesforce/rules", `{"contacts_created":"contacts"}`).is(200)
	c.call("POST", "/contacts", `{"email":"ada@example.org","variables":{"last_name":"Lovelace"}}`).is(201)
	books, now := c.store.Workspace(c.workspace), conversion.MomentOf(start)
	must(t, books.Measured(t.Context(), 30_000, 100_000, now+1e12))
	ours, err := books.Spent(t.Context(), now)
	must(t, err)
	must(t, books.Spend(t.Context(), conversion.LaneEdits, now, 18_000-ours))
	for lane, why := range map[conversion.Lane]conversion.Reason{conversion.LaneBackfill: conversion.WaitsForShare, conversion.LaneEdits: conversion.WaitsForOthers} {
		must(t, books.Rest(t.Context(), conversion.Wait{Lane: lane, Reason: why, Since: now, Until: now.Add(10 * time.Minute)}))
	}
	told := c.call("GET", "/integrations/salesforce", "").is(200).says(map[string]any{
		"status": "behind", "api.used": 30_000, "api.limit": 100_000, "api.budget": 20_000, "api.ours": 18_000,
		"api.forecast": conversion.BatchCost, "api.window_seconds": 300,
		"api.waits.0.lane": "backfill", "api.waits.0.reason": "share", "api.waits.0.since_at": "2026-03-01T12:00:00Z",
		"api.waits.0.next_look_at": "2026-03-01T12:10:00Z",
	})
	if n := told.length("api.waits"); n != 1 {
		t.Errorf("%d lanes wait; the edits are only gathered", n)
	}
}

func TestAnotherOrgThanTheLinksHasToBeMeant(t *testing.T) {
	t.Parallel()
	c := newHouse(t).home
	c.connect().is(200)
	c.linked(c.call("POST", "/contacts", `{"email":"ada@example.org"}`).is(201).textAt("id"), "00Q000000000001AAA")
	books := c.store.Workspace(c.workspace)
	row, err := books.Connection(t.Context())
	must(t, err)
	row.OrgID = "00D000000000099AAA"
	must(t, books.SaveConnection(t.Context(), row, row.Generation, false))
	c.connect().is(409).says(map[string]any{"code": "conflict"})
	c.call("POST", "/integrations/salesforce/connect", `{"flow":"client_credentials","login_url":"`+c.org+
		`","client_id":"`+sandbox.ClientID+`","client_secret":"`+sandbox.ClientSecret+`","confirm_new_org":true}`).is(200)
}

func TestAWebLoginBeginsWithAnAddressForABrowser(t *testing.T) {
	t.Parallel()
	c := newHouse(t).home
	begun := c.call("POST", "/integrations/salesforce/connect",
		`{"flow":"web","login_url":"`+c.org+`","client_id":"`+sandbox.ClientID+`","client_secret":"`+sandbox.ClientSecret+`"}`).is(200)
	address, err := url.Parse(begun.textAt("authorize_url"))
	must(t, err)
	if q := address.Query(); !strings.HasPrefix(address.String(), c.org) || q.Get("state") == "" || q.Get("code_challenge") == "" {
		t.Errorf("the login is at %s", address)
	}
	begun.says(map[string]any{"status": "not_connected"})
	if strings.Contains(begun.text, sandbox.ClientSecret) {
		t.Error("the answer holds the client secret")
	}
}

func TestARefusedLoginNamesWhatIsWrongAndNeverTheSecret(t *testing.T) {
	t.Parallel()
	c := newHouse(t).home
	r := c.call("POST", "/integrations/salesforce/connect",
		`{"flow":"client_credentials","login_url":"`+c.org+`","client_id":"`+sandbox.ClientID+`","client_secret":"hush-hush"}`).is(422)
	if !names(r, "client_secret") || strings.Contains(r.text, "hush-hush") {
		t.Errorf("answered %s", r.text)
	}
}

func TestRulesAreReplacedAsADocument(t *testing.T) {
	t.Parallel()
	c := newHouse(t).home
	none := map[string]any{
		"contacts_created": "none", "contacts_updated": "none", "contacts_deleted": "none",
		"companies_created": "none", "companies_updated": "none", "companies_deleted": "none",
	}
	c.call("GET", "/integrations/salesforce/rules", "").is(200).says(none)
	c.call("PUT", "/integrations/salesforce/rules", `{"contacts_created":"leads","contacts_updated":"all","contacts_deleted":"all",
		"companies_created":"companies","companies_updated":"companies","companies_deleted":"companies","defaults":{"Lead.Company":"n/a"}}`).is(200)
	stored := c.call("GET", "/integrations/salesforce/rules", "").is(200).says(map[string]any{"contacts_created": "leads", "contacts_updated": "all"})
	if defaults := stored.at("defaults").(map[string]any); defaults["Lead.Company"] != "n/a" {
		t.Errorf("the defaults are %v", defaults)
	}
	c.call("PUT", "/integrations/salesforce/rules", stored.text).is(200).says(map[string]any{"companies_deleted": "companies"})
	none["contacts_created"] = "contacts"
	c.call("PUT", "/integrations/salesforce/rules", `{"contacts_created":"contacts"}`).is(200).says(none)
}

func TestOptionsThatAreNotNamedStay(t *testing.T) {
	t.Parallel()
	c := newHouse(t).home
	c.call("GET", "/integrations/salesforce/options", "").is(200).says(map[string]any{
		"interval_minutes": 15, "assignment_rules": false, "align_duplicates": false,
		"api_share_percent": 50, "unknown_outcome_minutes": 10, "breaker.max_deletions": 100, "breaker.max_deletions_percent": 5,
		"breaker.max_changed_percent": 10, "on_merge": "keep", "delete_in_conversion.lead": false, "retention_days": 400,
	})
	c.call("PUT", "/integrations/salesforce/options", `{"interval_minutes":5,"align_duplicates":true,"breaker":{"max_deletions":7},
		"on_merge":"combine","delete_in_conversion":{"lead":true}}`).is(200)
	stored := c.call("PUT", "/integrations/salesforce/options", `{"api_share_percent":20}`).is(200).says(map[string]any{
		"interval_minutes": 5, "align_duplicates": true, "api_share_percent": 20, "breaker.max_deletions": 7,
		"breaker.max_changed_percent": 10, "on_merge": "combine", "delete_in_conversion.lead": true, "delete_in_conversion.account": false,
	})
	c.call("PUT", "/integrations/salesforce/options", stored.text).is(200).says(map[string]any{"interval_minutes": 5})
}

func TestASyncQueuesARunOfEveryObject(t *testing.T) {
	t.Parallel()
	c := newHouse(t).home
	c.connect().is(200)
	asked := c.call("POST", "/integrations/salesforce/sync", "").is(202)
	again := c.call("POST", "/integrations/salesforce/sync", "").is(202)
	if n := asked.length("run_ids"); n != 8 || again.text != asked.text {
		t.Errorf("asked twice, %d runs are queued:\n%s\n%s", n, asked.text, again.text)
	}
	c.call("GET", "/runs/"+asked.textAt("run_ids.0"), "").is(200).says(map[string]any{
		"id": asked.at("run_ids.0"), "direction": "outbound", "object": "Account", "status": "queued", "trigger": "manual",
		"created_at": "2026-03-01T12:00:00Z", "started_at": nil, "finished_at": nil, "error": nil,
		"counts.created": 0, "counts.updated": 0, "counts.deleted": 0, "counts.skipped": 0, "counts.held": 0,
	})
	for query, want := range map[string]int{
		"":                                    8,
		"?direction=outbound":                 3,
		"?object=Lead":                        2,
		"?object=Lead&direction=inbound":      1,
		"?since=2026-03-01T12:00:01Z":         0,
		"?since=2026-03-01T12:00:00Z&limit=5": 5,
		"?until=2026-03-01T12:00:00Z":         0,
		"?until=2026-03-01T12:00:01Z":         8,
		"?since=2026-03-01T00:00:00Z&until=2026-03-02T00:00:00Z": 8,
	} {
		if got := c.call("GET", "/runs"+query, "").is(200).length("data"); got != want {
			t.Errorf("GET /runs%s lists %d, want %d", query, got, want)
		}
	}
}

func TestARunShowsItsRecords(t *testing.T) {
	t.Parallel()
	c := newHouse(t).home
	books := c.store.Workspace(c.workspace)
	must(t, books.AddRuns(t.Context(), []conversion.Run{{ID: "run-1", Direction: conversion.Inbound, Object: conversion.Lead, Created: 1, Status: conversion.RunRunning}}))
	ref := conversion.Ref{Object: conversion.Lead, ID: "00Q000000000001AAA"}
	must(t, books.Commit(t.Context(), conversion.Batch{
		RunID: "run-1", At: conversion.MomentOf(start), Counts: conversion.Counts{Skipped: 2},
		Lines: []conversion.RunLine{
			{RunID: "run-1", Ref: ref, Outcome: "skipped", Message: "It has no e-mail.", At: conversion.MomentOf(start)},
			{RunID: "run-1", Ref: ref, Outcome: "skipped", Message: "Nor now.", At: conversion.MomentOf(start)},
		},
	}))
	c.call("GET", "/runs/run-1", "").is(200).says(map[string]any{"status": "running", "counts.skipped": 2})
	first := c.call("GET", "/runs/run-1/records?limit=1", "").is(200).says(map[string]any{
		"data.0.object": "Lead", "data.0.record_id": ref.ID, "data.0.outcome": "skipped", "data.0.message": "It has no e-mail.",
		"data.0.entity_id": nil, "data.0.at": "2026-03-01T12:00:00Z",
	})
	c.call("GET", "/runs/run-1/records?limit=1&cursor="+first.textAt("next_cursor"), "").is(200).says(map[string]any{
		"data.0.message": "Nor now.", "next_cursor": nil,
	})
}

func TestWhatIsHeldIsListedWithReasonAndRetry(t *testing.T) {
	t.Parallel()
	c := newHouse(t).home
	id := c.call("POST", "/contacts", `{"email":"ada@example.org"}`).is(201).textAt("id")
	books := c.store.Workspace(c.workspace)
	groups, err := books.Groups(t.Context(), conversion.GroupQuery{Kind: conversion.KindContact, IDs: []string{id}})
	must(t, err)
	must(t, books.Commit(t.Context(), conversion.Batch{
		At:    conversion.MomentOf(start),
		Plans: []conversion.Plan{{Group: groups[0], Expect: groups[0].Entity.Version}},
		Held: []conversion.Held{{
			ID: "held-1", EntityID: id, Ref: conversion.Ref{Object: conversion.Lead}, Code: "REQUIRED_FIELD_MISSING", Message: "LastName is required.",
			Hint: "Set a default.", Since: conversion.MomentOf(start), Retry: conversion.MomentOf(start.Add(time.Hour)),
		}},
	}))
	c.call("GET", "/held", "").is(200).says(map[string]any{
		"data.0.id": "held-1", "data.0.entity_id": id, "data.0.entity_name": "ada@example.org", "data.0.object": "Lead", "data.0.record_id": nil, "data.0.code": "REQUIRED_FIELD_MISSING",
		"data.0.message": "LastName is required.", "data.0.hint": "Set a default.", "data.0.since": "2026-03-01T12:00:00Z",
		"data.0.retry_at": "2026-03-01T13:00:00Z", "next_cursor": nil,
	})
}

func TestChangesInBulkAreListedForAnApproval(t *testing.T) {
	t.Parallel()
	c := newHouse(t).home
	must(t, c.store.Workspace(c.workspace).Commit(t.Context(), conversion.Batch{Asks: []conversion.Ask{{Approval: conversion.Approval{
		ID: "bulk", Direction: conversion.Outbound, Kind: conversion.KindContact, Var: 7, Reason: "By one API key.", Count: 500, Created: conversion.MomentOf(start),
	}}}}))
	c.call("GET", "/approvals", "").is(200).says(map[string]any{
		"data.0.id": "bulk", "data.0.direction": "outbound", "data.0.what": "changes", "data.0.reason": "By one API key.", "data.0.count": 500, "data.0.approved": false,
	})
	c.call("POST", "/approvals/bulk", `{"approve":false}`).is(200).says(map[string]any{"id": "bulk", "approved": false, "decided_at": "2026-03-01T12:00:00Z"})
}

func TestAnApprovalIsDecidedOnce(t *testing.T) {
	t.Parallel()
	c := newHouse(t).home
	books := c.store.Workspace(c.workspace)
	for i, id := range []string{"first", "second"} {
		must(t, books.Commit(t.Context(), conversion.Batch{Asks: []conversion.Ask{{Approval: conversion.Approval{
			ID: id, Direction: conversion.Inbound, Kind: conversion.KindContact, Reason: "Many deletions.", Count: 120, Created: conversion.MomentOf(start) + conversion.Moment(i),
		}}}}))
	}
	page := c.call("GET", "/approvals?limit=1", "").is(200).says(map[string]any{
		"data.0.id": "first", "data.0.kind": "contact", "data.0.direction": "inbound", "data.0.what": "deletions", "data.0.used": 0, "data.0.reason": "Many deletions.", "data.0.count": 120,
		"data.0.created_at": "2026-03-01T12:00:00Z", "data.0.decided_at": nil,
	})
	c.call("GET", "/approvals?limit=1&cursor="+page.textAt("next_cursor"), "").is(200).says(map[string]any{"data.0.id": "second", "next_cursor": nil})
	c.call("POST", "/approvals/first", `{"approve":true}`).is(200).says(map[string]any{"id": "first", "approved": true, "decided_at": "2026-03-01T12:00:00Z"})
	c.call("POST", "/approvals/first", `{"approve":false}`).is(409)
	c.call("POST", "/approvals/second", `{"approve":false}`).is(200).says(map[string]any{"approved": false})
	if n := c.call("GET", "/approvals", "").is(200).length("data"); n != 0 {
		t.Errorf("%d still wait", n)
	}
}

func TestWhatIsHeldIsGroupedFilteredAndTriedAgain(t *testing.T) {
	t.Parallel()
	c := newHouse(t).home
	books := c.store.Workspace(c.workspace)
	var plans []conversion.Plan
	var rows []conversion.Held
	for i, email := range []string{"ada@example.org", "bob@example.org"} {
		id := c.call("POST", "/contacts", `{"email":"`+email+`"}`).is(201).textAt("id")
		groups, err := books.Groups(t.Context(), conversion.GroupQuery{Kind: conversion.KindContact, IDs: []string{id}})
		must(t, err)
		g, ref := groups[0], conversion.Ref{Object: conversion.Lead, ID: "00Q00000000000" + email[:1]}
		hold := conversion.FieldHold{Var: 10, Field: "Title", Number: 1, Code: "STRING_TOO_LONG", Message: "Too long.", Fix: conversion.FixConversion, Retry: conversion.MomentOf(start.Add(time.Hour))}
		g.Links = []*conversion.Link{{Ref: ref, EntityID: id, State: conversion.LinkLive, Holds: []conversion.FieldHold{hold}}}
		plans = append(plans, conversion.Plan{Group: g, Expect: g.Entity.Version})
		rows = append(rows, conversion.Held{ID: "held-" + email[:3], EntityID: id, Ref: ref, Field: "Title", Code: hold.Code, Message: hold.Message, Fix: hold.Fix, Retry: hold.Retry + conversion.Moment(i)})
	}
	rows = append(rows, conversion.Held{ID: "other", EntityID: rows[0].EntityID, Ref: rows[0].Ref, Code: "OSCILLATION", Field: "Phone", Fix: conversion.FixSalesforce, UserID: "005A"})
	must(t, books.Commit(t.Context(), conversion.Batch{At: conversion.MomentOf(start), Plans: plans, Held: rows}))

	c.call("GET", "/held/groups", "").is(200).says(map[string]any{
		"data.0.cause": "STRING_TOO_LONG:Lead.Title", "data.0.count": 2, "data.0.field": "Title", "data.0.fix": "conversion", "data.0.code": "STRING_TOO_LONG",
		"data.1.cause": "OSCILLATION:Lead.Phone", "data.1.count": 1, "next_cursor": nil,
	})
	if n := c.call("GET", "/held?cause=STRING_TOO_LONG:Lead.Title", "").is(200).length("data"); n != 2 {
		t.Errorf("%d rows of the cause, want 2", n)
	}
	c.call("GET", "/held?fix=salesforce", "").is(200).says(map[string]any{"data.0.id": "other", "data.0.user_id": "005A", "data.0.user_name": nil, "data.0.field": "Phone"})
	if n := c.call("GET", "/held?object=Account", "").is(200).length("data"); n != 0 {
		t.Errorf("%d rows of accounts", n)
	}
	c.call("POST", "/held/retry", `{"all":true,"not_there":true}`).is(422).says(map[string]any{"errors.0.field": "not_there"})
	c.call("POST", "/held/retry", `{"ids":["held-ada"],"not_there":true}`).is(422).says(map[string]any{"errors.0.field": "ids"})
	for _, body := range []string{`{}`, `{"ids":[]}`, `{"ids":["held-ada"],"all":true}`, `{"cause":"x","all":true}`} {
		c.call("POST", "/held/retry", body).is(422).says(map[string]any{"errors.0.field": "ids"})
	}
	for body, want := range map[string]int{
		`{"ids":["held-ada"]}`: 1, `{"ids":["nobody's"]}`: 0, `{"cause":"STRING_TOO_LONG:Lead.Title"}`: 2, `{"all":true}`: 3,
	} {
		c.call("POST", "/held/retry", body).is(202).says(map[string]any{"retried": want})
	}
	groups, err := books.Groups(t.Context(), conversion.GroupQuery{Kind: conversion.KindContact, IDs: []string{rows[0].EntityID}})
	must(t, err)
	if h := groups[0].Links[0].Holds[0]; h.Retry != conversion.MomentOf(start) || groups[0].Entity.Dirty == 0 || groups[0].Entity.Retry != 0 {
		t.Errorf("it is not tried again: %+v, %+v", h, groups[0].Entity)
	}
	c.call("GET", "/held?fix=conversion&limit=1", "").is(200).says(map[string]any{"data.0.retry_at": "2026-03-01T12:00:00Z"})
}
