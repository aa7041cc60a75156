package bulk

import (
	"encoding/base64"
	"io"
	"strconv"
)

// Page is a part of a query job's results.
type Page struct {
	// Records is how many rows the page has.
	Records int
	// Next locates the page after it, "" for the last one.
	Next string

	columns []string
	rows    Rows
	from    int
	format  Format
}

// Results finds the page at a locator, the first for "". most is how many rows
// it may have, 0 for the org's measure.
func (js *Jobs) Results(id, version, locator string, most int) (Page, error) {
	j, err := js.complete(id, version)
	if err != nil {
		return Page{}, err
	}
	from, ok := positionOf(locator)
	if total := j.rows.Len(); !ok || from > 0 && from >= total {
		return Page{}, &Error{CodeLocator, messageBadLocate}
	}
	if most <= 0 {
		most = js.settings.PageSize
	}
	to := min(from+most, j.rows.Len())
	page := Page{Records: to - from, columns: j.selection.Columns(), rows: j.rows, from: from, format: j.Format}
	if to < j.rows.Len() {
		page.Next = locatorOf(to)
	}
	return page, nil
}

// pagesListed is how many result pages are listed together.
const pagesListed = 5

// ResultPages locates the pages of a job's results from a locator on, and what
// comes after the last one listed, "" for nothing.
func (js *Jobs) ResultPages(id, version, locator string) (pages []string, next string, err error) {
	j, err := js.complete(id, version)
	if err != nil {
		return nil, "", err
	}
	at, ok := positionOf(locator)
	if !ok || at > 0 && at >= j.rows.Len() {
		return nil, "", &Error{CodeLocator, messageBadLocate}
	}
	for ; at < j.rows.Len() || at == 0; at += js.settings.PageSize {
		if len(pages) == pagesListed {
			return pages, locatorOf(at), nil
		}
		pages = append(pages, locatorOf(at))
	}
	return pages, "", nil
}

// complete finds a query job whose results are there.
func (js *Jobs) complete(id, version string) (*job, error) {
	js.mu.Lock()
	defer js.mu.Unlock()
	j, err := js.find(id, true)
	if err != nil {
		return nil, err
	}
	js.advance(j)
	switch {
	case j.State != JobComplete:
		return nil, &Error{CodeState, "The job has no results: it is " + string(j.State)}
	case j.Version != version:
		return nil, &Error{CodeVersion, "The results of this job are read with API version " + j.Version + ", with which it was created"}
	}
	return j, nil
}

// A locator is the position of its page's first row.
func locatorOf(position int) string {
	return base64.RawURLEncoding.EncodeToString([]byte(strconv.Itoa(position)))
}

func positionOf(locator string) (int, bool) {
	if locator == "" {
		return 0, true
	}
	text, err := base64.RawURLEncoding.DecodeString(locator)
	if err != nil {
		return 0, false
	}
	n, err := strconv.Atoi(string(text))
	return n, err == nil && n >= 0
}

// writeRows is how many rows are rendered at a time.
const writeRows = 256

// WriteTo writes the page with its header line.
func (p Page) WriteTo(w io.Writer) (int64, error) {
	b := p.format.appendLine(make([]byte, 0, 128<<10), p.columns)
	var written int64
	for i := 0; ; i += writeRows {
		from, to := p.from+i, p.from+min(i+writeRows, p.Records)
		if from < to {
			b = p.rows.Append(b, from, to, p.format)
		}
		n, err := w.Write(b)
		written += int64(n)
		if err != nil || i+writeRows >= p.Records {
			return written, err
		}
		b = b[:0]
	}
}
