package sandbox

import (
	"fmt"
	"net/http"
	"strings"

	"conversion/internal/sandbox/schema"
)

const (
	maxTreeRecords = 200
	maxTreeTypes   = 5
	maxTreeLevels  = 5
)

// treeNode is one record of a tree on its way in.
type treeNode struct {
	referenceID string
	object      string
	fields      map[string]any
	parent      *treeNode
	lookup      string // the field that refers to the parent
	id          string // once it is stored
}

type treeResult struct {
	ReferenceID string        `json:"referenceId"`
	ID          string        `json:"id,omitempty"`
	Errors      []recordError `json:"errors,omitempty"`
}

// createTree creates records with their children, all or none: first the roots,
// then their children, level by level.
func (c *call) createTree() *Error {
	var sent struct {
		Records []map[string]any `json:"records"`
	}
	if err := c.decode(&sent); err != nil {
		return err
	}
	levels, refused := c.plant(sent.Records)
	if refused != nil {
		return refused
	}
	if bad := badReferences(levels); len(bad) > 0 {
		return c.answerTree(bad, true)
	}
	var results []treeResult
	err := c.write(func(t *tx) *Error {
		var ok bool
		if results, ok = c.grow(t, levels); !ok {
			return errHalted
		}
		return nil
	})
	if err != nil && err != errHalted {
		return err
	}
	return c.answerTree(results, err != nil)
}

func (c *call) answerTree(results []treeResult, hasErrors bool) *Error {
	status := http.StatusCreated
	if hasErrors {
		status = http.StatusBadRequest
	}
	return c.json(status, map[string]any{"hasErrors": hasErrors, "results": results})
}

// plant reads the trees into levels, which it checks against the limits.
func (c *call) plant(records []map[string]any) ([][]*treeNode, *Error) {
	defer c.view()()
	root, err := c.objectOr404()
	if err != nil {
		return nil, err
	}
	if len(records) == 0 {
		return nil, refusal("REQUIRED_FIELD_MISSING", "At least 1 record is required")
	}
	var levels [][]*treeNode
	level, err := c.org.roots(root, records)
	for err == nil && len(level) > 0 {
		levels = append(levels, level)
		var next []*treeNode
		for _, n := range level {
			var children []*treeNode
			if children, err = c.org.childrenOf(n); err != nil {
				return nil, err
			}
			next = append(next, children...)
		}
		level = next
	}
	if err == nil {
		err = c.checkTree(levels)
	}
	return levels, err
}

func (c *call) checkTree(levels [][]*treeNode) *Error {
	count, types := 0, map[string]bool{}
	for _, level := range levels {
		for _, n := range level {
			count++
			types[n.object] = true
		}
	}
	c.records = count
	switch {
	case count > maxTreeRecords:
		return refusal("LIMIT_EXCEEDED", fmt.Sprintf("The request is limited to %d records.", maxTreeRecords))
	case len(types) > maxTreeTypes:
		return refusal("LIMIT_EXCEEDED", fmt.Sprintf("The request is limited to records of %d types.", maxTreeTypes))
	case len(levels) > maxTreeLevels:
		return refusal("LIMIT_EXCEEDED", fmt.Sprintf("The request is limited to trees of %d levels.", maxTreeLevels))
	}
	return nil
}

func (o *Org) roots(obj *object, records []map[string]any) ([]*treeNode, *Error) {
	var nodes []*treeNode
	for _, record := range records {
		n, err := treeNodeOf(obj.Name, record)
		if err != nil {
			return nil, err
		}
		nodes = append(nodes, n)
	}
	return nodes, nil
}

