package web

import (
	"encoding/csv"
	"net/http"
	"strings"

	"conversion"
	"conversion/internal/web/page"
)

// shownCauses is how many causes the page of what is held shows.
const shownCauses = 20

func (s *site) showHeld(w http.ResponseWriter, r *http.Request, v visitor) error {
	journal, after := s.Journal(v.WorkspaceID), r.URL.Query().Get("after")
	p := page.HeldList{Frame: s.frame(r, v, page.SectionHeld, "Held"), Cause: r.URL.Query().Get("cause")}
	p.Lead, p.Wide = "Records and fields that could not be synced, and why. They are tried again by themselves.", true
	items, next, err := journal.Held(r.Context(), conversion.HeldFilter{Cause: p.Cause, After: after, Limit: listLimit})
	if err != nil {
		return err
	}
	if p.Items = items; p.Cause != "" {
		p.Crumb = page.Crumb{Text: "Held", Path: "/held"}
	} else if after == "" {
		var more string
		if p.Groups, more, err = journal.HeldGroups(r.Context(), "", shownCauses); err != nil {
			return err
		}
		p.More = more != ""
	}
	p.First, p.Next = pages(r.URL, after, next)
	return render(w, r, http.StatusOK, page.HeldPage(p))
}

// retryHeld tries again what the pressed button names: one row, a cause or all.
func (s *site) retryHeld(w http.ResponseWriter, r *http.Request, v visitor) error {
	form, err := readForm(w, r)
	if err != nil {
		return err
	}
	if form.Get("not_there") != "" {
		return s.notThere(w, r, v, form.Get("not_there"))
	}
	var f conversion.HeldFilter
	switch id, cause := form.Get("id"), form.Get("cause"); {
	case id != "":
		f.IDs = []string{id}
	case cause != "":
		f.Cause = cause
	case form.Get("all") != "true":
		return conversion.Invalid("all", "names nothing to try again")
	}
	n, err := s.Quarantine.RetryHeld(r.Context(), v.WorkspaceID, f, v.actor())
	if err != nil {
		return err
	}
	notice := "Tried again within seconds."
	if n == 0 {
		notice = "It is not held any more."
	}
	back := "/held"
	if cause, ok := strings.CutPrefix(form.Get("back"), "/held?cause="); ok {
		back += "?cause=" + cause
	}
	return s.done(w, r, back, notice)
}

// notThere sends a create of unknown outcome again, for a person says that it made no record.
func (s *site) notThere(w http.ResponseWriter, r *http.Request, v visitor, id string) error {
	n, err := s.Quarantine.NotThere(r.Context(), v.WorkspaceID, []string{id}, v.actor())
	if err != nil {
		return err
	}
	if n == 0 {
		return s.done(w, r, "/held", "What became of it is known by now.")
	}
	return s.done(w, r, "/held", "It is created within seconds.")
}

// exportHeld answers everything that is held as CSV, a page at a time.
func (s *site) exportHeld(w http.ResponseWriter, r *http.Request, v visitor) error {
	f := conversion.HeldFilter{Limit: 1000}
	rows, next, err := s.Journal(v.WorkspaceID).Held(r.Context(), f)
	if err != nil {
		return err
	}
	w.Header().Set("Content-Type", "text/csv; charset=utf-8")
	w.Header().Set("Content-Disposition", `attachment; filename="held.csv"`)
	w.Header().Set("Cache-Control", "no-store")
	out := csv.NewWriter(w)
	_ = out.Write([]string{"id", "name", "entity_id", "object", "record_id", "field", "code", "cause", "fix", "message", "hint", "user", "since", "retry_at"})
	for {
		for _, h := range rows {
			_ = out.Write(heldCells(h))
		}
		if out.Flush(); out.Error() != nil || next == "" {
			return nil // who reads it hung up, or has it all
		}
		f.After = next
		if rows, next, err = s.Journal(v.WorkspaceID).Held(r.Context(), f); err != nil {
			s.Log.WarnContext(r.Context(), "exporting what is held failed half way", "error", err)
			panic(http.ErrAbortHandler) // a list cut short must not look whole
		}
	}
}

func heldCells(h conversion.Held) []string {
	user := h.UserName
	if user == "" {
		user = h.UserID
	}
	cells := []string{
		h.ID, h.Name, h.EntityID, string(h.Ref.Object), h.Ref.ID, h.Field, h.Code, h.Cause, string(h.Fix), h.Message, h.Hint, user,
		h.Since.String(), h.Retry.String(),
	}
	for i := range cells {
		cells[i] = plainCell(cells[i])
	}
	return cells
}

// plainCell keeps a spreadsheet from taking a text for a formula.
func plainCell(text string) string {
	if text != "" && strings.ContainsRune("=+-@\t\r", rune(text[0])) {
		return "'" + text
	}
	return text
}
