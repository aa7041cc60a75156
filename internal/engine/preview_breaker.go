package engine

import (
	"context"
	"fmt"

	"conversion"
	"conversion/internal/reconcile"
)

// alongWith adds the deletions of a page to what the breaker weighs in the end.
func (w *previewing) alongWith(ctx context.Context, kind conversion.Kind, found []foreseen) error {
	var ids []string
	for _, f := range found {
		for _, write := range f.plan.Writes {
			if write.Action == conversion.ActionDelete {
				ids = append(ids, write.Ref.ID)
			}
		}
	}
	if len(ids) == 0 {
		return nil
	}
	d := w.doomed[kind]
	if d == nil {
		d = &reconcile.Deletions{Direction: conversion.Outbound}
		w.doomed[kind] = d
	}
	d.Records += len(ids)
	if kind != conversion.KindCompany || !w.conn.Live() {
		return nil
	}
	remote, err := w.cfg.Dial(ctx, w.workspace)
	if err != nil {
		return fmt.Errorf("open the org: %w", err)
	}
	along, err := remote.Describer.Doomed(ctx, ids)
	if err != nil {
		return fmt.Errorf("count what deletions take along: %w", err)
	}
	d.Along += along.Contacts
	d.WithOpportunities += len(along.WithOpportunities)
	return nil
}

// breaks is the breaker's verdict on the deletions of the whole preview, with those of the
// day so far (spec 4.11): the kinds of which none would go out, each with the reason. Their
// deletions count as held.
func (w *previewing) breaks(ctx context.Context) (map[conversion.Kind]string, error) {
	held := make(map[conversion.Kind]string)
	for _, kind := range kinds {
		d := w.doomed[kind]
		if d == nil {
			continue
		}
		reason, err := w.verdict(ctx, kind, *d)
		if err != nil {
			return nil, err
		}
		if reason == "" {
			w.preview.Counts.Delete += d.Records
			continue
		}
		w.preview.Counts.Hold += d.Records
		held[kind] = "Waits for an admin's approval. " + reason
	}
	return held, nil
}
