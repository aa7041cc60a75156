// Package salesforce is a client of Salesforce's APIs: logging in by OAuth,
// describing objects, querying, writing collections of records.
//
// It speaks of objects, fields, ids and codes only. It must never know what the
// product means by a contact or a link, never send a token to a host that is not
// trusted, never repeat a write whose outcome is unknown, and never put a secret
// or a query's text into an error.
package salesforce
