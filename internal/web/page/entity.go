package page

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"conversion"
	"conversion/internal/directory"
)

// List is a page of contacts or companies.
type List struct {
	Frame
	Kind  conversion.Kind
	Query string // the prefix searched for
	Items []directory.View
	First string // where the first page is; "" on it
	Next  string // where the next page is; "" on the last
}

// Entity is the page of one contact or company.
type Entity struct {
	Frame
	View        directory.View
	Variables   []conversion.Variable // all there are, by label
	Company     string                // its name; "" when the contact has none
	Rules       conversion.Rules
	InstanceURL string            // where the org's records are shown; "" when not connected
	Held        []conversion.Held // what of it could not be synced
	Engagements []conversion.Engagement
	Timeline    []Line
	MoreTime    string // where older lines are; "" when these are all
	MoreEvents  string // where older engagements are; "" when these are all
}

// Line is one line of a timeline.
type Line struct {
	conversion.Change
	Label string // of the variable; "" when no value changed
	Who   string
}

// group is variables shown under one heading.
type group struct {
	title  string
	values []directory.VariableValue
}

// groups sorts the values that hold something under headings.
func (e Entity) groups() []group {
	titles := []string{"About", "Address", "Consent", "Custom fields"}
	byTitle := make(map[string][]directory.VariableValue)
	for _, v := range e.View.Values {
		if !v.Value.Blank() {
			title := heading(v.Variable)
			byTitle[title] = append(byTitle[title], v)
		}
	}
	var list []group
	for _, title := range titles {
		if values := byTitle[title]; len(values) > 0 {
			list = append(list, group{title, values})
		}
	}
	return list
}

var addressWords = []string{"street", "city", "state", "postal_code", "country", "latitude", "longitude", "geocode"}

func heading(v *conversion.Variable) string {
	if v.OptOut {
		return "Consent"
	}
	if slices.ContainsFunc(v.Fields, func(f conversion.Field) bool { return f.Custom }) {
		return "Custom fields"
	}
	if slices.ContainsFunc(addressWords, func(word string) bool { return strings.Contains(v.Key, word) }) {
		return "Address"
	}
	return "About"
}

// empties are the variables that hold nothing.
func (e Entity) empties() []conversion.Variable {
	filled := make(map[conversion.VarID]bool, len(e.View.Values))
	for _, v := range e.View.Values {
		filled[v.Variable.ID] = !v.Value.Blank()
	}
	var list []conversion.Variable
	for _, v := range e.Variables {
		beside := v.Kind == conversion.KindContact && (v.ID == conversion.EmailVar || v.ID == conversion.AccountVar) ||
			v.Kind == conversion.KindCompany && v.ID == conversion.NameVar
		if !filled[v.ID] && !beside && !v.LeftOut {
			list = append(list, v)
		}
	}
	return list
}

// valueText is a value as the page shows it; a Salesforce user by name where it is known.
func valueText(v directory.VariableValue) string {
	if v.Shown != "" {
		return v.Shown
	}
	if v.Value.True() || v.Value.False() {
		return shown(v.Value)
	}
	if at, err := time.Parse(time.RFC3339, v.Value.String()); err == nil && v.Variable.Type == conversion.TypeDateTime {
		return at.UTC().Format("2 Jan 2006, 15:04:05 UTC")
	}
	return strings.ReplaceAll(v.Value.String(), ";", "; ")
}

// provenance says whose claim a value is and when it was made, and of a formula how old the
// reading is: it changes without anybody saying so.
func provenance(v directory.VariableValue, now time.Time) string {
	s := source(v) + ", " + ago(now, v.At) + " (" + exact(v.At) + ")"
	if v.Read != 0 {
		s += ". A formula, last read " + ago(now, v.Read) + " (" + exact(v.Read) + ")"
	}
	return s
}

// source says whose claim a value is.
func source(v directory.VariableValue) string {
	if !v.From.Zero() {
		s := "From Salesforce " + string(v.From.Object) + " " + v.From.ID
		if v.ByName != "" {
			s += ", changed by " + v.ByName
		}
		return s
	}
	switch v.By.Kind {
	case conversion.ActorAPIKey:
		return "Set through the API"
	case conversion.ActorImport:
		return "Set by an import"
	case conversion.ActorUser:
		return "Set in Conversion"
	}
	return "Set by Conversion"
}

