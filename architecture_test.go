package conversion_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"go/ast"
	"go/parser"
	"go/token"
	"io"
	"os/exec"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// The house: which part may import which other parts of this module. Arrows point down
// only. A folder belongs to the nearest part above it, so internal/salesforce/soql is
// salesforce's. A part that is not here must be added here before it can be built upon;
// one that is here need not exist.
//
// The table is the documentation.
var mayImport = map[string][]string{
	// What everything else speaks in, and the leaves that know nothing of it.
	".":      {},
	"config": {},
	"secret": {},
	"obs":    {},

	// Pure: what a field is, who is who, what to do about it.
	"mapping":   {"."},
	"identity":  {"."},
	"reconcile": {"."},

	// The outside world, and the edge to it. Neither end knows the other.
	"salesforce": {},
	"httpx":      {"."},

	// The simulator, which shares nothing with what it proves. Its parts are pure but for
	// bulk, and none knows an org.
	"sandbox": {"sandbox/bulk", "sandbox/formula", "sandbox/payload", "sandbox/schema", "sandbox/soap",
		"sandbox/soql", "sandbox/sosl", "sandbox/table"},
	"sandbox/bulk":    {},
	"sandbox/formula": {},
	"sandbox/payload": {},
	"sandbox/schema":  {},
	"sandbox/soap":    {},
	"sandbox/soql":    {},
	"sandbox/sosl":    {"sandbox/soql"},
	"sandbox/table":   {},

	// The effects; they declare the interfaces they need. The connection speaks OAuth with
	// Salesforce itself and opens the client that the gateway is given.
	"engine":     {".", "mapping", "identity", "reconcile"},
	"directory":  {".", "mapping", "identity", "reconcile"},
	"connection": {".", "mapping", "identity", "reconcile", "secret", "salesforce"},
	"account":    {".", "secret"},
	"notify":     {".", "secret"},

	// Those who implement the interfaces, never importing each other. The gateway answers
	// in the engine's own words for pages and outcomes.
	"store":   {".", "config"},
	"gateway": {".", "mapping", "salesforce"},

	// Who calls the effects: people, programs, time.
	"runner": {".", "engine", "directory", "account", "connection", "notify"},
	"api":    {".", "engine", "directory", "account", "connection", "notify", "httpx"},
	"web":    {".", "engine", "directory", "account", "connection", "notify", "httpx"},

	// It measures whole processes, and knows the two APIs and no code.
	"bench": {},

	// Where everything meets.
	"cmd": {".", "config", "secret", "obs", "mapping", "identity", "reconcile", "salesforce", "sandbox", "httpx",
		"engine", "directory", "connection", "account", "notify", "store", "gateway", "runner", "api", "web", "bench"},

	// Imported by tests only: no line above names them.
	"testkit":         {},
	"scripts":         {},
	"scripts/agree":   {},               // a program that tests run: it knows the two APIs and no code
	"prove/mutate":    {"prove/proofs"}, // a command of its own; the rest of prove is tests
	"prove/proofs":    {},
	"store/storetest": {".", "store", "testkit"},
}

// onlyIn names the parts that may import a package from outside this module, or one
// below it.
var onlyIn = map[string][]string{
	"net/http":                    {"salesforce", "sandbox", "notify", "httpx", "api", "web", "cmd", "bench", "scripts/agree"},
	"golang.org/x/oauth2":         {"salesforce"},
	"database/sql":                {"store", "store/storetest", "runner"}, // runner: River's drivers take it
	"github.com/jackc/pgx/v5":     {"store", "store/storetest", "runner", "testkit", "bench"},
	"modernc.org/sqlite":          {"store"},
	"github.com/riverqueue/river": {"runner"},
	"riverqueue.com/riverui":      {"runner"},
	"golang.org/x/crypto/argon2":  {"account"},

	"github.com/a-h/templ":                {"web"},
	"github.com/alecthomas/kong":          {"cmd"},
	"github.com/alexedwards/scs/v2":       {"web"},
	"github.com/brianvoe/gofakeit/v7":     {"sandbox"},
	"github.com/danielgtaylor/huma/v2":    {"api"},
	"github.com/pressly/goose/v3":         {"store"},
	"github.com/prometheus/client_golang": {"obs", "httpx"},

	// What only tests are made of.
	"testing":                         {"testkit", "store/storetest"},
	"github.com/chromedp/chromedp":    {"testkit"},
	"github.com/google/go-cmp":        {"testkit", "store/storetest"},
	"github.com/rogpeppe/go-internal": {},
	"go.uber.org/goleak":              {},
	"pgregory.net/rapid":              {"store/storetest"},
}

// pure parts are functions of their arguments. They import nothing that does I/O, reads
// a clock, logs, or can be cancelled.
var pure = []string{".", "mapping", "identity", "reconcile",
	"sandbox/formula", "sandbox/payload", "sandbox/soap", "sandbox/soql", "sandbox/sosl", "sandbox/table"}

var impure = []string{"context", "os", "log", "net/http", "io/fs", "math/rand", "crypto/rand"}

// mayReadClock are the edges. Everything else is given a clock.
var mayReadClock = []string{"cmd", "runner", "httpx", "salesforce", "sandbox", "testkit", "prove/mutate", "bench"}

