package sandbox

import (
	"slices"
	"strings"

	"conversion/internal/sandbox/schema"
	"conversion/internal/sandbox/table"
)

// With Shared Activities an activity is about several contacts: its relations
// are records, of which the first one's person is its WhoId. The activity's list
// of ids and its relation records always say the same.

// whoLists name the junction list of the persons an activity is about.
var whoLists = map[string]string{"Task": "TaskWhoIds", "Event": "EventWhoIds"}

// relationsOf name an activity's relation object and its lookup to the activity.
var relationsOf = map[string]struct{ object, lookup string }{
	"Task": {"TaskRelation", "TaskId"}, "Event": {"EventRelation", "EventId"},
}

// mostWhos is how many contacts an activity may be about.
const mostWhos = 50

func splitIDs(list string) []string {
	if list == "" {
		return nil
	}
	return strings.Split(list, junctionSeparator)
}

func joinIDs(ids []string) string { return strings.Join(ids, junctionSeparator) }

// settleWhos brings WhoId and the list of persons into agreement.
func (t *tx) settleWhos(d *draft) *Error {
	list := whoLists[d.object.Name]
	if !t.org.enabled(schema.SharedActivities) {
		return nil
	}
	whos, who := splitIDs(d.text(list)), d.text("WhoId")
	switch {
	case d.changed(list) && who != "" && d.changed("WhoId"):
		if !slices.Contains(whos, who) {
			return refusal("FIELD_INTEGRITY_EXCEPTION", "Name ID: must be one of "+list, "WhoId", list)
		}
		whos = inFront(whos, who)
	case d.changed("WhoId") && !d.changed(list):
		if !d.isNew() {
			was := d.before.Text(mustColumn(d.object, "WhoId"))
			whos = slices.DeleteFunc(whos, func(id string) bool { return id == was })
		}
		whos = inFront(whos, who)
	}
	if err := t.checkWhos(d, list, whos); err != nil {
		return err
	}
	t.setWhos(d, whos)
	return nil
}

// setWhos gives an activity its persons, the first being the primary.
func (t *tx) setWhos(d *draft, whos []string) {
	first, related := any(nil), 0.0
	if len(whos) > 0 {
		first = whos[0]
	}
	if d.text("WhatId") != "" {
		related = 1
	}
	d.set("WhoId", first)
	d.set(whoLists[d.object.Name], nilIfEmpty(joinIDs(whos)))
	d.set("WhoCount", float64(len(whos)))
	d.set("WhatCount", related)
}

// inFront moves or puts an id to the front of a list; an empty one is none.
func inFront(ids []string, id string) []string {
	rest := slices.DeleteFunc(slices.Clone(ids), func(other string) bool { return other == id })
	if id == "" {
		return rest
	}
	return append([]string{id}, rest...)
}

// checkWhos refuses anything but one lead or up to 50 contacts.
func (t *tx) checkWhos(d *draft, list string, whos []string) *Error {
	leads := 0
	for _, id := range whos {
		obj, row, ok := t.parentByID(id)
		switch {
		case !isWho(id):
			return malformedID("Name ID", id, list)
		case (!ok || row.Deleted) && d.access != importing:
			return refusal("INVALID_CROSS_REFERENCE_KEY", "invalid cross reference id", list)
		case ok && obj.Name == "Lead":
			leads++
		}
	}
	if leads > 0 && len(whos) > 1 || len(whos) > mostWhos {
		return refusal("FIELD_INTEGRITY_EXCEPTION", "An activity can be related to one lead or to up to 50 contacts", list)
	}
	return nil
}

// syncRelations makes the relation records of a saved activity say what the
// activity says.
func (t *tx) syncRelations(d *draft) *Error {
	if d.erased {
		return nil
	}
	if d.object.Name == "Event" {
		if err := t.syncInvitees(d); err != nil {
			return err
		}
	}
	if !t.org.enabled(schema.SharedActivities) {
		return nil
	}
	wanted := splitIDs(d.text(whoLists[d.object.Name]))
	if what := d.text("WhatId"); what != "" {
		wanted = append(wanted, what)
	}
	relations, _ := t.org.object(relationsOf[d.object.Name].object)
	var rows []table.Row
	if !d.isNew() {
		_, rows = t.relationRows(d.object.Name, d.id)
	}
	known := map[string]bool{}
	for _, row := range rows {
		id := row.Text(mustColumn(relations, "RelationId"))
		known[id] = true
		if !slices.Contains(wanted, id) {
			t.unrelate(relations, row)
		} else if relations.has("IsParent") {
			t.adjust(row.ID, func(r *draft) { r.set("IsParent", true) })
		}
	}
	for _, id := range wanted {
		if !known[id] {
			t.relate(d, relations, id)
		}
	}
	return nil
}

// relationRows lists the live relation records of an activity.
func (t *tx) relationRows(activity, id string) (*object, []table.Row) {
	of := relationsOf[activity]
	relations, ok := t.org.object(of.object)
	if !ok {
		return nil, nil
	}
	rows := slices.DeleteFunc(relations.referring(of.lookup, id), func(r table.Row) bool { return r.Deleted })
	return relations, rows
}

