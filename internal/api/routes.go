package api

// routes is the table of contents: every call there is, but the document itself.
func (a *api) routes() {
	route(a, "GET /contacts", "List contacts, newest first, or those that a text begins", a.listContacts)
	route(a, "POST /contacts", "Make a contact, or update the one with the e-mail", a.upsertContact, upserts[upsertedContact])
	route(a, "POST /contacts/batch", "Make or update up to 1,000 contacts", a.upsertContacts, large)
	route(a, "GET /contacts/{id}", "Show a contact", a.contact)
	route(a, "PATCH /contacts/{id}", "Change a contact", a.patchContact)
	route(a, "DELETE /contacts/{id}", "Delete a contact", a.deleteContact)
	route(a, "POST /contacts/{id}/restore", "Bring a deleted contact back", a.restoreContact)
	route(a, "GET /contacts/{id}/timeline", "List the changes of a contact, newest first", a.contactTimeline)
	route(a, "GET /contacts/{id}/engagements", "List what happened to a contact, newest first", a.contactEngagements)

	route(a, "GET /companies", "List companies, newest first, or those that a text begins", a.listCompanies)
	route(a, "POST /companies", "Make a company, or update the one with the domain", a.upsertCompany, upserts[upsertedCompany])
	route(a, "POST /companies/batch", "Make or update up to 1,000 companies", a.upsertCompanies, large)
	route(a, "GET /companies/{id}", "Show a company", a.company)
	route(a, "PATCH /companies/{id}", "Change a company", a.patchCompany)
	route(a, "DELETE /companies/{id}", "Delete a company", a.deleteCompany)
	route(a, "POST /companies/{id}/restore", "Bring a deleted company back", a.restoreCompany)
	route(a, "GET /companies/{id}/timeline", "List the changes of a company, newest first", a.companyTimeline)

	route(a, "GET /variables", "List variables", a.listVariables)
	route(a, "POST /variables", "Make a variable", a.createVariable, creates)
	route(a, "PATCH /variables/{object}/{key}", "Change a variable", a.patchVariable)

	route(a, "GET /engagements", "List custom engagements, newest first", a.listEngagements)
	route(a, "POST /engagements", "Record a custom engagement", a.addEngagement, creates)

	route(a, "GET /integrations/salesforce", "Show the state of the connection", a.status)
	route(a, "POST /integrations/salesforce/connect", "Connect, or begin to", a.connect)
	route(a, "DELETE /integrations/salesforce", "Disconnect", a.disconnect)
	route(a, "POST /integrations/salesforce/pause", "Stop all traffic until resumed", a.pause)
	route(a, "POST /integrations/salesforce/resume", "End a pause", a.resume)
	route(a, "POST /integrations/salesforce/sync", "Ask for a full cycle now", a.sync, accepts)
	route(a, "GET /integrations/salesforce/rules", "Show the rules", a.rules)
	route(a, "PUT /integrations/salesforce/rules", "Replace the rules", a.setRules)
	route(a, "POST /integrations/salesforce/plan", "Preview what rules, modes or Apply to existing would do", a.previewPlan)
	route(a, "GET /integrations/salesforce/plan/{id}", "Show a plan, and its records", a.showPlan)
	route(a, "POST /integrations/salesforce/apply", "Save a plan's rules and modes, and do what it shows", a.applyPlan, accepts)
	route(a, "GET /integrations/salesforce/options", "Show the options", a.options)
	route(a, "PUT /integrations/salesforce/options", "Change the options", a.setOptions)

	route(a, "GET /runs", "List runs, newest first", a.listRuns)
	route(a, "GET /runs/{id}", "Show a run", a.run)
	route(a, "GET /runs/{id}/records", "List a run's records", a.runRecords)
	route(a, "GET /held", "List what could not be synced, newest first", a.listHeld)
	route(a, "GET /approvals", "List what waits for an approval, oldest first", a.listApprovals)
	route(a, "POST /approvals/{id}", "Approve or refuse what waits", a.decideApproval)
}
