package gateway

import (
	"context"
	"iter"

	"conversion"
	"conversion/internal/salesforce"
	"conversion/internal/salesforce/soql"
)

// Load reads every record of the object with the schema's fields, those in the recycle bin
// included, as a job of the Bulk API: a few requests for however many records there are.
// Pages hold at most rows records, in no order; 0: as many as Salesforce likes. An error ends
// the sequence.
//
// All of it counts as read when it began: whatever was read of a record since is newer.
func (o *Org) Load(ctx context.Context, s *conversion.Schema, object conversion.Object, rows int) iter.Seq2[conversion.RecordPage, error] {
	return func(yield func(conversion.RecordPage, error) bool) {
		def, err := o.readable(ctx, object)
		if err != nil {
			yield(conversion.RecordPage{}, err)
			return
		}
		l := newLayout(s, def)
		q := soql.Select(l.names...).From(string(object))
		asked := o.asked(o.now())
		for page, err := range o.client.BulkQuery(ctx, q, salesforce.BulkOptions{Deleted: true, PageRows: rows}) {
			if err != nil {
				yield(conversion.RecordPage{}, orgError(object, err))
				return
			}
			loaded := conversion.RecordPage{Records: l.records(slice{rows: page.Rows, asked: asked}), More: page.Next != ""}
			if !yield(loaded, nil) {
				return
			}
		}
	}
}
