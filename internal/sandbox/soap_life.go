package sandbox

import (
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

// mergeAsked merges and writes the master record as it was sent. It says
// which records were merged away and which others came to the master.
func (t *tx) mergeAsked(master item, losers []string) (merged, related []string, err *Error) {
	switch {
	case master.id == "":
		return nil, nil, refusal("MISSING_ARGUMENT", "Id not specified in masterRecord")
	case len(losers) == 0:
		return nil, nil, refusal("MISSING_ARGUMENT", "recordToMergeIds not specified")
	case len(losers) > 2:
		return nil, nil, refusal("INVALID_ARGUMENT_TYPE", "You can merge up to three records: a master and two others")
	}
	done, err := t.merge(master.id, master.fields, losers)
	return done.MergedIDs, done.UpdatedRelatedIDs, err
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
	done := make([]Converted, len(sent))
	return c.saveSOAP(len(sent), maxConversions, func(t *tx, i int) (err *Error) {
		done[i], err = t.convertAsked(sent[i])
		return err
	}, func(i int, err *Error) soap.Node {
		d := done[i]
		lead, _ := normaliseID(sent[i].Value("leadId"))
		if err != nil {
			d = Converted{}
		}
		nodes := append([]soap.Node{soap.Optional("accountId", d.AccountID), soap.Optional("contactId", d.ContactID)}, errorNodes(err)...)
		return soap.Group("result", append(nodes, soap.Optional("leadId", lead), soap.Optional("opportunityId", d.OpportunityID), soap.Optional("relatedPersonAccountId", d.RelatedPersonAccountID), soap.Flag("success", err == nil))...)
	})
}

// leadConvert lists what a request to convert may say. There are no e-mails to
// send, and duplicate rules do not look at what a conversion makes.
const leadConvert = "accountId accountRecord bypassAccountDedupeCheck bypassContactDedupeCheck contactId contactRecord convertedStatus " +
	"doNotCreateOpportunity leadId opportunityId opportunityName opportunityRecord overwriteLeadSource ownerId " +
	"relatedPersonAccountId relatedPersonAccountRecord sendNotificationEmail"

// convertAsked converts one lead as a request says.
func (t *tx) convertAsked(sent *soap.Element) (Converted, *Error) {
	for _, name := range []string{"leadId", "convertedStatus"} {
		if sent.Value(name) == "" {
			return Converted{}, missingFields(name)
		}
	}
	for _, name := range []string{"accountRecord", "contactRecord", "opportunityRecord", "relatedPersonAccountRecord"} {
		if sent.Child(name) != nil && !sent.Child(name).Nil {
			return Converted{}, refusal("FUNCTIONALITY_NOT_ENABLED", name+" is not supported by this org")
		}
	}
	return t.convert(sent.Value("leadId"), ConvertOptions{
		AccountID: sent.Value("accountId"), ContactID: sent.Value("contactId"), RelatedPersonAccountID: sent.Value("relatedPersonAccountId"),
		OwnerID: sent.Value("ownerId"), OverwriteLeadSource: sent.Flag("overwriteLeadSource"), ConvertedStatus: sent.Value("convertedStatus"),
		OpportunityID: sent.Value("opportunityId"), OpportunityName: sent.Value("opportunityName"),
		DoNotCreateOpportunity: sent.Flag("doNotCreateOpportunity"),
	})
}
