package main

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"
)

// report is what the comparison came to.
type report struct {
	Records       int            `json:"records"`  // live ones in Salesforce
	Entities      int            `json:"entities"` // contacts and companies
	Values        int            `json:"values"`   // compared one by one
	Allowed       map[string]int `json:"allowed"`  // deviations there may be, by their reason
	Disagreements []string       `json:"disagreements"`
}

// The deviations there may be, all that are not held or ignored by Conversion's own word.
const (
	siblings = "records of one contact or company keep their own values"
	ended    = "a value that a record claimed before it went stays with the contact or company"
	waiting  = "it is held, and Conversion says so"
	passed   = "the record belongs to nobody that is there, and Conversion says so"
	oneWay   = "the mode lets values go one way only"
)

type comparing struct {
	both
	report
	homes map[string]*entity // by id of the live record
}

func compare(b both) report {
	c := comparing{both: b, report: report{Allowed: make(map[string]int), Disagreements: []string{}}, homes: make(map[string]*entity)}
	c.links()
	c.everybodyLinked()
	c.oneContactAnEmail()
	c.values()
	c.activities()
	slices.Sort(c.Disagreements)
	return c.report
}

func (c *comparing) disagree(format string, args ...any) {
	c.Disagreements = append(c.Disagreements, fmt.Sprintf(format, args...))
}

// links finds the home of every record; a live link leads to a live record, and a record is
// at home once.
func (c *comparing) links() {
	for kind := range kinds {
		for i := range c.entities[kind] {
			e := &c.entities[kind][i]
			c.Entities++
			for _, l := range e.Links {
				if l.Status != "linked" && l.Status != "held" {
					continue
				}
				if other := c.homes[l.RecordID]; other != nil {
					c.disagree("%s %s is linked to %s and to %s", l.Object, l.RecordID, other.ID, e.ID)
				}
				c.homes[l.RecordID] = e
				if r, ok := c.records[l.Object][l.RecordID]; !ok || r["IsConverted"] == true {
					c.disagree("%s %s is linked to %s and is not there", l.Object, l.RecordID, e.ID)
				}
			}
		}
	}
}

// everybodyLinked looks for records that are missing in Conversion.
func (c *comparing) everybodyLinked() {
	for _, object := range []string{"Lead", "Contact", "Account"} {
		for id, r := range c.records[object] {
			c.Records++
			switch {
			case c.homes[id] != nil || r["IsConverted"] == true:
			case object != "Account" && r.text("Email") == "":
			case c.ignored[id]:
				c.Allowed[passed]++
			default:
				c.disagree("%s %s is missing", object, id)
			}
		}
	}
}

// oneContactAnEmail holds that live records of one e-mail are on one contact, and that no
// two contacts have one e-mail.
func (c *comparing) oneContactAnEmail() {
	holders, carriers := make(map[string]string), make(map[string]string)
	note := func(by map[string]string, key, id, what string) {
		if other, ok := by[key]; ok && other != id {
			c.disagree("%s %s is on %s and on %s", what, key, other, id)
		}
		by[key] = id
	}
	for _, e := range c.entities["contact"] {
		note(holders, folded(e.Email), e.ID, "the e-mail")
	}
	for _, object := range []string{"Lead", "Contact"} {
		for id, r := range c.records[object] {
			if e := c.homes[id]; e != nil && r.text("Email") != "" {
				note(carriers, folded(r.text("Email")), e.ID, "the records' e-mail")
			}
		}
	}
	for _, e := range c.entities["company"] {
		if e.Domain != "" {
			note(holders, e.Domain, e.ID, "the domain")
		}
	}
}

func folded(email string) string { return strings.ToLower(strings.TrimSpace(email)) }

// values compares every value of every contact and company with its live records'.
func (c *comparing) values() {
	for kind := range kinds {
		for i := range c.entities[kind] {
			for _, v := range c.variables[kind] {
				c.value(&c.entities[kind][i], v)
			}
		}
	}
}

