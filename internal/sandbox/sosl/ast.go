// Package sosl reads Salesforce's search language: text in, a search out, or an
// error in the words that Salesforce would use. It also says whether texts match
// what is searched for.
//
// It knows the grammar and words only. It must never know an org's objects,
// fields or records. The clauses of a RETURNING element are the query language's:
// it cuts them out and leaves them to be read as a query.
package sosl

import "strings"

// Search is one FIND statement.
type Search struct {
	// Text is the statement as it was sent, for error messages.
	Text string

	Find  Expr
	Group Group
	// Returning lists what is answered, in this order; nil means every object.
	Returning []Returning
	// Limit is the most records in all, -1 without one.
	Limit int
}

// Group names the fields that are searched.
type Group string

// The groups of fields; without IN all are searched.
const (
	All     Group = "ALL"
	Names   Group = "NAME"
	Emails  Group = "EMAIL"
	Phones  Group = "PHONE"
	Sidebar Group = "SIDEBAR"
)

// Returning is one object of the answer.
type Returning struct {
	Object string
	Pos    int // byte offset of the object's name in the text
	// Fields is the list as it was written, "" without one, which means Id.
	Fields string
	// Clauses are WHERE, ORDER BY, LIMIT and OFFSET as they were written.
	Clauses string
}

// Query is the query that selects the fields of the object's records under its
// clauses, of which the search then picks those that match.
func (r Returning) Query() string {
	fields := r.Fields
	if fields == "" {
		fields = "Id"
	}
	return strings.TrimSpace("SELECT " + fields + " FROM " + r.Object + " " + r.Clauses)
}
