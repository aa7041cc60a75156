package gateway

import (
	"context"
	"errors"
	"strings"

	"conversion"
	"conversion/internal/salesforce"
	"conversion/internal/salesforce/soql"
)

// BeginLoad asks Salesforce to gather all records of the object after the cursor, those in
// the recycle bin included, as a job of the Bulk API: few requests for however many there
// are. The schema says which fields of Leads, Contacts and Accounts; it is not asked for
// Tasks and Events.
func (o *Org) BeginLoad(ctx context.Context, s *conversion.Schema, object conversion.Object, cursor conversion.Cursor) (conversion.Load, error) {
	def, err := o.readable(ctx, object)
	if err != nil {
		return conversion.Load{}, err
	}
	q := after(soql.Select(loadColumns(s, def)...).From(string(object)), cursor)
	job, err := o.client.StartQueryJob(ctx, q, true)
	if refusal, ok := errors.AsType[*salesforce.Error](err); ok && strings.Contains(refusal.Message, "bulk v2 quer") {
		return conversion.Load{}, &conversion.Error{Code: conversion.CodeForbidden, Message: "The org's bulk queries of the day are used up.", Err: err}
	}
	if err != nil {
		return conversion.Load{}, orgError(object, err)
	}
	at := o.asked(job.Asked)
	l := conversion.Load{Object: object, JobID: job.ID, Asked: at.ours, Began: at.theirs}
	if !job.Created.IsZero() {
		l.Began = conversion.MomentOf(job.Created)
	}
	return l, nil
}

func loadColumns(s *conversion.Schema, def conversion.ObjectDef) []string {
	if def.Object.Kind() == "" {
		return newActivityLayout(def).names
	}
	return newLayout(s, def).names
}

// AskLoad returns the load with whether its records can be read by now. A
// *conversion.LoadLostError when they never will be.
func (o *Org) AskLoad(ctx context.Context, l conversion.Load) (conversion.Load, error) {
	job, err := o.client.AskQueryJob(ctx, l.JobID)
	if job.State == salesforce.JobFailed || job.State == salesforce.JobAborted {
		return l, &conversion.LoadLostError{Object: l.Object, Err: err}
	}
	if err != nil {
		return l, loadError(l.Object, err)
	}
	if l.Ready = job.State == salesforce.JobComplete; l.Ready {
		l.Total = job.Rows
	}
	return l, nil
}

// EndLoad removes the job with its records, of which none is needed any more.
func (o *Org) EndLoad(ctx context.Context, l conversion.Load) error {
	if err := o.client.DeleteQueryJob(ctx, l.JobID); err != nil {
		return loadError(l.Object, err)
	}
	return nil
}

// LoadRecords reads a page of a load of people or companies, and hands its records over as
// they come. What the schema knows by now and the job was not asked for is absent: it was
// not read. All of them count as read when the load began, for whatever was read of a record
// since is newer. An error of Opened or take comes back as it is.
func (o *Org) LoadRecords(ctx context.Context, s *conversion.Schema, r conversion.LoadRequest, take func([]conversion.Record) error) error {
	def, err := o.readable(ctx, r.Load.Object)
	if err != nil {
		return err
	}
	l := newLayout(s, def)
	return o.loaded(ctx, r, l.names, func(rows slice) error { return take(l.records(rows)) })
}

// LoadActivities is LoadRecords for Tasks and Events.
func (o *Org) LoadActivities(ctx context.Context, r conversion.LoadRequest, take func([]conversion.Activity) error) error {
	def, err := o.readable(ctx, r.Load.Object)
	if err != nil {
		return err
	}
	l := newActivityLayout(def)
	return o.loaded(ctx, r, l.names, func(rows slice) error {
		found, err := o.withPeople(ctx, l, rows)
		if err != nil {
			return err
		}
		return take(found)
	})
}

// loaded streams a page with its rows laid out by the columns.
func (o *Org) loaded(ctx context.Context, r conversion.LoadRequest, names []string, take func(slice) error) error {
	var ours error // what we had to say, not Salesforce
	var places []int
	asked := asking{ours: r.Load.Asked, theirs: conversion.MomentOf(o.now()).Add(o.ClockOffset())}
	err := o.client.StreamQueryJobPage(ctx, r.Load.JobID, r.Locator, salesforce.Stream{
		Rows: r.Rows, Batch: r.Batch,
		Opened: func(head salesforce.PageHead) error {
			if places, ours = placesOf(names, head.Columns); ours == nil || head.Rows == 0 {
				ours = r.Opened(conversion.LoadedPage{Next: head.Next, Rows: head.Rows})
			}
			return ours
		},
		Take: func(rows []salesforce.Row) error {
			ours = take(slice{rows: arranged(rows, places), asked: asked})
			return ours
		},
	})
	switch {
	case err == nil:
		return nil
	case ours != nil:
		return ours
	}
	return loadError(r.Load.Object, err)
}

// placesOf says which of a page's columns stands where; -1 for one that it does not have. nil
// when all stand as they should.
func placesOf(names, columns []string) ([]int, error) {
	at := make(map[string]int, len(columns))
	for i, name := range columns {
		at[strings.ToLower(name)] = i
	}
	places, moved := make([]int, len(names)), len(names) != len(columns)
	for i, name := range names {
		place, there := at[strings.ToLower(name)]
		if !there {
			place = -1
		}
		if place < 0 && i < len(keyColumns) {
			return nil, conversion.Errorf(conversion.CodeInternal, "Salesforce sent records without %s.", name)
		}
		places[i], moved = place, moved || place != i
	}
	if !moved {
		return nil, nil
	}
	return places, nil
}

// arranged puts the cells of the rows where they belong.
func arranged(rows []salesforce.Row, places []int) []salesforce.Row {
	if places == nil {
		return rows
	}
	fit := make([]salesforce.Row, len(rows))
	for i, row := range rows {
		fit[i] = make(salesforce.Row, len(places))
		for j, place := range places {
			fit[i][j] = at(row, place)
		}
	}
	return fit
}

// loadError tells a job that is lost from an error that may pass.
func loadError(object conversion.Object, err error) error {
	if salesforce.LostJob(err) {
		return &conversion.LoadLostError{Object: object, Err: err}
	}
	return orgError(object, err)
}