func (c *comparing) value(e *entity, v variable) {
	if v.LeftOut || v.Mode == "none" || v.Key == "email" || v.Key == "company" {
		return
	}
	ours := canonical(v.Type, e.Variables[v.Key])
	switch {
	case v.Key == "account_id":
		ours = e.CompanyID
	case v.Key == "name" && e.kind == "company":
		ours = e.Name
	}
	var differing, equal []string
	for _, l := range e.Links {
		r, live := c.records[l.Object][l.RecordID]
		field := fieldOn(v, l.Object)
		if !live || field == "" || c.homes[l.RecordID] != e {
			continue
		}
		c.Values++
		theirs := canonical(v.Type, r[field])
		if v.Key == "account_id" { // nobody's choice where there is none: it goes by the e-mail's domain
			theirs = cmp.Or(c.companyOf(r.text(field)), ours)
		}
		if theirs == ours {
			equal = append(equal, l.RecordID)
		} else {
			differing = append(differing, l.RecordID)
		}
	}
	if len(differing) == 0 {
		return
	}
	switch {
	case len(equal) > 0:
		c.Allowed[siblings] += len(differing)
	case slices.ContainsFunc(differing, func(id string) bool { return c.held[id] }) || c.heldHere[e.ID]:
		c.Allowed[waiting] += len(differing)
	case slices.ContainsFunc(e.Links, func(l link) bool { return l.Status != "linked" && l.Status != "held" && l.Status != "ignored" }):
		c.Allowed[ended] += len(differing)
	case v.Mode == "always_conversion" || v.Mode == "prefer_salesforce_unless_empty" && ours == "":
		c.Allowed[oneWay] += len(differing)
	default:
		c.disagree("%s of %s %s is %q, in Salesforce (%s) it is not", v.Key, e.kind, e.ID, ours, strings.Join(differing, ", "))
	}
}

// companyOf is the id of the company that an Account belongs to, "" for none.
func (c *comparing) companyOf(accountID string) string {
	if e := c.homes[accountID]; e != nil {
		return e.ID
	}
	return ""
}

func fieldOn(v variable, object string) string {
	for _, f := range v.Fields {
		if name, ok := strings.CutPrefix(f, object+"."); ok {
			return name
		}
	}
	return ""
}

// canonical spells a value so that what both sides mean by it compares equal; nothing, an
// empty text and false are one where only one of them can be stored.
func canonical(typ string, value any) string {
	switch v := value.(type) {
	case nil:
		if typ == "boolean" {
			return "false"
		}
		return ""
	case string:
		return canonicalText(typ, strings.TrimSpace(v))
	case []any:
		parts := make([]string, len(v))
		for i, part := range v {
			parts[i] = fmt.Sprint(part)
		}
		slices.Sort(parts)
		return strings.Join(parts, ";")
	default:
		return fmt.Sprint(v)
	}
}

func canonicalText(typ, text string) string {
	switch typ {
	case "multiselect":
		parts := strings.Split(text, ";")
		slices.Sort(parts)
		return strings.Join(parts, ";")
	case "datetime":
		for _, layout := range []string{time.RFC3339Nano, "2006-01-02T15:04:05.000-0700"} {
			if at, err := time.Parse(layout, text); err == nil {
				return at.UTC().Format(time.RFC3339Nano)
			}
		}
	case "time":
		if at, err := time.Parse("15:04:05.000Z", text); err == nil {
			return at.Format("15:04:05.000")
		}
	}
	return text
}

// activities holds that every Task and Event of somebody linked is there once, and none
// that is gone is there unmarked.
func (c *comparing) activities() {
	seen := make(map[string]bool)
	for _, a := range c.activity {
		if a.Record == nil {
			continue
		}
		id := a.Record.RecordID
		if seen[id+a.ContactID] {
			c.disagree("%s %s is there twice", a.Record.Object, id)
		}
		seen[id+a.ContactID] = true
		if _, live := c.records[a.Record.Object][id]; !live && !a.Deleted {
			c.disagree("%s %s is gone in Salesforce, and not marked", a.Record.Object, id)
		}
	}
	for _, object := range []string{"Task", "Event"} {
		for id, r := range c.records[object] {
			if home := c.homes[r.text("WhoId")]; home != nil && !seen[id+home.ID] {
				c.disagree("%s %s of %s is missing", object, id, home.ID)
			}
		}
	}
}
