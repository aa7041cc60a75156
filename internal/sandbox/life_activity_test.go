package sandbox

import (
	"testing"
	"time"

	"conversion/internal/sandbox/schema"
)

func TestLastActivityFollowsActivitiesUpAndDown(t *testing.T) {
	t.Parallel()
	c := newClient(t, Options{})
	account := c.insert("Account", m{"Name": "A"})
	contact := c.insert("Contact", m{"LastName": "C", "AccountId": account})
	early := c.insert("Task", m{"WhoId": contact, "ActivityDate": "2026-01-10", "Status": "Completed"})
	late := c.insert("Event", m{"WhoId": contact, "ActivityDate": "2026-01-20", "IsAllDayEvent": true})
	last := func(want any) {
		t.Helper()
		for _, id := range []string{account, contact} {
			if got := c.record(id)["LastActivityDate"]; got != want {
				t.Errorf("the last activity of %s is %v, want %v", id, got, want)
			}
		}
	}
	last("2026-01-20")
	c.want(204, nil, "DELETE", v67+"/sobjects/Event/"+late, nil)
	last("2026-01-10")
	c.want(204, nil, "PATCH", v67+"/sobjects/Task/"+early, m{"Status": "In Progress"})
	last(nil)
	if err := c.org.Undelete(c.org.Admin(), late); err != nil {
		t.Fatal(err)
	}
	last("2026-01-20")
	if got := c.record(contact)["SystemModstamp"]; got != "2026-01-31T09:00:00.000+0000" {
		t.Errorf("the contact's SystemModstamp moved to %v", got)
	}
}

func TestAnAllDayEventIsWholeDays(t *testing.T) {
	t.Parallel()
	c := newClient(t, Options{})
	one := c.record(c.insert("Event", m{"ActivityDate": "2026-02-01", "IsAllDayEvent": true}))
	if one["StartDateTime"] != "2026-02-01T00:00:00.000+0000" || one["EndDateTime"] != "2026-02-01T00:00:00.000+0000" || one["DurationInMinutes"] != 1440.0 {
		t.Errorf("one day is %v", one)
	}
	three := c.record(c.insert("Event", m{"StartDateTime": "2026-02-01T10:00:00Z", "EndDateTime": "2026-02-03T00:00:00Z", "IsAllDayEvent": true}))
	if three["ActivityDate"] != "2026-02-01" || three["EndDate"] != "2026-02-03" || three["DurationInMinutes"] != 4320.0 {
		t.Errorf("three days are %v", three)
	}
	c.refused(400, "REQUIRED_FIELD_MISSING", "POST", v67+"/sobjects/Event", m{"IsAllDayEvent": true})
	c.refused(400, "FIELD_INTEGRITY_EXCEPTION", "POST", v67+"/sobjects/Event", m{"ActivityDate": "2026-02-01", "DurationInMinutes": 30000, "IsAllDayEvent": true})
	c.refused(400, "FUNCTIONALITY_NOT_ENABLED", "POST", v67+"/sobjects/Task", m{"IsRecurrence": true})
}

func TestOldActivitiesAreArchivedAtNight(t *testing.T) {
	t.Parallel()
	c := newClient(t, Options{SessionLifetime: 90 * 24 * time.Hour})
	lead := c.lead("a@x.test")
	old := c.insert("Task", m{"WhoId": lead, "ActivityDate": "2025-01-30", "Status": "Completed"})
	open := c.insert("Task", m{"WhoId": lead, "ActivityDate": "2025-01-30"})
	young := c.insert("Task", m{"WhoId": lead, "ActivityDate": "2025-02-15", "Status": "Completed"})
	event := c.insert("Event", m{"WhoId": lead, "StartDateTime": "2025-01-15T10:00:00Z", "DurationInMinutes": 30})
	if got := c.query("SELECT Id FROM Task"); got.TotalSize != 3 {
		t.Errorf("before the night there are %v", got.Records)
	}
	c.org.Clock().Advance(24 * time.Hour)
	if got := c.query("SELECT Id FROM Task"); got.TotalSize != 2 {
		t.Errorf("after the night query shows %v", got.Records)
	}
	if got := c.queryAll("SELECT Id FROM Task WHERE IsArchived = true"); got.TotalSize != 1 || got.Records[0]["Id"] != old {
		t.Errorf("archived are %v", got.Records)
	}
	if c.record(event)["IsArchived"] != true || c.record(open)["IsArchived"] != false || c.record(young)["IsArchived"] != false {
		t.Error("the wrong activities are archived")
	}
	if got := c.record(old)["SystemModstamp"]; got != "2026-01-31T09:00:00.000+0000" {
		t.Errorf("archiving moved SystemModstamp to %v", got)
	}
	c.want(204, nil, "PATCH", v67+"/sobjects/Task/"+old, m{"Subject": "still mine"})
	c.want(204, nil, "PATCH", v67+"/sobjects/Task/"+open, m{"Status": "Completed"})
	var run struct{ Archived int }
	c.want(200, &run, "POST", "/__sandbox/archive", nil)
	if run.Archived != 1 {
		t.Errorf("%d archived on request", run.Archived)
	}
}

