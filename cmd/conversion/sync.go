package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"conversion"
	"conversion/internal/engine"
)

type syncCmd struct {
	at
	JSON bool `help:"Print JSON."`
}

// Run asks for a cycle and sees it through: by itself when nothing else is running, else
// the instance that is running does it.
func (c *syncCmd) Run(ctx context.Context, t terminal) error {
	return c.within(ctx, t, func(a *app, w conversion.Workspace) error {
		if _, err := a.connections.Client(ctx, w.ID); err != nil {
			return err // nothing could run: no run is queued, and the error says what to do
		}
		ids, err := a.engine.Request(ctx, w.ID, "manual")
		if err != nil {
			return err
		}
		failure := a.seeThrough(ctx, w.ID, ids)
		runs, err := a.runsOf(ctx, w.ID, ids)
		if err != nil {
			return err
		}
		if err := t.facts(c.JSON, runFacts(runs), runTable(runs)...); err != nil {
			return err
		}
		return failure
	})
}

// seeThrough works or waits until the runs are over.
func (a *app) seeThrough(ctx context.Context, workspaceID string, ids []string) error {
	ticker := time.NewTicker(200 * time.Millisecond)
	defer ticker.Stop()
	var next conversion.Moment // before then there is nothing to do
	for {
		var err error
		if now := conversion.MomentOf(a.now()); now >= next {
			err = a.engine.Cycle(ctx, workspaceID)
		}
		if later, ok := errors.AsType[*engine.LaterError](err); ok {
			next, err = later.Until, nil
		}
		if err != nil && !errors.Is(err, engine.ErrBusy) {
			return err
		}
		runs, err := a.runsOf(ctx, workspaceID, ids)
		if err != nil {
			return err
		}
		if !slices.ContainsFunc(runs, unfinished) {
			return firstFailure(runs)
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-ticker.C:
		}
	}
}

func unfinished(r conversion.Run) bool {
	return r.Status == conversion.RunQueued || r.Status == conversion.RunRunning
}

func firstFailure(runs []conversion.Run) error {
	for _, r := range runs {
		if r.Status == conversion.RunFailed {
			return conversion.Errorf(conversion.CodeUnavailable, "The sync failed: %s", r.Error)
		}
	}
	return nil
}

func (a *app) runsOf(ctx context.Context, workspaceID string, ids []string) ([]conversion.Run, error) {
	var runs []conversion.Run
	for _, id := range ids {
		r, err := a.store.Workspace(workspaceID).Run(ctx, id)
		if err != nil {
			return nil, err
		}
		runs = append(runs, r)
	}
	return runs, nil
}

func runTable(runs []conversion.Run) []string {
	lines := []string{fmt.Sprintf("%-9s %-8s %-7s %8s %8s %8s %8s %6s", "direction", "object", "status", "created", "updated", "deleted", "skipped", "held")}
	for _, r := range runs {
		lines = append(lines, fmt.Sprintf("%-9s %-8s %-7s %8d %8d %8d %8d %6d", r.Direction, r.Object, r.Status,
			r.Counts.Created, r.Counts.Updated, r.Counts.Deleted, r.Counts.Skipped, r.Counts.Held))
	}
	return append(lines, waitingNotes(runs)...)
}

// waitingNotes say what runs that are queued wait for, each reason once.
func waitingNotes(runs []conversion.Run) (notes []string) {
	for _, r := range runs {
		if note := "waits: " + strings.TrimPrefix(r.Note, "Waits: "); r.Status == conversion.RunQueued && r.Note != "" && !slices.Contains(notes, note) {
			notes = append(notes, note)
		}
	}
	return notes
}

// runFact is a run as --json prints it.
type runFact struct {
	ID        string               `json:"id"`
	Direction conversion.Direction `json:"direction"`
	Object    conversion.Object    `json:"object"`
	Status    conversion.RunStatus `json:"status"`
	Counts    conversion.Counts    `json:"counts"`
	Error     string               `json:"error,omitempty"`
	Note      string               `json:"note,omitempty"` // what a queued run waits for
}

