package sandbox

import "time"

// prepareCase finds the account of a case's contact.
func (t *tx) prepareCase(d *draft) {
	if d.text("AccountId") != "" || d.text("ContactId") == "" || !d.isNew() {
		return
	}
	if contacts, row, ok := t.parent(d, "ContactId"); ok {
		d.set("AccountId", row.Get(mustColumn(contacts, "AccountId")))
	}
}

// caseRules opens and closes a case by its status.
func (t *tx) caseRules(d *draft) *Error {
	closed := t.org.statusFlag("CaseStatus", d.text("Status"), "IsClosed")
	switch {
	case !closed:
		d.set("ClosedDate", nil)
	case d.get("ClosedDate") == nil:
		d.set("ClosedDate", t.now)
	}
	d.set("IsClosed", closed)
	if d.isNew() {
		d.set("IsClosedOnCreate", closed)
	}
	if d.text("ContactId") == "" {
		for _, name := range []string{"ContactPhone", "ContactMobile", "ContactEmail", "ContactFax"} {
			d.set(name, nil)
		}
	}
	d.note, _ = d.get("Comments").(string)
	d.set("Comments", nil)
	return nil
}

// caseSaved keeps the internal comment that came with a case as a comment of its
// own.
func (t *tx) caseSaved(d *draft) *Error {
	if d.note == "" {
		return nil
	}
	_, err := t.insert(t.org.standard("CaseComment"), map[string]any{"ParentId": d.id, "CommentBody": d.note}, creating)
	return err
}

// contractRules derives a contract's end and what its status means.
func (t *tx) contractRules(d *draft) *Error {
	status, wasActive := d.text("Status"), false
	if !d.isNew() {
		wasActive = d.before.Text(mustColumn(d.object, "StatusCode")) == "Activated"
	}
	code, known := contractCodes[status]
	if !known {
		code = "Draft"
	}
	if d.access == creating && code == "Activated" {
		return refusal("FAILED_ACTIVATION", "Choose a valid contract status and save your changes. Ask your admin for details.", "Status")
	}
	d.set("StatusCode", code)
	if code == "Activated" && !wasActive && d.get("ActivatedDate") == nil {
		d.set("ActivatedDate", t.now)
		d.set("ActivatedById", t.user)
	}
	d.set("EndDate", contractEnd(d.text("StartDate"), d.get("ContractTerm")))
	return nil
}

// contractEnd is the last day of a contract of some months.
func contractEnd(start string, term any) any {
	months, ok := term.(float64)
	day, err := time.Parse(time.DateOnly, start)
	if !ok || err != nil {
		return nil
	}
	return day.AddDate(0, int(months), -1).Format(time.DateOnly)
}
