package docs_test

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
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

// proof is a row of the page: a rule, and the tests that hold it by package.
type proof struct {
	rule  string
	tests map[string][]string
}

var (
	proofRow  = regexp.MustCompile(`(?m)^\| ([3-7](?:\.\d+| [a-z_]+)) \| [^|]+ \| ([^|]+) \|$`)
	heldBy    = regexp.MustCompile("^`([a-z/]+)` (Test\\w+(?:/\\S+)?(?:, Test\\w+(?:/\\S+)?)*)$")
	openEntry = regexp.MustCompile(`(?m)^- ([3-6](?:\.\d+| [a-z_]+))\b`)
)

// readProofs returns the rows of the page and the rules that it says are still open.
func readProofs(t *testing.T) (held []proof, open []string) {
	t.Helper()
	text, err := os.ReadFile("proof.md")
	if err != nil {
		t.Fatal(err)
	}
	above, below, _ := strings.Cut(string(text), "\n## Not yet held\n")
	rows := strings.Count(above, "\n| ") - strings.Count(above, "\n| rule |")
	for _, found := range proofRow.FindAllStringSubmatch(above, -1) {
		p := proof{found[1], make(map[string][]string)}
		for part := range strings.SplitSeq(found[2], "; ") {
			names := heldBy.FindStringSubmatch(part)
			if names == nil {
				t.Fatalf("rule %s: %q is not a package and its tests", p.rule, part)
			}
			p.tests[names[1]] = strings.Split(names[2], ", ")
		}
		held = append(held, p)
	}
	if len(held) != rows {
		t.Fatalf("%d of the %d rows can be read", len(held), rows)
	}
	for _, found := range openEntry.FindAllStringSubmatch(below, -1) {
		open = append(open, found[1])
	}
	return held, open
}

func TestEveryRuleHasAProof(t *testing.T) {
	t.Parallel()
	held, open := readProofs(t)
	for _, rule := range contractRules() {
		if !slices.ContainsFunc(held, func(p proof) bool { return p.rule == rule }) && !slices.Contains(open, rule) {
			t.Errorf("docs/proof.md says nothing of rule %s", rule)
		}
	}
	if len(open) > 0 && os.Getenv("PROVE") != "" {
		t.Errorf("rules that no test holds yet: %v", open)
	}
}

func TestTheTestsOfAProofExist(t *testing.T) {
	t.Parallel()
	held, _ := readProofs(t)
	declared := make(map[string]string) // by package: its test files
	for _, p := range held {
		for part, tests := range p.tests {
			if declared[part] == "" {
				declared[part] = testFiles(t, part)
			}
			for _, name := range tests {
				name, _, _ = strings.Cut(name, "/")
				if !strings.Contains(declared[part], "\nfunc "+name+"(") {
					t.Errorf("rule %s: %s has no %s", p.rule, part, name)
				}
			}
		}
	}
}

// testFiles returns the text of a package's tests.
func testFiles(t *testing.T, part string) string {
	t.Helper()
	folder := filepath.Join("..", "internal", part)
	switch part {
	case "conversion":
		folder = ".."
	case "scripts", "cmd/conversion":
		folder = filepath.Join("..", part)
	}
	paths, err := filepath.Glob(filepath.Join(folder, "*_test.go"))
	if err != nil || len(paths) == 0 {
		t.Fatalf("tests of %s: %v, %v", part, paths, err)
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
