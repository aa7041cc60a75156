package sandbox

import (
	"bytes"
	"errors"
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"strings"
	"unicode/utf8"

	"conversion/internal/sandbox/bulk"
)

// sentIngestJob is the body that creates an ingest job.
type sentIngestJob struct {
	Object              string         `json:"object"`
	Operation           bulk.Operation `json:"operation"`
	ExternalIDFieldName string         `json:"externalIdFieldName"`
	AssignmentRuleID    string         `json:"assignmentRuleId"`
	ConcurrencyMode     string         `json:"concurrencyMode"`
	ContentType         string         `json:"contentType"`
	ColumnDelimiter     string         `json:"columnDelimiter"`
	LineEnding          string         `json:"lineEnding"`
}

func (c *call) createIngestJob() *Error {
	kind, params, _ := mime.ParseMediaType(c.request.Header.Get("Content-Type"))
	if kind == "multipart/form-data" {
		return c.createLoadedJob(params["boundary"])
	}
	spec, err := c.readIngestJob()
	if err != nil {
		return err
	}
	info, failed := c.org.bulk.Create(spec)
	if failed != nil {
		return refuseJob(failed)
	}
	c.object = info.Object
	return c.json(http.StatusOK, createdJob(info))
}

func (c *call) readIngestJob() (bulk.Spec, *Error) {
	var sent sentIngestJob
	if err := c.decode(&sent); err != nil {
		return bulk.Spec{}, err
	}
	switch sent.Operation {
	case bulk.Insert, bulk.Update, bulk.Upsert, bulk.Delete, bulk.HardDelete:
	default:
		return bulk.Spec{}, refusal("INVALIDOPERATION", "The operation of an ingest job is insert, update, upsert, delete or hardDelete, not: "+string(sent.Operation))
	}
	if sent.ConcurrencyMode != "" && sent.ConcurrencyMode != "Parallel" {
		return bulk.Spec{}, refusal("INVALIDJOB", "The concurrency mode of a job is Parallel, not: "+sent.ConcurrencyMode)
	}
	spec, err := c.jobSpec(sent.Operation, sent.ContentType, sent.ColumnDelimiter, sent.LineEnding)
	spec.Object, spec.ExternalID, spec.AssignmentRule = sent.Object, sent.ExternalIDFieldName, sent.AssignmentRuleID
	return spec, err
}

// createLoadedJob makes a job from a body of two parts: the job and its data.
func (c *call) createLoadedJob(boundary string) *Error {
	parts, err := readParts(c.body, boundary)
	if err != nil {
		return err
	}
	job, content := parts["job"], parts["content"]
	switch {
	case job == nil || content == nil:
		return refusal(bulk.CodeInput, "A multipart request has the parts job and content")
	case utf8.RuneCount(content) > bulk.MaxInline:
		return refusal(bulk.CodeInput, "The content of a multipart request has at most 100,000 characters")
	}
	c.body = job
	c.request.Header.Set("Content-Type", "application/json")
	spec, err := c.readIngestJob()
	if err != nil {
		return err
	}
	info, failed := c.org.bulk.CreateLoaded(spec, string(content))
	if failed != nil {
		return refuseJob(failed)
	}
	c.object = info.Object
	return c.json(http.StatusOK, createdJob(info))
}

// readParts reads a multipart body by the names of its parts.
func readParts(body []byte, boundary string) (map[string][]byte, *Error) {
	parts := map[string][]byte{}
	r := multipart.NewReader(bytes.NewReader(body), boundary)
	for {
		part, err := r.NextPart()
		if errors.Is(err, io.EOF) {
			return parts, nil
		}
		if err != nil {
			return nil, refusal(bulk.CodeInput, "The multipart request cannot be read")
		}
		content, err := io.ReadAll(part)
		if name := part.FormName(); err != nil || parts[name] != nil || name != "job" && name != "content" {
			return nil, refusal(bulk.CodeInput, "A multipart request has the parts job and content, each once")
		}
		parts[part.FormName()] = content
	}
}

func (c *call) uploadJobData() *Error {
	kind, params, err := mime.ParseMediaType(c.request.Header.Get("Content-Type"))
	if err != nil || kind != "text/csv" || params["charset"] != "" && !strings.EqualFold(params["charset"], "utf-8") {
		return &Error{Status: http.StatusUnsupportedMediaType, Code: "UNSUPPORTED_MEDIA_TYPE",
			Message: "Content-Type header specified in HTTP request is not supported: " + c.request.Header.Get("Content-Type")}
	}
	if err := c.org.bulk.Upload(c.params["id"], string(c.body)); err != nil {
		return refuseJob(err)
	}
	return c.noContent(http.StatusCreated)
}

func (c *call) changeIngestJob() *Error {
	var sent sentState
	if err := c.decode(&sent); err != nil {
		return err
	}
	switch sent.State {
	case bulk.UploadComplete:
		return c.changed(c.org.bulk.Close(c.params["id"], c.fault.script()))
	case bulk.Aborted:
		return c.changed(c.org.bulk.Abort(c.params["id"], false))
	}
	return refusal(bulk.CodeState, "A job can only be set to UploadComplete or Aborted, not to: "+string(sent.State))
}

func (c *call) successfulResults() *Error {
	return c.download(c.org.bulk.Successful(c.params["id"]))
}

func (c *call) failedResults() *Error {
	return c.download(c.org.bulk.FailedRows(c.params["id"]))
}

func (c *call) unprocessedRecords() *Error {
	return c.download(c.org.bulk.Unprocessed(c.params["id"]))
}

func (c *call) download(file bulk.Download, err error) *Error {
	if err != nil {
		return refuseJob(err)
	}
	return c.csv(file)
}
