package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"conversion/internal/prove/proofs"
)

const (
	rulesFile = "internal/prove/mutate/rules.txt"
	proofPage = "docs/proof.md"
)

// trial is what the breaches are tried with.
type trial struct {
	flags
	folder   string // for what is built
	rows     map[string]proofs.Row
	patience map[string]time.Duration // by package: how long none of its tests may end
}

// runRules breaks one rule after another and expects the tests that docs/proof.md names for
// it to notice.
func runRules(ctx context.Context, f flags) error {
	all, err := breaches(rulesFile)
	if err != nil {
		return fmt.Errorf("read the breaches: %w", err)
	}
	wanted, err := f.wanted()
	if err != nil {
		return err
	}
	all = slices.DeleteFunc(all, func(b breach) bool { return !wanted(b.row) })
	t := trial{flags: f, rows: make(map[string]proofs.Row), patience: make(map[string]time.Duration)}
	rows, _, err := proofs.Read(proofPage)
	if err != nil {
		return err
	}
	for _, r := range rows {
		t.rows[r.Name()] = r
	}
	if t.folder, err = os.MkdirTemp("", "mutate"); err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(t.folder) }()
	if err := t.unbroken(ctx, all); err != nil {
		return err
	}
	return t.tryAll(ctx, all)
}

// unbroken holds the tests of all breaches to pass as long as nothing is broken.
func (t trial) unbroken(ctx context.Context, all []breach) error {
	tests := make(map[string][]string)
	for _, b := range all {
		for _, h := range t.rows[b.row].Held {
			tests[h.Package] = append(tests[h.Package], h.Tests...)
		}
	}
	for _, part := range slices.Sorted(maps.Keys(tests)) {
		s, err := t.stage(proofs.Held{Package: part, Tests: tests[part]}, "")
		if err != nil {
			return err
		}
		if err := build(ctx, t.folder, "", []stage{s}); err != nil {
			return err
		}
		if err := s.measure(ctx, t.folder, t.jobs); err != nil {
			return err
		}
		t.patience[part] = s.patience
	}
	return nil
}

// stage asks the tests of one package.
func (t trial) stage(h proofs.Held, overlay string) (stage, error) {
	s := stage{name: "tests of " + h.Package, folder: h.Folder(), patience: t.patience[h.Package]}
	s.args = []string{"-test.run=^" + strings.Join(h.Tests, "$|^") + "$"}
	if overlay != "" {
		s.env = []string{"GOFLAGS=-overlay=" + overlay} // for tests that build the program themselves
	}
	draws, err := drawsHistories(s.folder)
	if draws {
		s.args = append(s.args, "-rapid.seed=1", "-rapid.shrinktime=0s", "-rapid.nofailfile")
	}
	if h.Package == "prove" {
		s.args = append(s.args, fmt.Sprintf("-rapid.checks=%d", t.histories), "-shorten=false")
	}
	return s, err
}

// drawsHistories reports whether the tests in a folder know the flags of rapid.
func drawsHistories(folder string) (bool, error) {
	paths, err := filepath.Glob(filepath.Join(folder, "*_test.go"))
	if err != nil {
		return false, err
	}
	for _, path := range paths {
		text, err := os.ReadFile(path)
		if err != nil || strings.Contains(string(text), `"pgregory.net/rapid"`) {
			return true, err
		}
	}
	return false, nil
}

// tryAll tries the breaches, some at once, and tells of those that nobody noticed.
func (t trial) tryAll(ctx context.Context, all []breach) error {
	var mu sync.Mutex // guards wrong and done
	var wrong []error
	began, done := time.Now(), 0
	queue := make(chan breach)
	var workers sync.WaitGroup
	for range t.jobs {
		workers.Go(func() {
			for b := range queue {
				from := time.Now()
				err := t.try(ctx, b)
				mu.Lock()
				said := "noticed"
				if done++; err != nil {
					said, wrong = err.Error(), append(wrong, fmt.Errorf("%s: %w", b.row, err))
				}
				fmt.Printf("%d/%d %s (%.1fs): %s\n", done, len(all), b.row, time.Since(from).Seconds(), said)
				mu.Unlock()
			}
		})
	}
	for _, b := range all {
		if ctx.Err() == nil {
			queue <- b
		}
	}
	close(queue)
	workers.Wait()
	if ctx.Err() != nil {
		return ctx.Err()
	}
	fmt.Printf("%d rules broken, %d unnoticed, %s\n", len(all), len(wrong), time.Since(began).Round(time.Second))
	return errors.Join(wrong...)
}

// try asks the tests of the row, package after package, until one fails.
func (t trial) try(ctx context.Context, b breach) error {
	folder, err := os.MkdirTemp(t.folder, "breach")
	if err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(folder) }()
	overlay, err := b.overlay(folder)
	if err != nil {
		return err
	}
	row, known := t.rows[b.row]
	if !known {
		return fmt.Errorf("it is no row of %s", proofPage)
	}
	for _, h := range row.Held {
		s, err := t.stage(h, overlay)
		if err != nil {
			return err
		}
		if err := build(ctx, folder, overlay, []stage{s}); err != nil {
			return err
		}
		if noticed, _ := s.notices(ctx, folder, mutant{}, t.jobs); noticed {
			return nil
		}
	}
	return fmt.Errorf("NO TEST NOTICES when %s is changed at\n%s", b.file, b.changes[0].before)
}

// overlay writes the changed file into the folder and returns the path of a document for
// go build -overlay.
func (b breach) overlay(folder string) (string, error) {
	before, err := os.ReadFile(b.file)
	if err != nil {
		return "", err
	}
	after, err := b.in(string(before))
	if err != nil {
		return "", err
	}
	to := filepath.Join(folder, filepath.Base(b.file))
	if err := os.WriteFile(to, []byte(after), 0o600); err != nil {
		return "", err
	}
	return writeOverlay(folder, map[string]string{b.file: to})
}

// writeOverlay writes a document for go build -overlay: by path what is read instead.
func writeOverlay(folder string, instead map[string]string) (string, error) {
	replace := make(map[string]string)
	for path, to := range instead {
		absolute, err := filepath.Abs(path)
		if err != nil {
			return "", err
		}
		replace[absolute] = to
	}
	document, err := json.Marshal(map[string]any{"Replace": replace})
	if err != nil {
		return "", err
	}
	overlay := filepath.Join(folder, "overlay.json")
	return overlay, os.WriteFile(overlay, document, 0o600)
}
