package web

import (
	"net/http"

	"conversion"
	"conversion/internal/connection"
)

// access says whom a route is for.
type access int

const (
	everyone access = iota // also nobody in particular
	members
	admins
)

type route struct {
	pattern string
	access  access
	handle  func(http.ResponseWriter, *http.Request, visitor) error
}

// routes is the table of contents of the web UI.
func (s *site) routes() []route {
	const contact, company = conversion.KindContact, conversion.KindCompany
	return []route{
		{"GET /setup/{token}", everyone, s.showSetUp},
		{"POST /setup/{token}", everyone, s.setUp},
		{"GET /sign-in", everyone, s.showSignIn},
		{"POST /sign-in", everyone, s.signIn},
		{"POST /sign-out", everyone, s.signOut},

		{"GET /{$}", members, redirect("/contacts")},
		{"GET /contacts", members, s.list(contact)},
		{"GET /contacts/new", members, s.showNew(contact)},
		{"POST /contacts", members, s.create(contact)},
		{"GET /contacts/{id}", members, s.show(contact)},
		{"GET /contacts/{id}/edit", members, s.showEdit(contact)},
		{"POST /contacts/{id}", members, s.edit(contact)},
		{"POST /contacts/{id}/delete", members, s.delete(contact)},
		{"GET /contacts/{id}/combine", members, s.showCombine(contact)},
		{"POST /contacts/{id}/combine", members, s.combine(contact)},
		{"GET /contacts/{id}/separate", members, s.showSeparate(contact)},
		{"POST /contacts/{id}/separate", members, s.separate(contact)},
		{"GET /contacts/{id}/erase", members, s.showErase(contact)},
		{"POST /contacts/{id}/erase", members, s.erase(contact)},
		{"GET /contacts/{id}/restore", members, s.showRestore(contact)},
		{"POST /contacts/{id}/restore", members, s.restore(contact)},
		{"GET /companies", members, s.list(company)},
		{"GET /companies/new", members, s.showNew(company)},
		{"POST /companies", members, s.create(company)},
		{"GET /companies/{id}", members, s.show(company)},
		{"GET /companies/{id}/edit", members, s.showEdit(company)},
		{"POST /companies/{id}", members, s.edit(company)},
		{"POST /companies/{id}/delete", members, s.delete(company)},
		{"GET /companies/{id}/combine", members, s.showCombine(company)},
		{"POST /companies/{id}/combine", members, s.combine(company)},
		{"GET /companies/{id}/separate", members, s.showSeparate(company)},
		{"POST /companies/{id}/separate", members, s.separate(company)},
		{"GET /companies/{id}/erase", members, s.showErase(company)},
		{"POST /companies/{id}/erase", members, s.erase(company)},
		{"GET /companies/{id}/restore", members, s.showRestore(company)},
		{"POST /companies/{id}/restore", members, s.restore(company)},

		{"GET /activity", members, s.showActivity},
		{"GET /activity/{id}", members, s.showRun},
		{"GET /held", members, s.showHeld},
		{"GET /held/export", members, s.exportHeld},
		{"POST /held/retry", members, s.retryHeld},
		{"GET /ignored", members, s.showIgnored},

		{"GET /settings", admins, redirect("/settings/integrations")},
		{"GET /settings/integrations", admins, s.showIntegration},
		{"GET /settings/integrations/live", admins, s.live},
		{"GET /settings/integrations/rules", admins, s.showRules},
		{"POST /settings/integrations/rules", admins, s.saveRules},
		{"POST /settings/integrations/rules/preview", admins, s.previewRules},
		{"GET /settings/integrations/rules/preview/{id}", admins, s.showPreview},
		{"POST /settings/integrations/rules/preview/{id}/apply", admins, s.applyPreview},
		{"POST /settings/integrations/connect", admins, s.connect},
		{"GET " + connection.CallbackPath, admins, s.callback},
		{"POST /settings/integrations/disconnect", admins, s.disconnect},
		{"POST /settings/integrations/pause", admins, s.pause},
		{"POST /settings/integrations/resume", admins, s.resume},
		{"POST /settings/integrations/sync", admins, s.syncNow},
		{"POST /settings/approvals/{id}", admins, s.decideApproval},
		{"GET /settings/members", admins, s.showMembers},
		{"POST /settings/members", admins, s.addMember},
		{"GET /settings/keys", admins, s.showKeys},
		{"POST /settings/keys", admins, s.createKey},
		{"POST /settings/keys/{id}/revoke", admins, s.revokeKey},

		{"GET /", members, nothingHere},
	}
}

func redirect(path string) func(http.ResponseWriter, *http.Request, visitor) error {
	return func(w http.ResponseWriter, r *http.Request, _ visitor) error {
		http.Redirect(w, r, path, http.StatusSeeOther)
		return nil
	}
}

func nothingHere(http.ResponseWriter, *http.Request, visitor) error {
	return &conversion.Error{Code: conversion.CodeNotFound, Message: "There is no such page."}
}
