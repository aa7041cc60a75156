package engine

import (
	"time"

	"conversion"
)

// schedule says when a dirty entity is looked at next: soon while something is under way
// (the confirmation brings that forward), never when nothing is left.
func (s *session) schedule(e *conversion.Entity, left conversion.Left, underWay, held bool) {
	switch {
	case underWay || left.Waiting:
		e.Retry = s.now().Add(unconfirmedAfter)
	case held:
		e.Tries++
		e.Retry = s.now().Add(slowBackoff(e.Tries))
	case left.Lacking:
		e.Retry = s.now().Add(lackingAfter)
	case left.Held > 0:
		e.Retry, e.Tries = left.Held, 0
	case left.Parked:
		e.Retry = conversion.ParkedRetry
	default:
		e.Dirty, e.Retry, e.Tries, e.Lane = 0, 0, 0, 0
	}
}

// lookAgain is when an entity that was edited while Salesforce was asked is planned again.
const lookAgain = time.Second

// unconfirmedAfter is when an entity whose writes were never confirmed is planned again.
const unconfirmedAfter = 30 * time.Second

// lackingAfter is when a contact is looked at again whose company had no Account, or of whose
// e-mail somebody was found of whom it is not decided yet whose he is.
const lackingAfter = 5 * time.Minute

// quickBackoff is for failures that go away by themselves: 15 s, doubling, 15 min at most.
func quickBackoff(tries int) time.Duration {
	return min(15*time.Second<<min(tries-1, 10), 15*time.Minute)
}

// slowBackoff is for those that wait for a person: 1 h, doubling, a day at most.
func slowBackoff(tries int) time.Duration {
	return min(time.Hour<<min(tries-1, 5), 24*time.Hour)
}
