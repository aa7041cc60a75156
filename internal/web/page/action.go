package page

import (
	"slices"

	"conversion"
	"conversion/internal/directory"
)

// Action asks before something is done to a contact or company by hand, and says what it
// does in Salesforce.
type Action struct {
	Frame
	View    directory.View
	Into    *directory.View // combine: the one that stays; nil: it is still to be chosen
	Typed   string          // combine: what was typed to choose it
	Chosen  []string        // separate: ids of the records ticked
	Problem *Problem
}

// Restoration asks before a deleted contact or company is brought back.
type Restoration struct {
	Frame
	Kind    conversion.Kind
	ID      string
	Problem *Problem
}

// IgnoredList is the list of records that are not synced because whom they belong to was
// deleted here.
type IgnoredList struct {
	Frame
	Items []conversion.Ignored
	First string
	Next  string
}

// at is the address of what is done to the entity.
func (a Action) at(action string) string {
	return path(a.View.Kind) + "/" + a.View.ID + "/" + action
}

// records are those that may be separated.
func (a Action) records() []directory.LinkView {
	return slices.DeleteFunc(slices.Clone(a.View.Links), func(l directory.LinkView) bool { return l.Status == conversion.LinkMoved })
}

func (a Action) ticked(id string) bool { return slices.Contains(a.Chosen, id) }

// apart reports whether anything can be separated: of one record nothing can.
func (a Action) apart() bool { return len(a.records()) > 1 }

// live are the records that are there in Salesforce.
func (a Action) live() []directory.LinkView { return Entity{View: a.View}.liveLinks() }

// keyWord is what people search a contact or company by.
func keyWord(k conversion.Kind) string {
	if k == conversion.KindCompany {
		return "Its domain, or its id"
	}
	return "Its e-mail address, or its id"
}
