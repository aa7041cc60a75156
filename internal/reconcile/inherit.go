package reconcile

import (
	"time"

	"conversion"
)

// Inherit gives the Contact that a converted lead became what the lead claimed: a value that
// the Contact holds as the lead was seen to hold it was copied by the conversion, and is
// nobody's new choice (spec 3.8). A Contact that is linked only since then also goes on
// where the lead was: what was still to be sent to the lead is still to be sent to it.
//
// What the Contact claimed before the conversion stays its own. Salesforce's time is ours
// and the offset. It is safe to repeat only as long as nothing was sent to the Contact.
func Inherit(contact, lead *conversion.Link, offset time.Duration) {
	converted := lead.Reading.Modified.Second()
	since := contact.Linked.Add(offset).Second() >= converted
	for _, f := range lead.Fields {
		state := contact.Field(f.Var)
		if state == nil {
			continue
		}
		copied := !f.Seen.Absent() && state.Seen == f.Seen && state.Claim.Answers == 0 && state.Claim.At.Second() >= converted
		chosen := f.Claim.Weak && !state.Claim.Weak                       // no conversion unsets an opt-out
		unclaimed := !f.Claim.Made() && lead.EntityID != contact.EntityID // it was written for another, who has not come along
		if copied && !chosen && !unclaimed && state.Claim.Made() {
			state.Claim = f.Claim
		}
		if since {
			state.Settled = min(state.Settled, f.Settled)
		}
	}
}
