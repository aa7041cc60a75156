package salesforce_test

import (
	"compress/gzip"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"conversion/internal/salesforce"
	"conversion/internal/salesforce/soql"
)

func TestQueryIsReadPageByPage(t *testing.T) {
	t.Parallel()
	const pages = 3
	var queries []string
	org := newOrg(t, func(w http.ResponseWriter, r *http.Request) {
		page := 0
		if locator, found := strings.CutPrefix(r.URL.Path, "/services/data/v62.0/query/01g-"); found {
			page, _ = strconv.Atoi(locator)
		} else {
			queries = append(queries, r.URL.Path+" "+r.URL.Query().Get("q"))
		}
		body := fmt.Sprintf(`{"totalSize":%d,"done":%v,"records":[{"Id":"00Q%d"}]`, pages, page == pages-1, page)
		if page < pages-1 {
			body += fmt.Sprintf(`,"nextRecordsUrl":"/services/data/v62.0/query/01g-%d"`, page+1)
		}
		say(w, 200, body+"}")
	})
	client := org.client()
	query := soql.Select("Id").From("Lead").Where(soql.Equal("LastName", soql.Text("O'Brien + Söhne & Co")))
	for _, first := range []func() (salesforce.Page, error){
		func() (salesforce.Page, error) { return client.Query(t.Context(), query) },
		func() (salesforce.Page, error) { return client.QueryAll(t.Context(), query) },
	} {
		var ids []string
		page, err := first()
		for err == nil {
			ids = append(ids, page.Rows[0][0].Text)
			if page.Next == "" {
				break
			}
			page, err = client.QueryMore(t.Context(), page)
		}
		if diff := cmp.Diff([]string{"00Q0", "00Q1", "00Q2"}, ids); diff != "" || err != nil {
			t.Error(diff, err)
		}
	}
	const text = `SELECT Id FROM Lead WHERE LastName = 'O\'Brien + Söhne & Co'`
	if diff := cmp.Diff([]string{"/services/data/v62.0/query " + text, "/services/data/v62.0/queryAll " + text}, queries); diff != "" {
		t.Error(diff)
	}
}

func TestCountHasNoRows(t *testing.T) {
	t.Parallel()
	org := newOrg(t, saying(200, `{"totalSize":57,"done":true,"records":[]}`))
	page, err := org.client().Query(t.Context(), soql.Count().From("Lead"))
	if err != nil || page.TotalSize != 57 || len(page.Rows) != 0 {
		t.Errorf("got %+v, %v", page, err)
	}
}

func TestPageSaysWhenItWasAskedFor(t *testing.T) {
	t.Parallel()
	clock := time.Date(2026, 1, 31, 9, 0, 0, 0, time.UTC)
	org := newOrg(t, saying(200, `{"totalSize":0,"done":true,"records":[]}`))
	config := org.config()
	config.Now = func() time.Time {
		clock = clock.Add(time.Second)
		return clock
	}
	page, err := salesforce.New(config).Query(t.Context(), soql.Select("Id").From("Lead"))
	if want := time.Date(2026, 1, 31, 9, 0, 1, 0, time.UTC); err != nil || !page.Asked.Equal(want) {
		t.Errorf("asked %v, want %v, error %v", page.Asked, want, err)
	}
}

func TestQueriesThatReachNobody(t *testing.T) {
	t.Parallel()
	org := newOrg(t, saying(200, `{}`))
	client := org.client()
	long := soql.Select("Id").From("Lead").Where(soql.In("Id", soql.Texts(strings.Split(strings.Repeat("00QKB000002vPqN2AU,", 700), ",")...)...))
	_, tooLong := client.Query(t.Context(), long)
	_, badName := client.Query(t.Context(), soql.Select("Id; DROP").From("Lead"))
	_, noNext := client.QueryMore(t.Context(), salesforce.Page{})
	_, elsewhere := client.QueryMore(t.Context(), salesforce.Page{Next: "//evil.test/services/data/"})
	_, upwards := client.QueryMore(t.Context(), salesforce.Page{Next: "/services/data/../../secur"})
	for name, err := range map[string]error{"too long": tooLong, "bad name": badName, "no next": noNext, "elsewhere": elsewhere, "upwards": upwards} {
		if salesforce.ClassOf(err) != salesforce.FixInConversion {
			t.Errorf("%s: %v", name, err)
		}
	}
	if asked := org.asked(); len(asked) != 0 {
		t.Errorf("asked %v", asked)
	}
}

func TestSplitQueriesPassTheClient(t *testing.T) {
	t.Parallel()
	org := newOrg(t, saying(200, `{"totalSize":0,"done":true,"records":[]}`))
	columns := []string{"Id"}
	for i := range 900 {
		columns = append(columns, fmt.Sprintf("Some_Custom_Field_%d__c", i))
	}
	parts, err := soql.Select(columns...).From("Lead").Split(salesforce.MaxEncodedQuery, "Id")
	if err != nil || len(parts) < 2 {
		t.Fatalf("%d parts, error %v", len(parts), err)
	}
	for _, part := range parts {
		if _, err := org.client().Query(t.Context(), part); err != nil {
			t.Error(err)
		}
	}
}

func TestCompressedAnswersAreRead(t *testing.T) {
	t.Parallel()
	org := newOrg(t, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Encoding", "gzip")
		zip := gzip.NewWriter(w)
		_, _ = io.WriteString(zip, `{"totalSize":1,"done":true,"records":[{"Id":"00Q1"}]}`)
		_ = zip.Close()
	})
	page, err := org.client().Query(t.Context(), soql.Select("Id").From("Lead"))
	if err != nil || len(page.Rows) != 1 {
		t.Errorf("got %+v, %v", page, err)
	}
}

func TestRetrieveAlignsRowsWithIDs(t *testing.T) {
	t.Parallel()
	var request, body string
	org := newOrg(t, inTurn(
		saying(503, ""), // a read is repeated though it is a POST
		func(w http.ResponseWriter, r *http.Request) {
			raw, _ := io.ReadAll(r.Body)
			request, body = r.Method+" "+r.URL.Path, string(raw)
			say(w, 200, `[{"attributes":{"type":"Lead"},"Id":"00Q1","Name":"Jo"},null]`)
		},
		saying(200, `[null]`),
	))
	client := org.client()
	page, err := client.Retrieve(t.Context(), "Lead", []string{"00Q1", "00Q2"}, []string{"Id", "Name"})
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]salesforce.Row{{salesforce.StringCell("00Q1"), salesforce.StringCell("Jo")}, nil}, page.Rows); diff != "" {
		t.Error(diff)
	}
	if request != "POST /services/data/v62.0/composite/sobjects/Lead" || body != `{"fields":["Id","Name"],"ids":["00Q1","00Q2"]}` {
		t.Errorf("sent %s %s", request, body)
	}
	if _, err := client.Retrieve(t.Context(), "Lead", []string{"00Q1", "00Q2"}, []string{"Id"}); err == nil {
		t.Error("an answer for other records is taken")
	}
	if _, err := client.Retrieve(t.Context(), "Lead", make([]string, 2001), []string{"Id"}); err == nil {
		t.Error("2,001 ids are sent")
	}
}
