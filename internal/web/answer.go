package web

import (
	"bytes"
	"errors"
	"net/http"
	"net/url"
	"strings"

	"github.com/a-h/templ"

	"conversion"
	"conversion/internal/httpx"
	"conversion/internal/web/page"
)

// render answers with a page. It is drawn whole before anything is sent, so that an error
// never leaves half a page.
func render(w http.ResponseWriter, r *http.Request, status int, p templ.Component) error {
	var body bytes.Buffer
	if err := p.Render(r.Context(), &body); err != nil {
		return err
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store") // pages hold people's data
	w.WriteHeader(status)
	_, err := body.WriteTo(w)
	return err
}

// fail answers with a page that says what happened. What is our own fault is logged, and
// its cause not shown.
func (s *site) fail(w http.ResponseWriter, r *http.Request, v visitor, err error) {
	problem := httpx.Report(r.Context(), s.Log, err)
	failure := page.Failure{
		Title:    failureTitle(problem.Status),
		Problem:  page.Problem{Message: problem.Detail, Hint: problem.Hint},
		SignedIn: v.signedIn(),
	}
	if problem.Status >= http.StatusInternalServerError {
		failure.RequestID = problem.RequestID
	}
	if err := render(w, r, problem.Status, page.FailurePage(failure)); err != nil {
		s.Log.WarnContext(r.Context(), "error page not sent", "error", err)
	}
}

func failureTitle(status int) string {
	switch status {
	case http.StatusNotFound:
		return "Not found"
	case http.StatusForbidden:
		return "Not allowed"
	case http.StatusInternalServerError:
		return "Something went wrong"
	}
	return "This did not work"
}

// frame is what surrounds a page of the visitor's, with the notice that waits for them.
func (s *site) frame(r *http.Request, v visitor, section page.Section, title string) page.Frame {
	return page.Frame{
		Title: title, Section: section, Member: v.Name, Admin: v.Role == conversion.RoleAdmin,
		Now: s.Now(), Notice: s.sessions.PopString(r.Context(), sessionNotice),
	}
}

// done leads on to a page after a form was carried out, where the notice is shown once.
func (s *site) done(w http.ResponseWriter, r *http.Request, path, notice string) error {
	s.sessions.Put(r.Context(), sessionNotice, notice)
	http.Redirect(w, r, path, http.StatusSeeOther)
	return nil
}

// toSignIn leads somebody unknown to the sign-in page, and from there back to the page
// they asked for.
func (s *site) toSignIn(w http.ResponseWriter, r *http.Request) {
	target := "/sign-in"
	if back := wayBack(r); back != "" {
		target += "?next=" + url.QueryEscape(back)
	}
	if r.Header.Get("HX-Request") != "" { // a redirect would be swapped into the page
		w.Header().Set("HX-Redirect", target)
		w.WriteHeader(http.StatusUnauthorized)
		return
	}
	http.Redirect(w, r, target, http.StatusSeeOther)
}

// wayBack is the page that somebody who signs in was at; "" for the first one. What a form
// sent is not kept: it leads back to the form.
func wayBack(r *http.Request) string {
	switch r.Pattern {
	case "POST /contacts", "POST /companies":
		return r.URL.Path + "/new"
	case "POST /contacts/{id}", "POST /companies/{id}":
		return r.URL.Path + "/edit"
	case "POST /contacts/{id}/combine", "POST /companies/{id}/combine", "POST /contacts/{id}/separate", "POST /companies/{id}/separate",
		"POST /contacts/{id}/erase", "POST /companies/{id}/erase", "POST /contacts/{id}/restore", "POST /companies/{id}/restore":
		return r.URL.Path // where it is asked
	case "GET /contacts/{id}/edit", "GET /companies/{id}/edit": // into the page, or as one
		return r.URL.Path
	}
	if r.Method != http.MethodGet || r.URL.Path == "/" || r.Header.Get("HX-Request") != "" {
		return ""
	}
	return r.URL.RequestURI()
}

// ownPath returns the path when it leads to a page of ours, else "/".
func ownPath(path string) string {
	if u, err := url.Parse(path); err != nil || u.Host != "" || u.Scheme != "" {
		return "/"
	}
	if !strings.HasPrefix(path, "/") || strings.HasPrefix(path, "//") || strings.ContainsAny(path, "\\\r\n") {
		return "/"
	}
	return path
}

// maxForm bounds a form: larger ones are refused before they are read.
const maxForm = 1 << 20

// readForm reads the form a request brings.
func readForm(w http.ResponseWriter, r *http.Request) (url.Values, error) {
	r.Body = http.MaxBytesReader(w, r.Body, maxForm)
	if err := r.ParseForm(); err != nil {
		if _, large := errors.AsType[*http.MaxBytesError](err); large {
			return nil, err
		}
		return nil, &conversion.Error{Code: conversion.CodeInvalid, Message: "The form could not be read.", Err: err}
	}
	return r.PostForm, nil
}

// problemOf turns an error a person can mend into one shown beside the form; ok is false
// when it is none of theirs.
func problemOf(err error) (problem *page.Problem, ok bool) {
	e := asError(err)
	if e == nil {
		return nil, false
	}
	return &page.Problem{Message: e.Message, Hint: e.Hint, Fields: e.Fields}, true
}

// status is what a form that was refused is shown again with.
func status(err error) int { return httpx.ProblemOf(err).Status }
