package salesforce

import (
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
)

// Stream takes a page of a query job's rows as they come.
type Stream struct {
	// Rows is how many rows a page may have; 0: as many as Salesforce likes.
	Rows int
	// Batch is how many rows Take gets at a time.
	Batch int
	// Opened is told of the page before its rows come, and of their columns.
	Opened func(page PageHead) error
	// Take gets rows, which are good until it returns.
	Take func(rows []Row) error
}

// PageHead is what is known of a page before its rows have come.
type PageHead struct {
	Columns []string // as the job's query named them
	Next    string   // the locator of the page after it; "" when it is the last
	Rows    int
}

// StreamQueryJobPage reads a page of a finished job's rows, and holds no more of it than a
// batch. Cells are as those of QueryJobPage. A page that breaks off is read again from its
// first row: Opened is then told again. A page is whole once it returns nil; the error of
// Opened or Take ends the reading and is returned as it is.
func (c *Client) StreamQueryJobPage(ctx context.Context, jobID, locator string, s Stream) error {
	parameters := url.Values{}
	if locator != "" {
		parameters.Set("locator", locator)
	}
	if s.Rows > 0 {
		parameters.Set("maxRecords", strconv.Itoa(s.Rows))
	}
	var stopped error
	err := c.do(ctx, call{
		what:    "read a bulk query",
		method:  http.MethodGet,
		path:    c.jobPath(jobID) + "/results",
		query:   parameters,
		header:  http.Header{"Accept": {"text/csv"}},
		timeout: c.config.Timeouts.Write,
		bound:   bulkBody,
		read: func(a answer) error {
			reading := streaming{Stream: s, lines: csv.NewReader(a.body)}
			err := reading.page(a.header)
			stopped = reading.stopped
			if stopped != nil {
				return nil // the answer is not to blame, and not to be asked for again
			}
			return err
		},
	})
	if stopped != nil {
		return stopped
	}
	return err
}

// streaming is a page on its way in.
type streaming struct {
	Stream
	lines   *csv.Reader
	head    PageHead
	stopped error // what the receiver had to say
}

// page reads the whole page, and trusts none that is not whole.
func (s *streaming) page(header http.Header) error {
	if err := s.open(header); err != nil || s.stopped != nil {
		return err
	}
	count := 0
	for {
		rows, err := s.batch()
		if err != nil {
			return fmt.Errorf("read rows: %w", err)
		}
		if len(rows) == 0 {
			break
		}
		count += len(rows)
		if s.stopped = s.Take(rows); s.stopped != nil {
			return nil
		}
	}
	if count != s.head.Rows {
		return fmt.Errorf("read rows: %d came of %d", count, s.head.Rows)
	}
	return nil
}

// open reads what comes before the rows. A page without rows may come without columns.
func (s *streaming) open(header http.Header) (err error) {
	if s.head, err = pageHead(header); err != nil {
		return err
	}
	s.lines.ReuseRecord = true
	columns, err := s.lines.Read()
	if err != nil && !errors.Is(err, io.EOF) {
		return fmt.Errorf("read the columns: %w", err)
	}
	s.head.Columns = append([]string(nil), columns...)
	s.stopped = s.Opened(s.head)
	return nil
}

// pageHead reads what the headers of a page tell.
func pageHead(header http.Header) (PageHead, error) {
	rows, err := strconv.Atoi(header.Get("Sforce-NumberOfRecords"))
	if err != nil {
		return PageHead{}, errors.New("read rows: the answer does not say how many there are")
	}
	head := PageHead{Rows: rows, Next: header.Get("Sforce-Locator")}
	switch head.Next {
	case "":
		return PageHead{}, errors.New("read rows: the answer names no next page and is not said to be the last")
	case "null":
		head.Next = ""
	}
	return head, nil
}

// batch reads the next rows; none at the end.
func (s *streaming) batch() ([]Row, error) {
	var rows []Row
	for len(rows) < s.Batch {
		line, err := s.lines.Read()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, err
		}
		rows = append(rows, csvRow(line))
	}
	return rows, nil
}

// LostJob reports whether an error says that Salesforce does not have the job's rows: it is
// gone with them, or only another version of the API may read them.
func LostJob(err error) bool {
	refusal, ok := errors.AsType[*Error](err)
	return ok && (refusal.Class == Restart || refusal.Class == NotFound || refusal.Status == http.StatusConflict ||
		strings.EqualFold(refusal.Code, "INVALIDJOBSTATE"))
}
