package main

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"

	"conversion"
	"conversion/internal/account"
	"conversion/internal/config"
)

// at is what commands that work on one workspace's database share.
type at struct {
	config.Settings
	Workspace string `help:"Name or id of the workspace; the first by default." placeholder:"NAME"`
}

// within opens the database for one command, and its workspace.
func (c *at) within(ctx context.Context, t terminal, do func(*app, conversion.Workspace) error) error {
	if err := c.Complete(); err != nil {
		return err
	}
	a, err := open(ctx, c.Settings, t.err, "")
	if err != nil {
		return err
	}
	defer a.close()
	w, err := a.workspace(ctx, c.Workspace)
	if err != nil {
		return err
	}
	return do(a, w)
}

// facts prints facts as JSON or as lines for a person.
func (t terminal) facts(asJSON bool, facts any, lines ...string) error {
	if !asJSON {
		_, err := fmt.Fprintln(t.out, strings.Join(lines, "\n"))
		return err
	}
	encoder := json.NewEncoder(t.out)
	encoder.SetIndent("", "  ")
	return encoder.Encode(facts)
}

type keysCmd struct {
	Create keysCreateCmd `cmd:"" help:"Make an API key and print it, alone, on standard output."`
}

type keysCreateCmd struct {
	at
	Name string `required:"" help:"What the key is for." placeholder:"NAME"`
	JSON bool   `help:"Print JSON."`
}

// Run makes the key. It works beside a running serve.
func (c *keysCreateCmd) Run(ctx context.Context, t terminal) error {
	return c.within(ctx, t, func(a *app, w conversion.Workspace) error {
		clear, key, err := a.accounts.CreateKey(ctx, byCommand, w.ID, c.Name)
		if err != nil {
			return err
		}
		return t.facts(c.JSON, map[string]string{"id": key.ID, "name": key.Name, "workspace": w.Name, "key": clear}, clear)
	})
}

type usersCmd struct {
	Create usersCreateCmd `cmd:"" help:"Make a user; the password is read from standard input."`
}

type usersCreateCmd struct {
	at
	Email string          `required:"" help:"E-mail address to sign in with." placeholder:"ADDRESS"`
	Name  string          `required:"" help:"Name shown to others." placeholder:"NAME"`
	Role  conversion.Role `help:"admin or member." default:"member" enum:"admin,member"`
	JSON  bool            `help:"Print JSON."`
}

// Run makes the user with the password of the first line of standard input.
func (c *usersCreateCmd) Run(ctx context.Context, t terminal) error {
	password, err := readLine(os.Stdin)
	if err != nil {
		return fmt.Errorf("%w: read the password from standard input: %w", errUsage, err)
	}
	return c.within(ctx, t, func(a *app, w conversion.Workspace) error {
		m, err := a.accounts.AddMember(ctx, byCommand, account.NewMember{
			WorkspaceID: w.ID, Email: c.Email, Name: c.Name, Password: password, Role: c.Role,
		})
		if err != nil {
			return err
		}
		return t.facts(c.JSON, map[string]string{"id": m.ID, "email": m.Email, "role": string(m.Role), "workspace": w.Name},
			fmt.Sprintf("Made %s %s in workspace %s.", m.Role, m.Email, w.Name))
	})
}

func readLine(r io.Reader) (string, error) {
	line, err := bufio.NewReader(r).ReadString('\n')
	if err != nil && line == "" {
		return "", err
	}
	return strings.TrimRight(line, "\r\n"), nil
}

type workspacesCmd struct {
	Create workspacesCreateCmd `cmd:"" help:"Make a workspace."`
	List   workspacesListCmd   `cmd:"" help:"List the workspaces."`
}

type workspacesCreateCmd struct {
	at
	Name string `required:"" help:"Name of the new workspace." placeholder:"NAME"`
	JSON bool   `help:"Print JSON."`
}

