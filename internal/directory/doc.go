// Package directory holds what people and programs do with Conversion's own contacts and
// companies: create, update, delete, list, search, and the variables and engagements they
// have.
//
// It must never talk to Salesforce: a change is recorded as a claim and marks its entity
// dirty; the engine does the rest.
package directory
