// Package soql reads Salesforce's query language: text in, syntax tree out, or
// an error in the words and with the position that Salesforce would use.
//
// It knows the grammar only. It must never know an org's objects, fields or
// records: whether a name exists, and whether a clause is served, is decided by
// whoever runs the query.
package soql

import "time"

// Query is one SELECT statement, be it a whole query or one in parentheses.
type Query struct {
	// Text is the whole statement as it was sent, for error messages. All
	// positions are byte offsets into it.
	Text string
	// Pos is where this SELECT begins.
	Pos int

	Select []Item
	// From is the object, in a child subquery the relationship, maybe with the
	// parent before it: Account.Contacts.
	From  Name
	Alias string // of From, "" without one
	// Joins are the further elements of the old form FROM Contact c, c.Account a.
	Joins   []Join
	Scope   Name // of USING SCOPE, empty without
	Lookup  Path // of USING LOOKUP, empty without
	Where   Cond // nil without a WHERE
	With    []With
	GroupBy []Expr
	// Subtotals is ROLLUP or CUBE, "" for a plain GROUP BY.
	Subtotals string
	Having    Cond // nil without a HAVING
	OrderBy   []Order
	Limit     int // -1 without a LIMIT
	Offset    int
	// For holds VIEW, REFERENCE and UPDATE as far as FOR asks for them.
	For []Name
	// Update holds TRACKING and VIEWSTAT as far as UPDATE asks for them.
	Update []Name
	// AllRows is where ALL ROWS stands, nil without.
	AllRows *Name
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

// Join is a relationship named in FROM, and what the query calls it.
type Join struct {
	Path  Path
	Alias string
}

// Expr is a path, a function of expressions, or a literal among the arguments of
// DISTANCE and GEOLOCATION.
type Expr struct {
	Path  Path   // of a plain field, else empty
	Func  string // upper case, "" for a plain field
	Args  []Expr
	Value *Value // of a literal
	Pos   int
}

// Item is one element of the SELECT list: an expression, COUNT(), FIELDS(…), a
// child subquery or a TYPEOF.
type Item struct {
	Expr
	Alias string
	// Fields is ALL, STANDARD or CUSTOM when Func is FIELDS.
	Fields string
	Child  *Query
	TypeOf *TypeOf
}

// TypeOf selects by the object that a polymorphic relationship leads to.
type TypeOf struct {
	Path  Path // the relationship
	Cases []TypeCase
	Else  []Path
}

// TypeCase is one WHEN … THEN of a TYPEOF.
type TypeCase struct {
	Object Name
	Fields []Path
}

// With is a WITH clause: SECURITY_ENFORCED, USER_MODE, SYSTEM_MODE, DATA
// CATEGORY, or a word such as USERID followed by its own condition.
type With struct {
	Kind string // upper case
	Pos  int
}

// Order is one element of ORDER BY.
type Order struct {
	Expr
	Desc      bool
	NullsLast bool
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

// Compare is a comparison of an expression with one value, with a list for IN,
// NOT IN, INCLUDES and EXCLUDES, or with what a subquery selects.
type Compare struct {
	Expr
	Op     Op
	Values []Value
	Sub    *Query // of IN and NOT IN, instead of Values
}

func (And) cond()      {}
func (Or) cond()       {}
func (Not) cond()      {}
func (*Compare) cond() {}

// Kind is the kind of a literal.
type Kind int

// The kinds of literals. A relative date is one such as TODAY or LAST_N_DAYS:3;
// money is a number behind a currency: USD500.
const (
	Null Kind = iota
	Text
	Number
	Bool
	Date
	DateTime
	RelativeDate
	Money
)

// Value is a literal.
type Value struct {
	Kind Kind
	// Text is the unescaped string, the upper-case name of a relative date, the
	// date as YYYY-MM-DD, or the upper-case currency of money. Under LIKE, \%
	// and \_ keep their backslash.
	Text   string
	Number float64 // of a Number or Money
	Bool   bool
	Time   time.Time // of a DateTime
	N      int       // of a relative date such as LAST_N_DAYS:n
	Pos    int
}
