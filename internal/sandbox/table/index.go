package table

import (
	"iter"
	"sort"
	"strings"
	"unicode/utf8"
)

// chunkSize bounds a chunk of an index: small enough to insert into by moving
// its tail, large enough that a million rows need only a few thousand chunks.
const chunkSize = 512

// Index keeps rows in the order of a comparison that is total (ties are broken
// by id). A row must be removed before what it is compared by changes.
type Index struct {
	compare func(a, b *Row) int
	chunks  [][]*Row
}

// newIndex returns an empty index in the order of compare.
func newIndex(compare func(a, b *Row) int) *Index { return &Index{compare: compare} }

// ByID orders rows by record id.
func ByID(a, b *Row) int { return strings.Compare(a.ID, b.ID) }

// ByStamp orders rows by SystemModstamp, then id: the order of keyset paging.
func ByStamp(a, b *Row) int {
	if a.Stamp != b.Stamp {
		if a.Stamp < b.Stamp {
			return -1
		}
		return 1
	}
	return strings.Compare(a.ID, b.ID)
}

// byText orders rows by the text of a column, or the text of its number (see KeyOf), then id; with fold, in any case.
func byText(col int, fold bool) func(a, b *Row) int {
	compare := strings.Compare
	if fold {
		compare = CompareFold
	}
	return func(a, b *Row) int {
		if c := compare(a.key(col), b.key(col)); c != 0 {
			return c
		}
		return strings.Compare(a.ID, b.ID)
	}
}

// Insert adds a row that is not in the index.
func (x *Index) Insert(r *Row) {
	if len(x.chunks) == 0 {
		x.chunks = append(x.chunks, append(make([]*Row, 0, chunkSize), r))
		return
	}
	c := x.chunkOf(r)
	chunk := x.chunks[c]
	at := sort.Search(len(chunk), func(i int) bool { return x.compare(chunk[i], r) >= 0 })
	if len(chunk) == chunkSize {
		c, at = x.split(c, at)
		chunk = x.chunks[c]
	}
	chunk = append(chunk, nil)
	copy(chunk[at+1:], chunk[at:])
	chunk[at] = r
	x.chunks[c] = chunk
}

// split halves a full chunk and returns where a row meant for position at of
// it now goes. At the end of the index nothing is halved: rows mostly come in
// ascending order, and full chunks are the compact ones.
func (x *Index) split(c, at int) (chunk, position int) {
	cut := chunkSize / 2
	if c == len(x.chunks)-1 && at == chunkSize {
		cut = chunkSize
	}
	right := append(make([]*Row, 0, chunkSize), x.chunks[c][cut:]...)
	clear(x.chunks[c][cut:])
	x.chunks[c] = x.chunks[c][:cut]
	x.chunks = append(x.chunks, nil)
	copy(x.chunks[c+2:], x.chunks[c+1:])
	x.chunks[c+1] = right
	if at >= cut {
		return c + 1, at - cut
	}
	return c, at
}

// chunkOf finds the chunk that holds, or would hold, a row.
func (x *Index) chunkOf(r *Row) int {
	c := sort.Search(len(x.chunks), func(i int) bool { return x.compare(x.chunks[i][0], r) > 0 })
	return max(c-1, 0)
}

// Delete removes a row; a row that is not there is no error.
func (x *Index) Delete(r *Row) {
	if len(x.chunks) == 0 {
		return
	}
	c := x.chunkOf(r)
	chunk := x.chunks[c]
	at := sort.Search(len(chunk), func(i int) bool { return x.compare(chunk[i], r) >= 0 })
	if at == len(chunk) || chunk[at] != r {
		return
	}
	copy(chunk[at:], chunk[at+1:])
	chunk[len(chunk)-1] = nil
	x.chunks[c] = chunk[:len(chunk)-1]
	if len(x.chunks[c]) == 0 {
		x.chunks = append(x.chunks[:c], x.chunks[c+1:]...)
	}
}

// From yields rows in order, starting with the first for which reached is true.
// reached must be false for a prefix of the order and true for the rest. The
// index must not change meanwhile.
func (x *Index) From(reached func(*Row) bool) iter.Seq[*Row] {
	return func(yield func(*Row) bool) {
		c := sort.Search(len(x.chunks), func(i int) bool { return reached(x.chunks[i][len(x.chunks[i])-1]) })
		if c == len(x.chunks) {
			return
		}
		at := sort.Search(len(x.chunks[c]), func(i int) bool { return reached(x.chunks[c][i]) })
		for ; c < len(x.chunks); c, at = c+1, 0 {
			for _, r := range x.chunks[c][at:] {
				if !yield(r) {
					return
				}
			}
		}
	}
}

// All yields every row in order.
func (x *Index) All() iter.Seq[*Row] { return x.From(func(*Row) bool { return true }) }

// CompareFold compares two texts as their lower-case forms would compare,
// without building these for plain ASCII.
func CompareFold(a, b string) int {
	for len(a) > 0 && len(b) > 0 {
		ca, cb := a[0], b[0]
		if ca >= utf8.RuneSelf || cb >= utf8.RuneSelf {
			return strings.Compare(strings.ToLower(a), strings.ToLower(b))
		}
		if ca, cb = lower(ca), lower(cb); ca != cb {
			if ca < cb {
				return -1
			}
			return 1
		}
		a, b = a[1:], b[1:]
	}
	return len(a) - len(b)
}

func lower(c byte) byte {
	if 'A' <= c && c <= 'Z' {
		return c + 'a' - 'A'
	}
	return c
}
