// Package gateway speaks Salesforce for the engine: it turns records, activities, writes
// and describes of the product's vocabulary into calls of the Salesforce client and back.
//
// Values leave and enter it in their canonical form only. It decides nothing: who is who,
// what is sent and what a refusal leads to is the engine's, and it keeps nothing of a
// record. It must never make SOQL or HTTP requests by itself, import the store, or log
// what a record holds.
package gateway
