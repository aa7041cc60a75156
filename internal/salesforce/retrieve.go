package salesforce

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
)

// MaxRetrieve is the number of ids one Retrieve may ask for.
const MaxRetrieve = 2_000

// Retrieve reads the named fields of records by id. The page has a row for each
// id, in their order; a record that does not exist, is deleted or is not visible
// has a nil row.
func (c *Client) Retrieve(ctx context.Context, object string, ids, fields []string) (Page, error) {
	if len(ids) == 0 {
		return Page{Columns: fields}, nil
	}
	if len(ids) > MaxRetrieve {
		return Page{}, misuse(fmt.Sprintf("%d ids in one request, more than %d", len(ids), MaxRetrieve))
	}
	if !isAPIName(object) {
		return Page{}, notAPIName(object)
	}
	body, err := json.Marshal(map[string][]string{"ids": ids, "fields": fields})
	if err != nil {
		return Page{}, fmt.Errorf("retrieve %s: %w", object, err)
	}
	page := Page{Columns: fields, TotalSize: len(ids)}
	layout := newLayout(fields)
	err = c.do(ctx, call{
		what:    "retrieve " + object,
		method:  http.MethodPost,
		path:    c.versioned("/composite/sobjects/" + object),
		body:    body,
		timeout: c.config.Timeouts.Query,
		bound:   pageBody,
		read: func(a answer) (err error) {
			page.Asked = a.asked
			page.Rows, err = layout.readRecords(a.body)
			if err == nil && len(page.Rows) != len(ids) {
				err = fmt.Errorf("%d records for %d ids", len(page.Rows), len(ids))
			}
			return err
		},
	})
	if err != nil {
		return Page{}, err
	}
	return page, nil
}
