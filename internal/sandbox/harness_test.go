package sandbox

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"testing"
	"time"
)

// client is a user of one org's REST API, with a frozen clock behind it.
type client struct {
	t     *testing.T
	org   *Org
	url   string
	token string
}

var start = time.Date(2026, 1, 31, 9, 0, 0, 0, time.UTC)

const v67 = "/services/data/v67.0"

func newClient(t *testing.T, options Options) *client {
	t.Helper()
	if options.Now == nil {
		options.Now = func() time.Time { return start }
	}
	return clientOf(t, New(options))
}

func clientOf(t *testing.T, org *Org) *client {
	server := httptest.NewServer(org.Handler())
	t.Cleanup(server.Close)
	return &client{t: t, org: org, url: server.URL, token: org.IssueToken()}
}

// do sends a request and returns status and body.
func (c *client) do(method, path string, body any, headers ...string) (int, []byte) {
	c.t.Helper()
	response := c.send(method, path, body, headers...)
	defer response.Body.Close()
	read, err := io.ReadAll(response.Body)
	if err != nil {
		c.t.Fatal(err)
	}
	return response.StatusCode, read
}

func (c *client) send(method, path string, body any, headers ...string) *http.Response {
	c.t.Helper()
	response, err := c.try(method, path, body, headers...)
	if err != nil {
		c.t.Fatal(err)
	}
	return response
}

func (c *client) try(method, path string, body any, headers ...string) (*http.Response, error) {
	var sent io.Reader
	if body != nil {
		b, err := json.Marshal(body)
		if err != nil {
			return nil, err
		}
		sent = bytes.NewReader(b)
	}
	request, err := http.NewRequest(method, c.url+path, sent)
	if err != nil {
		return nil, err
	}
	request.Header.Set("Authorization", "Bearer "+c.token)
	if body != nil {
		request.Header.Set("Content-Type", "application/json")
	}
	for i := 0; i+1 < len(headers); i += 2 {
		request.Header.Set(headers[i], headers[i+1])
	}
	return http.DefaultClient.Do(request)
}

// want sends a request that must be answered with a status, and decodes the
// answer into what is given.
func (c *client) want(status int, into any, method, path string, body any, headers ...string) {
	c.t.Helper()
	got, answer := c.do(method, path, body, headers...)
	if got != status {
		c.t.Fatalf("%s %s: status %d, want %d: %s", method, path, got, status, answer)
	}
	if into != nil {
		if err := json.Unmarshal(answer, into); err != nil {
			c.t.Fatalf("%s %s: %v in %s", method, path, err, answer)
		}
	}
}

type m = map[string]any

// refused sends a request that must be refused with a status and an error code,
// and returns the message.
func (c *client) refused(status int, code, method, path string, body any, headers ...string) string {
	c.t.Helper()
	var errors []struct {
		Message   string
		ErrorCode string
	}
	c.want(status, &errors, method, path, body, headers...)
	if len(errors) != 1 || errors[0].ErrorCode != code {
		c.t.Fatalf("%s %s: refused with %+v, want %s", method, path, errors, code)
	}
	return errors[0].Message
}

type result struct {
	TotalSize      int
	Done           bool
	NextRecordsURL string `json:"nextRecordsUrl"`
	Records        []m
}

func (c *client) query(soql string) result {
	c.t.Helper()
	var r result
	c.want(200, &r, "GET", v67+"/query?q="+url.QueryEscape(soql), nil)
	return r
}

func (c *client) queryAll(soql string) result {
	c.t.Helper()
	var r result
	c.want(200, &r, "GET", v67+"/queryAll?q="+url.QueryEscape(soql), nil)
	return r
}

// allPages lists the records of all pages of a query or queryAll.
func (c *client) allPages(resource, soql string) []m {
	c.t.Helper()
	var records []m
	for path := v67 + "/" + resource + "?q=" + url.QueryEscape(soql); path != ""; {
		var page result
		c.want(200, &page, "GET", path, nil)
		records, path = append(records, page.Records...), page.NextRecordsURL
	}
	return records
}

// insert creates a record as the sales user.
func (c *client) insert(object string, fields m) string {
	c.t.Helper()
	id, err := c.org.Insert(c.org.User(SalesUser), object, fields)
	if err != nil {
		c.t.Fatal(err)
	}
	return id
}

func (c *client) lead(email string) string {
	c.t.Helper()
	return c.insert("Lead", m{"LastName": "Doe", "Company": "Acme", "Email": email})
}

func (c *client) record(id string) m {
	c.t.Helper()
	fields, ok := c.org.Get(id)
	if !ok {
		c.t.Fatalf("no record %s", id)
	}
	return fields
}
