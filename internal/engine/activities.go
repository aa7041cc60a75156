package engine

import (
	"context"
	"fmt"
	"math"
	"slices"

	"conversion"
)

// activities takes over Tasks and Events whose people are linked (spec 3.14): first all those
// of people who were nobody's when they were read, then what changed, page by page, then
// those that were shared with further people.
func (p *objectPull) activities(ctx context.Context) error {
	if err := p.catchUp(ctx); err != nil {
		return fmt.Errorf("read earlier activities: %w", err)
	}
	at := p.from()
	for {
		if err := p.cfg.Step("read a page"); err != nil {
			return err
		}
		page, err := p.remote.Source.Activities(ctx, p.object, at, p.cfg.Page)
		if err != nil {
			return fmt.Errorf("read a page: %w", err)
		}
		if err := p.applyActivities(ctx, page); err != nil {
			return fmt.Errorf("apply a page: %w", err)
		}
		at = page.Next
		if !page.More {
			return p.shared(ctx)
		}
	}
}

func (p *objectPull) applyActivities(ctx context.Context, page conversion.ActivityPage) error {
	fresh := 0
	for i := range page.Activities {
		if p.beyond(page.Activities[i].Reading, page.Activities[i].Ref.ID) {
			fresh++
		}
	}
	b, err := p.takeActivities(ctx, page.Activities)
	if err != nil || len(b.Engagements) == 0 && fresh == 0 && !p.beyondCursor(page.Next) {
		return err
	}
	p.advance(&b, page.Next, fresh)
	return p.commit(ctx, b)
}

// repeated reports whether an observation tells nothing that is not known already. At the
// same stamp it may still tell other people: who shares an activity does not change it.
func repeated(a *conversion.Activity, known conversion.KnownActivity) bool {
	if a.Reading.Modstamp == known.Modstamp {
		return a.Deleted || slices.Equal(a.People, known.People)
	}
	return a.Reading.Modstamp < known.Modstamp
}

// takeActivities returns the batch that stores what the activities tell.
func (p *objectPull) takeActivities(ctx context.Context, list []conversion.Activity) (conversion.Batch, error) {
	b := conversion.Batch{RunID: p.run.ID}
	refs, people := refsOf(list)
	owners, err := p.books.EntitiesOf(ctx, people)
	if err != nil {
		return b, fmt.Errorf("find the contacts of activities: %w", err)
	}
	known, err := p.books.KnownActivities(ctx, refs)
	if err != nil {
		return b, fmt.Errorf("find known activities: %w", err)
	}
	for i := range list {
		if a := &list[i]; !repeated(a, known[a.Ref]) {
			p.takeActivity(&b, a, ownerOf(a, owners), known[a.Ref].Modstamp != 0)
		}
	}
	return b, nil
}

// ownerOf is the contact of the first of the activity's people that is linked; "" when none
// is.
func ownerOf(a *conversion.Activity, owners map[conversion.Ref]string) string {
	for _, who := range a.People {
		if owner := owners[who]; owner != "" {
			return owner
		}
	}
	return ""
}

// takeActivity adds one activity to the batch. One that is known stays known whatever became
// of its people; an unknown one has to be somebody's, and not deleted.
func (p *objectPull) takeActivity(b *conversion.Batch, a *conversion.Activity, owner string, known bool) {
	line := conversion.RunLine{RunID: p.run.ID, Ref: a.Ref, EntityID: owner, At: p.now()}
	switch {
	case !known && (owner == "" || a.Deleted):
		if !p.beyond(a.Reading, a.Ref.ID) {
			return // the overlap only shows it again
		}
		line.Outcome, line.Message = outcomeSkipped, whyUnowned(a)
	case a.Deleted:
		line.Outcome = outcomeDeleted
	case known:
		line.Outcome = outcomeUpdated
	default:
		line.Outcome = outcomeCreated
	}
	if line.Outcome != outcomeSkipped {
		g := p.engagement(a)
		g.First = p.byJob && !known
		b.Engagements = append(b.Engagements, g)
	}
	b.Counts = tally(b.Counts, line.Outcome)
	b.Lines = append(b.Lines, line)
}

func whyUnowned(a *conversion.Activity) string {
	if a.Deleted {
		return "It was deleted in Salesforce before it was ever synced."
	}
	return "It belongs to no synced Lead or Contact."
}

// refsOf returns the activities' own refs, and those of their people, each once.
func refsOf(activities []conversion.Activity) (refs, people []conversion.Ref) {
	seen := make(map[conversion.Ref]bool)
	for i := range activities {
		refs = append(refs, activities[i].Ref)
		for _, who := range activities[i].People {
			if !seen[who] {
				seen[who] = true
				people = append(people, who)
			}
		}
	}
	return refs, people
}

// engagement is the custom engagement an activity becomes; its type is the object's name.
// A deleted one may have lost its people in Salesforce: it keeps them here.
func (s *session) engagement(a *conversion.Activity) conversion.Engagement {
	g := conversion.Engagement{
		ID: s.cfg.NewID(), Type: string(a.Ref.Object), Ref: a.Ref, Subject: a.Subject, Occurred: a.Occurred,
		Data: dataOf(a.Fields), Modstamp: a.Reading.Modstamp, Deleted: a.Deleted, Created: s.now(), People: a.People,
	}
	if a.Deleted {
		g.People = nil
	}
	return g
}

// dataOf is the JSON object of an activity's fields, by name.
func dataOf(fields []conversion.NamedValue) []byte {
	data := append(make([]byte, 0, 32*len(fields)), '{')
	for i, f := range fields {
		if i > 0 {
			data = append(data, ',')
		}
		data = append(conversion.Text(f.Name).AppendJSON(data), ':')
		data = f.Value.AppendJSON(data)
	}
	return append(data, '}')
}

