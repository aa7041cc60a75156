package engine

import (
	"context"
	"fmt"

	"conversion"
)

// pull reads what changed, object by object. The cursor of an object moves with each page
// that was applied, so that a pull that stops goes on from there (spec 3.16).
func (s *session) pull(ctx context.Context, rs *runs) error {
	if err := s.readLoads(ctx); err != nil {
		return err
	}
	progress, err := s.measure(ctx, rs)
	if err != nil {
		return err
	}
	if err := s.beginLoads(ctx, progress); err != nil {
		return err
	}
	if err := s.doGranted(ctx); err != nil {
		return err
	}
	blocked := 0
	for i, o := range inbound {
		if o.Kind() == "" && inbound[i-1].Kind() != "" {
			if err := s.peopleAreIn(ctx, rs); err != nil {
				return err
			}
		}
		err := s.onFieldsChanged(ctx, func() error { return s.pullObject(ctx, rs, o, progress[o]) })
		if conversion.ErrorCode(err) == conversion.CodeForbidden && blocked < len(inbound)-1 {
			blocked++ // that object, not the rest (spec 2.2)
			err = rs.block(ctx, o, err)
		}
		if err != nil {
			return fmt.Errorf("pull %s: %w", o, err)
		}
	}
	if err := s.forgetRefused(ctx); err != nil {
		return err
	}
	if err := s.rounds(ctx, rs.first); err != nil && shortIn(err) == nil {
		return err
	}
	if err := s.peopleAreIn(ctx, rs); err != nil { // those that a round brought
		return err
	}
	return s.learnUsers(ctx)
}

// measure counts what a first load has to read, for its progress bar. A later pull reads
// only what changed and is not measured.
func (s *session) measure(ctx context.Context, rs *runs) (map[conversion.Object]*conversion.Progress, error) {
	if s.conn.Loaded {
		return nil, nil
	}
	byObject := make(map[conversion.Object]*conversion.Progress)
	var list []conversion.Progress
	for _, o := range inbound {
		cursor, err := s.books.Cursor(ctx, o)
		if err != nil {
			return nil, fmt.Errorf("read the cursor of %s: %w", o, err)
		}
		p := conversion.Progress{Object: o, Began: s.now()}
		if waited := rs.queued[runKey{conversion.Inbound, o}]; waited != nil && waited.Started != 0 {
			p.Began = waited.Started // it only waited in between
		}
		err = s.measureObject(ctx, &p, cursor)
		if conversion.ErrorCode(err) == conversion.CodeForbidden {
			continue
		}
		if err != nil {
			return nil, fmt.Errorf("count %s: %w", o, err)
		}
		byObject[o], list = &p, append(list, p)
	}
	if err := s.books.SaveProgress(ctx, list); err != nil {
		return nil, fmt.Errorf("store the progress: %w", err)
	}
	return byObject, nil
}

// measureObject counts all of an object and what is left of it: a load that goes on after
// a stop shows what was done before.
func (s *session) measureObject(ctx context.Context, p *conversion.Progress, at conversion.Cursor) error {
	if l := s.loads[p.Object]; l.UnderWay() {
		p.Total, p.Done = l.Total, min(l.Applied, l.Total)
		return nil
	}
	left, err := s.remote.Source.Count(ctx, p.Object, at)
	p.Total = left
	if err == nil && at.Modstamp != 0 {
		p.Total, err = s.remote.Source.Count(ctx, p.Object, conversion.Cursor{})
	}
	p.Done = max(0, p.Total-left)
	return err
}

func (s *session) pullObject(ctx context.Context, rs *runs, o conversion.Object, progress *conversion.Progress) error {
	run, err := rs.start(ctx, conversion.Inbound, o)
	if err != nil {
		return fmt.Errorf("start the run: %w", err)
	}
	p := objectPull{session: s, object: o, run: run, progress: progress}
	if err := p.load(ctx); err != nil {
		return fmt.Errorf("load all: %w", err)
	}
	if p.known, err = s.books.Cursor(ctx, o); err != nil {
		return fmt.Errorf("read the cursor: %w", err)
	}
	if o.Kind() != "" {
		return p.people(ctx) // its run ends once it is decided who is who
	}
	if err := p.activities(ctx); err != nil {
		return err
	}
	return rs.finish(ctx, conversion.Inbound, o)
}

