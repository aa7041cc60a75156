package sandbox

import (
	"slices"
	"strings"
)

// Who is invited to an event is kept as relation records too; by their answers
// the event lists them in three junction lists.

// inviteeLists name the junction list of each answer.
var inviteeLists = []struct{ status, list string }{
	{"Accepted", "AcceptedEventInviteeIds"}, {"Declined", "DeclinedEventInviteeIds"}, {"New", "UndecidedEventInviteeIds"},
}

// mostInvitees is how many an event may have.
const mostInvitees = 1000

// inviteeRules completes the record of an invitation. Without Shared Activities
// every relation of an event is one.
func (t *tx) inviteeRules(d *draft, related string) *Error {
	if !d.object.has("IsInvitee") {
		if !isWho(related) && !strings.HasPrefix(related, "005") {
			return refusal("FIELD_INTEGRITY_EXCEPTION", "Relation ID: contacts, leads and users can be invited", "RelationId")
		}
	} else if !d.flag("IsParent") {
		d.set("IsInvitee", true)
	}
	if d.text("Status") == "" {
		d.set("Status", "New")
	}
	answered := d.text("Status") == "Accepted" || d.text("Status") == "Declined"
	if answered && d.changed("Status") && d.get("RespondedDate") == nil {
		d.set("RespondedDate", t.now)
	}
	if _, rows := t.relationRows("Event", d.text("EventId")); d.isNew() && len(rows) >= mostInvitees {
		return refusal("FIELD_INTEGRITY_EXCEPTION", "An event has at most 1,000 invitees", "EventId")
	}
	return nil
}

// syncInvitees makes the invitations of an event those that a save listed. A list
// that was not given stays.
func (t *tx) syncInvitees(d *draft) *Error {
	relations, rows := t.org.standard("EventRelation"), map[string]string{}
	for _, of := range inviteeLists {
		if !d.changed(of.list) {
			continue
		}
		_, found := t.relationRows("Event", d.id)
		for _, row := range found {
			rows[row.Text(mustColumn(relations, "RelationId"))] = row.ID
			gone := row.Text(mustColumn(relations, "Status")) == of.status &&
				!slices.Contains(splitIDs(d.text(of.list)), row.Text(mustColumn(relations, "RelationId")))
			if gone && !relations.flagged(&row, "IsParent") {
				t.setDeleted(relations, row, true)
			}
		}
		for _, id := range splitIDs(d.text(of.list)) {
			if err := t.invite(d.id, rows[id], id, of.status); err != nil {
				return err
			}
		}
	}
	return nil
}

// invite adds or changes an invitation.
func (t *tx) invite(event, relation, invitee, status string) *Error {
	if relation == "" {
		fields := map[string]any{"EventId": event, "RelationId": invitee, "Status": status}
		_, err := t.insert(t.org.standard("EventRelation"), fields, creating)
		return err
	}
	_, row, ok := t.parentByID(relation)
	if !ok || row.Text(mustColumn(t.org.standard("EventRelation"), "Status")) == status {
		return nil
	}
	return t.update(relation, map[string]any{"Status": status})
}

// listInvitees gives an event the lists that its invitations say.
func (t *tx) listInvitees(event string) {
	relations, rows := t.relationRows("Event", event)
	byStatus, invited := map[string][]string{}, false
	for _, row := range rows {
		if relations.has("IsInvitee") && !relations.flagged(&row, "IsInvitee") {
			continue
		}
		status := row.Text(mustColumn(relations, "Status"))
		byStatus[status] = append(byStatus[status], row.Text(mustColumn(relations, "RelationId")))
		invited = true
	}
	t.adjust(event, func(d *draft) {
		for _, of := range inviteeLists {
			d.set(of.list, nilIfEmpty(strings.Join(byStatus[of.status], junctionSeparator)))
		}
		d.set("IsGroupEvent", invited)
		d.set("GroupEventType", map[bool]string{false: "0", true: "1"}[invited])
	})
}
