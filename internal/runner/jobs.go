package runner

import (
	"context"
	"log/slog"

	"github.com/riverqueue/river"
	"github.com/riverqueue/river/rivertype"
)

type insertResult = rivertype.JobInsertResult

// job is one kind of work on one workspace.
type job interface {
	river.JobArgs
	key() string
	run(ctx context.Context, cfg Config) error
}

type cycleJob struct {
	WorkspaceID string `json:"workspace_id"`
	Epoch       string `json:"epoch"` // the runner that found it due
}

func (cycleJob) Kind() string  { return "cycle" }
func (j cycleJob) key() string { return "cycle " + j.WorkspaceID }

func (j cycleJob) run(ctx context.Context, cfg Config) error {
	return cfg.Engine.Cycle(ctx, j.WorkspaceID)
}
func (cycleJob) InsertOpts() river.InsertOpts { return once }

type pushJob struct {
	WorkspaceID string `json:"workspace_id"`
	Epoch       string `json:"epoch"`
}

func (pushJob) Kind() string  { return "push" }
func (j pushJob) key() string { return "push " + j.WorkspaceID }

func (j pushJob) run(ctx context.Context, cfg Config) error {
	return cfg.Engine.Push(ctx, j.WorkspaceID)
}
func (pushJob) InsertOpts() river.InsertOpts { return once }

// loadJob helps with the pages of a workspace's first load.
type loadJob struct {
	WorkspaceID string `json:"workspace_id"`
	Epoch       string `json:"epoch"`
}

func (loadJob) Kind() string  { return "load" }
func (j loadJob) key() string { return "load " + j.WorkspaceID }

func (j loadJob) run(ctx context.Context, cfg Config) error {
	return cfg.Engine.Help(ctx, j.WorkspaceID)
}
func (loadJob) InsertOpts() river.InsertOpts { return once }

// once keeps one job of a kind, workspace and runner in the queue. The job of a runner that
// was killed stays there as running until River rescues it, and must not hold up the next
// one: the leases keep two from doing one thing. A job is never tried again by
// River: what is still due is found by the next look.
var once = river.InsertOpts{
	MaxAttempts: 1,
	UniqueOpts: river.UniqueOpts{ByArgs: true, ByState: []rivertype.JobState{
		rivertype.JobStateAvailable, rivertype.JobStatePending, rivertype.JobStateRunning,
		rivertype.JobStateRetryable, rivertype.JobStateScheduled,
	}},
}

type worker[J job] struct {
	river.WorkerDefaults[J]
	runner *Runner
}

// Work runs the job, which any process may have put there, unless it failed here a moment
// ago. Its failure is logged and stored by the engine; the queue is told that
// the job is over.
func (w *worker[J]) Work(ctx context.Context, j *river.Job[J]) error {
	if !w.runner.mayTry(j.Args) {
		return nil
	}
	err := j.Args.run(ctx, w.runner.cfg)
	w.runner.ended(j.Args, err)
	if w.runner.failed(err) {
		w.runner.cfg.Logger.Warn("work failed", "job", j.Args.key(), "error", err)
	}
	return nil
}

// warnings lets River log only what an operator should see.
type warnings struct{ slog.Handler }

// Enabled implements slog.Handler.
func (h warnings) Enabled(ctx context.Context, level slog.Level) bool {
	return level >= slog.LevelWarn && h.Handler.Enabled(ctx, level)
}

// WithAttrs implements slog.Handler.
func (h warnings) WithAttrs(attrs []slog.Attr) slog.Handler {
	return warnings{h.Handler.WithAttrs(attrs)}
}

// WithGroup implements slog.Handler.
func (h warnings) WithGroup(name string) slog.Handler { return warnings{h.Handler.WithGroup(name)} }
