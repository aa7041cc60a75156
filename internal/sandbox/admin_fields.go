package sandbox

import (
	"encoding/json"
	"net/http"

	"conversion/internal/sandbox/schema"
)

// sentField is a custom field as the admin API describes it.
type sentField struct {
	Name                  string      `json:"name"`
	Label                 string      `json:"label"`
	Type                  string      `json:"type"`
	Length                int         `json:"length"`
	Precision             int         `json:"precision"`
	Scale                 int         `json:"scale"`
	Required              bool        `json:"required"`
	Unique                bool        `json:"unique"`
	CaseSensitive         bool        `json:"caseSensitive"`
	ExternalID            bool        `json:"externalId"`
	Values                []sentValue `json:"values"`
	Restricted            bool        `json:"restricted"`
	Controller            string      `json:"controller"`
	ReferenceTo           []string    `json:"referenceTo"`
	RelationshipName      string      `json:"relationshipName"`
	ChildRelationshipName string      `json:"childRelationshipName"`
	MasterDetail          bool        `json:"masterDetail"`
	DefaultValue          any         `json:"defaultValue"`
	DefaultValueFormula   string      `json:"defaultValueFormula"`
	Formula               string      `json:"formula"`
	BlankAsZero           bool        `json:"blankAsZero"`
	RichText              bool        `json:"richText"`
	AutoNumber            bool        `json:"autoNumber"`
	DisplayFormat         string      `json:"displayFormat"`
	StartingNumber        int         `json:"startingNumber"`
	MaskType              string      `json:"maskType"`
	MaskChar              string      `json:"maskChar"`
	HelpText              string      `json:"helpText"`
	Description           string      `json:"description"`
}

// sentValue is a picklist's value: a text, or an object.
type sentValue struct{ schema.PicklistValue }

// UnmarshalJSON reads "Gold" as well as {"value":"Gold","default":true}.
func (v *sentValue) UnmarshalJSON(b []byte) error {
	if err := json.Unmarshal(b, &v.Value); err == nil {
		v.Label, v.Active = v.Value, true
		return nil
	}
	sent := struct {
		Value    string   `json:"value"`
		Label    string   `json:"label"`
		Active   bool     `json:"active"`
		Default  bool     `json:"default"`
		ValidFor []string `json:"validFor"`
	}{Active: true}
	if err := json.Unmarshal(b, &sent); err != nil {
		return err
	}
	if sent.Label == "" {
		sent.Label = sent.Value
	}
	v.PicklistValue = schema.PicklistValue(sent)
	return nil
}

func (s *sentField) field() schema.Field {
	f := schema.Field{
		Name: s.Name, Label: s.Label, Type: schema.Type(s.Type), Length: s.Length, Precision: s.Precision, Scale: s.Scale,
		Nillable: !s.Required && s.Type != string(schema.Boolean), Unique: s.Unique, CaseSensitive: s.CaseSensitive,
		ExternalID: s.ExternalID, RestrictedPicklist: s.Restricted, Controller: s.Controller, ReferenceTo: s.ReferenceTo,
		RelationshipName: s.RelationshipName, ChildRelationship: s.ChildRelationshipName, MasterDetail: s.MasterDetail,
		DefaultValue: s.DefaultValue, DefaultFormula: s.DefaultValueFormula, Formula: s.Formula, BlankAsZero: s.BlankAsZero,
		AutoNumber: s.AutoNumber, DisplayFormat: s.DisplayFormat, StartingNumber: s.StartingNumber,
		MaskType: s.MaskType, MaskChar: s.MaskChar, HelpText: s.HelpText, Description: s.Description,
	}
	for _, v := range s.Values {
		f.Picklist = append(f.Picklist, v.PicklistValue)
	}
	if s.RichText {
		f.ExtraTypeInfo = "richtextarea"
	}
	return f
}

func (c *call) adminAddField() *Error {
	var sent sentField
	if err := c.decode(&sent); err != nil {
		return err
	}
	return c.done(c.org.AddField(c.params["object"], sent.field()))
}

func (c *call) adminHideField() *Error {
	var sent struct {
		Hidden bool `json:"hidden"`
	}
	if err := c.decode(&sent); err != nil {
		return err
	}
	return c.done(c.org.HideField(c.params["object"], c.params["field"], sent.Hidden))
}

func (c *call) adminRemoveField() *Error {
	return c.done(c.org.RemoveField(c.params["object"], c.params["field"]))
}

func (c *call) adminAddObject() *Error {
	var sent struct {
		Name          string `json:"name"`
		Label         string `json:"label"`
		LabelPlural   string `json:"labelPlural"`
		NameLabel     string `json:"nameLabel"`
		DisplayFormat string `json:"displayFormat"`
	}
	if err := c.decode(&sent); err != nil {
		return err
	}
	return c.done(c.org.AddObject(CustomObject(sent)))
}

func (c *call) adminRemoveObject() *Error {
	return c.done(c.org.RemoveObject(c.params["object"]))
}

// sentRule is a validation rule as the admin API describes it; it is active
// unless it says otherwise.
type sentRule struct {
	Object      string `json:"object"`
	Name        string `json:"name"`
	Formula     string `json:"formula"`
	Message     string `json:"message"`
	Field       string `json:"field"`
	Active      bool   `json:"active"`
	Description string `json:"description"`
}

func (c *call) adminAddValidationRule() *Error {
	sent := sentRule{Active: true}
	if err := c.decode(&sent); err != nil {
		return err
	}
	return c.done(c.org.AddValidationRule(ValidationRule(sent)))
}

func (c *call) adminValidationRules() *Error {
	rules := []sentRule{}
	for _, rule := range c.org.ValidationRules() {
		rules = append(rules, sentRule(rule))
	}
	return c.json(http.StatusOK, map[string]any{"validationRules": rules})
}

func (c *call) adminRemoveValidationRule() *Error {
	return c.done(c.org.RemoveValidationRule(c.params["object"], c.params["name"]))
}
