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
