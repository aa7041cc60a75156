package sandbox

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
)

// recordPage shows a record as its users would see it, at the address under which
// Salesforce shows records: /lightning/r/OBJECT/ID/view.
func (c *call) recordPage() *Error {
	if c.request.Method != http.MethodGet || len(c.segments) != 5 || c.segments[4] != "view" {
		return notFound()
	}
	id := c.segments[3]
	record, ok := c.org.Get(id)
	if !ok {
		return notFound()
	}
	return c.showPage(http.StatusOK, "record", map[string]any{
		"Object": c.segments[2], "ID": id, "Name": record["Name"], "Deleted": record["IsDeleted"] == true,
		"Fields": shownFields(record), "History": shownHistory(c.org.History(id)),
	})
}

type shownField struct{ Name, Value string }

// shownFields lists the fields that hold something, by name.
func shownFields(record map[string]any) []shownField {
	var fields []shownField
	for name, value := range record {
		switch value.(type) {
		case nil, map[string]any:
			continue
		}
		fields = append(fields, shownField{name, fmt.Sprint(value)})
	}
	slices.SortFunc(fields, func(a, b shownField) int { return strings.Compare(a.Name, b.Name) })
	return fields
}

type shownChange struct{ At, Field, Before, After string }

// shownHistory lists the record's changes after its creation, newest first.
func shownHistory(changes []Change) []shownChange {
	var shown []shownChange
	for _, change := range slices.Backward(changes) {
		if change.Before == nil && change.At.Equal(changes[0].At) {
			continue
		}
		shown = append(shown, shownChange{
			At: change.At.Format("2006-01-02 15:04:05"), Field: change.Field,
			Before: fmt.Sprint(orDash(change.Before)), After: fmt.Sprint(orDash(change.After)),
		})
	}
	return shown
}

func orDash(value any) any {
	if value == nil {
		return "–"
	}
	return value
}

const recordPageText = `
{{define "record"}}{{template "head" .Object}}<main class="wide"><p>{{.Object}}{{if .Deleted}} · in the recycle bin{{end}}</p><h1 id="name">{{.Name}}</h1>
<table id="fields"><tbody>{{range .Fields}}<tr><th scope="row">{{.Name}}</th><td data-field="{{.Name}}">{{.Value}}</td></tr>{{end}}</tbody></table>
<h2>History</h2>{{if .History}}<table><tbody>{{range .History}}<tr><td>{{.At}}</td><th scope="row">{{.Field}}</th><td>{{.Before}} → {{.After}}</td></tr>{{end}}</tbody></table>
{{else}}<p>Nothing has changed since it was made.</p>{{end}}</main></body></html>{{end}}`
