package api_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"

	"conversion/internal/api"
)

func TestTheDocumentDescribesEveryRouteAndNoOther(t *testing.T) {
	t.Parallel()
	document := newHouse(t).send("GET", "/openapi.json", "", http.Header{}).is(200)
	if version := document.textAt("openapi"); !strings.HasPrefix(version, "3.1") {
		t.Errorf("it is OpenAPI %s", version)
	}
	var described []string
	for path, methods := range document.at("paths").(map[string]any) {
		for method := range methods.(map[string]any) {
			described = append(described, strings.ToUpper(method)+" "+api.Prefix+path)
		}
	}
	slices.Sort(described)
	routes := api.Patterns()
	slices.Sort(routes)
	if len(routes) == 0 || !slices.Equal(described, routes) {
		t.Errorf("described are\n%s\nbut the routes are\n%s", strings.Join(described, "\n"), strings.Join(routes, "\n"))
	}
	if got := document.header.Get("Content-Type"); got != "application/openapi+json" {
		t.Errorf("it is served as %s", got)
	}
}

func TestTheDocumentNamesItsSchemasAsTheySaid(t *testing.T) {
	t.Parallel()
	document := newHouse(t).send("GET", "/openapi.json", "", http.Header{}).is(200)
	schemas := document.at("components.schemas").(map[string]any)
	for _, name := range []string{"Contact", "Company", "Problem", "Variable", "Engagement", "Status", "Rules", "Options", "Run", "Held", "Approval"} {
		if schemas[name] == nil {
			t.Errorf("there is no schema %s", name)
		}
	}
	if strings.Contains(document.text, "$schema") || strings.Contains(document.text, "ErrorModel") {
		t.Error("the document speaks of what the API never answers")
	}
}
