package conversion

import "cmp"

// Reading places an observation of a record among the others of the same record.
type Reading struct {
	Modstamp Moment // the record's SystemModstamp
	Asked    Moment // when the request that read it began, by our own clock
	Modified Moment // the record's LastModifiedDate, as it stands there: it may have been set by hand to a time to come
}

// Compare orders readings of one record from older to newer.
func (r Reading) Compare(other Reading) int {
	return cmp.Or(cmp.Compare(r.Modstamp, other.Modstamp), cmp.Compare(r.Asked, other.Asked))
}

// Stamp is when a change that the reading shows was made, as far as the record tells: at its
// last modification if that moved since the reading before (zero: there is none), else at
// its SystemModstamp, for an automated process changed it (spec 3.7).
func (r Reading) Stamp(before Reading) Moment {
	if r.Modified > before.Modified {
		return r.Modified
	}
	return r.Modstamp
}

// FieldValue is one variable's value as a record's field holds it.
type FieldValue struct {
	Var   VarID
	Value Value
}

// Record is one observation of a Lead, Contact or Account: what was read of it, and when.
// Fields lists only the variables that were read, by Var ascending: an observation may be
// partial.
type Record struct {
	Ref        Ref
	Reading    Reading
	Read       Moment // when the request that read it began, in Salesforce's time; 0: unknown
	Created    Moment
	CreatedBy  string // Salesforce user id
	ExternalID string // what ExternalIDField holds: the id of an entity; "" when nothing
	ModifiedBy string // Salesforce user id
	Deleted    bool   // in the recycle bin
	MasterID   string // the winner, when the record lost in a merge
	Converted  bool   // a converted Lead
	// ConvertedContactID and ConvertedAccountID are what a converted Lead became.
	ConvertedContactID string
	ConvertedAccountID string
	Person             bool // a person account, or its shadow Contact (spec 3.13)
	// Key is the canonical e-mail or website domain the record carries; "" when it has
	// none. KeyRead says whether it was read at all.
	Key     string
	KeyRead bool
	Name    string // shown to people: the record's Name
	Fields  []FieldValue
}

// Stamp is when a change that the record shows was made, as far as it tells (see
// Reading.Stamp), and never later than it was read (spec 3.7).
func (r *Record) Stamp(before Reading) Moment { return r.noLaterThanRead(r.Reading.Stamp(before)) }

// Modified is the record's LastModifiedDate, never later than it was read.
func (r *Record) Modified() Moment { return r.noLaterThanRead(r.Reading.Modified) }

func (r *Record) noLaterThanRead(m Moment) Moment {
	if r.Read == 0 {
		return m
	}
	return min(m, max(r.Read, r.Reading.Modstamp)) // it surely was read no earlier than its SystemModstamp
}

// FirstSeen is when a changed value of a field was made that others work out: nobody
// modified the record, so that it is when it was first seen (spec 6).
func (r *Record) FirstSeen(before Reading) Moment {
	if r.Reading.Modstamp == before.Modstamp {
		return max(r.Read, r.Reading.Modstamp)
	}
	return r.Stamp(before)
}

// Live reports whether the record takes part in who-is-who.
func (r *Record) Live() bool { return !r.Deleted && !r.Converted }

// Into is the record that took this one's place: the Contact a converted lead became, the
// winner of a merge; zero when there is none (spec 3.8, 3.9).
func (r *Record) Into() Ref {
	switch {
	case r.Converted && r.ConvertedContactID != "":
		return Ref{Contact, r.ConvertedContactID}
	case r.Deleted && r.MasterID != "":
		return Ref{r.Ref.Object, r.MasterID}
	}
	return Ref{}
}

// Value returns the value read for the variable; absent when it was not read.
func (r *Record) Value(id VarID) Value {
	for _, f := range r.Fields {
		if f.Var == id {
			return f.Value
		}
	}
	return Value{}
}

// Activity is one observation of a Task or Event: what becomes a custom engagement.
type Activity struct {
	Ref      Ref
	Reading  Reading
	People   []Ref // the Leads and Contacts it is about, the primary one first: several of a shared one
	Subject  string
	Occurred Moment
	Deleted  bool
	Fields   []NamedValue // everything readable, by API name, in describe's order
}

// NamedValue is a value under its Salesforce API name.
type NamedValue struct {
	Name  string
	Value Value
}
