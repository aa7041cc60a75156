package gateway

import (
	"context"
	"fmt"
	"slices"

	"golang.org/x/net/idna"

	"conversion"
	"conversion/internal/salesforce/soql"
)

// ByKey returns the live Leads and Contacts that have one of the e-mails, or the live
// Accounts whose website has one of the domains, by the kind of the schema.
func (o *Org) ByKey(ctx context.Context, s *conversion.Schema, keys []string) ([]conversion.Record, error) {
	keys = slices.DeleteFunc(slices.Clone(keys), func(key string) bool { return key == "" })
	var found []conversion.Record
	for _, object := range s.Kind.Objects() {
		def, err := o.def(ctx, object)
		if err != nil {
			return nil, err
		}
		if !def.Readable {
			continue
		}
		l := newLayout(s, def)
		if l.key < 0 {
			return nil, keyHidden(object)
		}
		for _, conditions := range keyConditions(l, keys) {
			read, err := o.all(ctx, o.client.Query, soql.Select(l.names...).From(string(object)).Where(conditions...))
			if err != nil {
				return nil, err
			}
			found = append(found, l.records(read)...)
		}
	}
	return withKey(found, keys), nil
}

// ByExternalID returns the records of the object that were made for one of the entities, in
// the recycle bin or converted too; none where the org has no ExternalIDField.
func (o *Org) ByExternalID(ctx context.Context, s *conversion.Schema, object conversion.Object, ids []string) ([]conversion.Record, error) {
	def, err := o.readable(ctx, object)
	if err != nil || !def.ExternalID {
		return nil, err
	}
	l := newLayout(s, def)
	var found []conversion.Record
	for _, list := range lists(ids, listExtra) {
		q := soql.Select(l.names...).From(string(object)).Where(soql.In(conversion.ExternalIDField, soql.Texts(list...)...))
		read, err := o.all(ctx, o.client.QueryAll, q)
		if err != nil {
			return nil, err
		}
		found = append(found, l.records(read)...)
	}
	return found, nil
}

// Made returns the records that a user created under one of the names within a span of
// time, in the recycle bin or converted too.
func (o *Org) Made(ctx context.Context, s *conversion.Schema, q conversion.MadeQuery) ([]conversion.Record, error) {
	def, err := o.readable(ctx, q.Object)
	if err != nil {
		return nil, err
	}
	l := newLayout(s, def)
	var found []conversion.Record
	for _, names := range lists(q.Names, listExtra) {
		read, err := o.all(ctx, o.client.QueryAll, soql.Select(l.names...).From(string(q.Object)).Where(
			soql.Equal("CreatedById", soql.Text(q.By)),
			soql.AtLeast("CreatedDate", soql.Time(q.Since.Time())), soql.AtMost("CreatedDate", soql.Time(q.Until.Time())),
			soql.In("Name", soql.Texts(names...)...),
		))
		if err != nil {
			return nil, err
		}
		found = append(found, l.records(read)...)
	}
	return found, nil
}

// Upserts reports whether records of the object are created by an upsert: the org has
// ExternalIDField there.
func (o *Org) Upserts(ctx context.Context, object conversion.Object) (bool, error) {
	def, err := o.def(ctx, object)
	return def.ExternalID, err
}

// keyHidden says that nobody can be looked up: to take that for nobody would make
// duplicates.
func keyHidden(object conversion.Object) error {
	return &conversion.Error{
		Code:    conversion.CodeForbidden,
		Message: fmt.Sprintf("The connected Salesforce user cannot see %s.%s, by which records are found.", object, keyField(object)),
		Hint:    "Make the field visible to the user in Salesforce.",
	}
}

// keyConditions returns the conditions of as many queries as the keys need.
func keyConditions(l *layout, keys []string) [][]soql.Condition {
	var queries [][]soql.Condition
	if l.object.Kind() == conversion.KindCompany {
		for _, list := range lists(keys, likeExtra) {
			queries = append(queries, []soql.Condition{websiteHolds(list)})
		}
		return queries
	}
	for _, list := range lists(keys, listExtra) {
		conditions := []soql.Condition{soql.In("Email", soql.Texts(list...)...)}
		if l.converted >= 0 {
			conditions = append(conditions, soql.Equal("IsConverted", soql.Bool(false)))
		}
		queries = append(queries, conditions)
	}
	return queries
}

// likeExtra is what a domain takes beside itself: "(Website LIKE '%…%') OR ", and the
// same again for one that is also written in its own letters.
const likeExtra = 120

// websiteHolds finds websites that hold one of the domains somewhere; an international
// one may be written in its own letters.
func websiteHolds(domains []string) soql.Condition {
	var any []soql.Condition
	for _, domain := range domains {
		any = append(any, soql.Like("Website", soql.Containing(domain)))
		if letters, err := idna.ToUnicode(domain); err == nil && letters != domain {
			any = append(any, soql.Like("Website", soql.Containing(letters)))
		}
	}
	return soql.Or(any...)
}

// withKey keeps the records that carry one of the keys, each once: Salesforce compares
// more loosely than we do.
func withKey(records []conversion.Record, keys []string) []conversion.Record {
	wanted := make(map[string]bool, len(keys))
	for _, key := range keys {
		wanted[key] = true
	}
	seen := make(map[conversion.Ref]bool, len(records))
	return slices.DeleteFunc(records, func(r conversion.Record) bool {
		repeated := seen[r.Ref]
		seen[r.Ref] = true
		return repeated || !wanted[r.Key]
	})
}
