package store

import (
	"cmp"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"conversion"
)

// listColumns are an entity's for lists: own claims are left out.
var listColumns = strings.Replace(entityColumns, "own", "NULL", 1)

// List returns a page of live entities (Own and links left out) and the cursor of the
// next one, "" at the end; a bad cursor is a CodeInvalid error naming "cursor". They are
// ordered newest first, with UpdatedSince by their last change. What a prefix finds comes
// by where it was found (key, then name), in alphabetical order.
//
// Each order is an index's own: the work grows with the page, not with the workspace.
func (w *Workspace) List(ctx context.Context, f conversion.EntityFilter) (page []conversion.Entity, next string, err error) {
	l := listing{Workspace: w, filter: f}
	if l.from, err = parsePosition(f.After, l.name()); err != nil {
		return nil, "", err
	}
	if err := limited(f.Limit); err != nil {
		return nil, "", err
	}
	if f.CompanyID != "" {
		var live bool
		if l.domain, live, err = w.domainOf(ctx, f.CompanyID); err != nil || !live {
			return nil, "", err
		}
	}
	switch {
	case f.Prefix != "":
		page, next, err = l.search(ctx)
	case f.CompanyID != "":
		page, next, err = l.ofCompany(ctx)
	case f.UpdatedSince != 0:
		page, next, err = l.newest(ctx, "updated", func(e conversion.Entity) conversion.Moment { return e.Updated })
	default:
		page, next, err = l.newest(ctx, "created", func(e conversion.Entity) conversion.Moment { return e.Created })
	}
	if err != nil {
		return nil, "", fmt.Errorf("list: %w", err)
	}
	return page, next, nil
}

// listing is one page of entities being read.
type listing struct {
	*Workspace
	filter conversion.EntityFilter
	from   position
	domain string // of the filter's company; "" when it has none
}

// name tells lists with different filters apart, so that no cursor serves another.
func (l listing) name() string {
	f := l.filter
	return strings.Join([]string{string(f.Kind), f.Key, f.Prefix, f.CompanyID, strconv.FormatInt(int64(f.UpdatedSince), 10)}, "\x1f")
}

// base begins the query with what every list has in common.
func (l listing) base() *query {
	q := newQuery(`SELECT `+listColumns+` FROM entities WHERE workspace_id = ? AND kind = ? AND deleted = 0`, l.id, l.filter.Kind)
	if l.filter.Key != "" {
		q.add(` AND key = ? AND key <> ''`, text(l.filter.Key))
	}
	if l.filter.UpdatedSince != 0 {
		q.add(` AND updated >= ?`, l.filter.UpdatedSince)
	}
	return q
}

func (l listing) newest(ctx context.Context, column string, at func(conversion.Entity) conversion.Moment) ([]conversion.Entity, string, error) {
	found, err := l.read(ctx, l.descending(l.base(), column))
	if err != nil {
		return nil, "", err
	}
	page, next := cut(found, l.filter.Limit, func(e conversion.Entity) position {
		return position{List: l.name(), Number: int64(at(e)), ID: e.ID}
	})
	return page, next, nil
}

// descending ends the query: newest first, from where the page before ended.
func (l listing) descending(q *query, column string) *query {
	if l.filter.After != "" {
		q.add(` AND (`+column+`, id) < (?, ?)`, l.from.Number, l.from.ID)
	}
	q.add(` ORDER BY `+column+` DESC, id DESC LIMIT ?`, l.filter.Limit+1)
	return q
}

func (l listing) read(ctx context.Context, q *query) ([]conversion.Entity, error) {
	scan := func(row scanner) (conversion.Entity, error) {
		e, err := scanEntity(row)
		if err != nil {
			return conversion.Entity{}, err
		}
		return *e, nil
	}
	return all(ctx, l.store.read, scan, q.text(), q.args...)
}

// ofCompany lists the contacts whose company it is by a claim, or derived: by the domain
// of their e-mail when no claim names a company (spec 3.15).
func (l listing) ofCompany(ctx context.Context) ([]conversion.Entity, string, error) {
	claimed := l.base()
	claimed.add(` AND company_id = ? AND company_id <> ''`, text(l.filter.CompanyID))
	found, err := l.read(ctx, l.descending(claimed, "created"))
	if err != nil {
		return nil, "", err
	}
	if l.domain != "" {
		derived := l.base()
		derived.add(` AND company_id = '' AND key_domain = ? AND key_domain <> ''`, l.domain)
		more, err := l.read(ctx, l.descending(derived, "created"))
		if err != nil {
			return nil, "", err
		}
		found = append(found, more...)
	}
	slices.SortFunc(found, func(a, b conversion.Entity) int {
		return -cmp.Or(cmp.Compare(a.Created, b.Created), cmp.Compare(a.ID, b.ID))
	})
	page, next := cut(found, l.filter.Limit, func(e conversion.Entity) position {
		return position{List: l.name(), Number: int64(e.Created), ID: e.ID}
	})
	return page, next, nil
}

