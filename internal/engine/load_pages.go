package engine

import (
	"context"
	"errors"
	"fmt"
	"math"

	"conversion"
)

// Help applies pages of the workspace's loads until none is free, whoever's cycle it is:
// so one first load spreads over all workers. Each page is taken under a lease of its own,
// and the org is opened once there is one to take.
func (e *Engine) Help(ctx context.Context, workspaceID string) error {
	s := e.newSession(workspaceID, "load")
	pages, err := s.books.OpenPages(ctx)
	if err != nil || len(pages) == 0 {
		return err
	}
	for {
		if took, err := s.takePage(ctx); err != nil || !took {
			return err
		}
	}
}

// takePage applies the first page that nobody has in hand; false when there is none.
func (s *session) takePage(ctx context.Context) (took bool, err error) {
	pages, err := s.books.OpenPages(ctx)
	if err != nil {
		return false, err
	}
	for _, page := range pages {
		err := s.with(ctx, s.workspace, page.Lease(), func(ctx context.Context, w *session) error {
			if err := s.ready(ctx); err != nil {
				return err
			}
			w.conn, w.rules, w.options, w.schemas, w.loads = s.conn, s.rules, s.options, s.schemas, s.loads
			w.use(s.org)
			return w.applyPage(ctx, page)
		})
		switch {
		case errors.Is(err, ErrBusy):
			continue
		case errors.Is(err, conversion.ErrLeaseLost) && ctx.Err() == nil:
			s.log.Info("a page went to another worker", "object", page.Object, "page", page.Number)
			return true, nil
		case err != nil:
			return true, fmt.Errorf("page %d of %s: %w", page.Number, page.Object, err)
		}
		return true, nil
	}
	return false, nil
}

// ready opens the org and reads the loads, unless that was done.
func (s *session) ready(ctx context.Context) error {
	if s.loads != nil {
		return nil
	}
	if err := s.connect(ctx); err != nil {
		return err
	}
	return s.readLoads(ctx)
}

// pageLoad is the applying of one page of a load, batch by batch.
type pageLoad struct {
	objectPull
	load conversion.Load
	page conversion.LoadPage
	rows int // that it has
	at   int // handed over since it was opened, but for those that stand for others
	behind
}

// applyPage reads a page and applies it. A page that somebody began is read again from its
// first record: what was applied of it changes nothing.
func (s *session) applyPage(ctx context.Context, page conversion.LoadPage) error {
	p, open, err := s.openLoad(ctx, page)
	if err != nil || !open {
		return err
	}
	if err := s.cfg.Step("open a page of a load"); err != nil {
		return err
	}
	err = paidFor(ctx, s, func() error { return p.read(ctx) })
	if err != nil {
		return err
	}
	return p.commitAt(ctx, conversion.Batch{}, p.rows, true)
}

// read has the page read and applied, and returns once nothing of it is in hand.
func (p *pageLoad) read(ctx context.Context) (err error) {
	loader, kind := p.remote.Loader, p.object.Kind()
	r := conversion.LoadRequest{
		Load: p.load, Locator: p.page.Locator, Rows: p.cfg.LoadPage, Batch: p.cfg.Page,
		Opened: func(head conversion.LoadedPage) error { return p.opened(ctx, head) },
	}
	if kind == "" {
		err = loader.LoadActivities(ctx, r, func(found []conversion.Activity) error { return p.activities(ctx, found) })
	} else {
		err = loader.LoadRecords(ctx, p.schemas[kind], r, func(records []conversion.Record) error { return p.people(ctx, kind, records) })
	}
	return joinFirst(p.wait(), err)
}

