package conversion

// Engagement is something that happened to a contact. A custom engagement came from
// outside and has a type ("Task", "Event", or what the API named).
type Engagement struct {
	ID       string
	EntityID string // the contact
	Type     string
	Ref      Ref // the Task or Event; zero for one made by the API
	Subject  string
	Occurred Moment
	Data     []byte // JSON object: its fields by name
	Modstamp Moment // SystemModstamp of the observation it holds; older ones are dropped
	Deleted  bool   // deleted in Salesforce: flagged, kept
	Created  Moment
}
