// Package formula reads and computes Salesforce's formula language, in which an
// org's formula fields, validation rules and default values are written.
//
// A formula is compiled once against a Scope, which says what its names mean, and
// then evaluated for one Record at a time. Blanks follow Salesforce: a comparison
// with a blank is neither true nor false, blank text joins as nothing, and a
// condition that is blank counts as false.
//
// The package must never know objects, rows, requests or the clock: all of these
// reach it through Scope and Record. It neither panics nor loops on any text.
package formula

import (
	"fmt"
	"time"
)

// Type is the type of a formula's value.
type Type int

// The types of values. Picklist and MultiPicklist are types of fields only: a few
// functions take them, and Text makes text of them. Null is the type of NULL.
const (
	Null Type = iota
	Text
	Number
	Boolean
	Date
	DateTime
	Time
	Picklist
	MultiPicklist
)

func (t Type) String() string {
	return [...]string{"Null", "Text", "Number", "Boolean", "Date", "DateTime", "Time", "Picklist", "Multi-Select Picklist"}[t]
}

// Values are nil for a blank, string for text and picklists, float64, bool, and
// the three below.
type (
	// Day is a date, in days since 1 January 1970.
	Day int
	// Moment is a date with time, in Unix seconds.
	Moment int64
	// Clock is a time of day, in milliseconds since midnight.
	Clock int
)

// Variable is what a name in a formula stands for.
type Variable struct {
	Type Type
	// Key is how the Record knows the variable.
	Key any
	// Own says that it belongs to the record itself, so that it has a value
	// before the change too.
	Own bool
}

// Scope finds the variable of a path such as Account, Owner, Name. An error says
// in one sentence why there is none; a nil error with false means that the name is
// unknown.
type Scope interface {
	Variable(path []string) (Variable, bool, error)
}

// Record is what a formula is evaluated for.
type Record interface {
	// Value is the present value of a variable, and Prior the one before the
	// change that is being saved.
	Value(key any) any
	Prior(key any) any
	// IsNew says that the record is being created.
	IsNew() bool
	Now() time.Time
	// CaseSafeID makes the long form of a record id; other text stays.
	CaseSafeID(id string) string
}

// Use is what a formula is for, which decides the functions it may have.
type Use int

// The uses of a formula.
const (
	ForField Use = iota
	ForRule
	ForDefault
)

// Options say how a formula is compiled.
type Options struct {
	Use Use
	// BlankAsZero reads blank numbers as 0.
	BlankAsZero bool
}

// Error is a mistake in a formula, at a byte offset of its text.
type Error struct {
	Pos     int
	Message string
}

func (e *Error) Error() string { return e.Message }

func errorf(pos int, format string, args ...any) *Error {
	return &Error{Pos: pos, Message: fmt.Sprintf(format, args...)}
}

// Formula is a compiled formula. It is immutable and may be evaluated by several
// goroutines at once.
type Formula struct {
	// Type is the type of the result.
	Type Type
	// HTML says that the result is markup: a link or an image.
	HTML bool
	// Keys are the variables that the formula reads.
	Keys []any

	eval func(*frame) any
}

// maxLength is how many characters a formula may have.
const maxLength = 5000

// Compile reads a formula and checks its names and types. The error is an *Error.
func Compile(text string, scope Scope, options Options) (*Formula, error) {
	if n := len([]rune(text)); n > maxLength {
		return nil, errorf(0, "Formula is too long (%d characters). Maximum length is %d characters", n, maxLength)
	}
	tree, err := parse(text)
	if err != nil {
		return nil, err
	}
	c := &compiler{scope: scope, options: options}
	e, err := c.compile(tree)
	if err != nil {
		return nil, err
	}
	if err := c.plain(e); err != nil {
		return nil, err
	}
	return &Formula{Type: e.kind, HTML: c.html, Keys: c.keys, eval: e.eval}, nil
}

// frame is one evaluation.
type frame struct {
	Record
	failure error
}

// fail ends the evaluation with an error; what it returns stands for the value.
func (f *frame) fail(format string, args ...any) any {
	if f.failure == nil {
		f.failure = fmt.Errorf(format, args...)
	}
	return nil
}

// Eval computes the formula for a record. The error tells of a value that cannot
// be computed, such as a division by zero: Salesforce shows #Error! then.
func (f *Formula) Eval(r Record) (any, error) {
	fr := &frame{Record: r}
	v := f.eval(fr)
	if fr.failure != nil {
		return nil, fr.failure
	}
	return v, nil
}
