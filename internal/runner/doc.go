// Package runner decides when things run: it looks at which workspaces are due, puts a job
// for each into River's queue, and works the jobs off.
//
// It must never decide what a sync does, and nothing may depend on it for correctness: the
// books say what is due, so a lost job or wake-up costs one look, and leases keep two
// workers from doing one thing.
package runner
