package main

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"os"
	"sync"
	"time"

	"github.com/google/uuid"

	"conversion"
	"conversion/internal/account"
	"conversion/internal/config"
	"conversion/internal/connection"
	"conversion/internal/directory"
	"conversion/internal/engine"
	"conversion/internal/gateway"
	"conversion/internal/obs"
	"conversion/internal/salesforce"
	"conversion/internal/secret"
	"conversion/internal/store"
)

// app is the services over one database.
type app struct {
	settings    config.Settings
	log         *slog.Logger
	now         func() time.Time
	store       *store.Store
	accounts    *account.Service
	connections *connection.Service
	directory   *directory.Service
	engine      *engine.Engine
	metrics     *obs.Metrics

	mu   sync.Mutex
	orgs map[string]openOrg // by workspace
	wake func()             // makes the runner look soon
}

// openOrg is an org with the client it speaks through.
type openOrg struct {
	client *salesforce.Client
	org    *gateway.Org
}

// open checks the settings, opens the database and builds the services. publicURL is where
// browsers reach the pages; "" when nothing is served.
func open(ctx context.Context, settings config.Settings, logTo io.Writer, publicURL string) (*app, error) {
	log, err := obs.NewLogger(logTo, settings.LogFormat, settings.LogLevel)
	if err != nil {
		return nil, err
	}
	keeper, err := secret.Open(settings.SecretKey)
	if err != nil {
		return nil, fmt.Errorf("open the secret key: %w", err)
	}
	s, err := store.Open(ctx, settings.Database, store.Options{})
	if err != nil {
		return nil, err
	}
	a := &app{settings: settings, log: log, now: clock(), store: s, orgs: make(map[string]openOrg), wake: func() {}, metrics: obs.NewMetrics()}
	a.accounts = account.New(s, a.now, log)
	a.directory = directory.New(func(id string) directory.Books { return s.Workspace(id) }, a.now, func(string) { a.wake() })
	a.connections = connection.New(connection.Config{
		Open:   func(id string) connection.Books { return s.Workspace(id) },
		States: s, Audit: s, Keeper: keeper,
		Hosts:     salesforce.Hosts{Extra: settings.AllowHosts},
		PublicURL: publicURL, DefaultClientID: settings.ClientID, DefaultClientSecret: settings.ClientSecret,
		Interval: settings.SyncInterval, Now: a.now, Logger: log,
		Count: func(ctx context.Context, workspaceID string, requests int) {
			a.metrics.SalesforceAsked(requests)
			a.engine.Sent(ctx, workspaceID, requests)
		},
	})
	above, page := loadSizes()
	a.engine = engine.New(engine.Config{
		LoadAbove: above, LoadPage: page,
		Books: func(id string) engine.Books { return s.Workspace(id) },
		Dial:  a.dial, Now: a.now, NewID: newID, Owner: owner(), Logger: log,
		Finished: func(r conversion.Run) {
			a.metrics.RunFinished(string(r.Direction), string(r.Status), r.Finished.Sub(r.Started))
		},
	})
	if err := a.accounts.Prepare(ctx); err != nil {
		a.close()
		return nil, err
	}
	return a, nil
}

func (a *app) close() {
	if err := a.store.Close(); err != nil {
		a.log.Warn("closing the database failed", "error", err)
	}
}

// dial opens the workspace's org. The org keeps what it learnt of its objects for as long
// as the connection lives.
func (a *app) dial(ctx context.Context, workspaceID string) (engine.Remote, error) {
	client, err := a.connections.Client(ctx, workspaceID)
	if err != nil {
		return engine.Remote{}, err
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	o := a.orgs[workspaceID]
	if o.client != client {
		o = openOrg{client, gateway.New(client, a.now)}
		a.orgs[workspaceID] = o
	}
	return engine.Remote{Source: o.org, Walker: o.org, Lookup: o.org, Target: o.org, Describer: o.org, Loader: o.org}, nil
}

// workspace finds a workspace by id or name; "" is the first.
func (a *app) workspace(ctx context.Context, idOrName string) (conversion.Workspace, error) {
	return a.accounts.FindWorkspace(ctx, idOrName)
}

func newID() string { return uuid.Must(uuid.NewV7()).String() }

// owner names this process in leases.
func owner() string {
	host, _ := os.Hostname()
	return fmt.Sprintf("%s/%d/%s", host, os.Getpid(), uuid.NewString()[:8])
}

// byCommand is who acts when somebody at the machine's shell does.
var byCommand = conversion.Actor{Kind: conversion.ActorUser, ID: "command-line"}
