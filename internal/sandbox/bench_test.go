package sandbox

import (
	"io"
	"net/http"
	"net/http/httptest"
	"testing"

	"conversion/internal/sandbox/table"
)

// reader reads an org over HTTP for benchmarks.
type reader struct {
	b          *testing.B
	url, token string
}

func benchClient(b *testing.B, org *Org) reader {
	server := httptest.NewServer(org.Handler())
	b.Cleanup(server.Close)
	return reader{b, server.URL, org.IssueToken()}
}

// get reads an answer, not zipped, to its end and returns its length.
func (r reader) get(path string) int64 {
	request, err := http.NewRequest("GET", r.url+path, nil)
	if err != nil {
		r.b.Fatal(err)
	}
	request.Header.Set("Authorization", "Bearer "+r.token)
	request.Header.Set("Accept-Encoding", "identity")
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		r.b.Fatal(err)
	}
	defer response.Body.Close()
	n, err := io.Copy(io.Discard, response.Body)
	if err != nil || response.StatusCode != http.StatusOK {
		r.b.Fatalf("%s: status %d: %v", path, response.StatusCode, err)
	}
	return n
}

// middle is the first record, from the middle on, with a value in a field.
func middle(org *Org, object, name string) table.Row {
	obj := org.objects[object]
	f, _ := obj.field(name)
	n := 0
	for r := range obj.rows.ByID().All() {
		if n++; n > obj.rows.Len()/2 && r.Get(f.column) != nil {
			return *r
		}
	}
	return table.Row{}
}
