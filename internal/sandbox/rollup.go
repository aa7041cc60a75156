package sandbox

import "conversion/internal/sandbox/table"

// rollUp keeps the sums of campaigns: what a member or an opportunity counted
// before it was saved is taken off, what it counts now is added.
func (t *tx) rollUp(d *draft) {
	count := map[string]func(*draft) map[string]float64{
		"CampaignMember": memberCounts,
		"Opportunity":    opportunityCounts,
	}[d.object.Name]
	if count == nil {
		return
	}
	if !d.isNew() {
		before := t.edit(d.object, d.before)
		t.addToCampaign(before.text("CampaignId"), count(before), -1)
	}
	t.addToCampaign(d.text("CampaignId"), count(d), 1)
}

func (t *tx) addToCampaign(id string, counts map[string]float64, sign float64) {
	if id == "" || len(counts) == 0 {
		return
	}
	t.adjust(id, func(d *draft) {
		for name, n := range counts {
			sum, _ := d.get(name).(float64)
			d.set(name, sum+sign*n)
		}
	})
}

// memberCounts is what a member adds to its campaign.
func memberCounts(d *draft) map[string]float64 {
	if d.erased {
		return nil
	}
	counts := map[string]float64{}
	if d.text("ContactId") != "" {
		counts["NumberOfContacts"] = 1
	} else {
		counts["NumberOfLeads"] = 1
	}
	if d.text("LeadId") != "" && d.text("ContactId") != "" {
		counts["NumberOfLeads"], counts["NumberOfConvertedLeads"] = 1, 1
	}
	if d.flag("HasResponded") {
		counts["NumberOfResponses"] = 1
	}
	return counts
}

// opportunityCounts is what an opportunity adds to its campaign.
func opportunityCounts(d *draft) map[string]float64 {
	if d.erased {
		return nil
	}
	amount, _ := d.get("Amount").(float64)
	counts := map[string]float64{"NumberOfOpportunities": 1, "AmountAllOpportunities": amount}
	if d.flag("IsWon") {
		counts["NumberOfWonOpportunities"], counts["AmountWonOpportunities"] = 1, amount
	}
	return counts
}

// packed is what store would put into the row.
func (d *draft) packed() string {
	for i, v := range d.values {
		if v == false {
			d.values[i] = nil
		}
	}
	return table.Pack(d.values)
}
