package sandbox

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
)

// treeReader reads the JSON of "sf data export tree": records with their
// object and referenceId under attributes, and children nested under the name
// of their relationship.
type treeReader struct {
	org   *Org
	path  string
	text  []byte
	dec   *json.Decoder
	rows  []*loadRow
	named int
	start int // line of the record being read, 0 between records
}

func readTree(org *Org, file loadFile) ([]*loadRow, error) {
	text := withoutBOM(file.text)
	r := &treeReader{org: org, path: file.path, text: text, dec: json.NewDecoder(bytes.NewReader(text))}
	r.dec.UseNumber()
	if err := r.read(); err != nil {
		return nil, fmt.Errorf("%s:%d: %w", file.path, cmp.Or(r.start, r.line()), err)
	}
	return r.rows, nil
}

// line is where the reader has come to.
func (r *treeReader) line() int {
	at := min(int(r.dec.InputOffset()), len(r.text))
	for at < len(r.text) && strings.ContainsRune(" \t\r\n,", rune(r.text[at])) {
		at++
	}
	return 1 + bytes.Count(r.text[:at], []byte("\n"))
}

func (r *treeReader) read() error {
	if err := r.expect('{'); err != nil {
		return err
	}
	found := false
	for r.dec.More() {
		key, err := r.dec.Token()
		if err != nil {
			return treeError(err)
		}
		if key != "records" {
			return fmt.Errorf("want {\"records\": [...]}, found the key %q", key)
		}
		found = true
		if err := r.records(); err != nil {
			return err
		}
	}
	if !found {
		return fmt.Errorf(`want {"records": [...]}, found no records`)
	}
	if err := r.expect('}'); err != nil {
		return err
	}
	if _, err := r.dec.Token(); !errors.Is(err, io.EOF) {
		return fmt.Errorf("more text after the records")
	}
	return nil
}

func (r *treeReader) records() error {
	if err := r.expect('['); err != nil {
		return err
	}
	for r.dec.More() {
		r.start = r.line()
		var record map[string]any
		if err := r.dec.Decode(&record); err != nil {
			return treeError(err)
		}
		if err := r.record(record, nil); err != nil {
			return err
		}
	}
	r.start = 0
	return r.expect(']')
}

func (r *treeReader) expect(delim json.Delim) error {
	token, err := r.dec.Token()
	if err != nil {
		return treeError(err)
	}
	if token != delim {
		return fmt.Errorf("want %v, found %v", delim, token)
	}
	return nil
}

func treeError(err error) error {
	if errors.Is(err, io.EOF) {
		err = io.ErrUnexpectedEOF
	}
	return fmt.Errorf("read it as JSON: %w", err)
}

// record adds a row, and the rows of the record's children. parent is the
// relation by which the record hangs on its parent, nil at the top.
func (r *treeReader) record(record map[string]any, parent *treeParent) error {
	object, reference, err := r.attributes(record)
	if err != nil {
		return err
	}
	row := &loadRow{file: r.path, line: r.start, object: object, reference: reference}
	if row.reference == "" {
		r.named++
		row.reference = fmt.Sprintf("%s#%d", r.path, r.named)
	}
	r.rows = append(r.rows, row)
	if parent != nil {
		row.columns, row.cells = append(row.columns, parent.field), append(row.cells, "@"+parent.reference)
	}
	for _, name := range slices.Sorted(maps.Keys(record)) {
		switch value := record[name].(type) {
		case map[string]any:
			if name == "attributes" {
				continue
			}
			if err := r.children(row, name, value); err != nil {
				return err
			}
		case []any:
			return fmt.Errorf("%s.%s is a list, not a value", object.Name, name)
		default:
			row.columns, row.cells = append(row.columns, name), append(row.cells, treeCell(value))
		}
	}
	return nil
}

// treeCell makes a blank text a null, as saving it would.
func treeCell(value any) any {
	text, ok := value.(string)
	if !ok {
		return value
	}
	if text = strings.TrimSpace(text); text == "" {
		return nil
	}
	return text
}

func (r *treeReader) attributes(record map[string]any) (found *object, reference string, err error) {
	attributes, _ := record["attributes"].(map[string]any)
	name, _ := attributes["type"].(string)
	if name == "" {
		return nil, "", fmt.Errorf("a record does not name its object in attributes.type")
	}
	found, ok := r.org.object(name)
	if !ok || !found.Createable {
		return nil, "", fmt.Errorf("there is no object %s whose records could be made", name)
	}
	reference, _ = attributes["referenceId"].(string)
	return found, reference, nil
}

// treeParent is what a nested record hangs on, and by which field.
type treeParent struct{ field, reference string }

func (r *treeReader) children(parent *loadRow, relationship string, value map[string]any) error {
	for _, child := range parent.object.Children {
		if !strings.EqualFold(child.RelationshipName, relationship) {
			continue
		}
		records, ok := value["records"].([]any)
		if !ok {
			return fmt.Errorf("%s.%s holds no records", parent.object.Name, relationship)
		}
		for _, each := range records {
			record, ok := each.(map[string]any)
			if !ok {
				return fmt.Errorf("%s.%s holds something that is no record", parent.object.Name, relationship)
			}
			if err := r.record(record, &treeParent{child.Field, parent.reference}); err != nil {
				return err
			}
		}
		return nil
	}
	return fmt.Errorf("%s has neither a field nor children named %s", parent.object.Name, relationship)
}