// treeNodeOf reads a record, whose type must be the expected one.
func treeNodeOf(object string, record map[string]any) (*treeNode, *Error) {
	attributes, _ := record["attributes"].(map[string]any)
	given, _ := attributes["type"].(string)
	if !strings.EqualFold(given, object) {
		return nil, refusal("INVALID_INPUT", fmt.Sprintf("Expected a record of type %s, but its attributes say %q.", object, given))
	}
	if err := checkAttributeNames(attributes); err != nil {
		return nil, err
	}
	n := &treeNode{object: object, fields: map[string]any{}}
	n.referenceID, _ = attributes["referenceId"].(string)
	for name, v := range record {
		if name != "attributes" {
			n.fields[name] = v
		}
	}
	return n, nil
}

// childrenOf takes the nested records out of a node's fields.
func (o *Org) childrenOf(n *treeNode) ([]*treeNode, *Error) {
	obj, _ := o.object(n.object)
	var nodes []*treeNode
	for _, relation := range obj.Children {
		name, nested := nestedIn(n.fields, relation)
		if nested == nil {
			continue
		}
		delete(n.fields, name)
		records, ok := nested["records"].([]any)
		if !ok || len(nested) != 1 {
			return nil, refusal("JSON_PARSER_ERROR", "The child relationship "+name+" needs an object with records, and nothing else")
		}
		for _, r := range records {
			record, _ := r.(map[string]any)
			child, err := treeNodeOf(relation.ChildSObject, record)
			if err != nil {
				return nil, err
			}
			child.parent, child.lookup = n, relation.Field
			nodes = append(nodes, child)
		}
	}
	return nodes, nil
}

// nestedIn finds the members that nest records of a relation, in any case.
func nestedIn(fields map[string]any, relation schema.Child) (name string, nested map[string]any) {
	if relation.RelationshipName == "" {
		return "", nil
	}
	for name, v := range fields {
		if nested, ok := v.(map[string]any); ok && strings.EqualFold(name, relation.RelationshipName) {
			return name, nested
		}
	}
	return "", nil
}

// badReferences lists the nodes whose reference ids are missing or not their own.
func badReferences(levels [][]*treeNode) []treeResult {
	uses := map[string]int{}
	for _, level := range levels {
		for _, n := range level {
			uses[n.referenceID]++
		}
	}
	var bad []treeResult
	add := func(n *treeNode, message string) {
		bad = append(bad, treeResult{ReferenceID: n.referenceID, Errors: failed(refusal("INVALID_INPUT", message)).Errors})
	}
	for _, level := range levels {
		for _, n := range level {
			switch {
			case n.referenceID == "":
				add(n, "Include a reference ID for each record in the request.")
			case uses[n.referenceID] > 1:
				add(n, "Duplicate ReferenceId provided in the request.")
			case !isLetterOrDigit(n.referenceID[0]):
				add(n, "A reference ID must start with a letter or a number.")
			}
		}
	}
	return bad
}

func isLetterOrDigit(b byte) bool {
	return b >= '0' && b <= '9' || b >= 'A' && b <= 'Z' || b >= 'a' && b <= 'z'
}

// grow stores the levels in turn. A level with a record that cannot be stored is
// the last one, and the results are the errors in it.
func (c *call) grow(t *tx, levels [][]*treeNode) (results []treeResult, ok bool) {
	position := 0
	for _, level := range levels {
		var bad []treeResult
		for _, n := range level {
			err := t.attempt(func() *Error { return c.growOne(t, n, position) })
			position++
			if err != nil {
				bad = append(bad, treeResult{ReferenceID: n.referenceID, Errors: failed(err).Errors})
				continue
			}
			results = append(results, treeResult{ReferenceID: n.referenceID, ID: n.id})
		}
		if len(bad) > 0 {
			return bad, false
		}
	}
	return results, true
}

func (c *call) growOne(t *tx, n *treeNode, position int) *Error {
	if err := c.fault.record(position); err != nil {
		return err
	}
	obj, err := t.kind(n.object)
	if err != nil {
		return err
	}
	if !obj.Createable {
		return obj.cannot("create")
	}
	if n.parent != nil {
		n.fields[n.lookup] = n.parent.id
	}
	n.id, err = t.create(obj, n.fields)
	return err
}
