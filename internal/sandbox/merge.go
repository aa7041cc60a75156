package sandbox

import (
	"maps"
	"slices"

	"conversion/internal/sandbox/schema"
	"conversion/internal/sandbox/table"
)

// Merge makes one or two losers part of the winner, as somebody does in
// Salesforce: the losers go to the recycle bin with the winner as MasterRecordId,
// and what referred to them refers to the winner. All are live Leads, Contacts or
// Accounts of one object. The winner keeps its own values.
func (o *Org) Merge(as Actor, winner string, losers ...string) error {
	return o.write(as, func(t *tx) *Error { return t.merge(winner, losers) })
}

func (t *tx) merge(winner string, losers []string) *Error {
	obj, kept, err := t.find(winner)
	if err != nil {
		return err
	}
	if !t.rights.may(mayDelete, obj) || !t.rights.may(mayEdit, obj) {
		return noAccess()
	}
	if !obj.Mergeable || len(losers) == 0 || len(losers) > 2 {
		return refusal("MERGE_FAILED", "one or two records can be merged into a lead, a contact or an account")
	}
	for _, id := range losers {
		lost, row, err := t.find(id)
		if err != nil {
			return err
		}
		if lost != obj || row.ID == kept.ID {
			return refusal("MERGE_FAILED", "records of one object, each once, can be merged")
		}
		if err := t.mergeAway(obj, row, kept.ID); err != nil {
			return err
		}
	}
	// A lookup of the winner itself may have led to a loser.
	_, kept, err = t.find(kept.ID)
	if err != nil {
		return err
	}
	d := t.edit(obj, kept)
	t.stampAuthor(d)
	t.store(d)
	return nil
}

func (t *tx) mergeAway(obj *object, row table.Row, winner string) *Error {
	d := t.edit(obj, row)
	d.set("MasterRecordId", winner)
	d.erased = true
	t.stampAuthor(d)
	t.store(d)
	for _, name := range t.org.objectNames() {
		other, _ := t.org.object(name)
		t.repoint(other, obj.Name, row.ID, winner)
	}
	return nil
}

// repoint moves every lookup of an object from one record to another. The rows
// that move get a new SystemModstamp.
func (t *tx) repoint(obj *object, target, from, to string) {
	moved := map[string]bool{}
	for _, f := range obj.fields {
		if f.Type != schema.Reference || !f.refersTo(target) || f.Name == "MasterRecordId" {
			continue
		}
		for _, r := range obj.referring(f.Name, from) {
			moved[r.ID] = true
		}
	}
	for _, id := range slices.Sorted(maps.Keys(moved)) {
		row, _ := obj.rows.Find(id)
		d := t.edit(obj, *row)
		for _, f := range obj.fields {
			if f.Type == schema.Reference && f.column >= 0 && f.Name != "MasterRecordId" && d.values[f.column] == from {
				d.values[f.column] = to
			}
		}
		if obj.has("WhoId") {
			d.set("AccountId", t.accountOf(d.text("WhoId"), d.text("WhatId")))
		}
		t.touch(d)
	}
}
