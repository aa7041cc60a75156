package engine

import (
	"context"
	"fmt"
	"time"

	"conversion"
)

const (
	nightHour = 2              // when sweeps are due, by the hands of the process's own clock
	longAway  = 24 * time.Hour // after such a time without a sync a sweep is due (spec 3.16)
)

// Why a sweep was begun, for people.
const (
	whyNight       = "Nightly sweep"
	whyAway        = "Sweep after a day or more without a sync"
	whyPermissions = "Sweep because the permissions of the connected user changed"
)

// sweepDue says why a sweep is due; "" when it is not. scope is what the connected user may
// see now, synced the end of the last complete cycle.
func sweepDue(last conversion.Round, scope string, synced conversion.Moment, now time.Time) string {
	away := synced != 0 && conversion.MomentOf(now).Sub(synced) >= longAway && last.Began < synced.Add(longAway)
	switch {
	case last.UnderWay() && last.Scope == scope:
		return last.Why
	case last.Scope != scope:
		return whyPermissions
	case away:
		return whyAway
	case last.Began < conversion.MomentOf(lastNight(now)):
		return whyNight
	}
	return ""
}

// lastNight is the latest time it was the hour of sweeps.
func lastNight(now time.Time) time.Time {
	night := time.Date(now.Year(), now.Month(), now.Day(), nightHour, 0, 0, 0, now.Location())
	if night.After(now) {
		night = night.AddDate(0, 0, -1)
	}
	return night
}

// sweep finds and repairs what no cursor can see: records that were shared later, that are
// gone for good, or that were stored later than a pull looks back (spec 3.16).
func (s *session) sweep(ctx context.Context, last map[roundKey]conversion.Round) error {
	for _, o := range inbound {
		before := last[roundKey{conversion.WorkSweep, o}]
		scope, readable := s.scope(o)
		why := sweepDue(before, scope, s.conn.LastSynced, s.cfg.Now())
		if why == "" || !readable {
			continue
		}
		wanted := conversion.Round{Work: conversion.WorkSweep, Object: o, Why: why, Scope: scope}
		if err := s.goRound(ctx, before, wanted, sweepPage); err != nil {
			return err
		}
	}
	return nil
}

func sweepPage(ctx context.Context, r *round) (more bool, err error) {
	page, err := r.remote.Walker.Sightings(ctx, r.Object, r.After, r.cfg.Page)
	if err != nil {
		return false, fmt.Errorf("read which records there are: %w", err)
	}
	s, err := r.stretch(ctx, page)
	if err != nil {
		return false, err
	}
	m := s.meet()
	r.because = make(map[string]string)
	if r.Object.Kind() == "" {
		err = r.repairActivities(ctx, m)
	} else {
		err = r.repairPeople(ctx, m)
	}
	if err != nil {
		return false, fmt.Errorf("repair: %w", err)
	}
	return r.passed(ctx, m)
}

// repairPeople reads what is unknown or stale, and ends the links of what is gone.
func (r *round) repairPeople(ctx context.Context, m meeting) error {
	asked := r.now()
	gone, stale, err := r.confirmGone(ctx, m)
	if err != nil {
		return err
	}
	var ids []string
	for _, u := range m.unknown {
		r.because[u.ID] = wasUnknown
		ids = append(ids, u.ID)
	}
	for _, id := range stale {
		r.because[id] = wasStale
		ids = append(ids, id)
	}
	records, err := r.readWhole(ctx, ids)
	if err != nil {
		return err
	}
	for _, k := range gone {
		r.because[k.ID] = wasGone
		records = append(records, conversion.Record{
			Ref: conversion.Ref{Object: r.Object, ID: k.ID}, Deleted: true,
			Reading: conversion.Reading{Modstamp: k.Modstamp, Asked: asked},
		})
	}
	r.count(len(m.unknown), len(gone), len(stale))
	if len(records) == 0 {
		return nil
	}
	return r.takeIn(ctx, records)
}

// repairActivities does the same for Tasks and Events.
func (r *round) repairActivities(ctx context.Context, m meeting) error {
	gone, ids, err := r.confirmGone(ctx, m)
	if err != nil {
		return err
	}
	stale := len(ids)
	unknown, err := r.ofOurs(ctx, m.unknown)
	if err != nil {
		return err
	}
	ids = append(ids, unknown...)
	r.count(len(unknown), len(gone), stale)
	if len(ids) > 0 {
		if err := r.cfg.Step("read records again"); err != nil {
			return err
		}
		found, err := r.remote.Walker.ReadActivities(ctx, r.Object, ids)
		if err != nil {
			return fmt.Errorf("read activities again: %w", err)
		}
		p := objectPull{session: r.session, object: r.Object, run: r.run}
		if err := p.applyActivities(ctx, conversion.ActivityPage{Activities: found}); err != nil {
			return err
		}
	}
	return r.endActivities(ctx, gone)
}

// endActivities flags the activities that are gone (spec 3.14).
func (r *round) endActivities(ctx context.Context, gone []conversion.Known) error {
	if len(gone) == 0 {
		return nil
	}
	b := conversion.Batch{RunID: r.run.ID}
	for _, k := range gone {
		ref := conversion.Ref{Object: r.Object, ID: k.ID}
		b.Gone = append(b.Gone, ref)
		b.Counts = tally(b.Counts, outcomeDeleted)
		b.Lines = append(b.Lines, conversion.RunLine{RunID: r.run.ID, Ref: ref, Outcome: outcomeDeleted, Message: wasGone, At: r.now()})
	}
	return r.commit(ctx, b)
}

// ofOurs returns the ids of the activities that belong to people we know.
func (r *round) ofOurs(ctx context.Context, seen []conversion.Sighting) (ids []string, err error) {
	var people []conversion.Ref
	for _, s := range seen {
		people = append(people, s.Who)
	}
	owners, err := r.books.EntitiesOf(ctx, people)
	if err != nil {
		return nil, fmt.Errorf("find the contacts of activities: %w", err)
	}
	for _, s := range seen {
		if owners[s.Who] != "" {
			ids = append(ids, s.ID)
		}
	}
	return ids, nil
}

// confirmGone asks once more for what was not seen: what is there after all is stale.
func (r *round) confirmGone(ctx context.Context, m meeting) (gone []conversion.Known, stale []string, err error) {
	stale = m.stale
	if len(m.gone) == 0 {
		return nil, stale, nil
	}
	ids := make([]string, len(m.gone))
	for i, k := range m.gone {
		ids[i] = k.ID
	}
	if err := r.cfg.Step("read records again"); err != nil {
		return nil, nil, err
	}
	there, err := r.remote.Walker.Whereabouts(ctx, r.Object, ids)
	if err != nil {
		return nil, nil, fmt.Errorf("look for records that are gone: %w", err)
	}
	seen := make(map[string]bool, len(there))
	for _, s := range there {
		seen[s.ID] = true
		stale = append(stale, s.ID)
	}
	for _, k := range m.gone {
		if !seen[k.ID] {
			gone = append(gone, k)
		}
	}
	return gone, stale, nil
}

func (r *round) count(unknown, gone, stale int) {
	r.Found.Unknown += unknown
	r.Found.Gone += gone
	r.Found.Stale += stale
}
