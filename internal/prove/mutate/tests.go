package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"
)

// binaries are the tests that may notice a mutant, quick ones first.
type binaries []binary

type binary struct {
	part   string // whose mutants it is asked about; "": all
	folder string // where it runs
	path   string
	args   []string
}

// patience is how long a test of a mutant may take: one that never ends was noticed.
const patience = 10 * time.Minute

// built compiles the tests with all mutants in them, once.
func built(ctx context.Context, folder, overlay string, histories int) (binaries, error) {
	property := fmt.Sprintf("-rapid.checks=%d", histories)
	tests := binaries{
		{"identity", "internal/identity", "", []string{"-rapid.checks=200"}},
		{"reconcile", "internal/reconcile", "", []string{"-rapid.checks=200"}},
		{"", "internal/prove", "", []string{property, "-rapid.seed=1"}},
		{"", "internal/engine", "", []string{"-test.short", "-test.skip=TenThousand"}},
	}
	for i := range tests {
		b := &tests[i]
		b.path = filepath.Join(folder, strings.ReplaceAll(b.folder, "/", "_")+".test")
		build := exec.CommandContext(ctx, "go", "test", "-c", "-overlay", overlay, "-o", b.path, "./"+b.folder)
		if out, err := build.CombinedOutput(); err != nil {
			return nil, fmt.Errorf("build %s with its mutants: %w\n%s", b.folder, err, out)
		}
	}
	return tests, nil
}

// notice runs the tests with the mutant alive and returns the first that fails; "" when
// none does.
func (tests binaries) notice(ctx context.Context, m mutant) (by, said string) {
	for _, b := range tests {
		if m.number != 0 && b.part != "" && b.part != m.part {
			continue
		}
		ctx, cancel := context.WithTimeout(ctx, patience)
		args := append([]string{"-test.failfast", "-test.timeout=" + patience.String()}, b.args...)
		run := exec.CommandContext(ctx, b.path, args...)
		run.Dir = b.folder
		run.Env = append(os.Environ(), fmt.Sprintf("MUTANT=%d", m.number))
		out, err := run.CombinedOutput()
		cancel()
		if err != nil {
			return b.folder, string(out)
		}
	}
	return "", ""
}
