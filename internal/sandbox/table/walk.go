package table

import (
	"encoding/binary"
	"math"
)

// Kind is what a packed value is.
type Kind uint8

// The kinds of values that Walk meets.
const (
	Text Kind = iota + 1
	True
	Float
	Integer
)

// Value is a packed value without the cost of an interface. Text shares the
// row's memory.
type Value struct {
	Column  int
	Kind    Kind
	Text    string
	Float   float64
	Integer int64
}

// Walker goes over the values of a row in the order of their columns, once.
type Walker struct{ d decoder }

// Walk starts before the first value.
func (r *Row) Walk() Walker { return Walker{decoder{data: r.Data}} }

// Next reads the next value that is there into v; a stored false is passed over
// as if it were not.
func (w *Walker) Next(v *Value) bool {
	for w.d.more() {
		col, kind := w.d.tag()
		v.Column = col
		switch kind {
		case kindText:
			v.Kind, v.Text = Text, w.d.text()
		case kindTrue:
			v.Kind = True
		case kindFalse:
			continue
		case kindInteger:
			v.Kind, v.Integer = Integer, w.d.varint()
		case kindWhole:
			v.Kind, v.Float = Float, float64(w.d.varint())
		default:
			v.Kind = Float
			v.Float = math.Float64frombits(binary.LittleEndian.Uint64([]byte(w.d.data[w.d.pos : w.d.pos+8])))
			w.d.pos += 8
		}
		return true
	}
	return false
}
