package api

import (
	"context"
	"net/http"
	"time"

	"conversion"
	"conversion/internal/directory"
)

// link is one of the records of a contact or company.
type link struct {
	Object   conversion.Object    `json:"object"`
	RecordID string               `json:"record_id"`
	Status   conversion.LinkState `json:"status" enum:"linked,converted,merged,moved,deleted_in_salesforce,ignored,held"`
	URL      *string              `json:"url" doc:"Where Salesforce shows the record."`
}

func linksOf(v directory.View, instanceURL string) []link {
	links := make([]link, len(v.Links))
	for i, l := range v.Links {
		links[i] = link{l.Ref.Object, l.Ref.ID, l.Status, orNull(l.URL(instanceURL))}
	}
	return links
}

// variablesOf gives the values by key.
func variablesOf(v directory.View) map[string]any {
	values := make(map[string]any, len(v.Values))
	for _, value := range v.Values {
		values[value.Variable.Key] = value.Value.JSON()
	}
	return values
}

// ListInput is what lists of contacts and of companies have in common.
type ListInput struct {
	Q            string    `query:"q" maxLength:"255"`
	UpdatedSince time.Time `query:"updated_since"`
	Page
}

func (in ListInput) filter(kind conversion.Kind, key string) conversion.EntityFilter {
	return conversion.EntityFilter{
		Kind: kind, Key: key, Prefix: in.Q, UpdatedSince: conversion.MomentOf(in.UpdatedSince),
		After: in.Cursor, Limit: in.Limit,
	}
}

// deletion is the input of a call that deletes.
type deletion struct {
	ByID
	SyncToCRM bool `query:"sync_to_crm" default:"true" doc:"false: nothing is deleted in Salesforce."`
}

// instanceURL is where the workspace's org shows its records, "" when nothing of what is
// shown has a record, or before the first connection.
func (a *api) instanceURL(ctx context.Context, shown ...directory.View) (string, error) {
	for _, v := range shown {
		if len(v.Links) > 0 {
			c, err := a.Books(callerOf(ctx).workspaceID).Connection(ctx)
			return c.InstanceURL, err
		}
	}
	return "", nil
}

// shown is a view with what else showing it takes.
func shown[T any](ctx context.Context, a *api, v directory.View, show func(directory.View, string) T) (T, error) {
	instance, err := a.instanceURL(ctx, v)
	return show(v, instance), err
}

// answerShown answers with what became of a call of the directory.
func answerShown[T any](ctx context.Context, a *api, v directory.View, err error, show func(directory.View, string) T) (*answer[T], error) {
	if err != nil {
		return nil, err
	}
	t, err := shown(ctx, a, v, show)
	return answerWith(t), err
}

func (a *api) upsert(ctx context.Context, kind conversion.Kind, d directory.Draft) (directory.Result, error) {
	c := callerOf(ctx)
	results, err := a.Entities.Upsert(ctx, c.workspaceID, kind, c.actor, []directory.Draft{d})
	if err != nil {
		return directory.Result{}, err
	}
	return results[0], results[0].Err
}

func (a *api) delete(ctx context.Context, kind conversion.Kind, in *deletion) (*nothing, error) {
	c := callerOf(ctx)
	return nil, a.Endings.Delete(ctx, c.workspaceID, kind, in.ID, c.actor, !in.SyncToCRM)
}

// madeStatus is 201 for what is new and 200 for what was there.
func madeStatus(created bool) int {
	if created {
		return http.StatusCreated
	}
	return http.StatusOK
}

// notNil lets an empty list be [], not null.
func notNil(keys []string) []string {
	if keys == nil {
		return []string{}
	}
	return keys
}
