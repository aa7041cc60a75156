package sandbox

import (
	"encoding/json"
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

const (
	maxSubrequests = 25
	// maxCompositeReads is how many of them may be queries or collections.
	maxCompositeReads = 5
)

// compositeNode is a subrequest as a composite or a graph carries it.
type compositeNode struct {
	Method      string            `json:"method"`
	URL         string            `json:"url"`
	ReferenceID string            `json:"referenceId"`
	HTTPHeaders map[string]string `json:"httpHeaders"`
	Body        json.RawMessage   `json:"body"`
}

// compositeResources lists the resources below composite.
func (c *call) compositeResources() *Error {
	listed := map[string]string{}
	for _, name := range []string{"batch", "graph", "sobjects", "tree"} {
		listed[name] = c.base() + "/composite/" + name
	}
	return c.json(http.StatusOK, listed)
}

// composite serves up to 25 subrequests that may refer to each other's answers,
// in the order they are sent: each in a transaction of its own, or all in one.
func (c *call) composite() *Error {
	var sent struct {
		AllOrNone          bool            `json:"allOrNone"`
		CollateSubrequests bool            `json:"collateSubrequests"`
		CompositeRequest   []compositeNode `json:"compositeRequest"`
	}
	if err := c.decode(&sent); err != nil {
		return err
	}
	if err := checkComposite(sent.CompositeRequest, c.versionNumber()); err != nil {
		return err
	}
	run := &composition{call: c, nodes: sent.CompositeRequest, atomic: sent.AllOrNone, allowed: inComposite, references: newReferences(c.versionNumber())}
	run.inOrder()
	var err *Error
	if sent.AllOrNone {
		err = c.write(run.together)
	} else {
		run.serve(nil)
	}
	if err != nil && err != errHalted {
		return err
	}
	return c.json(http.StatusOK, map[string]any{"compositeResponse": run.responses})
}

// errHalted takes a transaction of several subrequests back without being an
// answer: the responses say what happened.
var errHalted = refusal("PROCESSING_HALTED", rolledBack)

// composition is a list of subrequests being served.
type composition struct {
	call       *call
	nodes      []compositeNode
	order      []int // positions in nodes
	atomic     bool  // all in one transaction
	allowed    func(resource []string) bool
	references *references
	responses  []response
}

func (run *composition) inOrder() {
	for i := range run.nodes {
		run.order = append(run.order, i)
	}
}

// together serves all subrequests in one transaction, of which nothing is left
// if one fails.
func (run *composition) together(t *tx) *Error {
	run.serve(t)
	if slices.ContainsFunc(run.responses, response.failed) {
		rollBack(run.responses)
		return errHalted
	}
	return nil
}

func (run *composition) serve(t *tx) {
	run.responses = make([]response, len(run.nodes))
	for _, i := range run.order {
		run.responses[i] = run.one(t, run.nodes[i])
	}
}

func (run *composition) one(t *tx, node compositeNode) response {
	address, missing := run.references.inURL(node.URL)
	body, missingInBody := run.references.inBody(node.body())
	if missing == "" {
		missing = missingInBody
	}
	if missing != "" {
		return halted(node.ReferenceID, unresolved(missing))
	}
	sub := run.call.perform(t, subrequest{method: node.Method, url: address, headers: node.HTTPHeaders, body: body, atomic: run.atomic}, run.allowed)
	answer := sub.answered(node.ReferenceID)
	run.references.keep(node.ReferenceID, answer.Body)
	return answer
}

// body is what the subrequest sends: nothing where the method has no use for it,
// since clients put one into every subrequest.
func (n compositeNode) body() []byte {
	if n.Method == http.MethodGet || n.Method == http.MethodDelete || string(n.Body) == "null" {
		return nil
	}
	return n.Body
}

var referencePattern = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9_]*$`)

// subrequestMethods are case-sensitive.
var subrequestMethods = []string{"POST", "PUT", "PATCH", "GET", "DELETE"}

func checkComposite(nodes []compositeNode, version int) *Error {
	switch {
	case len(nodes) == 0:
		return refusal("REQUIRED_FIELD_MISSING", "At least 1 subrequest is required")
	case len(nodes) > maxSubrequests:
		return refusal("LIMIT_EXCEEDED", fmt.Sprintf("Cannot have more than %d subrequests in a composite request.", maxSubrequests))
	}
	reads := 0
	for _, n := range nodes {
		if isQueryOrCollection(n.URL) {
			reads++
		}
	}
	if reads > maxCompositeReads {
		return refusal("LIMIT_EXCEEDED", fmt.Sprintf("Cannot have more than %d query or collection subrequests in a composite request.", maxCompositeReads))
	}
	return checkNodes(nodes, version)
}

// checkNodes refuses a request some of whose subrequests are not well formed.
func checkNodes(nodes []compositeNode, version int) *Error {
	seen := map[string]bool{}
	for _, n := range nodes {
		switch {
		case n.Method == "" || n.URL == "" || n.ReferenceID == "":
			return refusal("JSON_PARSER_ERROR", "A subrequest needs a method, a url and a referenceId")
		case !slices.Contains(subrequestMethods, n.Method):
			return refusal("JSON_PARSER_ERROR", "The method of a subrequest is one of "+strings.Join(subrequestMethods, ", ")+": "+n.Method)
		case version >= 52 && !referencePattern.MatchString(n.ReferenceID):
			return refusal("JSON_PARSER_ERROR", fmt.Sprintf("Provided referenceId ('%s') must start with a letter or a number, and it can contain only letters, numbers and underscores ('_').", n.ReferenceID))
		case seen[n.ReferenceID]:
			return refusal("JSON_PARSER_ERROR", fmt.Sprintf("Provided referenceId ('%s') is used by more than one subrequest.", n.ReferenceID))
		}
		if err := checkSubHeaders(n.HTTPHeaders); err != nil {
			return err
		}
		seen[n.ReferenceID] = true
	}
	return nil
}

var dataPrefix = regexp.MustCompile(`^/*(services/+data/+)?v\d+\.0/+`)

// isQueryOrCollection tells by the address alone, before references in it are
// resolved.
func isQueryOrCollection(address string) bool {
	resource := dataPrefix.ReplaceAllString(address, "")
	for _, name := range []string{"query", "queryAll", "composite/sobjects"} {
		if rest, ok := strings.CutPrefix(resource, name); ok && (rest == "" || strings.ContainsAny(rest[:1], "/?")) {
			return true
		}
	}
	return false
}

// inComposite says which resources a composite may reach: those of objects and
// records but for blobs, queries, and collections.
func inComposite(resource []string) bool {
	if len(resource) == 0 {
		return false
	}
	switch resource[0] {
	case "sobjects", "query", "queryAll":
		return true
	case "composite":
		return len(resource) > 1 && resource[1] == "sobjects"
	}
	return false
}

// versionNumber is the request's API version as a number.
func (c *call) versionNumber() int {
	n, _ := strconv.Atoi(strings.TrimSuffix(strings.TrimPrefix(c.version, "v"), ".0"))
	return n
}
