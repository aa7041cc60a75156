package sandbox

import (
	"net/url"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
)

const tooling = v67 + "/tooling"

// define makes a definition by the Tooling API and returns its id.
func (c *client) define(kind, fullName string, metadata m) string {
	c.t.Helper()
	var made struct {
		ID      string
		Success bool
		Errors  []any
	}
	c.want(201, &made, "POST", tooling+"/sobjects/"+kind, m{"FullName": fullName, "Metadata": metadata})
	if !made.Success || len(made.Errors) != 0 {
		c.t.Fatalf("%s is answered with %+v", fullName, made)
	}
	return made.ID
}

func (c *client) toolingQuery(soql string) result {
	c.t.Helper()
	var r result
	c.want(200, &r, "GET", tooling+"/query/?q="+url.QueryEscape(soql), nil)
	return r
}

var tier = m{"type": "Picklist", "label": "Tier", "valueSet": m{"restricted": true, "valueSetDefinition": m{"sorted": false, "value": []m{
	{"valueName": "Gold", "label": "Gold medal", "default": false}, {"fullName": "Silver", "label": "Silver", "default": true},
}}}}

func TestACustomFieldIsMadeChangedAndDeletedByTooling(t *testing.T) {
	t.Parallel()
	c := newClient(t, Options{})
	id := c.define("CustomField", "Lead.Tier__c", tier)
	if id[:3] != "00N" || len(id) != 18 {
		t.Errorf("the field's id is %s", id)
	}
	if got := c.record(c.lead("jo@acme.example"))["Tier__c"]; got != "Silver" {
		t.Errorf("a new lead has the tier %v", got)
	}
	c.refused(400, "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST", "POST", v67+"/sobjects/Lead", m{"LastName": "Doe", "Company": "Acme", "Tier__c": "Tin"})
	c.refused(400, "DUPLICATE_DEVELOPER_NAME", "POST", tooling+"/sobjects/CustomField", m{"FullName": "Lead.Tier__c", "Metadata": tier})

	var read m
	c.want(200, &read, "GET", tooling+"/sobjects/CustomField/"+id, nil)
	attributes := m{"type": "CustomField", "url": tooling + "/sobjects/CustomField/" + id}
	if diff := cmp.Diff(any(attributes), read["attributes"]); diff != "" || read["FullName"] != "Lead.Tier__c" || read["DeveloperName"] != "Tier" || read["TableEnumOrId"] != "Lead" {
		t.Error(diff, read)
	}
	metadata := read["Metadata"].(m)
	metadata["label"], metadata["inlineHelpText"] = "Medal", "Which one?"
	c.want(204, nil, "PATCH", tooling+"/sobjects/CustomField/"+id, m{"Metadata": metadata})
	if d := c.described("Lead", "Tier__c"); d["label"] != "Medal" || d["inlineHelpText"] != "Which one?" || len(d["picklistValues"].([]any)) != 2 {
		t.Errorf("after a change the field is described as %v", d)
	}
	c.refused(400, "FIELD_INTEGRITY_EXCEPTION", "PATCH", tooling+"/sobjects/CustomField/"+id, m{"Metadata": m{"type": "Date", "label": "Tier"}})
	c.want(204, nil, "DELETE", tooling+"/sobjects/CustomField/"+id, nil)
	c.want(404, nil, "GET", tooling+"/sobjects/CustomField/"+id, nil)
	c.refused(400, "INVALID_FIELD", "GET", v67+"/query?q=SELECT+Tier__c+FROM+Lead", nil)
}

func TestEveryTypeOfMetadataMakesItsField(t *testing.T) {
	t.Parallel()
	c := newClient(t, Options{})
	for name, kind := range map[string]struct {
		metadata m
		want     string
	}{
		"Text": {m{"length": 20, "externalId": true, "unique": true, "caseSensitive": true}, "string"}, "TextArea": {m{}, "textarea"},
		"LongTextArea": {m{"length": 32768, "visibleLines": 3}, "textarea"}, "Html": {m{"length": 32768, "visibleLines": 25}, "textarea"},
		"Checkbox": {m{"defaultValue": "true"}, "boolean"}, "Number": {m{"precision": 18, "scale": 0}, "double"},
		"Currency": {m{"precision": 18, "scale": 2}, "currency"}, "Percent": {m{"precision": 5, "scale": 2}, "percent"},
		"Date": {m{"defaultValue": "TODAY()"}, "date"}, "DateTime": {m{}, "datetime"}, "Time": {m{}, "time"}, "Email": {m{"unique": true}, "email"},
		"Phone": {m{}, "phone"}, "Url": {m{}, "url"}, "MultiselectPicklist": {m{"visibleLines": 4, "valueSet": tier["valueSet"]}, "multipicklist"},
		"Lookup":     {m{"referenceTo": "Account", "relationshipName": "Guests", "relationshipLabel": "Guests", "deleteConstraint": "SetNull"}, "reference"},
		"AutoNumber": {m{"displayFormat": "A-{0000}", "startingNumber": 1}, "string"}, "EncryptedText": {m{"length": 20, "maskType": "all", "maskChar": "asterisk"}, "encryptedstring"},
		"Location": {m{"scale": 5, "displayLocationInDecimal": true}, "location"},
	} {
		kind.metadata["type"], kind.metadata["label"] = name, "My "+name
		id := c.define("CustomField", "Contact.My_"+name+"__c", kind.metadata)
		d := c.described("Contact", "My_"+name+"__c")
		if d["type"] != kind.want || d["label"] != "My "+name {
			t.Errorf("%s is described as %v", name, d)
		}
		got := c.toolingQuery("SELECT Id, FullName, Metadata FROM CustomField WHERE Id = '" + id + "'").Records[0]["Metadata"].(m)
		for member, v := range kind.metadata {
			if n, isInt := v.(int); isInt {
				v = float64(n)
			}
			switch member {
			case "valueSet", "relationshipLabel", "deleteConstraint":
				continue
			}
			if got[member] != v {
				t.Errorf("%s has the %s %v, want %v", name, member, got[member], v)
			}
		}
	}
	if got := c.described("Account", "Id"); got["name"] != "Id" {
		t.Error(got)
	}
}

