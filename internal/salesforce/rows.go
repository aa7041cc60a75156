package salesforce

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"

	"github.com/go-json-experiment/json/jsontext"
)

// layout lays records out as rows by the columns of a SELECT. Records are walked
// token by token: no map is made per record, and numbers keep their digits.
type layout struct {
	columns []string
	root    *branch
}

// branch is a level of the records' JSON: what to do with each of its members.
type branch struct {
	members map[string]*member
}

// member is a column, or a parent that leads to columns, or both.
type member struct {
	column int // -1 if none
	parent *branch
}

func newLayout(columns []string) *layout {
	l := &layout{columns: columns, root: &branch{members: map[string]*member{}}}
	for i, column := range columns {
		path := strings.Split(column, ".")
		at := l.root
		for _, name := range path[:len(path)-1] {
			at = at.member(name).branch()
		}
		at.member(path[len(path)-1]).column = i
	}
	return l
}

func (b *branch) member(name string) *member {
	m := b.find([]byte(name))
	if m == nil {
		m = &member{column: -1}
		b.members[name] = m
	}
	return m
}

func (m *member) branch() *branch {
	if m.parent == nil {
		m.parent = &branch{members: map[string]*member{}}
	}
	return m.parent
}

// find returns what a name means here, nil if it was not asked for. API names do
// not tell upper from lower case.
func (b *branch) find(name []byte) *member {
	if m, ok := b.members[string(name)]; ok {
		return m
	}
	for known, m := range b.members {
		if len(known) == len(name) && strings.EqualFold(known, string(name)) {
			return m
		}
	}
	return nil
}

// fill sets all columns at and below the member.
func (m *member) fill(row Row, cell Cell) {
	if m.column >= 0 {
		row[m.column] = cell
	}
	if m.parent != nil {
		for _, below := range m.parent.members {
			below.fill(row, cell)
		}
	}
}

// rowReader walks one answer.
type rowReader struct {
	layout  *layout
	decoder *jsontext.Decoder
	scratch []byte
}

func (l *layout) reader(body io.Reader) *rowReader {
	// One odd character must not stop a page: it becomes U+FFFD.
	return &rowReader{layout: l, decoder: jsontext.NewDecoder(body, jsontext.AllowDuplicateNames(true), jsontext.AllowInvalidUTF8(true))}
}

// readPage reads the answer of a query.
func (l *layout) readPage(body io.Reader) (Page, error) {
	r := l.reader(body)
	page := Page{Columns: l.columns}
	var done bool
	err := r.object(func(name []byte) (err error) {
		switch string(name) {
		case "totalSize":
			page.TotalSize, err = r.int()
		case "done":
			done, err = r.bool()
		case "nextRecordsUrl":
			page.Next, err = r.optionalString()
		case "records":
			page.Rows, err = r.rows()
		default:
			err = r.decoder.SkipValue()
		}
		return err
	})
	if err == nil {
		err = r.end()
	}
	switch {
	case err != nil:
		return Page{}, fmt.Errorf("read rows: %w", err)
	case done:
		page.Next = ""
	case page.Next == "":
		return Page{}, errors.New("read rows: the answer is not the last page and names no next one")
	}
	return page, nil
}

// readRecords reads an answer that is an array of records, null for a missing one.
func (l *layout) readRecords(body io.Reader) ([]Row, error) {
	r := l.reader(body)
	rows, err := r.rows()
	if err == nil {
		err = r.end()
	}
	if err != nil {
		return nil, fmt.Errorf("read rows: %w", err)
	}
	return rows, nil
}

func (r *rowReader) rows() ([]Row, error) {
	if err := r.expect('['); err != nil {
		return nil, err
	}
	var rows []Row
	for r.decoder.PeekKind() != ']' {
		row, err := r.row()
		if err != nil {
			return nil, err
		}
		rows = append(rows, row)
	}
	return rows, r.expect(']')
}

func (r *rowReader) row() (Row, error) {
	if r.decoder.PeekKind() == 'n' {
		return nil, r.decoder.SkipValue()
	}
	row := make(Row, len(r.layout.columns))
	return row, r.members(r.layout.root, row)
}

// members reads an object into the columns at and below the branch.
func (r *rowReader) members(at *branch, row Row) error {
	return r.object(func(name []byte) error {
		if string(name) == "attributes" {
			return r.decoder.SkipValue()
		}
		m := at.find(name)
		if m == nil {
			return r.decoder.SkipValue()
		}
		return r.member(m, row)
	})
}

func (r *rowReader) member(m *member, row Row) error {
	if m.parent == nil {
		cell, err := r.cell()
		row[m.column] = cell
		return err
	}
	switch kind := r.decoder.PeekKind(); kind {
	case 'n':
		m.fill(row, NullCell())
		return r.decoder.SkipValue()
	case '{':
		m.fill(row, Cell{})
		return r.members(m.parent, row)
	default:
		return fmt.Errorf("a parent record is %s in place of an object", kind)
	}
}

func (r *rowReader) cell() (Cell, error) {
	value, err := r.decoder.ReadValue()
	if err != nil {
		return Cell{}, err
	}
	switch value.Kind() {
	case 'n':
		return NullCell(), nil
	case 't', 'f':
		return BoolCell(value.Kind() == 't'), nil
	case '0':
		return NumberCell(string(value)), nil
	case '"':
		return StringCell(string(r.unquote(value))), nil
	}
	return Cell{Kind: Object, Text: string(value)}, nil
}

// object reads an object, handing over the name before each value. The name is
// good until the value is read.
func (r *rowReader) object(value func(name []byte) error) error {
	if err := r.expect('{'); err != nil {
		return err
	}
	for r.decoder.PeekKind() != '}' {
		name, err := r.decoder.ReadValue()
		if err != nil {
			return err
		}
		if err := value(r.unquote(name)); err != nil {
			return err
		}
	}
	return r.expect('}')
}

// unquote returns the characters of a JSON string, good until the next call.
func (r *rowReader) unquote(quoted jsontext.Value) []byte {
	if bytes.IndexByte(quoted, '\\') < 0 && utf8.Valid(quoted) {
		return quoted[1 : len(quoted)-1]
	}
	// The only mistake left after the decoder is invalid UTF-8, which is replaced.
	r.scratch, _ = jsontext.AppendUnquote(r.scratch[:0], quoted)
	return r.scratch
}

func (r *rowReader) expect(kind jsontext.Kind) error {
	token, err := r.decoder.ReadToken()
	if err != nil {
		return err
	}
	if token.Kind() != kind {
		return fmt.Errorf("%s in place of %s", token.Kind(), kind)
	}
	return nil
}

func (r *rowReader) end() error {
	if _, err := r.decoder.ReadToken(); !errors.Is(err, io.EOF) {
		return errors.New("something follows the answer")
	}
	return nil
}

func (r *rowReader) int() (int, error) {
	cell, err := r.cell()
	if err != nil {
		return 0, err
	}
	var n int
	if _, err := fmt.Sscan(cell.Text, &n); err != nil || cell.Kind != Number {
		return 0, fmt.Errorf("%q is not a whole number", cell.Text)
	}
	return n, nil
}

func (r *rowReader) bool() (bool, error) {
	cell, err := r.cell()
	if err == nil && cell.Kind != Bool {
		err = fmt.Errorf("%q is neither true nor false", cell.Text)
	}
	return cell.Text == "true", err
}

func (r *rowReader) optionalString() (string, error) {
	cell, err := r.cell()
	if err == nil && cell.Kind != String && cell.Kind != Null {
		err = fmt.Errorf("%q is not a string", cell.Text)
	}
	return cell.Text, err
}
