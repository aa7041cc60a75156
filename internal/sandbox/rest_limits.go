package sandbox

import (
	"net/http"
	"strings"
)

// allocation is one limit.
type allocation struct {
	Max          int
	Remaining    int
	CreateCustom *allocation `json:",omitempty"` // of PermissionSets
}

// limits answers with what every org is told about; API requests and Bulk jobs
// are what is used up here.
func (c *call) limits() *Error {
	all := map[string]allocation{}
	for name, most := range unusedLimits {
		all[name] = allocation{Max: most, Remaining: most}
	}
	used := c.org.traffic.usage(c.org.clock.Now())
	all["DailyApiRequests"] = allocation{Max: c.org.limit, Remaining: max(c.org.limit-used, 0)}
	queryJobs, batches, resultBytes := c.org.bulk.Remaining()
	daily := c.org.bulk.Allowance()
	all["DailyBulkApiBatches"] = allocation{Max: daily.Batches, Remaining: batches}
	all["DailyBulkV2QueryJobs"] = allocation{Max: daily.QueryJobs, Remaining: queryJobs}
	all["DailyBulkV2QueryFileStorageMB"] = allocation{Max: int(daily.ResultBytes >> 20), Remaining: int(resultBytes >> 20)}
	sets := all["PermissionSets"]
	sets.CreateCustom = &allocation{Max: 1_000, Remaining: 1_000}
	all["PermissionSets"] = sets
	return c.json(http.StatusOK, all)
}

// unusedLimits are the limits of a Developer Edition that nothing here counts
// against.
var unusedLimits = map[string]int{
	"ActiveScratchOrgs":                           3,
	"AnalyticsExternalDataSizeMB":                 40_960,
	"CdpAiInferenceApiMonthlyLimit":               500_000_000,
	"ConcurrentAsyncGetReportInstances":           200,
	"ConcurrentEinsteinDataInsightsStoryCreation": 5,
	"ConcurrentEinsteinDiscoveryStoryCreation":    2,
	"ConcurrentSyncReportRuns":                    20,
	"DailyAnalyticsDataflowJobExecutions":         60,
	"DailyAnalyticsUploadedFilesSizeMB":           51_200,
	"DailyAsyncApexExecutions":                    250_000,
	"DailyAsyncApexTests":                         500,
	"DailyDeliveredPlatformEvents":                10_000,
	"DailyDurableGenericStreamingApiEvents":       10_000,
	"DailyDurableStreamingApiEvents":              10_000,
	"DailyEinsteinDataInsightsStoryCreation":      1_000,
	"DailyEinsteinDiscoveryPredictAPICalls":       50_000,
	"DailyEinsteinDiscoveryPredictionsByCDC":      500_000,
	"DailyEinsteinDiscoveryStoryCreation":         100,
	"DailyFunctionsApiCallLimit":                  50_000,
	"DailyGenericStreamingApiEvents":              10_000,
	"DailyScratchOrgs":                            6,
	"DailyStandardVolumePlatformEvents":           10_000,
	"DailyStreamingApiEvents":                     10_000,
	"DailyWorkflowEmails":                         2_000,
	"DataStorageMB":                               1_024,
	"DurableStreamingApiConcurrentClients":        20,
	"FileStorageMB":                               1_024,
	"HourlyAsyncReportRuns":                       1_200,
	"HourlyDashboardRefreshes":                    200,
	"HourlyDashboardResults":                      5_000,
	"HourlyDashboardStatuses":                     999_999_999,
	"HourlyLongTermIdMapping":                     100_000,
	"HourlyManagedContentPublicRequests":          50_000,
	"HourlyODataCallout":                          1_000,
	"HourlyPublishedPlatformEvents":               50_000,
	"HourlyPublishedStandardVolumePlatformEvents": 1_000,
	"HourlyShortTermIdMapping":                    100_000,
	"HourlySyncReportRuns":                        500,
	"HourlyTimeBasedWorkflow":                     50,
	"MassEmail":                                   10,
	"MonthlyEinsteinDiscoveryStoryCreation":       500,
	"MonthlyPlatformEventsUsageEntitlement":       0,
	"Package2VersionCreates":                      6,
	"Package2VersionCreatesWithoutValidation":     500,
	"PermissionSets":                              1_500,
	"PlatformEventTriggersWithParallelProcessing": 5,
	"PrivateConnectOutboundCalloutHourlyLimitMB":  0,
	"SingleEmail":                                 15,
	"StreamingApiConcurrentClients":               20,
}

// recordCount counts live records. Names that the org does not have are left
// out; without names all objects are counted.
func (c *call) recordCount() *Error {
	type count struct {
		Count int    `json:"count"`
		Name  string `json:"name"`
	}
	defer c.view()()
	wanted := c.org.objectNames()
	if names := splitList(c.request.URL.Query().Get("sObjects")); len(names) > 0 {
		wanted = names
	}
	counts, counted := []count{}, map[string]bool{}
	for _, name := range wanted {
		obj, ok := c.rights().object(name)
		if !ok || counted[obj.Name] {
			continue
		}
		counted[obj.Name] = true
		counts = append(counts, count{obj.liveRecords(), obj.Name})
	}
	return c.json(http.StatusOK, map[string]any{"sObjects": counts})
}

func (o *object) liveRecords() int {
	n := 0
	for r := range o.seen.All() {
		if !r.Deleted {
			n++
		}
	}
	return n
}

// resources lists the resources of an API version, and who the caller is.
func (c *call) resources() *Error {
	listed := map[string]string{"identity": c.identityURL(c.user)}
	for _, name := range strings.Fields(versionResources) {
		listed[name] = c.base() + "/" + name
	}
	return c.json(http.StatusOK, listed)
}

// versionResources are listed as every org lists them, also those that this one
// does not serve.
const versionResources = `actions appMenu chatter commerce composite compactLayouts connect eclair event jobs knowledgeManagement
licensing limits metadata parameterizedSearch prechatForms process query queryAll quickActions recent search sobjects support
tabs theme tooling ui-api wave`
