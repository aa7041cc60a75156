package identity

import (
	"cmp"

	"conversion"
)

// index finds groups by what a record brings: its id, or its e-mail or domain.
type index struct {
	refs     map[conversion.Ref]tie
	carriers map[string]*conversion.Group // by the key a live linked record carries
	holders  map[string]*conversion.Group // by the key of a live entity
	tombs    map[string]*conversion.Group // by the key of a deleted entity, the latest
}

type tie struct {
	group *conversion.Group
	link  *conversion.Link
}

func newIndex(groups []conversion.Group) *index {
	x := &index{
		refs:     make(map[conversion.Ref]tie),
		carriers: make(map[string]*conversion.Group),
		holders:  make(map[string]*conversion.Group),
		tombs:    make(map[string]*conversion.Group),
	}
	for i := range groups {
		x.add(&groups[i])
	}
	return x
}

func (x *index) add(g *conversion.Group) {
	e := g.Entity
	switch {
	case e.Key == "":
	case e.Live():
		x.holders[e.Key] = g
	default:
		if old, ok := x.tombs[e.Key]; !ok || cmp.Compare(old.Entity.Deleted, e.Deleted) < 0 {
			x.tombs[e.Key] = g
		}
	}
	for _, l := range g.Links {
		x.addLink(g, l)
	}
}

func (x *index) addLink(g *conversion.Group, l *conversion.Link) {
	x.refs[l.Ref] = tie{g, l}
	if l.Live() && l.Key != "" {
		if other, ok := x.carriers[l.Key]; !ok || g.Entity.ID < other.Entity.ID {
			x.carriers[l.Key] = g
		}
	}
}

func (x *index) byRef(ref conversion.Ref) (*conversion.Group, *conversion.Link) {
	t := x.refs[ref]
	return t.group, t.link
}

// byKey finds the group of a key in the order of spec 3.5: a live linked record's, then
// an entity's own, then a tombstone.
func (x *index) byKey(key string) (*conversion.Group, bool) {
	if key == "" {
		return nil, false
	}
	for _, groups := range []map[string]*conversion.Group{x.carriers, x.holders, x.tombs} {
		if g, ok := groups[key]; ok {
			return g, true
		}
	}
	return nil, false
}

// free reports whether an entity may take the key: no other live entity has it, and no
// other's live record carries it.
func (x *index) free(key string, e *conversion.Entity) bool {
	for _, groups := range []map[string]*conversion.Group{x.carriers, x.holders} {
		if g, ok := groups[key]; ok && g.Entity != e {
			return false
		}
	}
	_, dead := x.tombs[key]
	return !dead
}

// rename moves a live entity to another key.
func (x *index) rename(g *conversion.Group, key string) {
	delete(x.holders, g.Entity.Key)
	g.Entity.Key = key
	x.holders[key] = g
}
