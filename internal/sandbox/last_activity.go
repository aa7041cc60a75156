package sandbox

import (
	"maps"
	"slices"
)

// LastActivityDate of a lead, contact, account, opportunity and the like is the
// day of the latest event or closed task about it. It follows the activities up
// and down and moves no SystemModstamp.

// activitySaved brings up to date what an activity is about.
func (t *tx) activitySaved(d *draft) *Error {
	t.followDays(d)
	return t.syncRelations(d)
}

// followDays moves the last activities of what an activity was and is about.
func (t *tx) followDays(d *draft) {
	before := map[string]string{}
	if !d.isNew() {
		t.activityDays(t.edit(d.object, d.before), before)
	}
	after := map[string]string{}
	t.activityDays(d, after)
	for _, parent := range slices.Sorted(maps.Keys(after)) {
		t.raiseLastActivity(parent, after[parent])
	}
	for _, parent := range slices.Sorted(maps.Keys(before)) {
		if after[parent] < before[parent] {
			t.lowerLastActivity(parent, before[parent])
		}
	}
}

// activityDays notes the day that an activity counts for, by each record it is
// about; none if it is deleted or an open task.
func (t *tx) activityDays(d *draft, days map[string]string) {
	day := d.text("ActivityDate")
	if day == "" || d.erased || d.object.Name == "Task" && !d.flag("IsClosed") {
		return
	}
	for _, name := range []string{"WhoId", "WhatId", "AccountId"} {
		if id := d.text(name); id != "" {
			days[id] = day
		}
	}
	if list, ok := whoLists[d.object.Name]; ok {
		for _, id := range splitIDs(d.text(list)) {
			days[id] = day
		}
	}
}

func (t *tx) raiseLastActivity(id, day string) {
	obj, row, ok := t.parentByID(id)
	if !ok {
		return
	}
	if column, has := obj.column("LastActivityDate"); has && row.Text(column) < day {
		raised := *row
		raised.Data = row.With(column, day)
		t.put(obj, raised)
	}
}

// lowerLastActivity looks for the latest activity anew after one of the given day
// went away.
func (t *tx) lowerLastActivity(id, day string) {
	obj, row, ok := t.parentByID(id)
	if !ok {
		return
	}
	column, has := obj.column("LastActivityDate")
	if !has || row.Text(column) != day {
		return
	}
	t.adjust(id, func(d *draft) { d.values[column] = nilIfEmpty(t.latestActivity(id)) })
}

// latestActivity is the latest day of the live activities about a record.
func (t *tx) latestActivity(id string) string {
	latest := ""
	for _, name := range []string{"Task", "Event"} {
		obj := t.org.standard(name)
		closed, isTask := obj.column("IsClosed")
		due := mustColumn(obj, "ActivityDate")
		for _, lookup := range []string{"WhoId", "WhatId", "AccountId"} {
			for _, row := range obj.referring(lookup, id) {
				if !row.Deleted && (!isTask || row.Get(closed) == true) {
					latest = max(latest, row.Text(due))
				}
			}
		}
	}
	return max(latest, t.latestRelated(id))
}
