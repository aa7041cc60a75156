package sandbox

import (
	"encoding/json"
)

func (c *call) createField() (string, *Error) {
	sent, err := readDefinition[fieldMetadata](c)
	if err != nil {
		return "", err
	}
	c.org.mu.Lock()
	defer c.org.mu.Unlock()
	obj, name, err := sent.within(c.org)
	if err != nil {
		return "", err
	}
	described, err := sent.Metadata.field(name)
	if err != nil {
		return "", err
	}
	f, err := c.org.addCustomField(obj, described)
	if err != nil {
		return "", err
	}
	return f.id, nil
}

// fieldByID finds the custom field of an id. The caller holds the lock.
func (o *Org) fieldByID(id string) (*object, *field) {
	for _, obj := range o.objects {
		for _, f := range obj.fields {
			if f.id == id {
				return obj, f
			}
		}
	}
	return nil, nil
}

// alterField lays the given members over the field's present Metadata.
func (c *call) alterField(id string) *Error {
	c.org.mu.Lock()
	defer c.org.mu.Unlock()
	obj, f := c.org.fieldByID(id)
	if f == nil {
		return notFound()
	}
	merged := describeMetadata(f)
	sent := sentDefinition[fieldMetadata]{Metadata: &merged}
	var replaced struct{ Metadata map[string]json.RawMessage }
	if err := json.Unmarshal(c.body, &replaced); err == nil && replaced.Metadata["valueSet"] != nil {
		merged.ValueSet = nil // values are given whole
	}
	if err := c.decode(&sent); err != nil {
		return err
	}
	if sent.Metadata == nil {
		return missingFields("Metadata")
	}
	described, err := merged.field(f.Name)
	if err != nil {
		return err
	}
	return c.org.alterCustomField(obj, f, described)
}

func (c *call) deleteField(id string) *Error {
	c.org.mu.Lock()
	defer c.org.mu.Unlock()
	obj, f := c.org.fieldByID(id)
	if f == nil {
		return notFound()
	}
	if err := c.org.removeCustomField(obj, f); err != nil {
		return err
	}
	c.org.describeChanged(obj)
	return nil
}
