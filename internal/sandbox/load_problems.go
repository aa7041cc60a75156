package sandbox

import (
	"errors"
	"fmt"
)

// shownProblems is how many problems of a load are told at once: enough to
// mend a file in a few rounds, few enough to read.
const shownProblems = 10

// loadProblems gathers the errors of a load.
type loadProblems struct {
	shown []error
	more  int
}

func (p *loadProblems) add(err error) {
	if len(p.shown) == shownProblems {
		p.more++
		return
	}
	p.shown = append(p.shown, err)
}

func (p *loadProblems) err() error {
	if p.more > 0 {
		return errors.Join(append(p.shown, fmt.Errorf("and %d more problems", p.more))...)
	}
	return errors.Join(p.shown...)
}
