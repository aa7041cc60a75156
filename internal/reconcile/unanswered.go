package reconcile

import (
	"cmp"

	"conversion"
)

// UnansweredRows are what people are told of an entity whose create may have taken effect
// or not (spec 4.3). One by our External Id field is no matter: it is sent again at once.
func UnansweredRows(e *conversion.Entity) []conversion.Held {
	c := e.Creating
	if c == nil || c.Keyed {
		return nil
	}
	return []conversion.Held{{
		EntityID: e.ID, Ref: conversion.Ref{Object: c.Object}, Code: conversion.HeldUnanswered, Fix: conversion.FixItself,
		Message: "Salesforce gave no answer when it was to be created: it may be there.",
		Hint:    "It is looked for at the next try, and created then if it is not found. If you know that it is not in Salesforce, say so, and it is created at once.",
		Since:   max(c.At, c.Lost), Retry: e.Retry,
	}}
}

// NotThere takes a person's word that a create of unknown outcome made no record: it may be
// sent again at once. It reports whether that create, told by the held row about it, is the
// one that is still open; a later one is not touched.
func NotThere(e *conversion.Entity, h conversion.Held, now conversion.Moment) bool {
	c := e.Creating
	if h.Code != conversion.HeldUnanswered || c == nil || c.Keyed || max(c.At, c.Lost) > h.Since {
		return false
	}
	e.Creating, e.Retry = nil, 0
	e.Dirty = cmp.Or(e.Dirty, now)
	return true
}
