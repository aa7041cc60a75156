package sandbox

import (
	"time"

	"conversion/internal/sandbox/table"
)

// archiveAge is how old an event, or a closed task, is when it is archived.
const archiveAge = 365 * 24 * time.Hour

// ArchiveActivities runs the job that runs every night: activities older than a
// year are archived, so that query hides them. It returns how many were.
func (o *Org) ArchiveActivities() int {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.archiveActivities(o.clock.Now())
}

// archiveActivities marks what is old. It moves no stamps: no user and no trigger
// of the org has changed anything. The caller holds the lock.
func (o *Org) archiveActivities(now time.Time) int {
	limit := now.Add(-archiveAge)
	t, archived := o.background(), 0
	for _, name := range []string{"task", "event"} {
		obj := o.objects[name]
		var old []table.Row
		for row := range obj.rows.All() {
			if obj.isOld(row, limit) {
				old = append(old, *row)
			}
		}
		for _, row := range old {
			t.adjust(row.ID, func(d *draft) { d.set("IsArchived", true) })
		}
		archived += len(old)
	}
	t.end()
	return archived
}

// isOld says whether an activity is to be archived: by its day, a closed task
// without one by its creation; open tasks and deleted activities never.
func (o *object) isOld(row *table.Row, limit time.Time) bool {
	if row.Deleted || o.flagged(row, "IsArchived") || o.has("IsClosed") && !o.flagged(row, "IsClosed") {
		return false
	}
	if day := row.Text(mustColumn(o, "ActivityDate")); day != "" {
		return day <= limit.Format(time.DateOnly)
	}
	created, _ := row.Get(mustColumn(o, "CreatedDate")).(int64)
	return created <= limit.Unix()
}
