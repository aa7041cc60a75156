package sandbox

import (
	"fmt"
	"net/http"
	"strings"
)

// releaseOf names the release of an API version.
func releaseOf(version int) string {
	seasons := []string{"Winter", "Spring", "Summer"}
	n := version - firstVersion // 50.0 is Winter '21
	return fmt.Sprintf("%s '%02d", seasons[n%3], 21+n/3)
}

func (c *call) versions() *Error {
	type version struct {
		Label   string `json:"label"`
		URL     string `json:"url"`
		Version string `json:"version"`
	}
	var all []version
	for n := firstVersion; n <= lastVersion; n++ {
		all = append(all, version{releaseOf(n), fmt.Sprintf("/services/data/v%d.0", n), fmt.Sprintf("%d.0", n)})
	}
	return c.json(http.StatusOK, all)
}

// base is the path of the request's API version.
func (c *call) base() string { return "/services/data/" + c.version }

// resources lists what is really served, and who the caller is.
func (c *call) resources() *Error {
	listed := map[string]string{"identity": c.identityURL(c.user)}
	for _, name := range []string{"composite", "jobs", "limits", "sobjects", "query", "queryAll"} {
		listed[name] = c.base() + "/" + name
	}
	return c.json(http.StatusOK, listed)
}

type allocation struct {
	Max       int
	Remaining int
}

// limits answers with the limits that mean something here: only API requests are
// ever used up.
func (c *call) limits() *Error {
	full := func(n int) allocation { return allocation{n, n} }
	used := c.org.traffic.usage(c.org.clock.Now())
	queryJobs, batches, resultBytes := c.org.bulk.Remaining()
	daily := c.org.bulk.Allowance()
	return c.json(http.StatusOK, map[string]allocation{
		"DailyApiRequests":              {c.org.limit, max(c.org.limit-used, 0)},
		"DailyAsyncApexExecutions":      full(250_000),
		"DailyBulkApiBatches":           {daily.Batches, batches},
		"DailyBulkV2QueryFileStorageMB": {int(daily.ResultBytes >> 20), int(resultBytes >> 20)},
		"DailyBulkV2QueryJobs":          {daily.QueryJobs, queryJobs},
		"DailyDeliveredPlatformEvents":  full(10_000),
		"DailyStreamingApiEvents":       full(10_000),
		"DataStorageMB":                 full(1_024),
		"FileStorageMB":                 full(1_024),
		"HourlyAsyncReportRuns":         full(1_200),
		"HourlyPublishedPlatformEvents": full(50_000),
		"MassEmail":                     full(10),
		"SingleEmail":                   full(15),
		"StreamingApiConcurrentClients": full(20),
	})
}

func (c *call) recordCount() *Error {
	defer c.view()()
	type count struct {
		Count int    `json:"count"`
		Name  string `json:"name"`
	}
	wanted := c.org.objectNames()
	if names := c.request.URL.Query().Get("sObjects"); names != "" {
		wanted = strings.Split(names, ",")
	}
	counts := []count{}
	for _, name := range wanted {
		obj, ok := c.org.object(strings.TrimSpace(name))
		if !ok {
			continue // as Salesforce does: unknown names are left out
		}
		n := 0
		for r := range obj.seen.All() {
			if !r.Deleted {
				n++
			}
		}
		counts = append(counts, count{n, obj.Name})
	}
	return c.json(http.StatusOK, map[string]any{"sObjects": counts})
}