// maxMethods is how many methods an interface may declare itself; what it embeds was
// counted there.
const maxMethods = 8

// listed is what `go list` says of a package, test files left out.
type listed struct {
	ImportPath string
	Dir        string
	GoFiles    []string
	Imports    []string
}

func packages(t *testing.T) []listed {
	t.Helper()
	out, err := exec.Command("go", "list", "-e", "-json=ImportPath,Dir,GoFiles,Imports", "./...").Output()
	if err != nil {
		t.Fatalf("go list: %v", err)
	}
	var all []listed
	for decoder := json.NewDecoder(bytes.NewReader(out)); ; {
		var p listed
		if err := decoder.Decode(&p); errors.Is(err, io.EOF) {
			return all
		} else if err != nil {
			t.Fatalf("read what go list says: %v", err)
		}
		if len(p.GoFiles) > 0 { // a folder of tests alone is no part
			all = append(all, p)
		}
	}
}

// partOf returns the part that a package of this module belongs to, the nearest one in
// the table at or above its folder; ok is false for packages of others.
func partOf(importPath string) (part string, ok bool) {
	folder, ok := strings.CutPrefix(importPath+"/", "conversion/")
	if !ok {
		return "", false
	}
	folder = path.Clean(strings.TrimPrefix(folder, "internal/"))
	for part = folder; part != "."; part = path.Dir(part) {
		if _, known := mayImport[part]; known {
			return part, true
		}
	}
	return folder, true
}

func TestEveryPartIsInTheTable(t *testing.T) {
	t.Parallel()
	for _, p := range packages(t) {
		if part, _ := partOf(p.ImportPath); mayImport[part] == nil {
			t.Errorf("%s belongs to no part of the house; add it to the table and to docs/architecture.md", p.ImportPath)
		}
	}
}

func TestArrowsPointDownOnly(t *testing.T) {
	t.Parallel()
	for _, p := range packages(t) {
		from, _ := partOf(p.ImportPath)
		for _, imported := range p.Imports {
			to, ours := partOf(imported)
			if ours && to != from && !slices.Contains(mayImport[from], to) {
				t.Errorf("%s imports %s: %s may not import %s", p.ImportPath, imported, from, to)
			}
		}
	}
}

func TestOutsidePackagesStayWhereTheyBelong(t *testing.T) {
	t.Parallel()
	for _, p := range packages(t) {
		part, _ := partOf(p.ImportPath)
		for _, imported := range p.Imports {
			for outside, parts := range onlyIn {
				if within(imported, outside) && !slices.Contains(parts, part) {
					t.Errorf("%s imports %s, which belongs in %v only", p.ImportPath, imported, parts)
				}
			}
			if slices.Contains(pure, part) && slices.ContainsFunc(impure, func(i string) bool { return within(imported, i) }) {
				t.Errorf("%s imports %s, but %s is pure", p.ImportPath, imported, part)
			}
		}
	}
}

func within(imported, root string) bool {
	return imported == root || strings.HasPrefix(imported, root+"/")
}

func TestClocksAreReadAtTheEdgesOnly(t *testing.T) {
	t.Parallel()
	eachFile(t, func(part string, file *ast.File, at func(ast.Node) string) {
		if slices.Contains(mayReadClock, part) {
			return
		}
		ast.Inspect(file, func(n ast.Node) bool {
			selector, ok := n.(*ast.SelectorExpr)
			if !ok {
				return true
			}
			name := selector.Sel.Name
			if pkg, ok := selector.X.(*ast.Ident); ok && pkg.Name == "time" && slices.Contains([]string{"Now", "Since", "Until"}, name) {
				t.Errorf("%s: time.%s in %s, which is to be given a clock", at(n), name, part)
			}
			return true
		})
	})
}

func TestInterfacesAreNarrow(t *testing.T) {
	t.Parallel()
	eachFile(t, func(_ string, file *ast.File, at func(ast.Node) string) {
		ast.Inspect(file, func(n ast.Node) bool {
			if i, ok := n.(*ast.InterfaceType); ok && declared(i) > maxMethods {
				t.Errorf("%s: an interface of %d methods; at most %d", at(n), declared(i), maxMethods)
			}
			return true
		})
	})
}

// declared counts the methods of an interface that it does not embed.
func declared(i *ast.InterfaceType) int {
	n := 0
	for _, method := range i.Methods.List {
		n += len(method.Names)
	}
	return n
}

// eachFile parses every file that is not a test and hands it over with its part and a
// function that says where a node is.
func eachFile(t *testing.T, visit func(part string, file *ast.File, at func(ast.Node) string)) {
	t.Helper()
	for _, p := range packages(t) {
		part, _ := partOf(p.ImportPath)
		for _, name := range p.GoFiles {
			files := token.NewFileSet()
			file, err := parser.ParseFile(files, filepath.Join(p.Dir, name), nil, parser.SkipObjectResolution)
			if err != nil {
				t.Errorf("parse: %v", err)
				continue
			}
			visit(part, file, func(n ast.Node) string { return files.Position(n.Pos()).String() })
		}
	}
}
