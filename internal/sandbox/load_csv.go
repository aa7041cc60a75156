package sandbox

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding/charmap"

	"conversion/internal/sandbox/bulk"
)

// readCSV reads a Data Loader export: a header of API names in any case, then
// one record a row. An empty cell is a null.
func readCSV(file loadFile, object *object) ([]*loadRow, error) {
	text, err := toUTF8(file.text)
	if err != nil {
		return nil, fmt.Errorf("%s:1: %w", file.path, err)
	}
	reader := csv.NewReader(bytes.NewReader(text)) // it knows the lines of errors
	reader.ReuseRecord = true
	header, err := reader.Read()
	if err != nil {
		return nil, csvError(file.path, "the header of API names", err)
	}
	columns, err := columnNames(header)
	if err != nil {
		return nil, fmt.Errorf("%s:1: %w", file.path, err)
	}
	var rows []*loadRow
	for {
		from := reader.InputOffset()
		_, err := reader.Read()
		if errors.Is(err, io.EOF) {
			return rows, nil
		}
		if err != nil {
			return nil, csvError(file.path, "a row", err)
		}
		line, _ := reader.FieldPos(0)
		rows = append(rows, &loadRow{
			file: file.path, line: line, object: object, columns: columns, text: string(text[from:reader.InputOffset()]),
		})
	}
}

func columnNames(header []string) ([]string, error) {
	columns := make([]string, len(header))
	seen := map[string]bool{}
	for i, name := range header {
		name = strings.TrimSpace(name)
		key := strings.ToLower(name)
		switch {
		case name == "":
			return nil, fmt.Errorf("column %d has no name", i+1)
		case seen[key]:
			return nil, fmt.Errorf("the column %s is there twice", name)
		}
		columns[i], seen[key] = name, true
	}
	return columns, nil
}

// read gives the cells of a row. Those of a CSV file were read before, without an
// error, and then left in their text; a line of it ends in a line feed only.
func (r *loadRow) read() []any {
	if r.text == "" {
		return r.cells
	}
	record, _ := bulk.NewReader(r.text, ',').Next()
	cells := make([]any, len(record))
	for i, text := range record {
		if text = strings.TrimSpace(strings.ReplaceAll(text, "\r\n", "\n")); text != "" {
			cells[i] = text
		}
	}
	return cells
}

func csvError(path, what string, err error) error {
	var parse *csv.ParseError
	switch {
	case errors.Is(err, io.EOF):
		return fmt.Errorf("%s:1: the file is empty: it lacks %s", path, what)
	case errors.As(err, &parse):
		return fmt.Errorf("%s:%d: read %s: %w", path, parse.StartLine, what, parse.Err)
	}
	return fmt.Errorf("%s: read %s: %w", path, what, err)
}

// toUTF8 decodes what export tools write: UTF-8 with or without a mark, else
// Windows-1252, in which Data Loader writes on Western Windows.
func toUTF8(text []byte) ([]byte, error) {
	if bytes.HasPrefix(text, []byte("\xff\xfe")) || bytes.HasPrefix(text, []byte("\xfe\xff")) {
		return nil, errors.New("the file is UTF-16; export it as UTF-8")
	}
	text = withoutBOM(text)
	if utf8.Valid(text) {
		return text, nil
	}
	return charmap.Windows1252.NewDecoder().Bytes(text)
}

func withoutBOM(text []byte) []byte { return bytes.TrimPrefix(text, []byte("\xef\xbb\xbf")) }
