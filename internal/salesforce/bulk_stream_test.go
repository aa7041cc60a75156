package salesforce_test

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"testing"

	"conversion/internal/salesforce"
	"conversion/internal/salesforce/soql"
)

// received notes what a stream brings.
type received struct {
	heads   []salesforce.PageHead
	batches []int
	names   []string
}

func (r *received) stream(rows, batch int) salesforce.Stream {
	return salesforce.Stream{
		Rows: rows, Batch: batch,
		Opened: func(h salesforce.PageHead) error {
			r.heads, r.batches, r.names = append(r.heads, h), nil, nil
			return nil
		},
		Take: func(rows []salesforce.Row) error {
			r.batches = append(r.batches, len(rows))
			for _, row := range rows {
				r.names = append(r.names, row[1].Text)
			}
			return nil
		},
	}
}

// finished is a query job that is through.
func finished(t *testing.T, client *salesforce.Client, q soql.Query) salesforce.QueryJob {
	t.Helper()
	job, err := client.StartQueryJob(t.Context(), q, true)
	if err != nil {
		t.Fatal(err)
	}
	if job.Created.IsZero() {
		t.Error("nobody knows when the job was made")
	}
	for job.State != salesforce.JobComplete {
		if job, err = client.AskQueryJob(t.Context(), job.ID); err != nil {
			t.Fatal(err)
		}
	}
	return job
}

func TestAPageComesInBatchesAndSaysWhereTheNextBegins(t *testing.T) {
	t.Parallel()
	_, client := simulated(t, 8)
	job := finished(t, client, doe)
	var names []string
	pages, locator := 0, ""
	for {
		var got received
		if err := client.StreamQueryJobPage(t.Context(), job.ID, locator, got.stream(5, 2)); err != nil {
			t.Fatal(err)
		}
		if want := [][]int{{2, 2, 1}, {2, 1}}[pages]; !slices.Equal(got.batches, want) {
			t.Errorf("page %d came in batches of %v, want %v", pages, got.batches, want)
		}
		head := got.heads[0]
		if !slices.Equal(head.Columns, doe.Columns()) || head.Rows != len(got.names) {
			t.Errorf("page %d: %+v", pages, head)
		}
		names, pages = append(names, got.names...), pages+1
		if locator = head.Next; locator == "" {
			break
		}
	}
	if slices.Sort(names); len(slices.Compact(names)) != 8 || job.Rows != 8 {
		t.Errorf("%d pages brought %v of %d rows", pages, names, job.Rows)
	}
}

func TestWhoTakesAPageEndsItWithAnErrorOfTheirOwn(t *testing.T) {
	t.Parallel()
	org, client := simulated(t, 4)
	job := finished(t, client, doe)
	enough := errors.New("enough")
	before := len(org.Requests())
	for _, s := range []salesforce.Stream{
		{Batch: 2, Opened: func(salesforce.PageHead) error { return enough }},
		{Batch: 2, Opened: func(salesforce.PageHead) error { return nil }, Take: func([]salesforce.Row) error { return enough }},
	} {
		if err := client.StreamQueryJobPage(t.Context(), job.ID, "", s); !errors.Is(err, enough) || salesforce.ClassOf(err) != salesforce.Unclassified {
			t.Errorf("got %v", err)
		}
	}
	if n := len(org.Requests()) - before; n != 2 {
		t.Errorf("%d requests: what the answer is not to blame for was asked again", n)
	}
}

func TestAPageThatBreaksOffIsReadAgainFromItsFirstRow(t *testing.T) {
	t.Parallel()
	tries := 0
	org := newOrg(t, func(w http.ResponseWriter, r *http.Request) {
		tries++
		body := "\"Id\",\"LastName\"\n\"00Q1\",\"A\"\n"
		if tries > 1 {
			body += "\"00Q2\",\"B\"\n"
		}
		csvPage("2", "null", body)(w, r)
	})
	var got received
	err := org.client().StreamQueryJobPage(t.Context(), "750R0000000zw4yIAA", "", got.stream(0, 1))
	if err != nil || len(got.heads) != 2 || !slices.Equal(got.names, []string{"A", "B"}) {
		t.Errorf("%v after %d tries: %v", err, len(got.heads), got.names)
	}
}

func TestAStreamedPageThatIsNotWholeIsAnError(t *testing.T) {
	t.Parallel()
	for because, results := range map[string]http.HandlerFunc{
		"it has fewer rows than it says": csvPage("2", "null", "\"Id\",\"Name\"\n\"00Q1\",\"x\"\n"),
		"it does not say how many":       csvPage("", "null", "\"Id\",\"Name\"\n\"00Q1\",\"x\"\n"),
		"it may not be the last":         csvPage("1", "", "\"Id\",\"Name\"\n\"00Q1\",\"x\"\n"),
		"a row has more columns":         csvPage("1", "null", "\"Id\",\"Name\"\n\"00Q1\",\"x\",\"y\"\n"),
		"it breaks off within a value":   csvPage("1", "null", "\"Id\",\"Name\"\n\"00Q1\",\"x"),
	} {
		t.Run(because, func(t *testing.T) {
			t.Parallel()
			var got received
			err := newOrg(t, results).client().StreamQueryJobPage(t.Context(), "750R0000000zw4yIAA", "", got.stream(0, 10))
			if salesforce.ClassOf(err) != salesforce.Retry {
				t.Errorf("got %v", err)
			}
		})
	}
}

func TestAJobThatIsGoneIsLost(t *testing.T) {
	t.Parallel()
	_, client := simulated(t, 4)
	job := finished(t, client, doe)
	if err := client.DeleteQueryJob(t.Context(), job.ID); err != nil {
		t.Fatal(err)
	}
	var got received
	_, asked := client.AskQueryJob(t.Context(), job.ID)
	read := client.StreamQueryJobPage(t.Context(), job.ID, "", got.stream(0, 10))
	for _, err := range []error{asked, read} {
		if !salesforce.LostJob(err) {
			t.Errorf("a job that was removed: %v", err)
		}
	}
	if salesforce.LostJob(context.Canceled) || salesforce.LostJob(&salesforce.Error{Status: 503, Class: salesforce.Retry}) {
		t.Error("an outage loses no job")
	}
}
