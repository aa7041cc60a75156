package main

import (
	"context"
	"fmt"
	"os"

	"conversion/internal/config"
)

type workerCmd struct {
	config.Settings
}

// Help says how workers and a server go together.
func (*workerCmd) Help() string {
	return `Any number of workers, on any number of machines, share the work over one PostgreSQL database:

  conversion serve --no-work --database postgres://conversion@db.example.com/conversion
  conversion worker --database postgres://conversion@db.example.com/conversion

All need the same secret key file and the same settings for Salesforce. A worker that is stopped gives back what it has in hand;
what one had that was killed is another's within seconds. docs/scaling.md tells how many it takes.`
}

// Run works until it is told to stop.
func (c *workerCmd) Run(ctx context.Context, t terminal) error {
	if err := c.Complete(); err != nil {
		return err
	}
	if err := c.ForWorkers("database"); err != nil {
		return err
	}
	if err := c.checkKey(); err != nil {
		return err
	}
	a, err := open(ctx, c.Settings, t.err, c.PublicURL)
	if err != nil {
		return err
	}
	defer a.close()
	r, err := a.runner(ctx)
	if err != nil {
		return err
	}
	a.wake = r.Wake
	_, _ = fmt.Fprintln(t.out, "A worker is ready.")
	return r.Run(ctx)
}

// checkKey refuses a key file that is not there. One made here would open no login, and the
// worker would take each connection for broken.
func (c *workerCmd) checkKey() error {
	if _, err := os.Stat(c.SecretKey); err != nil {
		return &config.Error{Setting: "secret-key-file", Reason: fmt.Sprintf("a worker needs the key that conversion serve seals logins with: %v", err)}
	}
	return nil
}
