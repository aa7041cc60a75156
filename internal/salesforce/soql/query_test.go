package soql_test

import (
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"conversion/internal/salesforce/soql"
)

func TestQueryText(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 1, 31, 10, 0, 0, 0, time.FixedZone("CET", 3600))
	tests := map[string]struct {
		query soql.Query
		want  string
	}{
		"columns of an object": {
			soql.Select("Id", "Owner.Name").From("Lead"),
			"SELECT Id, Owner.Name FROM Lead",
		},
		"a count": {
			soql.Count().From("Account"),
			"SELECT COUNT() FROM Account",
		},
		"the next page by key": {
			soql.Select("Id", "SystemModstamp").From("Lead").Where(soql.Or(
				soql.Greater("SystemModstamp", soql.Time(at)),
				soql.And(soql.Equal("SystemModstamp", soql.Time(at)), soql.Greater("Id", soql.Text("00Qxx0000001AbC"))),
			)).OrderBy(soql.Ascending("SystemModstamp"), soql.Ascending("Id")).Limit(2000),
			"SELECT Id, SystemModstamp FROM Lead WHERE SystemModstamp > 2026-01-31T09:00:00.000Z OR " +
				"(SystemModstamp = 2026-01-31T09:00:00.000Z AND Id > '00Qxx0000001AbC') " +
				"ORDER BY SystemModstamp ASC, Id ASC LIMIT 2000",
		},
		"conditions that must all hold keep their alternatives together": {
			soql.Select("Id").From("Contact").
				Where(soql.Or(soql.Equal("A__c", soql.Null()), soql.NotEqual("B__c", soql.Bool(true)))).
				Where(soql.AtLeast("N__c", soql.Int(-3))),
			"SELECT Id FROM Contact WHERE (A__c = null OR B__c != true) AND N__c >= -3",
		},
		"lists": {
			soql.Select("Id").From("Lead").Where(soql.In("Email", soql.Texts("a@x.test", "o'b@x.test")...), soql.NotIn("Id", soql.Text("1"))),
			`SELECT Id FROM Lead WHERE Email IN ('a@x.test', 'o\'b@x.test') AND Id NOT IN ('1')`,
		},
		"a single alternative needs no parentheses": {
			soql.Select("Id").From("Lead").Where(soql.Or(soql.Less("N__c", soql.Int(1)))),
			"SELECT Id FROM Lead WHERE N__c < 1",
		},
		"a negation": {
			soql.Select("Id").From("Lead").Where(soql.Not(soql.Or(soql.AtMost("A__c", soql.Int(1)), soql.Equal("B__c", soql.Date(at))))),
			"SELECT Id FROM Lead WHERE NOT (A__c <= 1 OR B__c = 2026-01-31)",
		},
		"a pattern takes wildcards as they stand": {
			soql.Select("Id").From("Account").Where(soql.Like("Website", soql.Containing(`50%_a\b`)), soql.Like("Name", soql.Prefix("x"))),
			`SELECT Id FROM Account WHERE Website LIKE '%50\%\_a\\b%' AND Name LIKE 'x%'`,
		},
		"descending": {
			soql.Select("Id").From("Account").OrderBy(soql.Descending("LastModifiedDate")),
			"SELECT Id FROM Account ORDER BY LastModifiedDate DESC NULLS LAST",
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := test.query.Text()
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestQueryRefusesWhatCannotBeSaid(t *testing.T) {
	t.Parallel()
	from := soql.Select("Id").From("Lead")
	tests := map[string]soql.Query{
		"no columns":                   soql.Select().From("Lead"),
		"no object":                    soql.Select("Id"),
		"an object with a blank":       soql.Select("Id").From("Lead WHERE Id != null"),
		"a column with a comma":        soql.Select("Id, Name").From("Lead"),
		"a column that is a subquery":  soql.Select("(SELECT Id FROM Tasks)").From("Lead"),
		"a column twice":               soql.Select("Id", "id").From("Lead"),
		"a path over too many parents": soql.Select("a.b.c.d.e.f.g").From("Lead"),
		"a path that ends in a dot":    soql.Select("Owner.").From("Lead"),
		"a field that is an injection": from.Where(soql.Equal("Id = '' OR Id", soql.Text(""))),
		"an empty list":                from.Where(soql.In("Id")),
		"an empty alternative":         from.Where(soql.Or()),
		"an empty condition":           from.Where(soql.Condition{}),
		"a sort by a condition":        from.OrderBy(soql.Ascending("Id LIMIT 1")),
		"a negative limit":             from.Limit(-1),
		"a value that is too long":     from.Where(soql.Equal("Name", soql.Text(strings.Repeat("'", 2001)))),
		"a value with a NUL":           from.Where(soql.Equal("Name", soql.Text("a\x00b"))),
		"a value that is not UTF-8":    from.Where(soql.Equal("Name", soql.Text("\xff"))),
		"a query that is too long":     from.Where(soql.In("Id", soql.Texts(strings.Split(strings.Repeat("00Qxx0000001AbCAAA,", 5000), ",")...)...)),
	}
	for name, query := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if text, err := query.Text(); err == nil {
				t.Errorf("made %.100s", text)
			}
		})
	}
}

