package sandbox

import (
	"bytes"
	"strconv"
	"strings"

	"conversion/internal/sandbox/bulk"
	"conversion/internal/sandbox/schema"
	"conversion/internal/sandbox/soql"
	"conversion/internal/sandbox/table"
)

// bulkSelection is the query of a job.
type bulkSelection struct {
	org   *Org
	user  string
	query *soql.Query
	all   bool

	object  string
	columns []string
}

// Object is what the query is about.
func (s *bulkSelection) Object() string { return s.object }

// Columns are the selected paths.
func (s *bulkSelection) Columns() []string { return s.columns }

// PKChunking says whether the query may be split by record id: one that is
// ordered or limited may not.
func (s *bulkSelection) PKChunking() bool { return len(s.query.OrderBy) == 0 && s.query.Limit < 0 }

// bulkPlan is a query that is ready to run.
type bulkPlan struct {
	*selection
	rights *rights
}

// prepare finds what the query names, and refuses what Bulk API does not select.
// It runs when the job is made and again when it runs, for the schema may have
// changed. The caller holds the lock.
func (s *bulkSelection) prepare() (bulkPlan, *Error) {
	q := s.query
	if notInBulk[strings.ToLower(q.From.Text)] {
		return bulkPlan{}, refusal("INVALIDENTITY", "Entity '"+q.From.Text+"' is not supported by the Bulk API.")
	}
	r := s.org.rightsOf(s.user)
	obj, ok := r.object(q.From.Text)
	if !ok || !obj.Queryable {
		return bulkPlan{}, asSOQL(soql.Errorf("INVALID_TYPE", q.Text, q.From.Pos,
			"sObject type '%s' is not supported. If you are attempting to use a custom object, be sure to append the '__c' after the entity name.%s", q.From.Text, describeAdvice))
	}
	s.object = obj.Name
	if err := notSelectable(q); err != nil {
		return bulkPlan{}, err
	}
	n, err := s.org.names(r, lastVersion, q)
	if err != nil {
		return bulkPlan{}, err
	}
	selected, err := n.selection(s.all)
	if err != nil {
		return bulkPlan{}, err
	}
	s.columns = s.columns[:0:0]
	for _, column := range selected.columns {
		if column.term.field.column == columnCompound {
			return bulkPlan{}, refusal("API_ERROR", "Selecting compound data not supported in Bulk Query")
		}
		s.columns = append(s.columns, column.name)
	}
	return bulkPlan{selected, r}, nil
}

// notSelectable refuses the clauses that Bulk API does not run.
func notSelectable(q *soql.Query) *Error {
	switch {
	case len(q.GroupBy) > 0:
		return refusal("API_ERROR", "GROUP BY is not supported in Bulk Query")
	case isAggregate(q) || isCount(q):
		return refusal("API_ERROR", "Aggregate Relationships not supported in Bulk Query")
	case q.Offset > 0:
		return refusal("API_ERROR", "OFFSET is not supported in Bulk Query")
	}
	for _, item := range q.Select {
		switch {
		case item.Child != nil:
			return refusal("API_ERROR", "Nested queries are not supported in Bulk Query")
		case item.TypeOf != nil:
			return refusal("API_ERROR", "TYPEOF is not supported in Bulk Query")
		}
	}
	return nil
}

// Run takes a snapshot of the rows that match. Rows are immutable states that
// share their memory with the table; only what a row itself does not hold, such
// as its owner's name, is read out at once.
func (s *bulkSelection) Run() (bulk.Rows, error) {
	defer s.org.view()()
	p, err := s.prepare()
	if err != nil {
		return nil, err
	}
	found := p.plan.run()
	rows := &bulkRows{rows: make([]table.Row, len(found))}
	for i, row := range found {
		rows.rows[i] = *row
	}
	for _, column := range p.columns {
		rows.addColumn(column.term, func(row *table.Row) any { return column.term.read(p.rights, row, s.all) })
	}
	return rows, nil
}

// bulkRows are the rows of a query's results.
type bulkRows struct {
	rows    []table.Row
	columns []bulkColumn
	slot    []int // column of the results by column of the row, -1 for none
}

// bulkColumn is one selected path. It leads to no field: results are written while
// nobody holds the org, whose fields may change meanwhile.
type bulkColumn struct {
	kind   schema.Type
	column int   // as a field has it
	read   []any // by row, of what rows do not hold themselves
}

