// Package mapping turns what an org's describes say into a workspace's variables: which
// fields become one variable, under which key, of which type, and what happens to it when
// a field comes, goes or changes (spec 3.4).
//
// It is pure: it must never do I/O, read a clock or log, and what it returns depends on
// its arguments alone, not on their order.
package mapping
