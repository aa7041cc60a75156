package sandbox

import (
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"conversion/internal/sandbox/bulk"
	"conversion/internal/sandbox/soql"
)

// bulkStatus gives the codes their HTTP statuses where that is not 400.
var bulkStatus = map[string]int{
	bulk.CodeNotFound: http.StatusNotFound,
	bulk.CodeVersion:  http.StatusConflict,
}

// refuseJob turns an error of the jobs into an answer.
func refuseJob(err error) *Error {
	var own *Error
	if errors.As(err, &own) {
		return own
	}
	var refused *bulk.Error
	if !errors.As(err, &refused) {
		return nil
	}
	e := refusal(refused.Code, refused.Message)
	if status := bulkStatus[refused.Code]; status != 0 {
		e.Status = status
	}
	return e
}

// sentQueryJob is the body that creates a query job.
type sentQueryJob struct {
	Operation       bulk.Operation `json:"operation"`
	Query           string         `json:"query"`
	ContentType     string         `json:"contentType"`
	ColumnDelimiter string         `json:"columnDelimiter"`
	LineEnding      string         `json:"lineEnding"`
}

func (c *call) createQueryJob() *Error {
	var sent sentQueryJob
	if err := c.decode(&sent); err != nil {
		return err
	}
	if c.soql = sent.Query; strings.TrimSpace(sent.Query) == "" {
		return refusal("API_ERROR", "A query string has to be specified")
	}
	if !sent.Operation.IsQuery() {
		return refusal("INVALIDOPERATION", "The operation of a query job is query or queryAll, not: "+string(sent.Operation))
	}
	spec, err := c.jobSpec(sent.Operation, sent.ContentType, sent.ColumnDelimiter, sent.LineEnding)
	if err != nil {
		return err
	}
	spec.Query = sent.Query
	info, failed := c.org.bulk.Create(spec)
	if failed != nil {
		return refuseJob(failed)
	}
	c.object = info.Object
	return c.json(http.StatusOK, createdJob(info))
}

// jobSpec is what all jobs are made of.
func (c *call) jobSpec(op bulk.Operation, contentType, delimiter, lineEnding string) (bulk.Spec, *Error) {
	format, ok := bulk.Format{Delimiter: delimiter, LineEnding: lineEnding}.Complete()
	switch {
	case !ok:
		return bulk.Spec{}, refusal("JSON_PARSER_ERROR", "columnDelimiter or lineEnding is none that exists: "+delimiter+" "+lineEnding)
	case contentType != "" && contentType != "CSV":
		return bulk.Spec{}, refusal("UNSUPPORTEDCONTENTTYPE", "The content type of a job is CSV, not: "+contentType)
	}
	return bulk.Spec{Operation: op, Format: format, Version: strings.TrimPrefix(c.version, "v"), User: c.user, Script: c.fault.script()}, nil
}

func (c *call) pollQueryJob() *Error  { return c.pollJob(true) }
func (c *call) pollIngestJob() *Error { return c.pollJob(false) }

func (c *call) pollJob(query bool) *Error {
	info, err := c.org.bulk.Poll(c.params["id"], query)
	if err != nil {
		return refuseJob(err)
	}
	c.object = info.Object
	return c.json(http.StatusOK, polledJob(info))
}

func (c *call) deleteQueryJob() *Error  { return c.deleteJob(true) }
func (c *call) deleteIngestJob() *Error { return c.deleteJob(false) }

func (c *call) deleteJob(query bool) *Error {
	if err := c.org.bulk.Delete(c.params["id"], query); err != nil {
		return refuseJob(err)
	}
	return c.noContent(http.StatusNoContent)
}

// sentState is the body that closes or aborts a job. Some clients repeat the
// job's id in it.
type sentState struct {
	ID    string     `json:"id"`
	State bulk.State `json:"state"`
}

func (c *call) changeQueryJob() *Error {
	var sent sentState
	if err := c.decode(&sent); err != nil {
		return err
	}
	if sent.State != bulk.Aborted {
		return refusal(bulk.CodeState, "A query job can only be set to Aborted, not to: "+string(sent.State))
	}
	return c.changed(c.org.bulk.Abort(c.params["id"], true))
}

// changed answers with a job whose state a client has set.
func (c *call) changed(info bulk.Info, err error) *Error {
	if err != nil {
		return refuseJob(err)
	}
	c.object = info.Object
	return c.json(http.StatusOK, changedJob(info))
}

