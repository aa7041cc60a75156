// Package reconcile decides what to do about one entity: what a record's observation
// claims, which claim is the value, what has to be written to Salesforce, and what an
// answer to a write means.
//
// It is pure: no context, no clock, no I/O, no logger. What it needs to know is passed in,
// and what it decides is data. Functions change the group they are given and nothing else;
// callers that want to keep the group as it was pass a clone.
package reconcile
