package store_test

import (
	"strings"
	"testing"

	"conversion"
	"conversion/internal/testkit"
)

// PostgreSQL knows nothing of tables that a load has just begun to fill. Unless it is told,
// it goes through all rows for each list of keys, and a load of a million takes the square of
// its time.
func TestALoadLooksKeysUpInAnIndexOnTablesThatWereEmpty(t *testing.T) {
	t.Parallel()
	s := open(t, testkit.Postgres(t))
	w := s.Workspace("w")
	run := conversion.Run{ID: "run", Direction: conversion.Inbound, Object: conversion.Lead, Status: conversion.RunRunning}
	if err := w.AddRuns(t.Context(), []conversion.Run{run}); err != nil {
		t.Fatal(err)
	}
	var keys []string
	for page := range 4 {
		b := firstSight(page)
		b.Load = &conversion.LoadStep{}
		if err := w.Commit(t.Context(), b); err != nil {
			t.Fatal(err)
		}
		keys = nil
		for _, p := range b.Plans[:500] {
			keys = append(keys, "'"+p.Group.Entity.Key+"'")
		}
	}
	for _, query := range []string{
		`SELECT entity_id FROM links WHERE workspace_id = 'w' AND kind = 'contact' AND key IN (LIST) AND live AND key <> ''`,
		`SELECT id FROM entities WHERE workspace_id = 'w' AND kind = 'contact' AND key IN (LIST) AND deleted = 0 AND key <> ''`,
	} {
		rows, err := s.Pool().Query(t.Context(), "EXPLAIN "+strings.Replace(query, "LIST", strings.Join(keys, ", "), 1))
		if err != nil {
			t.Fatal(err)
		}
		indexed := false
		for rows.Next() {
			var step string
			if err := rows.Scan(&step); err != nil {
				t.Error(err)
			}
			indexed = indexed || strings.Contains(step, "Index Cond") && strings.Contains(step, "(key)")
		}
		rows.Close()
		if err := rows.Err(); err != nil || !indexed {
			t.Errorf("the keys are no condition of an index in %s: %v", query, err)
		}
	}
}
