package obs_test

import (
	"bytes"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"

	"conversion/internal/obs"
)

// logged returns the line that log writes, in the given format.
func logged(t *testing.T, format string, log func(*slog.Logger)) string {
	t.Helper()
	var out bytes.Buffer
	logger, err := obs.NewLogger(&out, format, "info")
	if err != nil {
		t.Fatal(err)
	}
	log(logger)
	return out.String()
}

type credentials struct{ User, Password string }

func (c credentials) LogValue() slog.Value {
	return slog.GroupValue(slog.String("user", c.User), slog.String("password", c.Password))
}

func TestNoSecretReachesTheLog(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name string
		log  func(*slog.Logger)
	}{
		{"under a secret key", func(l *slog.Logger) { l.Info("x", "access_token", "hunter2") }},
		{"under a key in capitals", func(l *slog.Logger) { l.Info("x", "Authorization", "hunter2") }},
		{"under a secret key of any type", func(l *slog.Logger) { l.Info("x", "cookies", []string{"hunter2"}) }},
		{"as an e-mail address", func(l *slog.Logger) { l.Info("x", "who", "hunter2@example.com") }},
		{"as an e-mail address in an error", func(l *slog.Logger) {
			l.Info("x", "error", fmt.Errorf("look up: %w", errors.New("no contact hunter2@example.com")))
		}},
		{"as an e-mail address in the message", func(l *slog.Logger) { l.Info("no hunter2@example.com") }},
		{"as a Salesforce session", func(l *slog.Logger) { l.Info("x", "id", "00D5g000001abcd!AQ.hunter2_x") }},
		{"in an Authorization header", func(l *slog.Logger) { l.Info("x", "header", "Bearer hunter2hunter2") }},
		{"as a URL's parameter", func(l *slog.Logger) { l.Info("x", "url", "/callback?code=hunter2&state=a") }},
		{"in a group", func(l *slog.Logger) { l.Info("x", slog.Group("g", slog.String("client_secret", "hunter2"))) }},
		{"as a value that logs itself", func(l *slog.Logger) { l.Info("x", "login", credentials{"admin", "hunter2"}) }},
		{"as a struct", func(l *slog.Logger) { l.Info("x", "v", struct{ Mail string }{"hunter2@example.com"}) }},
		{"bound to the logger", func(l *slog.Logger) { l.With("token", "hunter2").WithGroup("g").Info("x", "a", 1) }},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			for _, format := range []string{"text", "json"} {
				line := logged(t, format, test.log)
				if strings.Contains(line, "hunter2") || !strings.Contains(line, "[masked]") {
					t.Errorf("%s: %s", format, line)
				}
			}
		})
	}
}

func TestHarmlessAttributesStayAsTheyAre(t *testing.T) {
	t.Parallel()
	line := logged(t, "json", func(l *slog.Logger) {
		l.Info("run finished", "object", "Lead", "id", "00Q5g000001abcd", "count", 3, "took", time.Second, "none", nil)
	})
	for _, want := range []string{`"msg":"run finished"`, `"object":"Lead"`, `"id":"00Q5g000001abcd"`, `"count":3`, `"took":1000000000`, `"none":null`} {
		if !strings.Contains(line, want) {
			t.Errorf("%s is missing in %s", want, line)
		}
	}
}

func TestTheLevelDecidesWhatIsLogged(t *testing.T) {
	t.Parallel()
	if line := logged(t, "text", func(l *slog.Logger) { l.Debug("x") }); line != "" {
		t.Errorf("a debug line at level info: %s", line)
	}
}

func TestALoggerOfUnknownFormOrLevelIsRefused(t *testing.T) {
	t.Parallel()
	for _, wrong := range [][2]string{{"xml", "info"}, {"text", "loud"}} {
		if _, err := obs.NewLogger(&bytes.Buffer{}, wrong[0], wrong[1]); err == nil {
			t.Errorf("%v: no error", wrong)
		}
	}
}

func TestMetricsCountWhatHappened(t *testing.T) {
	t.Parallel()
	m := obs.NewMetrics()
	m.RunFinished("inbound", "done", time.Second)
	m.SalesforceAsked(7)
	m.RequestAnswered("GET", "/contacts/{id}", 404, time.Millisecond)
	families, err := m.Gatherer().Gather()
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]float64{}
	for _, family := range families {
		for _, metric := range family.GetMetric() {
			got[family.GetName()] += metric.GetCounter().GetValue()
		}
	}
	for name, want := range map[string]float64{
		"conversion_runs_total": 1, "conversion_salesforce_requests_total": 7, "conversion_http_requests_total": 1,
	} {
		if got[name] != want {
			t.Errorf("%s = %v, want %v", name, got[name], want)
		}
	}
}
