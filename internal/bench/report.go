package bench

import (
	"encoding/json"
	"fmt"
	"io"
	"text/tabwriter"
)

const head = "scenario\twhat\tdatabase\tpeople\tcount\tseconds\ta second\t× floor\trequests\tCPU s\tpeak MB\tp50 ms\tp95 ms\tp99 ms"

// Table writes a report for people.
func (r Report) Table(out io.Writer) error {
	_, _ = fmt.Fprintf(out, "%s, %s\n\n", r.At.Format("2006-01-02 15:04"), r.Machine)
	table := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	_, _ = fmt.Fprintln(table, head)
	for _, f := range r.Figures {
		_, _ = fmt.Fprintln(table, line(f))
	}
	return table.Flush()
}

// JSON writes a report for programs.
func (r Report) JSON(out io.Writer) error {
	encoder := json.NewEncoder(out)
	encoder.SetIndent("", "  ")
	return encoder.Encode(r)
}

// line is a row of the table; what does not apply stays empty.
func line(f Figure) string {
	return fmt.Sprintf("%s\t%s\t%s\t%d\t%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s", f.Scenario, f.What, f.Database, f.People,
		number(float64(f.Count), 0), number(f.Seconds, 2), number(f.Rate(), 0), number(f.OfFloor, 2), number(float64(f.Requests), 0),
		number(f.CPU, 2), number(f.PeakMB, 0), number(f.P50, 1), number(f.P95, 1), number(f.P99, 1))
}

func number(n float64, decimals int) string {
	if n == 0 {
		return ""
	}
	return fmt.Sprintf("%.*f", decimals, n)
}