// domainOf returns the domain of a live company, "" when it has none; a company that is
// deleted has no contacts any more.
func (w *Workspace) domainOf(ctx context.Context, companyID string) (domain string, live bool, err error) {
	domain, err = scanText(w.store.read.QueryRowContext(ctx, `SELECT key FROM entities
		WHERE workspace_id = $1 AND id = $2 AND kind = 'company' AND deleted = 0`, w.id, text(companyID)))
	if errors.Is(err, sql.ErrNoRows) {
		return "", false, nil
	}
	if err != nil {
		return "", false, fmt.Errorf("list: find the company's domain: %w", err)
	}
	return domain, true, nil
}

// searched are the columns a prefix is looked for in, one after the other.
func searched(k conversion.Kind) []string {
	if k == conversion.KindContact {
		return []string{"key", "whole_name", "later_names", "last_name"}
	}
	return []string{"key", "whole_name"}
}

// search lists what has the prefix: by key, then by each of the names. An entity comes
// once, where it is found first.
func (l listing) search(ctx context.Context) ([]conversion.Entity, string, error) {
	var found []conversion.Entity
	var phases []int // of what was found
	columns := searched(l.filter.Kind)
	for phase := l.from.Phase; phase >= 0 && phase < len(columns) && len(found) <= l.filter.Limit; phase++ {
		more, err := l.read(ctx, l.phase(columns, phase, l.filter.Limit+1-len(found)))
		if err != nil {
			return nil, "", err
		}
		found = append(found, more...)
		phases = append(phases, slices.Repeat([]int{phase}, len(more))...)
	}
	page, next := cut(found, l.filter.Limit, func(e conversion.Entity) position {
		phase := phases[l.filter.Limit-1]
		return position{List: l.name(), Phase: phase, Text: searchedText(&e, columns[phase]), ID: e.ID}
	})
	return page, next, nil
}

// phase looks for the prefix in one column, by range: LIKE differs between the databases.
func (l listing) phase(columns []string, phase, limit int) *query {
	column := columns[phase]
	low := clip(text(l.filter.Prefix))
	high := low + "\U0010FFFF" // above all that begins with the prefix
	q := l.base()
	q.add(` AND `+column+` <> '' AND `+column+` >= ? AND `+column+` < ?`, low, high)
	for _, earlier := range columns[:phase] {
		q.add(` AND NOT (`+earlier+` >= ? AND `+earlier+` < ?)`, low, high)
	}
	if l.filter.CompanyID != "" {
		q.add(` AND (company_id = ? OR (company_id = '' AND key_domain <> '' AND key_domain = ?))`, text(l.filter.CompanyID), l.domain)
	}
	if l.filter.After != "" && phase == l.from.Phase {
		q.add(` AND (`+column+`, id) > (?, ?)`, l.from.Text, l.from.ID)
	}
	q.add(` ORDER BY `+column+`, id LIMIT ?`, limit)
	return q
}

// searchedText is what the column holds for the entity.
func searchedText(e *conversion.Entity, column string) string {
	t := searchTerms(e)
	switch column {
	case "whole_name":
		return t.whole
	case "later_names":
		return t.last
	case "last_name":
		return t.inner
	}
	return e.Key
}

// Count returns how many live entities of the kind there are.
func (w *Workspace) Count(ctx context.Context, k conversion.Kind) (int, error) {
	var n int
	err := w.store.read.QueryRowContext(ctx, `SELECT count(*) FROM entities
		WHERE workspace_id = $1 AND kind = $2 AND deleted = 0`, w.id, k).Scan(&n)
	return n, err
}

// CompaniesByKey returns the live companies of the domains, by domain (spec 3.15).
func (w *Workspace) CompaniesByKey(ctx context.Context, domains []string) (map[string]conversion.Entity, error) {
	companies := make(map[string]conversion.Entity, len(domains))
	err := w.store.dialect.inChunks(domains, 2, func(list string, args []any) error {
		found, err := all(ctx, w.store.read, scanEntity, `SELECT `+listColumns+` FROM entities
			WHERE workspace_id = $1 AND kind = 'company' AND deleted = 0 AND key <> '' AND key IN (`+list+`)`, append([]any{w.id}, args...)...)
		for _, e := range found {
			companies[e.Key] = *e
		}
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("find companies by domain: %w", err)
	}
	return companies, nil
}

// LiveCompanies returns which of the ids are live companies'.
func (w *Workspace) LiveCompanies(ctx context.Context, ids []string) (map[string]bool, error) {
	live := make(map[string]bool, len(ids))
	err := w.store.dialect.inChunks(ids, 2, func(list string, args []any) error {
		found, err := all(ctx, w.store.read, scanText, `SELECT id FROM entities
			WHERE workspace_id = $1 AND kind = 'company' AND deleted = 0 AND id IN (`+list+`)`, append([]any{w.id}, args...)...)
		for _, id := range found {
			live[id] = true
		}
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("find live companies: %w", err)
	}
	return live, nil
}
