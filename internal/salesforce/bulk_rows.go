package salesforce

import (
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
)

// QueryJobPage reads a page of a finished job's rows; locator is the Next of the page
// before, "" for the first. A page can be read again for as long as the job is there.
//
// CSV knows texts only: every cell is a String, an empty one Null. A line that ends with
// CR LF inside a text ends with LF here.
func (c *Client) QueryJobPage(ctx context.Context, job QueryJob, locator string, rows int) (Page, error) {
	parameters := url.Values{}
	if locator != "" {
		parameters.Set("locator", locator)
	}
	if rows > 0 {
		parameters.Set("maxRecords", strconv.Itoa(rows))
	}
	var page Page
	err := c.do(ctx, call{
		what:    "read a bulk query",
		method:  http.MethodGet,
		path:    c.jobPath(job.ID) + "/results",
		query:   parameters,
		header:  http.Header{"Accept": {"text/csv"}},
		timeout: c.config.Timeouts.Write,
		bound:   bulkBody,
		read: func(a answer) (err error) {
			page, err = readCSVPage(a, job.columns)
			page.Asked, page.TotalSize = job.Asked, job.Rows
			return err
		},
	})
	if err != nil {
		return Page{}, err
	}
	return page, nil
}

// readCSVPage reads rows as they come, and trusts no page that is not whole.
func readCSVPage(a answer, columns []string) (Page, error) {
	page := Page{Columns: columns}
	head, err := pageHead(a.header)
	if err != nil {
		return Page{}, err
	}
	page.Next = head.Next
	if page.Rows, err = readCSV(a.body, columns); err != nil {
		return Page{}, fmt.Errorf("read rows: %w", err)
	}
	if len(page.Rows) != head.Rows {
		return Page{}, fmt.Errorf("read rows: %d came of %d", len(page.Rows), head.Rows)
	}
	return page, nil
}

func readCSV(body io.Reader, columns []string) ([]Row, error) {
	lines := csv.NewReader(body)
	lines.ReuseRecord = true
	lines.FieldsPerRecord = len(columns)
	header, err := lines.Read()
	if errors.Is(err, io.EOF) {
		return nil, nil
	}
	if err == nil && !slices.EqualFunc(header, columns, strings.EqualFold) {
		err = errors.New("the columns are not those that were asked for")
	}
	if err != nil {
		return nil, err
	}
	var rows []Row
	for {
		line, err := lines.Read()
		if errors.Is(err, io.EOF) {
			return rows, nil
		}
		if err != nil {
			return nil, err
		}
		rows = append(rows, csvRow(line))
	}
}

func csvRow(line []string) Row {
	row := make(Row, len(line))
	for i, text := range line {
		if row[i] = NullCell(); text != "" {
			row[i] = StringCell(strings.ToValidUTF8(text, "\uFFFD"))
		}
	}
	return row
}
