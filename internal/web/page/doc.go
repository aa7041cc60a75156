// Package page draws the pages of the web UI: view models and the templates that show
// them. What a page says about a rule, a status or a time is said here.
//
// It must never fetch anything, decide anything, or read a clock: a page is a function of
// its view model. It holds no inline script or style, so that the content security policy
// can forbid them.
package page
