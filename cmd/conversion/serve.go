package main

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"strings"

	"conversion"
	"conversion/internal/api"
	"conversion/internal/config"
	"conversion/internal/engine"
	"conversion/internal/httpx"
	"conversion/internal/runner"
	"conversion/internal/salesforce"
	"conversion/internal/web"
)

type serveCmd struct {
	config.Settings
	LoginURL string `name:"salesforce-login-url" help:"Where Connect leads unless the admin says otherwise. Default: production." placeholder:"URL" env:"CONVERSION_SALESFORCE_LOGIN_URL"`
}

// Run serves until it is told to stop. On an empty database it prints a one-time link with
// which the first admin makes an account.
func (c *serveCmd) Run(ctx context.Context, t terminal) error {
	if err := c.Complete(); err != nil {
		return err
	}
	if err := c.checkLoginURL(); err != nil {
		return err
	}
	if c.NoWork {
		if err := c.ForWorkers("no-work"); err != nil {
			return err
		}
	}
	listener, err := net.Listen("tcp", c.Listen)
	if err != nil {
		return cannotListen("listen", c.Listen, err)
	}
	return serve(ctx, t, c.Settings, listener, c.LoginURL, func(ctx context.Context, a *app, url string) error {
		token, err := a.accounts.NewSetupLink(ctx)
		if err != nil {
			return err
		}
		_, _ = fmt.Fprintf(t.out, "Conversion is at %s\n", url)
		if token != "" {
			_, _ = fmt.Fprintf(t.out, "Nobody has an account yet. Make the first admin's, once: %s/setup/%s\n", url, token)
		}
		return nil
	})
}

// checkLoginURL refuses what no login could begin at (spec 9); "" is production.
func (c *serveCmd) checkLoginURL() error {
	if c.LoginURL == "" {
		return nil
	}
	if _, err := (salesforce.Hosts{Extra: c.AllowHosts}).Trusted(c.LoginURL); err != nil {
		return &config.Error{Setting: "salesforce-login-url", Reason: err.Error()}
	}
	return nil
}

func cannotListen(setting, address string, err error) error {
	return &config.Error{Setting: setting, Reason: fmt.Sprintf("cannot listen on %s: %v", address, err)}
}

// serve calls ready with the address people reach, and works until the context ends. The
// settings are complete.
func serve(ctx context.Context, t terminal, settings config.Settings, listener net.Listener, loginURL string, ready func(ctx context.Context, a *app, url string) error) error {
	defer func() { _ = listener.Close() }()
	url := settings.PublicURL
	if url == "" {
		url = config.PublicURLFor(listener.Addr().String())
	}
	a, err := open(ctx, settings, t.err, url)
	if err != nil {
		return err
	}
	defer a.close()
	if err := ready(ctx, a, url); err != nil {
		return err
	}
	return a.serve(ctx, listener, url, loginURL)
}

// serve runs the pages, the API and the runner. When one of them fails, all stop.
func (a *app) serve(ctx context.Context, listener net.Listener, url, loginURL string) error {
	r, err := a.runner(ctx)
	if err != nil {
		return err
	}
	work := r.Run
	if a.settings.NoWork {
		work = r.Announce
	}
	a.wake = r.Wake
	handler, err := a.handler(url, loginURL)
	if err != nil {
		return err
	}
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	failed := make(chan error, 1)
	go func() { defer stop(); failed <- work(ctx) }()
	err = httpx.Serve(ctx, listener, handler, a.log)
	stop()
	if runErr := <-failed; err == nil {
		err = runErr
	}
	return err
}

// runner is what works, or tells others of work, over the database.
func (a *app) runner(ctx context.Context) (*runner.Runner, error) {
	return runner.New(ctx, runner.Config{
		SQLite: a.store.QueueDB(), Pool: a.store.Pool(), Engine: a.engine, Due: a.store.Due,
		Now: a.now, Busy: engine.ErrBusy, Waits: engine.Waits, Logger: a.log, Workspaces: a.store.Workspaces,
		Tidy: func(ctx context.Context, id string, now conversion.Moment) error {
			return a.store.Workspace(id).Prune(ctx, now)
		},
	})
}

// handler is everything that is served over HTTP.
func (a *app) handler(url, loginURL string) (http.Handler, error) {
	sameOrigin, err := httpx.SameOrigin(url)
	if err != nil {
		return nil, err
	}
	mux := http.NewServeMux()
	mux.Handle("GET /healthz", httpx.Healthz())
	mux.Handle("GET /readyz", httpx.Readyz(a.log, a.store.Ping))
	mux.Handle("GET /metrics", httpx.Metrics(a.metrics.Gatherer()))
	mux.Handle(api.Prefix+"/", api.New(api.Config{
		Keys: a.accounts, Entities: a.directory, Endings: a.directory, Engagements: a.directory, Variables: a.directory, Quarantine: a.directory,
		Connections: a.connections, Settings: a.connections, Syncer: a, Planner: a,
		Books: func(id string) api.Books { return a.store.Workspace(id) }, Now: a.now, Log: a.log,
	}))
	mux.Handle("/", web.New(web.Config{
		People: a.accounts, Keys: a.accounts, Directory: a.directory, Endings: a.directory, Quarantine: a.directory, Connections: a.connections, Settings: a.connections, Planner: a,
		Journal:  func(id string) web.Journal { return a.store.Workspace(id) },
		Sessions: a.store.Sessions(a.now), HasClient: a.settings.ClientID != "" && a.settings.ClientSecret != "",
		LoginURL: loginURL, PublicURL: url, Now: a.now, Log: a.log,
	}))
	return httpx.Chain(mux,
		httpx.RequestID,
		httpx.AccessLog(a.log, a.metrics.RequestAnswered),
		httpx.Recover(a.log),
		httpx.SecurityHeaders(httpx.Policy{FormTargets: formTargets(a.settings.AllowHosts), HTTPS: strings.HasPrefix(url, "https://")}),
		sameOrigin,
		httpx.LimitBody(bodyLimit),
	), nil
}

// Request queues a full cycle and wakes the runner.
func (a *app) Request(ctx context.Context, workspaceID, trigger string) ([]string, error) {
	ids, err := a.engine.Request(ctx, workspaceID, trigger)
	a.wake()
	return ids, err
}

// Preview says what a change of rules or modes would do.
func (a *app) Preview(ctx context.Context, workspaceID string, r engine.PreviewRequest) (conversion.Preview, error) {
	return a.engine.Preview(ctx, workspaceID, r)
}

// Apply does what a preview shows and wakes the runner.
func (a *app) Apply(ctx context.Context, workspaceID, previewID string, by conversion.Actor) (engine.Applied, error) {
	applied, err := a.engine.Apply(ctx, workspaceID, previewID, by)
	a.wake()
	return applied, err
}

// Body limits: a batch of 1,000 contacts is the largest thing that is sent.
const (
	pageBody  = 1 << 20
	batchBody = 16 << 20
)

func bodyLimit(r *http.Request) int64 {
	if strings.HasPrefix(r.URL.Path, "/api/") {
		return batchBody
	}
	return pageBody
}

// formTargets are the origins that Connect may lead the browser to.
func formTargets(allowed []string) []string {
	targets := []string{"https://login.salesforce.com", "https://test.salesforce.com", "https://*.my.salesforce.com"}
	for _, host := range allowed {
		targets = append(targets, "http://"+host, "https://"+host)
	}
	return targets
}
