package sandbox

import (
	"sync"
	"time"
)

// Clock is the org's virtual clock. It runs on from whatever it was set to,
// unless frozen. It is safe for concurrent use.
type Clock struct {
	mu     sync.Mutex
	base   func() time.Time
	offset time.Duration
	frozen bool
	at     time.Time // while frozen
	step   time.Duration
}

func newClock(base func() time.Time) *Clock { return &Clock{base: base} }

// Now is the present virtual time in UTC.
func (c *Clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now()
}

func (c *Clock) now() time.Time {
	if c.frozen {
		return c.at
	}
	return c.base().Add(c.offset).UTC()
}

// Set moves the clock to t, forwards or backwards; a frozen clock stays frozen.
func (c *Clock) Set(t time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.at = t.UTC()
	c.offset = t.Sub(c.base())
}

// Advance moves the clock by d.
func (c *Clock) Advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.at = c.at.Add(d)
	c.offset += d
}

// Freeze stops the clock: it then moves by Set and Advance only.
func (c *Clock) Freeze() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.at = c.now()
	c.frozen = true
}

// Resume lets a frozen clock run on from where it stands.
func (c *Clock) Resume() {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.frozen {
		c.offset = c.at.Sub(c.base())
		c.frozen = false
	}
}

// Skew makes the clock run ahead of the machine's by d, or behind if d is
// negative: the Date header and all stamps then differ from the caller's clock by
// that much. A frozen clock stands there.
func (c *Clock) Skew(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.offset, c.at = d, c.base().Add(d).UTC()
}

// Ahead is how far the clock is ahead of the machine's.
func (c *Clock) Ahead() time.Duration {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now().Sub(c.base())
}

// Frozen says whether the clock stands still.
func (c *Clock) Frozen() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.frozen
}

// MovePerRequest makes every request of a client move the clock by d before it is
// served, so that each has a time of its own also while the clock is frozen.
func (c *Clock) MovePerRequest(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.step = d
}

// PerRequest is how far each request moves the clock.
func (c *Clock) PerRequest() time.Duration {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.step
}

// tick moves the clock on for a request.
func (c *Clock) tick() { c.Advance(c.PerRequest()) }

// second is the present time as stamps hold it: whole Unix seconds.
func (c *Clock) second() int64 { return c.Now().Unix() }
