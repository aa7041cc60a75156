package table

// With packs the row's values anew with another value in one column.
func (r *Row) With(col int, v any) string {
	var scratch [1024]byte
	from, to := r.span(col)
	b := append(scratch[:0], r.Data[:from]...)
	b = appendValue(b, col, v)
	return string(append(b, r.Data[to:]...))
}

// span is where a column's value stands, or would stand.
func (r *Row) span(col int) (from, to int) {
	d := decoder{data: r.Data}
	for d.more() {
		from = d.pos
		at, kind := d.tag()
		if at > col {
			return from, from
		}
		d.skip(kind)
		if at == col {
			return from, d.pos
		}
	}
	return d.pos, d.pos
}

// Differ yields the columns in which two states of a row differ, in ascending
// order, without unpacking what is equal.
func Differ(a, b *Row, yield func(col int)) {
	x, y := decoder{data: a.Data}, decoder{data: b.Data}
	colX, partX := x.part()
	colY, partY := y.part()
	for colX != noColumn || colY != noColumn {
		switch {
		case colX < colY:
			yield(colX)
			colX, partX = x.part()
		case colY < colX:
			yield(colY)
			colY, partY = y.part()
		default:
			if partX != partY {
				yield(colX)
			}
			colX, partX = x.part()
			colY, partY = y.part()
		}
	}
}

// noColumn is after every column.
const noColumn = int(^uint(0) >> 1)

// part steps over a value and returns its column and how it is packed.
func (d *decoder) part() (col int, packed string) {
	if !d.more() {
		return noColumn, ""
	}
	from := d.pos
	col, kind := d.tag()
	d.skip(kind)
	return col, d.data[from:d.pos]
}
