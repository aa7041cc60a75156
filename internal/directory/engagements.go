package directory

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/google/uuid"

	"conversion"
)

const (
	maxEngagementType = 80
	maxSubject        = 255
	maxData           = 64 << 10 // bytes of JSON
)

// EngagementResult is what became of one engagement draft.
type EngagementResult struct {
	Engagement conversion.Engagement // zero when Err is set
	Err        error                 // a *conversion.Error
}

// AddEngagements records custom engagements of live contacts, one result a draft; a wrong
// one leaves the others alone. One without a time occurred now.
func (s *Service) AddEngagements(ctx context.Context, workspaceID string, drafts []EngagementDraft) ([]EngagementResult, error) {
	books := s.open(workspaceID)
	contacts, err := liveContacts(ctx, books, drafts)
	if err != nil {
		return nil, err
	}
	now := s.moment()
	batch := conversion.Batch{At: now}
	results := make([]EngagementResult, len(drafts))
	for i, d := range drafts {
		e, err := newEngagement(d, contacts, now)
		if err != nil {
			results[i].Err = err
			continue
		}
		results[i].Engagement = e
		results[i].Engagement.Contacts = []string{e.EntityID}
		batch.Engagements = append(batch.Engagements, e)
	}
	if len(batch.Engagements) == 0 {
		return results, nil
	}
	if err := books.Commit(ctx, batch); err != nil {
		return nil, fmt.Errorf("store the engagements: %w", err)
	}
	return results, nil
}

// liveContacts returns the ids of the live contacts that the drafts name, by the ids they are
// named by.
func liveContacts(ctx context.Context, books Books, drafts []EngagementDraft) (map[string]string, error) {
	ids := make([]string, len(drafts))
	for i, d := range drafts {
		ids[i] = d.ContactID
	}
	groups, err := books.Groups(ctx, conversion.GroupQuery{Kind: conversion.KindContact, IDs: distinct(ids)})
	if err != nil {
		return nil, fmt.Errorf("read the contacts: %w", err)
	}
	desk, live := newDesk(groups), make(map[string]string, len(groups))
	for _, id := range ids {
		if f := desk.file(id); f != nil && f.group.Entity.Live() {
			live[id] = f.group.Entity.ID
		}
	}
	return live, nil
}

func newEngagement(d EngagementDraft, contacts map[string]string, now conversion.Moment) (conversion.Engagement, error) {
	var faults faults
	if contacts[d.ContactID] == "" {
		faults.add("contact_id", "there is no such contact")
	}
	typ, subject := strings.TrimSpace(d.Type), strings.TrimSpace(d.Subject)
	faults.text("type", typ, maxEngagementType)
	faults.text("subject", subject, maxSubject)
	if typ == "" {
		faults.add("type", "must not be blank")
	}
	if year := d.Occurred.UTC().Year(); year < 1 || year > 9999 { // beyond, no JSON could show the time again
		faults.add("occurred_at", "must be in the years 1 to 9999, in UTC")
	}
	data, err := engagementData(d.Data)
	if err != nil {
		faults.add("data", err.Error())
	}
	occurred := conversion.MomentOf(d.Occurred)
	if occurred == 0 {
		occurred = now
	}
	return conversion.Engagement{
		ID: uuid.Must(uuid.NewV7()).String(), EntityID: contacts[d.ContactID], Type: typ, Subject: subject,
		Occurred: occurred, Data: data, Created: now,
	}, faults.err()
}

func engagementData(fields map[string]any) ([]byte, error) {
	if fields == nil {
		fields = map[string]any{}
	}
	data, err := json.Marshal(fields)
	if err != nil {
		return nil, err
	}
	if len(data) > maxData {
		return nil, fmt.Errorf("is larger than %d bytes of JSON", maxData)
	}
	return data, nil
}

func (f *faults) text(field, value string, limit int) {
	if utf8.RuneCountInString(value) > limit {
		f.add(field, fmt.Sprintf("is longer than %d characters", limit))
	}
	if strings.ContainsRune(value, 0) {
		f.add(field, "holds a NUL character")
	}
}
