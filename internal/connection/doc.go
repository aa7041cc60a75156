// Package connection is a workspace's tie to its Salesforce org: the OAuth flows, sealed
// tokens and their refresh, disconnecting, the rules and options, and the status people
// see.
//
// It must never read or write records, and never let a token or secret out unsealed
// except to the client it opens.
package connection
