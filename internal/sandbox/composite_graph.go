package sandbox

import (
	"fmt"
	"net/http"
	"strings"
)

const (
	maxGraphs       = 75
	maxNodes        = 500
	maxDepth        = 15
	maxNodeKinds    = 15
	maxFailedGraphs = 14
)

type graph struct {
	GraphID          string          `json:"graphId"`
	CompositeRequest []compositeNode `json:"compositeRequest"`
}

type graphAnswer struct {
	GraphID       string        `json:"graphId"`
	GraphResponse graphResponse `json:"graphResponse"`
	IsSuccessful  bool          `json:"isSuccessful"`
}

type graphResponse struct {
	CompositeResponse []response `json:"compositeResponse"`
}

// compositeGraph serves graphs of subrequests, each graph in a transaction of its
// own. After so many failed graphs the rest are not begun.
func (c *call) compositeGraph() *Error {
	var sent struct {
		Graphs []graph `json:"graphs"`
	}
	if err := c.decode(&sent); err != nil {
		return err
	}
	if err := checkGraphs(sent.Graphs, c.versionNumber()); err != nil {
		return err
	}
	answers := []graphAnswer{}
	broken := 0
	for _, g := range sent.Graphs {
		answer, err := c.serveGraph(g, broken >= maxFailedGraphs)
		if err != nil {
			return err
		}
		if !answer.IsSuccessful {
			broken++
		}
		answers = append(answers, answer)
	}
	return c.json(http.StatusOK, map[string]any{"graphs": answers})
}

func (c *call) serveGraph(g graph, stopped bool) (graphAnswer, *Error) {
	answer := graphAnswer{GraphID: g.GraphID}
	if stopped {
		for _, n := range g.CompositeRequest {
			answer.GraphResponse.CompositeResponse = append(answer.GraphResponse.CompositeResponse,
				halted(n.ReferenceID, "The graph was not processed since the maximum number of failed graphs was reached."))
		}
		return answer, nil
	}
	order, _ := g.sorted() // checked before
	run := &composition{call: c, nodes: g.CompositeRequest, order: order, atomic: true, allowed: inGraph, references: newReferences(c.versionNumber())}
	err := c.write(run.together)
	if err != nil && err != errHalted {
		return answer, err
	}
	answer.GraphResponse.CompositeResponse, answer.IsSuccessful = run.responses, err == nil
	return answer, nil
}

// inGraph says which resources a graph may reach: an object, a record, a record
// by a key.
func inGraph(resource []string) bool {
	return len(resource) >= 2 && len(resource) <= 4 && resource[0] == "sobjects"
}

func checkGraphs(graphs []graph, version int) *Error {
	switch {
	case len(graphs) == 0:
		return refusal("REQUIRED_FIELD_MISSING", "At least 1 graph is required")
	case len(graphs) > maxGraphs:
		return refusal("LIMIT_EXCEEDED", fmt.Sprintf("Cannot have more than %d graphs in a request.", maxGraphs))
	}
	nodes, kinds, seen := 0, map[string]bool{}, map[string]bool{}
	for _, g := range graphs {
		if err := checkGraph(g, version, seen); err != nil {
			return err
		}
		nodes += len(g.CompositeRequest)
		for _, n := range g.CompositeRequest {
			kinds[n.kind()] = true
		}
	}
	switch {
	case nodes > maxNodes:
		return refusal("LIMIT_EXCEEDED", fmt.Sprintf("Cannot have more than %d nodes in a request.", maxNodes))
	case len(kinds) > maxNodeKinds:
		return refusal("LIMIT_EXCEEDED", fmt.Sprintf("Cannot have more than %d different nodes in a request.", maxNodeKinds))
	}
	return nil
}

func checkGraph(g graph, version int, seen map[string]bool) *Error {
	switch {
	case !referencePattern.MatchString(g.GraphID):
		return refusal("JSON_PARSER_ERROR", fmt.Sprintf("Provided graphId ('%s') must start with a letter or a number, and it can contain only letters, numbers and underscores ('_').", g.GraphID))
	case seen[g.GraphID]:
		return refusal("JSON_PARSER_ERROR", fmt.Sprintf("Provided graphId ('%s') is used by more than one graph.", g.GraphID))
	case len(g.CompositeRequest) == 0:
		return refusal("REQUIRED_FIELD_MISSING", "At least 1 subrequest is required in graph "+g.GraphID)
	}
	seen[g.GraphID] = true
	if err := checkNodes(g.CompositeRequest, version); err != nil {
		return err
	}
	_, depth := g.sorted()
	switch {
	case depth < 0:
		return refusal("CIRCULAR_OBJECT_GRAPH", "The subrequests of graph "+g.GraphID+" refer to each other in a circle.")
	case depth > maxDepth:
		return refusal("LIMIT_EXCEEDED", fmt.Sprintf("The depth of graph %s is more than %d.", g.GraphID, maxDepth))
	}
	return nil
}

// kind is what makes nodes different: the API version and the object.
func (n compositeNode) kind() string {
	resource := strings.Trim(strings.TrimPrefix(strings.TrimLeft(n.URL, "/"), "services/data/"), "/")
	parts := strings.FieldsFunc(resource, func(r rune) bool { return r == '/' || r == '?' })
	return strings.ToLower(strings.Join(parts[:min(len(parts), 3)], "/"))
}

// sorted puts the nodes into an order in which each follows those it refers to,
// near to the order in which they were sent. The depth is the longest chain of
// references, in nodes; -1 when there is a circle.
func (g graph) sorted() (order []int, depth int) {
	position := map[string]int{}
	for i, n := range g.CompositeRequest {
		position[n.ReferenceID] = i
	}
	levels := make([]int, len(g.CompositeRequest)) // 0 not visited, -1 being visited
	var visit func(i int) bool
	visit = func(i int) bool {
		if levels[i] != 0 {
			return levels[i] > 0
		}
		levels[i] = -1
		level := 1
		for _, id := range mentioned(g.CompositeRequest[i].URL, g.CompositeRequest[i].Body) {
			if j, ok := position[id]; ok {
				if !visit(j) {
					return false
				}
				level = max(level, levels[j]+1)
			}
		}
		levels[i] = level
		depth = max(depth, level)
		order = append(order, i)
		return true
	}
	for i := range g.CompositeRequest {
		if !visit(i) {
			return nil, -1
		}
	}
	return order, depth
}
