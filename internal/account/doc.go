// Package account is who may use an installation: workspaces, their members and
// sign-in, API keys, the set-up link for the first admin, and the audit log.
//
// It must never touch contacts or Salesforce, and never let a password, a token or an
// e-mail address into an error's cause or the log.
package account