func TestFormulasAndDependenciesAreMadeByTooling(t *testing.T) {
	t.Parallel()
	c := newClient(t, Options{})
	c.define("CustomField", "Lead.Twice__c", m{"type": "Number", "label": "Twice", "precision": 18, "scale": 0, "formula": "NumberOfEmployees * 2", "formulaTreatBlanksAs": "BlankAsZero"})
	if d := c.described("Lead", "Twice__c"); d["calculated"] != true || d["formulaTreatNullNumberAsZero"] != true {
		t.Errorf("the formula is described as %v", d)
	}
	c.define("CustomField", "Lead.Tier__c", tier)
	c.define("CustomField", "Lead.Gift__c", m{"type": "Picklist", "label": "Gift", "valueSet": m{
		"controllingField": "Tier__c", "restricted": true, "valueSetDefinition": m{"value": []m{{"valueName": "Watch"}, {"valueName": "Pen"}}},
		"valueSettings": []m{{"controllingFieldValue": []string{"Gold"}, "valueName": "Watch"}, {"controllingFieldValue": []string{"Gold", "Silver"}, "valueName": "Pen"}},
	}})
	values := c.described("Lead", "Gift__c")["picklistValues"].([]any)
	if values[0].(m)["validFor"] != "gAAA" || values[1].(m)["validFor"] != "wAAA" {
		t.Errorf("the gifts are %v", values)
	}
}

func TestWrongMetadataIsRefused(t *testing.T) {
	t.Parallel()
	c := newClient(t, Options{})
	for name, wrong := range map[string]struct {
		fullName, code string
		metadata       m
	}{
		"no length":       {"Lead.A__c", "FIELD_INTEGRITY_EXCEPTION", m{"type": "Text", "label": "A"}},
		"no label":        {"Lead.A__c", "FIELD_INTEGRITY_EXCEPTION", m{"type": "Date"}},
		"no such type":    {"Lead.A__c", "FIELD_INTEGRITY_EXCEPTION", m{"type": "Colour", "label": "A"}},
		"no such object":  {"Nothing.A__c", "INVALID_FIELD", m{"type": "Date", "label": "A"}},
		"no such member":  {"Lead.A__c", "JSON_PARSER_ERROR", m{"type": "Date", "label": "A", "colour": 1}},
		"a roll-up":       {"Account.A__c", "FUNCTIONALITY_NOT_ENABLED", m{"type": "Summary", "label": "A", "summaryOperation": "count"}},
		"a global values": {"Lead.A__c", "FUNCTIONALITY_NOT_ENABLED", m{"type": "Picklist", "label": "A", "valueSet": m{"valueSetName": "Global"}}},
		"no name":         {"", "REQUIRED_FIELD_MISSING", m{"type": "Date", "label": "A"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := &client{t, c.org, c.url, c.token}
			c.refused(400, wrong.code, "POST", tooling+"/sobjects/CustomField", m{"FullName": wrong.fullName, "Metadata": wrong.metadata})
		})
	}
}

