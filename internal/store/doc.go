// Package store keeps everything that is kept, in SQLite or PostgreSQL, with one SQL text
// for both. What really differs between the two is in dialect.go.
//
// The only way to a workspace's tables is its handle, Store.Workspace, so that no query
// can forget whose rows it may see. The exceptions, which have to look across workspaces
// or before one is known, are methods of Store.
//
// It must never decide: no rule of who is who, of what a value is, of what is sent. It
// never imports a package that declares the interfaces it implements, never holds a
// transaction open across a call to anything but the database, and never reads a clock:
// callers say what time it is.
package store
