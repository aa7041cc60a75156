package page

import (
	"net/url"

	"conversion"
)

// HeldList is the list of what could not be synced.
type HeldList struct {
	Frame
	Cause  string                 // what all items have in common; "" for all there is
	Groups []conversion.HeldGroup // the causes, the largest first; none on a list of one cause
	More   bool                   // there are more causes than these
	Items  []conversion.Held
	First  string
	Next   string
}

// back is where a retry leads back to.
func (h HeldList) back() string {
	if h.Cause == "" {
		return "/held"
	}
	return causePath(h.Cause)
}

// causePath is the list of what has one cause.
func causePath(cause string) string { return "/held?" + url.Values{"cause": {cause}}.Encode() }

// fixWord says where something held is mended.
func fixWord(f conversion.Fix) string {
	switch f {
	case conversion.FixSalesforce:
		return "Mend in Salesforce"
	case conversion.FixConversion:
		return "Mend in Conversion"
	case conversion.FixItself:
		return "Goes away"
	}
	return ""
}

// heldWhat names what of a record is held.
func heldWhat(o conversion.Object, field string) string {
	if field == "" {
		return string(o)
	}
	return string(o) + "." + field
}

// heldBy names the user who keeps changing a field, "" for nobody.
func heldBy(h conversion.Held) string {
	if h.UserName != "" {
		return h.UserName
	}
	return h.UserID
}
