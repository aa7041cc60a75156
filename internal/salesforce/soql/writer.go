package soql

import (
	"errors"
	"fmt"
	"regexp"
	"strings"
)

var (
	errNoColumns  = errors.New("no columns are selected")
	errNoOperands = errors.New("a condition has nothing to combine or compare with")
)

var (
	apiName = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9_]*$`)
	apiPath = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9_]*(\.[A-Za-z][A-Za-z0-9_]*){0,5}$`)
)

// writer collects the text of a query and keeps the first mistake.
type writer struct {
	text strings.Builder
	err  error
}

func (w *writer) raw(text string) { w.text.WriteString(text) }

func (w *writer) fail(err error) {
	if w.err == nil {
		w.err = err
	}
}

// name writes the API name of an object.
func (w *writer) name(name string) {
	if !apiName.MatchString(name) {
		w.fail(fmt.Errorf("%q is not an API name", name))
	}
	w.raw(name)
}

// path writes the API name of a field, or a path to it over at most five parents.
func (w *writer) path(path string) {
	if !apiPath.MatchString(path) {
		w.fail(fmt.Errorf("%q is not the API name of a field", path))
	}
	w.raw(path)
}
