package gateway

import (
	"strings"
	"time"

	"conversion"
	"conversion/internal/salesforce"
)

// value reads a field's value in its canonical form (spec 3.7). It goes by the field's
// type and the cell's text, so that REST's JSON and Bulk's CSV of one value are equal: in
// both, "" is how Salesforce spells null. Text that is not of the field's type, which
// Salesforce does not send, is kept as text rather than lost.
func value(f conversion.Field, c salesforce.Cell) conversion.Value {
	switch {
	case c.Kind == salesforce.Absent:
		return conversion.Value{}
	case c.Kind == salesforce.Null, c.Text == "":
		return conversion.Null
	case f.Type == "reference", f.Type == "id":
		return conversion.Text(recordID(c.Text))
	case f.ValueType() == conversion.TypeText:
		return text(c.Text)
	}
	v, err := conversion.Parse(f.ValueType(), c.Text)
	switch {
	case err != nil:
		return text(c.Text)
	case v.Blank():
		return conversion.Null // a multi-select of separators only
	}
	return v
}

// text reads a text. What is blank when trimmed is null, as Salesforce would store it; a
// line ends as it does in CSV.
func text(s string) conversion.Value {
	v := conversion.Text(strings.ReplaceAll(s, "\r\n", "\n"))
	if v.Blank() {
		return conversion.Null
	}
	return v
}

// email reads an e-mail address in the form in which addresses are compared.
func email(c salesforce.Cell) conversion.Value {
	if c.Kind == salesforce.Absent {
		return conversion.Value{}
	}
	return text(conversion.Email(c.Text))
}

// timeOfDayForm tells times of day, which Salesforce wants with a zone, from other texts.
var timeOfDayForm = func() uint8 {
	midnight, err := conversion.TimeOfDay("00:00:00")
	if err != nil {
		panic(err) // the text is a constant
	}
	form, _ := midnight.Stored()
	return form
}()

// cell spells a value for a write. A blank clears the field, or unticks a box: before is
// the value that was seen there, and a box cannot be null.
func cell(v, before conversion.Value) salesforce.Cell {
	if v.Blank() {
		if before.True() || before.False() {
			return salesforce.BoolCell(false)
		}
		return salesforce.NullCell()
	}
	switch scalar := v.JSON().(type) {
	case bool:
		return salesforce.BoolCell(scalar)
	case string:
		return salesforce.StringCell(spelled(v, scalar))
	}
	return salesforce.NumberCell(v.String())
}

func spelled(v conversion.Value, text string) string {
	if form, _ := v.Stored(); form != timeOfDayForm {
		return text
	}
	t, err := time.Parse("15:04:05.999", text)
	if err != nil {
		return text
	}
	return t.Format("15:04:05.000Z")
}

// moment reads a time; 0 when there is none.
func moment(c salesforce.Cell) conversion.Moment {
	t, err := salesforce.ParseTime(c.Text)
	if err != nil {
		return 0
	}
	return conversion.MomentOf(t)
}

// day reads a date as its midnight in UTC; 0 when there is none.
func day(c salesforce.Cell) conversion.Moment {
	t, err := time.Parse(time.DateOnly, c.Text)
	if err != nil {
		return 0
	}
	return conversion.MomentOf(t)
}

func yes(c salesforce.Cell) bool { return c.Text == "true" }
