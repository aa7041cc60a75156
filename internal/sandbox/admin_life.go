package sandbox

import "net/http"

// lifeEndpoints are the paths of the admin API by which somebody makes history
// happen that the REST API has no resource for.
var lifeEndpoints = []endpoint{
	{"POST", "convert", "", "as", (*call).adminConvert},
	{"POST", "leadMapping", "", "", (*call).adminLeadMapping},
	{"POST", "merge", "", "as", (*call).adminMerge},
	{"POST", "emptyRecycleBin", "", "as", (*call).adminEmptyBin},
	{"POST", "records/{id}/hardDelete", "", "as", (*call).adminHardDelete},
	{"POST", "archive", "", "", (*call).adminArchive},
	{"POST", "features/{feature}", "", "", (*call).adminEnable},
}

func (c *call) adminConvert() *Error {
	var sent struct {
		LeadID                 string `json:"leadId"`
		AccountID              string `json:"accountId"`
		ContactID              string `json:"contactId"`
		RelatedPersonAccountID string `json:"relatedPersonAccountId"`
		OwnerID                string `json:"ownerId"`
		OverwriteLeadSource    bool   `json:"overwriteLeadSource"`
		OpportunityID          string `json:"opportunityId"`
		OpportunityName        string `json:"opportunityName"`
		DoNotCreateOpportunity bool   `json:"doNotCreateOpportunity"`
		ConvertedStatus        string `json:"convertedStatus"`
	}
	if err := c.decode(&sent); err != nil {
		return err
	}
	as, refused := c.as()
	if refused != nil {
		return refused
	}
	converted, err := c.org.ConvertLead(as, sent.LeadID, ConvertOptions{
		AccountID: sent.AccountID, ContactID: sent.ContactID, RelatedPersonAccountID: sent.RelatedPersonAccountID, OwnerID: sent.OwnerID,
		OverwriteLeadSource: sent.OverwriteLeadSource, OpportunityID: sent.OpportunityID, OpportunityName: sent.OpportunityName,
		DoNotCreateOpportunity: sent.DoNotCreateOpportunity, ConvertedStatus: sent.ConvertedStatus,
	})
	if err != nil {
		return adminError(err)
	}
	return c.json(http.StatusOK, map[string]any{
		"leadId": converted.LeadID, "accountId": converted.AccountID, "contactId": converted.ContactID,
		"opportunityId": nilIfEmpty(converted.OpportunityID), "relatedPersonAccountId": nilIfEmpty(converted.RelatedPersonAccountID),
	})
}

// adminLeadMapping replaces the mapping of a lead's custom fields.
func (c *call) adminLeadMapping() *Error {
	var sent map[string]string
	if err := c.decode(&sent); err != nil {
		return err
	}
	return c.done(c.org.SetLeadMapping(sent))
}

func (c *call) adminMerge() *Error {
	var sent struct {
		Winner string         `json:"winner"`
		Losers []string       `json:"losers"`
		Fields map[string]any `json:"fields"`
	}
	if err := c.decode(&sent); err != nil {
		return err
	}
	as, refused := c.as()
	if refused != nil {
		return refused
	}
	merged, err := c.org.MergeInto(as, sent.Winner, sent.Fields, sent.Losers...)
	if err != nil {
		return adminError(err)
	}
	return c.json(http.StatusOK, map[string]any{
		"id": merged.ID, "mergedRecordIds": merged.MergedIDs, "updatedRelatedIds": append([]string{}, merged.UpdatedRelatedIDs...),
	})
}

func (c *call) adminEmptyBin() *Error {
	var sent struct {
		IDs []string `json:"ids"`
	}
	if err := c.decode(&sent); err != nil {
		return err
	}
	return c.change(func(as Actor) error { return c.org.EmptyRecycleBin(as, sent.IDs...) })
}

func (c *call) adminHardDelete() *Error {
	return c.change(func(as Actor) error { return c.org.HardDelete(as, c.params["id"]) })
}

func (c *call) adminArchive() *Error {
	return c.json(http.StatusOK, map[string]int{"archived": c.org.ArchiveActivities()})
}

func (c *call) adminEnable() *Error { return c.done(c.org.Enable(c.params["feature"])) }
