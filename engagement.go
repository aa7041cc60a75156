package conversion

// Engagement is something that happened to a contact. A custom engagement came from
// outside and has a type ("Task", "Event", or what the API named).
type Engagement struct {
	ID       string
	EntityID string // the contact of one made here; where one is read, the first of Contacts
	Type     string
	Ref      Ref // the Task or Event; zero for one made by the API
	Subject  string
	Occurred Moment
	Data     []byte // JSON object: its fields by name
	Modstamp Moment // SystemModstamp of the observation it holds; older ones are dropped
	Deleted  bool   // deleted in Salesforce: flagged, kept
	Created  Moment
	// First: nobody had met the Task or Event when the batch was made that stores it. When
	// somebody has by then, the batch is refused with a *StaleError. It is written, not read.
	First bool
	// People are the Leads and Contacts that a Task or Event is about, the primary one first:
	// it belongs to whomever these records are linked to, today (spec 3.14). Nil leaves those
	// that are stored. They are written, not read: see Contacts.
	People []Ref
	// Contacts are the ids of the live contacts it belongs to. They are read, not written.
	Contacts []string
}

// KnownActivity is what an engagement holds of its Task or Event.
type KnownActivity struct {
	Modstamp Moment // of the observation; 0: there is no engagement
	People   []Ref  // the primary one first
}

// Relation is a person whom an activity is about beside others.
type Relation struct {
	Activity Ref
	Who      Ref
}

// CatchUp is a person whose activities of one object are still to be read: they were passed
// over while the record was nobody's, or a deleted contact's (spec 3.3, 3.11).
type CatchUp struct {
	Activity Object // Task or Event
	Who      Ref
	Asked    Moment // when it was asked for, or up to when it is done
}

// Ignored is a record that is not synced because its contact (company) was deleted in
// Conversion (spec 3.11).
type Ignored struct {
	Ref      Ref
	Name     string // the record's
	EntityID string // of whom restoring brings the record back
	Kind     Kind
	Key      string // the entity's e-mail or domain
	Deleted  Moment // when the entity was
}
