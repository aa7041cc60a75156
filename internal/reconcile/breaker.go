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
	WithRefused       int // Accounts with Contacts whose deletion an admin refused
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
	if d.WithRefused > 0 {
		return fmt.Sprintf("%d of the Accounts to be deleted have Contacts whose deletion was refused. Salesforce would delete them along.", d.WithRefused)
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
