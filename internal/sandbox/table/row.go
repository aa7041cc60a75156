// Package table keeps the rows of one Salesforce object compactly in memory and
// finds them through ordered indexes.
//
// It knows columns by number and values by kind only. It must never know field
// names, rules of an object, requests or time; it does no locking, which is its
// owner's business.
package table

import (
	"encoding/binary"
	"math"
	"strconv"
)

// Row is one record. Its values are packed into one immutable string, so that a
// row costs a few allocations whatever its number of columns, and a reader who
// copied the Row under the owner's lock may go on reading without it.
type Row struct {
	// ID is the 18-character record id.
	ID string
	// Stamp is the row's SystemModstamp in Unix seconds.
	Stamp int64
	// Deleted says that the row is in the recycle bin.
	Deleted bool
	// Data is what Pack made of the row's values.
	Data string
}

// The kinds of a packed value, in the low bits of its column tag.
const (
	kindText = iota + 1
	kindTrue
	kindFalse
	kindFloat
	kindInteger
	kindWhole // a float64 without a fraction, stored as a varint
	kindBits  = 3
	kindMask  = 1<<kindBits - 1
)

// Pack encodes values by column number. A value is nil, string, bool, float64
// or int64; nil takes no room. Pack panics on any other type: it would be a
// programming error of the layer above.
func Pack(values []any) string {
	var scratch [512]byte
	b := scratch[:0]
	for col, v := range values {
		b = appendValue(b, col, v)
	}
	return string(b)
}

func appendValue(b []byte, col int, v any) []byte {
	tag := uint64(col) << kindBits
	switch v := v.(type) {
	case nil:
		return b
	case string:
		b = binary.AppendUvarint(b, tag|kindText)
		b = binary.AppendUvarint(b, uint64(len(v)))
		return append(b, v...)
	case bool:
		if v {
			return binary.AppendUvarint(b, tag|kindTrue)
		}
		return binary.AppendUvarint(b, tag|kindFalse)
	case int64:
		b = binary.AppendUvarint(b, tag|kindInteger)
		return binary.AppendVarint(b, v)
	case float64:
		return appendFloat(b, tag, v)
	}
	panic("table: a value of an unsupported type")
}

func appendFloat(b []byte, tag uint64, v float64) []byte {
	const exact = 1 << 53
	if v == math.Trunc(v) && v > -exact && v < exact {
		b = binary.AppendUvarint(b, tag|kindWhole)
		return binary.AppendVarint(b, int64(v))
	}
	b = binary.AppendUvarint(b, tag|kindFloat)
	return binary.LittleEndian.AppendUint64(b, math.Float64bits(v))
}

// Get returns the value of one column, nil when it has none. Text shares the
// row's memory.
func (r *Row) Get(col int) any {
	d := decoder{data: r.Data}
	if kind := d.seek(col); kind != 0 {
		return d.value(kind)
	}
	return nil
}

// Has says whether a column has a value.
func (r *Row) Has(col int) bool {
	d := decoder{data: r.Data}
	return d.seek(col) != 0
}

// Text returns the text of one column, "" when it has none.
func (r *Row) Text(col int) string {
	d := decoder{data: r.Data}
	if d.seek(col) != kindText {
		return ""
	}
	return d.text()
}

// key is what an index orders a row by: the text of a column, or KeyOf its number.
func (r *Row) key(col int) string {
	d := decoder{data: r.Data}
	switch kind := d.seek(col); kind {
	case kindText:
		return d.text()
	case kindFloat, kindWhole:
		x, _ := d.value(kind).(float64)
		return KeyOf(x)
	}
	return ""
}

// KeyOf is the text by which an index finds a number.
func KeyOf(x float64) string { return strconv.FormatFloat(x, 'g', -1, 64) }

// Values unpacks the row into a new slice of the given number of columns.
func (r *Row) Values(columns int) []any {
	values := make([]any, columns)
	for d := (decoder{data: r.Data}); d.more(); {
		col, kind := d.tag()
		if col >= columns {
			break
		}
		values[col] = d.value(kind)
	}
	return values
}

// decoder walks over packed values; its input is always the output of Pack.
type decoder struct {
	data string
	pos  int
}

// seek goes to the value of a column and returns its kind, 0 without one.
func (d *decoder) seek(col int) (kind uint64) {
	for d.more() {
		at, kind := d.tag()
		switch {
		case at == col:
			return kind
		case at > col:
			return 0
		}
		d.skip(kind)
	}
	return 0
}

// text reads a text whose tag was read.
func (d *decoder) text() string {
	n := int(d.uvarint())
	d.pos += n
	return d.data[d.pos-n : d.pos]
}

func (d *decoder) more() bool { return d.pos < len(d.data) }

func (d *decoder) tag() (col int, kind uint64) {
	t := d.uvarint()
	return int(t >> kindBits), t & kindMask
}

func (d *decoder) uvarint() uint64 {
	var x uint64
	for shift := 0; ; shift += 7 {
		c := d.data[d.pos]
		d.pos++
		x |= uint64(c&0x7f) << shift
		if c < 0x80 {
			return x
		}
	}
}

func (d *decoder) varint() int64 {
	u := d.uvarint()
	return int64(u>>1) ^ -int64(u&1)
}

func (d *decoder) value(kind uint64) any {
	switch kind {
	case kindText:
		return d.text()
	case kindTrue:
		return true
	case kindFalse:
		return false
	case kindInteger:
		return d.varint()
	case kindWhole:
		return float64(d.varint())
	}
	bits := binary.LittleEndian.Uint64([]byte(d.data[d.pos : d.pos+8]))
	d.pos += 8
	return math.Float64frombits(bits)
}

func (d *decoder) skip(kind uint64) {
	switch kind {
	case kindText:
		n := int(d.uvarint())
		d.pos += n
	case kindInteger, kindWhole:
		d.uvarint()
	case kindFloat:
		d.pos += 8
	}
}
