package gateway

import (
	"fmt"
	"slices"
	"testing"

	"conversion"
	"conversion/internal/salesforce"
	"conversion/internal/salesforce/soql"
)

func TestListsFitIntoAQuery(t *testing.T) {
	t.Parallel()
	var emails []string
	for i := range 1_000 {
		emails = append(emails, fmt.Sprintf("somebody+%d@a-rather-long-domain.example", i))
	}
	divided := lists(emails, listExtra)
	if got := slices.Concat(divided...); !slices.Equal(got, emails) {
		t.Error("values were lost or moved")
	}
	for _, list := range divided {
		n, err := soql.Select("Id").From("Lead").Where(soql.In("Email", soql.Texts(list...)...)).EncodedLen()
		if err != nil || n > maxEncodedList+200 {
			t.Errorf("a query of %d values takes %d bytes: %v", len(list), n, err)
		}
	}
	if lists(nil, listExtra) != nil {
		t.Error("no values make a query")
	}
}

func TestRowsThatMovedBetweenThePartsAreLeftOut(t *testing.T) {
	t.Parallel()
	row := func(cells ...string) salesforce.Row {
		var r salesforce.Row
		for _, c := range cells {
			r = append(r, salesforce.StringCell(c))
		}
		return r
	}
	s := slice{rows: []salesforce.Row{row("a", "1", "Ann"), row("b", "1", "Bob"), row("c", "1", "Cid")}}
	s.join(salesforce.Page{Rows: []salesforce.Row{row("a", "1", "x"), row("b", "2", "y")}})
	if len(s.rows) != 1 || !s.moved || !slices.Equal(s.rows[0], row("a", "1", "Ann", "x")) {
		t.Errorf("%+v", s)
	}
}

func TestWhatComesAfterACursor(t *testing.T) {
	t.Parallel()
	moment := conversion.Moment(1_769_850_487_000_000)
	for _, test := range []struct {
		because string
		cursor  conversion.Cursor
		want    string
	}{
		{"everything comes after the zero cursor", conversion.Cursor{}, "SELECT Id FROM Lead"},
		{"a cursor without id takes its whole second", conversion.Cursor{Modstamp: moment},
			"SELECT Id FROM Lead WHERE SystemModstamp >= 2026-01-31T09:08:07.000Z"},
		{"a cursor with id goes on within its second", conversion.Cursor{Modstamp: moment, ID: "00QKB000002vPqN2AU"},
			"SELECT Id FROM Lead WHERE SystemModstamp > 2026-01-31T09:08:07.000Z OR (SystemModstamp = 2026-01-31T09:08:07.000Z AND Id > '00QKB000002vPqN2AU')"},
	} {
		if got, err := after(soql.Select("Id").From("Lead"), test.cursor).Text(); err != nil || got != test.want {
			t.Errorf("%s: %s, %v", test.because, got, err)
		}
	}
}
