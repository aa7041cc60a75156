package store

import (
	"encoding/binary"
	"errors"
	"fmt"

	"conversion"
)

// The stored form of claims, values and what links remember: a byte that names the
// version of the form, then the parts below. Values are keyed by VarID, so that they
// survive changes of describe. A new version gets a new number and keeps reading the old.

// codecVersion is the form that is written.
const codecVersion = 1

// encoder appends the parts of a stored form.
type encoder struct{ buf []byte }

func newEncoder(size int) *encoder {
	e := &encoder{buf: make([]byte, 0, size)}
	e.byte(codecVersion)
	return e
}

func (e *encoder) byte(b byte)     { e.buf = append(e.buf, b) }
func (e *encoder) count(n int)     { e.buf = binary.AppendUvarint(e.buf, uint64(n)) }
func (e *encoder) integer(n int64) { e.buf = binary.AppendVarint(e.buf, n) }
func (e *encoder) text(s string)   { e.count(len(s)); e.buf = append(e.buf, s...) }

func (e *encoder) moment(m conversion.Moment) { e.integer(int64(m)) }

// value writes the form and, where the form has any, the text.
func (e *encoder) value(v conversion.Value) {
	form, text := v.Stored()
	e.byte(form)
	if !v.Absent() && v != conversion.Null {
		e.text(text)
	}
}

// word writes one of the known words as a byte, any other as 0 and its text.
func (e *encoder) word(known []string, s string) {
	for i, k := range known {
		if k == s {
			e.byte(byte(i + 1))
			return
		}
	}
	e.byte(0)
	e.text(s)
}

// The words that are stored as their place here, from 1: only ever add at the end.
var (
	storedActors  = []string{"", "user", "api_key", "import", "salesforce", "system"}
	storedObjects = []string{"", "Lead", "Contact", "Account", "Task", "Event", "User"}
)

func (e *encoder) actor(a conversion.Actor) {
	e.word(storedActors, string(a.Kind))
	e.text(a.ID)
}

func (e *encoder) ref(r conversion.Ref) {
	e.word(storedObjects, string(r.Object))
	e.text(r.ID)
}

var errDamaged = errors.New("the stored form is damaged")

// decoder reads the parts back. The first fault sticks: what is read after it is zero.
type decoder struct {
	buf []byte
	err error
}

// newDecoder checks the version.
func newDecoder(stored []byte) *decoder {
	d := &decoder{buf: stored}
	if v := d.byte(); d.err == nil && v != codecVersion {
		d.fail(fmt.Errorf("unknown stored form %d", v))
	}
	return d
}

func (d *decoder) fail(err error) {
	if d.err == nil {
		d.err, d.buf = err, nil
	}
}

// end returns the first fault; bytes left over are one.
func (d *decoder) end() error {
	if len(d.buf) > 0 {
		d.fail(errDamaged)
	}
	return d.err
}

func (d *decoder) byte() byte {
	if len(d.buf) == 0 {
		d.fail(errDamaged)
		return 0
	}
	b := d.buf[0]
	d.buf = d.buf[1:]
	return b
}

// count reads a number of things that take at least a byte each.
func (d *decoder) count() int {
	n, size := binary.Uvarint(d.buf)
	if size <= 0 || n > uint64(len(d.buf)-size) {
		d.fail(errDamaged)
		return 0
	}
	d.buf = d.buf[size:]
	return int(n)
}

func (d *decoder) integer() int64 {
	n, size := binary.Varint(d.buf)
	if size <= 0 {
		d.fail(errDamaged)
		return 0
	}
	d.buf = d.buf[size:]
	return n
}

func (d *decoder) moment() conversion.Moment { return conversion.Moment(d.integer()) }

func (d *decoder) variable() conversion.VarID { return conversion.VarID(d.integer()) }

func (d *decoder) text() string {
	n := d.count()
	s := string(d.buf[:n])
	d.buf = d.buf[n:]
	return s
}

func (d *decoder) value() conversion.Value {
	form, text := d.byte(), ""
	v, err := conversion.FromStored(form, "")
	if err == nil && !v.Absent() && v != conversion.Null {
		text = d.text()
		v, err = conversion.FromStored(form, text)
	}
	if err != nil {
		d.fail(err)
	}
	return v
}

func (d *decoder) word(known []string) string {
	b := int(d.byte())
	switch {
	case b == 0:
		return d.text()
	case b > len(known):
		d.fail(errDamaged)
		return ""
	}
	return known[b-1]
}

func (d *decoder) actor() conversion.Actor {
	return conversion.Actor{Kind: conversion.ActorKind(d.word(storedActors)), ID: d.text()}
}

func (d *decoder) ref() conversion.Ref {
	return conversion.Ref{Object: conversion.Object(d.word(storedObjects)), ID: d.text()}
}

// encodeValue and decodeValue are for a value that stands alone.
func encodeValue(v conversion.Value) []byte {
	e := newEncoder(24)
	e.value(v)
	return e.buf
}

func decodeValue(stored []byte) (conversion.Value, error) {
	d := newDecoder(stored)
	v := d.value()
	return v, d.end()
}
