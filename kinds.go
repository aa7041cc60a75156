package conversion

import "cmp"

// Kind says which of Conversion's own things an entity is.
type Kind string

// The kinds of entity.
const (
	KindContact Kind = "contact"
	KindCompany Kind = "company"
)

// Object is a Salesforce object by its API name.
type Object string

// The objects the product reads; the first three are also written.
const (
	Lead    Object = "Lead"
	Contact Object = "Contact"
	Account Object = "Account"
	Task    Object = "Task"
	Event   Object = "Event"
	User    Object = "User"
)

// Kind returns the kind of entity a record of the object is linked to, or "" when its
// records are never linked.
func (o Object) Kind() Kind {
	switch o {
	case Lead, Contact:
		return KindContact
	case Account:
		return KindCompany
	}
	return ""
}

// Objects lists the objects whose records are linked to entities of the kind.
func (k Kind) Objects() []Object {
	if k == KindCompany {
		return []Object{Account}
	}
	return []Object{Lead, Contact}
}

// Ref names one Salesforce record; ID has 18 characters.
type Ref struct {
	Object Object
	ID     string
}

// Zero reports whether the ref names nothing.
func (r Ref) Zero() bool { return r.ID == "" }

// Compare orders refs by object and id.
func (r Ref) Compare(other Ref) int {
	return cmp.Or(cmp.Compare(r.Object, other.Object), cmp.Compare(r.ID, other.ID))
}

// String gives "Lead/00Q…".
func (r Ref) String() string { return string(r.Object) + "/" + r.ID }

// ActorKind says what sort of someone made a change.
type ActorKind string

// Who can change something.
const (
	ActorUser       ActorKind = "user"
	ActorAPIKey     ActorKind = "api_key"
	ActorImport     ActorKind = "import"
	ActorSalesforce ActorKind = "salesforce" // a record; ID names the Salesforce user
	ActorSystem     ActorKind = "system"
)

// Actor is who made a change: an id and a sort, never a name or an address, so that it
// may be logged.
type Actor struct {
	Kind ActorKind
	ID   string
}

// Origin says where an entity was born (spec 4.2).
type Origin string

// Where an entity can be born.
const (
	OriginSalesforce Origin = "salesforce"
	OriginUser       Origin = "user"
	OriginAPI        Origin = "api"
	OriginImport     Origin = "import"
)

// Origin returns where an entity that the actor makes is born.
func (a Actor) Origin() Origin {
	switch a.Kind {
	case ActorAPIKey:
		return OriginAPI
	case ActorImport:
		return OriginImport
	case ActorSalesforce, ActorSystem:
		return OriginSalesforce
	}
	return OriginUser
}
