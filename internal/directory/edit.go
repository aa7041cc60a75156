package directory

import (
	"conversion"
	"conversion/internal/reconcile"
)

// edit is the making of one wish on one group.
type edit struct {
	settings
	wish
	group   conversion.Group
	changed bool               // something of the entity differs from before
	sends   bool               // something of it may go to Salesforce
	counted []conversion.VarID // for the breaker (spec 4.11)
}

// newEntity returns the group of an entity that the actor makes, allowed to be created as
// what the reach says (spec 5.2).
func (s settings) newEntity(id string, w wish) conversion.Group {
	return conversion.Group{Entity: &conversion.Entity{
		ID: id, Kind: s.schema.Kind, Origin: w.actor.Origin(), Birth: w.reach, Created: s.now, Updated: s.now,
	}}
}

// make carries the wish out. Read-only variables of a linked entity are refused when
// strict is set, else left out and returned.
func (e *edit) make(strict bool) (ignored []string, changes []conversion.FieldChange, err error) {
	assignments, ignored := e.writable()
	if strict && len(ignored) > 0 {
		return nil, nil, refuseReadOnly(ignored)
	}
	for _, a := range assignments {
		e.set(a.variable, a.value)
	}
	e.setName()
	was := e.group.Entity.Key
	e.setKey()
	e.setCompany()
	if !e.changed {
		return ignored, nil, nil
	}
	return ignored, append(e.renamed(was), e.resolve()...), nil
}

// renamed is the line of the timeline for a contact's new e-mail, which is no value of
// its own. A company's domain shows as its website.
func (e *edit) renamed(was string) []conversion.FieldChange {
	entity := e.group.Entity
	if entity.Kind != conversion.KindContact || was == "" || was == entity.Key {
		return nil
	}
	return []conversion.FieldChange{{
		Var: conversion.EmailVar, Before: conversion.Text(was), After: conversion.Text(entity.Key), By: e.actor, At: e.theirs,
	}}
}

// writable parts the assignments that change something into those that may be made and
// the keys of those that may not.
func (e *edit) writable() (list []assignment, ignored []string) {
	for _, a := range e.values {
		switch {
		case e.holds(a):
		case e.readOnly(a.variable):
			ignored = append(ignored, a.variable.Key)
		default:
			list = append(list, a)
		}
	}
	return list, ignored
}

// holds reports whether the entity has the value already: then nobody claims it anew, and
// nothing is sent. Where Conversion's claims always win, one is made all the same unless
// there is one, so that a later change in Salesforce does not replace it (spec 6).
func (e *edit) holds(a assignment) bool {
	value := e.group.Entity.Value(a.variable.ID)
	if value != a.value && !(value.Absent() && a.value == conversion.Null) {
		return false
	}
	return a.variable.Mode != conversion.ModeAlwaysConversion || e.group.Entity.OwnClaim(a.variable.ID) != nil
}

// readOnly reports whether only Salesforce says what the variable is: our claims of it
// count only while no record makes one (spec 6).
func (e *edit) readOnly(v *conversion.Variable) bool {
	if !v.ReadOnly && v.Mode != conversion.ModeAlwaysSalesforce {
		return false
	}
	for _, l := range e.group.Links {
		if l.Live() {
			return true
		}
	}
	return false
}

func refuseReadOnly(keys []string) error {
	var faults faults
	for _, key := range keys {
		faults.add("variables."+key, "only Salesforce changes it")
	}
	return faults.err()
}

// set makes an own claim.
func (e *edit) set(v *conversion.Variable, value conversion.Value) {
	if v != nil {
		e.replace(v, e.group.Entity.Value(v.ID), value)
	}
}

// replace makes an own claim in place of the value before.
func (e *edit) replace(v *conversion.Variable, before, value conversion.Value) {
	var earlier conversion.OwnClaim
	if c := e.group.Entity.OwnClaim(v.ID); c != nil {
		earlier = *c
	}
	c := reconcile.Claim(e.group, v, value, e.theirs, e.reach, e.actor)
	c.Local, c.Said = !e.known, e.now
	if reconcile.CountEdit(e.group.Entity, v.ID, before, earlier, e.now) {
		e.counted = append(e.counted, v.ID)
	}
	e.changed = true
	e.sends = e.sends || e.reach.Goes()
}

// setName claims a company's name.
func (e *edit) setName() {
	if e.name == nil || e.group.Entity.Value(conversion.NameVar) == conversion.Text(*e.name) {
		return
	}
	e.set(e.schema.ByID(conversion.NameVar), conversion.Text(*e.name))
}

// setKey gives the entity the wished key and claims it. A website that has the domain
// already, or is among the wished values, stays as it is (spec 6).
func (e *edit) setKey() {
	entity := e.group.Entity
	if e.key == nil || *e.key == entity.Key {
		return
	}
	before := entity.Key
	entity.Key, e.changed = *e.key, true
	if entity.Kind == conversion.KindContact {
		if v := e.schema.ByID(conversion.EmailVar); v != nil {
			e.replace(v, conversion.Text(before), conversion.Text(*e.key))
		}
		return
	}
	if conversion.Domain(e.website().String()) == *e.key && *e.key != "" || e.wishesWebsite() {
		return
	}
	value := conversion.Null
	if *e.key != "" {
		value = conversion.Text(*e.key)
	}
	e.set(e.schema.ByID(conversion.WebsiteVar), value)
}

func (e *edit) website() conversion.Value { return e.group.Entity.Value(conversion.WebsiteVar) }

func (e *edit) wishesWebsite() bool {
	for _, a := range e.values {
		if a.variable.ID == conversion.WebsiteVar {
			return true
		}
	}
	return false
}

// setCompany claims the contact's company (spec 3.15).
func (e *edit) setCompany() {
	if e.company == nil || *e.company == e.group.Entity.Company {
		return
	}
	value := conversion.Null
	if *e.company != "" {
		value = conversion.Text(*e.company)
	}
	e.set(e.schema.ByID(conversion.AccountVar), value)
}

// resolve brings the entity's values in line with the claims and marks it for sending.
func (e *edit) resolve() []conversion.FieldChange {
	changes := reconcile.Resolve(e.group, e.schema)
	entity := e.group.Entity
	for _, c := range changes {
		if entity.Kind == conversion.KindContact && c.Var == conversion.AccountVar && c.From.Zero() {
			entity.Company = c.After.String()
		}
	}
	entity.Updated = e.now
	if e.sends {
		markDirty(entity, e.now)
	}
	return changes
}

// markDirty lets the engine look at the entity at once.
func markDirty(e *conversion.Entity, now conversion.Moment) {
	lane := conversion.LaneEdits
	if e.Version == 0 {
		lane = conversion.LaneNews
	}
	e.Mark(lane, now)
}
