package sandbox

import (
	"fmt"
	"testing"
)

type graphed struct {
	Graphs []struct {
		GraphID       string
		IsSuccessful  bool
		GraphResponse composed
	}
}

func graphOf(id string, parts ...m) m { return m{"graphId": id, "compositeRequest": parts} }

func TestEachGraphIsATransaction(t *testing.T) {
	t.Parallel()
	c := newClient(t, Options{})
	var answer graphed
	c.want(200, &answer, "POST", v67+"/composite/graph", m{"graphs": []m{
		graphOf("good", part("con", "POST", v67+"/sobjects/Contact/", m{"LastName": "D", "AccountId": "@{acc.id}"}),
			part("acc", "POST", v67+"/sobjects/Account/", m{"Name": "A"})),
		graphOf("bad", part("acc", "POST", v67+"/sobjects/Account", m{"Name": "B"}), part("con", "POST", v67+"/sobjects/Contact", m{"AccountId": "@{acc.id}"})),
	}})
	good, bad := answer.Graphs[0], answer.Graphs[1]
	if !good.IsSuccessful || good.GraphResponse.statuses() != "[201 201]" || good.GraphResponse.CompositeResponse[0].ReferenceID != "con" {
		t.Errorf("the good graph: %+v", good)
	}
	first, _ := bad.GraphResponse.firstError(0)
	second, _ := bad.GraphResponse.firstError(1)
	if bad.IsSuccessful || first != "PROCESSING_HALTED" || second != "REQUIRED_FIELD_MISSING" {
		t.Errorf("the bad graph: %+v", bad)
	}
	if n := c.query("SELECT COUNT() FROM Account").TotalSize; n != 1 {
		t.Errorf("%d accounts", n)
	}
}

func TestGraphsStopAfterFourteenFailures(t *testing.T) {
	t.Parallel()
	c := newClient(t, Options{})
	var graphs []m
	for i := range 16 {
		graphs = append(graphs, graphOf(fmt.Sprint("g", i), part("a", "POST", v67+"/sobjects/Account", m{})))
	}
	graphs = append(graphs, graphOf("last", part("a", "POST", v67+"/sobjects/Account", m{"Name": "A"})))
	var answer graphed
	c.want(200, &answer, "POST", v67+"/composite/graph", m{"graphs": graphs})
	for i, want := range map[int]string{13: "REQUIRED_FIELD_MISSING", 14: "PROCESSING_HALTED", 16: "PROCESSING_HALTED"} {
		if code, _ := answer.Graphs[i].GraphResponse.firstError(0); code != want {
			t.Errorf("graph %d: %s, want %s", i, code, want)
		}
	}
}

func TestGraphsAreRefusedAsAWhole(t *testing.T) {
	t.Parallel()
	c := newClient(t, Options{})
	ok := graphOf("g", part("a", "GET", v67+"/sobjects/Account", nil))
	var many, deep, nodes []m
	for i := range 76 {
		many = append(many, graphOf(fmt.Sprint("g", i), part("a", "GET", v67+"/sobjects/Account", nil)))
	}
	for i := range 16 {
		deep = append(deep, part(fmt.Sprint("n", i), "GET", fmt.Sprintf("%s/sobjects/Account/@{n%d.id}", v67, i-1), nil))
	}
	for i := range 501 {
		nodes = append(nodes, part(fmt.Sprint("n", i), "GET", v67+"/sobjects/Account", nil))
	}
	circle := graphOf("g", part("a", "GET", v67+"/sobjects/Account/@{b.id}", nil), part("b", "GET", v67+"/sobjects/Account/@{a.id}", nil))
	for name, tc := range map[string]struct {
		code   string
		graphs []m
	}{
		"none":                  {"REQUIRED_FIELD_MISSING", []m{}},
		"76 graphs":             {"LIMIT_EXCEEDED", many},
		"501 nodes":             {"LIMIT_EXCEEDED", []m{graphOf("g", nodes...)}},
		"a chain of 16":         {"LIMIT_EXCEEDED", []m{graphOf("g", deep...)}},
		"a circle":              {"CIRCULAR_OBJECT_GRAPH", []m{circle}},
		"the same graph twice":  {"JSON_PARSER_ERROR", []m{ok, ok}},
		"a graph without an id": {"JSON_PARSER_ERROR", []m{graphOf("")}},
		"an empty graph":        {"REQUIRED_FIELD_MISSING", []m{graphOf("g")}},
	} {
		if got := c.refused(400, tc.code, "POST", v67+"/composite/graph", m{"graphs": tc.graphs}); got == "" {
			t.Errorf("%s: no message", name)
		}
	}
	var answer graphed
	c.want(200, &answer, "POST", v67+"/composite/graph", m{"graphs": []m{graphOf("g", part("a", "GET", v67+"/query?q=SELECT+Id+FROM+Lead", nil))}})
	if answer.Graphs[0].IsSuccessful {
		t.Error("a graph may query")
	}
}
