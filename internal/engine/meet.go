package engine

import (
	"cmp"

	"conversion"
)

// stretch is a part of an object's records by id, as each side has them. An end that is ""
// is that of all records.
type stretch struct {
	seen    []conversion.Sighting
	seenTo  string
	known   []conversion.Known
	knownTo string
	cursor  conversion.Moment // what moved since is the next pull's
}

// meeting is what comparing a stretch came to: ids up to to, the end when that is "".
type meeting struct {
	to      string
	same    []string              // known as they are, and worth reading
	unknown []conversion.Sighting // there, worth taking up, and not known
	gone    []conversion.Known    // known as there, and not seen
	stale   []string              // seen otherwise than they are known
	number  int
}

// meet compares both sides up to where both were read. Both ascend by id.
func (s stretch) meet() meeting {
	m := meeting{to: s.seenTo}
	if s.knownTo != "" && (m.to == "" || s.knownTo < m.to) {
		m.to = s.knownTo
	}
	within := func(id string) bool { return m.to == "" || id <= m.to }
	i, j := 0, 0
	for {
		haveSeen := i < len(s.seen) && within(s.seen[i].ID)
		haveKnown := j < len(s.known) && within(s.known[j].ID)
		order := 0
		switch {
		case !haveSeen && !haveKnown:
			return m
		case !haveSeen:
			order = 1
		case !haveKnown:
			order = -1
		default:
			order = cmp.Compare(s.seen[i].ID, s.known[j].ID)
		}
		m.number++
		if order <= 0 {
			i++
		}
		if order >= 0 {
			j++
		}
		switch {
		case order < 0:
			m.onlySeen(s.seen[i-1], s.cursor)
		case order > 0:
			m.onlyKnown(s.known[j-1])
		default:
			m.both(s.seen[i-1], s.known[j-1], s.cursor)
		}
	}
}

func (m *meeting) onlySeen(seen conversion.Sighting, cursor conversion.Moment) {
	if !seen.PassOver && seen.Modstamp <= cursor {
		m.unknown = append(m.unknown, seen)
	}
}

func (m *meeting) onlyKnown(known conversion.Known) {
	if known.State == conversion.LinkLive || known.State == conversion.LinkHeld || known.State == conversion.LinkIgnored {
		m.gone = append(m.gone, known)
	}
}

func (m *meeting) both(seen conversion.Sighting, known conversion.Known, cursor conversion.Moment) {
	ended := known.State == conversion.LinkDeleted || known.State == conversion.LinkMerged
	switch {
	case known.State == conversion.LinkConverted, ended && seen.Deleted: // never read again
	case ended:
		m.stale = append(m.stale, seen.ID) // it is back
	case seen.Modstamp > cursor:
		m.same = append(m.same, seen.ID)
	case seen.Modstamp > known.Modstamp, seen.Deleted:
		m.stale = append(m.stale, seen.ID)
	default:
		m.same = append(m.same, seen.ID)
	}
}
