package sandbox

import (
	"time"

	"conversion/internal/sandbox/schema"
	"conversion/internal/sandbox/table"
)

// becomePeople makes or fills the account and the contact. Without a company a
// lead becomes a person account.
func (t *tx) becomePeople(lead *draft, options ConvertOptions, done *Converted) (err *Error) {
	if t.becomesPerson(lead, options) {
		return t.becomePerson(lead, options, done)
	}
	if done.AccountID, err = t.become(lead, "Account", options.AccountID, t.mappedTo("Account", leadToAccount), options, nil); err != nil {
		return err
	}
	if options.RelatedPersonAccountID != "" {
		return t.becomePerson(lead, options, done)
	}
	if err := t.checkContact(options.ContactID, done.AccountID); err != nil {
		return err
	}
	done.ContactID, err = t.become(lead, "Contact", options.ContactID, t.mappedTo("Contact", leadToContact), options, map[string]any{"AccountId": done.AccountID})
	return err
}

// checkContact refuses an existing contact of another account.
func (t *tx) checkContact(id, account string) *Error {
	contacts, row, err := t.locateOptional(id)
	if err != nil || row.ID == "" {
		return err
	}
	column, ok := contacts.column("AccountId")
	if ok && row.Text(column) != "" && row.Text(column) != account {
		return refusal("INVALID_CROSS_REFERENCE_KEY", "the contact belongs to another account: "+id, "contactId")
	}
	return nil
}

// locateOptional finds a live record by id; an empty id finds none.
func (t *tx) locateOptional(id string) (*object, table.Row, *Error) {
	if id == "" {
		return nil, table.Row{}, nil
	}
	return t.find(id)
}

// becomesPerson says whether a lead becomes a person account: one was named, or
// it has no company.
func (t *tx) becomesPerson(lead *draft, options ConvertOptions) bool {
	if !t.org.enabled(schema.PersonAccounts) {
		return false
	}
	if obj, row, ok := t.parentByID(options.AccountID); ok {
		return obj.flagged(row, "IsPersonAccount")
	}
	return options.AccountID == "" && lead.text("Company") == ""
}

// becomePerson makes or fills a person account.
func (t *tx) becomePerson(lead *draft, options ConvertOptions, done *Converted) *Error {
	accounts := t.org.standard("Account")
	fields := map[string]string{}
	for from, contactField := range t.mappedTo("Contact", leadToContact) {
		if f, ok := t.org.standard("Contact").field(contactField); ok {
			fields[from], _ = accounts.personField(f)
		}
	}
	existing := options.AccountID
	if options.RelatedPersonAccountID != "" {
		existing = options.RelatedPersonAccountID
	}
	id, err := t.become(lead, "Account", existing, fields, options, nil)
	if err != nil {
		return err
	}
	row, _ := accounts.rows.Find(id)
	if !accounts.flagged(row, "IsPersonAccount") {
		return refusal("INVALID_CROSS_REFERENCE_KEY", "no person account: "+id, "relatedPersonAccountId")
	}
	if done.AccountID == "" {
		done.AccountID = id
	}
	done.RelatedPersonAccountID = id
	done.ContactID = row.Text(mustColumn(accounts, "PersonContactId"))
	return nil
}

// become creates the lead's counterpart, or fills the empty fields of an existing
// one.
func (t *tx) become(lead *draft, object, id string, fields map[string]string, options ConvertOptions, extra map[string]any) (string, *Error) {
	obj, _ := t.org.object(object)
	in := map[string]any{}
	for from, to := range fields {
		if f, ok := lead.object.field(from); ok && obj.has(to) && lead.get(from) != nil {
			in[to] = f.shown(lead.get(from))
		}
	}
	if id == "" {
		in["OwnerId"] = options.OwnerID
		for name, v := range extra {
			in[name] = v
		}
		return t.insertDerived(obj, in)
	}
	found, row, err := t.find(id)
	if err != nil {
		return "", err
	}
	if found != obj {
		return "", malformedID(object+" ID", id)
	}
	return row.ID, t.fillEmpty(obj, row, in, options.OverwriteLeadSource)
}

// insertDerived creates a record from what another one holds: the rights that its
// author has to single fields do not matter.
func (t *tx) insertDerived(obj *object, in map[string]any) (string, *Error) {
	return withRights(t, func() (string, *Error) { return t.insert(obj, in, creating) })
}

// withRights runs fn with the rights of the platform itself.
func withRights[T any](t *tx, fn func() (T, *Error)) (T, *Error) {
	own := t.rights
	defer func() { t.rights = own }()
	t.rights = &rights{org: t.org, unlimited: true}
	return fn()
}

func (t *tx) fillEmpty(obj *object, row table.Row, in map[string]any, overwriteSource bool) *Error {
	for name := range in {
		f, _ := obj.field(name)
		if overwriteSource && (name == "LeadSource" || name == "PersonLeadSource") {
			continue
		}
		if f.value(&row) != nil {
			delete(in, name)
		}
	}
	_, err := withRights(t, func() (any, *Error) { return nil, t.update(row.ID, in) })
	return err
}

// becomeOpportunity makes the opportunity of a conversion, unless there is to be
// none.
func (t *tx) becomeOpportunity(lead *draft, options ConvertOptions, done *Converted) *Error {
	if options.DoNotCreateOpportunity {
		return nil
	}
	name := options.OpportunityName
	if name == "" {
		name = lead.text("Company")
	}
	if name == "" {
		name = lead.text("Name")
	}
	extra := map[string]any{
		"Name": firstRunes(name, 120), "AccountId": done.AccountID, "ContactId": done.ContactID, "CampaignId": nilIfEmpty(t.lastCampaign(lead.id)),
		"StageName": t.org.firstStage(), "CloseDate": quarterEnd(t.now),
	}
	var err *Error
	done.OpportunityID, err = t.become(lead, "Opportunity", options.OpportunityID, t.mappedTo("Opportunity", leadToOpportunity), options, extra)
	return err
}

// lastCampaign is the campaign that a lead became a member of last.
func (t *tx) lastCampaign(lead string) string {
	members := t.org.standard("CampaignMember")
	last := ""
	for _, row := range members.referring("LeadId", lead) {
		last = row.Text(mustColumn(members, "CampaignId"))
	}
	return last
}

// quarterEnd is the last day of the calendar quarter.
func quarterEnd(at int64) string {
	day := time.Unix(at, 0).UTC()
	next := (int(day.Month())+2)/3*3 + 1
	return time.Date(day.Year(), time.Month(next), 0, 0, 0, 0, 0, time.UTC).Format(time.DateOnly)
}

func firstRunes(s string, n int) string {
	if runes := []rune(s); len(runes) > n {
		return string(runes[:n])
	}
	return s
}
