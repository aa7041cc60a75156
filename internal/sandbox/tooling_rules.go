package sandbox

// ruleMetadata is a validation rule as Salesforce's Metadata describes it.
type ruleMetadata struct {
	Active                bool   `json:"active"`
	Description           string `json:"description"`
	ErrorConditionFormula string `json:"errorConditionFormula"`
	ErrorDisplayField     string `json:"errorDisplayField"`
	ErrorMessage          string `json:"errorMessage"`
	ShouldEvaluateOnline  any    `json:"shouldEvaluateOnClient,omitempty"`
	URLs                  any    `json:"urls,omitempty"`
}

func (m *ruleMetadata) rule(object, name string) ValidationRule {
	return ValidationRule{
		Object: object, Name: name, Formula: m.ErrorConditionFormula, Message: m.ErrorMessage, Field: m.ErrorDisplayField,
		Active: m.Active, Description: m.Description,
	}
}

func (c *call) createRule() (string, *Error) {
	sent, err := readDefinition[ruleMetadata](c)
	if err != nil {
		return "", err
	}
	c.org.mu.Lock()
	defer c.org.mu.Unlock()
	obj, name, err := sent.within(c.org)
	if err != nil {
		return "", err
	}
	v, err := c.org.addValidation(sent.Metadata.rule(obj.Name, name))
	if err != nil {
		return "", err
	}
	return v.id, nil
}

func (o *Org) validationByID(id string) *validation {
	for _, v := range o.validations {
		if v.id == id {
			return v
		}
	}
	return nil
}

func (c *call) alterRule(id string) *Error {
	c.org.mu.Lock()
	defer c.org.mu.Unlock()
	v := c.org.validationByID(id)
	if v == nil {
		return notFound()
	}
	sent := sentDefinition[ruleMetadata]{Metadata: &ruleMetadata{v.Active, v.Description, v.Formula, v.Field, v.Message, nil, nil}}
	if err := c.decode(&sent); err != nil {
		return err
	}
	if sent.Metadata == nil {
		return missingFields("Metadata")
	}
	changed, err := c.org.checkedValidation(sent.Metadata.rule(v.Object, v.Name))
	if err != nil {
		return err
	}
	changed.id = v.id
	*v = *changed
	return nil
}

func (c *call) deleteRule(id string) *Error {
	c.org.mu.Lock()
	defer c.org.mu.Unlock()
	v := c.org.validationByID(id)
	if v == nil {
		return notFound()
	}
	c.org.removeValidation(v)
	return nil
}
