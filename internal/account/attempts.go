package account

import (
	"sync"
	"time"
)

// How failed sign-ins slow down: so many are free, then each one doubles the wait. An
// address of the network gets few tries on an account; the account as a whole gets more,
// so that a stranger elsewhere cannot keep its owner out that easily.
const (
	freeFromAddress = 5
	freeOnAccount   = 50
	firstWait       = 30 * time.Second
	longestWait     = 15 * time.Minute
	maxRemembered   = 20_000 // failures remembered, in memory, of this process
)

type failures struct {
	count int
	last  time.Time
}

// wait returns how long after the last failure the next try may come.
func (f failures) wait(free int) time.Duration {
	if f.count < free {
		return 0
	}
	return min(firstWait<<min(f.count-free, 10), longestWait)
}

// attempts remembers failed sign-ins.
type attempts struct {
	mu     sync.Mutex
	failed map[attempt]failures
}

// attempt is an account, by its e-mail, tried from an address; "" for all addresses.
type attempt struct{ email, address string }

func newAttempts() *attempts { return &attempts{failed: map[attempt]failures{}} }

// begin counts a try as failed until succeeded says otherwise, so that tries side by
// side cannot slip through. It returns for how long to wait instead when it is too early.
func (a *attempts) begin(email, address string, now time.Time) (wait time.Duration) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.forget(now)
	here, anywhere := attempt{email, address}, attempt{email, ""}
	for key, free := range map[attempt]int{here: freeFromAddress, anywhere: freeOnAccount} {
		f := a.failed[key]
		wait = max(wait, f.last.Add(f.wait(free)).Sub(now))
	}
	if wait > 0 {
		return wait
	}
	a.fail(here, now)
	a.fail(anywhere, now)
	return 0
}

func (a *attempts) fail(key attempt, now time.Time) {
	a.failed[key] = failures{count: a.failed[key].count + 1, last: now}
}

// succeeded forgets what failed from the address, and the try that begin counted.
func (a *attempts) succeeded(email, address string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	delete(a.failed, attempt{email, address})
	anywhere := attempt{email, ""}
	if f := a.failed[anywhere]; f.count > 1 {
		a.failed[anywhere] = failures{count: f.count - 1, last: f.last}
	} else {
		delete(a.failed, anywhere)
	}
}

// forget keeps the memory bounded: what is old goes first, and if a flood of made-up
// accounts leaves nothing old, everything.
func (a *attempts) forget(now time.Time) {
	if len(a.failed) < maxRemembered {
		return
	}
	for key, f := range a.failed {
		if now.Sub(f.last) > longestWait {
			delete(a.failed, key)
		}
	}
	if len(a.failed) >= maxRemembered {
		clear(a.failed)
	}
}