func runFacts(runs []conversion.Run) []runFact {
	facts := make([]runFact, len(runs))
	for i, r := range runs {
		facts[i] = runFact{r.ID, r.Direction, r.Object, r.Status, r.Counts, r.Error, r.Note}
	}
	return facts
}

type statusCmd struct {
	at
	JSON bool `help:"Print JSON."`
}

// statusFact is the state of a connection as --json prints it.
type statusFact struct {
	Status       conversion.Status `json:"status"`
	Message      string            `json:"message,omitempty"`
	Hint         string            `json:"hint,omitempty"`
	LastSyncedAt string            `json:"last_synced_at,omitempty"`
	NextSyncAt   string            `json:"next_sync_at,omitempty"`
	Org          string            `json:"org,omitempty"`
	Held         int               `json:"held"`
	Approvals    int               `json:"approvals"`
	APIUsed      int               `json:"api_used"`
	APILimit     int               `json:"api_limit"`
	APIOurs      int               `json:"api_ours"`
	APIBudget    int               `json:"api_budget"`
	APIForecast  int               `json:"api_forecast"`
	Problems     []problemFact     `json:"field_problems,omitempty"`
}

// problemFact is what is wrong with a Salesforce field (spec 3.4), as --json prints it.
type problemFact struct {
	Object   conversion.Kind `json:"object"`
	Variable string          `json:"variable"`
	Code     string          `json:"code"`
	Message  string          `json:"message"`
	Hint     string          `json:"hint"`
}

// Run shows the state of the connection.
func (c *statusCmd) Run(ctx context.Context, t terminal) error {
	return c.within(ctx, t, func(a *app, w conversion.Workspace) error {
		s, err := a.connections.Status(ctx, w.ID)
		if err != nil {
			return err
		}
		f := statusFact{
			Status: s.Status, Message: s.Message, Hint: s.Hint, Org: s.Org.ID, Held: s.Held, Approvals: s.Approvals,
			LastSyncedAt: s.LastSynced.String(), NextSyncAt: s.NextSync.String(), APIUsed: s.API.Used, APILimit: s.API.Limit,
			APIOurs: s.API.Ours, APIBudget: s.API.Budget, APIForecast: s.API.Forecast,
		}
		if f.Problems, err = a.fieldProblems(ctx, w.ID); err != nil {
			return err
		}
		return t.facts(c.JSON, f, f.lines()...)
	})
}

func (a *app) fieldProblems(ctx context.Context, workspaceID string) (facts []problemFact, err error) {
	for _, kind := range []conversion.Kind{conversion.KindContact, conversion.KindCompany} {
		variables, err := a.directory.Variables(ctx, workspaceID, kind)
		if err != nil {
			return nil, err
		}
		for _, v := range variables {
			for _, p := range v.Standing() {
				facts = append(facts, problemFact{kind, v.Key, p.Code, p.Message, p.Hint})
			}
		}
	}
	return facts, nil
}

// lines are the facts for a person; what there is nothing of is left out.
func (f statusFact) lines() []string {
	lines := []string{string(f.Status)}
	for _, line := range []struct{ label, value string }{
		{"", f.Message}, {"", f.Hint}, {"org ", f.Org}, {"last synced ", f.LastSyncedAt}, {"next sync ", f.NextSyncAt},
		{"held ", some(f.Held)}, {"approvals that wait ", some(f.Approvals)},
	} {
		if line.value != "" {
			lines = append(lines, line.label+line.value)
		}
	}
	for _, p := range f.Problems {
		lines = append(lines, "problem "+p.Message+" "+p.Hint)
	}
	return lines
}

// some is the number as text, "" for none.
func some(n int) string {
	if n == 0 {
		return ""
	}
	return strconv.Itoa(n)
}
