package sandbox

import (
	"bufio"
	"fmt"
	"os"
	"path/filepath"
	"testing"
)

// BenchmarkLoadFiles loads Data Loader files of SANDBOX_PEOPLE leads, contacts
// and their accounts (100,000 if unset) and reports records a second and the
// memory it takes.
func BenchmarkLoadFiles(b *testing.B) {
	people, directory := benchPeople(b), b.TempDir()
	written := writeExports(b, directory, people)
	for b.Loop() {
		org := New(Options{})
		if _, err := org.Load(directory); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(written)*float64(b.N)/b.Elapsed().Seconds(), "records/s")
	b.ReportMetric(peakMB(b), "MB-peak")
}

// writeExports writes files as Data Loader exports them, and counts their rows.
func writeExports(b *testing.B, directory string, people int) (rows int) {
	const stamps = `"2025-03-01T10:00:00.000Z","2025-06-01T10:00:00.000Z","2025-06-01T10:00:00.000Z"`
	write := func(object, header string, n int, line func(w *bufio.Writer, i int)) {
		file, err := os.Create(filepath.Join(directory, object+".csv"))
		if err != nil {
			b.Fatal(err)
		}
		w := bufio.NewWriter(file)
		fmt.Fprintln(w, header)
		for i := range n {
			line(w, i)
		}
		if err := w.Flush(); err != nil {
			b.Fatal(err)
		}
		if err := file.Close(); err != nil {
			b.Fatal(err)
		}
		rows += n
	}
	account := func(i int) string { return recordID("001", "xy", uint64(i+1)) }
	accounts := people/10 + 1
	write("Account", "ID,NAME,WEBSITE,INDUSTRY,CREATEDDATE,LASTMODIFIEDDATE,SYSTEMMODSTAMP", accounts, func(w *bufio.Writer, i int) {
		fmt.Fprintf(w, "%q,\"Company %d\",\"www.c%d.example\",\"Energy\",%s\n", account(i), i, i, stamps)
	})
	write("Lead", "ID,FIRSTNAME,LASTNAME,COMPANY,EMAIL,PHONE,TITLE,STATUS,ISCONVERTED,CREATEDDATE,LASTMODIFIEDDATE,SYSTEMMODSTAMP", people/2, func(w *bufio.Writer, i int) {
		fmt.Fprintf(w, "%q,\"Jo\",\"Doe %d\",\"Company %d\",\"jo%d@c%d.example\",\"555-0100\",\"CEO\",\"Open - Not Contacted\",\"false\",%s\n",
			recordID("00Q", "xy", uint64(i+1)), i, i%accounts, i, i%accounts, stamps)
	})
	write("Contact", "ID,FIRSTNAME,LASTNAME,ACCOUNTID,EMAIL,PHONE,TITLE,DESCRIPTION,CREATEDDATE,LASTMODIFIEDDATE,SYSTEMMODSTAMP", people/2, func(w *bufio.Writer, i int) {
		fmt.Fprintf(w, "%q,\"Jo\",\"Roe %d\",%q,\"ro%d@c%d.example\",\"555-0101\",\"CFO\",\"Met at the \"\"fair\"\"\",%s\n",
			recordID("003", "xy", uint64(i+1)), i, account(i%accounts), i, i%accounts, stamps)
	})
	return rows
}
