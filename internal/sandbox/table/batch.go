package table

import (
	"cmp"
	"encoding/binary"
	"iter"
	"slices"
	"strings"
)

// batch is many new rows on their way into a table. They are found by id at
// once and stand in no index before the batch ends, when each index is sorted in
// one go: that is many times faster than inserting the rows one by one, and the
// indexes become as dense as they can be.
type batch struct {
	slabs [][]Row // in the order of their coming; a dropped row has no ID
	rows  map[string]*Row
	keys  map[int]*textIndex // of the batch's rows, for columns that are looked up meanwhile
}

// slabSize is how many rows of a batch lie side by side.
const slabSize = 1024

// Begin starts a batch: rows put from now on that are not in the table yet stand
// in no index until End. Equal finds them all the same: fast in the key columns,
// else by looking at each. A batch may not be begun in a batch.
func (t *Table) Begin(keys ...int) {
	t.batch = &batch{rows: map[string]*Row{}, keys: map[int]*textIndex{}}
	for _, col := range keys {
		if x, ok := t.columns[col]; ok {
			t.batch.keys[col] = &textIndex{index: newIndex(byText(col, x.fold)), fold: x.fold}
		}
	}
}

// InBatch says whether a row came with the batch that is under way.
func (t *Table) InBatch(id string) bool { return t.batch != nil && t.batch.rows[id] != nil }

// Abandon takes the rows of the batch out again.
func (t *Table) Abandon() { t.batch = nil }

// End brings the rows of the batch into the indexes.
func (t *Table) End() {
	b := t.batch
	t.batch = nil
	if b == nil || len(b.rows) == 0 {
		return
	}
	rows := b.sorted()
	if len(t.marks) > 0 {
		for _, r := range rows {
			t.note(r.ID, Row{})
		}
	}
	if len(t.rows) == 0 {
		t.rows = b.rows
	} else {
		for id, r := range b.rows {
			t.rows[id] = r
		}
	}
	t.byID.add(rows)
	t.byStamp.add(sortedByStamp(rows))
	for col, x := range t.columns {
		x.index.add(sortedByText(rows, col, x.fold))
	}
}

func (b *batch) put(state Row) (before Row) {
	if r, known := b.rows[state.ID]; known {
		before = *r
		b.unlink(r)
		*r = state
		b.link(r)
		return before
	}
	last := len(b.slabs) - 1
	if last < 0 || len(b.slabs[last]) == slabSize {
		b.slabs = append(b.slabs, make([]Row, 0, slabSize))
		last++
	}
	b.slabs[last] = append(b.slabs[last], state)
	r := &b.slabs[last][len(b.slabs[last])-1]
	b.rows[state.ID] = r
	b.link(r)
	return Row{}
}

func (b *batch) link(r *Row) {
	for col, x := range b.keys {
		if r.Has(col) {
			x.index.Insert(r)
		}
	}
}

func (b *batch) unlink(r *Row) {
	for col, x := range b.keys {
		if r.Has(col) {
			x.index.Delete(r)
		}
	}
}

// equal yields the rows of the batch whose column holds the text.
func (b *batch) equal(col int, text string, fold bool) iter.Seq[*Row] {
	if x, ok := b.keys[col]; ok {
		return x.equal(col, text)
	}
	return func(yield func(*Row) bool) {
		for _, r := range b.rows {
			if r.holds(col, text, fold) && !yield(r) {
				return
			}
		}
	}
}

func (b *batch) drop(r *Row) {
	b.unlink(r)
	delete(b.rows, r.ID)
	*r = Row{}
}

// sorted lists the rows by id, in which order they mostly came.
func (b *batch) sorted() []*Row {
	rows := make([]*Row, 0, len(b.rows))
	for _, slab := range b.slabs {
		for i := range slab {
			if slab[i].ID != "" {
				rows = append(rows, &slab[i])
			}
		}
	}
	if !slices.IsSortedFunc(rows, ByID) {
		slices.SortFunc(rows, ByID)
	}
	return rows
}

// place is where a row stands among rows sorted by id, with what it is to be
// sorted by.
type place struct {
	key uint64
	at  int32
}

func sortedByStamp(rows []*Row) []*Row {
	places := make([]place, len(rows))
	for i, r := range rows {
		places[i] = place{uint64(r.Stamp) ^ 1<<63, int32(i)} // negative stamps first
	}
	slices.SortFunc(places, func(a, b place) int {
		return cmp.Or(cmp.Compare(a.key, b.key), cmp.Compare(a.at, b.at))
	})
	return atPlaces(rows, places)
}

// sortedByText sorts the rows that have a text in a column. It compares eight
// bytes at once, from where the texts begin to differ, before it compares whole
// texts.
func sortedByText(rows []*Row, col int, fold bool) []*Row {
	texts := make([]string, len(rows))
	places := make([]place, 0, len(rows))
	for i, r := range rows {
		if !r.Has(col) {
			continue
		}
		if texts[i] = r.key(col); fold {
			texts[i] = strings.ToLower(texts[i])
		}
		places = append(places, place{at: int32(i)})
	}
	common := commonPrefix(texts, places)
	for i, p := range places {
		var eight [8]byte
		copy(eight[:], texts[p.at][common:])
		places[i].key = binary.BigEndian.Uint64(eight[:])
	}
	slices.SortFunc(places, func(a, b place) int {
		if a.key != b.key {
			return cmp.Compare(a.key, b.key)
		}
		return cmp.Or(strings.Compare(texts[a.at], texts[b.at]), cmp.Compare(a.at, b.at))
	})
	return atPlaces(rows, places)
}

// commonPrefix is how many bytes all texts begin with.
func commonPrefix(texts []string, places []place) int {
	if len(places) == 0 {
		return 0
	}
	common := texts[places[0].at]
	for _, p := range places {
		text := texts[p.at]
		n := min(len(common), len(text))
		for i := range n {
			if text[i] != common[i] {
				n = i
				break
			}
		}
		common = common[:n]
	}
	return len(common)
}

func atPlaces(rows []*Row, places []place) []*Row {
	sorted := make([]*Row, len(places))
	for i, p := range places {
		sorted[i] = rows[p.at]
	}
	return sorted
}

// add brings rows that are not in the index, and are in its order, into it.
func (x *Index) add(rows []*Row) {
	if len(x.chunks) > 0 {
		rows = x.merged(rows)
	}
	x.chunks = make([][]*Row, 0, len(rows)/chunkSize+1)
	for chunk := range slices.Chunk(rows, chunkSize) {
		x.chunks = append(x.chunks, chunk)
	}
	// A chunk grows in place up to its size: the last one must not grow into
	// what it does not own, nor any into its neighbour.
	for i, chunk := range x.chunks {
		x.chunks[i] = slices.Clip(chunk)
	}
}

func (x *Index) merged(rows []*Row) []*Row {
	all := make([]*Row, 0, len(rows)+len(x.chunks)*chunkSize)
	for old := range x.All() {
		for len(rows) > 0 && x.compare(rows[0], old) < 0 {
			all = append(all, rows[0])
			rows = rows[1:]
		}
		all = append(all, old)
	}
	return append(all, rows...)
}
