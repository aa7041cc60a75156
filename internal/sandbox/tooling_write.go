package sandbox

import (
	"net/http"
	"strings"
)

// Definitions are changed under the org's lock and at once: no transaction takes
// them back.

// toolingObjects are the kinds of definitions that can be written.
var toolingObjects = map[string]struct {
	create func(*call) (string, *Error)
	update func(*call, string) *Error
	remove func(*call, string) *Error
}{
	"CustomField":    {(*call).createField, (*call).alterField, (*call).deleteField},
	"ValidationRule": {(*call).createRule, (*call).alterRule, (*call).deleteRule},
	"CustomObject":   {(*call).createObject, nil, (*call).deleteObject},
}

// mayCustomise refuses users who may not change metadata.
func (c *call) mayCustomise() *Error {
	defer c.view()()
	if c.rights().has(modifyMetadata) {
		return nil
	}
	return &Error{Status: http.StatusForbidden, Code: "INSUFFICIENT_ACCESS", Message: "insufficient access rights on entity: " + c.params["definition"]}
}

func (c *call) toolingCreate() *Error {
	kind, ok := toolingObjects[c.params["definition"]]
	if !ok {
		return notFound()
	}
	if err := c.mayCustomise(); err != nil {
		return err
	}
	id, err := kind.create(c)
	if err != nil {
		return err
	}
	return c.json(http.StatusCreated, map[string]any{"id": id, "success": true, "errors": []any{}, "warnings": []any{}, "infos": []any{}})
}

func (c *call) toolingUpdate() *Error {
	kind, ok := toolingObjects[c.params["definition"]]
	if !ok || kind.update == nil {
		return notFound()
	}
	return c.onDefinition(kind.update)
}

func (c *call) toolingDelete() *Error {
	kind, ok := toolingObjects[c.params["definition"]]
	if !ok {
		return notFound()
	}
	return c.onDefinition(kind.remove)
}

func (c *call) onDefinition(change func(*call, string) *Error) *Error {
	if err := c.mayCustomise(); err != nil {
		return err
	}
	id, ok := normaliseID(c.params["id"])
	if !ok {
		return notFound()
	}
	if err := change(c, id); err != nil {
		return err
	}
	return c.noContent(http.StatusNoContent)
}

// sentDefinition is the body of a write.
type sentDefinition[M any] struct {
	Attributes any    `json:"attributes"`
	FullName   string `json:"FullName"`
	Metadata   *M     `json:"Metadata"`
}

// readDefinition reads the body that makes a definition.
func readDefinition[M any](c *call) (sent sentDefinition[M], err *Error) {
	if err := c.decode(&sent); err != nil {
		return sent, err
	}
	return sent, sent.check()
}

// check refuses a new definition without its two members.
func (s *sentDefinition[M]) check() *Error {
	var missing []string
	if s.FullName == "" {
		missing = append(missing, "FullName")
	}
	if s.Metadata == nil {
		missing = append(missing, "Metadata")
	}
	if len(missing) > 0 {
		return missingFields(missing...)
	}
	return nil
}

// within splits the full name of something that belongs to an object.
func (s *sentDefinition[M]) within(o *Org) (*object, string, *Error) {
	objectName, name, _ := strings.Cut(s.FullName, ".")
	obj, ok := o.object(objectName)
	if !ok {
		return nil, "", refusal("INVALID_FIELD", "Entity Enumeration Or ID: bad value for restricted picklist field: "+objectName, "FullName")
	}
	return obj, name, nil
}

// objectMetadata is a custom object as Salesforce's Metadata describes it.
type objectMetadata struct {
	Label       string `json:"label"`
	PluralLabel string `json:"pluralLabel"`
	Description string `json:"description"`
	NameField   struct {
		Type          string `json:"type"`
		Label         string `json:"label"`
		DisplayFormat string `json:"displayFormat"`
	} `json:"nameField"`
	DeploymentStatus string `json:"deploymentStatus"`
	SharingModel     string `json:"sharingModel"`
}

func (c *call) createObject() (string, *Error) {
	sent, err := readDefinition[objectMetadata](c)
	if err != nil {
		return "", err
	}
	m := sent.Metadata
	if (m.NameField.Type == "AutoNumber") != (m.NameField.DisplayFormat != "") {
		return "", refusal("FIELD_INTEGRITY_EXCEPTION", "Must specify 'displayFormat' for a name field of type AutoNumber, and of no other", "Metadata")
	}
	c.org.mu.Lock()
	defer c.org.mu.Unlock()
	obj, err := c.org.addCustomObject(CustomObject{sent.FullName, m.Label, m.PluralLabel, m.NameField.Label, m.NameField.DisplayFormat})
	if err != nil {
		return "", err
	}
	return obj.id, nil
}

func (c *call) deleteObject(id string) *Error {
	c.org.mu.Lock()
	defer c.org.mu.Unlock()
	for _, obj := range c.org.objects {
		if obj.id == id && id != "" {
			return c.org.removeCustomObject(obj)
		}
	}
	return notFound()
}