func TestInviteesAreRelationsAndLists(t *testing.T) {
	t.Parallel()
	c := newClient(t, Options{})
	ann, bob := c.insert("Contact", m{"LastName": "Ann"}), c.insert("Contact", m{"LastName": "Bob"})
	var made struct{ ID string }
	c.want(201, &made, "POST", v67+"/sobjects/Event", m{"StartDateTime": "2026-02-01T10:00:00Z", "DurationInMinutes": 30, "UndecidedEventInviteeIds": []string{ann, bob}})
	if got := c.record(made.ID); got["IsGroupEvent"] != true || got["GroupEventType"] != "1" {
		t.Errorf("the event is %v", got)
	}
	relations := c.query("SELECT Id, RelationId, Status FROM EventRelation ORDER BY RelationId")
	if relations.TotalSize != 2 || relations.Records[0]["RelationId"] != ann || relations.Records[0]["Status"] != "New" {
		t.Fatalf("the relations are %v", relations.Records)
	}
	c.want(204, nil, "PATCH", v67+"/sobjects/EventRelation/"+relations.Records[0]["Id"].(string), m{"Status": "Accepted"})
	event := c.query("SELECT AcceptedEventInviteeIds, UndecidedEventInviteeIds, DeclinedEventInviteeIds FROM Event").Records[0]
	if accepted, ok := event["AcceptedEventInviteeIds"].([]any); !ok || len(accepted) != 1 || accepted[0] != ann || event["DeclinedEventInviteeIds"] != nil {
		t.Errorf("the lists are %v", event)
	}
	if got := c.query("SELECT RelationId FROM AcceptedEventRelation"); got.TotalSize != 1 || got.Records[0]["RelationId"] != ann {
		t.Errorf("accepted: %v", got.Records)
	}
	c.want(204, nil, "PATCH", v67+"/sobjects/Event/"+made.ID, m{"UndecidedEventInviteeIds": nil})
	if got := c.query("SELECT RelationId FROM EventRelation"); got.TotalSize != 1 {
		t.Errorf("after the list was emptied there are %v", got.Records)
	}
}

func sharing(t *testing.T) *client {
	t.Helper()
	return newClient(t, Options{Features: []string{schema.SharedActivities}})
}

func TestASharedTaskIsAboutSeveralContacts(t *testing.T) {
	t.Parallel()
	c := sharing(t)
	account := c.insert("Account", m{"Name": "A"})
	ann, bob := c.insert("Contact", m{"LastName": "Ann", "AccountId": account}), c.insert("Contact", m{"LastName": "Bob"})
	var made struct{ ID string }
	c.want(201, &made, "POST", v67+"/sobjects/Task", m{"TaskWhoIds": []string{ann, bob}, "WhatId": account})
	if got := c.query("SELECT WhoId, WhoCount, WhatCount, TaskWhoIds FROM Task").Records[0]; got["WhoId"] != ann || got["WhoCount"] != 2.0 || got["WhatCount"] != 1.0 || len(got["TaskWhoIds"].([]any)) != 2 {
		t.Errorf("the task is %v", got)
	}
	if got := c.query("SELECT RelationId, IsWhat FROM TaskRelation WHERE TaskId = '" + made.ID + "'"); got.TotalSize != 3 {
		t.Errorf("its relations are %v", got.Records)
	}
	if got := c.query("SELECT RelationId FROM TaskWhoRelation WHERE RelationId = '" + bob + "'"); got.TotalSize != 1 {
		t.Errorf("its persons are %v", got.Records)
	}
	lead := c.lead("x@x.test")
	c.refused(400, "FIELD_INTEGRITY_EXCEPTION", "POST", v67+"/sobjects/Task", m{"TaskWhoIds": []string{ann, lead}})
	c.refused(400, "FIELD_INTEGRITY_EXCEPTION", "POST", v67+"/sobjects/TaskRelation", m{"TaskId": made.ID, "RelationId": lead})
	c.refused(400, "DUPLICATE_VALUE", "POST", v67+"/sobjects/TaskRelation", m{"TaskId": made.ID, "RelationId": bob})
}