// peopleAreIn decides who is who once the people of a cycle are in (spec 3.2), and ends
// their runs.
func (s *session) peopleAreIn(ctx context.Context, rs *runs) error {
	if err := s.settleWho(ctx, rs); err != nil {
		return fmt.Errorf("decide who is who: %w", err)
	}
	for _, o := range inbound {
		if o.Kind() == "" {
			continue
		}
		if err := rs.finish(ctx, conversion.Inbound, o); err != nil {
			return err
		}
	}
	return nil
}

// objectPull is the reading of one object in one cycle.
type objectPull struct {
	*session
	object   conversion.Object
	run      *conversion.Run
	known    conversion.Cursor // up to where earlier cycles read: what comes before is the overlap
	progress *conversion.Progress
	byJob    bool // pages of a load: what they store is planned again when others stored it in between
}

// from is where the reading starts: an overlap before what is known, for what was committed
// late (spec 3.16).
func (p *objectPull) from() conversion.Cursor {
	if p.known.Modstamp == 0 {
		return p.known
	}
	return conversion.Cursor{Modstamp: p.known.Modstamp.Add(-p.options.Overlap())}
}

// beyond reports whether a reading lies after what earlier cycles read.
func (p *objectPull) beyond(r conversion.Reading, id string) bool {
	return r.Modstamp > p.known.Modstamp || (r.Modstamp == p.known.Modstamp && id > p.known.ID)
}

func (p *objectPull) people(ctx context.Context) error {
	at := p.from()
	for {
		if err := p.cfg.Step("read a page"); err != nil {
			return err
		}
		page, err := p.remote.Source.Changes(ctx, p.schemas[p.object.Kind()], p.object, at, p.cfg.Page)
		if err != nil {
			return fmt.Errorf("read a page: %w", err)
		}
		if err := settled(func() error { return p.applyPeople(ctx, page) }); err != nil {
			return fmt.Errorf("apply a page: %w", err)
		}
		at = page.Next
		if !page.More {
			return nil
		}
	}
}

// applyPeople takes over one page of records in one transaction with the cursor.
func (p *objectPull) applyPeople(ctx context.Context, page conversion.RecordPage) error {
	t, err := p.absorb(ctx, p.object.Kind(), page.Records, intake{run: p.run.ID, beyond: p.beyond, cycle: p.cycleID()})
	if err != nil {
		return err
	}
	if t.empty() && !p.beyondCursor(page.Next) {
		return nil
	}
	b := t.batch(p.run.ID)
	if err = p.catchUps(ctx, t, &b); err != nil {
		return err
	}
	p.advance(&b, page.Next, countBeyond(p, page.Records))
	if err = p.commit(ctx, b); err == nil {
		p.noteBulk(p.run.ID, t)
	}
	return err
}

func countBeyond(p *objectPull, records []conversion.Record) int {
	n := 0
	for i := range records {
		if p.beyond(records[i].Reading, records[i].Ref.ID) {
			n++
		}
	}
	return n
}

func (p *objectPull) beyondCursor(c conversion.Cursor) bool {
	return p.beyond(conversion.Reading{Modstamp: c.Modstamp}, c.ID)
}

// advance puts the cursor and the progress of n more records into the batch. The cursor
// never moves back into the overlap.
func (p *objectPull) advance(b *conversion.Batch, next conversion.Cursor, n int) {
	if p.beyondCursor(next) {
		b.Cursor = &conversion.CursorMove{Object: p.object, To: next}
	}
	if p.progress != nil {
		p.progress.Done = min(p.progress.Done+n, p.progress.Total)
		done := *p.progress
		b.Progress = &done
	}
}
