package sandbox

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"time"

	"conversion/internal/sandbox/schema"
)

// convert reads a row's cells as its fields' types want them, by the names of the
// fields.
func (l *loader) convert(row *loadRow) (map[string]any, error) {
	cells, values := row.read(), make(map[string]any, len(row.columns))
	var problems loadProblems
	for i, f := range l.fieldsOf(row) {
		if f.Type == schema.ID || f.isDerived() || cells[i] == nil {
			continue
		}
		value, err := l.value(f, cells[i])
		if err != nil {
			problems.add(row.errorf("%s: %w", f.Name, err))
			continue
		}
		values[f.Name] = value
	}
	return values, problems.err()
}

// isDerived says that the org computes the field from others (a person's Name,
// an address): an export holds it, an insert cannot.
func (f *field) isDerived() bool {
	derived := !f.Createable && !f.Nillable && !f.DefaultedOnCreate
	return derived || f.column == columnCompound || f.Calculated
}

// value gives a cell's stored form.
func (l *loader) value(f *field, cell any) (any, error) {
	if f.Type == schema.Reference {
		return l.resolve(f, cellText(cell))
	}
	cell, err := exportedForm(f.Type, cell)
	if err != nil {
		return nil, err
	}
	value, refused := f.stored(cell)
	if refused != nil {
		return nil, refused
	}
	return value, nil
}

// exportedForm reads the forms that tools write beyond those of the API.
func exportedForm(t schema.Type, cell any) (any, error) {
	text, ok := cell.(string)
	if !ok {
		return cell, nil
	}
	switch t {
	case schema.Boolean:
		return parseBoolean(text)
	case schema.Date:
		return parseExportedDate(text)
	case schema.DateTime:
		if at, ok := parseExportedTime(text); ok {
			return at, nil
		}
		return nil, fmt.Errorf("%q is no date and time", text)
	}
	return cell, nil
}

// cellText is a cell as CSV would hold it.
func cellText(cell any) string {
	switch cell := cell.(type) {
	case string:
		return cell
	case bool:
		return strconv.FormatBool(cell)
	case json.Number:
		return cell.String()
	}
	return ""
}

// parseBoolean reads the forms that Data Loader writes and accepts.
func parseBoolean(text string) (any, error) {
	switch strings.ToLower(text) {
	case "true", "1", "yes", "y", "on":
		return true, nil
	case "false", "0", "no", "n", "off":
		return false, nil
	}
	return nil, fmt.Errorf("%q is no boolean", text)
}

func isISODate(text string) bool {
	_, err := time.Parse(time.DateOnly, text)
	return err == nil
}

// parseExportedDate reads a date, or the date of a date and time as it is written:
// tools write midnight in one zone or another.
func parseExportedDate(text string) (any, error) {
	if isISODate(text) {
		return text, nil
	}
	if day, err := time.Parse("01/02/2006", text); err == nil {
		return day.Format(time.DateOnly), nil
	}
	if at, ok := parseExportedTime(text); ok {
		return at.Format(time.DateOnly), nil
	}
	return nil, fmt.Errorf("%q is no date", text)
}

// dateTimeLayouts are the forms that Data Loader, sf and Salesforce's APIs
// write. Without an offset the time is UTC.
var dateTimeLayouts = []string{
	"2006-01-02T15:04:05Z07:00", "2006-01-02T15:04:05Z0700", "2006-01-02T15:04:05",
	"2006-01-02 15:04:05Z07:00", "2006-01-02 15:04:05Z0700", "2006-01-02 15:04:05",
	"01/02/2006 15:04:05Z0700", "01/02/2006T15:04:05Z0700", "01/02/2006 15:04:05",
	time.DateOnly,
}

// parseExportedTime gives the time in the offset it was written in.
func parseExportedTime(text string) (time.Time, bool) {
	for _, layout := range dateTimeLayouts {
		if at, err := time.Parse(layout, text); err == nil {
			return at, true
		}
	}
	return time.Time{}, false
}
