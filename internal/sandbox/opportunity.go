package sandbox

import (
	"fmt"
	"strconv"
	"time"
)

// prepareOpportunity takes from the stage what is not given.
func (t *tx) prepareOpportunity(d *draft) {
	name := d.text("StageName")
	s, known := stages[name]
	if !known {
		s = stage{0, "Omitted", "Omitted"}
	}
	if d.get("Probability") == nil || d.changed("StageName") && !d.isNew() && !d.changed("Probability") {
		d.set("Probability", s.probability)
	}
	if d.get("ForecastCategoryName") == nil || d.changed("StageName") && !d.isNew() && !d.changed("ForecastCategoryName") {
		d.set("ForecastCategoryName", s.forecast)
	}
	d.set("ForecastCategory", forecastCategory[d.text("ForecastCategoryName")])
	d.set("IsClosed", t.org.statusFlag("OpportunityStage", name, "IsClosed"))
	d.set("IsWon", t.org.statusFlag("OpportunityStage", name, "IsWon"))
	if !d.isNew() && d.changed("StageName") {
		d.set("LastStageChangeDate", t.now)
	}
	if d.flag("HasOpportunityLineItem") && d.access != importing && !d.isNew() {
		// The sum of the products stands: a given amount is passed over.
		d.set("Amount", d.before.Get(mustColumn(d.object, "Amount")))
	}
}

// forecastCategory is the value of ForecastCategory by ForecastCategoryName.
var forecastCategory = map[string]any{
	"Omitted": "Omitted", "Pipeline": "Pipeline", "Best Case": "BestCase", "Most Likely": "MostLikely", "Commit": "Forecast", "Closed": "Closed",
}

func (t *tx) opportunityRules(d *draft) *Error {
	d.set("ExpectedRevenue", nil)
	if amount, ok := d.get("Amount").(float64); ok {
		probability, _ := d.get("Probability").(float64)
		d.set("ExpectedRevenue", amount*probability/100)
	}
	if day, err := time.Parse(time.DateOnly, d.text("CloseDate")); err == nil {
		quarter := (int(day.Month()) + 2) / 3
		d.set("FiscalYear", float64(day.Year()))
		d.set("FiscalQuarter", float64(quarter))
		d.set("Fiscal", strconv.Itoa(day.Year())+" "+strconv.Itoa(quarter))
	}
	return nil
}

// opportunitySaved makes the contact of a new opportunity its primary one.
func (t *tx) opportunitySaved(d *draft) *Error {
	contact := d.text("ContactId")
	if !d.isNew() || contact == "" || d.access != creating {
		return nil
	}
	_, err := t.insert(t.org.standard("OpportunityContactRole"), map[string]any{
		"OpportunityId": d.id, "ContactId": contact, "IsPrimary": true,
	}, creating)
	return err
}

// onlyPrimary makes the primary contact of an opportunity the only one, and the
// opportunity name it.
func (t *tx) onlyPrimary(d *draft) {
	opportunity := d.text("OpportunityId")
	if d.flag("IsPrimary") && !d.erased {
		for _, row := range d.object.referring("OpportunityId", opportunity) {
			if row.ID != d.id {
				t.adjust(row.ID, func(other *draft) { other.set("IsPrimary", false) })
			}
		}
	}
	var primary any
	for _, row := range d.object.referring("OpportunityId", opportunity) {
		if d.object.flagged(&row, "IsPrimary") && !row.Deleted {
			primary = row.Get(mustColumn(d.object, "ContactId"))
		}
	}
	t.adjust(opportunity, func(o *draft) { o.set("ContactId", primary) })
}

// entryRules: a product has a standard price first, and one entry a price book.
func (t *tx) entryRules(d *draft) *Error {
	if !d.isNew() {
		return nil
	}
	isStandard := func(book string) bool {
		obj, row, ok := t.parentByID(book)
		return ok && obj.flagged(row, "IsStandard")
	}
	hasStandard := isStandard(d.text("Pricebook2Id"))
	for _, row := range d.object.referring("Product2Id", d.text("Product2Id")) {
		book := row.Text(mustColumn(d.object, "Pricebook2Id"))
		if book == d.text("Pricebook2Id") {
			return refusal("DUPLICATE_VALUE", "This price definition already exists in this price book", "Pricebook2Id", "Product2Id")
		}
		hasStandard = hasStandard || isStandard(book)
	}
	if !hasStandard && d.access == creating {
		return refusal("STANDARD_PRICE_NOT_DEFINED", "No standard price defined for this product", "UnitPrice")
	}
	return nil
}

