package main

import (
	"errors"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// mutant is one thing that is done wrong; its name says where and what, and stays the same
// as long as these do.
type mutant struct {
	number int // from 1; 0: nothing is done wrong
	part   string
	name   string
}

// copied are the sources with all mutants in them.
type copied struct {
	mutants []mutant
	overlay string // a file for go build -overlay
}

// kinds says what is done wrong in which part.
var kinds = map[string]func(*source){
	"identity":  (*source).conditions,
	"reconcile": (*source).conditions,
	"engine":    (*source).steps,
}

// mutated writes the sources with all mutants into the folder.
func mutated(folder string) (copied, error) {
	var c copied
	replace := make(map[string]string)
	for _, part := range []string{"identity", "reconcile", "engine"} {
		paths, err := filepath.Glob(filepath.Join("internal", part, "*.go"))
		if err != nil {
			return c, err
		}
		paths = slices.DeleteFunc(paths, func(p string) bool { return strings.HasSuffix(p, "_test.go") })
		for _, path := range append(paths, filepath.Join("internal", part, "mutants_of_this_build.go")) {
			text, err := c.text(part, path)
			if err != nil {
				return c, err
			}
			to := filepath.Join(folder, part+"_"+filepath.Base(path))
			if err := os.WriteFile(to, []byte(text), 0o600); err != nil {
				return c, err
			}
			replace[path] = to
		}
	}
	var err error
	c.overlay, err = writeOverlay(folder, replace)
	return c, err
}

// text returns a file with its mutants in it; one that is not there is the part's switch.
func (c *copied) text(part, path string) (string, error) {
	before, err := os.ReadFile(path)
	if os.IsNotExist(err) {
		return "package " + part + switchText, nil
	}
	if err != nil {
		return "", err
	}
	s := source{part: part, path: path, text: string(before), files: token.NewFileSet(), first: len(c.mutants) + 1}
	if s.file, err = parser.ParseFile(s.files, path, before, parser.SkipObjectResolution); err != nil {
		return "", err
	}
	kinds[part](&s)
	if len(s.cannot) > 0 {
		return "", errors.New(strings.Join(s.cannot, "\n"))
	}
	c.mutants = append(c.mutants, s.mutants...)
	return s.rewritten(), nil
}

// switchText is what of a part knows which mutant is alive.
const switchText = `

import (
	"os"
	"strconv"
)

var mutantAlive, _ = strconv.Atoi(os.Getenv("MUTANT"))

func mutantFlips[B ~bool](number int, condition B) B {
	return condition != B(number == mutantAlive)
}

func mutantMisses(number int, chosen bool) bool { return chosen && number != mutantAlive }

func mutantSkips(number int, step func() error) error {
	if number == mutantAlive {
		return nil
	}
	return step()
}

func mutantSkipsAnd[T any](number int, instead T, step func() (T, error)) (T, error) {
	if number == mutantAlive {
		return instead, nil
	}
	return step()
}

var _, _, _, _ = mutantFlips[bool], mutantMisses, mutantSkips, mutantSkipsAnd[bool]
`

// source is a file with the places in which something is done wrong.
type source struct {
	part, path string
	text       string
	files      *token.FileSet
	file       *ast.File
	first      int // number of its first mutant
	mutants    []mutant
	inserts    []insert
	function   string
	known      map[string]int
	cannot     []string // what there is no mutant for, and has to be written otherwise
}

// insert is a text put in before an offset. Of two at one offset that of the outer
// expression comes first where expressions begin, and last where they end.
type insert struct {
	at    int
	text  string
	depth int
}

func (s *source) rewritten() string {
	slices.SortStableFunc(s.inserts, func(a, b insert) int {
		if a.at != b.at {
			return a.at - b.at
		}
		return a.depth - b.depth
	})
	var b strings.Builder
	last := 0
	for _, i := range s.inserts {
		b.WriteString(s.text[last:i.at])
		b.WriteString(i.text)
		last = i.at
	}
	b.WriteString(s.text[last:])
	return b.String()
}

// wrap puts an expression into a call that may do something else.
func (s *source) wrap(e ast.Expr, what, before, after string) {
	from, to := s.files.Position(e.Pos()).Offset, s.files.Position(e.End()).Offset
	text := strings.Join(strings.Fields(s.text[from:to]), " ")
	name := fmt.Sprintf("%s/%s %s %s %s", s.part, filepath.Base(s.path), s.function, what, text)
	if s.known == nil {
		s.known = make(map[string]int)
	}
	if s.known[name]++; s.known[name] > 1 {
		name = fmt.Sprintf("%s (%d)", name, s.known[name])
	}
	number := s.first + len(s.mutants)
	s.mutants = append(s.mutants, mutant{number, s.part, name})
	// Closing ones come before whatever opens at the same offset; longer expressions open
	// first and close last.
	s.inserts = append(s.inserts,
		insert{from, fmt.Sprintf(before, number), 1_000_000 - to},
		insert{to, after, -1_000_000 - from})
}

// walk visits every function with its name.
func (s *source) walk(visit func(ast.Node)) {
	for _, d := range s.file.Decls {
		s.function = ""
		if f, ok := d.(*ast.FuncDecl); ok {
			s.function = f.Name.Name
		}
		ast.Inspect(d, func(n ast.Node) bool {
			if n != nil {
				visit(n)
			}
			return true
		})
	}
}

// conditions negates everything that is true or false by its form: what is branched on, its
// parts, and comparisons that are returned, passed on or assigned; and leaves out each case
// of a choice.
func (s *source) conditions() {
	done := make(map[ast.Expr]bool)
	negate := func(e ast.Expr) {
		if e != nil && !done[e] {
			done[e] = true
			s.wrap(e, "not", "mutantFlips(%d, ", ")")
		}
	}
	s.walk(func(n ast.Node) {
		switch n := n.(type) {
		case *ast.IfStmt:
			negate(n.Cond)
		case *ast.ForStmt:
			negate(n.Cond)
		case *ast.SwitchStmt:
			for _, e := range cases(n) {
				if n.Tag == nil {
					negate(e)
				} else {
					s.wrap(e, "misses", "mutantMisses(%d, mutantTag == (", "))")
				}
			}
			if n.Tag != nil {
				s.asConditions(n)
			}
		case *ast.BinaryExpr:
			switch n.Op {
			case token.LAND, token.LOR:
				negate(n)
				negate(n.X)
				negate(n.Y)
			case token.EQL, token.NEQ, token.LSS, token.LEQ, token.GTR, token.GEQ:
				negate(n)
			}
		}
	})
}

// cases are what a switch compares with, or the conditions it asks for.
func cases(n *ast.SwitchStmt) (all []ast.Expr) {
	for _, clause := range n.Body.List {
		all = append(all, clause.(*ast.CaseClause).List...)
	}
	return all
}

// asConditions lets a switch over a value ask for conditions, which its cases have become.
func (s *source) asConditions(n *ast.SwitchStmt) {
	if n.Init != nil {
		s.cannot = append(s.cannot, s.files.Position(n.Pos()).String()+": a switch with a statement before its value")
	}
	from, to := s.files.Position(n.Tag.Pos()).Offset, s.files.Position(n.Tag.End()).Offset
	s.inserts = append(s.inserts,
		insert{from, "mutantTag := ", 1_000_000 - to - 1},
		insert{to, ";", -1_000_000 - from + 1})
}

// durable are the engine's calls that store or send something.
var durable = map[string]bool{
	"commit": true, "AddRuns": true, "UpdateRun": true, "FailRunning": true, "SaveVariables": true,
	"SaveSyncState": true, "SaveProgress": true, "SaveUsers": true, "Renew": true, "Release": true,
	"AddPreview": true, "AddToPreview": true, "FinishPreview": true, "BeginApplying": true, "WakeHeld": true,
	"Spend": true, "Measured": true, "Rest": true, "Resume": true, "SavePile": true,
}

// steps leaves out every durable step.
func (s *source) steps() {
	s.walk(func(n ast.Node) {
		call, ok := n.(*ast.CallExpr)
		if !ok {
			return
		}
		f, ok := call.Fun.(*ast.SelectorExpr)
		switch {
		case !ok:
		case durable[f.Sel.Name]:
			s.wrap(call, "without", "mutantSkips(%d, func() error { return ", " })")
		case f.Sel.Name == "Write" && strings.HasSuffix(s.textOf(f.X), "Target"):
			s.wrap(call, "without", "mutantSkipsAnd(%d, nil, func() ([]conversion.Outcome, error) { return ", " })")
		case f.Sel.Name == "Reserve": // whoever asks is told that it fits
			s.wrap(call, "without", "mutantSkipsAnd(%d, true, func() (bool, error) { return ", " })")
		}
	})
}

func (s *source) textOf(e ast.Expr) string {
	return s.text[s.files.Position(e.Pos()).Offset:s.files.Position(e.End()).Offset]
}
