package gateway

import (
	"context"

	"conversion"
	"conversion/internal/salesforce"
	"conversion/internal/salesforce/soql"
)

// Sightings says which records of the object come after the id, those in the recycle bin
// included: all that can be found out without reading their fields (spec 3.16).
func (o *Org) Sightings(ctx context.Context, object conversion.Object, after string, limit int) (conversion.SightingPage, error) {
	l, err := o.sightingLayout(ctx, object)
	if err != nil {
		return conversion.SightingPage{}, err
	}
	limit = pageSize(limit)
	read, err := o.first(ctx, o.client.QueryAll, byID(soql.Select(l.names...).From(string(object)), after).Limit(limit), limit)
	if err != nil {
		return conversion.SightingPage{}, err
	}
	return conversion.SightingPage{Sightings: l.sightings(read), More: read.full}, nil
}

// Whereabouts says which of the ids are there, those in the recycle bin included.
func (o *Org) Whereabouts(ctx context.Context, object conversion.Object, ids []string) ([]conversion.Sighting, error) {
	l, err := o.sightingLayout(ctx, object)
	if err != nil {
		return nil, err
	}
	var found []conversion.Sighting
	for _, list := range lists(ids, listExtra) {
		q := soql.Select(l.names...).From(string(object)).Where(soql.In("Id", soql.Texts(list...)...))
		read, err := o.all(ctx, o.client.QueryAll, q)
		if err != nil {
			return nil, err
		}
		found = append(found, l.sightings(read)...)
	}
	return found, nil
}

// Walk reads a page of the records after the id, with the schema's fields, in the order of
// their ids. Rows that changed while they were read in parts are left out: their new stamp
// brings them to the next pull.
func (o *Org) Walk(ctx context.Context, s *conversion.Schema, object conversion.Object, after string, limit int) (conversion.RecordPage, error) {
	def, err := o.readable(ctx, object)
	if err != nil {
		return conversion.RecordPage{}, err
	}
	l := newLayout(s, def)
	limit = pageSize(limit)
	read, err := o.first(ctx, o.client.QueryAll, byID(soql.Select(l.names...).From(string(object)), after).Limit(limit), limit)
	if err != nil {
		return conversion.RecordPage{}, err
	}
	return conversion.RecordPage{Records: l.records(read), Next: conversion.Cursor{ID: read.lastID()}, More: read.full || read.moved}, nil
}

// lastID returns the id to go on from: that of the last row that was read whole; when no
// row was, the last of all, so that a reading moves on.
func (s slice) lastID() string {
	if n := len(s.rows); n > 0 {
		return recordID(s.rows[n-1][0].Text)
	}
	return s.last
}

// ReadActivities returns the present state of the activities; those that cannot be seen are
// left out.
func (o *Org) ReadActivities(ctx context.Context, object conversion.Object, ids []string) ([]conversion.Activity, error) {
	def, err := o.readable(ctx, object)
	if err != nil {
		return nil, err
	}
	return o.activitiesWhere(ctx, newActivityLayout(def), "Id", ids)
}

// byID asks for what comes after the id, in the order of ids.
func byID(q soql.Query, after string) soql.Query {
	if after != "" {
		q = q.Where(soql.Greater("Id", soql.Text(after)))
	}
	return q.OrderBy(soql.Ascending("Id"))
}

// sightingLayout says where in a row what tells a record's state is.
type sightingLayout struct {
	columns
	object                 conversion.Object
	deleted, who           int
	key, converted, person int
	copies                 []int // boxes ticked on activities that stand for others
	group                  int
}

func (o *Org) sightingLayout(ctx context.Context, object conversion.Object) (*sightingLayout, error) {
	def, err := o.readable(ctx, object)
	if err != nil {
		return nil, err
	}
	has := make(map[string]bool, len(def.Fields))
	for _, f := range def.Fields {
		has[f.Name] = true
	}
	l := &sightingLayout{object: object}
	for _, name := range keyColumns {
		l.index(name)
	}
	l.deleted, l.key, l.group = l.index("IsDeleted"), -1, -1
	l.who, l.converted, l.person = l.optional(has, "WhoId"), l.optional(has, "IsConverted"), -1
	switch {
	case object.Kind() == conversion.KindContact:
		l.key = l.optional(has, keyField(object))
	case object.Kind() == conversion.KindCompany:
		l.person = l.optional(has, "IsPersonAccount")
	default:
		l.copies = []int{l.optional(has, "IsChild"), l.optional(has, "IsRecurrence")}
		l.group = l.optional(has, "GroupEventType")
	}
	return l, nil
}

func (l *sightingLayout) sightings(s slice) []conversion.Sighting {
	found := make([]conversion.Sighting, len(s.rows))
	for i, row := range s.rows {
		found[i] = conversion.Sighting{
			ID: recordID(row[0].Text), Modstamp: moment(row[1]), Deleted: yes(row[l.deleted]),
			Who: refOf(at(row, l.who).Text), PassOver: l.passOver(row),
		}
	}
	return found
}

// passOver reports whether a record that is unknown stays so (spec 3.3, 3.8, 3.13).
func (l *sightingLayout) passOver(row salesforce.Row) bool {
	switch {
	case yes(row[l.deleted]), yes(at(row, l.converted)):
		return true
	case l.object.Kind() == conversion.KindContact:
		return conversion.Email(at(row, l.key).Text) == ""
	case l.object.Kind() == conversion.KindCompany:
		return yes(at(row, l.person))
	}
	return refOf(at(row, l.who).Text).Zero() || standsForOthers(row, l.copies, l.group)
}
