package sandbox

import (
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"sync"
)

// maxRecent is how many records an org remembers for a user as recently used.
const maxRecent = 200

// recents are the records that each user used last, newest first. Requests of the
// API count as use only if they say so by Sforce-Mru.
type recents struct {
	mu  sync.Mutex
	ids map[string][]string // by user
}

func newRecents() *recents { return &recents{ids: map[string][]string{}} }

func (r *recents) add(user, id string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	rest := slices.DeleteFunc(slices.Clone(r.ids[user]), func(other string) bool { return other == id })
	r.ids[user] = append([]string{id}, rest[:min(len(rest), maxRecent-1)]...)
}

func (r *recents) of(user string) []string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.ids[user]
}

// state is what is remembered now; the lists themselves never change.
func (r *recents) state() map[string][]string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return maps.Clone(r.ids)
}

func (r *recents) restore(was map[string][]string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.ids = maps.Clone(was)
}

// used remembers a record as recently used, if the request says so.
func (c *call) used(id string) {
	if isTrue(option(c.request.Header.Get("Sforce-Mru"), ";", "updateMru")) {
		c.org.recents.add(c.user, id)
	}
}

// recent lists the records that the user used last, of all objects.
func (c *call) recent() *Error {
	limit := maxRecent
	if given := c.request.URL.Query().Get("limit"); given != "" {
		n, err := strconv.Atoi(given)
		if err != nil || n < 1 {
			return refusal("ILLEGAL_QUERY_PARAMETER_VALUE", "limit is a number from 1: "+given)
		}
		limit = min(n, limit)
	}
	defer c.view()()
	return c.raw(http.StatusOK, c.appendRecent(nil, nil, limit))
}

// appendRecent writes a list of recently used records that are still there: those
// of one object, or of all.
func (c *call) appendRecent(b []byte, only *object, limit int) []byte {
	rights := c.rights()
	b = append(b, '[')
	n := 0
	for _, id := range c.org.recents.of(c.user) {
		obj, ok := c.org.objectOf(id)
		if !ok || only != nil && obj != only || !rights.may(mayRead, obj) || n == limit {
			continue
		}
		row, ok := obj.seen.Find(id)
		if !ok || row.Deleted || !rights.seesRow(obj, row) {
			continue
		}
		if n++; n > 1 {
			b = append(b, ',')
		}
		b = c.appendRecord(b, obj, row, obj.identifying(rights))
	}
	return append(b, ']')
}

// identifying are the fields by which a list shows a record.
func (o *object) identifying(r *rights) []*field {
	var fields []*field
	for f := range r.fields(o) {
		if f.column == columnID || f.NameField {
			fields = append(fields, f)
		}
	}
	return fields
}

// objectInfo answers with an object's basic description and the records of it
// that the user used last.
func (c *call) objectInfo() *Error {
	return c.ofObject(c.objectOr404, func(obj *object) *Error {
		if err := c.json(http.StatusOK, c.summary(obj, c.rights())); err != nil {
			return err
		}
		b := fmt.Appendf(nil, `{"objectDescribe":%s,"recentItems":`, c.answer)
		return c.raw(http.StatusOK, append(c.appendRecent(b, obj, maxRecent), '}'))
	})
}
