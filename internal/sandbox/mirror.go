package sandbox

// Some fields show what another record holds: a campaign member's e-mail is its
// lead's. They are kept in the row that shows them, so that they can be queried
// like others, and follow the other record whenever it is saved.

// mirror says which fields of an object show what a lookup leads to.
type mirror struct {
	object, lookup string
	fields         map[string]string // own field -> the other record's
}

var memberFields = map[string]string{
	"Salutation": "Salutation", "Name": "Name", "FirstName": "FirstName", "LastName": "LastName", "Title": "Title",
	"Email": "Email", "Phone": "Phone", "Fax": "Fax", "MobilePhone": "MobilePhone", "Description": "Description",
	"DoNotCall": "DoNotCall", "HasOptedOutOfEmail": "HasOptedOutOfEmail", "HasOptedOutOfFax": "HasOptedOutOfFax",
	"LeadSource": "LeadSource", "LeadOrContactOwnerId": "OwnerId",
}

// mirrors lists the later ones of an object last: they prevail.
var mirrors = []mirror{
	{"CampaignMember", "LeadId", joined(memberFields, map[string]string{
		"Street": "Street", "City": "City", "State": "State", "PostalCode": "PostalCode", "Country": "Country", "CompanyOrAccount": "Company",
	})},
	{"CampaignMember", "ContactId", joined(memberFields, map[string]string{
		"Street": "MailingStreet", "City": "MailingCity", "State": "MailingState", "PostalCode": "MailingPostalCode", "Country": "MailingCountry",
	})},
	{"Case", "ContactId", map[string]string{"ContactPhone": "Phone", "ContactMobile": "MobilePhone", "ContactEmail": "Email", "ContactFax": "Fax"}},
	{"PricebookEntry", "Product2Id", map[string]string{"Name": "Name", "ProductCode": "ProductCode"}},
	{"Asset", "Product2Id", map[string]string{"ProductCode": "ProductCode", "StockKeepingUnit": "StockKeepingUnit"}},
	{"OpportunityLineItem", "Product2Id", map[string]string{"ProductCode": "ProductCode"}},
}

func joined(fields, more map[string]string) map[string]string {
	all := map[string]string{}
	for _, part := range []map[string]string{fields, more} {
		for own, other := range part {
			all[own] = other
		}
	}
	return all
}

// mirrorsFrom lists the mirrors that show fields of an object.
var mirrorsFrom = map[string][]int{"Lead": {0}, "Contact": {1, 2}, "Product2": {3, 4, 5}}

// mirrorParents copies into a draft what its lookups show.
func (t *tx) mirrorParents(d *draft) {
	for i := range mirrors {
		m := &mirrors[i]
		if m.object != d.object.Name || !d.object.has(m.lookup) {
			continue
		}
		obj, row, ok := t.parent(d, m.lookup)
		if !ok {
			continue
		}
		for own, other := range m.fields {
			if f, has := obj.field(other); has {
				d.set(own, f.value(row))
			}
		}
	}
}

// mirrorToChildren brings the records that show fields of a saved one up to date.
func (t *tx) mirrorToChildren(d *draft) {
	for _, i := range mirrorsFrom[d.object.Name] {
		m := &mirrors[i]
		children, ok := t.org.object(m.object)
		if !ok || children.rows.Len() == 0 || d.isNew() {
			continue
		}
		for _, row := range children.referring(m.lookup, d.id) {
			t.adjust(row.ID, t.mirrorParents)
		}
	}
}
