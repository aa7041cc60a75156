package engine

import (
	"fmt"

	"conversion"
	"conversion/internal/identity"
)

// keyChange is the line of the timeline for a contact that took another e-mail.
func (s *session) keyChange(g *conversion.Group, was string, in intake) conversion.Change {
	c := conversion.FieldChange{Var: conversion.EmailVar, Before: conversion.Text(was), After: conversion.Text(g.Entity.Key), At: s.now()}
	for _, l := range g.Links {
		if l.Live() && l.Key == g.Entity.Key {
			c.From = l.Ref
		}
	}
	return conversion.Change{EntityID: g.Entity.ID, FieldChange: c, RunID: in.run}
}

// notes are the timeline's words for what became of a link.
var notes = map[conversion.LinkState]string{
	conversion.LinkLive:      "linked",
	conversion.LinkConverted: "converted in Salesforce",
	conversion.LinkMerged:    "merged in Salesforce",
	conversion.LinkDeleted:   "deleted in Salesforce",
	conversion.LinkIgnored:   "ignored: the contact was deleted in Conversion",
	conversion.LinkHeld:      "held",
	conversion.LinkMoved:     "moved to another by its e-mail or website",
}

// noteLinks notes what became of the links of an entity. The first arrival of a record is
// one line, for all its values.
func (t *taken) noteLinks(g *conversion.Group, before *summary, run string, now conversion.Moment) {
	for _, l := range g.Links {
		if before != nil && before.links[l.Ref].state == l.State {
			continue
		}
		t.changes = append(t.changes, conversion.Change{
			EntityID: g.Entity.ID, RunID: run, Note: notes[l.State],
			FieldChange: conversion.FieldChange{From: l.Ref, At: now},
		})
	}
}

// noteStep notes what went from one entity to another, by which record, in the words of the
// one that has it now. What a moved record leaves is noted with its link's state.
func (t *taken) noteStep(step identity.Step, run string, now conversion.Moment) {
	note := "moved here from another by its e-mail or website"
	if step.Link == nil {
		note = fmt.Sprintf("combined with %s %s: %s", step.To.Entity.Kind, step.From.Entity.ID, combinedBecause[step.Why])
	}
	t.changes = append(t.changes, conversion.Change{
		EntityID: step.To.Entity.ID, RunID: run, Note: note,
		FieldChange: conversion.FieldChange{From: step.By, At: now},
	})
}

var combinedBecause = map[identity.Reason]string{
	identity.Converted: "its lead was converted in Salesforce",
	identity.Merged:    "their records were merged in Salesforce",
	identity.Rekeyed:   "its last record got the e-mail or website of this one",
	identity.Returned:  "its record came back",
}

// skip notes the records that were passed over, once: not again when the overlap shows
// them again.
func (t *taken) skip(in intake, records []conversion.Record, now conversion.Moment) {
	if in.run == "" || in.beyond == nil {
		return
	}
	readings := make(map[conversion.Ref]conversion.Reading, len(t.problems))
	for i := range records {
		readings[records[i].Ref] = records[i].Reading
	}
	for _, p := range t.problems {
		if !in.beyond(readings[p.Ref], p.Ref.ID) {
			continue
		}
		t.counts = tally(t.counts, outcomeSkipped)
		t.lines = append(t.lines, conversion.RunLine{
			RunID: in.run, Ref: p.Ref, Outcome: outcomeSkipped, Message: p.Message, At: now,
		})
	}
}
