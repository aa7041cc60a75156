package store

import "conversion"

// encodeWrites gives the stored form of the fields of a write; nil when there are none.
func encodeWrites(fields []conversion.FieldWrite) []byte {
	if len(fields) == 0 {
		return nil
	}
	e := newEncoder(48 * len(fields))
	e.count(len(fields))
	for _, f := range fields {
		e.text(f.Field)
		e.integer(int64(f.Var))
		e.value(f.Before)
		e.value(f.Value)
		e.integer(f.Number)
	}
	return e.buf
}

func decodeWrites(stored []byte) ([]conversion.FieldWrite, error) {
	if len(stored) == 0 {
		return nil, nil
	}
	d := newDecoder(stored)
	fields := make([]conversion.FieldWrite, d.count())
	for i := range fields {
		fields[i] = conversion.FieldWrite{
			Field: d.text(), Var: d.variable(), Before: d.value(), Value: d.value(), Number: d.integer(),
		}
		if d.err != nil {
			break
		}
	}
	return fields, d.end()
}
