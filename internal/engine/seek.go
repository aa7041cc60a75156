package engine

import (
	"context"
	"fmt"
	"slices"

	"conversion"
)

// open reports whether the entity's create may still take effect, so that another must not
// be sent. The same by our External Id field may be sent again at once: it makes no second
// record.
func (s *session) open(e *conversion.Entity) bool {
	c := e.Creating
	if c == nil || c.Keyed && e.Live() && s.keyed[c.Object] {
		return false
	}
	return s.pending(e)
}

// pending reports whether the entity's create may still take effect.
func (s *session) pending(e *conversion.Entity) bool {
	return e.Creating.Pending(s.now(), s.options.UnknownOutcome())
}

// closes is when the entity's create can no longer take effect.
func (s *session) closes(e *conversion.Entity) conversion.Moment {
	return max(e.Creating.At, e.Creating.Lost).Add(s.options.UnknownOutcome())
}

// learnKeyed asks which of the objects that the groups may be created as have our External
// Id field.
func (s *session) learnKeyed(ctx context.Context, groups []conversion.Group) error {
	s.keyed = make(map[conversion.Object]bool)
	for _, g := range groups {
		o, _ := s.createAs(g)
		if g.Entity.Creating != nil {
			o = g.Entity.Creating.Object
		}
		if _, known := s.keyed[o]; known || o == "" {
			continue
		}
		upserts, err := s.remote.Target.Upserts(ctx, o)
		if err != nil {
			return fmt.Errorf("ask for the External Id field: %w", err)
		}
		s.keyed[o] = upserts
	}
	return nil
}

// seek looks for the records of creates whose time is over: by our External Id field, or by
// e-mail or domain, creator, time and name (spec 4.3). It returns what was found, and for
// which entities it looked.
func (s *session) seek(ctx context.Context, kind conversion.Kind, groups []conversion.Group) (found []conversion.Record, sought map[string]bool, err error) {
	sought = make(map[string]bool)
	ids := make(map[conversion.Object][]string)
	made := make(map[conversion.Object]*conversion.MadeQuery)
	var lost []*conversion.Creation
	for _, g := range groups {
		e := g.Entity
		if e.Creating == nil || s.open(e) {
			continue
		}
		sought[e.ID] = true
		if e.Creating.Keyed && s.keyed[e.Creating.Object] {
			ids[e.Creating.Object] = append(ids[e.Creating.Object], e.ID)
		} else {
			s.addMade(made, e.Creating)
			lost = append(lost, e.Creating)
		}
	}
	if found, err = s.seekByKey(ctx, kind, lost); err != nil {
		return nil, nil, fmt.Errorf("look for what was created: %w", err)
	}
	for _, o := range kind.Objects() {
		records, err := s.seekOn(ctx, o, ids[o], made[o])
		if err != nil {
			return nil, nil, fmt.Errorf("look for what was created: %w", err)
		}
		found = append(found, records...)
	}
	return found, sought, nil
}

// seekByKey looks for the creates' records by the e-mails or domains that were sent, which
// may be others by now. What others made there is none of them.
func (s *session) seekByKey(ctx context.Context, kind conversion.Kind, lost []*conversion.Creation) ([]conversion.Record, error) {
	var keys []string
	for _, c := range lost {
		if c.Key != "" {
			keys = append(keys, c.Key)
		}
	}
	if len(keys) == 0 {
		return nil, nil
	}
	if err := s.cfg.Step("look for records by key"); err != nil {
		return nil, err
	}
	slices.Sort(keys)
	records, err := s.remote.Lookup.ByKey(ctx, s.schemas[kind], slices.Compact(keys))
	return slices.DeleteFunc(records, func(r conversion.Record) bool {
		return !slices.ContainsFunc(lost, func(c *conversion.Creation) bool { return r.Key == c.Key && s.inTime(c, &r) })
	}), err
}

// addMade widens the query of the create's object to the create.
func (s *session) addMade(made map[conversion.Object]*conversion.MadeQuery, c *conversion.Creation) {
	since, until := s.madeWithin(c)
	q := made[c.Object]
	if q == nil {
		q = &conversion.MadeQuery{Object: c.Object, By: s.conn.UserID, Since: since, Until: until}
		made[c.Object] = q
	}
	q.Since, q.Until = min(q.Since, since), max(q.Until, until)
	if c.Name != "" && !slices.Contains(q.Names, c.Name) {
		q.Names = append(q.Names, c.Name)
	}
}

func (s *session) seekOn(ctx context.Context, o conversion.Object, ids []string, made *conversion.MadeQuery) ([]conversion.Record, error) {
	var found []conversion.Record
	schema := s.schemas[o.Kind()]
	if len(ids) > 0 {
		if err := s.cfg.Step("look for records by id"); err != nil {
			return nil, err
		}
		records, err := s.remote.Lookup.ByExternalID(ctx, schema, o, ids)
		if err != nil {
			return nil, err
		}
		found = append(found, records...)
	}
	if made != nil && len(made.Names) > 0 {
		if err := s.cfg.Step("look for records by name"); err != nil {
			return nil, err
		}
		records, err := s.remote.Lookup.Made(ctx, schema, *made)
		if err != nil {
			return nil, err
		}
		found = append(found, records...)
	}
	return found, nil
}
