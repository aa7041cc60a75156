package identity

import (
	"slices"
	"time"

	"conversion"
)

// Component is a set of groups of which nothing that is pending reaches out: with a pending
// link come the groups of what its record became, those that have or carry its key, and
// those whose pending records carry the key of its entity.
type Component struct {
	Groups  []*conversion.Group
	OnMerge conversion.OnMerge
	Offset  time.Duration     // Salesforce's time minus ours
	Cycle   conversion.Moment // names the cycle: records that its pages linked (Link.Met) are placed anew
	Now     conversion.Moment // by our own clock
	NewID   func() string     // ids for new entities
}

// Reason says why a record or an entity goes to another.
type Reason string

// The reasons.
const (
	Converted Reason = "converted" // a lead became a Contact (spec 3.8)
	Merged    Reason = "merged"    // two records became one (spec 3.9)
	Rekeyed   Reason = "rekeyed"   // the record's e-mail or website was changed (spec 3.12)
	Returned  Reason = "returned"  // a record or an entity came back and found its key with another
)

// Step is something that goes from one entity to another: a link, or without one all that
// From has, for it is combined into To. Steps are to be carried out in their order.
type Step struct {
	Link     *conversion.Link
	From, To *conversion.Group
	Why      Reason
	By       conversion.Ref // the record that is the cause
	New      bool           // the link is of this cycle: it never belonged to From, and leaves nothing there
}

// Inheritance is a Contact that a lead became (spec 3.8); both are on one entity once the
// steps are carried out.
type Inheritance struct{ Contact, Lead *conversion.Link }

// Settlement is who is who once the people of a cycle are in.
type Settlement struct {
	Steps     []Step
	Inherited []Inheritance
	Groups    []*conversion.Group // those that changed in any way, new ones among them, the older first
}

// Settle decides what is pending (spec 3.2): conversions and merges (3.8, 3.9), then what
// e-mails and websites that were changed mean (3.12), and at last where the records belong that
// the cycle met first: where a page put them does not count, so that the order in which
// records were read does not either. It sets the states and keys of links
// and entities; what goes from one group to another it only tells, as steps, for claims go
// along. Afterwards no link of the groups is pending.
func Settle(c Component) Settlement {
	s := newSettling(c)
	s.revive()
	s.end()
	s.rekey()
	s.rest()
	for _, u := range s.units {
		if s.touched[u.group] {
			s.out.Groups = append(s.out.Groups, u.group)
		}
	}
	return s.out
}

// unit is a group on its way to what it will be: its links include those of the groups that
// are to be combined into it.
type unit struct {
	group  *conversion.Group
	links  []*conversion.Link // without those that moved away
	key    string             // what its entity will have
	over   bool               // it is combined into another
	vacant bool               // a page made it for records of this cycle, and nobody is on it yet
	taker
}

func (u *unit) entity() *conversion.Entity { return u.group.Entity }

// stands reports whether the unit is a live entity that is not combined into another.
func (u *unit) stands() bool { return !u.over && u.entity().Live() }

type settling struct {
	Component
	units     []*unit // the older first
	at        map[*conversion.Link]*unit
	refs      map[conversion.Ref]*conversion.Link
	newcomers map[*conversion.Link]*newcomer
	touched   map[*conversion.Group]bool
	dead      map[string][]*unit // by the hash of their key, what was not live at first
	homes     homes
	left      []departure // records that went elsewhere for their keys
	out       Settlement
}

func newSettling(c Component) *settling {
	s := &settling{
		Component: c, at: make(map[*conversion.Link]*unit), refs: make(map[conversion.Ref]*conversion.Link),
		newcomers: make(map[*conversion.Link]*newcomer), touched: make(map[*conversion.Group]bool),
		dead: make(map[string][]*unit),
	}
	for _, g := range c.Groups {
		u := &unit{group: g, key: g.Entity.Key, over: g.Entity.Into != ""}
		isNew := s.newTo(g)
		u.vacant = s.madeFor(g, isNew)
		u.over = u.over || u.vacant
		for _, l := range g.Links {
			if l.State == conversion.LinkMoved {
				continue
			}
			if s.refs[l.Ref] = l; isNew(l) {
				s.newcomers[l] = &newcomer{link: l, from: u}
				continue
			}
			u.links = append(u.links, l)
			s.at[l] = u
		}
		s.units = append(s.units, u)
		if !g.Entity.Live() {
			hash := conversion.KeyHash(u.key)
			s.dead[hash] = append(s.dead[hash], u)
		}
	}
	slices.SortFunc(s.units, func(a, b *unit) int {
		if older(a.entity(), b.entity()) {
			return -1
		}
		return 1
	})
	return s
}

