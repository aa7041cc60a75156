package gateway

import (
	"context"

	"conversion"
	"conversion/internal/salesforce/soql"
)

// maxPage is the largest page Salesforce answers with.
const maxPage = 2_000

// Count returns how many records of the object, deleted ones included, come after the
// cursor.
func (o *Org) Count(ctx context.Context, object conversion.Object, cursor conversion.Cursor) (int, error) {
	if _, err := o.readable(ctx, object); err != nil {
		return 0, err
	}
	page, err := o.client.QueryAll(ctx, after(soql.Count().From(string(object)), cursor))
	if err != nil {
		return 0, orgError(object, err)
	}
	return page.TotalSize, nil
}

// Changes reads a page of at most limit records after the cursor, in the order of
// (SystemModstamp, Id), deleted and converted ones included. The page may be shorter than
// limit, even empty, while More is set.
func (o *Org) Changes(ctx context.Context, s *conversion.Schema, object conversion.Object, cursor conversion.Cursor, limit int) (conversion.RecordPage, error) {
	def, err := o.readable(ctx, object)
	if err != nil {
		return conversion.RecordPage{}, err
	}
	l := newLayout(s, def)
	limit = pageSize(limit)
	q := inOrder(after(soql.Select(l.names...).From(string(object)), cursor)).Limit(limit)
	read, err := o.first(ctx, o.client.QueryAll, q, limit)
	if err != nil {
		return conversion.RecordPage{}, err
	}
	return conversion.RecordPage{Records: l.records(read), Next: read.next(cursor), More: read.full || read.moved}, nil
}

func pageSize(limit int) int {
	if limit <= 0 {
		return maxPage
	}
	return min(limit, maxPage)
}

func (l *layout) records(s slice) []conversion.Record {
	records := make([]conversion.Record, len(s.rows))
	for i, row := range s.rows {
		records[i] = l.record(row, s.asked)
	}
	return records
}

// next returns the cursor after the last row, or the one before when there is none.
func (s slice) next(cursor conversion.Cursor) conversion.Cursor {
	if len(s.rows) == 0 {
		return cursor
	}
	return cursorAt(s.rows[len(s.rows)-1])
}
