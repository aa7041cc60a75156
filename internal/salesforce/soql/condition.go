package soql

// Condition is a part of a WHERE clause. The zero Condition is a mistake that
// Query.Text reports.
type Condition struct {
	field    string
	operator string // "=", "IN", …; or "AND", "OR", "NOT" over parts
	values   []Literal
	parts    []Condition
}

// Equal holds where the field is the value; for text, without regard to case.
func Equal(field string, value Literal) Condition { return compare(field, "=", value) }

// NotEqual holds where the field is not the value, blanks included.
func NotEqual(field string, value Literal) Condition { return compare(field, "!=", value) }

// Less holds where the field is below the value.
func Less(field string, value Literal) Condition { return compare(field, "<", value) }

// AtMost holds where the field is the value or below it.
func AtMost(field string, value Literal) Condition { return compare(field, "<=", value) }

// Greater holds where the field is above the value.
func Greater(field string, value Literal) Condition { return compare(field, ">", value) }

// AtLeast holds where the field is the value or above it.
func AtLeast(field string, value Literal) Condition { return compare(field, ">=", value) }

// Like holds where the field fits the pattern, made by Prefix or Containing.
func Like(field string, pattern Literal) Condition { return compare(field, "LIKE", pattern) }

// In holds where the field is one of the values; there must be at least one.
func In(field string, values ...Literal) Condition {
	return Condition{field: field, operator: "IN", values: values}
}

// NotIn holds where the field is none of the values; there must be at least one.
func NotIn(field string, values ...Literal) Condition {
	return Condition{field: field, operator: "NOT IN", values: values}
}

// And holds where all parts hold; there must be at least one.
func And(parts ...Condition) Condition { return Condition{operator: "AND", parts: parts} }

// Or holds where at least one part holds; there must be at least one.
func Or(parts ...Condition) Condition { return Condition{operator: "OR", parts: parts} }

// Not holds where the part does not.
func Not(part Condition) Condition { return Condition{operator: "NOT", parts: []Condition{part}} }

func compare(field, operator string, value Literal) Condition {
	return Condition{field: field, operator: operator, values: []Literal{value}}
}

// writeTop writes the condition without outer parentheses.
func (c Condition) writeTop(w *writer) {
	switch c.operator {
	case "AND", "OR":
		c.writeJoined(w)
	case "NOT":
		w.raw("NOT ")
		c.parts[0].write(w)
	case "IN", "NOT IN":
		c.writeList(w)
	default:
		c.writeComparison(w)
	}
}

// write puts what is combined in parentheses: Salesforce refuses AND beside OR
// at one level.
func (c Condition) write(w *writer) {
	if len(c.parts) == 0 {
		c.writeTop(w)
		return
	}
	w.raw("(")
	c.writeTop(w)
	w.raw(")")
}

func (c Condition) writeJoined(w *writer) {
	switch len(c.parts) {
	case 0:
		w.fail(errNoOperands)
	case 1:
		c.parts[0].writeTop(w)
	default:
		for i, part := range c.parts {
			if i > 0 {
				w.raw(" " + c.operator + " ")
			}
			part.write(w)
		}
	}
}

func (c Condition) writeList(w *writer) {
	if len(c.values) == 0 {
		w.fail(errNoOperands)
	}
	w.path(c.field)
	w.raw(" " + c.operator + " (")
	for i, value := range c.values {
		if i > 0 {
			w.raw(", ")
		}
		value.write(w)
	}
	w.raw(")")
}

func (c Condition) writeComparison(w *writer) {
	w.path(c.field)
	w.raw(" " + c.operator + " ")
	for _, value := range c.values {
		value.write(w)
	}
}
