// Package proofs reads docs/proof.md: which tests hold which rule of the behaviour contract.
// It knows the page and nothing of the product.
package proofs

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
)

// Row is a line of the page: a rule, or a part of it, and who holds it.
type Row struct {
	Rule  string // as the contract numbers it, or a mode or field of section 6: "3.5", "6 two_way"
	Words string // what of the rule, in few words
	Held  []Held
}

// Name is what a row is called elsewhere; no two rows have one.
func (r Row) Name() string { return r.Rule + " " + r.Words }

// Held are the tests of one package.
type Held struct {
	Package string // as the page writes it: below internal, or one of those beside it
	Tests   []string
}

// Folder is the package's, from the root of the module.
func (h Held) Folder() string {
	switch h.Package {
	case "conversion":
		return "."
	case "scripts", "cmd/conversion":
		return h.Package
	}
	return filepath.Join("internal", h.Package)
}

var (
	rowForm   = regexp.MustCompile(`(?m)^\| ([3-7](?:\.\d+| [a-z_]+)) \| ([^|]+) \| ([^|]+) \|$`)
	heldBy    = regexp.MustCompile("^`([a-z/]+)` (Test\\w+(?:/\\S+)?(?:, Test\\w+(?:/\\S+)?)*)$")
	openEntry = regexp.MustCompile(`(?m)^- ([3-6](?:\.\d+| [a-z_]+))\b`)
)

// Read returns the rows of the page and the rules that it says no test holds yet.
func Read(path string) (rows []Row, open []string, err error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, nil, fmt.Errorf("read the proofs: %w", err)
	}
	above, below, _ := strings.Cut(string(text), "\n## Not yet held\n")
	for _, found := range rowForm.FindAllStringSubmatch(above, -1) {
		row := Row{Rule: found[1], Words: found[2]}
		if row.Held, err = held(found[3]); err != nil {
			return nil, nil, fmt.Errorf("%s: %w", row.Name(), err)
		}
		rows = append(rows, row)
	}
	if all := strings.Count(above, "\n| ") - strings.Count(above, "\n| rule |"); len(rows) != all {
		return nil, nil, fmt.Errorf("%d of the %d rows of %s can be read", len(rows), all, path)
	}
	for _, found := range openEntry.FindAllStringSubmatch(below, -1) {
		open = append(open, found[1])
	}
	return rows, open, nil
}

// held reads the last column of a row.
func held(text string) (all []Held, err error) {
	for part := range strings.SplitSeq(text, "; ") {
		found := heldBy.FindStringSubmatch(part)
		if found == nil {
			return nil, fmt.Errorf("%q is not a package and its tests", part)
		}
		all = append(all, Held{found[1], strings.Split(found[2], ", ")})
	}
	return all, nil
}
