package directory

import "time"

// Draft is a contact or company as a caller wants it. What it does not name stays.
type Draft struct {
	Key       string         // contact: e-mail, required; company: domain or website, may be ""
	Name      string         // company only; "" leaves it as it is
	Values    map[string]any // decoded JSON scalars by variable key; nil clears
	CompanyID *string        // contact only; nil leaves it, "" clears
	LocalOnly bool           // sync_to_crm false: these values are never sent (spec 5.4)
}

// Result is what became of one draft.
type Result struct {
	View    View // of the entity after the whole batch; zero when Err is set
	Created bool // also when a deleted one was brought back
	Ignored []string
	Err     error // a *conversion.Error; the other drafts are not affected
}

// Patch is a change of one contact or company. Nil fields stay.
type Patch struct {
	Key       *string        // contact: e-mail; company: domain, "" clears
	Name      *string        // company only
	Values    map[string]any // decoded JSON scalars by variable key; nil clears
	CompanyID *string        // contact only; "" clears
	LocalOnly bool           // sync_to_crm false (spec 5.4)
}

// EngagementDraft is a custom engagement as a caller wants it.
type EngagementDraft struct {
	ContactID string
	Type      string // at most 80 characters
	Subject   string // at most 255 characters
	Occurred  time.Time
	Data      map[string]any // may be nil
}
