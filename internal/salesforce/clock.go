package salesforce

import (
	"sync"
	"time"
)

// serverClock learns how far Salesforce's clock is ahead of ours. A Date header
// says only the second, and was written at some time between question and
// answer: each one bounds the offset, and their overlap narrows it.
type serverClock struct {
	mu        sync.Mutex
	low, high time.Duration
	known     bool
}

func (s *serverClock) learn(server, asked, answered time.Time) {
	low, high := server.Sub(answered), server.Add(time.Second).Sub(asked)
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.known {
		narrowLow, narrowHigh := max(low, s.low), min(high, s.high)
		if narrowLow <= narrowHigh {
			s.low, s.high = narrowLow, narrowHigh
			return
		}
		// One of the clocks was set: what was learnt before is void.
	}
	s.low, s.high, s.known = low, high, true
}

func (s *serverClock) offset() (time.Duration, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.low + (s.high-s.low)/2, s.known
}
