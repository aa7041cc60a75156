package store

import (
	"context"
	"sync"

	"conversion"
)

// growth counts what loads of this process have added. PostgreSQL chooses how to look rows
// up by what it last measured of a table, and measures by itself about once a minute: of
// tables that were empty a moment ago it was seen to go through all rows for every five
// hundred keys.
type growth struct {
	mu       sync.Mutex
	added    int // contacts, companies and activities
	measured int // of these, when the tables were last measured
}

// firstMeasured is how many rows are measured first; then it is done each time there are
// twice as many.
const firstMeasured = 1000

// due adds to the count, and reports whether the tables are to be measured now.
func (g *growth) due(more int) bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.added += more
	if g.added < max(firstMeasured, 2*g.measured) {
		return false
	}
	g.measured = g.added
	return true
}

// measure has the database measure what the look-ups of a load go by, where a page of one
// made the tables twice as large. A table that could not be measured is only slower to read.
func (s *Store) measure(ctx context.Context, b conversion.Batch) {
	if b.Load == nil || s.dialect.measure == "" || !s.growth.due(len(b.Plans)+len(b.Engagements)) {
		return
	}
	_, _ = s.write.ExecContext(ctx, s.dialect.measure)
}
