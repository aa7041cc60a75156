package sandbox

import (
	"fmt"
	"net/http"
	"strings"

	"conversion/internal/sandbox/table"
)

// key finds the field by whose value records are addressed.
func (r *rights) key(obj *object, name string) (*field, *Error) {
	f, ok := r.field(obj, name)
	if !ok || !f.upsertKey() {
		return nil, noKey(name)
	}
	return f, nil
}

// severalMatches is how a handler says that a key fits several records; the
// answer is not an error body but the list of their paths.
const severalMatches = "MULTIPLE_CHOICES"

// side picks which state of an object's records is looked at.
type side func(*object, *field, any) ([]*table.Row, *Error)

// addressed finds the record in a path of key field and value: nil without one.
func (c *call) addressed(matching side) (*object, *field, *table.Row, *Error) {
	obj, err := c.objectOr404()
	if err != nil {
		return nil, nil, nil, err
	}
	key, err := c.rights().key(obj, c.params["field"])
	if err != nil {
		return nil, nil, nil, err
	}
	rows, err := matching(obj, key, c.params["value"])
	switch {
	case err != nil:
		return nil, nil, nil, err
	case len(rows) == 0:
		return obj, key, nil, nil
	case len(rows) > 1:
		return nil, nil, nil, &Error{Status: http.StatusMultipleChoices, Code: severalMatches, Duplicates: idsOf(rows)}
	}
	return obj, key, rows[0], nil
}

func idsOf(rows []*table.Row) []string {
	var ids []string
	for _, r := range rows {
		ids = append(ids, r.ID)
	}
	return ids
}

// choices answers a 300 with the paths of the matching records.
func (c *call) choices(err *Error) *Error {
	if err == nil || err.Code != severalMatches {
		return err
	}
	paths := []string{}
	for _, id := range err.Duplicates {
		paths = append(paths, c.base()+"/sobjects/"+c.object+"/"+id)
	}
	return c.json(http.StatusMultipleChoices, paths)
}

func (c *call) getByKey() *Error {
	if c.traverses() {
		return c.getRelated()
	}
	defer c.view()()
	obj, _, row, err := c.addressed((*object).seenMatching)
	if err != nil {
		return c.choices(err)
	}
	if row == nil {
		return notFound()
	}
	return c.answerRecord(obj, row)
}

func (c *call) deleteByKey() *Error {
	if c.traverses() {
		return c.deleteRelated()
	}
	err := c.save(func(t *tx) *Error {
		obj, _, row, err := c.addressed((*object).matching)
		if err != nil {
			return err
		}
		if row == nil {
			return notFound()
		}
		if handled, err := c.conditional(obj.recordRevision(row)); handled {
			return err
		}
		return t.delete(row.ID)
	})
	if err != nil {
		return c.choices(err)
	}
	return c.noContent(http.StatusNoContent)
}

func (c *call) upsertRecord() *Error {
	if c.traverses() {
		return c.updateRelated()
	}
	fields, err := c.fieldsOf()
	if err != nil {
		return err
	}
	updateOnly, err := c.flag("updateOnly")
	if err != nil {
		return err
	}
	var id string
	created := false
	err = c.save(func(t *tx) *Error {
		obj, key, row, err := c.addressed((*object).matching)
		if err != nil {
			return err
		}
		if err := noKeyInBody(key, fields); err != nil {
			return err
		}
		if row != nil {
			if handled, err := c.conditional(obj.recordRevision(row)); handled {
				return err
			}
			id = row.ID
			return t.update(id, fields)
		}
		if err := c.conditionalOnNothing(); err != nil {
			return err
		}
		if key.column == columnID || updateOnly {
			return notFound()
		}
		created = true
		fields[key.Name] = c.params["value"]
		id, err = t.create(obj, fields)
		return err
	})
	if err != nil {
		return c.choices(err)
	}
	c.used(id)
	return c.answerUpsert(id, created)
}

// answerUpsert answers as the request's API version does: before 46.0 an update
// had no body, and nothing said whether the record was new.
func (c *call) answerUpsert(id string, created bool) *Error {
	answer := saved{ID: id, Success: true, Errors: []string{}}
	if c.versionNumber() >= 46 {
		answer.Created = &created
	}
	switch {
	case created:
		c.header.Set("Location", c.base()+"/sobjects/"+c.object+"/"+id)
		return c.json(http.StatusCreated, answer)
	case c.versionNumber() < 46:
		return c.noContent(http.StatusNoContent)
	}
	return c.json(http.StatusOK, answer)
}

func noKeyInBody(key *field, fields map[string]any) *Error {
	for name := range fields {
		if strings.EqualFold(name, key.Name) || strings.EqualFold(name, "Id") {
			return refusal("INVALID_FIELD", fmt.Sprintf("The %s field should not be specified in the sobject data.", name), name)
		}
	}
	return nil
}
