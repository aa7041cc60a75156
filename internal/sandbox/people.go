package sandbox

import "strings"

// fullName joins the parts of a person's name; the salutation is not among them.
func fullName(d *draft) any {
	var parts []string
	for _, name := range []string{"FirstName", "MiddleName", "LastName", "Suffix"} {
		if s := d.text(name); s != "" {
			parts = append(parts, s)
		}
	}
	if len(parts) == 0 {
		return nil
	}
	return strings.Join(parts, " ")
}

func (t *tx) leadRules(d *draft) *Error {
	if d.access == importing {
		return nil
	}
	if !d.isNew() && d.before.Get(mustColumn(d.object, "IsConverted")) == true && !t.rights.given(editConvertedLeads) {
		return convertedLead()
	}
	if status := d.text("Status"); d.changed("Status") && t.org.statusFlag("LeadStatus", status, "IsConverted") {
		return refusal("CANNOT_UPDATE_CONVERTED_LEAD", "a lead gets the status "+status+" by conversion only", "Status")
	}
	return nil
}

func convertedLead() *Error {
	return refusal("CANNOT_UPDATE_CONVERTED_LEAD", "cannot reference converted lead")
}

// contactRules: a new e-mail address has not bounced yet.
func (t *tx) contactRules(d *draft) *Error {
	if !d.isNew() && d.changed("Email") && !d.changed("EmailBouncedDate") {
		d.set("EmailBouncedDate", nil)
		d.set("EmailBouncedReason", nil)
	}
	d.set("IsEmailBounced", d.get("EmailBouncedDate") != nil)
	return t.refuseDirect(d)
}
