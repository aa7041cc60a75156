package sandbox

import (
	"testing"
	"time"
)

func TestTheStageDecidesWhatBecomesOfAnOpportunity(t *testing.T) {
	t.Parallel()
	c := newClient(t, Options{})
	id := c.insert("Opportunity", m{"Name": "Big", "StageName": "Prospecting", "CloseDate": "2026-05-01", "Amount": 1000})
	if got := c.record(id); got["Probability"] != 10.0 || got["ExpectedRevenue"] != 100.0 || got["ForecastCategory"] != "Pipeline" ||
		got["IsClosed"] != false || got["FiscalQuarter"] != 2.0 || got["Fiscal"] != "2026 2" || got["LastStageChangeDate"] != nil {
		t.Errorf("a new opportunity is %v", got)
	}
	c.want(204, nil, "PATCH", v67+"/sobjects/Opportunity/"+id, m{"Probability": 45})
	if got := c.record(id); got["Probability"] != 45.0 || got["ExpectedRevenue"] != 450.0 {
		t.Errorf("with a probability of its own it is %v", got)
	}
	c.want(204, nil, "PATCH", v67+"/sobjects/Opportunity/"+id, m{"StageName": "Closed Won"})
	if got := c.record(id); got["Probability"] != 100.0 || got["IsWon"] != true || got["IsClosed"] != true || got["ForecastCategoryName"] != "Closed" || got["LastStageChangeDate"] == nil {
		t.Errorf("a won opportunity is %v", got)
	}
	stages := c.query("SELECT MasterLabel, DefaultProbability FROM OpportunityStage WHERE IsWon = true")
	if stages.TotalSize != 1 || stages.Records[0]["MasterLabel"] != "Closed Won" {
		t.Errorf("the winning stages are %v", stages.Records)
	}
}

func TestLinesSumUpToTheAmountOfAnOpportunity(t *testing.T) {
	t.Parallel()
	c := newClient(t, Options{})
	book, _ := c.query("SELECT Id FROM Pricebook2 WHERE IsStandard = true").Records[0]["Id"].(string)
	own := c.insert("Pricebook2", m{"Name": "Partners", "IsActive": true})
	product := c.insert("Product2", m{"Name": "Licence", "ProductCode": "L1", "IsActive": true})
	c.refused(400, "STANDARD_PRICE_NOT_DEFINED", "POST", v67+"/sobjects/PricebookEntry", m{"Pricebook2Id": own, "Product2Id": product, "UnitPrice": 5, "IsActive": true})
	entry := c.insert("PricebookEntry", m{"Pricebook2Id": book, "Product2Id": product, "UnitPrice": 10, "IsActive": true})
	c.refused(400, "DUPLICATE_VALUE", "POST", v67+"/sobjects/PricebookEntry", m{"Pricebook2Id": book, "Product2Id": product, "UnitPrice": 5, "IsActive": true})
	id := c.insert("Opportunity", m{"Name": "Big", "StageName": "Prospecting", "CloseDate": "2026-05-01", "Amount": 1})
	line := c.insert("OpportunityLineItem", m{"OpportunityId": id, "PricebookEntryId": entry, "Quantity": 3, "UnitPrice": 9})
	if got := c.record(line); got["TotalPrice"] != 27.0 || got["ListPrice"] != 10.0 || got["Product2Id"] != product || got["ProductCode"] != "L1" || got["Name"] != "Big Licence" {
		t.Errorf("the line is %v", got)
	}
	c.want(204, nil, "PATCH", v67+"/sobjects/Opportunity/"+id, m{"Amount": 5, "NextStep": "call"})
	if got := c.record(id); got["Amount"] != 27.0 || got["HasOpportunityLineItem"] != true || got["Pricebook2Id"] != book || got["NextStep"] != "call" {
		t.Errorf("the opportunity is %v", got)
	}
	c.refused(400, "DELETE_FAILED", "DELETE", v67+"/sobjects/Product2/"+product, nil)
	c.want(204, nil, "DELETE", v67+"/sobjects/OpportunityLineItem/"+line, nil)
	if got := c.record(id); got["HasOpportunityLineItem"] != false {
		t.Errorf("without lines it is %v", got)
	}
}

func TestThePrimaryRoleIsTheContactOfTheOpportunity(t *testing.T) {
	t.Parallel()
	c := newClient(t, Options{})
	ann, bob := c.insert("Contact", m{"LastName": "Ann"}), c.insert("Contact", m{"LastName": "Bob"})
	id := c.insert("Opportunity", m{"Name": "Big", "StageName": "Prospecting", "CloseDate": "2026-05-01", "ContactId": ann})
	second := c.insert("OpportunityContactRole", m{"OpportunityId": id, "ContactId": bob, "IsPrimary": true, "Role": "Evaluator"})
	if got := c.record(id)["ContactId"]; got != bob {
		t.Errorf("the contact is %v", got)
	}
	if got := c.query("SELECT ContactId FROM OpportunityContactRole WHERE IsPrimary = true"); got.TotalSize != 1 {
		t.Errorf("primary roles: %v", got.Records)
	}
	c.want(204, nil, "DELETE", v67+"/sobjects/OpportunityContactRole/"+second, nil)
	if got := c.record(id)["ContactId"]; got != nil {
		t.Errorf("without a primary role the contact is %v", got)
	}
}

