// Package testkit holds what the tests of several packages share: real
// databases, a settable clock and golden files. Its sub-package browser starts
// a real browser.
//
// Only tests import it. It must never skip: a test that cannot have what it
// needs fails and says what to install.
package testkit
