package page

import (
	"net/url"

	"conversion"
)

// Activity is the list of runs.
type Activity struct {
	Frame
	Direction conversion.Direction // "" for all
	Object    conversion.Object    // "" for all
	Since     string               // the first day, "2026-01-31"; "" for all
	Until     string               // the last day; "" for all
	Runs      []conversion.Run
	First     string
	Next      string
	Problem   *Problem
}

// RunDetail is the page of one run.
type RunDetail struct {
	Frame
	Run   conversion.Run
	Lines []conversion.RunLine
	First string
	Next  string
}

type tab struct {
	text      string
	direction conversion.Direction
}

var activityTabs = []tab{{"All", ""}, {"Inbound", conversion.Inbound}, {"Outbound", conversion.Outbound}}

// at returns the address of the list with another direction and the same filters.
func (a Activity) at(d conversion.Direction) string {
	query := url.Values{}
	for key, value := range map[string]string{"direction": string(d), "object": string(a.Object), "since": a.Since, "until": a.Until} {
		if value != "" {
			query.Set(key, value)
		}
	}
	if len(query) == 0 {
		return "/activity"
	}
	return "/activity?" + query.Encode()
}

// runObjects are the objects runs can be filtered by.
var runObjects = []conversion.Object{
	conversion.Lead, conversion.Contact, conversion.Account, conversion.Task, conversion.Event,
}

// filtered reports whether the list shows less than all.
func (a Activity) filtered() bool {
	return a.Direction != "" || a.Object != "" || a.Since != "" || a.Until != ""
}

// entityPath returns the page of the entity that a record belongs to.
func entityPath(o conversion.Object, id string) string { return path(o.Kind()) + "/" + id }

func outcomeTone(outcome string) string {
	switch outcome {
	case "created", "updated", "deleted":
		return "ok"
	case "held":
		return "warn"
	}
	return ""
}

func outcomeWord(outcome string) string {
	word := sentence(outcome)
	return word[:max(len(word)-1, 0)]
}
