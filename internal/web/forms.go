package web

import (
	"encoding/json"
	"net/http"
	"net/url"
	"strings"

	"conversion"
	"conversion/internal/directory"
	"conversion/internal/web/page"
)

func (s *site) showNew(kind conversion.Kind) endpoint {
	return func(w http.ResponseWriter, r *http.Request, v visitor) error {
		f, err := s.form(r, v, kind)
		if err != nil {
			return err
		}
		return render(w, r, http.StatusOK, page.FormPage(f))
	}
}

func (s *site) create(kind conversion.Kind) endpoint {
	return func(w http.ResponseWriter, r *http.Request, v visitor) error {
		form, err := readForm(w, r)
		if err != nil {
			return err
		}
		f, err := s.form(r, v, kind)
		if err != nil {
			return err
		}
		fill(&f, form)
		id, err := s.createEntity(r, v, f)
		if problem, ok := problemOf(err); ok {
			f.Problem = problem
			return render(w, r, status(err), page.FormPage(f))
		}
		if err != nil {
			return err
		}
		return s.done(w, r, entityPath(kind, id), page.Created(kind))
	}
}

// createEntity makes the contact or company of the form. One that is there already is no
// place to write another's values into by accident: it is refused.
func (s *site) createEntity(r *http.Request, v visitor, f page.Form) (id string, err error) {
	filter := conversion.EntityFilter{Kind: f.Kind, Key: f.Key, Limit: 1}
	if f.Key != "" {
		found, err := s.Directory.List(r.Context(), v.WorkspaceID, filter)
		if err != nil {
			return "", err
		}
		if len(found.Items) > 0 {
			return "", conversion.Invalid(keyInput(f.Kind), "is taken: %s has it", page.Name(found.Items[0]))
		}
	}
	draft := directory.Draft{Key: f.Key, Name: f.Name, Values: changedValues(f)}
	results, err := s.Directory.Upsert(r.Context(), v.WorkspaceID, f.Kind, v.actor(), []directory.Draft{draft})
	if err != nil {
		return "", err
	}
	return results[0].View.ID, results[0].Err
}

func (s *site) showEdit(kind conversion.Kind) endpoint {
	return func(w http.ResponseWriter, r *http.Request, v visitor) error {
		f, err := s.editForm(r, v, kind)
		if err != nil {
			return err
		}
		return render(w, r, http.StatusOK, page.FormPage(f))
	}
}

func (s *site) edit(kind conversion.Kind) endpoint {
	return func(w http.ResponseWriter, r *http.Request, v visitor) error {
		form, err := readForm(w, r)
		if err != nil {
			return err
		}
		f, err := s.editForm(r, v, kind)
		if err != nil {
			return err
		}
		fill(&f, form)
		_, err = s.Directory.Update(r.Context(), v.WorkspaceID, kind, f.ID, v.actor(), patch(f))
		if problem, ok := problemOf(err); ok {
			f.Problem = problem
			return render(w, r, status(err), page.FormPage(f))
		}
		if err != nil {
			return err
		}
		return s.done(w, r, entityPath(kind, f.ID), "Saved")
	}
}

// form is an empty form for a new contact or company.
func (s *site) form(r *http.Request, v visitor, kind conversion.Kind) (page.Form, error) {
	f := page.Form{Frame: s.frame(r, v, section(kind), page.NewTitle(kind)), Kind: kind}
	f.Crumb = page.Crumb{Text: listTitle(kind), Path: listPath(kind)}
	f.Values, f.Original = map[string]string{}, map[string]string{}
	rules, err := s.Settings.Rules(r.Context(), v.WorkspaceID)
	if err != nil {
		return f, err
	}
	f.Note = page.CreateNote(kind, rules)
	f.Variables, err = s.Directory.Variables(r.Context(), v.WorkspaceID, kind)
	return f, err
}

// editForm is a form filled with what the contact or company has now.
func (s *site) editForm(r *http.Request, v visitor, kind conversion.Kind) (page.Form, error) {
	f, err := s.form(r, v, kind)
	if err != nil {
		return f, err
	}
	view, err := s.Directory.Get(r.Context(), v.WorkspaceID, kind, r.PathValue("id"))
	if err != nil {
		return f, err
	}
	rules, err := s.Settings.Rules(r.Context(), v.WorkspaceID)
	if err != nil {
		return f, err
	}
	f.ID, f.Key, f.Name, f.Title = view.ID, view.Key, view.Name, page.Name(view)
	f.Crumb = page.Crumb{Text: "Back", Path: entityPath(kind, view.ID)}
	f.Note = page.UpdateNote(kind, rules)
	for _, value := range view.Values {
		f.Values[value.Variable.Key] = value.Value.String()
		f.Original[value.Variable.Key] = value.Value.String()
	}
	f.Original[keyInput(kind)], f.Original["name"] = view.Key, view.Name
	return f, nil
}

func keyInput(kind conversion.Kind) string {
	if kind == conversion.KindCompany {
		return "domain"
	}
	return "email"
}

// fill takes over what was typed, and what the form showed before.
func fill(f *page.Form, form url.Values) {
	key := keyInput(f.Kind)
	f.Key, f.Name = form.Get(key), form.Get("name")
	f.Original[key], f.Original["name"] = form.Get("original."+key), form.Get("original.name")
	for _, v := range f.Variables {
		input := "variables." + v.Key
		if form.Has(input) {
			f.Values[v.Key], f.Original[v.Key] = lineFeeds(form.Get(input)), lineFeeds(form.Get("original."+input))
		} else {
			delete(f.Values, v.Key)
			delete(f.Original, v.Key)
		}
	}
}

// lineFeeds undoes what browsers do to line breaks on sending a form.
func lineFeeds(sent string) string { return strings.ReplaceAll(sent, "\r\n", "\n") }

// patch is what was changed in the form since it was shown. The rest is left out, so that
// saving takes back nothing that Salesforce or somebody else changed meanwhile.
func patch(f page.Form) directory.Patch {
	p := directory.Patch{Values: changedValues(f)}
	if f.Key != f.Original[keyInput(f.Kind)] {
		p.Key = &f.Key
	}
	if f.Kind == conversion.KindCompany && f.Name != f.Original["name"] {
		p.Name = &f.Name
	}
	return p
}

// changedValues are the values typed, as JSON would bring them.
func changedValues(f page.Form) map[string]any {
	values := map[string]any{}
	for _, v := range f.Variables {
		if typed := f.Values[v.Key]; typed != f.Original[v.Key] {
			values[v.Key] = jsonValue(v.Type, typed)
		}
	}
	return values
}

func jsonValue(t conversion.Type, typed string) any {
	switch {
	case typed == "":
		return nil
	case t == conversion.TypeBool:
		return typed == "true"
	case t == conversion.TypeNumber:
		return json.Number(typed)
	}
	return typed
}