// prepareLineItem finds the entry, the product and the prices of a line.
func (t *tx) prepareLineItem(d *draft) *Error {
	entries := t.org.standard("PricebookEntry")
	if d.isNew() && d.text("PricebookEntryId") == "" {
		t.findEntry(d)
	}
	row, ok := entries.rows.Find(d.text("PricebookEntryId"))
	if !ok {
		return refusal("FIELD_INTEGRITY_EXCEPTION", "field integrity exception: PricebookEntryId (a line needs an entry of the opportunity's price book)", "PricebookEntryId")
	}
	if !entries.flagged(row, "IsActive") && d.isNew() && d.access == creating {
		return refusal("FIELD_INTEGRITY_EXCEPTION", "field integrity exception: PricebookEntryId (pricebook entry has been inactivated)", "PricebookEntryId")
	}
	d.set("Product2Id", row.Get(mustColumn(entries, "Product2Id")))
	d.set("ListPrice", row.Get(mustColumn(entries, "UnitPrice")))
	if obj, opportunity, ok := t.parent(d, "OpportunityId"); ok {
		d.set("Name", opportunity.Text(mustColumn(obj, "Name"))+" "+row.Text(mustColumn(entries, "Name")))
	}
	return priceLine(d)
}

// findEntry finds the entry of a line by its product and the opportunity's price
// book.
func (t *tx) findEntry(d *draft) {
	obj, opportunity, ok := t.parent(d, "OpportunityId")
	if !ok || d.text("Product2Id") == "" {
		return
	}
	entries := t.org.standard("PricebookEntry")
	book := opportunity.Text(mustColumn(obj, "Pricebook2Id"))
	for _, row := range entries.referring("Product2Id", d.text("Product2Id")) {
		if row.Text(mustColumn(entries, "Pricebook2Id")) == book {
			d.set("PricebookEntryId", row.ID)
		}
	}
}

// priceLine brings quantity, price and total into agreement.
func priceLine(d *draft) *Error {
	quantity, _ := d.get("Quantity").(float64)
	price, hasPrice := d.get("UnitPrice").(float64)
	total, hasTotal := d.get("TotalPrice").(float64)
	switch {
	case hasPrice && hasTotal && d.changed("UnitPrice") && d.changed("TotalPrice"):
		return refusal("FIELD_INTEGRITY_EXCEPTION", "Only one of UnitPrice and TotalPrice can be given", "UnitPrice", "TotalPrice")
	case hasTotal && (!hasPrice || d.changed("TotalPrice")) && quantity != 0:
		d.set("UnitPrice", total/quantity)
	case hasPrice:
		d.set("TotalPrice", price*quantity)
	default:
		return missingFields("UnitPrice")
	}
	return nil
}

// lineItemSaved sums the lines of an opportunity.
func (t *tx) lineItemSaved(d *draft) {
	lines, sum, book := 0, 0.0, any(nil)
	for _, row := range d.object.referring("OpportunityId", d.text("OpportunityId")) {
		if row.Deleted {
			continue
		}
		total, _ := row.Get(mustColumn(d.object, "TotalPrice")).(float64)
		lines, sum = lines+1, sum+total
		if entries, entry, ok := t.parentByID(row.Text(mustColumn(d.object, "PricebookEntryId"))); ok {
			book = entry.Get(mustColumn(entries, "Pricebook2Id"))
		}
	}
	obj, row, ok := t.parent(d, "OpportunityId")
	if !ok || row.Deleted {
		return
	}
	o := t.edit(obj, *row)
	o.set("HasOpportunityLineItem", lines > 0)
	if lines > 0 {
		o.set("Amount", sum)
		o.set("Pricebook2Id", book)
	}
	if err := t.opportunityRules(o); err != nil {
		panic(fmt.Sprintf("sandbox: an opportunity that has no sum: %v", err))
	}
	t.touch(o)
	t.rollUp(o)
}
