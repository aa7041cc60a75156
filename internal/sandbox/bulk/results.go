package bulk

import (
	"bytes"
	"io"
	"strings"
)

// Download is a file of an ingest job's results.
type Download struct {
	extra   []string // columns before those of the upload
	header  string   // as it was uploaded
	upload  string
	format  Format
	results []result
	errors  []string
	rest    string // rows that were never tried, as they were uploaded
	failed  bool
}

// Successful is the file of the records that were saved.
func (js *Jobs) Successful(id string) (Download, error) {
	return js.download(id, func(j *job) Download {
		return Download{extra: []string{"sf__Id", "sf__Created"}, results: j.saved[:len(j.saved):len(j.saved)]}
	})
}

// FailedRows is the file of the records that were refused.
func (js *Jobs) FailedRows(id string) (Download, error) {
	return js.download(id, func(j *job) Download {
		return Download{extra: []string{"sf__Id", "sf__Error"}, results: j.saved[:len(j.saved):len(j.saved)], failed: true}
	})
}

// Unprocessed is the file of the rows that were never tried.
func (js *Jobs) Unprocessed(id string) (Download, error) {
	return js.download(id, func(j *job) Download {
		return Download{rest: strings.TrimLeft(j.upload[max(j.rest, headerEnd(j.upload, j.Format)):], "\r\n")}
	})
}

// download makes a file of a job that has ended.
func (js *Jobs) download(id string, of func(*job) Download) (Download, error) {
	js.mu.Lock()
	defer js.mu.Unlock()
	j, err := js.find(id, false)
	if err != nil {
		return Download{}, err
	}
	if js.advance(j); !j.State.final() {
		return Download{}, &Error{CodeState, "The job has no results: it is " + string(j.State)}
	}
	d := of(j)
	d.header, d.upload, d.format = j.upload[:headerEnd(j.upload, j.Format)], j.upload, j.Format
	d.errors = j.errors[:len(j.errors):len(j.errors)]
	return d, nil
}

// headerEnd is where the header line of an upload ends; all of one that cannot
// be read is header.
func headerEnd(upload string, f Format) int {
	r := NewReader(upload, f.Comma())
	if _, err := r.Next(); err != nil {
		return len(upload)
	}
	_, to := r.span()
	return to
}

// WriteTo writes the file.
func (d Download) WriteTo(w io.Writer) (int64, error) {
	b := d.appendHeader(nil)
	var written int64
	for _, r := range d.results {
		if (r.failed >= 0) != d.failed {
			continue
		}
		if b = d.appendResult(b, r); len(b) > 64<<10 {
			n, err := w.Write(b)
			if written += int64(n); err != nil {
				return written, err
			}
			b = b[:0]
		}
	}
	n, err := w.Write(d.appendRest(b))
	return written + int64(n), err
}

func (d Download) appendHeader(b []byte) []byte {
	for _, name := range d.extra {
		b = append(AppendText(b, name), d.format.Comma())
	}
	if d.header == "" {
		b = bytes.TrimSuffix(b, []byte{d.format.Comma()})
	}
	if b = append(b, d.header...); len(b) == 0 {
		return b
	}
	return append(b, d.format.End()...)
}

func (d Download) appendResult(b []byte, r result) []byte {
	b = append(AppendText(b, r.id), d.format.Comma())
	switch {
	case d.failed:
		b = AppendText(b, d.errors[r.failed])
	case r.created:
		b = AppendText(b, "true")
	default:
		b = AppendText(b, "false")
	}
	cells, _ := NewReader(d.upload[r.from:r.to], d.format.Comma()).Next() // it was read before
	for _, cell := range cells {
		b = AppendText(append(b, d.format.Comma()), cell)
	}
	return append(b, d.format.End()...)
}

func (d Download) appendRest(b []byte) []byte {
	if d.rest == "" {
		return b
	}
	b = append(b, d.rest...)
	if !strings.HasSuffix(d.rest, "\n") {
		b = append(b, d.format.End()...)
	}
	return b
}
