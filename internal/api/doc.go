// Package api is the JSON API under /api/v1: what programs say to the directory, the
// connection and the engine, and its description as an OpenAPI document.
//
// It must never decide anything: a handler turns a request into one call of a service and
// what comes back into JSON. It writes no SQL, and sends nothing to Salesforce itself.
//
// Types that are embedded in others are exported because huma reads no other embedded
// ones; nothing outside uses them.
package api
