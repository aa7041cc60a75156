package web

import (
	"net/http"
	"net/url"
	"time"

	"conversion"
	"conversion/internal/web/page"
)

const listLimit = 50

func (s *site) showActivity(w http.ResponseWriter, r *http.Request, v visitor) error {
	query := r.URL.Query()
	p := page.Activity{
		Frame:     s.frame(r, v, page.SectionActivity, "Sync activity"),
		Direction: conversion.Direction(query.Get("direction")), Object: conversion.Object(query.Get("object")),
		Since: query.Get("since"), Until: query.Get("until"),
	}
	p.Lead, p.Wide = "Every run, in both directions, with what it did.", true
	filter, err := runFilter(p, query.Get("after"))
	if err != nil {
		return err
	}
	runs, next, err := s.Journal(v.WorkspaceID).Runs(r.Context(), filter)
	if err != nil {
		return err
	}
	p.Runs = runs
	p.First, p.Next = pages(r.URL, filter.After, next)
	return render(w, r, http.StatusOK, page.ActivityPage(p))
}

// runFilter reads the filter out of the page's address. Both days are among those shown:
// the same one twice is that day.
func runFilter(p page.Activity, after string) (f conversion.RunFilter, err error) {
	f = conversion.RunFilter{Direction: p.Direction, Object: p.Object, After: after, Limit: listLimit}
	if p.Direction != "" && p.Direction != conversion.Inbound && p.Direction != conversion.Outbound {
		return f, conversion.Invalid("direction", "is neither inbound nor outbound")
	}
	if f.Since, err = beginOfDay("since", p.Since); err != nil {
		return f, err
	}
	if f.Until, err = beginOfDay("until", p.Until); err != nil || f.Until == 0 {
		return f, err
	}
	f.Until = f.Until.Add(24 * time.Hour)
	return f, nil
}

// beginOfDay reads a day in UTC; 0 for "".
func beginOfDay(field, day string) (conversion.Moment, error) {
	if day == "" {
		return 0, nil
	}
	at, err := time.Parse(time.DateOnly, day)
	if err != nil {
		return 0, conversion.Invalid(field, "is not a date (YYYY-MM-DD)")
	}
	return conversion.MomentOf(at), nil
}

func (s *site) showRun(w http.ResponseWriter, r *http.Request, v visitor) error {
	journal, id, after := s.Journal(v.WorkspaceID), r.PathValue("id"), r.URL.Query().Get("after")
	run, err := journal.Run(r.Context(), id)
	if err != nil {
		return err
	}
	lines, next, err := journal.RunLines(r.Context(), id, after, listLimit)
	if err != nil {
		return err
	}
	p := page.RunDetail{Frame: s.frame(r, v, page.SectionActivity, page.RunTitle(run)), Run: run, Lines: lines}
	p.Crumb, p.Wide = page.Crumb{Text: "Sync activity", Path: "/activity"}, true
	p.First, p.Next = pages(r.URL, after, next)
	return render(w, r, http.StatusOK, page.RunPage(p))
}

// pages returns the addresses of a keyset-paged list's first and next page, "" for one
// that is not needed. All else in the address stays.
func pages(u *url.URL, after, next string) (firstPage, nextPage string) {
	query := u.Query()
	if after != "" {
		query.Del("after")
		firstPage = withQuery(u.Path, query)
	}
	if next != "" {
		query.Set("after", next)
		nextPage = withQuery(u.Path, query)
	}
	return firstPage, nextPage
}

func withQuery(path string, query url.Values) string {
	if len(query) == 0 {
		return path
	}
	return path + "?" + query.Encode()
}
