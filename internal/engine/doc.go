// Package engine carries out what identity and reconcile decide: it pulls changes from
// Salesforce, pushes changes of Conversion's own, and keeps the leases, runs, budget and
// breaker around both.
//
// It must never decide what a value is or who is who, speak HTTP or SQL, know the queue
// that calls it, or read a clock other than the one it is given.
package engine
