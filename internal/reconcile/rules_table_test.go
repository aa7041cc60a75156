package reconcile_test

import (
	"bufio"
	"fmt"
	"os"
	"strings"
	"testing"

	"conversion"
	"conversion/internal/reconcile"
)

// ruleRow is a row of testdata/rules.txt.
type ruleRow struct {
	line         int
	rule, option string
	linked       string
	written      string
}

func readRules(t *testing.T) []ruleRow {
	t.Helper()
	file, err := os.Open("testdata/rules.txt")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = file.Close() }()
	var rows []ruleRow
	scanner := bufio.NewScanner(file)
	for line := 1; scanner.Scan(); line++ {
		text := strings.TrimSpace(scanner.Text())
		if text == "" || strings.HasPrefix(text, "#") {
			continue
		}
		parts := strings.Split(text, "|")
		if len(parts) != 3 {
			t.Fatalf("line %d has %d parts, want 3", line, len(parts))
		}
		rule, option, ok := strings.Cut(parts[0], "=")
		if !ok {
			t.Fatalf("line %d names no option", line)
		}
		rows = append(rows, ruleRow{line, strings.TrimSpace(rule), strings.TrimSpace(option), strings.TrimSpace(parts[1]), strings.TrimSpace(parts[2])})
	}
	if err := scanner.Err(); err != nil {
		t.Fatal(err)
	}
	return rows
}

// states are what a contact or company can be linked to: records with the state of their
// link.
var states = map[conversion.Kind]map[string]map[string]conversion.LinkState{
	conversion.KindContact: {
		"nothing":   {},
		"Lead":      {"L1": conversion.LinkLive},
		"Contact":   {"C1": conversion.LinkLive},
		"both":      {"L1": conversion.LinkLive, "C1": conversion.LinkLive},
		"converted": {"L1": conversion.LinkConverted, "C1": conversion.LinkLive},
		"deleted":   {"L1": conversion.LinkDeleted},
	},
	conversion.KindCompany: {
		"nothing":      {},
		"Account":      {"A1": conversion.LinkLive},
		"two Accounts": {"A1": conversion.LinkLive, "A2": conversion.LinkLive},
		"merged":       {"A1": conversion.LinkMerged, "A2": conversion.LinkLive},
		"deleted":      {"A1": conversion.LinkDeleted},
	},
}

// TestRules reads section 5 of the contract as a truth table that people write.
func TestRules(t *testing.T) {
	t.Parallel()
	rows := readRules(t)
	seen := make(map[string]int)
	for _, row := range rows {
		seen[row.rule+"="+row.option+" "+row.linked]++
	}
	for _, setting := range conversion.RuleSettings {
		for _, option := range setting.Options {
			for linked := range states[setting.Kind] {
				if n := seen[fmt.Sprintf("%s=%s %s", setting.Key, option, linked)]; n != 1 {
					t.Errorf("%d rows for %s = %s, linked to %s", n, setting.Key, option, linked)
				}
			}
		}
	}
	for _, row := range rows {
		if got := row.carryOut(t); got != row.written {
			t.Errorf("line %d: %s = %s, linked to %s: %s; want %s", row.line, row.rule, row.option, row.linked, got, row.written)
		}
	}
}

// carryOut does in Conversion what the rule is about, under the rule, and tells what is
// written.
func (row ruleRow) carryOut(t *testing.T) string {
	t.Helper()
	rules := conversion.DefaultRules()
	if rules.Get(row.rule) == nil {
		t.Fatalf("line %d: there is no rule %s", row.line, row.rule)
	}
	*rules.Get(row.rule) = conversion.Target(row.option)
	kind := conversion.KindContact
	if strings.HasPrefix(row.rule, "companies") {
		kind = conversion.KindCompany
	}
	links, ok := states[kind][row.linked]
	if !ok {
		t.Fatalf("line %d: nothing is linked to %q", row.line, row.linked)
	}
	g := linkedTo(kind, links)
	switch _, deed, _ := strings.Cut(row.rule, "_"); deed {
	case "created":
		g.Entity.Birth = rules.Reach()
	case "updated":
		g.Entity.Claim(conversion.OwnClaim{Var: title, Value: conversion.Text("Head"), At: second(5), Reach: rules.Reach()})
	case "deleted":
		g.Entity.Deleted, g.Entity.Death = second(5), rules.Reach()
	}
	s := fewFields(kind)
	if o, _ := reconcile.CreateAs(g, rules); o != "" {
		return told(reconcile.Create(g, s, o, terms(rules, 9)))
	}
	return told(reconcile.Send(g, s, terms(rules, 9)))
}

// linkedTo is an entity of the kind, born here, whose records hold "Clerk".
func linkedTo(kind conversion.Kind, links map[string]conversion.LinkState) conversion.Group {
	g := conversion.Group{Entity: &conversion.Entity{ID: "e", Kind: kind, Key: "b.test", Origin: conversion.OriginUser}}
	for _, id := range []string{"A1", "A2", "C1", "L1"} {
		state, ok := links[id]
		if !ok {
			continue
		}
		l := reconcile.NewLink(g, refOf(id), "b.test", second(0))
		g.Links = append(g.Links, l)
		l.State = state
		holds(g, id, title, conversion.Text("Clerk"), 1)
	}
	return g
}

func fewFields(kind conversion.Kind) *conversion.Schema {
	v := conversion.Variable{ID: title, Kind: kind, Key: "title", Type: conversion.TypeText, Mode: conversion.ModeTwoWay}
	for _, o := range kind.Objects() {
		v.Fields = append(v.Fields, conversion.Field{Object: o, Name: "Title", Type: "string", Nillable: true, Createable: true, Updateable: true})
	}
	return conversion.NewSchema(kind, []conversion.Variable{v})
}

func told(p conversion.Plan) string {
	var writes []string
	for _, w := range p.Writes {
		writes = append(writes, string(w.Action)+" "+string(w.Ref.Object))
	}
	switch {
	case len(writes) > 0:
		return strings.Join(writes, ", ")
	case len(p.Problems) > 0:
		return "nothing, and the timeline says why"
	}
	return "nothing"
}