func TestACampaignCountsItsMembersAndTheirAnswers(t *testing.T) {
	t.Parallel()
	c := newClient(t, Options{})
	campaign := c.insert("Campaign", m{"Name": "Spring"})
	lead := c.insert("Lead", m{"LastName": "Doe", "FirstName": "Jo", "Company": "Acme", "Email": "jo@x.test", "City": "Bern"})
	account := c.insert("Account", m{"Name": "Initech"})
	contact := c.insert("Contact", m{"LastName": "Roe", "AccountId": account})
	member := c.insert("CampaignMember", m{"CampaignId": campaign, "LeadId": lead})
	other := c.insert("CampaignMember", m{"CampaignId": campaign, "ContactId": contact, "Status": "Responded"})
	if got := c.record(member); got["Status"] != "Sent" || got["HasResponded"] != false || got["Name"] != "Jo Doe" || got["CompanyOrAccount"] != "Acme" ||
		got["City"] != "Bern" || got["Type"] != "Lead" || got["LeadOrContactId"] != lead {
		t.Errorf("a lead's membership is %v", got)
	}
	if got := c.record(other); got["HasResponded"] != true || got["FirstRespondedDate"] != "2026-01-31" || got["CompanyOrAccount"] != "Initech" || got["Type"] != "Contact" {
		t.Errorf("a contact's membership is %v", got)
	}
	if message := c.refused(400, "DUPLICATE_VALUE", "POST", v67+"/sobjects/CampaignMember", m{"CampaignId": campaign, "LeadId": lead}); message != "Already a campaign member." {
		t.Errorf("refused with %q", message)
	}
	c.want(204, nil, "PATCH", v67+"/sobjects/CampaignMember/"+member, m{"Status": "Responded"})
	c.want(204, nil, "PATCH", v67+"/sobjects/Lead/"+lead, m{"Email": "new@x.test"})
	if got := c.record(member)["Email"]; got != "new@x.test" {
		t.Errorf("the member's e-mail is %v", got)
	}
	c.insert("Opportunity", m{"Name": "Big", "StageName": "Closed Won", "CloseDate": "2026-01-01", "Amount": 70, "CampaignId": campaign})
	if got := c.record(campaign); got["NumberOfLeads"] != 1.0 || got["NumberOfContacts"] != 1.0 || got["NumberOfResponses"] != 2.0 ||
		got["NumberOfWonOpportunities"] != 1.0 || got["AmountWonOpportunities"] != 70.0 {
		t.Errorf("the campaign is %v", got)
	}
}

func TestACaseFollowsItsStatusAndItsContact(t *testing.T) {
	t.Parallel()
	c := newClient(t, Options{})
	account := c.insert("Account", m{"Name": "Acme"})
	contact := c.insert("Contact", m{"LastName": "Doe", "Email": "jo@x.test", "AccountId": account})
	id := c.insert("Case", m{"ContactId": contact, "Subject": "Help", "Comments": "urgent"})
	if got := c.record(id); got["CaseNumber"] != "00001000" || got["Status"] != "New" || got["AccountId"] != account || got["ContactEmail"] != "jo@x.test" || got["IsClosed"] != false || got["Comments"] != nil {
		t.Errorf("a new case is %v", got)
	}
	if got := c.query("SELECT CommentBody FROM CaseComment WHERE ParentId = '" + id + "'"); got.TotalSize != 1 || got.Records[0]["CommentBody"] != "urgent" {
		t.Errorf("its comments are %v", got.Records)
	}
	c.org.Clock().Advance(time.Minute)
	c.want(204, nil, "PATCH", v67+"/sobjects/Case/"+id, m{"Status": "Closed"})
	if got := c.record(id); got["IsClosed"] != true || got["ClosedDate"] != "2026-01-31T09:01:00.000+0000" {
		t.Errorf("a closed case is %v", got)
	}
	c.refused(400, "INVALID_FIELD_FOR_INSERT_UPDATE", "PATCH", v67+"/sobjects/Case/"+id, m{"CaseNumber": "7"})
}

func TestAContractIsActivatedByItsStatusAndEndsByItsTerm(t *testing.T) {
	t.Parallel()
	c := newClient(t, Options{})
	account := c.insert("Account", m{"Name": "Acme"})
	id := c.insert("Contract", m{"AccountId": account, "StartDate": "2026-01-01", "ContractTerm": 12})
	if got := c.record(id); got["StatusCode"] != "Draft" || got["EndDate"] != "2026-12-31" || got["ContractNumber"] != "00001000" {
		t.Errorf("a new contract is %v", got)
	}
	c.want(204, nil, "PATCH", v67+"/sobjects/Contract/"+id, m{"Status": "Activated"})
	if got := c.record(id); got["StatusCode"] != "Activated" || got["ActivatedDate"] == nil {
		t.Errorf("an activated contract is %v", got)
	}
	c.refused(400, "DELETE_FAILED", "DELETE", v67+"/sobjects/Account/"+account, nil)
}

func TestAnAttachmentIsFetchedByTheLinkThatItsRecordShows(t *testing.T) {
	t.Parallel()
	c := newClient(t, Options{})
	lead := c.lead("a@x.test")
	id := c.insert("Attachment", m{"ParentId": lead, "Name": "hello.txt", "ContentType": "text/plain", "Body": "aGVsbG8="})
	record := c.query("SELECT Body, BodyLength FROM Attachment").Records[0]
	if record["Body"] != v67+"/sobjects/Attachment/"+id+"/Body" || record["BodyLength"] != 5.0 {
		t.Fatalf("the attachment is %v", record)
	}
	response := c.send("GET", record["Body"].(string), nil)
	response.Body.Close()
	if got := response.Header.Get("Content-Type"); response.StatusCode != 200 || got != "text/plain" {
		t.Errorf("status %d, type %s", response.StatusCode, got)
	}
	if _, body := c.do("GET", record["Body"].(string), nil); string(body) != "hello" {
		t.Errorf("the content is %q", body)
	}
	c.refused(404, "NOT_FOUND", "GET", v67+"/sobjects/Attachment/"+id+"/Name", nil)
}
