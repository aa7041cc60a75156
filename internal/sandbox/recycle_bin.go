package sandbox

import (
	"slices"
	"time"
)

// binPeriod is how long a deleted record stays in the recycle bin, and in the list
// of deletions.
const binPeriod = 15 * 24 * time.Hour

// recycleBin remembers what each deletion took along, and what is gone for good.
type recycleBin struct {
	deletions map[string]*deletion // by the record that was deleted
	roots     map[string]string    // of what went with it
	// waiting are the deletions in the order of their times.
	waiting []binned
}

type binned struct {
	root string
	at   int64
}

// purged is a record that is gone for good. Nothing finds it any more, but who
// asks what was deleted is still told of it.
type purged struct {
	id string
	at int64 // when it was deleted, in Unix seconds
}

func newRecycleBin() *recycleBin {
	return &recycleBin{deletions: map[string]*deletion{}, roots: map[string]string{}}
}

func (b *recycleBin) add(d *deletion, at int64) {
	b.deletions[d.root] = d
	for _, id := range d.order[1:] {
		b.roots[id] = d.root
	}
	b.waiting = append(b.waiting, binned{d.root, at})
}

func (b *recycleBin) remove(d *deletion) {
	if b.deletions[d.root] == d {
		delete(b.deletions, d.root)
	}
	for _, id := range d.order {
		if b.roots[id] == d.root {
			delete(b.roots, id)
		}
	}
}

// rootOf is the record that was deleted when a record went to the bin.
func (b *recycleBin) rootOf(id string) string {
	if root := b.roots[id]; root != "" {
		return root
	}
	return id
}

// emptyExpired removes what has been in the bin for 15 days, and forgets what has
// been gone as long. The caller holds the lock.
func (o *Org) emptyExpired(now time.Time) {
	before := now.Add(-binPeriod).Unix()
	var roots []string
	o.bin.waiting = slices.DeleteFunc(o.bin.waiting, func(b binned) bool {
		if b.at <= before {
			roots = append(roots, b.root)
		}
		return b.at <= before
	})
	t := o.background()
	for _, root := range roots {
		if _, row, err := o.locate(root); err == nil && row.Deleted && row.Stamp <= before {
			_ = t.attempt(func() *Error { return t.emptyBin(root) })
		}
	}
	t.end()
	for _, obj := range o.objects {
		obj.purged = slices.DeleteFunc(obj.purged, func(p purged) bool { return p.at <= before })
	}
}

// EmptyRecycleBin removes records in the recycle bin for good, with what went
// there with them. One id that is not in the bin takes everything back.
func (o *Org) EmptyRecycleBin(as Actor, ids ...string) error {
	return o.write(as, func(t *tx) *Error {
		for _, id := range ids {
			if err := t.emptyBin(id); err != nil {
				return err
			}
		}
		return nil
	})
}

// HardDelete removes a record, live or in the recycle bin, and what depends on it,
// for good: queryAll never shows it again, the list of deletions does.
func (o *Org) HardDelete(as Actor, id string) error {
	return o.write(as, func(t *tx) *Error { return t.hardDelete(id) })
}
