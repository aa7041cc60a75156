package gateway

import (
	"context"
	"slices"
	"strings"

	"conversion"
	"conversion/internal/salesforce"
	"conversion/internal/salesforce/soql"
)

// queuePrefix begins the ids of groups, among them the queues that own Leads.
const queuePrefix = "00G"

// Users returns the names of users, and of queues, by id; those that cannot be seen are
// left out.
func (o *Org) Users(ctx context.Context, ids []string) (map[string]string, error) {
	byObject := map[string][]string{}
	for _, id := range ids {
		switch {
		case strings.HasPrefix(id, queuePrefix):
			byObject["Group"] = append(byObject["Group"], id)
		case refOf(id).Object == conversion.User:
			byObject["User"] = append(byObject["User"], id)
		}
	}
	names := make(map[string]string, len(ids))
	for object, ids := range byObject {
		rows, err := o.rowsIn(ctx, object, "Id", ids, "Id", "Name")
		if err != nil {
			return nil, err
		}
		for _, row := range rows {
			names[recordID(row[0].Text)] = row[1].Text
		}
	}
	return names, nil
}

// Doomed returns how many Contacts would be deleted along with the Accounts, and which
// Accounts have Opportunities, as far as the connected user sees them.
func (o *Org) Doomed(ctx context.Context, accountIDs []string) (conversion.Doom, error) {
	var doom conversion.Doom
	for _, list := range lists(accountIDs, listExtra) {
		page, err := o.client.Query(ctx, soql.Count().From("Contact").Where(soql.In("AccountId", soql.Texts(list...)...)))
		if err != nil && !cannotSee(err) {
			return conversion.Doom{}, orgError(conversion.Contact, err)
		}
		doom.Contacts += page.TotalSize
	}
	opportunities, err := o.rowsIn(ctx, "Opportunity", "AccountId", accountIDs, "Id", "AccountId")
	if err != nil {
		return conversion.Doom{}, err
	}
	for _, row := range opportunities {
		doom.WithOpportunities = append(doom.WithOpportunities, recordID(row[1].Text))
	}
	slices.Sort(doom.WithOpportunities)
	doom.WithOpportunities = slices.Compact(doom.WithOpportunities)
	return doom, nil
}

// rowsIn reads columns of the live rows whose field is one of the ids; none when the user
// does not see the object.
func (o *Org) rowsIn(ctx context.Context, object, field string, ids []string, columns ...string) ([]salesforce.Row, error) {
	var rows []salesforce.Row
	for _, list := range lists(ids, listExtra) {
		page, err := o.pages(ctx, o.client.Query, soql.Select(columns...).From(object).Where(soql.In(field, soql.Texts(list...)...)))
		if cannotSee(err) {
			return nil, nil
		}
		if err != nil {
			return nil, orgError(conversion.Object(object), err)
		}
		rows = append(rows, page.Rows...)
	}
	return rows, nil
}