func (c *call) queryResults() *Error {
	q := c.request.URL.Query()
	most, err := maxRecords(q)
	if err != nil {
		return err
	}
	page, failed := c.org.bulk.Results(c.params["id"], strings.TrimPrefix(c.version, "v"), q.Get("locator"), most)
	if failed != nil {
		return refuseJob(failed)
	}
	next := page.Next
	if next == "" {
		next = "null"
	}
	c.header.Set("Sforce-Numberofrecords", strconv.Itoa(page.Records))
	c.header.Set("Sforce-Locator", next)
	return c.csv(page)
}

func maxRecords(q url.Values) (int, *Error) {
	text := q.Get("maxRecords")
	if text == "" {
		return 0, nil
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < 1 {
		return 0, refusal("ILLEGAL_QUERY_PARAMETER_VALUE", "maxRecords is a number above 0, not: "+text)
	}
	return n, nil
}

// csv answers with a file that is written as it goes out.
func (c *call) csv(file io.WriterTo) *Error {
	c.status, c.stream = http.StatusOK, file
	c.header.Set("Content-Type", "text/csv; charset=UTF-8")
	return nil
}

// firstWithPages is the first version that lists result pages.
const firstWithPages = 58

func (c *call) queryResultPages() *Error {
	if c.versionNumber() < firstWithPages {
		return notFound()
	}
	type page struct {
		URL string `json:"resultUrl"`
	}
	type chunk struct { // the same page as node-sf-bulk2 reads it, below the version
		Link string `json:"resultLink"`
	}
	id := c.params["id"]
	locators, next, err := c.org.bulk.ResultPages(id, strings.TrimPrefix(c.version, "v"), c.request.URL.Query().Get("locator"))
	if err != nil {
		return refuseJob(err)
	}
	job := "/jobs/query/" + id
	base := c.base() + job
	pages, chunks := []page{}, []chunk{}
	for _, locator := range locators {
		results := "/results?locator=" + locator
		pages, chunks = append(pages, page{base + results}), append(chunks, chunk{job + results})
	}
	var nextURL *string
	if next != "" {
		next = base + "/resultPages?locator=" + next
		nextURL = &next
	}
	return c.json(http.StatusOK, map[string]any{"resultPages": pages, "resultChunks": chunks, "nextRecordsUrl": nextURL, "done": nextURL == nil})
}

func (c *call) listQueryJobs() *Error  { return c.listJobs(true, "query") }
func (c *call) listIngestJobs() *Error { return c.listJobs(false, "ingest") }

// listJobs lists the jobs of a kind. All of them are parallel jobs of the second
// API, so the filters leave either all or none; PK chunking is asked of query
// jobs.
func (c *call) listJobs(query bool, path string) *Error {
	q := c.request.URL.Query()
	after := 0
	if locator := q.Get("queryLocator"); locator != "" {
		var err error
		if after, err = strconv.Atoi(locator); err != nil || after < 0 {
			return refusal(bulk.CodeLocator, "invalid query locator")
		}
	}
	infos, next := c.org.bulk.List(query, after)
	records := []jobInfo{}
	for _, info := range infos {
		if listedBy(q, info) {
			records = append(records, listedJob(info))
		}
	}
	var nextURL *string
	if next > 0 {
		q.Set("queryLocator", strconv.Itoa(next))
		text := c.base() + "/jobs/" + path + "?" + q.Encode()
		nextURL = &text
	}
	return c.json(http.StatusOK, map[string]any{"done": nextURL == nil, "records": records, "nextRecordsUrl": nextURL})
}

func listedBy(q url.Values, info bulk.Info) bool {
	return (q.Get("jobType") == "" || q.Get("jobType") == jobTypeOf(info.Operation.IsQuery())) &&
		(q.Get("concurrencyMode") == "" || strings.EqualFold(q.Get("concurrencyMode"), "parallel")) &&
		(q.Get("isPkChunkingEnabled") == "" || q.Get("isPkChunkingEnabled") == strconv.FormatBool(info.PKChunking))
}

// nameJob finds out, once the body is there, whether a job is closed or aborted,
// and what object a job is about: faults and the log want to know.
func (c *call) nameJob() {
	if c.operation == "bulkClose" {
		var sent sentState
		if json.Unmarshal(c.body, &sent) == nil && sent.State == bulk.Aborted {
			c.operation = "bulkAbort"
		}
	}
	if id := c.params["id"]; id != "" {
		c.object = c.org.bulk.ObjectOf(id)
		return
	}
	var sent struct{ Object, Query string }
	if json.Unmarshal(c.body, &sent) != nil {
		return
	}
	if parsed, err := soql.Parse(sent.Query); err == nil {
		sent.Object = parsed.From.Text
	}
	c.object = c.canonical(sent.Object)
}
