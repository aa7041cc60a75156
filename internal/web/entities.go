package web

import (
	"net/http"
	"net/url"

	"conversion"
	"conversion/internal/web/page"
)

// endpoint is a handler before it is told whose request it is.
type endpoint = func(http.ResponseWriter, *http.Request, visitor) error

func section(k conversion.Kind) page.Section {
	if k == conversion.KindCompany {
		return page.SectionCompanies
	}
	return page.SectionContacts
}

func listPath(k conversion.Kind) string {
	if k == conversion.KindCompany {
		return "/companies"
	}
	return "/contacts"
}

func entityPath(k conversion.Kind, id string) string { return listPath(k) + "/" + url.PathEscape(id) }

func listTitle(k conversion.Kind) string {
	if k == conversion.KindCompany {
		return "Companies"
	}
	return "Contacts"
}

// list shows a page of contacts or companies, newest first, all or by prefix.
func (s *site) list(kind conversion.Kind) endpoint {
	return func(w http.ResponseWriter, r *http.Request, v visitor) error {
		query := r.URL.Query()
		filter := conversion.EntityFilter{
			Kind: kind, Prefix: query.Get("q"), CompanyID: query.Get("company_id"), After: query.Get("after"), Limit: listLimit,
		}
		found, err := s.Directory.List(r.Context(), v.WorkspaceID, filter)
		if err != nil {
			return err
		}
		p := page.List{
			Frame: s.frame(r, v, section(kind), listTitle(kind)), Kind: kind,
			Query: query.Get("q"), Items: found.Items,
		}
		p.Wide = true
		p.First, p.Next = pages(r.URL, filter.After, found.Next)
		if filter.CompanyID != "" {
			p.Crumb = page.Crumb{Text: "One company's contacts · show all", Path: "/contacts"}
		}
		return render(w, r, http.StatusOK, page.ListPage(p))
	}
}

const (
	timelineLimit    = 30
	engagementsLimit = 20
)

// show shows one contact or company with all that is known of it.
func (s *site) show(kind conversion.Kind) endpoint {
	return func(w http.ResponseWriter, r *http.Request, v visitor) error {
		view, err := s.Directory.Get(r.Context(), v.WorkspaceID, kind, r.PathValue("id"))
		if err != nil {
			return err
		}
		p := page.Entity{Frame: s.frame(r, v, section(kind), page.Name(view)), View: view}
		p.Crumb, p.Wide = page.Crumb{Text: listTitle(kind), Path: listPath(kind)}, true
		if err := s.surroundings(r, v, &p); err != nil {
			return err
		}
		if err := s.history(r, v, &p); err != nil {
			return err
		}
		return render(w, r, http.StatusOK, page.EntityPage(p))
	}
}

// surroundings fills in what the page says besides the entity: its variables, company,
// the rules and the org.
func (s *site) surroundings(r *http.Request, v visitor, p *page.Entity) (err error) {
	if p.Variables, err = s.Directory.Variables(r.Context(), v.WorkspaceID, p.View.Kind); err != nil {
		return err
	}
	if p.Rules, err = s.Settings.Rules(r.Context(), v.WorkspaceID); err != nil {
		return err
	}
	status, err := s.Connections.Status(r.Context(), v.WorkspaceID)
	if err != nil {
		return err
	}
	p.InstanceURL = status.Org.InstanceURL
	if p.Held, err = s.Journal(v.WorkspaceID).HeldOf(r.Context(), p.View.ID); err != nil {
		return err
	}
	if p.View.CompanyID == "" {
		return nil
	}
	company, err := s.Directory.Get(r.Context(), v.WorkspaceID, conversion.KindCompany, p.View.CompanyID)
	if conversion.ErrorCode(err) == conversion.CodeNotFound {
		p.View.CompanyID = "" // deleted since
		return nil
	}
	p.Company = page.Name(company)
	return err
}

// history fills in engagements and timeline.
func (s *site) history(r *http.Request, v visitor, p *page.Entity) error {
	query := r.URL.Query()
	changes, next, err := s.Directory.Timeline(r.Context(), v.WorkspaceID, p.View.Kind, p.View.ID, query.Get("changes"), timelineLimit)
	if err != nil {
		return err
	}
	p.MoreTime = older(r.URL, "changes", next)
	if p.Timeline, err = s.lines(r, v, p, changes); err != nil {
		return err
	}
	if p.View.Kind != conversion.KindContact {
		return nil
	}
	p.Engagements, next, err = s.Directory.Engagements(r.Context(), v.WorkspaceID, p.View.ID, "", query.Get("engagements"), engagementsLimit)
	p.MoreEvents = older(r.URL, "engagements", next)
	return err
}

// lines gives changes the names of their variables and makers.
func (s *site) lines(r *http.Request, v visitor, p *page.Entity, changes []conversion.Change) ([]page.Line, error) {
	labels := make(map[conversion.VarID]string, len(p.Variables))
	for _, variable := range p.Variables {
		labels[variable.ID] = variable.Label
	}
	names, err := s.makers(r, v, changes)
	if err != nil {
		return nil, err
	}
	lines := make([]page.Line, len(changes))
	for i, c := range changes {
		lines[i] = page.Line{Change: c, Who: page.Who(c.By, names[c.By.ID])}
		lines[i].Label = labels[c.Var]
	}
	return lines, nil
}

// makers names the members who made changes, by id.
func (s *site) makers(r *http.Request, v visitor, changes []conversion.Change) (map[string]string, error) {
	names := map[string]string{}
	for _, c := range changes {
		if c.By.Kind != conversion.ActorUser {
			continue
		}
		members, err := s.People.Members(r.Context(), v.WorkspaceID)
		for _, m := range members {
			names[m.ID] = m.Name
		}
		return names, err
	}
	return names, nil
}

// older returns the address of the page with the next part of one of its lists.
func older(u *url.URL, list, cursor string) string {
	if cursor == "" {
		return ""
	}
	query := u.Query()
	query.Set(list, cursor)
	return u.Path + "?" + query.Encode() + "#" + listAnchors[list]
}

var listAnchors = map[string]string{"changes": "timeline", "engagements": "engagements"}

func (s *site) delete(kind conversion.Kind) endpoint {
	return func(w http.ResponseWriter, r *http.Request, v visitor) error {
		err := s.Directory.Delete(r.Context(), v.WorkspaceID, kind, r.PathValue("id"), v.actor(), false)
		if err != nil {
			return err
		}
		return s.done(w, r, listPath(kind), page.Deleted(kind))
	}
}
