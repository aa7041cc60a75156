package sandbox

import (
	"strings"
	"testing"

	"conversion/internal/sandbox/bulk"
)

// BenchmarkBulkQueryResults reads results of 40 fields over HTTP, not zipped, as
// often as b.N says, and reports rows and bytes a second.
func BenchmarkBulkQueryResults(b *testing.B) {
	const people = 100_000
	org := New(Options{Bulk: bulk.Settings{PageSize: people}})
	if err := org.Generate(people); err != nil {
		b.Fatal(err)
	}
	c := benchClient(b, org)
	info, err := org.bulk.Create(bulk.Spec{
		Operation: bulk.Query, Query: "SELECT " + fortyFields(b, org) + " FROM Contact", User: org.Admin().ID(), Version: "67.0",
		Format: bulk.Format{Delimiter: "COMMA", LineEnding: "LF"},
	})
	for info.State != bulk.JobComplete && err == nil {
		info, err = org.bulk.Poll(info.ID, true)
	}
	if err != nil {
		b.Fatal(err)
	}
	var bytes int64
	for b.Loop() {
		bytes += c.get(queryJobs + "/" + info.ID + "/results")
	}
	b.ReportMetric(float64(info.Processed)*float64(b.N)/b.Elapsed().Seconds(), "rows/s")
	b.ReportMetric(float64(bytes)/1e6/b.Elapsed().Seconds(), "MB/s")
}

// fortyFields names the first forty fields of a Contact that rows are made of.
func fortyFields(b *testing.B, org *Org) string {
	var names []string
	for _, f := range org.standard("Contact").fields {
		if f.column != columnCompound && len(names) < 40 {
			names = append(names, f.Name)
		}
	}
	if len(names) < 40 {
		b.Fatalf("a Contact has %d fields only", len(names))
	}
	return strings.Join(names, ", ")
}
