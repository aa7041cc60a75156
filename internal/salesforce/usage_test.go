package salesforce

import (
	"net/http"
	"testing"
	"time"
)

func TestUsageIsTheOrgs(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		header    string
		used, max int
		known     bool
	}{
		"alone":                   {"api-usage=1042/115000", 1042, 115000, true},
		"before an app's":         {"api-usage=1042/115000; per-app-api-usage=17/250(appName=sample-app)", 1042, 115000, true},
		"after an app's":          {"per-app-api-usage=17/250(appName=sample-app); api-usage=1042/115000", 1042, 115000, true},
		"an app's only":           {"per-app-api-usage=17/250(appName=sample-app)", 0, 0, false},
		"absent":                  {"", 0, 0, false},
		"figures beyond a number": {"api-usage=99999999999999999999/1", 0, 0, false},
	}
	for name, test := range tests {
		var meter usageMeter
		meter.read(http.Header{"Sforce-Limit-Info": {test.header}}, time.Time{})
		if usage, known := meter.last(); known != test.known || usage.Used != test.used || usage.Max != test.max {
			t.Errorf("%s: got %+v, %v", name, usage, known)
		}
	}
}
