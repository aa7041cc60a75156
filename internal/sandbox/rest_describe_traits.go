package sandbox

import (
	"fmt"
	"slices"
	"strings"

	"conversion/internal/sandbox/schema"
)

// What a describe says about an object beyond its schema follows from a few
// groups of objects; this file holds them.

// inUI says whether users work with the object's records on pages of their own:
// it has layouts, is searched and keeps lists of recent items.
func (o *object) inUI() bool {
	return o.Custom || slices.Contains([]string{"Account", "Campaign", "Contact", "Event", "Lead", "Opportunity", "Task", "User"}, o.Name)
}

func (o *object) hasFeed() bool {
	return slices.Contains([]string{"Account", "Contact", "Lead", "Opportunity", "Task"}, o.Name)
}

// urls are an object's addresses as the global describe lists them.
func (o *object) urls(path string) map[string]string {
	urls := map[string]string{"sobject": path, "describe": path + "/describe", "rowTemplate": path + "/{ID}"}
	if !o.inUI() {
		return urls
	}
	urls["layouts"] = path + "/describe/layouts"
	urls["compactLayouts"] = path + "/describe/compactLayouts"
	urls["quickActions"] = path + "/quickActions"
	switch o.Name {
	case "User":
		urls["namedLayouts"] = path + "/describe/namedLayouts/{LayoutName}"
		urls["passwordUtilities"] = path + "/{ID}/password"
	case "Event", "Task":
	default:
		urls["approvalLayouts"] = path + "/describe/approvalLayouts"
		urls["listviews"] = path + "/listviews"
	}
	return urls
}

// describedURLs are an object's addresses as its own describe lists them: the
// pages of its records too.
func (o *object) describedURLs(path, origin string) map[string]string {
	urls := o.urls(path)
	if !o.inUI() {
		return urls
	}
	urls["uiDetailTemplate"] = origin + "/{ID}"
	urls["uiEditTemplate"] = origin + "/{ID}/e"
	urls["uiNewRecord"] = origin + "/" + o.KeyPrefix + "/e"
	switch o.Name {
	case "Account":
		urls["defaultValues"] = path + "/defaultValues?recordTypeId&fields"
	case "Event":
		urls["eventSeriesUpdates"] = path + "/{ID}/fromThisEventOnwards"
	}
	return urls
}

// scopes are what USING SCOPE may name.
func (o *object) scopes() []map[string]string {
	plural := strings.ToLower(o.LabelPlural)
	scopes := []map[string]string{}
	add := func(label, name string) {
		scopes = append(scopes, map[string]string{"label": label, "name": name})
	}
	if o.Name == "Event" || o.Name == "Task" {
		add("My delegated "+plural, "delegated")
	}
	add("All "+plural, "everything")
	if !o.has("OwnerId") {
		return scopes
	}
	add("My "+plural, "mine")
	if o.Name == "Lead" {
		add("Queue owned "+plural, "queue_owned")
	}
	if o.Name != "Account" {
		add("Filter by scope", "scopingRule")
	}
	add(fmt.Sprintf("My team's %s", plural), "team")
	if o.Name == "Lead" {
		add("User owned "+plural, "user_owned")
	}
	return scopes
}

// aggregatable says whether MIN, COUNT and the like take the field.
func (f *field) aggregatable() bool {
	switch f.Type {
	case schema.Boolean, schema.Address, schema.MultiPicklist, schema.Base64:
		return false
	}
	return f.Filterable
}

// searchPrefilterable says whether a search may be narrowed down by the lookup.
func (f *field) searchPrefilterable() bool {
	return f.Type == schema.Reference && !f.refersTo("User") && f.Name != "MasterRecordId" && !strings.HasPrefix(f.Name, "Recurrence")
}

func (f *field) isNumber() bool {
	switch f.Type {
	case schema.Int, schema.Long, schema.Double, schema.Currency, schema.Percent:
		return true
	}
	return false
}
