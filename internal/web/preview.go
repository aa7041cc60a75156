package web

import (
	"net/http"
	"net/url"

	"conversion"
	"conversion/internal/engine"
	"conversion/internal/web/page"
)

// previewPage is how many records of a preview are shown at once.
const previewPage = 50

// previewRules shows what the form's rules would do; nothing is saved (spec 5.5).
func (s *site) previewRules(w http.ResponseWriter, r *http.Request, v visitor) error {
	form, err := readForm(w, r)
	if err != nil {
		return err
	}
	return s.toPreview(w, r, v, form)
}

func (s *site) toPreview(w http.ResponseWriter, r *http.Request, v visitor, form url.Values) error {
	shown, err := s.rulesForm(r, v)
	if err != nil {
		return err
	}
	rules := rulesOf(form, shown.Chosen)
	request := engine.PreviewRequest{Rules: &rules, Scope: conversion.ScopePending}
	if form.Get("existing") != "" {
		request.Scope = conversion.ScopeExisting
	}
	if err = s.Settings.CheckRules(r.Context(), v.WorkspaceID, rules); err == nil {
		var p conversion.Preview
		if p, err = s.Planner.Preview(r.Context(), v.WorkspaceID, request); err == nil {
			http.Redirect(w, r, page.PreviewPath(p.ID), http.StatusSeeOther)
			return nil
		}
	}
	return s.refusedRules(w, r, v, shown, rules, err)
}

// showPreview shows a page of a preview.
func (s *site) showPreview(w http.ResponseWriter, r *http.Request, v visitor) error {
	return s.previewAs(w, r, v, http.StatusOK, s.takeProblem(r))
}

func (s *site) previewAs(w http.ResponseWriter, r *http.Request, v visitor, code int, problem *page.Problem) error {
	books, id, after := s.Journal(v.WorkspaceID), r.PathValue("id"), r.URL.Query().Get("after")
	p, err := books.Preview(r.Context(), id, s.moment())
	if err != nil {
		return err
	}
	items, next, err := books.PreviewItems(r.Context(), id, r.URL.Query().Has("skipped"), after, previewPage)
	if err != nil {
		return err
	}
	shown := page.Preview{Frame: s.frame(r, v, page.SectionIntegrations, "Preview of the rules"), Preview: p, Items: items, Problem: problem}
	shown.Crumb = page.Crumb{Text: "Syncing rules", Path: "/settings/integrations/rules"}
	shown.Lead = "What saving and applying these rules would do."
	if after != "" {
		shown.First = page.PreviewPath(id)
	}
	if next != "" {
		shown.Next = page.PreviewPath(id) + "?after=" + url.QueryEscape(next)
	}
	return render(w, r, code, page.PreviewPage(shown))
}

// applyPreview saves the preview's rules and does what it showed.
func (s *site) applyPreview(w http.ResponseWriter, r *http.Request, v visitor) error {
	id := r.PathValue("id")
	applied, err := s.Planner.Apply(r.Context(), v.WorkspaceID, id, v.actor())
	if problem, ok := problemOf(err); ok && status(err) != http.StatusNotFound {
		return s.previewAs(w, r, v, status(err), problem)
	}
	if err != nil {
		return err
	}
	if applied.Skipped > 0 {
		return s.done(w, r, page.PreviewPath(id)+"?skipped", "Rules saved. What had changed since the preview was skipped: see below.")
	}
	return s.done(w, r, integrationPath, "Rules saved. What the preview showed is on its way.")
}
