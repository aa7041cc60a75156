package sandbox

import (
	"encoding/json"

	"conversion/internal/sandbox/bulk"
)

// jobInfo is a job as the API shows it. What a pointer leaves out is not part of
// every answer.
type jobInfo struct {
	ID               string         `json:"id"`
	Operation        bulk.Operation `json:"operation"`
	Object           string         `json:"object"`
	CreatedByID      string         `json:"createdById"`
	CreatedDate      string         `json:"createdDate"`
	SystemModstamp   string         `json:"systemModstamp"`
	State            bulk.State     `json:"state"`
	ExternalIDField  string         `json:"externalIdFieldName,omitempty"`
	AssignmentRuleID string         `json:"assignmentRuleId,omitempty"`
	ConcurrencyMode  string         `json:"concurrencyMode"`
	ContentType      string         `json:"contentType"`
	APIVersion       json.Number    `json:"apiVersion"`
	ContentURL       string         `json:"contentUrl,omitempty"`
	LineEnding       string         `json:"lineEnding,omitempty"`
	ColumnDelimiter  string         `json:"columnDelimiter,omitempty"`
	JobType          string         `json:"jobType,omitempty"`
	*jobNumbers
	*ingestNumbers
	IsPKChunkingSupported *bool  `json:"isPkChunkingSupported,omitempty"`
	ErrorMessage          string `json:"errorMessage,omitempty"`
}

// jobNumbers is what a poll adds, times being in milliseconds.
type jobNumbers struct {
	Processed int   `json:"numberRecordsProcessed"`
	Retries   int   `json:"retries"`
	Total     int64 `json:"totalProcessingTime"`
}

type ingestNumbers struct {
	Failed int   `json:"numberRecordsFailed"`
	API    int64 `json:"apiActiveProcessingTime"`
	Apex   int64 `json:"apexProcessingTime"`
}

// createdJob shows a job as the answer to its creation does.
func createdJob(i bulk.Info) jobInfo {
	shown := jobInfo{
		ID: i.ID, Operation: i.Operation, Object: i.Object, CreatedByID: i.User,
		CreatedDate: i.Created.Format(restDateTime), SystemModstamp: i.Modified.Format(restDateTime), State: i.State,
		ExternalIDField: i.ExternalID, AssignmentRuleID: i.AssignmentRule,
		ConcurrencyMode: "Parallel", ContentType: "CSV", APIVersion: json.Number(i.Version),
		LineEnding: i.Format.LineEnding, ColumnDelimiter: i.Format.Delimiter,
	}
	if !i.Operation.IsQuery() {
		shown.ContentURL = "services/data/v" + i.Version + "/jobs/ingest/" + i.ID + "/batches"
	}
	return shown
}

// changedJob shows a job as the answer to its closing or abortion does.
func changedJob(i bulk.Info) jobInfo {
	shown := createdJob(i)
	if !i.Operation.IsQuery() {
		shown.ContentURL, shown.LineEnding, shown.ColumnDelimiter = "", "", ""
	}
	return shown
}

// listedJob shows a job in a list.
func listedJob(i bulk.Info) jobInfo {
	shown := createdJob(i)
	shown.JobType = jobTypeOf(i.Operation.IsQuery())
	return shown
}

func jobTypeOf(query bool) string {
	if query {
		return "V2Query"
	}
	return "V2Ingest"
}

// polledJob shows all that is known of a job.
func polledJob(i bulk.Info) jobInfo {
	shown := listedJob(i)
	took := i.Took.Milliseconds()
	shown.jobNumbers = &jobNumbers{Processed: i.Processed, Total: took}
	shown.ErrorMessage = i.Message
	if i.Operation.IsQuery() {
		shown.IsPKChunkingSupported = pkChunking(i)
	} else {
		shown.ingestNumbers = &ingestNumbers{Failed: i.FailedRecords, API: took}
	}
	return shown
}

func pkChunking(i bulk.Info) *bool {
	supported := i.PKChunking
	return &supported
}
