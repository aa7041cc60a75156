package main

import (
	"context"
	"fmt"

	"conversion"
)

type heldCmd struct {
	List  heldListCmd  `cmd:"" default:"withargs" help:"List what could not be synced, and why."`
	Retry heldRetryCmd `cmd:"" help:"Try again at once what is held: by ids, by cause, or all."`
}

type heldListCmd struct {
	at
	Cause  string            `help:"Only what has this cause." placeholder:"CAUSE"`
	Object conversion.Object `help:"Only of this object: Lead, Contact or Account." enum:",Lead,Contact,Account" default:""`
	Groups bool              `help:"Show the causes with their numbers instead."`
	JSON   bool              `help:"Print JSON."`
}

// heldFact is what is held as --json prints it.
type heldFact struct {
	ID       string            `json:"id"`
	EntityID string            `json:"entity_id"`
	Name     string            `json:"entity_name,omitempty"`
	Object   conversion.Object `json:"object"`
	RecordID string            `json:"record_id,omitempty"`
	Field    string            `json:"field,omitempty"`
	Cause    string            `json:"cause"`
	Fix      conversion.Fix    `json:"fix,omitempty"`
	Code     string            `json:"code"`
	Message  string            `json:"message"`
	Hint     string            `json:"hint,omitempty"`
	User     string            `json:"user,omitempty"`
	Since    string            `json:"since"`
	RetryAt  string            `json:"retry_at,omitempty"`
}

// heldGroupFact is a cause as --groups --json prints it.
type heldGroupFact struct {
	Cause   string         `json:"cause"`
	Count   int            `json:"count"`
	Fix     conversion.Fix `json:"fix,omitempty"`
	Message string         `json:"message"`
	Hint    string         `json:"hint,omitempty"`
}

// Run lists everything that is held, page by page.
func (c *heldListCmd) Run(ctx context.Context, t terminal) error {
	if c.Groups && (c.Cause != "" || c.Object != "") {
		return fmt.Errorf("%w: --groups shows all causes; leave out --cause and --object", errUsage)
	}
	return c.within(ctx, t, func(a *app, w conversion.Workspace) error {
		if c.Groups {
			return c.groups(ctx, t, a, w)
		}
		facts, lines := []heldFact{}, []string{}
		for f := (conversion.HeldFilter{Cause: c.Cause, Object: c.Object, Limit: 1000}); ; {
			rows, next, err := a.store.Workspace(w.ID).Held(ctx, f)
			if err != nil {
				return err
			}
			for _, h := range rows {
				facts, lines = append(facts, heldFactOf(h)), append(lines, heldLine(h))
			}
			if f.After = next; next == "" {
				break
			}
		}
		return t.facts(c.JSON, facts, orNothing(lines)...)
	})
}

func (c *heldListCmd) groups(ctx context.Context, t terminal, a *app, w conversion.Workspace) error {
	facts, lines := []heldGroupFact{}, []string{}
	for after := ""; ; {
		groups, next, err := a.store.Workspace(w.ID).HeldGroups(ctx, after, 1000)
		if err != nil {
			return err
		}
		for _, g := range groups {
			facts = append(facts, heldGroupFact{g.Cause, g.Count, g.Fix, g.Message, g.Hint})
			lines = append(lines, fmt.Sprintf("%8d  %s\n          %s %s", g.Count, g.Cause, g.Message, g.Hint))
		}
		if after = next; next == "" {
			break
		}
	}
	return t.facts(c.JSON, facts, orNothing(lines)...)
}

func heldFactOf(h conversion.Held) heldFact {
	user := h.UserName
	if user == "" {
		user = h.UserID
	}
	return heldFact{
		ID: h.ID, EntityID: h.EntityID, Name: h.Name, Object: h.Ref.Object, RecordID: h.Ref.ID, Field: h.Field, Cause: h.Cause, Fix: h.Fix,
		Code: h.Code, Message: h.Message, Hint: h.Hint, User: user, Since: h.Since.String(), RetryAt: h.Retry.String(),
	}
}

// heldLine tells a person of one held row.
func heldLine(h conversion.Held) string {
	what := string(h.Ref.Object)
	if h.Field != "" {
		what += "." + h.Field
	}
	f := heldFactOf(h)
	by := ""
	if f.User != "" {
		by = " By " + f.User + "."
	}
	return fmt.Sprintf("%s  %s  %s\n  %s%s %s", h.ID, what, h.Name, h.Message, by, h.Hint)
}

func orNothing(lines []string) []string {
	if len(lines) == 0 {
		return []string{"Nothing is held."}
	}
	return lines
}

type heldRetryCmd struct {
	at
	IDs      []string `arg:"" optional:"" help:"Ids of held rows, as held list shows them." placeholder:"ID" name:"ids"`
	Cause    string   `help:"All that has this cause." placeholder:"CAUSE"`
	All      bool     `help:"All that is held."`
	NotThere bool     `help:"The records are not in Salesforce: create them at once. Only with ids of the cause OUTCOME_UNKNOWN."`
	JSON     bool     `help:"Print JSON."`
}

// Run lets what was chosen go with the next push of a running serve, or the next sync.
func (c *heldRetryCmd) Run(ctx context.Context, t terminal) error {
	chosen := 0
	for _, one := range []bool{len(c.IDs) > 0, c.Cause != "", c.All} {
		if one {
			chosen++
		}
	}
	if chosen != 1 || len(c.IDs) > 1000 {
		return fmt.Errorf("%w: give up to 1,000 ids, or --cause, or --all", errUsage)
	}
	if c.NotThere && len(c.IDs) == 0 {
		return fmt.Errorf("%w: --not-there goes with ids only", errUsage)
	}
	return c.within(ctx, t, func(a *app, w conversion.Workspace) error {
		n, err := c.retry(ctx, a, w)
		if err != nil {
			return err
		}
		return t.facts(c.JSON, map[string]int{"retried": n}, fmt.Sprintf("Tried again: %d.", n))
	})
}

func (c *heldRetryCmd) retry(ctx context.Context, a *app, w conversion.Workspace) (int, error) {
	if c.NotThere {
		return a.directory.NotThere(ctx, w.ID, c.IDs, byCommand)
	}
	return a.directory.RetryHeld(ctx, w.ID, conversion.HeldFilter{IDs: c.IDs, Cause: c.Cause}, byCommand)
}
