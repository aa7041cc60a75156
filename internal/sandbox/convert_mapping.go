package sandbox

import "strings"

// SetLeadMapping replaces the org's mapping of custom fields: by name of a lead's
// field, "Object.Field" of an account, a contact or an opportunity that takes its
// value at a conversion.
func (o *Org) SetLeadMapping(mapping map[string]string) error {
	o.mu.Lock()
	defer o.mu.Unlock()
	resolved, err := o.leadMapping(mapping)
	if err == nil {
		o.mapped = resolved
		return nil
	}
	return err
}

// A lead's fields and what they become.
var (
	leadToContact = map[string]string{
		"Salutation": "Salutation", "FirstName": "FirstName", "MiddleName": "MiddleName", "LastName": "LastName", "Suffix": "Suffix",
		"Title": "Title", "Email": "Email", "Phone": "Phone", "MobilePhone": "MobilePhone", "Fax": "Fax",
		"Description": "Description", "LeadSource": "LeadSource",
		"Street": "MailingStreet", "City": "MailingCity", "State": "MailingState", "PostalCode": "MailingPostalCode", "Country": "MailingCountry",
		"Latitude": "MailingLatitude", "Longitude": "MailingLongitude", "GeocodeAccuracy": "MailingGeocodeAccuracy",
		"HasOptedOutOfEmail": "HasOptedOutOfEmail", "HasOptedOutOfFax": "HasOptedOutOfFax", "DoNotCall": "DoNotCall",
	}
	leadToAccount = map[string]string{
		"Company": "Name", "Website": "Website", "Phone": "Phone", "Fax": "Fax", "Industry": "Industry", "Rating": "Rating",
		"AnnualRevenue": "AnnualRevenue", "NumberOfEmployees": "NumberOfEmployees", "LeadSource": "AccountSource",
		"Street": "BillingStreet", "City": "BillingCity", "State": "BillingState", "PostalCode": "BillingPostalCode", "Country": "BillingCountry",
		"Latitude": "BillingLatitude", "Longitude": "BillingLongitude", "GeocodeAccuracy": "BillingGeocodeAccuracy",
	}
	leadToOpportunity = map[string]string{"LeadSource": "LeadSource"}
)

// mappedTo adds to the standard mapping of lead fields what the org has mapped.
func (t *tx) mappedTo(object string, standard map[string]string) map[string]string {
	return joined(standard, t.org.mapped[object])
}

// leadMapping checks a mapping and orders it by object.
func (o *Org) leadMapping(mapping map[string]string) (map[string]map[string]string, *Error) {
	resolved := map[string]map[string]string{"Account": {}, "Contact": {}, "Opportunity": {}}
	for from, to := range mapping {
		source, ok := o.standard("Lead").field(from)
		if !ok {
			return nil, noColumn(from, "Lead")
		}
		objectName, name, _ := strings.Cut(to, ".")
		obj, ok := o.object(objectName)
		if !ok || resolved[obj.Name] == nil {
			return nil, refusal("INVALID_FIELD", "a lead's field becomes one of an Account, a Contact or an Opportunity, not "+to, from)
		}
		target, ok := obj.field(name)
		if !ok {
			return nil, noColumn(name, obj.Name)
		}
		resolved[obj.Name][source.Name] = target.Name
	}
	return resolved, nil
}
