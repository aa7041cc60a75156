package main

import (
	"context"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"time"

	"conversion"
	"conversion/internal/account"
	"conversion/internal/config"
	"conversion/internal/sandbox"
)

type demoCmd struct {
	Listen        string `help:"Address of the web UI and the API." default:"127.0.0.1:8080" placeholder:"HOST:PORT"`
	SandboxListen string `help:"Address of the Salesforce sandbox." default:"127.0.0.1:9080" placeholder:"HOST:PORT"`
	Records       int    `help:"People in the sandbox." default:"2000" placeholder:"N"`
	Data          string `help:"Folder to keep the demo's database in; by default a new one that is removed at the end." placeholder:"DIR"`
}

// Who signs in to the demo. It listens on this machine only.
const (
	demoEmail    = "admin@demo.test"
	demoPassword = "conversion-demo"
)

// Run serves a Conversion beside a Salesforce sandbox full of sample data: everything there
// is to try, without an account anywhere.
func (c *demoCmd) Run(ctx context.Context, t terminal) error {
	folder, remove, err := c.folder()
	if err != nil {
		return err
	}
	defer remove()
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	listener, err := listenNear("sandbox-listen", c.SandboxListen)
	if err != nil {
		return err
	}
	pages, err := listenNear("listen", c.Listen)
	if err != nil {
		return err
	}
	org := sandbox.New(sandbox.Options{Seed: 1})
	if err := org.Generate(c.Records); err != nil {
		return err
	}
	served := make(chan error, 1)
	go func() { defer stop(); served <- serveSandbox(ctx, listener, org) }()

	host := listener.Addr().String()
	settings := config.Settings{
		Database: "sqlite:" + filepath.Join(folder, "demo.db"), Listen: c.Listen,
		ClientID: sandbox.ClientID, ClientSecret: sandbox.ClientSecret, AllowHosts: []string{host},
		SyncInterval: 15 * time.Minute, LogFormat: "text", LogLevel: "warn",
	}
	if err := settings.Complete(); err != nil {
		return err
	}
	err = serve(ctx, t, settings, pages, "http://"+host, func(ctx context.Context, a *app, url string) error {
		return c.welcome(ctx, t, a, url, host)
	})
	stop()
	if sandboxErr := <-served; err == nil {
		err = sandboxErr
	}
	return err
}

// listenNear listens on the address, or on another port of its host when that one is taken:
// a demo should not fail for it.
func listenNear(setting, address string) (net.Listener, error) {
	listener, err := net.Listen("tcp", address)
	if err == nil {
		return listener, nil
	}
	host, _, splitErr := net.SplitHostPort(address)
	if splitErr != nil {
		return nil, cannotListen(setting, address, err)
	}
	if listener, err = net.Listen("tcp", net.JoinHostPort(host, "0")); err != nil {
		return nil, cannotListen(setting, address, err)
	}
	return listener, nil
}

func (c *demoCmd) folder() (folder string, remove func(), err error) {
	if c.Data != "" {
		return c.Data, func() {}, os.MkdirAll(c.Data, 0o700)
	}
	folder, err = os.MkdirTemp("", "conversion-demo-")
	return folder, func() { _ = os.RemoveAll(folder) }, err
}

// welcome makes the demo's admin, once, and says how to begin.
func (c *demoCmd) welcome(ctx context.Context, t terminal, a *app, url, sandboxHost string) error {
	w, err := a.workspace(ctx, "")
	if err != nil {
		return err
	}
	_, err = a.accounts.AddMember(ctx, byCommand, account.NewMember{
		WorkspaceID: w.ID, Email: demoEmail, Name: "Demo Admin", Password: demoPassword, Role: conversion.RoleAdmin,
	})
	if err != nil && conversion.ErrorCode(err) != conversion.CodeConflict {
		return err
	}
	_, err = fmt.Fprintf(t.out, `
Conversion demo: %s
  sign in         %s
  password        %s

Salesforce sandbox: http://%s
  user            %s
  password        %s

Open %s/settings/integrations and press Connect.
Stop with Ctrl-C.
`, url, demoEmail, demoPassword, sandboxHost, sandbox.AdminUser, sandbox.AdminPassword, url)
	return err
}
