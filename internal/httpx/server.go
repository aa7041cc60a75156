package httpx

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"time"
)

// Limits of the server. There is no limit on writing: server-sent events are
// answers without end.
const (
	readHeaderWithin = 10 * time.Second
	idleFor          = 2 * time.Minute
	maxHeaderBytes   = 64 << 10
	shutdownWithin   = 15 * time.Second
)

type drainingKey struct{}

// Draining returns a channel that is closed when the server begins to shut
// down. An answer without end must watch it beside ctx.Done, for the server
// waits for every answer. ctx is a request's.
func Draining(ctx context.Context) <-chan struct{} {
	draining, _ := ctx.Value(drainingKey{}).(chan struct{})
	return draining
}

// Serve answers requests on the listener until ctx ends. It then takes no new
// ones, gives those under way shutdownWithin to finish and returns nil; the
// listener is closed in any case.
func Serve(ctx context.Context, listener net.Listener, handler http.Handler, log *slog.Logger) error {
	draining := make(chan struct{})
	server := &http.Server{
		Handler:           handler,
		ReadHeaderTimeout: readHeaderWithin,
		IdleTimeout:       idleFor,
		MaxHeaderBytes:    maxHeaderBytes,
		ErrorLog:          slog.NewLogLogger(log.Handler(), slog.LevelWarn),
		BaseContext: func(net.Listener) context.Context {
			return context.WithValue(context.WithoutCancel(ctx), drainingKey{}, draining)
		},
	}
	server.RegisterOnShutdown(func() { close(draining) })
	served := make(chan error, 1)
	go func() { served <- server.Serve(listener) }()
	select {
	case err := <-served:
		return fmt.Errorf("serve on %s: %w", listener.Addr(), err)
	case <-ctx.Done():
	}
	return shutdown(context.WithoutCancel(ctx), server)
}

// shutdown cuts off what does not finish in time: a client that never reads
// must not keep the process alive.
func shutdown(ctx context.Context, server *http.Server) error {
	ctx, cancel := context.WithTimeout(ctx, shutdownWithin)
	defer cancel()
	err := server.Shutdown(ctx)
	if errors.Is(err, context.DeadlineExceeded) {
		err = server.Close()
	}
	if err != nil {
		return fmt.Errorf("shut the server down: %w", err)
	}
	return nil
}
