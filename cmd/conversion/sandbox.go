package main

import (
	"context"
	"fmt"
	"log/slog"
	"net"
	"strings"

	"conversion/internal/httpx"
	"conversion/internal/obs"
	"conversion/internal/sandbox"
)

type sandboxCmd struct {
	Listen     string   `help:"Address to serve the org on." default:"127.0.0.1:9080" placeholder:"HOST:PORT"`
	Load       []string `help:"Load what Salesforce tools export: a Data Loader CSV named by its object or as Object=FILE, sf tree JSON, or a folder of these; repeatable." placeholder:"FILE|DIR"`
	Records    int      `help:"Generate so many people, with companies, tasks and events." placeholder:"N"`
	Seed       int64    `help:"Each seed is an org of its own." default:"1"`
	PrintToken bool     `help:"Print an access token too."`
	LogLevel   string   `help:"Least level logged: debug, info, warn or error." default:"warn" placeholder:"LEVEL"`
}

// Help says what the sandbox is and how to begin.
func (*sandboxCmd) Help() string {
	return `A Salesforce org on this machine, for any client: OAuth, REST, SOQL, Bulk API 2.0, SOAP and more.

  login and instance URL   http://127.0.0.1:9080
  user, password           ` + sandbox.AdminUser + ", " + sandbox.AdminPassword + `
  client id, secret        ` + sandbox.ClientID + ", " + sandbox.ClientSecret + `

An invented org of 5,000 people, with an access token to begin with:

  conversion sandbox --records 5000 --print-token

What an org exported, by Data Loader or "sf data export tree":

  conversion sandbox --load exports/ --load Account=accounts.csv

The page at / shows how the org stands and what can be done with it. Faults, the clock, snapshots and
the history of every record are below /__sandbox:

  curl -X POST http://127.0.0.1:9080/__sandbox/clock -d '{"advance":"15m"}'
  curl -X POST http://127.0.0.1:9080/__sandbox/faults -d '{"operation":"update","nth":3,"status":503}'

docs/sandbox.md describes all of it.`
}

// Run serves a simulated org until it is told to stop.
func (c *sandboxCmd) Run(ctx context.Context, t terminal) error {
	log, err := obs.NewLogger(t.err, "text", c.LogLevel)
	if err != nil {
		return err
	}
	org := sandbox.New(sandbox.Options{Seed: c.Seed, Logger: log})
	if err := c.fill(org); err != nil {
		return err
	}
	listener, err := net.Listen("tcp", c.Listen)
	if err != nil {
		return cannotListen("listen", c.Listen, err)
	}
	lines := []string{
		"Salesforce sandbox at http://" + listener.Addr().String(),
		"  user           " + sandbox.AdminUser,
		"  password       " + sandbox.AdminPassword,
		"  client id      " + sandbox.ClientID,
		"  client secret  " + sandbox.ClientSecret,
	}
	if c.PrintToken {
		lines = append(lines, "  access token   "+org.IssueToken())
	}
	_, _ = fmt.Fprintln(t.out, strings.Join(lines, "\n"))
	return serveSandbox(ctx, listener, org)
}

func serveSandbox(ctx context.Context, listener net.Listener, org *sandbox.Org) error {
	return httpx.Serve(ctx, listener, org.Handler(), slog.New(slog.DiscardHandler))
}

func (c *sandboxCmd) fill(org *sandbox.Org) error {
	var specs []sandbox.LoadSpec
	for _, text := range c.Load {
		specs = append(specs, sandbox.ParseLoadSpec(text))
	}
	if len(specs) > 0 {
		if _, err := org.LoadSpecs(specs...); err != nil {
			return err
		}
	}
	if c.Records > 0 {
		return org.Generate(c.Records)
	}
	return nil
}
