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
