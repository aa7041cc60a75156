package sandbox

import (
	"time"
)

// taskRules derives what a task's other fields decide.
func (t *tx) taskRules(d *draft) *Error {
	if err := refuseRecurrence(d); err != nil {
		return err
	}
	closed := t.org.statusFlag("TaskStatus", d.text("Status"), "IsClosed")
	switch {
	case !closed:
		d.set("CompletedDateTime", nil)
	case d.get("CompletedDateTime") == nil:
		d.set("CompletedDateTime", t.now)
	}
	d.set("IsClosed", closed)
	d.set("IsHighPriority", t.org.statusFlag("TaskPriority", d.text("Priority"), "IsHighPriority"))
	return t.activityRules(d)
}

// recurrenceFields begin a series when a new activity has one of them.
var recurrenceFields = []string{
	"IsRecurrence", "RecurrenceStartDateOnly", "RecurrenceStartDateTime", "RecurrenceEndDateOnly", "RecurrenceTimeZoneSidKey", "RecurrenceType",
	"RecurrenceInterval", "RecurrenceDayOfWeekMask", "RecurrenceDayOfMonth", "RecurrenceInstance", "RecurrenceMonthOfYear",
	"RecurrenceRegeneratedType", "Recurrence2PatternText",
}

// refuseRecurrence refuses to begin or change a series; an imported row of one is
// kept as it is.
func refuseRecurrence(d *draft) *Error {
	if d.access == importing {
		return nil
	}
	for _, name := range recurrenceFields {
		if v := d.get(name); v != nil && v != false && d.changed(name) {
			return refusal("FUNCTIONALITY_NOT_ENABLED", "recurring activities are not supported by this org", name)
		}
	}
	return nil
}

// activityRules checks whom an activity is about and derives its account.
func (t *tx) activityRules(d *draft) *Error {
	if err := t.settleWhos(d); err != nil {
		return err
	}
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
// account of the opportunity, contract or custom record it is about, else the
// account of its contact.
func (t *tx) accountOf(who, what string) any {
	for _, id := range []string{what, who} {
		obj, row, ok := t.parentByID(id)
		if !ok {
			continue
		}
		if obj.Name == "Account" {
			return id
		}
		if column, has := obj.accountLookup(); has {
			if account := row.Get(column); account != nil {
				return account
			}
		}
	}
	return nil
}

// accountLookup is the column by which a record passes its account on to its
// activities.
func (o *object) accountLookup() (int, bool) {
	switch o.Name {
	case "Opportunity", "Contract", "Contact":
		return o.column("AccountId")
	}
	for _, f := range o.fields {
		if o.Custom && f.refersTo("Account") {
			return f.column, true
		}
	}
	return 0, false
}

// longestEvent is how long an event may be.
const longestEvent = 14 * 24 * time.Hour

// eventRules brings an event's start, end and duration into agreement.
func (t *tx) eventRules(d *draft) *Error {
	if err := refuseRecurrence(d); err != nil {
		return err
	}
	if d.flag("IsAllDayEvent") {
		if err := t.allDay(d); err != nil {
			return err
		}
	} else if err := t.timed(d); err != nil {
		return err
	}
	return t.activityRules(d)
}

// allDay brings an event of whole days into agreement: it begins and ends at
// midnight in GMT whatever the time zone, and EndDateTime is on its last day.
func (t *tx) allDay(d *draft) *Error {
	day := d.text("ActivityDate")
	if start, ok := t.startOf(d); ok && (day == "" || !d.changed("ActivityDate")) {
		day = dayOf(start)
	}
	midnight, err := time.Parse(time.DateOnly, day)
	if err != nil {
		return missingFields("ActivityDate")
	}
	start, minutes := midnight.Unix(), minutesOfDay
	if given, ok := d.get("DurationInMinutes").(float64); ok && given > minutes && !d.changed("EndDateTime") {
		minutes = given
	} else if end, ok := d.get("EndDateTime").(int64); ok && d.changed("EndDateTime") {
		minutes = float64((end-start)/secondsPerDay+1) * minutesOfDay
	}
	if minutes < minutesOfDay || minutes > longestEvent.Minutes() {
		return refusal("FIELD_INTEGRITY_EXCEPTION", "An event cannot end before it starts or last longer than 14 days", "EndDateTime")
	}
	last := start + (int64(minutes/minutesOfDay)-1)*secondsPerDay
	d.set("ActivityDate", day)
	d.set("StartDateTime", start)
	d.set("ActivityDateTime", start)
	d.set("EndDateTime", last)
	d.set("EndDate", dayOf(last))
	d.set("DurationInMinutes", minutes)
	return nil
}

const minutesOfDay = 1440.0

func (t *tx) timed(d *draft) *Error {
	start, ok := t.startOf(d)
	if !ok {
		return missingFields("StartDateTime")
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
		return 0, missingFields("DurationInMinutes")
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
