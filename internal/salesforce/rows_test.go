package salesforce

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

var peopleColumns = []string{"Id", "Name", "Amount__c", "HasOptedOutOfEmail", "MailingAddress", "Owner.Name", "Owner.Profile.Name", "Account.Name"}

func TestPageIsLaidOutByTheColumns(t *testing.T) {
	t.Parallel()
	body := `{"totalSize":3222,"done":false,"nextRecordsUrl":"/services/data/v62.0/query/01g-2000","records":[
	 {"attributes":{"type":"Contact","url":"/x"},"Id":"003","Name":"Zo\u00eb \"Z\"","Amount__c":100.0,"HasOptedOutOfEmail":false,
	  "MailingAddress":{"city":"Oslo"},"Owner":{"attributes":{"type":"Name"},"Name":"Jo","Profile":{"Name":"Admin"}},"Account":null},
	 {"account":{"name":"Acme"},"owner":{"Name":"","Profile":null},"Unasked":[1,{"Id":"9"}],"id":"004","NAME":null}]}`
	page, err := newLayout(peopleColumns).readPage(strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	want := Page{
		Columns:   peopleColumns,
		TotalSize: 3222,
		Next:      "/services/data/v62.0/query/01g-2000",
		Rows: []Row{
			{StringCell("003"), StringCell(`Zoë "Z"`), NumberCell("100.0"), BoolCell(false), {Object, `{"city":"Oslo"}`}, StringCell("Jo"), StringCell("Admin"), NullCell()},
			{StringCell("004"), NullCell(), {}, {}, {}, StringCell(""), NullCell(), StringCell("Acme")},
		},
	}
	if diff := cmp.Diff(want, page); diff != "" {
		t.Error(diff)
	}
}

func TestPageRefusesAnswersThatWouldLoseRows(t *testing.T) {
	t.Parallel()
	tests := map[string]string{
		"cut off":                         `{"totalSize":1,"done":true,"records":[{"Id":"1"`,
		"not done and no next page":       `{"totalSize":1,"done":false,"records":[]}`,
		"without done":                    `{"totalSize":1,"records":[]}`,
		"an array":                        `[{"Id":"1"}]`,
		"empty":                           ``,
		"a parent that is no object":      `{"totalSize":1,"done":true,"records":[{"Owner":"005"}]}`,
		"a record that is no object":      `{"totalSize":1,"done":true,"records":[5]}`,
		"followed by something else":      `{"totalSize":1,"done":true,"records":[]}{}`,
		"a total that is no whole number": `{"totalSize":"1","done":true,"records":[]}`,
		"a done that is no boolean":       `{"totalSize":1,"done":"true","records":[]}`,
		"HTML":                            `<html><body>down for maintenance</body></html>`,
	}
	for name, body := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if page, err := newLayout(peopleColumns).readPage(strings.NewReader(body)); err == nil {
				t.Errorf("read as %+v", page)
			}
		})
	}
}

func TestRecordsByIDKeepTheirPlaces(t *testing.T) {
	t.Parallel()
	rows, err := newLayout([]string{"Id"}).readRecords(strings.NewReader(`[null,{"Id":"2"},null]`))
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]Row{nil, {StringCell("2")}, nil}, rows); diff != "" {
		t.Error(diff)
	}
}

// encoding/json, with maps, is the reference for what the cells are.
func TestCellsAreThoseOfEncodingJSON(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		records := rapid.SliceOfN(drawRecord(), 0, 5).Draw(t, "records")
		body, err := json.Marshal(map[string]any{"totalSize": len(records), "done": true, "records": records})
		if err != nil {
			t.Fatal(err)
		}
		compare(t, body)
	})
}

func FuzzPage(f *testing.F) {
	f.Add([]byte(`{"totalSize":1,"done":true,"records":[{"Id":"1","Owner":{"Name":"x"},"Amount__c":1e3}]}`))
	f.Add([]byte(`{"done":true,"records":[{"Owner":{"Name":"x"},"Owner":{"Profile":{}}}],"totalSize":1}`))
	f.Add([]byte("{\"done\":true,\"records\":[{\"Name\":\"\\ud800 \xff\\\"\"}],\"totalSize\":1}"))
	f.Fuzz(func(t *testing.T, body []byte) { compare(t, body) })
}

type fataler interface {
	Fatalf(format string, args ...any)
}

