package sandbox

import (
	"slices"

	"conversion/internal/sandbox/schema"
)

// What every org has from the first day besides its users: the values of its
// status fields as records, and a standard price book.

// statusList says how the values of a field are kept as records: the values for
// which a flag is true, by flag.
type statusList struct {
	list, object, field string
	flags               map[string][]string
}

var statusLists = []statusList{
	{"LeadStatus", "Lead", "Status", map[string][]string{"IsConverted": {"Closed - Converted"}}},
	{"TaskStatus", "Task", "Status", map[string][]string{"IsClosed": {"Completed"}}},
	{"TaskPriority", "Task", "Priority", map[string][]string{"IsHighPriority": {"High"}}},
	{"CaseStatus", "Case", "Status", map[string][]string{"IsClosed": {"Closed"}}},
	{"ContractStatus", "Contract", "Status", nil},
	{"OpportunityStage", "Opportunity", "StageName", map[string][]string{
		"IsClosed": {"Closed Won", "Closed Lost"}, "IsWon": {"Closed Won"},
	}},
}

// stage is what an opportunity's stage decides.
type stage struct {
	probability        float64
	category, forecast string
}

var stages = map[string]stage{
	"Prospecting":          {10, "Pipeline", "Pipeline"},
	"Qualification":        {10, "Pipeline", "Pipeline"},
	"Needs Analysis":       {20, "Pipeline", "Pipeline"},
	"Value Proposition":    {50, "Pipeline", "Pipeline"},
	"Id. Decision Makers":  {60, "Pipeline", "Pipeline"},
	"Perception Analysis":  {70, "Pipeline", "Pipeline"},
	"Proposal/Price Quote": {75, "Pipeline", "Pipeline"},
	"Negotiation/Review":   {90, "Pipeline", "Pipeline"},
	"Closed Won":           {100, "Closed", "Closed"},
	"Closed Lost":          {0, "Omitted", "Omitted"},
}

// contractCodes are the status categories of the contract statuses.
var contractCodes = map[string]string{"Draft": "Draft", "In Approval Process": "InApproval", "Activated": "Activated"}

// furnish makes the org's own records.
func (o *Org) furnish() {
	o.mustWrite(func(t *tx) *Error {
		number := uint64(0)
		for _, list := range statusLists {
			if err := t.makeStatuses(list, &number); err != nil {
				return err
			}
		}
		books := o.standard("Pricebook2")
		return t.place(books, map[string]any{
			"Id": o.newID(books), "Name": "Standard Price Book", "IsStandard": true, "IsActive": true,
		})
	})
}

// mustWrite changes the org's own furniture on behalf of the administrator.
func (o *Org) mustWrite(fn func(*tx) *Error) {
	if err := o.write(o.Admin(), fn); err != nil {
		panic("sandbox: the standard schema does not take the org's own records: " + err.Error())
	}
}

// makeStatuses makes a record of every value of a status field. The lists share
// a key prefix, so their ids share a sequence too.
func (t *tx) makeStatuses(list statusList, number *uint64) *Error {
	obj, _ := t.org.object(list.list)
	owner, _ := t.org.object(list.object)
	f, _ := owner.field(list.field)
	for i, value := range f.Picklist {
		*number++
		record := map[string]any{
			"Id": recordID(obj.KeyPrefix, t.org.pod, *number), "MasterLabel": value.Label, "ApiName": value.Value,
			"SortOrder": float64(i + 1), "IsDefault": value.Default, "IsActive": true,
		}
		for flag, values := range list.flags {
			record[flag] = slices.Contains(values, value.Value)
		}
		if s, ok := stages[value.Value]; ok && obj.Name == "OpportunityStage" {
			record["DefaultProbability"], record["ForecastCategory"], record["ForecastCategoryName"] = s.probability, s.category, s.forecast
		}
		if code, ok := contractCodes[value.Value]; ok && obj.Name == "ContractStatus" {
			record["StatusCode"] = code
		}
		if err := t.place(obj, record); err != nil {
			return err
		}
	}
	return nil
}

// statusFlag says whether the record of a status value has a flag.
func (o *Org) statusFlag(list, value, flag string) bool {
	obj, ok := o.object(list)
	if !ok || value == "" {
		return false
	}
	name := mustColumn(obj, "ApiName")
	for row := range obj.rows.ByID().All() {
		if row.Text(name) == value {
			return obj.flagged(row, flag)
		}
	}
	return false
}

// personTypes are the record types that come with person accounts.
var personTypes = []struct {
	name, developer string
	isPerson        bool
}{
	{"Business Account", "Business_Account", false},
	{"Person Account", "PersonAccount", true},
}

// furnishPersons makes the record types by which accounts become persons.
func (o *Org) furnishPersons() error {
	return o.write(o.Admin(), func(t *tx) *Error {
		types := o.standard("RecordType")
		for _, kind := range personTypes {
			err := t.place(types, map[string]any{
				"Id": o.newID(types), "Name": kind.name, "DeveloperName": kind.developer, "SobjectType": "Account",
				"IsActive": true, "IsPersonType": kind.isPerson,
			})
			if err != nil {
				return err
			}
		}
		account, contact := o.standard("Account"), o.standard("Contact")
		name, _ := account.field("Name")
		name.ExtraTypeInfo, name.CompoundFieldName = "switchablepersonname", "Name"
		for _, f := range contact.fields {
			o.addPersonField(contact, f)
		}
		// A lead without a company becomes a person.
		company, _ := t.org.standard("Lead").field("Company")
		company.Nillable = true
		return nil
	})
}

// addPersonField gives the account a custom field of the contact: Tier__c becomes
// Tier__pc.
func (o *Org) addPersonField(obj *object, f *field) {
	if obj.Name != "Contact" || !o.enabled(schema.PersonAccounts) || !f.Custom || f.Calculated || f.column < 0 || f.isPart() {
		return
	}
	described, account := f.Field, o.standard("Account")
	described.Name = personName(f.Name)
	if described.RelationshipName != "" {
		described.RelationshipName = personName(described.RelationshipName)
	}
	added := account.addField(described)
	added.bindReading()
	o.openField(account, added)
	o.describeChanged(account)
}

// losePersonField takes the account's field away with the contact's.
func (o *Org) losePersonField(obj *object, f *field) {
	account := o.standard("Account")
	if own, ok := account.field(personName(f.Name)); ok && obj.Name == "Contact" && o.enabled(schema.PersonAccounts) {
		o.loseField(account, own)
		o.describeChanged(account)
	}
}

// firstStatus is the first value of a status list that has a flag.
func (o *Org) firstStatus(list, flag string) string {
	obj := o.standard(list)
	for row := range obj.rows.ByID().All() {
		if obj.flagged(row, flag) {
			return row.Text(mustColumn(obj, "ApiName"))
		}
	}
	return ""
}

// firstStage is where a new opportunity begins.
func (o *Org) firstStage() string {
	stages := o.standard("OpportunityStage")
	for row := range stages.rows.ByID().All() {
		if !stages.flagged(row, "IsClosed") {
			return row.Text(mustColumn(stages, "ApiName"))
		}
	}
	return ""
}
