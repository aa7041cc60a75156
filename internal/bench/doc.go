// Package bench measures the whole of Conversion as its users run it: the sandbox and the
// server of one binary, each a process of its own, driven through their public APIs. Each
// figure stands beside its floor, which is measured in the same run.
//
// It must never judge a time, and never reach into Conversion's own code: what it measures is
// what anybody can measure.
package bench
