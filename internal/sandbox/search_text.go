package sandbox

import (
	"slices"
	"strings"

	"conversion/internal/sandbox/schema"
	"conversion/internal/sandbox/sosl"
	"conversion/internal/sandbox/table"
)

// textFilter picks the rows whose text fields hold what is searched for. There is
// no index of words: each row is looked at, most of them only as far as it takes
// to see that a word is missing.
type textFilter struct {
	find     sosl.Expr
	literals []string // in lower case; every row that matches holds one of them
	fields   []*field
}

func newTextFilter(as *rights, obj *object, s *sosl.Search) textFilter {
	f := textFilter{find: s.Find, literals: s.Find.Literals()}
	phones := false
	for candidate := range as.fields(obj) {
		if candidate.searchedIn(obj, s.Group) {
			f.fields = append(f.fields, candidate)
			phones = phones || candidate.Type == schema.Phone
		}
	}
	isNumber := func(text string) bool { return strings.Trim(text, "0123456789") == "" }
	if phones && slices.ContainsFunc(f.literals, isNumber) {
		f.literals = nil // a phone number may hold the digits one by one
	}
	return f
}

// namesToo are fields that count as names besides the names themselves.
var namesToo = map[string][]string{
	"Account": {"Website", "Site"}, "Contact": {"AssistantName"}, "Lead": {"Company"}, "Task": {"Subject"}, "Event": {"Subject"},
	"Case": {"Subject", "SuppliedName", "SuppliedCompany"}, "User": {"CommunityNickname"},
}

// searchedIn says whether a field belongs to a group of searched fields.
func (f *field) searchedIn(obj *object, group sosl.Group) bool {
	if f.column < 0 || f.derive != nil {
		return false
	}
	name := f.NameField || slices.Contains([]string{"Name", "FirstName", "LastName", "MiddleName"}, f.Name) || slices.Contains(namesToo[obj.Name], f.Name)
	switch group {
	case sosl.Names:
		return name
	case sosl.Emails:
		return f.Type == schema.Email
	case sosl.Phones:
		return f.Type == schema.Phone
	case sosl.Sidebar:
		return name || f.Type == schema.Email || f.Type == schema.Phone
	}
	switch f.Type {
	case schema.String, schema.Email, schema.Phone, schema.URL, schema.TextArea, schema.Picklist, schema.MultiPicklist, schema.Combobox:
		return true
	}
	return false
}

func (f textFilter) matches(_ *plan, row *table.Row) bool {
	if len(f.literals) > 0 && !slices.ContainsFunc(f.literals, func(l string) bool { return holdsFold(row.Data, l) }) {
		return false
	}
	var fields [][]string
	for _, of := range f.fields {
		text, _ := of.value(row).(string)
		if text == "" {
			continue
		}
		words := sosl.Words(text)
		fields = append(fields, words)
		if of.Type == schema.Phone {
			fields = append(fields, []string{strings.Join(words, "")})
		}
	}
	return f.find.Matches(fields)
}

func (textFilter) reach() reach { return everywhere }

func (textFilter) rows(*plan) ([]*table.Row, bool) { return nil, false }

// holdsFold says whether a text holds another, which is in lower case and ASCII,
// in whatever case. It is what a search spends its time with.
func holdsFold(text, lower string) bool {
	first, upper := lower[0], lower[0]
	if 'a' <= first && first <= 'z' {
		upper -= 'a' - 'A'
	}
	for i := 0; i <= len(text)-len(lower); i++ {
		if c := text[i]; (c == first || c == upper) && startsFold(text[i:], lower) {
			return true
		}
	}
	return false
}

func startsFold(text, lower string) bool {
	for k := range len(lower) {
		c := text[k]
		if 'A' <= c && c <= 'Z' {
			c += 'a' - 'A'
		}
		if c != lower[k] {
			return false
		}
	}
	return true
}
