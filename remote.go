package conversion

// RecordPage is a page of observations. Next is the cursor after its last record.
type RecordPage struct {
	Records []Record
	Next    Cursor
	More    bool
}

// ActivityPage is a page of activities. Next is the cursor after its last record.
type ActivityPage struct {
	Activities []Activity
	Next       Cursor
	More       bool
}

// RelationPage is a page of relations. Next is the cursor after its last one.
type RelationPage struct {
	Relations []Relation
	Next      Cursor
	More      bool
}

// WriteOptions are settings of the org's behaviour on writes.
type WriteOptions struct {
	AssignmentRules bool // let Salesforce's assignment rules run on create (spec 4.4)
}

// MadeQuery asks for records that a user created, live or not, by their names: where a
// create got no answer and nothing else tells (spec 4.3).
type MadeQuery struct {
	Object       Object
	By           string // Salesforce user id
	Since, Until Moment // in Salesforce's time
	Names        []string
}

// Outcome is what became of one write.
type Outcome struct {
	Sent    bool         // the request left
	Unknown bool         // no answer came: it may or may not have been done
	ID      string       // the record's id, when it was done
	Failure *RemoteError // why it was refused; nil when done or unknown
}

// RemoteError is a refusal of Salesforce, classified.
type RemoteError struct {
	Code       string   // Salesforce's status code
	Message    string   // for a person
	Hint       string   // what to do about it
	Fields     []string // API names it concerns
	Retry      bool     // goes away by itself
	Gone       bool     // the record is deleted or converted
	Fix        Fix      // who can end it
	Duplicates []Ref    // the records that Salesforce takes it for a duplicate of
}

// Doom is what deletions of Accounts take along.
type Doom struct {
	Contacts          int
	WithOpportunities []string // Account ids
}
