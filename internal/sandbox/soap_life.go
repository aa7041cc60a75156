package sandbox

import (
	"slices"
	"strings"

	"conversion/internal/sandbox/soap"
)

// The most that one call takes.
const (
	maxConversions = 100
	maxMerges      = 200
)

// soapMerge merges one or two records into a master record, once for each
// request.
func (c *call) soapMerge() *Error {
	requests := c.soap.Call.All("mergeRequests")
	if len(requests) == 0 {
		requests = c.soap.Call.All("request") // its name in the WSDL
	}
	var masters []*soap.Element
	for _, r := range requests {
		if err := c.soap.onlyMembers(r, "masterRecord recordToMergeIds"); err != nil {
			return err
		}
		if r.Child("masterRecord") == nil {
			return refusal("MISSING_ARGUMENT", "masterRecord not specified")
		}
		masters = append(masters, r.Child("masterRecord"))
	}
	records := c.soapRecords(masters)
	related := make([][]string, len(requests))
	merged := make([][]string, len(requests))
	return c.saveSOAP(len(requests), maxMerges, func(t *tx, i int) (err *Error) {
		merged[i], related[i], err = t.mergeAsked(records[i], requests[i].Values("recordToMergeIds"))
		return err
	}, func(i int, err *Error) soap.Node {
		id := ""
		var losers, moved []soap.Node
		if err == nil {
			id, _ = normaliseID(records[i].id)
			losers, moved = texts("mergedRecordIds", merged[i]), texts("updatedRelatedIds", related[i])
		}
		nodes := append(errorNodes(err), soap.Optional("id", id))
		nodes = append(append(nodes, losers...), soap.Flag("success", err == nil))
		return soap.Group("result", append(nodes, moved...)...)
	})
}

func texts(name string, values []string) []soap.Node {
	nodes := make([]soap.Node, len(values))
	for i, v := range values {
		nodes[i] = soap.Text(name, v)
	}
	return nodes
}

// mergeAsked merges and then writes the master record as it was sent. It says
// which records were merged away and which others came to the master.
func (t *tx) mergeAsked(master soapRecord, losers []string) (merged, related []string, err *Error) {
	switch {
	case master.id == "":
		return nil, nil, refusal("MISSING_ARGUMENT", "Id not specified in masterRecord")
	case len(losers) == 0:
		return nil, nil, refusal("MISSING_ARGUMENT", "recordToMergeIds not specified")
	case len(losers) > 2:
		return nil, nil, refusal("INVALID_ARGUMENT_TYPE", "You can merge up to three records: a master and two others")
	}
	own := map[string]bool{}
	for i, id := range append([]string{master.id}, losers...) {
		full, ok := normaliseID(id)
		if !ok {
			return nil, nil, refusal("MALFORMED_ID", "bad id "+id)
		}
		own[full] = true
		if i > 0 {
			merged = append(merged, full)
		}
	}
	mark := len(t.undo)
	if err := t.merge(master.id, losers); err != nil {
		return nil, nil, err
	}
	for _, u := range t.undo[mark:] {
		if !own[u.id] {
			related = append(related, u.id)
		}
	}
	slices.Sort(related)
	if len(master.fields) > 0 {
		err = t.update(master.id, master.fields)
	}
	return merged, slices.Compact(related), err
}

// soapConvertLead converts leads.
func (c *call) soapConvertLead() *Error {
	sent := c.soap.Call.All("leadConverts")
	if len(sent) > maxConversions {
		return refusal("EXCEEDED_LEAD_CONVERT_LIMIT", "cannot convert more than 100 leads in one call")
	}
	for _, lead := range sent {
		if err := c.soap.onlyMembers(lead, leadConvert); err != nil {
			return err
		}
	}
	done := make([]conversion, len(sent))
	return c.saveSOAP(len(sent), maxConversions, func(t *tx, i int) (err *Error) {
		done[i], err = t.convertAsked(sent[i])
		return err
	}, func(i int, err *Error) soap.Node {
		d := done[i]
		lead, _ := normaliseID(sent[i].Value("leadId"))
		if err != nil {
			d = conversion{}
		}
		nodes := append([]soap.Node{soap.Optional("accountId", d.account), soap.Optional("contactId", d.contact)}, errorNodes(err)...)
		return soap.Group("result", append(nodes, soap.Optional("leadId", lead), soap.Optional("opportunityId", d.opportunity), soap.Flag("success", err == nil))...)
	})
}

// leadConvert lists what a request to convert may say. There are no e-mails to
// send, and duplicate rules do not look at what a conversion makes.
const leadConvert = "accountId accountRecord bypassAccountDedupeCheck bypassContactDedupeCheck contactId contactRecord convertedStatus " +
	"doNotCreateOpportunity leadId opportunityId opportunityName opportunityRecord overwriteLeadSource ownerId " +
	"relatedPersonAccountId relatedPersonAccountRecord sendNotificationEmail"

// conversion is what became of a lead.
type conversion struct{ account, contact, opportunity string }

// convertAsked converts one lead as a request says.
func (t *tx) convertAsked(sent *soap.Element) (conversion, *Error) {
	status := sent.Value("convertedStatus")
	switch {
	case sent.Value("leadId") == "":
		return conversion{}, refusal("REQUIRED_FIELD_MISSING", "Required fields are missing: [leadId]", "leadId")
	case !strings.EqualFold(status, convertedStatus):
		return conversion{}, refusal("INVALID_STATUS", "invalid convertedStatus: "+status, "convertedStatus")
	}
	for _, name := range []string{"accountRecord", "contactRecord", "opportunityRecord", "relatedPersonAccountRecord"} {
		if sent.Child(name) != nil && !sent.Child(name).Nil {
			return conversion{}, refusal("FUNCTIONALITY_NOT_ENABLED", name+" is not supported by this org")
		}
	}
	account, contact, err := t.convert(sent.Value("leadId"), ConvertOptions{
		AccountID: sent.Value("accountId"), ContactID: sent.Value("contactId"), OwnerID: sent.Value("ownerId"),
		OverwriteLeadSource: sent.Flag("overwriteLeadSource"),
	})
	return conversion{account: account, contact: contact}, err
}