func TestQueriesShareABeginningWithoutTouchingEachOther(t *testing.T) {
	t.Parallel()
	base := soql.Select("Id").From("Lead").Where(soql.Equal("A", soql.Int(1)), soql.Equal("B", soql.Int(2)))
	one := base.Where(soql.Equal("C", soql.Int(3)))
	two := base.Where(soql.Equal("D", soql.Int(4)))
	for _, query := range []soql.Query{one, two} {
		text, err := query.Text()
		if err != nil {
			t.Fatal(err)
		}
		if strings.Contains(text, "C = ") == strings.Contains(text, "D = ") {
			t.Errorf("mixed up: %s", text)
		}
	}
}

func TestSplitKeepsEachPartWithinTheURL(t *testing.T) {
	t.Parallel()
	columns := []string{"Id", "SystemModstamp"}
	for range 300 {
		columns = append(columns, "Field"+strings.Repeat("x", len(columns)%30)+string(rune('a'+len(columns)%26))+strings.Repeat("y", len(columns)/26)+"__c")
	}
	query := soql.Select(columns...).From("Lead").Where(soql.Greater("SystemModstamp", soql.Time(time.Unix(0, 0)))).Limit(2000)
	parts, err := query.Split(2000, "Id", "SystemModstamp")
	if err != nil {
		t.Fatal(err)
	}
	got := []string{"Id", "SystemModstamp"}
	for _, part := range parts {
		if n, err := part.EncodedLen(); err != nil || n > 2000 {
			t.Errorf("a part takes %d bytes, error %v", n, err)
		}
		if diff := cmp.Diff([]string{"Id", "SystemModstamp"}, part.Columns()[:2]); diff != "" {
			t.Error(diff)
		}
		got = append(got, part.Columns()[2:]...)
	}
	if diff := cmp.Diff(columns, got); diff != "" {
		t.Error(diff)
	}
	if len(parts) < 2 {
		t.Error("nothing was split")
	}
}

func TestSplitLeavesAloneWhatFits(t *testing.T) {
	t.Parallel()
	query := soql.Select("Name", "Id").From("Lead")
	parts, err := query.Split(2000, "Id")
	if err != nil || len(parts) != 1 {
		t.Fatalf("%d parts, error %v", len(parts), err)
	}
	if diff := cmp.Diff([]string{"Name", "Id"}, parts[0].Columns()); diff != "" {
		t.Error(diff)
	}
}

func TestSplitRefusesConditionsThatFillTheURL(t *testing.T) {
	t.Parallel()
	query := soql.Select("Id", "Name").From("Lead").Where(soql.Equal("Name", soql.Text(strings.Repeat("x", 500))))
	if _, err := query.Split(400, "Id"); err == nil {
		t.Error("no error")
	}
}

func TestEncodedLenIsWhatTheURLHolds(t *testing.T) {
	t.Parallel()
	query := soql.Select("Id").From("Lead").Where(soql.Equal("Name", soql.Text("Zoë & Søn +1")))
	text, err := query.Text()
	if err != nil {
		t.Fatal(err)
	}
	want := len(url.Values{"q": {text}}.Encode()) - len("q=")
	if got, err := query.EncodedLen(); err != nil || got != want {
		t.Errorf("got %d, %v; want %d", got, err, want)
	}
}
