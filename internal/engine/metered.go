package engine

import (
	"context"

	"conversion"
)

// use makes the org the session's. Every request to it is afforded before it is sent, in
// the lane of what the session does, and what Salesforce refuses for its limit waits.
func (s *session) use(org Remote) {
	s.org = org
	s.remote = Remote{
		Source: meteredSource{org.Source, s}, Walker: meteredWalker{org.Walker, s}, Lookup: meteredLookup{org.Lookup, s},
		Target: meteredTarget{org.Target, s}, Describer: meteredDescriber{org.Describer, s},
	}
	if org.Loader != nil {
		s.remote.Loader = meteredLoader{org.Loader, s}
	}
}

// paid asks, once so many requests are afforded. What it takes more is settled afterwards.
func paid[T any](ctx context.Context, s *session, requests int, ask func() (T, error)) (T, error) {
	if err := s.afford(ctx, s.lane, requests); err != nil {
		var nothing T
		return nothing, err
	}
	answer, err := ask()
	return answer, s.shortOf(ctx, s.lane, err)
}

// listed is how many requests naming so many ids or keys takes, for both objects of a kind.
func listed(n int) int { return 2 * (1 + n/200) }

type meteredSource struct {
	Source
	*session
}

// Count implements Source.
func (m meteredSource) Count(ctx context.Context, o conversion.Object, after conversion.Cursor) (int, error) {
	return paid(ctx, m.session, 1, func() (int, error) { return m.Source.Count(ctx, o, after) })
}

// Changes implements Source.
func (m meteredSource) Changes(ctx context.Context, s *conversion.Schema, o conversion.Object, after conversion.Cursor, limit int) (conversion.RecordPage, error) {
	return paid(ctx, m.session, 1, func() (conversion.RecordPage, error) { return m.Source.Changes(ctx, s, o, after, limit) })
}

// Activities implements Source.
func (m meteredSource) Activities(ctx context.Context, o conversion.Object, after conversion.Cursor, limit int) (conversion.ActivityPage, error) {
	return paid(ctx, m.session, 1, func() (conversion.ActivityPage, error) { return m.Source.Activities(ctx, o, after, limit) })
}

// ActivitiesOf implements Source.
func (m meteredSource) ActivitiesOf(ctx context.Context, o conversion.Object, people []conversion.Ref) ([]conversion.Activity, error) {
	return paid(ctx, m.session, listed(len(people)), func() ([]conversion.Activity, error) { return m.Source.ActivitiesOf(ctx, o, people) })
}

// Relations implements Source.
func (m meteredSource) Relations(ctx context.Context, o conversion.Object, after conversion.Cursor, limit int) (conversion.RelationPage, error) {
	return paid(ctx, m.session, 1, func() (conversion.RelationPage, error) { return m.Source.Relations(ctx, o, after, limit) })
}

type meteredWalker struct {
	Walker
	*session
}

// Sightings implements Walker.
func (m meteredWalker) Sightings(ctx context.Context, o conversion.Object, after string, limit int) (conversion.SightingPage, error) {
	return paid(ctx, m.session, 1, func() (conversion.SightingPage, error) { return m.Walker.Sightings(ctx, o, after, limit) })
}

// Walk implements Walker.
func (m meteredWalker) Walk(ctx context.Context, s *conversion.Schema, o conversion.Object, after string, limit int) (conversion.RecordPage, error) {
	return paid(ctx, m.session, 1, func() (conversion.RecordPage, error) { return m.Walker.Walk(ctx, s, o, after, limit) })
}

// Whereabouts implements Walker.
func (m meteredWalker) Whereabouts(ctx context.Context, o conversion.Object, ids []string) ([]conversion.Sighting, error) {
	return paid(ctx, m.session, listed(len(ids)), func() ([]conversion.Sighting, error) { return m.Walker.Whereabouts(ctx, o, ids) })
}

// ReadActivities implements Walker.
func (m meteredWalker) ReadActivities(ctx context.Context, o conversion.Object, ids []string) ([]conversion.Activity, error) {
	return paid(ctx, m.session, listed(len(ids)), func() ([]conversion.Activity, error) { return m.Walker.ReadActivities(ctx, o, ids) })
}

// meteredLoader leaves the reading of a page to be paid by whoever reads it: once what is
// applied beside it is through, which pays from the same purse.
type meteredLoader struct {
	Loader
	*session
}

// BeginLoad implements Loader.
func (m meteredLoader) BeginLoad(ctx context.Context, s *conversion.Schema, o conversion.Object, after conversion.Cursor) (conversion.Load, error) {
	return paid(ctx, m.session, 1, func() (conversion.Load, error) { return m.Loader.BeginLoad(ctx, s, o, after) })
}

// AskLoad implements Loader.
func (m meteredLoader) AskLoad(ctx context.Context, l conversion.Load) (conversion.Load, error) {
	return paid(ctx, m.session, 1, func() (conversion.Load, error) { return m.Loader.AskLoad(ctx, l) })
}

// EndLoad implements Loader.
func (m meteredLoader) EndLoad(ctx context.Context, l conversion.Load) error {
	return paidFor(ctx, m.session, func() error { return m.Loader.EndLoad(ctx, l) })
}

// paidFor is paid, of one request without an answer.
func paidFor(ctx context.Context, s *session, ask func() error) error {
	_, err := paid(ctx, s, 1, func() (struct{}, error) { return struct{}{}, ask() })
	return err
}

type meteredLookup struct {
	Lookup
	*session
}

// ByKey implements Lookup.
func (m meteredLookup) ByKey(ctx context.Context, s *conversion.Schema, keys []string) ([]conversion.Record, error) {
	return paid(ctx, m.session, listed(len(keys)), func() ([]conversion.Record, error) { return m.Lookup.ByKey(ctx, s, keys) })
}

type meteredTarget struct {
	Target
	*session
}

// Read implements Target.
func (m meteredTarget) Read(ctx context.Context, s *conversion.Schema, refs []conversion.Ref) ([]conversion.Record, error) {
	return paid(ctx, m.session, listed(len(refs)), func() ([]conversion.Record, error) { return m.Target.Read(ctx, s, refs) })
}

// Write implements Target. What could not be afforded has no outcomes: nothing was sent.
func (m meteredTarget) Write(ctx context.Context, writes []conversion.Write, options conversion.WriteOptions) ([]conversion.Outcome, error) {
	return paid(ctx, m.session, listed(len(writes)), func() ([]conversion.Outcome, error) { return m.Target.Write(ctx, writes, options) })
}

type meteredDescriber struct {
	Describer
	*session
}

// Describe implements Describer.
func (m meteredDescriber) Describe(ctx context.Context) ([]conversion.ObjectDef, error) {
	return paid(ctx, m.session, len(inbound), func() ([]conversion.ObjectDef, error) { return m.Describer.Describe(ctx) })
}

// Users implements Describer.
func (m meteredDescriber) Users(ctx context.Context, ids []string) (map[string]string, error) {
	return paid(ctx, m.session, listed(len(ids)), func() (map[string]string, error) { return m.Describer.Users(ctx, ids) })
}

// Doomed implements Describer.
func (m meteredDescriber) Doomed(ctx context.Context, accountIDs []string) (conversion.Doom, error) {
	return paid(ctx, m.session, listed(len(accountIDs)), func() (conversion.Doom, error) { return m.Describer.Doomed(ctx, accountIDs) })
}
