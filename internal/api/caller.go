package api

import (
	"context"

	"conversion"
)

// caller is who sends a request: an API key, and the workspace it is for.
type caller struct {
	workspaceID string
	actor       conversion.Actor
}

type callerKey struct{}

func withCaller(ctx context.Context, key conversion.APIKey) context.Context {
	return context.WithValue(ctx, callerKey{}, caller{
		workspaceID: key.WorkspaceID,
		actor:       conversion.Actor{Kind: conversion.ActorAPIKey, ID: key.ID},
	})
}

// callerOf returns who sends the request that ctx belongs to. No handler runs without one.
func callerOf(ctx context.Context) caller { return ctx.Value(callerKey{}).(caller) }