// activityObjects are the objects that are activities.
var activityObjects = []conversion.Object{conversion.Task, conversion.Event}

// catchUps asks for the activities of people who are taken up only now, though activities as
// old as they are were read before: they had no e-mail address until now (spec 3.3), or came
// after the people of a cycle were read and before its activities were.
func (s *session) catchUps(ctx context.Context, t *taken, b *conversion.Batch) error {
	if len(t.firstSeen(math.MaxInt64)) == 0 {
		return nil
	}
	for _, o := range activityObjects {
		read, err := s.books.Cursor(ctx, o)
		if err != nil {
			return fmt.Errorf("read the cursor of %s: %w", o, err)
		}
		by := read.Modstamp
		if l := s.loads[o]; l.Pages > 0 {
			by = max(by, l.Began) // some of its pages were read
		}
		for _, who := range t.firstSeen(by) {
			b.CatchUps = append(b.CatchUps, conversion.CatchUp{Activity: o, Who: who, Asked: s.now()})
		}
	}
	return nil
}

// firstSeen returns the Leads and Contacts that were linked now and made by the moment.
func (t *taken) firstSeen(by conversion.Moment) (people []conversion.Ref) {
	for _, m := range t.matches {
		isPerson := m.Record.Ref.Object.Kind() == conversion.KindContact
		if m.First && isPerson && m.Group.Entity.Live() && m.Record.Created <= by {
			people = append(people, m.Record.Ref)
		}
	}
	return people
}

// catchUpBatch is how many people's activities are read together.
const catchUpBatch = 200

// catchUp reads the activities of people who were nobody's when these were read.
func (p *objectPull) catchUp(ctx context.Context) error {
	for {
		waiting, err := p.books.CatchUps(ctx, p.object, catchUpBatch)
		if err != nil || len(waiting) == 0 {
			return err
		}
		if err := p.cfg.Step("read earlier activities"); err != nil {
			return err
		}
		people, began := make([]conversion.Ref, len(waiting)), p.now()
		for i, n := range waiting {
			people[i] = n.Who
			waiting[i].Asked = max(began, n.Asked)
		}
		found, err := p.remote.Source.ActivitiesOf(ctx, p.object, people)
		if err != nil {
			return err
		}
		b, err := p.takeActivities(ctx, found)
		if err != nil {
			return err
		}
		b.CaughtUp = waiting
		if err := p.commit(ctx, b); err != nil {
			return err
		}
	}
}

// relationsOf names, for their cursors, what ties activities to further people.
var relationsOf = map[conversion.Object]conversion.Object{conversion.Task: "TaskRelation", conversion.Event: "EventRelation"}

// shared takes over who was added to activities that several people share: that changes
// only the relation. An org without shared activities is not asked.
func (p *objectPull) shared(ctx context.Context) error {
	r := objectPull{session: p.session, object: relationsOf[p.object], run: p.run}
	var err error
	if r.known, err = p.books.Cursor(ctx, r.object); err != nil {
		return fmt.Errorf("read the cursor of %s: %w", r.object, err)
	}
	switch {
	case r.known.Modstamp == 0 && p.known.Modstamp == 0: // the first load read everybody just now
		first := conversion.Cursor{Modstamp: p.run.Started.Add(p.conn.ClockOffset)}
		return p.commit(ctx, conversion.Batch{Cursor: &conversion.CursorMove{Object: r.object, To: first}})
	case r.known.Modstamp == 0:
		r.known = p.known
		r.known.ID = ""
	}
	for at, more := r.from(), true; more; {
		if err := p.cfg.Step("read a page"); err != nil {
			return err
		}
		page, err := p.remote.Source.Relations(ctx, p.object, at, p.cfg.Page)
		if err != nil {
			return fmt.Errorf("read a page of %s: %w", r.object, err)
		}
		if err := r.applyRelations(ctx, p.object, page); err != nil {
			return fmt.Errorf("apply a page of %s: %w", r.object, err)
		}
		at, more = page.Next, page.More
	}
	return nil
}

// applyRelations reads the activities that a page of relations gives to contacts who do not
// have them yet, and stores them with the cursor.
func (p *objectPull) applyRelations(ctx context.Context, of conversion.Object, page conversion.RelationPage) error {
	ids, err := p.unshared(ctx, page.Relations)
	if err != nil {
		return err
	}
	var found []conversion.Activity
	for part := range slices.Chunk(ids, catchUpBatch) {
		some, err := p.remote.Walker.ReadActivities(ctx, of, part)
		if err != nil {
			return err
		}
		found = append(found, some...)
	}
	b, err := p.takeActivities(ctx, found)
	if err != nil || len(b.Engagements) == 0 && !p.beyondCursor(page.Next) {
		return err
	}
	p.advance(&b, page.Next, 0)
	return p.commit(ctx, b)
}

// unshared returns the activities, each once, that lack a linked person whom the relations
// name.
func (p *objectPull) unshared(ctx context.Context, relations []conversion.Relation) ([]string, error) {
	var refs, people []conversion.Ref
	for _, r := range relations {
		refs, people = append(refs, r.Activity), append(people, r.Who)
	}
	owners, err := p.books.EntitiesOf(ctx, people)
	if err != nil {
		return nil, fmt.Errorf("find the contacts of relations: %w", err)
	}
	known, err := p.books.KnownActivities(ctx, refs)
	if err != nil {
		return nil, fmt.Errorf("find known activities: %w", err)
	}
	var ids []string
	for _, r := range relations {
		if owners[r.Who] != "" && !slices.Contains(known[r.Activity].People, r.Who) {
			ids = append(ids, r.Activity.ID)
		}
	}
	slices.Sort(ids)
	return slices.Compact(ids), nil
}
