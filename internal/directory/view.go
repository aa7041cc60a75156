package directory

import (
	"context"
	"slices"
	"strings"

	"conversion"
)

// View is a contact or company as readers see it.
type View struct {
	ID             string
	Kind           conversion.Kind
	Key            string // contact: e-mail; company: domain, "" when it has none
	Name           string
	Values         []VariableValue // in the schema's order, known ones only
	Links          []LinkView
	CompanyID      string // contact: "" when it has none, or the one it claims is deleted
	CompanyDerived bool   // by the e-mail's domain, claimed by nobody (spec 3.15)
	Origin         conversion.Origin
	Created        conversion.Moment
	Updated        conversion.Moment
}

// VariableValue is the value of one variable, and whose claim it is.
type VariableValue struct {
	Variable *conversion.Variable
	Value    conversion.Value
	At       conversion.Moment
	From     conversion.Ref // the claiming record; zero when the claim is Conversion's own
	By       conversion.Actor
	ByName   string // of the Salesforce user, when By is one and is known
	Shown    string // name of the Salesforce user the value is the id of (spec 3.17); "" otherwise
	// Read is when a formula or roll-up was last read, at least; 0 for other values, and in
	// lists.
	Read conversion.Moment
}

// LinkView is one of an entity's records.
type LinkView struct {
	Ref    conversion.Ref
	Name   string // the record's
	Status conversion.LinkState
	Hold   string // why it is held
}

// URL returns where the record is shown in the org at that instance; "" without one, and
// for a record of an org that the workspace left.
func (l LinkView) URL(instanceURL string) string {
	if instanceURL == "" || l.Status == conversion.LinkMoved {
		return ""
	}
	return instanceURL + "/lightning/r/" + string(l.Ref.Object) + "/" + l.Ref.ID + "/view"
}

// Page is one page of a list; Next is the cursor of the next, "" at the end.
type Page struct {
	Items []View
	Next  string
}

// viewer makes views with a handful of reads, however many entities there are.
type viewer struct {
	books     Books
	schema    *conversion.Schema
	users     map[string]string            // names by Salesforce user id
	companies map[string]conversion.Entity // by domain
	live      map[string]bool              // companies that contacts claim and that are not deleted, by id
}

// views shows entities with their links, given by the entity's id.
func views(ctx context.Context, books Books, schema *conversion.Schema, entities []*conversion.Entity, links map[string][]conversion.Link) ([]View, error) {
	v := viewer{books: books, schema: schema}
	if err := v.learn(ctx, entities); err != nil {
		return nil, err
	}
	shown := make([]View, len(entities))
	for i, e := range entities {
		shown[i] = v.view(e, links[e.ID])
	}
	return shown, nil
}

// learn reads what the views need besides the entities.
func (v *viewer) learn(ctx context.Context, entities []*conversion.Entity) (err error) {
	var users, domains, claimed []string
	for _, e := range entities {
		for _, r := range e.Values {
			users = append(users, v.usersOf(r)...)
		}
		if domain := derivingDomain(e); domain != "" {
			domains = append(domains, domain)
		}
		if e.Company != "" {
			claimed = append(claimed, e.Company)
		}
	}
	if users = distinct(users); len(users) > 0 {
		if v.users, err = v.books.UserNames(ctx, users); err != nil {
			return err
		}
	}
	if claimed = distinct(claimed); len(claimed) > 0 {
		if v.live, err = v.books.LiveCompanies(ctx, claimed); err != nil {
			return err
		}
	}
	if domains = distinct(domains); len(domains) > 0 {
		v.companies, err = v.books.CompaniesByKey(ctx, domains)
	}
	return err
}

func distinct(ids []string) []string {
	slices.Sort(ids)
	return slices.Compact(ids)
}

// derivingDomain returns the domain that names the contact's company when nobody claims
// one (spec 3.15); "" when the e-mail says nothing about it.
func derivingDomain(e *conversion.Entity) string {
	if e.Kind != conversion.KindContact || e.Company != "" {
		return ""
	}
	if domain := conversion.EmailDomain(e.Key); !conversion.FreeMail(domain) {
		return domain
	}
	return ""
}

// usersOf returns the ids of Salesforce users that a value shows.
func (v *viewer) usersOf(r conversion.Resolved) (ids []string) {
	if r.By.Kind == conversion.ActorSalesforce && r.By.ID != "" {
		ids = append(ids, r.By.ID)
	}
	if variable := v.schema.ByID(r.Var); variable != nil && namesUser(variable) && !r.Value.Blank() {
		ids = append(ids, r.Value.String())
	}
	return ids
}

// namesUser reports whether the variable's values are ids of Salesforce users.
func namesUser(v *conversion.Variable) bool {
	return slices.ContainsFunc(v.Fields, func(f conversion.Field) bool {
		return slices.Contains(f.References, string(conversion.User))
	})
}

func (v *viewer) view(e *conversion.Entity, links []conversion.Link) View {
	view := View{
		ID: e.ID, Kind: e.Kind, Key: e.Key, Name: e.Name,
		Origin: e.Origin, Created: e.Created, Updated: e.Updated,
	}
	if v.live[e.Company] {
		view.CompanyID = e.Company
	}
	if company, ok := v.companies[derivingDomain(e)]; ok {
		view.CompanyID, view.CompanyDerived = company.ID, true
	}
	for _, r := range e.Values {
		if variable := v.schema.ByID(r.Var); variable != nil && !r.Value.Absent() && !topLevel(variable) {
			view.Values = append(view.Values, v.value(variable, r))
		}
	}
	for _, l := range links {
		view.Links = append(view.Links, LinkView{Ref: recordOf(l.Ref), Name: l.Name, Status: l.State, Hold: l.Hold})
	}
	return view
}

func (v *viewer) value(variable *conversion.Variable, r conversion.Resolved) VariableValue {
	shown := VariableValue{Variable: variable, Value: r.Value, At: r.At, From: recordOf(r.From), By: r.By}
	if r.By.Kind == conversion.ActorSalesforce {
		shown.ByName = v.users[r.By.ID]
	}
	if namesUser(variable) {
		shown.Shown = v.users[r.Value.String()]
	}
	return shown
}

// recordOf names the record as its org does. One of an org that the workspace left is kept
// under the org's id, a slash, and its own.
func recordOf(r conversion.Ref) conversion.Ref {
	if _, id, left := strings.Cut(r.ID, "/"); left {
		r.ID = id
	}
	return r
}

// topLevel reports whether a view shows the variable beside its values, not among them:
// e-mail and company of a contact, name and domain of a company. A company's website
// stays among them.
func topLevel(v *conversion.Variable) bool {
	if v.Kind == conversion.KindCompany {
		return v.ID == conversion.NameVar || v.Key == "domain"
	}
	return v.ID == conversion.EmailVar || v.ID == conversion.AccountVar
}
