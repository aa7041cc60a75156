package page

import (
	"net/url"
	"strings"

	"conversion"
)

// Preview is what rules would do, to be looked at before they are saved.
type Preview struct {
	Frame
	Preview conversion.Preview
	Items   []conversion.PreviewItem
	First   string // path of the first page; "" on it
	Next    string // path of the next page; "" at the end
	Problem *Problem
}

// PreviewPath is where a preview is shown.
func PreviewPath(id string) string {
	return "/settings/integrations/rules/preview/" + url.PathEscape(id)
}

// figure is a number of a preview with its word.
type figure struct {
	Count int
	Word  string
}

func (p Preview) figures() []figure {
	c := p.Preview.Counts
	return []figure{{c.Create, "created"}, {c.Update, "updated"}, {c.Delete, "deleted"}, {c.Hold, "held"}}
}

func (p Preview) open() bool { return p.Preview.Begun == 0 }

// lead says what the figures are of.
func (p Preview) lead() string {
	if p.Preview.Scope == conversion.ScopeExisting {
		return "Everything that was ever changed in Conversion counts, whatever the rules were then."
	}
	return "Only changes that wait to be sent count. What is changed from now on follows the rules by itself."
}

// more says how many records are not listed.
func (p Preview) more() string {
	c := p.Preview.Counts
	total := c.Create + c.Update + c.Delete + c.Hold
	if total <= p.Preview.Listed {
		return ""
	}
	return "The first " + count(p.Preview.Listed) + " of " + count(total) + " records are listed."
}

var actionTones = map[conversion.Action]string{
	conversion.ActionCreate: "ok", conversion.ActionUpdate: "ok", conversion.ActionDelete: "bad", conversion.ActionHold: "warn",
}

var actionWords = map[conversion.Action]string{
	conversion.ActionCreate: "Create", conversion.ActionUpdate: "Update", conversion.ActionDelete: "Delete", conversion.ActionHold: "Hold",
}

// whose is what people call the contact or company of a record.
func whose(it conversion.PreviewItem) string {
	for _, word := range []string{it.Name, it.Key} {
		if word != "" {
			return word
		}
	}
	return "without a name"
}

// rule is why something is done, in the words of the rules; what is held says it itself.
func rule(it conversion.PreviewItem) string {
	if it.Action == conversion.ActionHold {
		return it.Reason
	}
	return ruleTitle(it.Reason)
}

func shownValue(v conversion.Value) string {
	if v.Blank() {
		return "blank"
	}
	return strings.ReplaceAll(v.String(), "\n", " ")
}
