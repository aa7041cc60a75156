package sandbox

import (
	"net/http"
	"strconv"
	"strings"

	"conversion/internal/sandbox/schema"
)

// columnMetadata describes one column of a query's result, as columns=true asks.
type columnMetadata struct {
	Aggregate      bool             `json:"aggregate"`
	ApexType       *string          `json:"apexType"`
	BooleanType    bool             `json:"booleanType"`
	ColumnName     string           `json:"columnName"`
	Custom         bool             `json:"custom"`
	DisplayName    string           `json:"displayName"`
	ForeignKeyName *string          `json:"foreignKeyName"`
	Insertable     bool             `json:"insertable"`
	JoinColumns    []columnMetadata `json:"joinColumns"`
	NumberType     bool             `json:"numberType"`
	TextType       bool             `json:"textType"`
	Updatable      bool             `json:"updatable"`
}

// answerColumns describes the columns of a query instead of running it.
func (c *call) answerColumns(n *names, all bool) *Error {
	columns, err := n.columns(all)
	if err != nil {
		return err
	}
	idSelected := false
	for _, column := range columns {
		idSelected = idSelected || column.ColumnName == "Id"
	}
	return c.json(http.StatusOK, map[string]any{
		"columnMetadata": columns, "entityName": n.object.Name, "groupBy": len(n.query.GroupBy) > 0,
		"idSelected": idSelected, "keyPrefix": n.object.KeyPrefix,
	})
}

func (n *names) columns(all bool) ([]columnMetadata, *Error) {
	switch {
	case isCount(n.query) && len(n.query.GroupBy) == 0:
		_, err := n.plan(all)
		return []columnMetadata{}, err
	case !isAggregate(n.query):
		s, err := n.selection(all)
		if err != nil {
			return nil, err
		}
		return n.describeShape(s.shape), nil
	}
	g, err := n.grouping(all)
	if err != nil {
		return nil, err
	}
	columns := []columnMetadata{}
	for _, c := range g.columns {
		columns = append(columns, n.describeGroupColumn(c))
	}
	return columns, nil
}

func (n *names) describeShape(s shape) []columnMetadata {
	columns := []columnMetadata{}
	for i := range s {
		columns = append(columns, n.describeNode(&s[i]))
	}
	return columns
}

func (n *names) describeNode(node *node) columnMetadata {
	switch {
	case node.child != nil:
		return columnMetadata{Aggregate: true, ColumnName: node.name, DisplayName: node.name, JoinColumns: n.describeShape(node.child.shape)}
	case node.term != nil && node.term.fn == "":
		return n.describeField(node.term.field)
	case node.term != nil:
		d := n.describeMade(node.term.field)
		d.ColumnName, d.DisplayName = node.name, heading(node.name, node.term.text)
		return d
	}
	d := columnMetadata{ColumnName: node.name, DisplayName: node.name, JoinColumns: []columnMetadata{}}
	if lookup := node.hop.lookup; lookup != nil {
		d.Custom, d.ForeignKeyName = lookup.Custom, &lookup.Name
	}
	if node.typeOf == nil {
		d.JoinColumns = n.describeShape(node.below)
	}
	return d
}

// describeGroupColumn describes a column of groups; only what is computed counts
// as aggregate.
func (n *names) describeGroupColumn(c column) columnMetadata {
	if c.fn == "" && c.term.fn == "" {
		d := n.describeField(c.term.field)
		d.ColumnName = c.name
		return d
	}
	d := n.describeMade(c.field)
	d.ColumnName, d.DisplayName = c.name, heading(c.name, c.text)
	return d
}

// heading is what a computed column is displayed as: its name, or its text when
// it has none of its own. Under that heading clients look for its values.
func heading(name, text string) string {
	if number, implied := strings.CutPrefix(name, "expr"); implied {
		if _, err := strconv.Atoi(number); err == nil {
			return text
		}
	}
	return name
}

// describeMade describes what a function makes: it has no type of its own.
func (n *names) describeMade(like *field) columnMetadata {
	return columnMetadata{Aggregate: true, NumberType: like.isNumber(), TextType: like.isText(), JoinColumns: []columnMetadata{}}
}

func (n *names) describeField(f *field) columnMetadata {
	apex := apexType(f)
	return columnMetadata{
		ApexType: &apex, BooleanType: f.Type == schema.Boolean, ColumnName: f.Name, Custom: f.Custom, DisplayName: f.Name,
		Insertable: n.rights.writes(f, creating), Updatable: n.rights.writes(f, updating),
		JoinColumns: []columnMetadata{}, NumberType: f.isNumber(), TextType: f.isText(),
	}
}

// apexTypes are the types of Apex that are not String.
var apexTypes = map[schema.Type]string{
	schema.ID: "Id", schema.Reference: "Id", schema.Boolean: "Boolean", schema.Int: "Integer", schema.Long: "Long",
	schema.Double: "Double", schema.Currency: "Decimal", schema.Percent: "Decimal", schema.Date: "Date",
	schema.DateTime: "Datetime", schema.Time: "Time", schema.Address: "Address", schema.Base64: "Blob",
}

func apexType(f *field) string {
	if apex, ok := apexTypes[f.Type]; ok {
		return apex
	}
	return "String"
}