func (s *bulkRows) addColumn(t *term, read func(*table.Row) any) {
	c := bulkColumn{kind: t.field.Type, column: t.field.column}
	switch {
	case !t.plain() || t.field.Calculated || t.field.derive != nil || c.column < columnDeleted || s.holds(c.column):
		c.read = make([]any, len(s.rows))
		for i := range s.rows {
			c.read[i] = read(&s.rows[i])
		}
	case c.column >= 0:
		for len(s.slot) <= c.column {
			s.slot = append(s.slot, -1)
		}
		s.slot[c.column] = len(s.columns)
	}
	s.columns = append(s.columns, c)
}

// holds says whether a column of the rows is shown already, under another name.
func (s *bulkRows) holds(column int) bool {
	return column >= 0 && column < len(s.slot) && s.slot[column] >= 0
}

// Len counts the rows.
func (s *bulkRows) Len() int { return len(s.rows) }

// Size is about how many bytes the rows hold.
func (s *bulkRows) Size() int64 {
	var n int64
	for i := range s.rows {
		n += int64(len(s.rows[i].Data))
	}
	return n
}

// Append writes rows as CSV, going over each packed row once.
func (s *bulkRows) Append(b []byte, from, to int, format bulk.Format) []byte {
	comma, end := format.Comma(), format.End()
	cells := make([]table.Value, len(s.columns))
	for i := from; i < to; i++ {
		row := &s.rows[i]
		for k := range cells {
			cells[k].Kind = 0
		}
		var v table.Value
		for w := row.Walk(); w.Next(&v); {
			if v.Column < len(s.slot) && s.slot[v.Column] >= 0 {
				cells[s.slot[v.Column]] = v
			}
		}
		for k := range s.columns {
			if k > 0 {
				b = append(b, comma)
			}
			b = s.columns[k].appendCell(b, row, i, &cells[k])
		}
		b = append(b, end...)
	}
	return b
}

func (c *bulkColumn) appendCell(b []byte, row *table.Row, position int, v *table.Value) []byte {
	switch {
	case c.read != nil:
		return appendCSV(b, c.kind, c.read[position])
	case c.column == columnID:
		return bulk.AppendText(b, row.ID)
	case c.column == columnStamp:
		return bulk.AppendTime(b, row.Stamp)
	case c.column == columnDeleted:
		return appendBoolCell(b, row.Deleted)
	}
	switch v.Kind {
	case table.Text:
		return bulk.AppendText(b, v.Text)
	case table.True:
		return appendBoolCell(b, true)
	case table.Float:
		return appendNumberCell(b, c.kind, v.Float)
	case table.Integer:
		return bulk.AppendTime(b, v.Integer)
	}
	if c.kind == schema.Boolean {
		return appendBoolCell(b, false)
	}
	return append(b, '"', '"')
}

// appendCSV writes a stored value of a field of some type as a cell.
func appendCSV(b []byte, kind schema.Type, v any) []byte {
	switch v := v.(type) {
	case string:
		return bulk.AppendText(b, v)
	case bool:
		return appendBoolCell(b, v)
	case float64:
		return appendNumberCell(b, kind, v)
	case int64:
		return bulk.AppendTime(b, v)
	}
	return append(b, '"', '"')
}

func appendBoolCell(b []byte, v bool) []byte {
	if v {
		return append(b, `"true"`...)
	}
	return append(b, `"false"`...)
}

func appendNumberCell(b []byte, kind schema.Type, v float64) []byte {
	b = append(b, '"')
	if kind == schema.Int || kind == schema.Long {
		b = strconv.AppendFloat(b, v, 'f', -1, 64)
	} else {
		b = appendJavaDouble(b, v)
	}
	return append(b, '"')
}

// appendJavaDouble writes a double as Java does, and Bulk API with it: with a
// fraction always, and an exponent from ten million on.
func appendJavaDouble(b []byte, v float64) []byte {
	if size := max(v, -v); size == 0 || size >= 1e-3 && size < 1e7 {
		return appendDouble(b, v)
	}
	var scratch [32]byte
	mantissa, exponent, _ := bytes.Cut(strconv.AppendFloat(scratch[:0], v, 'E', -1, 64), []byte("E"))
	b = append(b, mantissa...)
	if !bytes.Contains(mantissa, []byte(".")) {
		b = append(b, '.', '0')
	}
	b = append(b, 'E')
	if exponent[0] == '-' {
		b = append(b, '-')
	}
	return append(b, bytes.TrimLeft(exponent[1:], "0")...)
}
