package page

import "conversion"

// runWord is a run's status as people read it.
func runWord(r conversion.Run) string {
	switch r.Status {
	case conversion.RunQueued:
		return "Queued"
	case conversion.RunRunning:
		return "Running"
	case conversion.RunFailed:
		return "Failed"
	}
	if r.Counts.Held > 0 {
		return count(r.Counts.Held) + " held"
	}
	return "Done"
}

func runTone(r conversion.Run) string {
	switch r.Status {
	case conversion.RunRunning:
		return "busy"
	case conversion.RunQueued:
		return ""
	case conversion.RunFailed:
		return "bad"
	}
	if r.Counts.Held > 0 {
		return "warn"
	}
	return "ok"
}

// trigger says what started a run.
func trigger(r conversion.Run) string {
	switch r.Trigger {
	case "schedule":
		return "Scheduled"
	case "manual":
		return "Sync now"
	case "first":
		return "First sync"
	case "change":
		return "A change"
	}
	return r.Trigger
}

// changes says in one line what a run did.
func changes(c conversion.Counts) string {
	s := ""
	for _, part := range []struct {
		n    int
		word string
	}{{c.Created, "created"}, {c.Updated, "updated"}, {c.Deleted, "deleted"}, {c.Skipped, "skipped"}, {c.Held, "held"}} {
		if part.n == 0 {
			continue
		}
		if s != "" {
			s += " · "
		}
		s += count(part.n) + " " + part.word
	}
	if s == "" {
		return "no changes"
	}
	return s
}