// compare checks the reader against the reference for any body that it accepts.
func compare(t fataler, body []byte) {
	page, err := newLayout(peopleColumns).readPage(bytes.NewReader(body))
	if err != nil {
		return
	}
	decoder := json.NewDecoder(bytes.NewReader(body))
	decoder.UseNumber()
	var answer map[string]any
	if err := decoder.Decode(&answer); err != nil {
		t.Fatalf("accepted what encoding/json refuses: %v\n%s", err, body)
	}
	records, _ := answer["records"].([]any)
	if len(records) != len(page.Rows) {
		t.Fatalf("%d rows for %d records\n%s", len(page.Rows), len(records), body)
	}
	for i, record := range records {
		for c, column := range peopleColumns {
			want, clear := lookUp(record, strings.Split(column, "."))
			if !clear || record == nil {
				continue
			}
			if got := page.Rows[i][c]; !sameCell(got, want) {
				t.Fatalf("%s of record %d is %+v, encoding/json says %+v\n%s", column, i, got, want, body)
			}
		}
	}
}

// lookUp follows a path as Salesforce would: names do not tell upper from lower
// case. It is not clear if two names of an object differ in nothing else.
func lookUp(value any, path []string) (cell Cell, clear bool) {
	object, ok := value.(map[string]any)
	if !ok {
		return cellOf(value, len(path) == 0), true
	}
	if len(path) == 0 {
		return cellOf(value, true), true
	}
	var found []any
	for name, member := range object {
		if strings.EqualFold(name, path[0]) {
			found = append(found, member)
		}
	}
	switch len(found) {
	case 0:
		return Cell{}, true
	case 1:
		return lookUp(found[0], path[1:])
	}
	return Cell{}, false
}

func cellOf(value any, atEnd bool) Cell {
	switch v := value.(type) {
	case nil:
		return NullCell()
	case string:
		return StringCell(v)
	case bool:
		return BoolCell(v)
	case json.Number:
		return NumberCell(v.String())
	}
	text, _ := json.Marshal(value)
	if !atEnd {
		return Cell{}
	}
	return Cell{Kind: Object, Text: string(text)}
}

// sameCell does not look into objects, which are kept as they were spelled.
func sameCell(a, b Cell) bool {
	return a.Kind == b.Kind && (a.Kind == Object || a.Text == b.Text)
}

func drawRecord() *rapid.Generator[map[string]any] {
	return rapid.Custom(func(t *rapid.T) map[string]any {
		record := map[string]any{"attributes": map[string]any{"type": "Contact"}}
		for _, name := range []string{"Id", "Name", "Amount__c", "HasOptedOutOfEmail", "Unasked"} {
			if rapid.Bool().Draw(t, "has "+name) {
				record[name] = drawValue(t, name)
			}
		}
		for _, name := range []string{"Owner", "Account"} {
			switch rapid.IntRange(0, 2).Draw(t, "parent "+name) {
			case 1:
				record[name] = nil
			case 2:
				record[name] = map[string]any{"Name": drawValue(t, name+".Name"), "Profile": map[string]any{"Name": drawValue(t, "profile")}}
			}
		}
		return record
	})
}

func drawValue(t *rapid.T, name string) any {
	return rapid.OneOf(
		rapid.Just[any](nil),
		rapid.Map(rapid.String(), func(s string) any { return s }),
		rapid.Map(rapid.Bool(), func(b bool) any { return b }),
		rapid.Map(rapid.Float64Range(-1e12, 1e12), func(f float64) any { return f }),
		rapid.Just[any](json.Number("100.0")),
		rapid.Just[any](map[string]any{"city": "Oslo"}),
	).Draw(t, name)
}

func TestBoundedReaderFailsBeyondItsLimit(t *testing.T) {
	t.Parallel()
	if body, err := readBounded(strings.NewReader("12345"), 5); err != nil || string(body) != "12345" {
		t.Errorf("got %q, %v within the limit", body, err)
	}
	if _, err := readBounded(strings.NewReader("123456"), 5); err == nil {
		t.Error("no error beyond the limit")
	}
}

func BenchmarkReadPage(b *testing.B) {
	columns, body := widePage(2000, 40)
	layout := newLayout(columns)
	b.SetBytes(int64(len(body)))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := layout.readPage(bytes.NewReader(body)); err != nil {
			b.Fatal(err)
		}
	}
}

func widePage(rows, columns int) ([]string, []byte) {
	var names []string
	for i := range columns {
		names = append(names, "Field_"+strings.Repeat("x", i%7)+string(rune('A'+i%26))+strings.Repeat("1", i/26)+"__c")
	}
	var body bytes.Buffer
	body.WriteString(`{"totalSize":1,"done":true,"records":[`)
	for r := range rows {
		if r > 0 {
			body.WriteByte(',')
		}
		body.WriteString(`{"attributes":{"type":"Lead","url":"/services/data/v62.0/sobjects/Lead/00Q000000000001AAA"}`)
		for _, name := range names {
			body.WriteString(`,"` + name + `":"a value of some length"`)
		}
		body.WriteByte('}')
	}
	body.WriteString(`]}`)
	return names, body.Bytes()
}
