package gateway

import (
	"cmp"
	"context"
	"slices"
	"strconv"

	"conversion"
	"conversion/internal/salesforce"
	"conversion/internal/salesforce/soql"
)

// relation is how an activity names its people where an org shares activities among
// several contacts.
type relation struct {
	object string
	lookup string // to the activity
	parent bool   // it has rows of invitees as well: those that count are marked
}

var relations = map[conversion.Object]relation{
	conversion.Task:  {"TaskRelation", "TaskId", false},
	conversion.Event: {"EventRelation", "EventId", true},
}

// rows selects relations to people, in their columns' order: Id, SystemModstamp, the
// activity, the person.
func (r relation) rows() soql.Query {
	q := soql.Select("Id", "SystemModstamp", r.lookup, "RelationId").From(r.object).Where(soql.Equal("IsWhat", soql.Bool(false)))
	if r.parent {
		q = q.Where(soql.Equal("IsParent", soql.Bool(true)))
	}
	return q
}

// shared reports whether an activity of the org may be about several people.
func (l *activityLayout) shared() bool { return l.whoCount >= 0 }

// withPeople reads the rows' activities. Only those that are about several people cost a
// further request.
func (o *Org) withPeople(ctx context.Context, l *activityLayout, s slice) ([]conversion.Activity, error) {
	found := l.activities(s)
	several := make(map[string]bool)
	for _, row := range s.rows {
		if n, _ := strconv.ParseFloat(at(row, l.whoCount).Text, 64); n > 1 && !yes(row[l.deleted]) {
			several[recordID(row[0].Text)] = true
		}
	}
	var ids []string
	for _, a := range found {
		if several[a.Ref.ID] {
			ids = append(ids, a.Ref.ID)
		}
	}
	people, err := o.peopleOf(ctx, l.object, ids)
	if err != nil {
		return nil, err
	}
	for i := range found {
		found[i].People = append(found[i].People, without(people[found[i].Ref.ID], found[i].People)...)
	}
	return found, nil
}

// without returns the refs that are not among the others.
func without(refs, others []conversion.Ref) []conversion.Ref {
	return slices.DeleteFunc(refs, func(r conversion.Ref) bool { return slices.Contains(others, r) })
}

// peopleOf reads whom the activities are about, in the order of their ids.
func (o *Org) peopleOf(ctx context.Context, object conversion.Object, activities []string) (map[string][]conversion.Ref, error) {
	people := make(map[string][]conversion.Ref)
	r := relations[object]
	for _, list := range lists(activities, listExtra) {
		read, err := o.all(ctx, o.client.Query, r.rows().Where(soql.In(r.lookup, soql.Texts(list...)...)))
		if err != nil {
			return nil, err
		}
		for _, row := range read.rows {
			if who := refOf(row[3].Text); who.Object.Kind() == conversion.KindContact {
				id := recordID(row[2].Text)
				people[id] = append(people[id], who)
			}
		}
	}
	for _, refs := range people {
		slices.SortFunc(refs, func(a, b conversion.Ref) int { return cmp.Compare(a.ID, b.ID) })
	}
	return people, nil
}

// relatedTo reads which activities are about one of the people.
func (o *Org) relatedTo(ctx context.Context, object conversion.Object, people []string) (map[string]bool, error) {
	found := make(map[string]bool)
	r := relations[object]
	for _, list := range lists(people, listExtra) {
		read, err := o.all(ctx, o.client.Query, r.rows().Where(soql.In("RelationId", soql.Texts(list...)...)))
		if err != nil {
			return nil, err
		}
		for _, id := range activityIDs(read.rows) {
			found[id] = true
		}
	}
	return found, nil
}

func activityIDs(rows []salesforce.Row) []string {
	ids := make([]string, len(rows))
	for i, row := range rows {
		ids[i] = recordID(row[2].Text)
	}
	slices.Sort(ids)
	return slices.Compact(ids)
}

// Relations reads a page of relations between activities of the object and people that were
// made or changed after the cursor: who is added to an activity does not change it. An org
// without shared activities is not asked, and answers with an empty page.
func (o *Org) Relations(ctx context.Context, object conversion.Object, cursor conversion.Cursor, limit int) (conversion.RelationPage, error) {
	none := conversion.RelationPage{Next: cursor}
	def, err := o.def(ctx, object)
	if err != nil || !def.Readable || !newActivityLayout(def).shared() {
		return none, err
	}
	limit = pageSize(limit)
	read, err := o.first(ctx, o.client.Query, inOrder(after(relations[object].rows(), cursor)).Limit(limit), limit)
	if err != nil {
		return none, err
	}
	page := conversion.RelationPage{Next: read.next(cursor), More: read.full || read.moved}
	for _, row := range read.rows {
		if who := refOf(row[3].Text); who.Object.Kind() == conversion.KindContact {
			page.Relations = append(page.Relations, conversion.Relation{
				Activity: conversion.Ref{Object: object, ID: recordID(row[2].Text)}, Who: who,
			})
		}
	}
	return page, nil
}
