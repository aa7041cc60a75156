package reconcile

import (
	"cmp"
	"slices"

	"conversion"
)

// HeldRows are what people are told of what is held of a group: as is the object it is
// still to be created as, "" when it is not. What goes away by itself is told once it did
// not for a while.
func HeldRows(g conversion.Group, as conversion.Object) []conversion.Held {
	var rows []conversion.Held
	add := func(ref conversion.Ref, holds []conversion.FieldHold) {
		for _, h := range holds {
			if h.Fix != conversion.FixItself || h.Tries >= Patience {
				rows = append(rows, heldRow(g.Entity.ID, ref, h, holds))
			}
		}
	}
	for _, l := range g.Links {
		add(l.Ref, l.Holds)
	}
	if as != "" {
		add(conversion.Ref{Object: as}, g.Entity.Holds)
	}
	return rows
}

// HeldKeyRows are what people are told of a group's records whose e-mail or website could not
// be followed (spec 3.12).
func HeldKeyRows(g conversion.Group) []conversion.Held {
	var rows []conversion.Held
	for _, l := range g.Links {
		if l.State == conversion.LinkHeld {
			rows = append(rows, heldKeyRow(g.Entity.ID, l))
		}
	}
	return rows
}

func heldKeyRow(entityID string, l *conversion.Link) conversion.Held {
	return conversion.Held{
		EntityID: entityID, Ref: l.Ref, Code: conversion.HeldKeyChanged, Message: l.Hold,
		Hint: "Correct it in Salesforce, or combine the two by hand.",
	}
}

// heldRow words one hold. What is held along with a refused field has its cause.
func heldRow(entityID string, ref conversion.Ref, h conversion.FieldHold, holds []conversion.FieldHold) conversion.Held {
	row := conversion.Held{
		EntityID: entityID, Ref: ref, Field: h.Field, Fix: h.Fix, Code: h.Code, Message: h.Message, Hint: h.Hint,
		UserID: h.By, Since: h.Since, Retry: h.Retry, Cause: conversion.Cause(h.Code, ref.Object, h.Field),
	}
	if i, ok := conversion.FindHold(holds, h.With); ok && h.With != 0 {
		row.Cause = conversion.Cause(h.Code, ref.Object, holds[i].Field)
		row.Message = "It waits for " + holds[i].Field + ", with which it has to fit. " + h.Message
	}
	return row
}

// Retry lets go at once what of a group is held and chosen: somebody says that its cause is
// gone. Others' changes of a field are forgiven. It returns how many holds it chose; the
// entity then has something to send. A record whose e-mail or website could not be followed
// is not among these: whose it is, is decided anew. as is the object it is still to be
// created as, if any.
func Retry(g conversion.Group, as conversion.Object, chosen func(conversion.Held) bool, now conversion.Moment) (n int) {
	release := func(ref conversion.Ref, holds []conversion.FieldHold) (roots map[conversion.VarID]bool) {
		roots = make(map[conversion.VarID]bool)
		for i, h := range holds {
			if chosen(heldRow(g.Entity.ID, ref, h, holds)) {
				holds[i].Retry = now
				roots[root(h)] = true
				n++
			}
		}
		return roots
	}
	for _, l := range g.Links {
		if l.State == conversion.LinkHeld && chosen(heldKeyRow(g.Entity.ID, l)) {
			l.Pending = true
		}
		roots := release(l.Ref, l.Holds)
		l.Rewrites = slices.DeleteFunc(l.Rewrites, func(r conversion.Rewrites) bool { return roots[r.Var] })
	}
	release(conversion.Ref{Object: as}, g.Entity.Holds)
	if n > 0 {
		g.Entity.Retry = 0
		g.Entity.Dirty = cmp.Or(g.Entity.Dirty, now)
	}
	return n
}
