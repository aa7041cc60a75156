package sandbox

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"conversion/internal/sandbox/soql"
	"conversion/internal/sandbox/table"
)

// toolingEndpoints are the resources of the Tooling API, by which an
// administrator's client reads and changes the org's own definitions.
var toolingEndpoints = []endpoint{
	{"GET", "tooling", "toolingResources", "", (*call).toolingResources},
	{"GET", "tooling/query", "toolingQuery", "q columns", inTooling((*call).toolingQuery)},
	{"GET", "tooling/query/{locator}", "toolingQuery", "", inTooling((*call).queryMore)},
	{"GET", "tooling/sobjects", "toolingDescribe", "", inTooling((*call).toolingDescribeGlobal)},
	{"GET", "tooling/sobjects/{definition}", "toolingDescribe", "", inTooling((*call).toolingInfo)},
	{"GET", "tooling/sobjects/{definition}/describe", "toolingDescribe", "", inTooling((*call).toolingDescribe)},
	{"POST", "tooling/sobjects/{definition}", "toolingCreate", "", inTooling((*call).toolingCreate)},
	{"GET", "tooling/sobjects/{definition}/{id}", "toolingGet", "fields", inTooling((*call).toolingGet)},
	{"PATCH", "tooling/sobjects/{definition}/{id}", "toolingUpdate", "", inTooling((*call).toolingUpdate)},
	{"DELETE", "tooling/sobjects/{definition}/{id}", "toolingDelete", "", inTooling((*call).toolingDelete)},
}

// inTooling makes the addresses in an answer lead to the Tooling API.
func inTooling(handle func(*call) *Error) func(*call) *Error {
	return func(c *call) *Error {
		c.below = "/tooling"
		return handle(c)
	}
}

func (c *call) toolingResources() *Error {
	listed := map[string]string{}
	for _, name := range []string{"query", "sobjects"} {
		listed[name] = c.base() + "/tooling/" + name
	}
	return c.json(http.StatusOK, listed)
}

// catalogued finds a kind of definition, as an object whose records are the
// definitions. The caller holds the lock.
func (c *call) catalogued(name string) (*Org, *object, *Error) {
	catalog := c.org.catalog()
	obj, ok := catalog.object(name)
	if !ok || obj.Name == "User" {
		return nil, nil, notFound()
	}
	c.object = obj.Name
	return catalog, obj, nil
}

func (c *call) toolingQuery() *Error {
	parameters := c.request.URL.Query()
	c.soql = parameters.Get("q")
	parsed, err := parseQuery(c.soql)
	if err != nil {
		return err
	}
	columns, err := c.flag("columns")
	if err != nil {
		return err
	}
	defer c.view()()
	n, err := c.toolingNames(parsed)
	switch {
	case err != nil:
		return err
	case columns:
		return c.answerColumns(n, false)
	}
	if err := c.answerQuery(n, false); err != nil {
		return err
	}
	return c.completeTooling(parsed, n.object)
}

// definitionsInREST are the definitions that queries of the REST API read as well.
var definitionsInREST = map[string]bool{"entitydefinition": true, "fielddefinition": true}

func (c *call) toolingNames(parsed *soql.Query) (*names, *Error) {
	catalog, _, err := c.catalogued(parsed.From.Text)
	if err != nil {
		return nil, asSOQL(soql.Errorf("INVALID_TYPE", c.soql, parsed.From.Pos, "sObject type '%s' is not supported.%s", parsed.From.Text, describeAdvice))
	}
	return catalog.names(&rights{org: catalog, user: c.user, unlimited: true}, c.versionNumber(), parsed)
}

// completeTooling adds the members that answers of the Tooling API have more, and
// refuses whole definitions of more than one thing at once.
func (c *call) completeTooling(parsed *soql.Query, obj *object) *Error {
	var answer struct {
		TotalSize int               `json:"totalSize"`
		Records   []json.RawMessage `json:"records"`
	}
	if err := json.Unmarshal(c.answer, &answer); err != nil {
		return refusal("UNKNOWN_EXCEPTION", err.Error())
	}
	whole := func(item soql.Item) bool {
		name := ""
		if len(item.Path) > 0 {
			name = item.Path[len(item.Path)-1].Text
		}
		return strings.EqualFold(name, "Metadata") || strings.EqualFold(name, "FullName")
	}
	if answer.TotalSize > 1 && obj.has("Metadata") && slices.ContainsFunc(parsed.Select, whole) {
		return refusal("MALFORMED_QUERY", fmt.Sprintf("When retrieving results with Metadata or FullName fields, the query qualifications "+
			"must specify no more than one row for retrieval. Result size: %d", answer.TotalSize))
	}
	more := fmt.Sprintf(`{"size":%d,"queryLocator":null,"entityTypeName":%q,`, len(answer.Records), obj.Name)
	return c.raw(http.StatusOK, append([]byte(more), c.answer[1:]...))
}

// definers are the rights of those who may modify metadata, to its catalog.
func (o *Org) definers() *rights { return &rights{org: o, unlimited: true} }

func (c *call) toolingDescribeGlobal() *Error {
	defer c.view()()
	catalog, listed := c.org.catalog(), []map[string]any{}
	for _, name := range catalog.objectNames() {
		if obj, _ := catalog.object(name); obj.Name != "User" {
			listed = append(listed, c.summary(obj, catalog.definers()))
		}
	}
	return c.json(http.StatusOK, map[string]any{"encoding": "UTF-8", "maxBatchSize": maxCollection, "sobjects": listed})
}

func (c *call) toolingInfo() *Error {
	defer c.view()()
	catalog, obj, err := c.catalogued(c.params["definition"])
	if err != nil {
		return err
	}
	return c.json(http.StatusOK, map[string]any{"objectDescribe": c.summary(obj, catalog.definers()), "recentItems": []any{}})
}

func (c *call) toolingDescribe() *Error {
	defer c.view()()
	catalog, obj, err := c.catalogued(c.params["definition"])
	if err != nil {
		return err
	}
	return c.json(http.StatusOK, c.described(obj, catalog.definers()))
}

// toolingGet answers with a definition by its id, or by its durable id.
func (c *call) toolingGet() *Error {
	defer c.view()()
	catalog, obj, err := c.catalogued(c.params["definition"])
	if err != nil {
		return err
	}
	row, ok := obj.definition(c.params["id"])
	if !ok {
		return notFound()
	}
	fields, err := catalog.definers().chosen(obj, c.request.URL.Query().Get("fields"))
	if err != nil {
		return err
	}
	return c.raw(http.StatusOK, c.appendRecord(nil, obj, row, fields))
}

// definition finds the record of a definition.
func (o *object) definition(id string) (*table.Row, bool) {
	if full, ok := normaliseID(id); ok {
		if row, found := o.rows.Find(full); found {
			return row, true
		}
	}
	durable, ok := o.column("DurableId")
	if !ok {
		return nil, false
	}
	for row := range o.rows.ByID().All() {
		if strings.EqualFold(row.Text(durable), id) {
			return row, true
		}
	}
	return nil, false
}
