package main

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"time"
)

// stage is a set of tests that may notice a mutant. Every stage is asked about the mutants
// that none before noticed, so that the quick ones do most of the work.
type stage struct {
	name     string
	parts    []string // whose mutants it is asked about; nil: all
	folder   string   // the package of the tests
	args     []string
	env      []string
	patience time.Duration // how long no test may end: a mutant that never ends was noticed
}

// stages are the tests, quick ones first.
func stages(histories int) []stage {
	checks := func(n int) string { return fmt.Sprintf("-rapid.checks=%d", n) }
	return []stage{
		{name: "tests of identity", parts: []string{"identity"}, folder: "internal/identity", args: []string{checks(100), "-rapid.shrinktime=0s", "-rapid.nofailfile"}},
		{name: "tests of reconcile", parts: []string{"reconcile"}, folder: "internal/reconcile", args: []string{checks(100), "-rapid.shrinktime=0s", "-rapid.nofailfile"}},
		{name: "few histories", folder: "internal/prove", args: []string{checks(20), "-rapid.seed=1", "-shorten=false"}},
		{name: "histories", folder: "internal/prove", args: []string{checks(histories), "-rapid.seed=2", "-shorten=false"}},
		{name: "tests of the engine", folder: "internal/engine", args: []string{"-test.short", "-test.skip=" + slow}},
		{name: "slow tests of the engine", folder: "internal/engine", args: []string{"-test.short", "-test.run=" + slow, "-test.skip=TenThousand"}},
	}
}

// slow are the engine's tests that take more than a few seconds.
const slow = "TenThousand|MoreThanAThousand|InBulk|FirstTimeIsNoChange|EveryError|AStopBetween|AnOutageKeeps|ManyNewContacts"

// asks reports whether the stage is asked about a mutant.
func (s stage) asks(m mutant) bool { return s.parts == nil || slices.Contains(s.parts, m.part) }

func (s stage) binary(folder string) string {
	return filepath.Join(folder, strings.ReplaceAll(s.folder, "/", "_")+".test")
}

// build compiles the tests with all mutants in them, each package once.
func build(ctx context.Context, folder, overlay string, stages []stage) error {
	for _, s := range stages {
		to := s.binary(folder)
		if _, err := os.Stat(to); err == nil {
			continue
		}
		compile := exec.CommandContext(ctx, "go", "test", "-c", "-trimpath", "-ldflags=-w", "-overlay", overlay, "-o", to, "./"+s.folder)
		if out, err := compile.CombinedOutput(); err != nil {
			return fmt.Errorf("build the %s with what is done wrong: %w\n%s", s.name, err, out)
		}
	}
	return nil
}

// memory is how much of it in kilobytes a test with a mutant may ask for: one that never
// ends may also never stop growing.
const memory = "6000000"

// notices runs the tests with the mutant alive until the first fails, and returns what they
// said; noticed is false when all pass, or when ctx is done.
func (s stage) notices(ctx context.Context, folder string, m mutant, jobs int) (noticed bool, out *output) {
	limited, cancel := context.WithCancel(ctx)
	defer cancel()
	out = &output{last: time.Now(), patience: s.patience, stop: time.AfterFunc(s.patience, cancel)}
	defer out.stop.Stop()
	script := `ulimit -v ` + memory + ` 2>/dev/null; exec "$0" "$@"`
	run := exec.CommandContext(limited, "sh", append([]string{"-c", script, s.binary(folder), "-test.v", "-test.failfast", "-test.timeout=0"}, s.args...)...)
	run.Dir = s.folder
	run.Env = append(os.Environ(), fmt.Sprintf("MUTANT=%d", m.number), fmt.Sprintf("GOMAXPROCS=%d", max(1, runtime.NumCPU()/jobs)))
	run.Env = append(run.Env, s.env...)
	run.WaitDelay = time.Second
	run.Stdout, run.Stderr = out, out
	err := run.Run()
	return err != nil && ctx.Err() == nil, out
}

// output is what tests say as they end; they are stopped at the first that fails, and when
// none ends for too long.
type output struct {
	bytes.Buffer
	last     time.Time
	silence  time.Duration // the longest
	patience time.Duration
	stop     *time.Timer
}

func (o *output) Write(p []byte) (int, error) {
	o.silence, o.last = max(o.silence, time.Since(o.last)), time.Now()
	wait := o.patience
	if bytes.Contains(p, []byte("--- FAIL: ")) {
		wait = 0
	}
	o.stop.Reset(wait)
	return o.Buffer.Write(p)
}

// measure holds the stage to pass without a mutant, and lets it be patient with one for many
// times as long as any of its tests took.
func (s *stage) measure(ctx context.Context, folder string, jobs int) error {
	s.patience = 10 * time.Minute
	failed, out := s.notices(ctx, folder, mutant{}, jobs)
	if failed {
		return fmt.Errorf("%s: they fail without any mutant:\n%s", s.name, out)
	}
	s.patience = 20*time.Second + 4*out.silence
	return ctx.Err()
}
