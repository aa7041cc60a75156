package engine

import (
	"context"
	"fmt"

	"conversion"
)

// round is a pass over all records of an object, page by page, each stored with how far the
// round has come.
type round struct {
	*session
	conversion.Round
	run *conversion.Run
	// what the run's lines say of the records that are repaired, by id
	because map[string]string
}

// The words of a run's lines for what a round repaired.
const (
	wasUnknown = "It was there, and not known here: shared later, or stored later than a pull looks back."
	wasGone    = "It is no longer there, not even in the recycle bin, or the connected user may no longer see it."
	wasStale   = "It had changed without being read."
)

// roundKey names a round of a workspace.
type roundKey struct {
	work   conversion.Work
	object conversion.Object
}

// lastRounds returns the last round of each work and object.
func (s *session) lastRounds(ctx context.Context) (map[roundKey]conversion.Round, error) {
	rounds, err := s.books.Rounds(ctx)
	if err != nil {
		return nil, err
	}
	last := make(map[roundKey]conversion.Round, len(rounds))
	for _, r := range rounds {
		last[roundKey{r.Work, r.Object}] = r
	}
	return last, nil
}

// goRound makes a round, or goes on with the last one if that was for the same and is not
// through. page deals with one page and says whether there is more.
func (s *session) goRound(ctx context.Context, last, wanted conversion.Round, page func(context.Context, *round) (more bool, err error)) error {
	if last.UnderWay() && last.Scope == wanted.Scope {
		wanted = last
	} else {
		wanted.Began = s.now()
	}
	rs := newRuns(s, string(wanted.Work))
	run, err := rs.start(ctx, conversion.Inbound, wanted.Object)
	if err != nil {
		return fmt.Errorf("start a run: %w", err)
	}
	r := &round{session: s, Round: wanted, run: run}
	err = s.onFieldsChanged(ctx, func() error { return r.toTheEnd(ctx, page) })
	if err != nil {
		rs.fail(context.WithoutCancel(ctx), err)
		return fmt.Errorf("%s of %s: %w", wanted.Work, wanted.Object, err)
	}
	run.Note = r.note()
	return rs.finish(ctx, conversion.Inbound, wanted.Object)
}

func (r *round) toTheEnd(ctx context.Context, page func(context.Context, *round) (bool, error)) error {
	for more := true; more; {
		if err := r.cfg.Step("go through a page"); err != nil {
			return err
		}
		var err error
		if more, err = page(ctx, r); err != nil {
			return err
		}
	}
	r.After, r.Ended = "", r.now()
	return r.keep(ctx)
}

// keep stores how far the round has come.
func (r *round) keep(ctx context.Context) error {
	now := r.Round
	return r.commit(ctx, conversion.Batch{Round: &now})
}

// passed notes that everything up to the end of the meeting was dealt with.
func (r *round) passed(ctx context.Context, m meeting) (more bool, err error) {
	r.Found.Compared += m.number
	if r.After = m.to; m.to == "" {
		return false, nil
	}
	return true, r.keep(ctx)
}

// note says in a sentence or two what the round found.
func (r *round) note() string {
	f := r.Found
	if r.Work == conversion.WorkFill {
		return fmt.Sprintf("The values of fields that appeared were read for %d records.", f.Compared)
	}
	if r.Work == conversion.WorkRefresh {
		return fmt.Sprintf("Formula and roll-up fields were read for %d records.", f.Compared)
	}
	found := "Nothing was missed."
	if f.Unknown+f.Gone+f.Stale > 0 {
		found = fmt.Sprintf("%d were not known here, %d are gone there, %d had changed unseen; all were repaired.", f.Unknown, f.Gone, f.Stale)
	}
	return fmt.Sprintf("%s: %d records were compared. %s", r.Why, f.Compared, found)
}

// stretch adds what is known here to a page of sightings.
func (r *round) stretch(ctx context.Context, page conversion.SightingPage) (stretch, error) {
	s := stretch{seen: page.Sightings}
	if n := len(page.Sightings); page.More && n > 0 {
		s.seenTo = page.Sightings[n-1].ID
	}
	var err error
	if s.known, err = r.books.Known(ctx, r.Object, r.After, r.cfg.Page); err != nil {
		return stretch{}, err
	}
	if len(s.known) == r.cfg.Page {
		s.knownTo = s.known[len(s.known)-1].ID
	}
	read, err := r.books.Cursor(ctx, r.Object)
	if err != nil {
		return stretch{}, fmt.Errorf("read the cursor: %w", err)
	}
	s.cursor = read.Modstamp
	return s, nil
}

// again reads the people or companies whole, and takes them in as a pull does.
func (r *round) again(ctx context.Context, ids []string) error {
	records, err := r.readWhole(ctx, ids)
	if err != nil || len(records) == 0 {
		return err
	}
	return r.takeIn(ctx, records)
}

func (r *round) readWhole(ctx context.Context, ids []string) ([]conversion.Record, error) {
	if len(ids) == 0 {
		return nil, nil
	}
	refs := make([]conversion.Ref, len(ids))
	for i, id := range ids {
		refs[i] = conversion.Ref{Object: r.Object, ID: id}
	}
	if err := r.cfg.Step("read records again"); err != nil {
		return nil, err
	}
	records, err := r.remote.Target.Read(ctx, r.schemas[r.Object.Kind()], refs)
	if err != nil {
		return nil, fmt.Errorf("read records again: %w", err)
	}
	return records, nil
}

// takeIn takes whole records in as a pull does, the activities of people that are met for
// the first time among it.
func (r *round) takeIn(ctx context.Context, records []conversion.Record) error {
	return settled(func() error {
		t, err := r.absorb(ctx, r.Object.Kind(), records, intake{run: r.run.ID})
		if err != nil || t.empty() {
			return err
		}
		b := t.batch(r.run.ID)
		if err := r.catchUps(ctx, t, &b); err != nil {
			return err
		}
		for i, l := range b.Lines {
			if l.Message == "" {
				b.Lines[i].Message = r.because[l.Ref.ID]
			}
		}
		if err = r.commit(ctx, b); err == nil {
			r.noteBulk(r.run.ID, t)
		}
		return err
	})
}
