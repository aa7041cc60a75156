package main

import (
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"conversion/internal/prove/proofs"
)

// root is the module's, from here.
const root = "../../.."

func readAll(t *testing.T) (rows []proofs.Row, all []breach) {
	t.Helper()
	rows, _, err := proofs.Read(filepath.Join(root, proofPage))
	if err != nil {
		t.Fatal(err)
	}
	if all, err = breaches(filepath.Join(root, rulesFile)); err != nil {
		t.Fatal(err)
	}
	return rows, all
}

func TestEveryBreachIsOfARowAndMeetsItsLines(t *testing.T) {
	t.Parallel()
	rows, all := readAll(t)
	known := make(map[string]bool)
	for _, r := range rows {
		known[r.Name()] = true
	}
	for _, b := range all {
		if !known[b.row] {
			t.Errorf("%s has no row %q", proofPage, b.row)
		}
		text, err := os.ReadFile(filepath.Join(root, b.file))
		if err != nil {
			t.Error(err)
			continue
		}
		after, err := b.in(string(text))
		if err == nil && strings.HasSuffix(b.file, ".go") {
			_, err = parser.ParseFile(token.NewFileSet(), b.file, after, parser.SkipObjectResolution)
		}
		if err != nil {
			t.Errorf("%s: %v", b.row, err)
		}
	}
}

func TestEveryRowHasABreach(t *testing.T) {
	t.Parallel()
	rows, all := readAll(t)
	broken := make(map[string]bool)
	for _, b := range all {
		broken[b.row] = true
	}
	for _, r := range rows {
		if !broken[r.Name()] {
			t.Errorf("%s says of no line that breaks it: %s", rulesFile, r.Name())
		}
	}
}

func TestHowABreachIsRead(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "rules.txt")
	text := "# a word\n\n3.1 one rule\n\tone.go\n\t- a\n\t- \tb\n\t+ c\n\t- d\n\tone.go\n\t- e\n\t+ f\n"
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	all, err := breaches(path)
	if err != nil || len(all) != 2 {
		t.Fatalf("%+v, %v", all, err)
	}
	for i, want := range []string{"c, , e", "a\n\tb, d, f"} {
		if after, err := all[i].in("a\n\tb, d, e"); err != nil || after != want || all[i].row != "3.1 one rule" {
			t.Errorf("breach %d makes %q, %v; want %q", i, after, err, want)
		}
	}
}

func TestABreachThatDoesNotMeetItsLineIsRefused(t *testing.T) {
	t.Parallel()
	for name, b := range map[string]breach{
		"the line is gone":        {changes: []change{{"gone", "x"}}},
		"the line is there twice": {changes: []change{{"twice", "x"}}},
		"it changes nothing":      {changes: []change{{"once", "once"}}},
		"it has no change":        {},
	} {
		if after, err := b.in("once, twice, twice"); err == nil {
			t.Errorf("%s: %q", name, after)
		}
	}
}
