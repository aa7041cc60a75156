package sandbox

import (
	"maps"
	"slices"

	"conversion/internal/sandbox/schema"
	"conversion/internal/sandbox/table"
)

// Merged says what a merge did: the winner, its losers, and the records that
// referred to a loser and now refer to the winner.
type Merged struct {
	ID                           string
	MergedIDs, UpdatedRelatedIDs []string
}

// Merge makes one or two losers part of the winner, as somebody does in
// Salesforce: the losers go to the recycle bin with the winner as MasterRecordId,
// and what referred to them refers to the winner. All are live records of one
// object: leads, contacts, accounts or cases. The winner keeps its own values.
func (o *Org) Merge(as Actor, winner string, losers ...string) error {
	_, err := o.MergeInto(as, winner, nil, losers...)
	return err
}

// MergeInto is Merge that also gives the winner values, which is how those of a
// loser survive.
func (o *Org) MergeInto(as Actor, winner string, fields map[string]any, losers ...string) (merged Merged, err error) {
	err = o.write(as, func(t *tx) (refused *Error) {
		merged, refused = t.merge(winner, maps.Clone(fields), losers)
		return refused
	})
	return merged, err
}

// mostLosers is how many records one merge may end.
const mostLosers = 2

func (t *tx) merge(winner string, fields map[string]any, losers []string) (Merged, *Error) {
	obj, kept, err := t.find(winner)
	if err != nil {
		return Merged{}, err
	}
	if !t.rights.may(mayDelete, obj) || !t.rights.may(mayEdit, obj) {
		return Merged{}, noAccess()
	}
	rows, err := t.checkMerge(obj, kept, losers)
	if err != nil {
		return Merged{}, err
	}
	merged := Merged{ID: kept.ID}
	moved := map[string]bool{}
	for _, row := range rows {
		t.mergeAway(obj, row, kept.ID, moved)
		merged.MergedIDs = append(merged.MergedIDs, row.ID)
		delete(moved, row.ID)
	}
	delete(moved, kept.ID)
	merged.UpdatedRelatedIDs = slices.Sorted(maps.Keys(moved))
	if len(fields) > 0 {
		return merged, t.update(kept.ID, fields)
	}
	// A lookup of the winner itself may have led to a loser.
	if _, kept, err = t.find(kept.ID); err != nil {
		return merged, err
	}
	d := t.edit(obj, kept)
	t.stampAuthor(d)
	t.store(d)
	return merged, nil
}

// checkMerge finds the losers and refuses what cannot be merged.
func (t *tx) checkMerge(obj *object, kept table.Row, losers []string) ([]table.Row, *Error) {
	if !obj.Mergeable || len(losers) == 0 || len(losers) > mostLosers {
		return nil, refusal("MERGE_FAILED", "one or two records can be merged into a lead, a contact, an account or a case")
	}
	seen := map[string]bool{kept.ID: true}
	rows := make([]table.Row, 0, len(losers))
	for _, id := range losers {
		lost, row, err := t.find(id)
		if err != nil {
			return nil, err
		}
		switch {
		case lost != obj || seen[row.ID]:
			return nil, refusal("MERGE_FAILED", "records of one object, each once, can be merged")
		case obj.flagged(&row, "IsPersonAccount") != obj.flagged(&kept, "IsPersonAccount") || obj.Name == "Contact" && obj.flagged(&row, "IsPersonAccount"):
			return nil, refusal("MERGE_FAILED", "a person account can be merged with person accounts only")
		case obj.flagged(&row, "IsConverted") || obj.flagged(&kept, "IsConverted"):
			return nil, convertedLead()
		}
		seen[row.ID] = true
		rows = append(rows, row)
	}
	return rows, nil
}

// mergeAway ends one loser. What moved is noted.
func (t *tx) mergeAway(obj *object, row table.Row, winner string, moved map[string]bool) {
	if person := t.personContact(obj, &row); person != "" {
		contacts, contact, ok := t.parentByID(person)
		if _, kept, found := t.parentByID(winner); ok && found {
			t.mergeAway(contacts, *contact, t.personContact(obj, kept), moved)
		}
	}
	d := t.edit(obj, row)
	d.set("MasterRecordId", winner)
	d.erased = true
	t.stampAuthor(d)
	t.store(d)
	ended := &deletion{root: row.ID, order: []string{row.ID}}
	t.onCommit(func() { t.org.bin.add(ended, t.now) })
	for _, name := range t.org.objectNames() {
		other, _ := t.org.object(name)
		if other.View == "" {
			t.repoint(other, obj.Name, row.ID, winner, moved)
		}
	}
	if column, has := obj.column("LastActivityDate"); has && row.Text(column) != "" {
		t.raiseLastActivity(winner, row.Text(column))
	}
}

