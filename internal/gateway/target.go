package gateway

import (
	"context"

	"conversion"
	"conversion/internal/salesforce/soql"
)

// Read returns the present state of the records: one in the recycle bin with Deleted set,
// one that cannot be seen, or is gone for good, not at all. Their order is Salesforce's.
func (o *Org) Read(ctx context.Context, s *conversion.Schema, refs []conversion.Ref) ([]conversion.Record, error) {
	var records []conversion.Record
	for _, object := range s.Kind.Objects() {
		ids := idsOf(refs, object)
		if len(ids) == 0 {
			continue
		}
		def, err := o.def(ctx, object)
		if err != nil {
			return nil, err
		}
		if !def.Readable {
			continue
		}
		read, err := o.readIDs(ctx, newLayout(s, def), ids)
		if err != nil {
			return nil, err
		}
		records = append(records, read...)
	}
	return records, nil
}

func (o *Org) readIDs(ctx context.Context, l *layout, ids []string) ([]conversion.Record, error) {
	var records []conversion.Record
	for _, list := range lists(ids, listExtra) {
		q := soql.Select(l.names...).From(string(l.object)).Where(soql.In("Id", soql.Texts(list...)...))
		read, err := o.all(ctx, o.client.QueryAll, q)
		if err != nil {
			return nil, err
		}
		records = append(records, l.records(read)...)
	}
	return records, nil
}

// idsOf returns the ids of the refs to the object, each once.
func idsOf(refs []conversion.Ref, object conversion.Object) []string {
	var ids []string
	seen := make(map[string]bool, len(refs))
	for _, r := range refs {
		if r.Object == object && r.ID != "" && !seen[r.ID] {
			seen[r.ID] = true
			ids = append(ids, r.ID)
		}
	}
	return ids
}
