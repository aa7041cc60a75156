package directory

import (
	"context"
	"fmt"

	"conversion"
)

const (
	defaultLimit = 100
	maxLimit     = 1000 // spec 8.2
)

// Get shows one live contact or company; a CodeNotFound error when there is none.
func (s *Service) Get(ctx context.Context, workspaceID string, kind conversion.Kind, id string) (View, error) {
	books := s.open(workspaceID)
	group, err := load(ctx, books, kind, id)
	if err != nil {
		return View{}, err
	}
	if !group.Entity.Live() {
		return View{}, notFound(kind)
	}
	schema, err := schemaOf(ctx, books, kind)
	if err != nil {
		return View{}, err
	}
	view, err := viewGroup(ctx, books, schema, group)
	if err != nil {
		return View{}, err
	}
	if err := tellAges(ctx, books, group, &view); err != nil {
		return View{}, err
	}
	return view, nil
}

// List shows a page of live contacts or companies. A limit of 0 means 100; the key and
// the prefix may come as a person typed them.
func (s *Service) List(ctx context.Context, workspaceID string, f conversion.EntityFilter) (Page, error) {
	limit, err := checkLimit(f.Limit)
	if err != nil {
		return Page{}, err
	}
	f.Limit, f.Prefix = limit, conversion.Email(f.Prefix)
	if f.Key != "" {
		if f.Key, err = parseKey(f.Kind, f.Key); err != nil {
			return Page{}, err
		}
	}
	books := s.open(workspaceID)
	if f.CompanyID != "" {
		if g, err := load(ctx, books, conversion.KindCompany, f.CompanyID); err == nil {
			f.CompanyID = g.Entity.ID
		} else if conversion.ErrorCode(err) != conversion.CodeNotFound {
			return Page{}, err
		}
	}
	entities, next, err := books.List(ctx, f)
	if err != nil {
		return Page{}, fmt.Errorf("list: %w", err)
	}
	items, err := viewEntities(ctx, books, f.Kind, entities)
	return Page{Items: items, Next: next}, err
}

// Count returns how many live entities of the kind there are.
func (s *Service) Count(ctx context.Context, workspaceID string, kind conversion.Kind) (int, error) {
	return s.open(workspaceID).Count(ctx, kind)
}

// Timeline returns a page of the changes of an entity, newest first, and the cursor of
// the next page (spec 7.2).
func (s *Service) Timeline(ctx context.Context, workspaceID string, kind conversion.Kind, id, after string, limit int) ([]conversion.Change, string, error) {
	limit, err := checkLimit(limit)
	if err != nil {
		return nil, "", err
	}
	books := s.open(workspaceID)
	g, err := load(ctx, books, kind, id)
	if err != nil {
		return nil, "", err
	}
	return books.Timeline(ctx, g.Entity.ID, after, limit)
}

// Engagements returns a page of custom engagements, newest first, and the cursor of the
// next page; of one contact and of one type when these are given.
func (s *Service) Engagements(ctx context.Context, workspaceID, contactID, typ, after string, limit int) ([]conversion.Engagement, string, error) {
	limit, err := checkLimit(limit)
	if err != nil {
		return nil, "", err
	}
	books := s.open(workspaceID)
	if contactID != "" {
		g, err := load(ctx, books, conversion.KindContact, contactID)
		if err != nil {
			return nil, "", err
		}
		contactID = g.Entity.ID
	}
	return books.Engagements(ctx, contactID, typ, after, limit)
}

func checkLimit(limit int) (int, error) {
	if limit == 0 {
		return defaultLimit, nil
	}
	if limit < 1 || limit > maxLimit {
		return 0, conversion.Invalid("limit", "must be from 1 to %d", maxLimit)
	}
	return limit, nil
}

// load returns the group of an entity, live or deleted; of one that was combined, that of the
// entity it was combined into.
func load(ctx context.Context, books Books, kind conversion.Kind, id string) (conversion.Group, error) {
	groups, err := books.Groups(ctx, conversion.GroupQuery{Kind: kind, IDs: []string{id}})
	if err != nil {
		return conversion.Group{}, fmt.Errorf("read the %s: %w", kind, err)
	}
	if f := newDesk(groups).file(id); f != nil {
		return f.group, nil
	}
	return conversion.Group{}, notFound(kind)
}

func notFound(kind conversion.Kind) error {
	return conversion.Errorf(conversion.CodeNotFound, "There is no such %s.", kind)
}

func viewGroup(ctx context.Context, books Books, schema *conversion.Schema, g conversion.Group) (View, error) {
	shown, err := viewGroups(ctx, books, schema, []conversion.Group{g})
	if err != nil {
		return View{}, err
	}
	return shown[0], nil
}

func viewGroups(ctx context.Context, books Books, schema *conversion.Schema, groups []conversion.Group) ([]View, error) {
	entities := make([]*conversion.Entity, len(groups))
	links := make(map[string][]conversion.Link, len(groups))
	for i, g := range groups {
		entities[i] = g.Entity
		for _, l := range g.Links {
			links[g.Entity.ID] = append(links[g.Entity.ID], *l)
		}
	}
	return views(ctx, books, schema, entities, links)
}

func viewEntities(ctx context.Context, books Books, kind conversion.Kind, page []conversion.Entity) ([]View, error) {
	schema, err := schemaOf(ctx, books, kind)
	if err != nil {
		return nil, err
	}
	entities, ids := make([]*conversion.Entity, len(page)), make([]string, len(page))
	for i := range page {
		entities[i], ids[i] = &page[i], page[i].ID
	}
	links, err := books.LinksOf(ctx, ids)
	if err != nil {
		return nil, fmt.Errorf("read the links: %w", err)
	}
	return views(ctx, books, schema, entities, links)
}
