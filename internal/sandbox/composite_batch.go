package sandbox

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
)

type batchRequest struct {
	Method    string          `json:"method"`
	URL       string          `json:"url"`
	RichInput json.RawMessage `json:"richInput"`
}

type batchResult struct {
	StatusCode int             `json:"statusCode"`
	Result     json.RawMessage `json:"result"`
}

// compositeBatch serves up to 25 independent subrequests one after the other,
// each in a transaction of its own and each counted as an API request.
func (c *call) compositeBatch() *Error {
	var sent struct {
		HaltOnError   bool           `json:"haltOnError"`
		BatchRequests []batchRequest `json:"batchRequests"`
	}
	if err := c.decode(&sent); err != nil {
		return err
	}
	if err := checkBatch(sent.BatchRequests); err != nil {
		return err
	}
	results, broken := []batchResult{}, false
	for i, request := range sent.BatchRequests {
		if broken && sent.HaltOnError {
			results = append(results, batchHalted())
			continue
		}
		result := c.serveInBatch(i, request)
		broken = broken || result.StatusCode >= 400
		results = append(results, result)
	}
	return c.json(http.StatusOK, map[string]any{"hasErrors": broken, "results": results})
}

func checkBatch(requests []batchRequest) *Error {
	switch {
	case len(requests) == 0:
		return refusal("REQUIRED_FIELD_MISSING", "At least 1 subrequest is required")
	case len(requests) > maxSubrequests:
		return refusal("LIMIT_EXCEEDED", fmt.Sprintf("Cannot have more than %d subrequests in a batch request.", maxSubrequests))
	}
	for _, r := range requests {
		if r.URL == "" || !slices.Contains(subrequestMethods, strings.ToUpper(r.Method)) {
			return refusal("JSON_PARSER_ERROR", "A subrequest needs a url and a method, one of "+strings.Join(subrequestMethods, ", "))
		}
	}
	return nil
}

// serveInBatch serves one subrequest. The first one is paid for by the request
// around it.
func (c *call) serveInBatch(position int, request batchRequest) batchResult {
	if position > 0 {
		if err := c.charge(); err != nil {
			body, _ := json.Marshal([]errorBody{{Message: err.Message, ErrorCode: err.Code}}) // texts are always JSON
			return batchResult{err.Status, body}
		}
	}
	method := strings.ToUpper(request.Method)
	body := compositeNode{Method: method, Body: request.RichInput}.body()
	answer := c.perform(nil, subrequest{method: method, url: request.URL, body: body, newest: c.versionNumber()}, inBatch).answered("")
	return batchResult{answer.HTTPStatusCode, answer.Body}
}

// inBatch says which resources a batch may reach.
func inBatch(resource []string) bool {
	return len(resource) > 0 && slices.Contains([]string{"limits", "sobjects", "query", "queryAll", "search"}, resource[0])
}

func batchHalted() batchResult {
	body, _ := json.Marshal([]errorBody{{ErrorCode: "BATCH_PROCESSING_HALTED", Message: "Batch processing halted per request on first failure"}}) // texts are always JSON
	return batchResult{http.StatusPreconditionFailed, body}
}
