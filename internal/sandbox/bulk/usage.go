package bulk

import (
	"fmt"
	"sync"
	"time"
)

// usage counts, by the hour, what the last 24 hours have used up.
type usage struct {
	mu    sync.Mutex
	hours map[int64]spent
}

type spent struct {
	queries, batches int
	bytes            int64
}

func (u *usage) add(now time.Time, s spent) {
	u.mu.Lock()
	defer u.mu.Unlock()
	if u.hours == nil {
		u.hours = map[int64]spent{}
	}
	hour := now.Unix() / 3600
	sum := u.hours[hour]
	u.hours[hour] = spent{sum.queries + s.queries, sum.batches + s.batches, sum.bytes + s.bytes}
}

func (u *usage) addQuery(now time.Time) { u.add(now, spent{queries: 1}) }

func (u *usage) day(now time.Time) spent {
	u.mu.Lock()
	defer u.mu.Unlock()
	var sum spent
	hour := now.Unix() / 3600
	for h, s := range u.hours {
		if h > hour-24 && h <= hour {
			sum = spent{sum.queries + s.queries, sum.batches + s.batches, sum.bytes + s.bytes}
		}
	}
	return sum
}

func (u *usage) remaining(now time.Time, max Settings) (queryJobs, batches int, resultBytes int64) {
	sum := u.day(now)
	return leftOf(max.QueryJobs, sum.queries), leftOf(max.Batches, sum.batches), leftOf(max.ResultBytes, sum.bytes)
}

func leftOf[N int | int64](all, used N) N { return max(all-used, 0) }

func (u *usage) checkQueries(now time.Time, max Settings) error {
	queries, _, bytes := u.remaining(now, max)
	switch {
	case queries == 0:
		return &Error{CodeLimit, fmt.Sprintf("Max bulk v2 query jobs (%d) per 24 hrs has been reached", max.QueryJobs)}
	case bytes == 0:
		return &Error{CodeLimit, fmt.Sprintf("Max bulk v2 query result size stored (%d) kb per 24 hrs has been exceeded", max.ResultBytes>>10)}
	}
	return nil
}
