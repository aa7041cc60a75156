// Package prove_test holds the whole engine to a model that was written from the contract
// alone: random histories of an org and of Conversion's own edits, with crashes, lost
// answers, stale pages and late commits between any two steps, and after each history the
// books and the org compared with what the model says they must hold.
//
// Each property of the architecture is a test of its own (properties_test.go). A history is
// drawn by history_test.go, carried out by world_test.go over the real engine, the real
// directory and the sandbox, kept in books in memory (books_test.go) for speed, and judged
// by model_test.go and judge_test.go. Nothing here looks into identity or reconcile, and
// nothing of theirs was used to write it.
package prove_test