func TestValidationRulesAndObjectsAreMadeByTooling(t *testing.T) {
	t.Parallel()
	c := newClient(t, Options{})
	object := c.define("CustomObject", "Deal__c", m{
		"label": "Deal", "pluralLabel": "Deals", "nameField": m{"type": "Text", "label": "Deal Name"}, "deploymentStatus": "Deployed", "sharingModel": "ReadWrite",
	})
	c.define("CustomField", "Deal__c.Size__c", m{"type": "Number", "label": "Size", "precision": 9, "scale": 0})
	rule := c.define("ValidationRule", "Deal__c.Has_Size", m{"active": true, "errorConditionFormula": "ISBLANK(Size__c)", "errorMessage": "Say how large.", "errorDisplayField": "Size__c"})
	if message := c.refused(400, "FIELD_CUSTOM_VALIDATION_EXCEPTION", "POST", v67+"/sobjects/Deal__c", m{"Name": "A"}); message != "Say how large." {
		t.Error(message)
	}
	c.want(204, nil, "PATCH", tooling+"/sobjects/ValidationRule/"+rule, m{"Metadata": m{"active": false}})
	c.want(201, nil, "POST", v67+"/sobjects/Deal__c", m{"Name": "A"})
	got := c.toolingQuery("SELECT Id, ValidationName, Active, ErrorMessage, EntityDefinition.QualifiedApiName FROM ValidationRule WHERE EntityDefinition.QualifiedApiName = 'Deal__c'").Records
	if len(got) != 1 || got[0]["ValidationName"] != "Has_Size" || got[0]["Active"] != false || got[0]["EntityDefinition"].(m)["QualifiedApiName"] != "Deal__c" {
		t.Errorf("the rule is %v", got)
	}
	c.want(204, nil, "DELETE", tooling+"/sobjects/ValidationRule/"+rule, nil)
	c.want(204, nil, "DELETE", tooling+"/sobjects/CustomObject/"+object, nil)
	c.want(404, nil, "GET", v67+"/sobjects/Deal__c", nil)
}

func TestDefinitionsAreQueried(t *testing.T) {
	t.Parallel()
	c := newClient(t, Options{})
	c.define("CustomField", "Lead.Tier__c", tier)
	id := c.define("CustomField", "Contact.Tier__c", tier)
	got := c.toolingQuery("SELECT Id FROM CustomField WHERE TableEnumOrId = 'Contact' AND DeveloperName = 'Tier'")
	if got.TotalSize != 1 || !got.Done || got.Records[0]["Id"] != id {
		t.Errorf("the field is %+v", got)
	}
	fields := c.toolingQuery("SELECT QualifiedApiName, Label, DataType FROM FieldDefinition WHERE EntityDefinition.QualifiedApiName = 'Lead' AND QualifiedApiName IN ('Email', 'Tier__c', 'AnnualRevenue') ORDER BY QualifiedApiName").Records
	var types []any
	for _, f := range fields {
		types = append(types, f["DataType"])
	}
	if diff := cmp.Diff([]any{"Currency(18, 0)", "Email", "Picklist"}, types); diff != "" {
		t.Error(diff)
	}
	entities := c.toolingQuery("SELECT DurableId, KeyPrefix FROM EntityDefinition WHERE QualifiedApiName = 'Lead'").Records
	if len(entities) != 1 || entities[0]["KeyPrefix"] != "00Q" {
		t.Errorf("the lead is defined as %v", entities)
	}
	if got := c.query("SELECT Label FROM EntityDefinition WHERE QualifiedApiName = 'Lead'").Records; len(got) != 1 || got[0]["Label"] != "Lead" {
		t.Errorf("the REST API defines the lead as %v", got)
	}
	if got := c.toolingQuery("SELECT CreatedBy.LastViewedDate FROM CustomField LIMIT 1").Records; len(got) != 1 {
		t.Errorf("the author was looked at: %v", got)
	}
	c.refused(400, "MALFORMED_QUERY", "GET", tooling+"/query?q=SELECT+Metadata+FROM+CustomField", nil)
	c.refused(400, "INVALID_TYPE", "GET", tooling+"/query?q=SELECT+Id+FROM+ApexClass", nil)
	var described struct {
		Name       string
		Createable bool
		Fields     []m
	}
	c.want(200, &described, "GET", tooling+"/sobjects/CustomField/describe", nil)
	if metadata := slices.IndexFunc(described.Fields, func(f m) bool { return f["name"] == "Metadata" && f["createable"] == true }); metadata < 0 || !described.Createable {
		t.Error("the Metadata of a custom field is not described, or nobody can create one")
	}
	if described.Name != "CustomField" || len(described.Fields) < 20 {
		t.Errorf("described as %s with %d fields", described.Name, len(described.Fields))
	}
	var entity m
	c.want(200, &entity, "GET", tooling+"/sobjects/EntityDefinition/Lead?fields=Label", nil)
	if entity["Label"] != "Lead" {
		t.Errorf("the lead is %v", entity)
	}
}

func TestFieldsComeAndGoWhileRequestsRun(t *testing.T) {
	t.Parallel()
	c := newClient(t, Options{})
	c.lead("jo@acme.example")
	stop, done := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(done)
		for {
			select {
			case <-stop:
				return
			default:
			}
			for _, path := range []string{"/query?q=SELECT+FIELDS(ALL)+FROM+Lead+LIMIT+9", "/tooling/query?q=SELECT+Id+FROM+CustomField", "/sobjects/Lead/describe"} {
				response, err := c.try("GET", v67+path, nil)
				if err != nil || response.StatusCode != 200 {
					t.Error(path, response, err)
					return
				}
				response.Body.Close()
			}
		}
	}()
	for range 20 {
		id := c.define("CustomField", "Lead.Tier__c", tier)
		c.lead("ann@acme.example")
		c.want(204, nil, "DELETE", tooling+"/sobjects/CustomField/"+id, nil)
	}
	close(stop)
	<-done
}
