package engine

import (
	"context"
	"fmt"
	"slices"
	"time"

	"conversion"
)

// usersOf returns the Salesforce users that a record with news names: who modified it, and
// whom its lookups to users point to. They are stored with the record, so that a stop before
// their names are learnt forgets none.
func (s *session) usersOf(r *conversion.Record) (ids []string) {
	if r.ModifiedBy != "" {
		ids = append(ids, r.ModifiedBy)
	}
	schema := s.schemas[r.Ref.Object.Kind()]
	for _, f := range r.Fields {
		if f.Value.Blank() {
			continue
		}
		v := schema.ByID(f.Var)
		if v == nil {
			continue
		}
		if field, ok := v.On(r.Ref.Object); ok && slices.Contains(field.References, string(conversion.User)) {
			ids = append(ids, f.Value.String())
		}
	}
	return ids
}

const (
	namesKept   = 24 * time.Hour // a user may be renamed, or become visible
	usersAtOnce = 1000
)

// learnUsers reads the names of the users that were met, so that an owner's id shows a name
// (spec 3.17), and reads them again once a day.
func (s *session) learnUsers(ctx context.Context) error {
	for since := s.now().Add(-namesKept); ; {
		ids, err := s.books.UsersToName(ctx, since, usersAtOnce)
		if err != nil || len(ids) == 0 {
			return err
		}
		if err := s.cfg.Step("read users"); err != nil {
			return err
		}
		found, err := s.remote.Describer.Users(ctx, ids)
		if err != nil {
			return fmt.Errorf("read the names of users: %w", err)
		}
		names := make(map[string]string, len(ids))
		for _, id := range ids {
			names[id] = found[id]
		}
		if err := s.books.SaveUsers(ctx, names, s.now()); err != nil {
			return fmt.Errorf("store the names of users: %w", err)
		}
	}
}
