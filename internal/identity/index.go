package identity

import (
	"slices"

	"conversion"
)

// index finds groups by what a record brings: its id, or its e-mail or domain.
type index struct {
	refs     map[conversion.Ref]tie
	heirs    map[conversion.Ref][]tie     // by the record that a converted lead became, or that won a merge
	carriers map[string]*conversion.Group // by the key a live record carries where it was placed with it
	holders  map[string]*conversion.Group // by the key of a live entity
	gone     map[string]*conversion.Group // by the hash of the key of what was deleted here or went with its last record (spec 3.10, 3.11), the latest
}

type tie struct {
	group *conversion.Group
	link  *conversion.Link
}

func newIndex(groups []conversion.Group) *index {
	x := &index{refs: make(map[conversion.Ref]tie), heirs: make(map[conversion.Ref][]tie)}
	for i := range groups {
		for _, l := range groups[i].Links {
			if l.State != conversion.LinkMoved {
				x.refs[l.Ref] = tie{&groups[i], l}
			}
		}
	}
	return x
}

// read notes who has and who carries which key, and what ended records became.
func (x *index) read(groups []conversion.Group) {
	x.carriers, x.holders = make(map[string]*conversion.Group), make(map[string]*conversion.Group)
	x.gone = make(map[string]*conversion.Group)
	for i := range groups {
		x.add(&groups[i])
	}
	for i := range groups {
		for _, l := range groups[i].Links {
			x.carry(&groups[i], l)
			x.inherit(&groups[i], l)
		}
	}
}

// add notes the key of an entity.
func (x *index) add(g *conversion.Group) {
	e := g.Entity
	switch {
	case e.Key == "" || e.Into != "":
	case e.Live():
		x.holders[e.Key] = g
	default:
		hash := conversion.KeyHash(e.Key) // all that an erased one has
		if old, ok := x.gone[hash]; !ok || old.Entity.Deleted < e.Deleted {
			x.gone[hash] = g
		}
	}
}

// carry notes the key of a record that was placed with it: one of which it is not decided
// whose it is attracts nobody. Of several groups the oldest counts.
func (x *index) carry(g *conversion.Group, l *conversion.Link) {
	belongs := g.Entity.Live() && l.State == conversion.LinkLive && l.Key == l.Placed && !l.Pending
	if old, ok := x.carriers[l.Key]; belongs && (!ok || older(g.Entity, old.Entity)) {
		x.carriers[l.Key] = g
	}
}

// inherit notes what an ended record became; of several that became one the lowest first.
func (x *index) inherit(g *conversion.Group, l *conversion.Link) {
	ended := l.State == conversion.LinkConverted || l.State == conversion.LinkMerged
	if !ended || l.Into.Zero() {
		return
	}
	x.heirs[l.Into] = append(x.heirs[l.Into], tie{g, l})
	slices.SortFunc(x.heirs[l.Into], func(a, b tie) int { return a.link.Ref.Compare(b.link.Ref) })
}

func (x *index) byRef(ref conversion.Ref) (*conversion.Group, *conversion.Link) {
	t := x.refs[ref]
	return t.group, t.link
}

// byKey finds the group of a key: a live linked record's, then an entity's own, then that of
// the one that was deleted last.
func (x *index) byKey(key string) (*conversion.Group, bool) {
	if key == "" {
		return nil, false
	}
	for _, groups := range []map[string]*conversion.Group{x.carriers, x.holders} {
		if g, ok := groups[key]; ok {
			return g, true
		}
	}
	g, ok := x.gone[conversion.KeyHash(key)]
	return g, ok
}

// older orders entities by when they were made.
func older(a, b *conversion.Entity) bool {
	if a.Created != b.Created {
		return a.Created < b.Created
	}
	return a.ID < b.ID
}
