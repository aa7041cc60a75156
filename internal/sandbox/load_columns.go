package sandbox

import (
	"maps"
	"regexp"
	"slices"
	"strings"

	"conversion/internal/sandbox/schema"
)

// matchColumns finds the field of each of a row's columns. A column that no
// field answers to becomes a custom field if it ends in __c, and is refused
// otherwise.
func (l *loader) matchColumns(row *loadRow) error {
	if row.text != "" && len(l.customs) == 0 && l.shared[&row.columns[0]] != nil {
		return nil // all columns are known, and none of them has to be learned from
	}
	var problems loadProblems
	cells := row.read()
	for i, column := range row.columns {
		key := columnKey(row.object, column)
		if custom := l.customs[key]; custom != nil {
			custom.see(cells[i])
			continue
		}
		if l.fields[key] != nil {
			continue
		}
		known, ok := row.object.field(column)
		switch {
		case ok:
			l.fields[key] = known
		case isCustomName(column):
			l.customs[key] = newCustomColumn(row.object, column)
			l.customs[key].see(cells[i])
		default:
			l.refuse(row, column, &problems)
			l.fields[key] = &field{} // named once is enough
		}
	}
	if row.text != "" {
		l.shared[&row.columns[0]] = []*field{} // filled in when all fields are settled
	}
	return problems.err()
}

// refuse names a column that nothing in the org answers to. In a CSV file it
// stands in the header, the first line.
func (l *loader) refuse(row *loadRow, column string, problems *loadProblems) {
	at := *row
	if strings.HasSuffix(strings.ToLower(row.file), ".csv") {
		at.line = 1
	}
	problems.add(at.errorf("%s has no field %s (only names that end in __c become custom fields)", row.object.Name, column))
}

func columnKey(object *object, column string) string {
	return strings.ToLower(object.Name + "." + column)
}

var customName = regexp.MustCompile(`(?i)^[a-z](_?[a-z0-9])*(__[a-z](_?[a-z0-9])*)?__c$`)

func isCustomName(column string) bool { return customName.MatchString(column) }

// settleCustomFields decides the types once all values have been seen.
func (l *loader) settleCustomFields() {
	for key, custom := range l.customs {
		l.fields[key] = &field{Field: completed(custom.describe())}
	}
	clear(l.shared)
}

// fieldsOf finds the fields of a row's columns. Their restricted picklists take
// any value here: an export holds what its org offers, and our lists are short.
func (l *loader) fieldsOf(row *loadRow) []*field {
	if row.text != "" && l.shared[&row.columns[0]] != nil {
		return l.shared[&row.columns[0]]
	}
	fields := make([]*field, len(row.columns))
	for i, column := range row.columns {
		lenient := *l.fields[columnKey(row.object, column)]
		lenient.RestrictedPicklist = false
		fields[i] = &lenient
	}
	if row.text != "" {
		l.shared[&row.columns[0]] = fields
	}
	return fields
}

// makeCustomFields adds the custom fields to their objects.
func (l *loader) makeCustomFields() {
	for _, key := range slices.Sorted(maps.Keys(l.customs)) {
		custom := l.customs[key]
		l.tx.org.gainField(custom.object, l.fields[key].Field)
		l.tx.org.describeChanged(custom.object)
		l.loaded.CustomFields = append(l.loaded.CustomFields, custom.path())
	}
}

// unmakeCustomFields takes them back after a load that failed.
func (l *loader) unmakeCustomFields() {
	for key, custom := range l.customs {
		if made, ok := custom.object.field(l.fields[key].Name); ok {
			l.tx.org.loseField(custom.object, made)
		}
	}
}

// customColumn gathers what the values of an unknown column have in common.
type customColumn struct {
	object                           *object
	name                             string
	boolean, number, date, timestamp bool
	scale, longest                   int
	filled                           bool
}

func newCustomColumn(object *object, name string) *customColumn {
	return &customColumn{
		object: object, name: name[:len(name)-len("__c")] + "__c",
		boolean: true, number: true, date: true, timestamp: true,
	}
}

// plainNumber is a number that has no second reading: no leading zero as codes
// have it, no more digits than a double holds.
var plainNumber = regexp.MustCompile(`^-?(0|[1-9]\d{0,14})(\.\d{1,8})?$`)

func (c *customColumn) see(cell any) {
	text := cellText(cell)
	if text == "" {
		return
	}
	c.filled = true
	c.longest = max(c.longest, len([]rune(text)))
	if c.boolean {
		c.boolean = text == "true" || text == "false"
	}
	if c.number {
		c.number = plainNumber.MatchString(text)
		_, fraction, _ := strings.Cut(text, ".")
		c.scale = max(c.scale, len(fraction))
	}
	if c.date {
		c.date = isISODate(text)
	}
	if c.timestamp {
		_, ok := parseExportedTime(text)
		c.timestamp = ok && !isISODate(text)
	}
}

// path names the field as people do: "Contact.Picture__c".
func (c *customColumn) path() string { return c.object.Name + "." + c.name }

// describe gives the custom field that holds all values seen.
func (c *customColumn) describe() schema.Field {
	f := schema.Field{Name: c.name, Nillable: true, Groupable: true}
	switch {
	case !c.filled:
		f.Type, f.Length = schema.String, 255
	case c.boolean:
		f.Type, f.Nillable = schema.Boolean, false
	case c.number:
		f.Type, f.Precision, f.Scale, f.Groupable = schema.Double, 18, c.scale, false
	case c.date:
		f.Type = schema.Date
	case c.timestamp:
		f.Type, f.Groupable = schema.DateTime, false
	case c.longest <= 255:
		f.Type, f.Length = schema.String, 255
	default:
		f.Type, f.Length, f.ExtraTypeInfo = schema.TextArea, 32768, "plaintextarea"
		f.Groupable = false
	}
	return f
}
