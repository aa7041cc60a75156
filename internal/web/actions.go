package web

import (
	"net/http"
	"strings"

	"github.com/a-h/templ"

	"conversion"
	"conversion/internal/directory"
	"conversion/internal/web/page"
)

// action is the page that asks before something is done to an entity by hand.
func (s *site) action(r *http.Request, v visitor, kind conversion.Kind, title string) (page.Action, error) {
	view, err := s.Directory.Get(r.Context(), v.WorkspaceID, kind, r.PathValue("id"))
	if err != nil {
		return page.Action{}, err
	}
	a := page.Action{Frame: s.frame(r, v, section(kind), title), View: view}
	a.Crumb = page.Crumb{Text: page.Name(view), Path: entityPath(kind, view.ID)}
	return a, nil
}

// showCombine asks into whom an entity is to be combined, then whether to.
func (s *site) showCombine(kind conversion.Kind) endpoint {
	return func(w http.ResponseWriter, r *http.Request, v visitor) error {
		a, err := s.action(r, v, kind, "Combine")
		if err != nil {
			return err
		}
		a.Typed = strings.TrimSpace(r.URL.Query().Get("into"))
		if a.Typed == "" {
			return render(w, r, http.StatusOK, page.CombinePage(a))
		}
		into, err := s.find(r, v, kind, a.Typed)
		switch {
		case conversion.ErrorCode(err) == conversion.CodeNotFound:
			a.Problem = &page.Problem{Message: "There is no such " + string(kind) + "."}
			return render(w, r, http.StatusUnprocessableEntity, page.CombinePage(a))
		case err != nil:
			return err
		case into.ID == a.View.ID:
			a.Problem = &page.Problem{Message: "That is the same " + string(kind) + "."}
			return render(w, r, http.StatusUnprocessableEntity, page.CombinePage(a))
		}
		a.Into = &into
		return render(w, r, http.StatusOK, page.CombinePage(a))
	}
}

// find returns the entity of an e-mail or domain, or of an id.
func (s *site) find(r *http.Request, v visitor, kind conversion.Kind, typed string) (directory.View, error) {
	found, err := s.Directory.List(r.Context(), v.WorkspaceID, conversion.EntityFilter{Kind: kind, Key: typed, Limit: 1})
	if err == nil && len(found.Items) == 1 {
		return found.Items[0], nil
	}
	if err != nil && conversion.ErrorCode(err) != conversion.CodeInvalid { // an id is no e-mail
		return directory.View{}, err
	}
	return s.Directory.Get(r.Context(), v.WorkspaceID, kind, typed)
}

func (s *site) combine(kind conversion.Kind) endpoint {
	return func(w http.ResponseWriter, r *http.Request, v visitor) error {
		form, err := readForm(w, r)
		if err != nil {
			return err
		}
		into, err := s.Endings.Combine(r.Context(), v.WorkspaceID, kind, r.PathValue("id"), form.Get("into"), v.actor())
		if err != nil {
			return s.refusedAction(w, r, v, kind, "Combine", err, page.CombinePage)
		}
		return s.done(w, r, entityPath(kind, into.ID), "Combined")
	}
}

// refusedAction shows the question again, with what stands in the way.
func (s *site) refusedAction(w http.ResponseWriter, r *http.Request, v visitor, kind conversion.Kind, title string, err error, draw func(page.Action) templ.Component) error {
	problem, ok := problemOf(err)
	if !ok || status(err) == http.StatusNotFound {
		return err
	}
	a, failed := s.action(r, v, kind, title)
	if failed != nil {
		return failed
	}
	a.Problem, a.Chosen = problem, r.PostForm["record_ids"]
	return render(w, r, status(err), draw(a))
}

func (s *site) showSeparate(kind conversion.Kind) endpoint {
	return func(w http.ResponseWriter, r *http.Request, v visitor) error {
		a, err := s.action(r, v, kind, "Separate")
		if err != nil {
			return err
		}
		return render(w, r, http.StatusOK, page.SeparatePage(a))
	}
}

func (s *site) separate(kind conversion.Kind) endpoint {
	return func(w http.ResponseWriter, r *http.Request, v visitor) error {
		form, err := readForm(w, r)
		if err != nil {
			return err
		}
		own, err := s.Endings.Separate(r.Context(), v.WorkspaceID, kind, r.PathValue("id"), form["record_ids"], v.actor())
		if err != nil {
			return s.refusedAction(w, r, v, kind, "Separate", err, page.SeparatePage)
		}
		return s.done(w, r, entityPath(kind, own.ID), "Separated")
	}
}

func (s *site) showErase(kind conversion.Kind) endpoint {
	return func(w http.ResponseWriter, r *http.Request, v visitor) error {
		a, err := s.action(r, v, kind, "Erase")
		if err != nil {
			return err
		}
		return render(w, r, http.StatusOK, page.ErasePage(a))
	}
}

func (s *site) erase(kind conversion.Kind) endpoint {
	return func(w http.ResponseWriter, r *http.Request, v visitor) error {
		form, err := readForm(w, r)
		if err != nil {
			return err
		}
		done, err := s.Endings.Erase(r.Context(), v.WorkspaceID, kind, r.PathValue("id"), v.actor(), form.Get("salesforce") == "true")
		if err != nil {
			return s.refusedAction(w, r, v, kind, "Erase", err, page.ErasePage)
		}
		if !done {
			return s.done(w, r, listPath(kind), "It is erased once its records are deleted in Salesforce.")
		}
		return s.done(w, r, listPath(kind), "Erased for good")
	}
}

// showRestore asks before an entity is brought back; what it was is not known to the pages.
func (s *site) showRestore(kind conversion.Kind) endpoint {
	return func(w http.ResponseWriter, r *http.Request, v visitor) error {
		return s.restoration(w, r, v, kind, http.StatusOK, nil)
	}
}

func (s *site) restoration(w http.ResponseWriter, r *http.Request, v visitor, kind conversion.Kind, code int, problem *page.Problem) error {
	p := page.Restoration{Frame: s.frame(r, v, section(kind), "Restore"), Kind: kind, ID: r.PathValue("id"), Problem: problem}
	p.Crumb = page.Crumb{Text: "Ignored records", Path: "/ignored"}
	return render(w, r, code, page.RestorePage(p))
}

func (s *site) restore(kind conversion.Kind) endpoint {
	return func(w http.ResponseWriter, r *http.Request, v visitor) error {
		view, err := s.Endings.Restore(r.Context(), v.WorkspaceID, kind, r.PathValue("id"), v.actor())
		if problem, ok := problemOf(err); ok && status(err) != http.StatusNotFound {
			return s.restoration(w, r, v, kind, status(err), problem)
		}
		if err != nil {
			return err
		}
		return s.done(w, r, entityPath(kind, view.ID), "Restored")
	}
}

func (s *site) showIgnored(w http.ResponseWriter, r *http.Request, v visitor) error {
	after := r.URL.Query().Get("after")
	p := page.IgnoredList{Frame: s.frame(r, v, page.SectionHeld, "Ignored records")}
	p.Lead, p.Wide = "They are not synced, because their contact or company was deleted in Conversion.", true
	p.Crumb = page.Crumb{Text: "Held", Path: "/held"}
	items, next, err := s.Endings.Ignored(r.Context(), v.WorkspaceID, after, listLimit)
	if err != nil {
		return err
	}
	p.Items = items
	p.First, p.Next = pages(r.URL, after, next)
	return render(w, r, http.StatusOK, page.IgnoredPage(p))
}