// Run makes the workspace.
func (c *workspacesCreateCmd) Run(ctx context.Context, t terminal) error {
	return c.within(ctx, t, func(a *app, _ conversion.Workspace) error {
		w, err := a.accounts.CreateWorkspace(ctx, byCommand, c.Name)
		if err != nil {
			return err
		}
		return t.facts(c.JSON, map[string]string{"id": w.ID, "name": w.Name}, w.ID)
	})
}

type workspacesListCmd struct {
	at
	JSON bool `help:"Print JSON."`
}

// Run lists the workspaces, oldest first.
func (c *workspacesListCmd) Run(ctx context.Context, t terminal) error {
	return c.within(ctx, t, func(a *app, _ conversion.Workspace) error {
		all, err := a.accounts.Workspaces(ctx)
		if err != nil {
			return err
		}
		var lines []string
		facts := make([]map[string]string, len(all))
		for i, w := range all {
			lines = append(lines, w.ID+"  "+w.Name)
			facts[i] = map[string]string{"id": w.ID, "name": w.Name, "created_at": w.Created.String()}
		}
		return t.facts(c.JSON, facts, lines...)
	})
}

type rulesCmd struct {
	Get rulesGetCmd `cmd:"" help:"Show the rules."`
	Set rulesSetCmd `cmd:"" help:"Change rules: KEY=VALUE, for example contacts_updated=all."`
}

type rulesGetCmd struct {
	at
	JSON bool `help:"Print JSON."`
}

// Run shows the rules.
func (c *rulesGetCmd) Run(ctx context.Context, t terminal) error {
	return c.within(ctx, t, func(a *app, w conversion.Workspace) error {
		rules, err := a.connections.Rules(ctx, w.ID)
		if err != nil {
			return err
		}
		return t.facts(c.JSON, rules, ruleLines(rules)...)
	})
}

func ruleLines(rules conversion.Rules) []string {
	var lines []string
	for _, s := range conversion.RuleSettings {
		lines = append(lines, fmt.Sprintf("%s=%s", s.Key, *rules.Get(s.Key)))
	}
	var defaults []string
	for field, value := range rules.Defaults {
		defaults = append(defaults, fmt.Sprintf("default.%s=%s", field, value))
	}
	slices.Sort(defaults)
	return append(lines, defaults...)
}

type rulesSetCmd struct {
	at
	Set  []string `arg:"" name:"rule" help:"KEY=VALUE; default.Lead.Company=VALUE sets what a required field gets on create."`
	JSON bool     `help:"Print JSON."`
}

// Run changes the named rules and leaves the others alone.
func (c *rulesSetCmd) Run(ctx context.Context, t terminal) error {
	return c.within(ctx, t, func(a *app, w conversion.Workspace) error {
		rules, err := a.connections.Rules(ctx, w.ID)
		if err != nil {
			return err
		}
		for _, assignment := range c.Set {
			if err := assign(&rules, assignment); err != nil {
				return err
			}
		}
		if err := a.connections.SetRules(ctx, w.ID, byCommand, rules); err != nil {
			return err
		}
		return t.facts(c.JSON, rules, ruleLines(rules)...)
	})
}

func assign(rules *conversion.Rules, assignment string) error {
	key, value, ok := strings.Cut(assignment, "=")
	if !ok {
		return fmt.Errorf("%w: %q is not KEY=VALUE", errUsage, assignment)
	}
	if field, isDefault := strings.CutPrefix(key, "default."); isDefault {
		defaults := make(map[string]string, len(rules.Defaults)+1)
		for k, v := range rules.Defaults {
			defaults[k] = v
		}
		if defaults[field] = value; value == "" {
			delete(defaults, field)
		}
		rules.Defaults = defaults
		return nil
	}
	target := rules.Get(key)
	if target == nil {
		return fmt.Errorf("%w: there is no rule %q", errUsage, key)
	}
	*target = conversion.Target(value)
	return nil
}