// linkWord is a link's state as people read it.
func linkWord(s conversion.LinkState) string {
	switch s {
	case conversion.LinkLive:
		return "Linked"
	case conversion.LinkConverted:
		return "Converted"
	case conversion.LinkMerged:
		return "Merged"
	case conversion.LinkMoved:
		return "Moved"
	case conversion.LinkDeleted:
		return "Deleted in Salesforce"
	case conversion.LinkIgnored:
		return "Ignored"
	case conversion.LinkHeld:
		return "Held"
	}
	return string(s)
}

func linkTone(s conversion.LinkState) string {
	switch s {
	case conversion.LinkLive:
		return "ok"
	case conversion.LinkHeld:
		return "warn"
	}
	return ""
}

// holds are what is held of the record; with the zero record, of those that still are to
// be created or are not linked.
func (e Entity) holds(r conversion.Ref) (of []conversion.Held) {
	for _, h := range e.Held {
		linked := slices.ContainsFunc(e.View.Links, func(l directory.LinkView) bool { return l.Ref == h.Ref })
		if h.Ref == r || r.Zero() && !linked {
			of = append(of, h)
		}
	}
	return of
}

// liveLinks are the records that would be deleted along.
func (e Entity) liveLinks() []directory.LinkView {
	var live []directory.LinkView
	for _, l := range e.View.Links {
		if l.Status == conversion.LinkLive || l.Status == conversion.LinkHeld {
			live = append(live, l)
		}
	}
	return live
}

// records is how many records may be separated.
func (e Entity) records() int { return len(Action{View: e.View}.records()) }

// deletes reports whether the present rules delete the linked records too.
func (e Entity) deletes() bool {
	if e.View.Kind == conversion.KindCompany {
		return e.Rules.CompaniesDeleted != conversion.TargetNone
	}
	return e.Rules.ContactsDeleted != conversion.TargetNone
}

// deletion says what deleting does in Salesforce under the present rules.
func (e Entity) deletion() string {
	live := len(e.liveLinks())
	switch {
	case live == 0:
		return "No Salesforce record is linked, so nothing happens there."
	case e.deletes() && live == 1:
		return "By the present rules, the linked record is deleted in Salesforce too:"
	case e.deletes():
		return fmt.Sprintf("By the present rules, all %d linked records are deleted in Salesforce too:", live)
	case live == 1:
		return "By the present rules, the linked record stays in Salesforce untouched:"
	}
	return fmt.Sprintf("By the present rules, all %d linked records stay in Salesforce untouched:", live)
}

// name is how an entity is called: by its name, else by its key.
func name(v directory.View) string {
	if v.Name != "" {
		return v.Name
	}
	if v.Key != "" {
		return v.Key
	}
	return "Unnamed " + thing(v.Kind)
}

// listObjects are the kinds of record an entity is linked to now, each once.
func listObjects(v directory.View) []conversion.Object {
	var objects []conversion.Object
	for _, l := range v.Links {
		if l.Status == conversion.LinkLive && !slices.Contains(objects, l.Ref.Object) {
			objects = append(objects, l.Ref.Object)
		}
	}
	return objects
}

// detail is the second line of a list's row: what somebody does, or what a company does.
func detail(v directory.View) string {
	for _, key := range []string{"job_title", "industry"} {
		for _, value := range v.Values {
			if value.Variable.Key == key && !value.Value.Blank() {
				return value.Value.String()
			}
		}
	}
	return ""
}

// Name is how a page calls an entity: by its name, else by its key.
func Name(v directory.View) string { return name(v) }

// Who says who made a change; name is the maker's, when it is known.
func Who(by conversion.Actor, name string) string {
	switch by.Kind {
	case conversion.ActorSalesforce:
		return "Salesforce"
	case conversion.ActorAPIKey:
		return "API"
	case conversion.ActorImport:
		return "Import"
	case conversion.ActorUser:
		if name != "" {
			return name
		}
		return "A former member"
	}
	return "Conversion"
}
