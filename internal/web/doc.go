// Package web is the HTML side of the product: its pages, the forms on them, sign-in and
// the live status. routes.go is its table of contents.
//
// Handlers read a request, call a service and draw a page. The package must never decide
// anything about records, rules or connections, and never reach a database.
package web
