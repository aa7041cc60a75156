package bulk

import (
	"errors"
	"fmt"
	"io"
	"math"
	"strings"
	"unicode/utf8"
)

const (
	// MaxUpload is the largest upload in bytes.
	MaxUpload = 150_000_000
	// MaxInline is the largest upload, in characters, that comes with the
	// request that creates its job.
	MaxInline = 100_000

	batchSize = 10_000 // records that count as one batch of the allowance
	chunkSize = 200    // records in one transaction

	maxColumns = 5_000
	maxRecord  = 400_000 // characters
)

// Upload takes the data of an open job, once.
func (js *Jobs) Upload(id, content string) error {
	js.mu.Lock()
	defer js.mu.Unlock()
	j, err := js.find(id, false)
	switch {
	case err != nil:
		return err
	case j.State != Open:
		return &Error{CodeState, "Uploading to a " + past[j.State] + " Job not allowed"}
	case j.uploaded:
		return &Error{CodeInput, fmt.Sprintf("Found multiple contents for job: <%s>, please 'Close' / 'Abort' / 'Delete' the current Job then create a new Job and make sure you only do 'PUT' once on a given Job.", j.ID)}
	}
	j.upload, j.uploaded = content, true
	j.Modified = js.org.Now()
	return nil
}

// Close says that the data of a job is complete, so that it may be worked on.
func (js *Jobs) Close(id string, script Script) (Info, error) {
	js.mu.Lock()
	defer js.mu.Unlock()
	j, err := js.find(id, false)
	switch {
	case err != nil:
		return Info{}, err
	case j.State != Open:
		return Info{}, &Error{CodeState, "Closing already " + past[j.State] + " Job not allowed"}
	}
	if script != (Script{}) {
		j.Script = script
	}
	js.enter(j, UploadComplete)
	return j.Info, nil
}

// load works off an upload: in chunks, each a transaction, until the end, an
// unreadable row, the job's abortion or the end of the day's allowance.
func (js *Jobs) load(j *job) (failure string) {
	if !j.uploaded {
		return "ClientInputError : No content was uploaded"
	}
	if failure := checkLineEnd(j.upload, j.Format); failure != "" {
		return failure
	}
	r := NewReader(j.upload, j.Format.Comma())
	header, err := r.Next()
	switch {
	case errors.Is(err, io.EOF):
		return "InvalidBatch : The CSV has no header line"
	case err != nil:
		return "InvalidBatch : " + err.Error()
	case len(header) > maxColumns:
		return fmt.Sprintf("InvalidBatch : The CSV has more than %d columns", maxColumns)
	}
	columns := append([]string(nil), header...)
	_, end := r.span()
	js.proceed(j, nil, end)
	loading, err := js.org.Load(j.Spec, columns)
	if err != nil {
		return err.Error()
	}
	return js.loadRows(j, r, loading, len(columns))
}

func (js *Jobs) loadRows(j *job, r *Reader, loading Loading, columns int) (failure string) {
	for n := 0; ; {
		if n%batchSize == 0 {
			if _, batches, _ := js.Remaining(); batches == 0 {
				return "ExceededQuota : Max number of batches per 24 hrs has been reached"
			}
		}
		c := chunk{most: min(chunkSize, batchSize-n%batchSize), script: j.Script, at: n}
		done, failure := c.read(r, columns)
		if len(c.results) > 0 && n%batchSize == 0 {
			js.used.add(js.org.Now(), spent{batches: 1})
		}
		outcomes := loading.Save(c.records)
		if !js.proceed(j, c.finish(outcomes), c.end) || done || failure != "" {
			return failure
		}
		n += len(c.results)
	}
}

// checkLineEnd holds the first line of an upload to the job's line ending.
func checkLineEnd(upload string, f Format) (failure string) {
	at := strings.IndexByte(upload, '\n')
	if at < 0 {
		return ""
	}
	if crlf := at > 0 && upload[at-1] == '\r'; crlf != (f.LineEnding == "CRLF") {
		return "ClientInputError : LineEnding is invalid on user data. Current LineEnding setting is " + f.LineEnding
	}
	return ""
}

// chunk is the part of an upload that is saved in one transaction.
type chunk struct {
	most    int
	script  Script
	at      int // rows before it
	results []chunkResult
	records []Record
	end     int // where the rest of the upload begins
}

// chunkResult is a row whose fate is known, or known once its record is saved.
type chunkResult struct {
	from, to int
	error    string // found without the org's help
}

// read takes up rows until the chunk is full or the upload ends.
func (c *chunk) read(r *Reader, columns int) (done bool, failure string) {
	_, c.end = r.span()
	for len(c.results) < c.most {
		if c.script.Fail != "" && c.at+len(c.results) == c.script.FailAfter {
			return true, c.script.Fail
		}
		cells, err := r.Next()
		if errors.Is(err, io.EOF) {
			return true, ""
		}
		if err == nil && len(cells) != columns {
			err = fmt.Errorf("a row has %d columns, the header has %d", len(cells), columns)
		}
		if err != nil {
			return true, "InvalidBatch : " + err.Error()
		}
		c.take(r, cells)
	}
	return false, ""
}

func (c *chunk) take(r *Reader, cells []string) {
	from, to := r.span()
	c.end = to
	result := chunkResult{from: from, to: to}
	switch {
	case c.at+len(c.results)+1 == c.script.Record:
		result.error = c.script.RecordError
	case to-from > maxRecord && utf8.RuneCountInString(r.text[from:to]) > maxRecord:
		result.error = fmt.Sprintf("LIMIT_EXCEEDED:the record has more than %d characters:--", maxRecord)
	default:
		c.records = append(c.records, recordOf(cells))
	}
	c.results = append(c.results, result)
}

func recordOf(cells []string) Record {
	record := make(Record, len(cells))
	for i, cell := range cells {
		if cell == "#N/A" {
			record[i].Null = true
		} else {
			record[i].Text = cell
		}
	}
	return record
}

// finish joins what was found without the org with what the org says.
func (c *chunk) finish(outcomes []Outcome) []rowOutcome {
	done := make([]rowOutcome, len(c.results))
	for i, r := range c.results {
		done[i] = rowOutcome{from: r.from, to: r.to, Outcome: Outcome{Error: r.error}}
		if r.error == "" {
			done[i].Outcome, outcomes = outcomes[0], outcomes[1:]
		}
	}
	return done
}

type rowOutcome struct {
	from, to int
	Outcome
}

// proceed records what became of some rows, and where the rest begins. False
// means that the job was aborted meanwhile.
func (js *Jobs) proceed(j *job, rows []rowOutcome, rest int) bool {
	js.mu.Lock()
	defer js.mu.Unlock()
	for _, row := range rows {
		saved := result{from: int32(row.from), to: int32(row.to), failed: -1, created: row.Created, id: row.ID}
		if row.Error != "" {
			saved.failed = j.errorNumber(row.Error)
			j.FailedRecords++
		}
		j.saved = append(j.saved, saved)
	}
	j.Processed += len(rows)
	j.rest = rest
	return j.State == InProgress
}

// errorNumber keeps the text of an error once where it repeats itself.
func (j *job) errorNumber(text string) int32 {
	const remembered = 16
	for i := len(j.errors) - 1; i >= max(0, len(j.errors)-remembered); i-- {
		if j.errors[i] == text {
			return int32(i)
		}
	}
	j.errors = append(j.errors, text)
	return int32(min(len(j.errors)-1, math.MaxInt32))
}
