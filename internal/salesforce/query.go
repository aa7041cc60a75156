package salesforce

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"conversion/internal/salesforce/soql"
)

// MaxEncodedQuery is the number of bytes a query may take in a URL, as
// soql.Query.EncodedLen counts them; soql.Query.Split keeps to it. Salesforce
// bounds URL and headers together at 16,384; the rest is for host, path, token
// and headers.
const MaxEncodedQuery = 12_000

// Query reads the first page of a query's live, unarchived rows: up to 2,000.
func (c *Client) Query(ctx context.Context, query soql.Query) (Page, error) {
	return c.firstPage(ctx, "/query", query)
}

// QueryAll is Query with deleted and merged records and archived activities.
func (c *Client) QueryAll(ctx context.Context, query soql.Query) (Page, error) {
	return c.firstPage(ctx, "/queryAll", query)
}

// QueryMore reads the page after one that has a Next. An error of class Restart
// says that Salesforce no longer knows the query.
func (c *Client) QueryMore(ctx context.Context, page Page) (Page, error) {
	if !strings.HasPrefix(page.Next, "/services/data/") || strings.Contains(page.Next, "..") {
		return Page{}, &Error{Message: "the page before names no next page", Class: FixInConversion}
	}
	return c.page(ctx, "next page", page.Next, nil, page.Columns)
}

func (c *Client) firstPage(ctx context.Context, resource string, query soql.Query) (Page, error) {
	text, err := query.Text()
	if err != nil {
		return Page{}, &Error{Message: err.Error(), Class: FixInConversion, cause: err}
	}
	if n := len(url.QueryEscape(text)); n > MaxEncodedQuery {
		return Page{}, &Error{
			Message: fmt.Sprintf("the query takes %d bytes in a URL, more than %d", n, MaxEncodedQuery),
			Class:   FixInConversion,
		}
	}
	return c.page(ctx, "query "+query.Object(), c.versioned(resource), url.Values{"q": {text}}, query.Columns())
}

func (c *Client) page(ctx context.Context, what, path string, parameters url.Values, columns []string) (Page, error) {
	var page Page
	layout := newLayout(columns)
	err := c.do(ctx, call{
		what:    what,
		method:  http.MethodGet,
		path:    path,
		query:   parameters,
		timeout: c.config.Timeouts.Query,
		bound:   pageBody,
		read: func(a answer) (err error) {
			page, err = layout.readPage(a.body)
			page.Asked = a.asked
			return err
		},
	})
	if err != nil {
		return Page{}, err
	}
	return page, nil
}
