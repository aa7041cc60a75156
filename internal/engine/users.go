package engine

import (
	"context"
	"fmt"
	"maps"
	"slices"

	"conversion"
)

// meetUsers notes the Salesforce users that a record with news names: who modified it, and
// whom its lookups to users point to.
func (s *session) meetUsers(r *conversion.Record) {
	if r.ModifiedBy != "" {
		s.users[r.ModifiedBy] = true
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
			s.users[f.Value.String()] = true
		}
	}
}

// learnUsers reads the names of the users met, so that an owner's id shows a name (spec
// 3.17).
func (s *session) learnUsers(ctx context.Context) error {
	if len(s.users) == 0 {
		return nil
	}
	names, err := s.remote.Describer.Users(ctx, slices.Sorted(maps.Keys(s.users)))
	if err != nil {
		return fmt.Errorf("read the names of users: %w", err)
	}
	clear(s.users)
	if err := s.books.SaveUsers(ctx, names); err != nil {
		return fmt.Errorf("store the names of users: %w", err)
	}
	return nil
}
