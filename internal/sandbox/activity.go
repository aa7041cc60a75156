package sandbox

import (
	"time"
)

// taskRules derives what a task's other fields decide.
func (t *tx) taskRules(d *draft) *Error {
	closed := d.text("Status") == "Completed"
	switch {
	case !closed:
		d.set("CompletedDateTime", nil)
	case d.get("CompletedDateTime") == nil:
		d.set("CompletedDateTime", t.now)
	}
	d.set("IsClosed", closed)
	d.set("IsHighPriority", d.text("Priority") == "High")
	return t.activityRules(d)
}

// activityRules checks whom an activity is about and derives its account.
func (t *tx) activityRules(d *draft) *Error {
	who, what := d.text("WhoId"), d.text("WhatId")
	if obj, ok := t.org.objectOf(who); ok && obj.Name == "Lead" {
		if what != "" {
			return refusal("FIELD_INTEGRITY_EXCEPTION", "Related To ID: an activity of a lead cannot be related to another record", "WhatId")
		}
		lead, found := obj.rows.Find(who)
		if found && d.changed("WhoId") && d.access != importing && lead.Get(mustColumn(obj, "IsConverted")) == true {
			return convertedLead()
		}
	}
	d.set("AccountId", t.accountOf(who, what))
	return nil
}

// accountOf derives an activity's account: its WhatId if that is an account, the
// account of what it is about, else the account of its contact.
func (t *tx) accountOf(who, what string) any {
	for _, id := range []string{what, who} {
		obj, ok := t.org.objectOf(id)
		if !ok {
			continue
		}
		if obj.Name == "Account" {
			return id
		}
		row, found := obj.rows.Find(id)
		if column, has := obj.column("AccountId"); has && found {
			if account := row.Get(column); account != nil {
				return account
			}
		}
	}
	return nil
}

// longestEvent is how long an event may be.
const longestEvent = 14 * 24 * time.Hour

// eventRules brings an event's start, end and duration into agreement.
func (t *tx) eventRules(d *draft) *Error {
	if d.flag("IsAllDayEvent") {
		t.allDay(d)
	} else if err := t.timed(d); err != nil {
		return err
	}
	return t.activityRules(d)
}

func (t *tx) allDay(d *draft) {
	day := d.text("ActivityDate")
	if start, ok := d.get("StartDateTime").(int64); ok && !d.changed("ActivityDate") {
		day = dayOf(start)
	}
	d.set("ActivityDate", nilIfEmpty(day))
	if midnight, err := time.Parse(time.DateOnly, day); err == nil {
		d.set("StartDateTime", midnight.Unix())
		d.set("ActivityDateTime", midnight.Unix())
	}
}

func (t *tx) timed(d *draft) *Error {
	start, ok := t.startOf(d)
	if !ok {
		return refusal("REQUIRED_FIELD_MISSING", "Required fields are missing: [StartDateTime]", "StartDateTime")
	}
	end, err := t.endOf(d, start)
	if err != nil {
		return err
	}
	if length := time.Duration(end-start) * time.Second; length < 0 || length > longestEvent {
		return refusal("FIELD_INTEGRITY_EXCEPTION", "An event cannot end before it starts or last longer than 14 days", "EndDateTime")
	}
	d.set("StartDateTime", start)
	d.set("ActivityDateTime", start)
	d.set("ActivityDate", dayOf(start))
	d.set("EndDateTime", end)
	d.set("EndDate", dayOf(end))
	d.set("DurationInMinutes", float64((end-start)/60))
	return nil
}

// startOf takes the start from whichever of its two fields the caller changed.
func (t *tx) startOf(d *draft) (int64, bool) {
	if at, ok := d.get("ActivityDateTime").(int64); ok && d.changed("ActivityDateTime") && !d.changed("StartDateTime") {
		return at, true
	}
	at, ok := d.get("StartDateTime").(int64)
	return at, ok
}

// endOf takes the end from what was changed; a moved start keeps the duration.
func (t *tx) endOf(d *draft, start int64) (int64, *Error) {
	minutes, hasDuration := d.get("DurationInMinutes").(float64)
	end, hasEnd := d.get("EndDateTime").(int64)
	byDuration := start + int64(minutes)*60
	switch {
	case !hasDuration && !hasEnd:
		return 0, refusal("REQUIRED_FIELD_MISSING", "Required fields are missing: [DurationInMinutes]", "DurationInMinutes")
	case !hasDuration, hasEnd && d.changed("EndDateTime") && !d.changed("DurationInMinutes"):
		return end, nil
	case hasEnd && d.changed("EndDateTime") && end != byDuration:
		return 0, refusal("FIELD_INTEGRITY_EXCEPTION", "Event duration does not match its start and end", "DurationInMinutes", "EndDateTime")
	}
	return byDuration, nil
}

func dayOf(at int64) string { return time.Unix(at, 0).UTC().Format(time.DateOnly) }

func nilIfEmpty(s string) any {
	if s == "" {
		return nil
	}
	return s
}

// followUp brings parents up to date after a save: the last activity of whom an
// activity is about. Their SystemModstamp does not move.
func (t *tx) followUp(d *draft) *Error {
	if d.object.Name != "Task" && d.object.Name != "Event" || d.erased {
		return nil
	}
	day := d.text("ActivityDate")
	if day == "" || d.object.Name == "Task" && !d.flag("IsClosed") {
		return nil
	}
	for _, parent := range []string{d.text("WhoId"), d.text("AccountId")} {
		t.raiseLastActivity(parent, day)
	}
	return nil
}

func (t *tx) raiseLastActivity(id, day string) {
	obj, ok := t.org.objectOf(id)
	if !ok {
		return
	}
	row, found := obj.rows.Find(id)
	if column, has := obj.column("LastActivityDate"); has && found && row.Text(column) < day {
		raised := *row
		raised.Data = row.With(column, day)
		t.put(obj, raised)
	}
}
