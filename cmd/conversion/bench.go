package main

import (
	"bytes"
	"context"
	"fmt"
	"os"

	"conversion/internal/bench"
)

// benchPostgres is the environment variable for --postgres, whose value may hold a password.
const benchPostgres = "CONVERSION_BENCH_POSTGRES"

type benchCmd struct {
	People   []int    `help:"Sizes of the org." default:"10000,100000" placeholder:"N,…"`
	Postgres string   `help:"A PostgreSQL server on which databases may be made, to be measured beside SQLite." placeholder:"URL" env:"CONVERSION_BENCH_POSTGRES"`
	Edits    int      `help:"How many edits, and how many new contacts, are pushed." default:"10000" placeholder:"N"`
	Changes  int      `help:"How many records change before a cycle." default:"1000" placeholder:"N"`
	Seconds  int      `help:"How long the API is asked, and edits are made steadily." default:"50" placeholder:"N"`
	Only     []string `help:"Scenarios to measure after the first load." placeholder:"NAME,…" enum:"idle cycle,cycle with changes,API,push of edits,push of new contacts,latency"`
	JSON     string   `name:"json" help:"A file to write the figures to as well." placeholder:"FILE"`
}

// Help says what is measured.
func (*benchCmd) Help() string {
	return `Measures this Conversion against a simulated org, both as processes of their own on this machine, and prints one table:
the first load, cycles, pushes, latency, and the API under a steady load, each with its floor where there is one.

  conversion bench --people 10000 --json bench.json

It uses databases of its own and leaves nothing behind.`
}

// Run measures everything and prints it.
func (c *benchCmd) Run(ctx context.Context, t terminal) error {
	binary, err := os.Executable()
	if err != nil {
		return fmt.Errorf("find the program itself: %w", err)
	}
	report, err := bench.Run(ctx, bench.Options{
		Binary: binary, Postgres: c.Postgres, People: c.People, Edits: c.Edits, Changes: c.Changes, Seconds: c.Seconds, Only: c.Only,
		Say: func(line string) { _, _ = fmt.Fprintln(t.err, line) },
	})
	if err != nil {
		return fmt.Errorf("bench: %w", err)
	}
	if c.JSON != "" {
		var figures bytes.Buffer
		if err := report.JSON(&figures); err != nil {
			return err
		}
		if err := os.WriteFile(c.JSON, figures.Bytes(), 0o644); err != nil {
			return fmt.Errorf("write the figures: %w", err)
		}
	}
	return report.Table(t.out)
}
