package store

import (
	"path/filepath"
	"strings"
	"testing"

	"conversion"
)

// Lists must work with 1,000,000 entities: SQLite's plan for each names the index whose
// order is the list's, and sorts nothing.
func TestListsReadAnIndexInItsOrder(t *testing.T) {
	t.Parallel()
	s, err := Open(t.Context(), "sqlite:"+filepath.Join(t.TempDir(), "x.db"), Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	after := position{Number: 5, Text: "m", ID: "x"}
	of := func(f conversion.EntityFilter) listing {
		f.Kind, f.Limit, f.After = conversion.KindContact, 50, "from a page before"
		return listing{Workspace: s.Workspace("w"), filter: f, from: after}
	}
	search := of(conversion.EntityFilter{Prefix: "m"})
	columns := searched(conversion.KindContact)
	for index, q := range map[string]*query{
		"entities_by_created":     of(conversion.EntityFilter{}).descending(of(conversion.EntityFilter{}).base(), "created"),
		"entities_by_updated":     of(conversion.EntityFilter{UpdatedSince: 5}).descending(of(conversion.EntityFilter{UpdatedSince: 5}).base(), "updated"),
		"entities_by_key":         search.phase(columns, 0, 50),
		"entities_by_whole_name":  search.phase(columns, 1, 50),
		"entities_by_later_names": search.phase(columns, 2, 50),
		"entities_by_last_name":   search.phase(columns, 3, 50),
	} {
		plan := s.explain(t, q.text(), q.args...)
		if !strings.Contains(plan, "USING INDEX "+index+" ") || strings.Contains(plan, "B-TREE") {
			t.Errorf("want index %s and no sorting, got:\n%s", index, plan)
		}
	}
}

// explain returns SQLite's plan for the query.
func (s *Store) explain(t *testing.T, query string, args ...any) string {
	t.Helper()
	scan := func(row scanner) (detail string, err error) {
		var id, parent, unused int
		err = row.Scan(&id, &parent, &unused, &detail)
		return detail, err
	}
	steps, err := all(t.Context(), s.read, scan, "EXPLAIN QUERY PLAN "+query, args...)
	if err != nil {
		t.Fatal(err)
	}
	return strings.Join(steps, "\n")
}
