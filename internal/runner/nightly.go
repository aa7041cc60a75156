package runner

import (
	"context"
	"fmt"
	"time"

	"github.com/riverqueue/river"

	"conversion"
)

// tidyJob removes what is old of one workspace (spec 7.6). It is a day's: two runners that
// find it due do it once, or twice to no effect.
type tidyJob struct {
	WorkspaceID string `json:"workspace_id"`
	Day         string `json:"day"`
}

func (tidyJob) Kind() string                 { return "tidy" }
func (j tidyJob) key() string                { return "tidy " + j.WorkspaceID }
func (tidyJob) InsertOpts() river.InsertOpts { return once }

func (j tidyJob) run(ctx context.Context, cfg Config) error {
	return cfg.Tidy(ctx, j.WorkspaceID, conversion.MomentOf(cfg.Now()))
}

// nightFrom is the hour, in UTC, from which a new day's tidying is due.
const nightFrom = 2 * time.Hour

// enqueueNightly puts a job for each workspace into the queue, when this runner starts and
// then once a night.
func (r *Runner) enqueueNightly(ctx context.Context) error {
	day := r.cfg.Now().UTC().Add(-nightFrom).Format(time.DateOnly)
	if r.cfg.Tidy == nil || day == r.tidied {
		return nil
	}
	workspaces, err := r.cfg.Workspaces(ctx)
	if err != nil {
		return fmt.Errorf("list the workspaces: %w", err)
	}
	var jobs []river.InsertManyParams
	for _, w := range workspaces {
		jobs = append(jobs, river.InsertManyParams{Args: tidyJob{w.ID, day}})
	}
	if len(jobs) > 0 {
		if _, err := r.queue.InsertMany(ctx, jobs); err != nil {
			return fmt.Errorf("queue the night's tidying: %w", err)
		}
	}
	r.tidied = day
	return nil
}