// combine lets all of one unit go to another.
func (s *settling) combine(into, from *unit, why Reason, by conversion.Ref) {
	s.out.Steps = append(s.out.Steps, Step{From: from.group, To: into.group, Why: why, By: by})
	s.touched[into.group], s.touched[from.group] = true, true
	for _, n := range s.newcomers {
		if n.from == from {
			n.from = into
		}
	}
	for _, l := range from.links {
		if s.at[l] = into; l.Live() && into.entity().Tombstone() {
			l.State = conversion.LinkIgnored // spec 3.11
		}
	}
	into.links = append(into.links, from.links...)
	slices.SortFunc(into.links, func(a, b *conversion.Link) int { return a.Ref.Compare(b.Ref) })
	if into.key == "" {
		into.key = from.key
	}
	from.links, from.over = nil, true
}

// move lets a record go to another unit, placed there with the key it carries; it is ignored
// where the entity was deleted in Conversion (spec 3.11).
func (s *settling) move(l *conversion.Link, to *unit, why Reason) {
	from := s.at[l]
	s.out.Steps = append(s.out.Steps, Step{Link: l, From: from.group, To: to.group, Why: why, By: l.Ref})
	s.touched[to.group], s.touched[from.group] = true, true
	from.links = slices.DeleteFunc(slices.Clone(from.links), func(other *conversion.Link) bool { return other == l })
	to.links = append(to.links, l)
	s.at[l] = to
	l.Place()
	if !to.entity().Live() {
		l.State = conversion.LinkIgnored
	}
}

// since reports whether a link was made after a moment of Salesforce's.
func (s *settling) since(l *conversion.Link, at conversion.Moment) bool {
	return l.Linked.Add(s.Offset).Second() >= at.Second()
}

// revive brings entities back that went with their last record, for one of theirs is there
// again (spec 3.10). Where another has their key by now, the two are one.
func (s *settling) revive() {
	holders := make(map[string]*unit)
	for _, u := range s.units {
		if u.stands() && u.key != "" {
			holders[u.key] = u
		}
	}
	for _, u := range s.units {
		if !u.entity().Gone || u.over || !slices.ContainsFunc(u.links, (*conversion.Link).Live) {
			continue
		}
		if h := holders[u.key]; h != nil {
			s.combine(h, u, Returned, u.links[0].Ref)
			continue
		}
		s.raise(u)
		if u.key != "" {
			holders[u.key] = u
		}
	}
}

func (s *settling) raise(u *unit) {
	e := u.entity()
	e.Deleted, e.Gone, e.Death = 0, false, 0
	s.touched[u.group] = true
}

// rest leaves nothing pending: a live record that is where it belongs is placed there; one
// without a key is held as long as it had one (spec 3.12).
func (s *settling) rest() {
	for _, u := range s.units {
		for _, l := range u.links {
			if l.Met != 0 && l.Met == s.Cycle {
				l.Met, s.touched[u.group] = 0, true
			}
			if !l.Pending && !(l.Live() && l.Key != "" && l.Key != l.Placed) {
				continue
			}
			s.touched[u.group] = true
			switch {
			case l.Live() && l.Key == "" && l.Placed != "":
				l.State, l.Hold, l.Pending = conversion.LinkHeld, emptied(u.entity().Kind), false
			case l.Live() && u.entity().Tombstone():
				l.Place()
				l.State = conversion.LinkIgnored
			case l.Live():
				l.Place()
			default:
				l.Pending = false
			}
		}
	}
}

func emptied(k conversion.Kind) string {
	if k == conversion.KindCompany {
		return "Its website was emptied in Salesforce; the company keeps its domain until there is one again."
	}
	return "Its e-mail address was emptied in Salesforce; the contact keeps its own until there is one again."
}