func TestTheNextPersonIsPromotedWhenThePrimaryGoes(t *testing.T) {
	t.Parallel()
	c := sharing(t)
	ann, bob := c.insert("Contact", m{"LastName": "Ann"}), c.insert("Contact", m{"LastName": "Bob"})
	task := c.insert("Task", m{"TaskWhoIds": []any{ann, bob}})
	relation, _ := c.query("SELECT Id FROM TaskRelation WHERE RelationId = '" + ann + "'").Records[0]["Id"].(string)
	c.org.Clock().Advance(time.Minute)
	c.want(204, nil, "DELETE", v67+"/sobjects/TaskRelation/"+relation, nil)
	if got := c.record(task); got["WhoId"] != bob || got["WhoCount"] != 1.0 {
		t.Errorf("the task is %v", got)
	}
	if got := c.queryAll("SELECT Id FROM TaskRelation WHERE IsDeleted = true"); got.TotalSize != 0 {
		t.Errorf("the relation is in the bin: %v", got.Records)
	}
	c.org.Clock().Advance(time.Minute)
	var deleted struct{ DeletedRecords []m }
	c.want(200, &deleted, "GET", v67+"/sobjects/TaskRelation/deleted?start=2026-01-31T09:00:00Z&end=2026-01-31T09:02:00Z", nil)
	if len(deleted.DeletedRecords) != 1 || deleted.DeletedRecords[0]["id"] != relation {
		t.Errorf("deleted: %v", deleted.DeletedRecords)
	}
}

func TestADeletedContactLeavesSharedTasksToTheOthers(t *testing.T) {
	t.Parallel()
	c := sharing(t)
	ann, bob := c.insert("Contact", m{"LastName": "Ann"}), c.insert("Contact", m{"LastName": "Bob"})
	shared, own := c.insert("Task", m{"TaskWhoIds": []any{ann, bob}}), c.insert("Task", m{"WhoId": ann})
	c.want(204, nil, "DELETE", v67+"/sobjects/Contact/"+ann, nil)
	if got := c.record(shared); got["IsDeleted"] != false || got["WhoId"] != bob || got["WhoCount"] != 1.0 {
		t.Errorf("the shared task is %v", got)
	}
	if c.record(own)["IsDeleted"] != true {
		t.Error("the contact's own task stayed")
	}
	if err := c.org.Undelete(c.org.Admin(), ann); err != nil {
		t.Fatal(err)
	}
	if got := c.record(shared); got["WhoCount"] != 2.0 || c.record(own)["IsDeleted"] != false {
		t.Errorf("after undelete the shared task is %v", got)
	}
}

func TestMergesAndConversionsMoveSharedActivities(t *testing.T) {
	t.Parallel()
	c := sharing(t)
	winner, loser := c.insert("Contact", m{"LastName": "W"}), c.insert("Contact", m{"LastName": "L"})
	both := c.insert("Task", m{"TaskWhoIds": []any{loser, winner}})
	if err := c.org.Merge(c.org.Admin(), winner, loser); err != nil {
		t.Fatal(err)
	}
	if got := c.record(both); got["WhoId"] != winner || got["WhoCount"] != 1.0 {
		t.Errorf("the task of both is %v", got)
	}
	lead := c.lead("a@x.test")
	event := c.insert("Event", m{"WhoId": lead, "StartDateTime": "2026-02-01T10:00:00Z", "DurationInMinutes": 30})
	done, err := c.org.ConvertLead(c.org.Admin(), lead, ConvertOptions{DoNotCreateOpportunity: true})
	if err != nil {
		t.Fatal(err)
	}
	if got := c.query("SELECT RelationId FROM EventWhoRelation WHERE EventId = '" + event + "'"); got.TotalSize != 1 || got.Records[0]["RelationId"] != done.ContactID {
		t.Errorf("the event's persons are %v", got.Records)
	}
	if got := c.record(event); got["EventWhoIds"] != done.ContactID || got["WhoCount"] != 1.0 {
		t.Errorf("the event is %v", got)
	}
}

func TestSharedActivitiesCanBeTurnedOnLater(t *testing.T) {
	t.Parallel()
	c := newClient(t, Options{})
	contact := c.insert("Contact", m{"LastName": "Ann"})
	c.insert("Task", m{"WhoId": contact})
	c.refused(400, "INVALID_TYPE", "GET", v67+"/query?q=SELECT+Id+FROM+TaskRelation", nil)
	c.want(204, nil, "POST", "/__sandbox/features/SharedActivities", nil)
	c.want(204, nil, "POST", "/__sandbox/features/SharedActivities", nil)
	c.refused(400, "INVALID_FIELD", "POST", "/__sandbox/features/Chatter", nil)
	if got := c.query("SELECT RelationId FROM TaskWhoRelation"); got.TotalSize != 1 || got.Records[0]["RelationId"] != contact {
		t.Errorf("the relations are %v", got.Records)
	}
	var described struct {
		Fields             []m
		ChildRelationships []m
	}
	c.want(200, &described, "GET", v67+"/sobjects/Task/describe", nil)
	found := map[string]bool{}
	for _, f := range described.Fields {
		found[f["name"].(string)] = true
	}
	for _, child := range described.ChildRelationships {
		if lists := child["junctionIdListNames"].([]any); len(lists) == 1 {
			found[lists[0].(string)+" of a relation"] = true
		}
	}
	if !found["WhoCount"] || found["TaskWhoIds"] || !found["TaskWhoIds of a relation"] {
		t.Errorf("described are %v", found)
	}
}