// openLoad looks, now that the lease is ours, what is left of the page; not open when it was
// finished meanwhile, or its load is another's. The connection may have been paused.
func (s *session) openLoad(ctx context.Context, named conversion.LoadPage) (p *pageLoad, open bool, err error) {
	if s.conn, err = s.books.Connection(ctx); err != nil {
		return nil, false, fmt.Errorf("read the connection: %w", err)
	}
	if !s.conn.Live() {
		return nil, false, errNotConnected()
	}
	loads, err := s.books.Loads(ctx)
	if err != nil {
		return nil, false, err
	}
	pages, err := s.books.OpenPages(ctx)
	if err != nil {
		return nil, false, err
	}
	for _, page := range pages {
		for _, l := range loads {
			if page.JobID == named.JobID && page.Number == named.Number && l.JobID == page.JobID {
				o := objectPull{session: s, object: l.Object, run: &conversion.Run{ID: l.RunID}, byJob: true}
				return &pageLoad{objectPull: o, load: l, page: page}, true, nil
			}
		}
	}
	return nil, false, nil
}

// opened lets others take the page after this one. A page that is opened again is read from
// its first record: whatever was handed over before is applied by then.
func (p *pageLoad) opened(ctx context.Context, head conversion.LoadedPage) error {
	if err := p.wait(); err != nil {
		return err
	}
	p.at, p.rows = 0, head.Rows
	if head.Next == "" {
		return nil
	}
	next := conversion.LoadPage{Object: p.object, JobID: p.load.JobID, Number: p.page.Number + 1, Locator: head.Next}
	if err := p.commit(ctx, conversion.Batch{Load: &conversion.LoadStep{Next: &next}}); err != nil {
		return fmt.Errorf("store where the next page begins: %w", err)
	}
	return nil
}

// people has a batch of records applied while the next is read. Who is who depends on the
// batch before: it is applied first.
func (p *pageLoad) people(ctx context.Context, kind conversion.Kind, records []conversion.Record) error {
	p.at += len(records)
	at := p.at
	return p.do(func() error {
		return settled(func() error { return p.applyPeople(ctx, kind, records, at) })
	})
}

// applyPeople takes over the records up to a place of the page in one transaction with how
// far the page has come.
func (p *pageLoad) applyPeople(ctx context.Context, kind conversion.Kind, records []conversion.Record, at int) error {
	p.overlap(at)
	t, err := p.absorb(ctx, kind, records, intake{run: p.run.ID, beyond: p.beyond, cycle: p.cycleID()})
	if err != nil {
		return err
	}
	b := t.batch(p.run.ID)
	if err := p.catchUps(ctx, t, &b); err != nil {
		return err
	}
	if err := p.commitAt(ctx, b, at, false); err != nil {
		return err
	}
	p.noteBulk(p.run.ID, t)
	return nil
}

// activities takes a batch over, and has it stored while the next is read: no activity
// depends on another.
func (p *pageLoad) activities(ctx context.Context, found []conversion.Activity) error {
	p.at += len(found)
	at := p.at
	p.overlap(at)
	b, err := p.takeActivities(ctx, found)
	if err != nil {
		return err
	}
	return p.do(func() error { return p.storeActivities(ctx, b, at) })
}

// storeActivities commits a batch, and where others stored some of its activities in between,
// once more over theirs.
func (p *pageLoad) storeActivities(ctx context.Context, b conversion.Batch, at int) error {
	err := p.commitAt(ctx, b, at, false)
	if _, stale := errors.AsType[*conversion.StaleError](err); !stale {
		return err
	}
	for i := range b.Engagements {
		b.Engagements[i].First = false
	}
	return p.commitAt(ctx, b, at, false)
}

// overlap says of the records up to a place whether they were applied before: then those
// that are skipped have their lines.
func (p *pageLoad) overlap(at int) {
	p.known = conversion.Cursor{}
	if at <= p.page.Applied {
		p.known.Modstamp = math.MaxInt64
	}
}

// commitAt commits the batch with the page applied up to so many of its records.
func (p *pageLoad) commitAt(ctx context.Context, b conversion.Batch, at int, done bool) error {
	page := p.page
	page.Applied, page.Done = at, done
	b.Load = &conversion.LoadStep{Page: &page}
	return p.commit(ctx, b)
}
