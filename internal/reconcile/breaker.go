package reconcile

import (
	"fmt"

	"conversion"
)

// Deletions are what would be deleted of one kind in one direction, with what the breaker
// weighs it against (spec 4.11).
type Deletions struct {
	Direction         conversion.Direction
	Records           int // to be deleted now, or waiting for it
	Along             int // what Salesforce deletes with them
	WithOpportunities int // Accounts that have some
	Earlier           int // made in the window before, with what went along
	Asked             int // that wait for an approval
	Linked            int // live links of the kind
}

// fewest is how many deletions never need an approval.
const fewest = 10

// DeletionLimit is the number of deletions in 24 hours that need no approval: the admin's
// limit or share of the linked records, whichever is smaller, but at least 10.
func DeletionLimit(o conversion.Options, linked int) int {
	return max(fewest, min(o.MaxDeletions, linked*o.MaxDeletionsPercent/100))
}

// DeletionsWait says for a person why the deletions have to wait for an approval; "" when
// they need none.
func DeletionsWait(d Deletions, o conversion.Options) string {
	if d.Records == 0 {
		return ""
	}
	if d.Direction == conversion.Outbound && d.WithOpportunities > 0 {
		return fmt.Sprintf("%d of the Accounts to be deleted have Opportunities, which Salesforce would delete along.", d.WithOpportunities)
	}
	limit := DeletionLimit(o, d.Linked)
	switch {
	case d.Earlier+d.Asked+d.Records+d.Along <= limit:
		return ""
	case d.Direction == conversion.Inbound:
		return fmt.Sprintf("More than %d would be deleted in Conversion within 24 hours, because their last records were deleted in Salesforce.", limit)
	}
	return fmt.Sprintf("More than %d records would be deleted in Salesforce within 24 hours, with what Salesforce deletes along.", limit)
}

// FewestContacts is how many contacts there have to be before changes in bulk are weighed.
const FewestContacts = 1000

// ChangesWait reports whether the change of one variable on so many of the contacts has to
// wait for an approval.
func ChangesWait(changed, contacts int, o conversion.Options) bool {
	return contacts >= FewestContacts && changed*100 > contacts*o.MaxChangedPercent
}

// Overwrites reports whether a change takes something away that was there: filling in what
// was blank does not. What Salesforce computes is changed by nobody, and
// e-mail and website say who it is (spec 3.12).
func Overwrites(v *conversion.Variable, before, after conversion.Value) bool {
	if v == nil || v.ID == conversion.EmailVar || v.ID == conversion.WebsiteVar || calculated(v) {
		return false
	}
	return !before.Absent() && !before.Blank() && before != after
}

func calculated(v *conversion.Variable) bool {
	for _, f := range v.Fields {
		if !f.Derived() {
			return false
		}
	}
	return len(v.Fields) > 0
}
