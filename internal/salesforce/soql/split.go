package soql

import (
	"fmt"
	"net/url"
	"slices"
)

// Split divides the columns over as few queries as keep each within encoded
// bytes as a parameter of a URL. The key columns (Id, and what tells a row
// changed in between) lead every part, so that rows can be joined again; the
// conditions, the order and the limit are the same in all. A query that fits
// comes back alone, with its columns as they were.
func (q Query) Split(encoded int, keys ...string) ([]Query, error) {
	whole, err := q.EncodedLen()
	if err != nil {
		return nil, err
	}
	if whole <= encoded {
		return []Query{q}, nil
	}
	base, err := q.withColumns(keys).EncodedLen()
	if err != nil {
		return nil, err
	}
	var parts []Query
	part, length := slices.Clone(keys), base
	for _, column := range q.columns {
		if slices.Contains(keys, column) {
			continue
		}
		size := len(url.QueryEscape(", " + column))
		if length+size > encoded && len(part) > len(keys) {
			parts = append(parts, q.withColumns(part))
			part, length = slices.Clone(keys), base
		}
		if length+size > encoded {
			return nil, fmt.Errorf("query of %s: %d bytes are too few for its conditions and one column", q.object, encoded)
		}
		part, length = append(part, column), length+size
	}
	return append(parts, q.withColumns(part)), nil
}

func (q Query) withColumns(columns []string) Query {
	q.columns = columns
	return q
}
