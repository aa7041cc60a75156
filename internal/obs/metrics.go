package obs

import (
	"strconv"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
)

// Metrics are the process's figures for Prometheus. No label takes a value
// from a customer's data, nor a workspace: their number would have no bound.
type Metrics struct {
	registry *prometheus.Registry

	runs     *prometheus.CounterVec
	runTime  *prometheus.HistogramVec
	remote   prometheus.Counter
	requests *prometheus.CounterVec
	answered *prometheus.HistogramVec
}

// NewMetrics returns metrics at zero, in a registry of their own, beside those
// of the Go runtime and the process.
func NewMetrics() *Metrics {
	m := &Metrics{
		registry: prometheus.NewRegistry(),
		runs:     counter("runs_total", "Finished runs.", "direction", "status"),
		runTime:  histogram("run_seconds", "Duration of finished runs.", prometheus.ExponentialBuckets(0.1, 3, 10), "direction"),
		remote: prometheus.NewCounter(prometheus.CounterOpts{
			Namespace: "conversion", Name: "salesforce_requests_total", Help: "Requests sent to Salesforce that its daily limit counts.",
		}),
		requests: counter("http_requests_total", "Requests answered by the web UI and the API.", "method", "route", "status"),
		answered: histogram("http_request_seconds", "Time taken to answer a request.", prometheus.DefBuckets, "route"),
	}
	m.registry.MustRegister(
		collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}),
		m.runs, m.runTime, m.remote, m.requests, m.answered,
	)
	return m
}

func counter(name, help string, labels ...string) *prometheus.CounterVec {
	return prometheus.NewCounterVec(prometheus.CounterOpts{Namespace: "conversion", Name: name, Help: help}, labels)
}

func histogram(name, help string, buckets []float64, labels ...string) *prometheus.HistogramVec {
	return prometheus.NewHistogramVec(
		prometheus.HistogramOpts{Namespace: "conversion", Name: name, Help: help, Buckets: buckets}, labels)
}

// Gatherer gives the figures to whoever serves them.
func (m *Metrics) Gatherer() prometheus.Gatherer { return m.registry }

// RunFinished counts a run by its direction and its last status.
func (m *Metrics) RunFinished(direction, status string, took time.Duration) {
	m.runs.WithLabelValues(direction, status).Inc()
	m.runTime.WithLabelValues(direction).Observe(took.Seconds())
}

// SalesforceAsked counts requests to Salesforce that its daily limit counts too.
func (m *Metrics) SalesforceAsked(requests int) { m.remote.Add(float64(requests)) }

// RequestAnswered counts an answered request by its route's pattern, never its
// path.
func (m *Metrics) RequestAnswered(method, route string, status int, took time.Duration) {
	m.requests.WithLabelValues(method, route, strconv.Itoa(status)).Inc()
	m.answered.WithLabelValues(route).Observe(took.Seconds())
}
