package docs_test

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"conversion/internal/prove/proofs"
)

// The numbered rules of the behaviour contract that the page of proofs has to hold.
func contractRules() []string {
	var rules []string
	for section, last := range map[int]int{3: 17, 4: 11, 5: 5} {
		for n := 1; n <= last; n++ {
			rules = append(rules, fmt.Sprintf("%d.%d", section, n))
		}
	}
	for _, mode := range []string{"two_way", "prefer_salesforce_unless_empty", "always_salesforce", "always_conversion", "none"} {
		rules = append(rules, "6 "+mode)
	}
	return rules
}

func readProofs(t *testing.T) (rows []proofs.Row, open []string) {
	t.Helper()
	rows, open, err := proofs.Read("proof.md")
	if err != nil {
		t.Fatal(err)
	}
	return rows, open
}

func TestEveryRuleHasAProof(t *testing.T) {
	t.Parallel()
	held, open := readProofs(t)
	for _, rule := range contractRules() {
		if !slices.ContainsFunc(held, func(r proofs.Row) bool { return r.Rule == rule }) && !slices.Contains(open, rule) {
			t.Errorf("docs/proof.md says nothing of rule %s", rule)
		}
	}
	if len(open) > 0 && os.Getenv("PROVE") != "" {
		t.Errorf("rules that no test holds yet: %v", open)
	}
}

func TestTheTestsOfAProofExist(t *testing.T) {
	t.Parallel()
	rows, _ := readProofs(t)
	declared := make(map[string]string) // by folder: its test files
	for _, row := range rows {
		for _, held := range row.Held {
			folder := filepath.Join("..", held.Folder())
			if declared[folder] == "" {
				declared[folder] = testFiles(t, folder)
			}
			for _, name := range held.Tests {
				name, _, _ = strings.Cut(name, "/")
				if !strings.Contains(declared[folder], "\nfunc "+name+"(") {
					t.Errorf("rule %s: %s has no %s", row.Rule, held.Package, name)
				}
			}
		}
	}
}

// testFiles returns the text of the tests in a folder.
func testFiles(t *testing.T, folder string) string {
	t.Helper()
	paths, err := filepath.Glob(filepath.Join(folder, "*_test.go"))
	if err != nil || len(paths) == 0 {
		t.Fatalf("tests of %s: %v, %v", folder, paths, err)
	}
	var all strings.Builder
	for _, path := range paths {
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		all.Write(text)
	}
	return all.String()
}
