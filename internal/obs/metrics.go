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
	records  *prometheus.CounterVec
	remote   *prometheus.CounterVec
	remoteIn *prometheus.HistogramVec
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
		records:  counter("records_total", "Records a run dealt with.", "direction", "object", "outcome"),
		remote:   counter("salesforce_requests_total", "Requests sent to Salesforce; status 0: no answer.", "operation", "status"),
		remoteIn: histogram("salesforce_request_seconds", "Time Salesforce took to answer.", prometheus.DefBuckets, "operation"),
		requests: counter("http_requests_total", "Requests answered by the web UI and the API.", "method", "route", "status"),
		answered: histogram("http_request_seconds", "Time taken to answer a request.", prometheus.DefBuckets, "route"),
	}
	m.registry.MustRegister(
		collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}),
		m.runs, m.runTime, m.records, m.remote, m.remoteIn, m.requests, m.answered,
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

// RunFinished counts a run: direction is in or out, status its last one.
func (m *Metrics) RunFinished(direction, status string, took time.Duration) {
	m.runs.WithLabelValues(direction, status).Inc()
	m.runTime.WithLabelValues(direction).Observe(took.Seconds())
}

// RecordsHandled counts n records of an object with one outcome: created,
// updated, deleted, skipped or held.
func (m *Metrics) RecordsHandled(direction, object, outcome string, n int) {
	m.records.WithLabelValues(direction, object, outcome).Add(float64(n))
}

// SalesforceAnswered counts a request to Salesforce by operation (query,
// describe, update, …), a word of ours and never a URL. status is the HTTP
// status, 0 when no answer came.
func (m *Metrics) SalesforceAnswered(operation string, status int, took time.Duration) {
	m.remote.WithLabelValues(operation, strconv.Itoa(status)).Inc()
	m.remoteIn.WithLabelValues(operation).Observe(took.Seconds())
}

// RequestAnswered counts an answered request by its route's pattern, never its
// path.
func (m *Metrics) RequestAnswered(method, route string, status int, took time.Duration) {
	m.requests.WithLabelValues(method, route, strconv.Itoa(status)).Inc()
	m.answered.WithLabelValues(route).Observe(took.Seconds())
}
