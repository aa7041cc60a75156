package store

import "conversion"

// encodeHolds gives the stored form of what is refused of a record, and of how often
// others changed it after us; nil when that is nothing.
func encodeHolds(holds []conversion.FieldHold, rewrites []conversion.Rewrites) []byte {
	if len(holds)+len(rewrites) == 0 {
		return nil
	}
	e := newEncoder(128*len(holds) + 32*len(rewrites))
	e.count(len(holds))
	for _, h := range holds {
		e.hold(h)
	}
	e.count(len(rewrites))
	for _, r := range rewrites {
		e.integer(int64(r.Var))
		for _, at := range r.At {
			e.moment(at)
		}
		e.text(r.By)
	}
	return e.buf
}

func (e *encoder) hold(h conversion.FieldHold) {
	e.integer(int64(h.Var))
	e.integer(int64(h.With))
	e.text(h.Field)
	e.integer(h.Number)
	e.text(h.Code)
	e.text(h.Message)
	e.text(h.Hint)
	e.text(string(h.Fix))
	e.moment(h.Since)
	e.moment(h.Retry)
	e.integer(int64(h.Tries))
	e.text(h.By)
	e.integer(int64(h.Shape))
	e.flags(h.Born)
}

func decodeHolds(stored []byte) (holds []conversion.FieldHold, rewrites []conversion.Rewrites, err error) {
	if len(stored) == 0 {
		return nil, nil, nil
	}
	d := newDecoder(stored)
	holds = make([]conversion.FieldHold, d.count())
	for i := range holds {
		if holds[i] = d.hold(); d.err != nil {
			return nil, nil, d.err
		}
	}
	rewrites = make([]conversion.Rewrites, d.count())
	for i := range rewrites {
		rewrites[i].Var = d.variable()
		for j := range rewrites[i].At {
			rewrites[i].At[j] = d.moment()
		}
		if rewrites[i].By = d.text(); d.err != nil {
			return nil, nil, d.err
		}
	}
	return orNil(holds), orNil(rewrites), d.end()
}

func (d *decoder) hold() conversion.FieldHold {
	return conversion.FieldHold{
		Var: d.variable(), With: d.variable(), Field: d.text(), Number: d.integer(),
		Code: d.text(), Message: d.text(), Hint: d.text(), Fix: conversion.Fix(d.text()),
		Since: d.moment(), Retry: d.moment(), Tries: int(d.integer()), By: d.text(), Shape: uint64(d.integer()),
		Born: d.byte() != 0,
	}
}

// orNil returns nil for an empty list.
func orNil[T any](list []T) []T {
	if len(list) == 0 {
		return nil
	}
	return list
}
