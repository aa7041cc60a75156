package web

import (
	"crypto/rand"
	"net/http"
	"slices"
	"strings"

	"conversion"
	"conversion/internal/account"
	"conversion/internal/web/page"
)

func (s *site) showMembers(w http.ResponseWriter, r *http.Request, v visitor) error {
	return s.membersPage(w, r, v, http.StatusOK, page.Members{})
}

// membersPage shows the members beside the form as it was filled in.
func (s *site) membersPage(w http.ResponseWriter, r *http.Request, v visitor, code int, p page.Members) error {
	items, err := s.People.Members(r.Context(), v.WorkspaceID)
	if err != nil {
		return err
	}
	p.Frame, p.Items = s.frame(r, v, page.SectionMembers, "Members"), items
	p.Crumb, p.Lead = page.Crumb{Text: "Settings"}, "Members read and edit contacts and companies. Admins change settings too."
	return render(w, r, code, page.MembersPage(p))
}

func (s *site) addMember(w http.ResponseWriter, r *http.Request, v visitor) error {
	form, err := readForm(w, r)
	if err != nil {
		return err
	}
	p := page.Members{Name: form.Get("name"), Email: form.Get("email"), Role: conversion.Role(form.Get("role"))}
	_, err = s.People.AddMember(r.Context(), v.actor(), account.NewMember{
		WorkspaceID: v.WorkspaceID, Name: p.Name, Email: p.Email, Password: form.Get("password"), Role: p.Role,
	})
	if problem, ok := problemOf(err); ok {
		p.Problem = problem
		return s.membersPage(w, r, v, status(err), p)
	}
	if err != nil {
		return err
	}
	return s.done(w, r, "/settings/members", "Member added")
}

func (s *site) showKeys(w http.ResponseWriter, r *http.Request, v visitor) error {
	return s.keysPage(w, r, v, http.StatusOK, page.Keys{})
}

func (s *site) keysPage(w http.ResponseWriter, r *http.Request, v visitor, code int, p page.Keys) error {
	items, err := s.Keys.Keys(r.Context(), v.WorkspaceID)
	if err != nil {
		return err
	}
	p.Frame, p.Items, p.Form = s.frame(r, v, page.SectionKeys, "API keys"), items, rand.Text()
	p.Crumb, p.Lead = page.Crumb{Text: "Settings"}, "Programs read and write contacts and companies with a key."
	return render(w, r, code, page.KeysPage(p))
}

// createKey makes a key and answers with it, for it is shown this once: it must not be
// kept in clear anywhere, not even in the session. A reload sends the form again, and
// that makes no other key.
func (s *site) createKey(w http.ResponseWriter, r *http.Request, v visitor) error {
	form, err := readForm(w, r)
	if err != nil {
		return err
	}
	name, id := form.Get("name"), form.Get("form")
	if s.sent(r, id) {
		return s.done(w, r, "/settings/keys", "The key was created before, and is shown only once. Create another if you did not copy it.")
	}
	clear, _, err := s.Keys.CreateKey(r.Context(), v.actor(), v.WorkspaceID, name)
	if problem, ok := problemOf(err); ok {
		return s.keysPage(w, r, v, status(err), page.Keys{Name: name, Problem: problem})
	}
	if err != nil {
		return err
	}
	s.keepSent(r, id)
	return s.keysPage(w, r, v, http.StatusOK, page.Keys{Created: clear})
}

// sent reports whether the session carried out the form before.
func (s *site) sent(r *http.Request, id string) bool {
	return id != "" && slices.Contains(strings.Fields(s.sessions.GetString(r.Context(), sessionSent)), id)
}

// maxSent is how many forms a session remembers; older ones are in no browser's history.
const maxSent = 50

func (s *site) keepSent(r *http.Request, id string) {
	sent := append(strings.Fields(s.sessions.GetString(r.Context(), sessionSent)), id)
	s.sessions.Put(r.Context(), sessionSent, strings.Join(sent[max(0, len(sent)-maxSent):], " "))
}

func (s *site) revokeKey(w http.ResponseWriter, r *http.Request, v visitor) error {
	if err := s.Keys.RevokeKey(r.Context(), v.actor(), v.WorkspaceID, r.PathValue("id")); err != nil {
		return err
	}
	return s.done(w, r, "/settings/keys", "Key revoked")
}