// personContact is the contact behind a person account, "" for anything else.
func (t *tx) personContact(obj *object, row *table.Row) string {
	if column, ok := obj.column("PersonContactId"); ok {
		return row.Text(column)
	}
	return ""
}

// keptLookups tell of a record itself and never follow a merge.
var keptLookups = map[string]bool{"MasterRecordId": true, "PersonContactId": true}

// repoint moves every lookup of an object from one record to another. The rows
// that move get a new SystemModstamp.
func (t *tx) repoint(obj *object, target, from, to string, moved map[string]bool) {
	pointing := map[string]bool{}
	for _, f := range obj.fields {
		if f.Type != schema.Reference || !f.refersTo(target) || keptLookups[f.Name] || f.column < 0 {
			continue
		}
		for _, r := range obj.referring(f.Name, from) {
			pointing[r.ID] = true
		}
	}
	for _, id := range slices.Sorted(maps.Keys(pointing)) {
		row, ok := obj.rows.Find(id)
		if ok && t.repointRow(obj, *row, from, to) {
			moved[id] = true
		}
	}
}

// repointRow moves the lookups of one row and says whether a live row moved. What
// would be there twice then, a campaign member or a relation, is removed.
func (t *tx) repointRow(obj *object, row table.Row, from, to string) bool {
	d := t.edit(obj, row)
	for _, f := range obj.fields {
		if f.Type != schema.Reference || f.column < 0 || keptLookups[f.Name] || d.values[f.column] != from {
			continue
		}
		d.values[f.column] = to
		if d.id == to {
			d.values[f.column] = nil // the winner was the loser's child
		}
	}
	if !row.Deleted && t.isTwice(d) {
		t.erase(obj, row)
		return false
	}
	t.settleMoved(d, from, to)
	if row.Deleted {
		d.stamp = row.Stamp
		t.store(d)
		return false
	}
	t.touch(d)
	t.afterMove(d)
	return true
}

// settleMoved derives anew what depends on a moved lookup.
func (t *tx) settleMoved(d *draft, from, to string) {
	switch d.object.Name {
	case "Task", "Event":
		d.set("AccountId", t.accountOf(d.text("WhoId"), d.text("WhatId")))
		if list := whoLists[d.object.Name]; d.object.has(list) {
			d.set(list, replaceID(d.get(list), from, to))
		}
	case "CampaignMember":
		if d.text("ContactId") != "" {
			d.set("LeadOrContactId", d.text("ContactId"))
		} else {
			d.set("LeadOrContactId", d.text("LeadId"))
		}
	}
	t.mirrorParents(d)
}

// afterMove brings the activity of a moved relation up to date.
func (t *tx) afterMove(d *draft) {
	switch d.object.Name {
	case "TaskRelation":
		t.relist("Task", d.text("TaskId"))
	case "EventRelation":
		t.relist("Event", d.text("EventId"))
		t.listInvitees(d.text("EventId"))
	}
}

// moveRelations makes the relation records of a lead a contact's.
func (t *tx) moveRelations(activity, from, to string) {
	relations, ok := t.org.object(relationsOf[activity].object)
	if !ok {
		return
	}
	for _, row := range relations.referring("RelationId", from) {
		d := t.edit(relations, row)
		d.set("RelationId", to)
		d.set("AccountId", t.accountOf(to, to))
		if !row.Deleted && t.isTwice(d) {
			t.erase(relations, row)
			continue
		}
		t.touch(d)
		if activity == "Event" {
			t.listInvitees(d.text("EventId"))
		}
	}
}

// pairs are the lookups that a record shares with no other.
var pairs = map[string][2]string{
	"CampaignMember": {"CampaignId", "LeadOrContactId"}, "TaskRelation": {"TaskId", "RelationId"}, "EventRelation": {"EventId", "RelationId"},
}

// isTwice says whether another live record has the same pair of lookups.
func (t *tx) isTwice(d *draft) bool {
	pair, ok := pairs[d.object.Name]
	if !ok {
		return false
	}
	if d.object.Name == "CampaignMember" {
		person := d.text("ContactId")
		if person == "" {
			person = d.text("LeadId")
		}
		d.set("LeadOrContactId", person)
	}
	for _, other := range d.object.referring(pair[1], d.text(pair[1])) {
		if other.ID != d.id && !other.Deleted && other.Text(mustColumn(d.object, pair[0])) == d.text(pair[0]) {
			return true
		}
	}
	return false
}

// replaceID replaces an id in a stored junction list; one that is there already
// stays the only one.
func replaceID(list any, from, to string) any {
	text, _ := list.(string)
	var ids []string
	for _, id := range splitIDs(text) {
		if id == from {
			id = to
		}
		if !slices.Contains(ids, id) {
			ids = append(ids, id)
		}
	}
	return nilIfEmpty(joinIDs(ids))
}
