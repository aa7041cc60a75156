package store

import (
	"slices"

	"conversion"
)

// encodeOwn gives the stored form of an entity's own claims; nil when it made none.
func encodeOwn(claims []conversion.OwnClaim) []byte {
	if len(claims) == 0 {
		return nil
	}
	e := newEncoder(64 * len(claims))
	e.count(len(claims))
	for _, c := range claims {
		e.integer(int64(c.Var))
		e.value(c.Value)
		e.moment(c.At)
		e.integer(c.Number)
		e.integer(int64(c.Reach))
		e.flags(c.Weak, c.Counted != 0, c.Local, c.Said != 0)
		e.actor(c.By)
		if c.Counted != 0 {
			e.moment(c.Counted)
		}
		if c.Said != 0 {
			e.moment(c.Said)
		}
	}
	return e.buf
}

func decodeOwn(stored []byte) ([]conversion.OwnClaim, error) {
	if len(stored) == 0 {
		return nil, nil
	}
	d := newDecoder(stored)
	claims := make([]conversion.OwnClaim, d.count())
	for i := range claims {
		c := &claims[i]
		*c = conversion.OwnClaim{
			Var:    d.variable(),
			Value:  d.value(),
			At:     d.moment(),
			Number: d.integer(),
			Reach:  d.reach(),
		}
		var counted, said bool
		d.flags(&c.Weak, &counted, &c.Local, &said)
		if c.By = d.actor(); counted {
			c.Counted = d.moment()
		}
		if said {
			c.Said = d.moment()
		}
		if d.err != nil {
			break
		}
	}
	return claims, d.end()
}

// source is what many values of an entity have in common.
type source struct {
	at   conversion.Moment
	from conversion.Ref
	by   conversion.Actor
}

// encodeResolved gives the stored form of an entity's values: first the sources they have
// in common, then the values, each with the place of its source.
func encodeResolved(values []conversion.Resolved) []byte {
	if len(values) == 0 {
		return nil
	}
	sources := make([]source, 0, 4)
	places := make([]int, len(values))
	for i, v := range values {
		s := source{v.At, v.From, v.By}
		if places[i] = slices.Index(sources, s); places[i] < 0 {
			places[i], sources = len(sources), append(sources, s)
		}
	}
	e := newEncoder(64*len(sources) + 16*len(values))
	e.count(len(sources))
	for _, s := range sources {
		e.moment(s.at)
		e.ref(s.from)
		e.actor(s.by)
	}
	e.count(len(values))
	for i, v := range values {
		e.integer(int64(v.Var))
		e.integer(int64(places[i]))
		e.value(v.Value)
	}
	return e.buf
}

func decodeResolved(stored []byte) ([]conversion.Resolved, error) {
	if len(stored) == 0 {
		return nil, nil
	}
	d := newDecoder(stored)
	sources := make([]source, d.count())
	for i := range sources {
		sources[i] = source{d.moment(), d.ref(), d.actor()}
	}
	values := make([]conversion.Resolved, d.count())
	for i := range values {
		id, place, value := d.variable(), d.integer(), d.value()
		if d.err == nil && (place < 0 || place >= int64(len(sources))) {
			d.fail(errDamaged)
		}
		if d.err != nil {
			break
		}
		s := sources[place]
		values[i] = conversion.Resolved{Var: id, Value: value, At: s.at, From: s.from, By: s.by}
	}
	return values, d.end()
}

// encodeCreation gives the stored form of an unfinished create; nil when there is none.
func encodeCreation(c *conversion.Creation) []byte {
	if c == nil {
		return nil
	}
	e := newEncoder(32 + len(c.Key) + len(c.Name))
	e.word(storedObjects, string(c.Object))
	e.moment(c.At)
	e.integer(c.Number)
	e.moment(c.Lost)
	e.flags(c.Keyed, c.Again)
	e.text(c.Key)
	e.text(c.Name)
	e.count(len(c.Sent))
	for _, f := range c.Sent {
		e.integer(int64(f.Var))
		e.value(f.Value)
		e.integer(f.Number)
	}
	return e.buf
}

// decodeCreation also reads what was stored before more was remembered: the first form has
// nothing after the number but whether the request had left, the second no claims. Of the
// first the key is not known: it is the entity's.
func decodeCreation(stored []byte, key string) (*conversion.Creation, error) {
	if len(stored) == 0 {
		return nil, nil
	}
	d := newDecoder(stored)
	c := &conversion.Creation{Object: conversion.Object(d.word(storedObjects)), At: d.moment(), Number: d.integer()}
	if len(d.buf) == 1 {
		if left := d.byte() != 0; !left { // nothing can have been made
			return nil, d.end()
		}
		c.Key = key
		return c, d.end()
	}
	c.Lost = d.moment()
	d.flags(&c.Keyed, &c.Again)
	c.Key, c.Name = d.text(), d.text()
	if len(d.buf) > 0 {
		c.Sent = d.sent()
	}
	return c, d.end()
}

func (d *decoder) sent() []conversion.Sent {
	var sent []conversion.Sent
	for range d.count() {
		sent = append(sent, conversion.Sent{Var: d.variable(), Value: d.value(), Number: d.integer()})
		if d.err != nil {
			break
		}
	}
	return sent
}

// flags writes booleans into one byte, the first as its lowest bit.
func (e *encoder) flags(on ...bool) {
	var b byte
	for i, set := range on {
		if set {
			b |= 1 << i
		}
	}
	e.byte(b)
}

// flags reads what flags wrote; those that were not written then are false.
func (d *decoder) flags(on ...*bool) {
	b := d.byte()
	for i := range on {
		*on[i] = b&(1<<i) != 0
	}
}

func (d *decoder) reach() conversion.Reach { return conversion.Reach(d.integer()) }
