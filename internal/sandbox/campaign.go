package sandbox

// campaignSaved gives a new campaign the statuses that its members may have.
func (t *tx) campaignSaved(d *draft) *Error {
	if !d.isNew() {
		return nil
	}
	statuses := t.org.standard("CampaignMemberStatus")
	for i, label := range []string{"Sent", "Responded"} {
		_, err := t.insert(statuses, map[string]any{
			"CampaignId": d.id, "Label": label, "SortOrder": i + 1, "IsDefault": i == 0, "HasResponded": i == 1,
		}, importing)
		if err != nil {
			return err
		}
	}
	return nil
}

// onlyDefault makes the default status of a campaign the only one.
func (t *tx) onlyDefault(d *draft) {
	if !d.flag("IsDefault") || !d.changed("IsDefault") {
		return
	}
	for _, row := range d.object.referring("CampaignId", d.text("CampaignId")) {
		if row.ID != d.id {
			t.adjust(row.ID, func(other *draft) { other.set("IsDefault", false) })
		}
	}
}

// prepareMember settles whom a member is, and its status: a status that the
// campaign does not have becomes the campaign's default.
func (t *tx) prepareMember(d *draft) *Error {
	lead, contact := d.text("LeadId"), d.text("ContactId")
	if lead == "" && contact == "" {
		return refusal("REQUIRED_FIELD_MISSING", "Required fields are missing: [LeadId or ContactId]", "LeadId", "ContactId")
	}
	if lead != "" && contact != "" && d.isNew() && d.access == creating {
		return refusal("FIELD_INTEGRITY_EXCEPTION", "A campaign member is a lead or a contact, not both", "LeadId", "ContactId")
	}
	d.set("Type", "Lead")
	d.set("LeadOrContactId", lead)
	if contact != "" {
		d.set("Type", "Contact")
		d.set("LeadOrContactId", contact)
	}
	status, responded := t.memberStatus(d.text("CampaignId"), d.text("Status"))
	d.set("Status", nilIfEmpty(status))
	d.set("HasResponded", responded)
	if responded && d.text("FirstRespondedDate") == "" {
		d.set("FirstRespondedDate", dayOf(t.now))
	}
	return nil
}

// memberStatus finds a status among those of a campaign, else its default.
func (t *tx) memberStatus(campaign, wanted string) (label string, responded bool) {
	statuses := t.org.standard("CampaignMemberStatus")
	name := mustColumn(statuses, "Label")
	for _, row := range statuses.referring("CampaignId", campaign) {
		if row.Text(name) == wanted {
			return wanted, statuses.flagged(&row, "HasResponded")
		}
		if statuses.flagged(&row, "IsDefault") {
			label, responded = row.Text(name), statuses.flagged(&row, "HasResponded")
		}
	}
	return label, responded
}

// campaignMemberRules refuses the second membership of a person in a campaign.
func (t *tx) campaignMemberRules(d *draft) *Error {
	if obj, row, ok := t.parent(d, "ContactId"); ok {
		account, _ := obj.column("AccountId")
		company, accountRow, found := t.parentByID(row.Text(account))
		d.set("CompanyOrAccount", nil)
		if found {
			d.set("CompanyOrAccount", nilIfEmpty(accountRow.Text(mustColumn(company, "Name"))))
		}
	}
	if !d.isNew() {
		return nil
	}
	for _, lookup := range []string{"LeadId", "ContactId"} {
		id := d.text(lookup)
		if id == "" {
			continue
		}
		for _, row := range d.object.referring(lookup, id) {
			if row.ID != d.id && row.Text(mustColumn(d.object, "CampaignId")) == d.text("CampaignId") {
				return refusal("DUPLICATE_VALUE", "Already a campaign member.", lookup)
			}
		}
	}
	return nil
}

// joinAsContact makes the campaign members of a converted lead contacts: the rows
// keep their lead. A contact that is a member already stays the only one.
func (t *tx) joinAsContact(lead, contact string) *Error {
	members := t.org.standard("CampaignMember")
	for _, row := range members.referring("LeadId", lead) {
		if t.isMember(contact, row.Text(mustColumn(members, "CampaignId"))) {
			continue
		}
		d := t.edit(members, row)
		d.set("ContactId", contact)
		if err := t.prepareMember(d); err != nil {
			return err
		}
		t.mirrorParents(d)
		if err := t.campaignMemberRules(d); err != nil {
			return err
		}
		t.touch(d)
		t.rollUp(d)
	}
	return nil
}

// isMember says whether a contact is a member of a campaign.
func (t *tx) isMember(contact, campaign string) bool {
	members := t.org.standard("CampaignMember")
	for _, row := range members.referring("ContactId", contact) {
		if row.Text(mustColumn(members, "CampaignId")) == campaign {
			return true
		}
	}
	return false
}

// today is the present day of the virtual clock, in GMT.
func (t *tx) today() string { return dayOf(t.now) }
