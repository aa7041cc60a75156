// Package soql reads Salesforce's query language: text in, syntax tree out, or
// an error in the words and with the position that Salesforce would use.
//
// It knows the grammar only. It must never know an org's objects, fields or
// records: whether a name exists is decided by whoever runs the query.
package soql

import "time"

// Query is one SELECT statement.
type Query struct {
	// Text is the statement as it was sent, for error messages.
	Text string

	Select  []Item
	From    Name
	Alias   string // of From, "" without one
	Where   Cond   // nil without a WHERE
	GroupBy []Path
	OrderBy []Order
	Limit   int // -1 without a LIMIT
	Offset  int
}

// Name is an identifier and where it stands in the text (a byte offset).
type Name struct {
	Text string
	Pos  int
}

// Path is a field name with the relationships that lead to it: Account.Owner.Name.
type Path []Name

// String joins the path with dots, as it was written.
func (p Path) String() string {
	s := ""
	for i, n := range p {
		if i > 0 {
			s += "."
		}
		s += n.Text
	}
	return s
}

// Pos is where the path begins.
func (p Path) Pos() int { return p[0].Pos }

// Item is one element of the SELECT list: a path, a function of a path, COUNT()
// or FIELDS(…).
type Item struct {
	Path  Path   // empty for COUNT() and FIELDS()
	Func  string // upper case, "" for a plain path
	Alias string
	// Group is ALL, STANDARD or CUSTOM when Func is FIELDS.
	Group string
	Pos   int
}

// Order is one element of ORDER BY.
type Order struct {
	Path      Path // empty for COUNT()
	Func      string
	Desc      bool
	NullsLast bool
	Pos       int
}

// Cond is a condition: And, Or, Not or Compare.
type Cond interface{ cond() }

// And holds when all of its conditions hold.
type And []Cond

// Or holds when one of its conditions holds.
type Or []Cond

// Not holds when its condition does not.
type Not struct{ Cond Cond }

// Op is a comparison operator.
type Op string

// The operators; "<>" is read as NotEqual.
const (
	Equal        Op = "="
	NotEqual     Op = "!="
	Less         Op = "<"
	LessEqual    Op = "<="
	Greater      Op = ">"
	GreaterEqual Op = ">="
	Like         Op = "LIKE"
	In           Op = "IN"
	NotIn        Op = "NOT IN"
	Includes     Op = "INCLUDES"
	Excludes     Op = "EXCLUDES"
)

// Compare is a comparison of a field with one value, or with a list for IN,
// NOT IN, INCLUDES and EXCLUDES.
type Compare struct {
	Path   Path
	Func   string // upper case, "" for a plain path
	Op     Op
	Values []Value
	Pos    int
}

func (And) cond()      {}
func (Or) cond()       {}
func (Not) cond()      {}
func (*Compare) cond() {}

// Kind is the kind of a literal.
type Kind int

// The kinds of literals. A relative date is one such as TODAY or LAST_N_DAYS:3.
const (
	Null Kind = iota
	Text
	Number
	Bool
	Date
	DateTime
	RelativeDate
)

// Value is a literal.
type Value struct {
	Kind Kind
	// Text is the unescaped string, the upper-case name of a relative date, or
	// the date as YYYY-MM-DD. Under LIKE, \% and \_ keep their backslash.
	Text   string
	Number float64
	Bool   bool
	Time   time.Time // of a DateTime
	N      int       // of a relative date such as LAST_N_DAYS:n
	Pos    int
}
