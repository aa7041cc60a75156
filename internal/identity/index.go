package identity

import (
	"conversion"
)

// index finds groups by what a record brings: its id, or its e-mail or domain.
type index struct {
	refs     map[conversion.Ref]tie
	carriers map[string]*conversion.Group // by the key a live record carries where it belongs
	holders  map[string]*conversion.Group // by the key of a live entity
	tombs    map[string]*conversion.Group // by the key of a deleted entity, the latest
}

type tie struct {
	group *conversion.Group
	link  *conversion.Link
}

func newIndex(groups []conversion.Group) *index {
	x := &index{refs: make(map[conversion.Ref]tie)}
	for i := range groups {
		for _, l := range groups[i].Links {
			x.refs[l.Ref] = tie{&groups[i], l}
		}
	}
	return x
}

// readKeys notes who has and who carries which key.
func (x *index) readKeys(groups []conversion.Group) {
	x.carriers = make(map[string]*conversion.Group)
	x.holders = make(map[string]*conversion.Group)
	x.tombs = make(map[string]*conversion.Group)
	for i := range groups {
		g := &groups[i]
		if !g.Entity.Live() {
			x.bury(g)
			continue
		}
		x.add(g)
	}
	for i := range groups {
		for _, l := range groups[i].Links {
			x.carry(&groups[i], l)
		}
	}
}

func (x *index) bury(g *conversion.Group) {
	e := g.Entity
	if old, ok := x.tombs[e.Key]; e.Key != "" && (!ok || old.Entity.Deleted < e.Deleted) {
		x.tombs[e.Key] = g
	}
}

// carry notes the key of a record that belongs where it is: one that was changed and not
// followed yet attracts nobody. Of several groups the oldest counts.
func (x *index) carry(g *conversion.Group, l *conversion.Link) {
	belongs := g.Entity.Live() && l.State == conversion.LinkLive && l.Key == l.Placed
	if old, ok := x.carriers[l.Key]; belongs && (!ok || g.Entity.ID < old.Entity.ID) {
		x.carriers[l.Key] = g
	}
}

// add notes the key of a live entity.
func (x *index) add(g *conversion.Group) {
	if g.Entity.Key != "" {
		x.holders[g.Entity.Key] = g
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

// elsewhere reports whether another live entity has the key, or another's live record
// carries it.
func (x *index) elsewhere(key string, g *conversion.Group) bool {
	for _, groups := range []map[string]*conversion.Group{x.carriers, x.holders} {
		if other, ok := groups[key]; ok && other != g {
			return true
		}
	}
	return false
}

// free reports whether an entity may take the key: no other has it, and no deleted one
// had it.
func (x *index) free(key string, g *conversion.Group) bool {
	_, dead := x.tombs[key]
	return !dead && !x.elsewhere(key, g)
}

// rename moves a live entity to another key.
func (x *index) rename(g *conversion.Group, key string) {
	delete(x.holders, g.Entity.Key)
	g.Entity.Key = key
	x.holders[key] = g
}
