package sandbox

import (
	"strconv"
	"strings"
	"sync"
	"time"

	"conversion/internal/sandbox/table"
)

// cursor is a result that may not fit on one page. It holds which rows matched,
// not what they hold.
type cursor struct {
	id, user  string
	root      *cursor // of the whole result; itself unless it is one of children
	rights    *rights // when the query was begun
	selection *selection
	all       bool
	size      int
	rows      []*table.Row
	opened    time.Time
}

const (
	cursorLifetime = 48 * time.Hour
	maxCursors     = 10 // results a user
)

// cursors keeps the newest results of each user.
type cursors struct {
	mu     sync.Mutex
	issued uint64
	open   []*cursor // oldest first
}

func newCursors() *cursors { return &cursors{} }

// add keeps a cursor, once, and closes the oldest result of a user who has too
// many. A result's cursors of children live and die with it.
func (cs *cursors) add(c *cursor, pod string) {
	cs.mu.Lock()
	defer cs.mu.Unlock()
	if c.id != "" {
		return
	}
	cs.issued++
	c.id = recordID("01g", pod, cs.issued)
	cs.open = append(cs.open, c)
	results := map[*cursor]bool{}
	var oldest *cursor
	for _, other := range cs.open {
		if other.user == c.user {
			if oldest == nil {
				oldest = other.root
			}
			results[other.root] = true
		}
	}
	if len(results) > maxCursors {
		cs.close(oldest)
	}
}

func (cs *cursors) close(root *cursor) {
	kept := make([]*cursor, 0, len(cs.open))
	for _, c := range cs.open {
		if c.root != root {
			kept = append(kept, c)
		}
	}
	cs.open = kept
}

func (cs *cursors) find(locator, user string, now time.Time) (*cursor, int, bool) {
	id, offset, _ := strings.Cut(locator, "-")
	from, err := strconv.Atoi(offset)
	if err != nil {
		return nil, 0, false
	}
	cs.mu.Lock()
	defer cs.mu.Unlock()
	for _, c := range cs.open {
		if (c.id == id || shortID(c.id) == id) && c.user == user && from > 0 && from < len(c.rows) && now.Sub(c.opened) < cursorLifetime {
			return c, from, true
		}
	}
	return nil, 0, false
}