// relate adds the record of a relation.
func (t *tx) relate(d *draft, relations *object, to string) {
	r := &draft{object: relations, access: creating, id: t.org.newID(relations), values: make([]any, relations.columns)}
	r.set(relationsOf[d.object.Name].lookup, d.id)
	r.set("RelationId", to)
	r.set("IsParent", true)
	r.set("IsWhat", !isWho(to))
	r.set("AccountId", t.accountOf(to, to))
	t.stampAuthor(r)
	t.store(r)
}

// unrelate takes a relation away: an invitee stays one.
func (t *tx) unrelate(relations *object, row table.Row) {
	if relations.flagged(&row, "IsInvitee") {
		t.adjust(row.ID, func(r *draft) { r.set("IsParent", false) })
		return
	}
	t.erase(relations, row)
}

// relist gives an activity the persons that its relation records name, the
// primary one first as long as it is among them.
func (t *tx) relist(activity, id string) {
	obj, row, ok := t.parentByID(id)
	if !ok || obj.Name != activity || !t.org.enabled(schema.SharedActivities) {
		return
	}
	d := t.edit(obj, *row)
	relations, rows := t.relationRows(activity, id)
	var whos []string
	for _, r := range rows {
		related := r.Text(mustColumn(relations, "RelationId"))
		if isWho(related) && (activity == "Task" || relations.flagged(&r, "IsParent")) {
			whos = append(whos, related)
		}
	}
	if slices.Contains(whos, d.text("WhoId")) {
		whos = inFront(whos, d.text("WhoId"))
	}
	t.setWhos(d, whos)
	d.set("AccountId", t.accountOf(d.text("WhoId"), d.text("WhatId")))
	if d.packed() != row.Data {
		t.touch(d)
	}
}

// relationRules completes the record of a relation that somebody writes.
func (t *tx) relationRules(d *draft) *Error {
	activity := "Task"
	if d.object.Name == "EventRelation" {
		activity = "Event"
	}
	obj, row, ok := t.parent(d, relationsOf[activity].lookup)
	if !ok || d.access == importing {
		return nil
	}
	if obj.flagged(row, "IsChild") {
		return refusal("FIELD_INTEGRITY_EXCEPTION", "An invitee's own event has no relations", "EventId")
	}
	related := d.text("RelationId")
	if d.isNew() {
		if err := t.checkRelation(d, activity, related); err != nil {
			return err
		}
	}
	if d.object.has("IsWhat") {
		d.set("IsWhat", !isWho(related) && !strings.HasPrefix(related, "005"))
		d.set("AccountId", t.accountOf(related, related))
	}
	if activity == "Event" {
		return t.inviteeRules(d, related)
	}
	return nil
}

// checkRelation refuses a second relation to the same record, and persons that
// the activity cannot have.
func (t *tx) checkRelation(d *draft, activity, related string) *Error {
	id := d.text(relationsOf[activity].lookup)
	relations, rows := t.relationRows(activity, id)
	var whos []string
	for _, r := range rows {
		other := r.Text(mustColumn(relations, "RelationId"))
		if other == related {
			return refusal("DUPLICATE_VALUE", "duplicate value found: the activity is related to the record already", "RelationId")
		}
		if isWho(other) && (activity == "Task" || relations.flagged(&r, "IsParent")) {
			whos = append(whos, other)
		}
	}
	if isWho(related) && (activity == "Task" || d.flag("IsParent")) {
		return t.checkWhos(d, "RelationId", append(whos, related))
	}
	return nil
}

// relationSaved brings the activity of a relation record up to date.
func (t *tx) relationSaved(d *draft) *Error {
	if d.object.Name == "TaskRelation" {
		t.relist("Task", d.text("TaskId"))
		return nil
	}
	t.relist("Event", d.text("EventId"))
	t.listInvitees(d.text("EventId"))
	return nil
}

// latestRelated is the latest day of the live activities that are about a person
// beside others.
func (t *tx) latestRelated(id string) string {
	if !t.org.enabled(schema.SharedActivities) {
		return ""
	}
	days := map[string]string{}
	for _, of := range relationsOf {
		relations := t.org.standard(of.object)
		for _, row := range relations.referring("RelationId", id) {
			if obj, activity, ok := t.parentByID(row.Text(mustColumn(relations, of.lookup))); ok && !row.Deleted {
				t.activityDays(t.edit(obj, *activity), days)
			}
		}
	}
	latest := ""
	for _, day := range days {
		latest = max(latest, day)
	}
	return latest
}

// relateActivities makes the relation records of the activities that the org has
// when Shared Activities are turned on.
func (o *Org) relateActivities() error {
	return o.write(o.Admin(), func(t *tx) *Error {
		for _, name := range []string{"Task", "Event"} {
			obj := o.standard(name)
			who, what := mustColumn(obj, "WhoId"), mustColumn(obj, "WhatId")
			var rows []table.Row
			for row := range obj.rows.ByID().All() {
				if row.Get(who) != nil || row.Get(what) != nil {
					rows = append(rows, *row)
				}
			}
			for _, row := range rows {
				t.adjust(row.ID, func(d *draft) { t.setWhos(d, inFront(nil, d.text("WhoId"))) })
				_, stored, _ := t.parentByID(row.ID)
				if err := t.syncRelations(t.edit(obj, *stored)); err != nil {
					return err
				}
			}
		}
		return nil
	})
}
