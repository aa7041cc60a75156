package engine

import (
	"context"
	"encoding/json"
	"fmt"

	"conversion"
)

// activities takes over Tasks and Events whose person is linked, page by page (spec 3.14).
func (p *objectPull) activities(ctx context.Context) error {
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
			return nil
		}
	}
}

func (p *objectPull) applyActivities(ctx context.Context, page conversion.ActivityPage) error {
	refs, people := refsOf(page.Activities)
	owners, err := p.books.EntitiesOf(ctx, people)
	if err != nil {
		return fmt.Errorf("find the contacts of activities: %w", err)
	}
	known, err := p.books.KnownActivities(ctx, refs)
	if err != nil {
		return fmt.Errorf("find known activities: %w", err)
	}
	b := conversion.Batch{RunID: p.run.ID}
	fresh := 0
	for i := range page.Activities {
		a := &page.Activities[i]
		if p.beyond(a.Reading, a.Ref.ID) {
			fresh++
		}
		p.takeActivity(&b, a, owners[a.Who], known[a.Ref])
	}
	if len(b.Engagements) == 0 && fresh == 0 {
		return nil
	}
	p.advance(&b, page.Next, fresh)
	return p.commit(ctx, b)
}

// takeActivity adds one activity to the batch, unless the overlap only shows it again.
// held is the stamp of the engagement that is there already; zero when there is none.
func (p *objectPull) takeActivity(b *conversion.Batch, a *conversion.Activity, owner string, held conversion.Moment) {
	line := conversion.RunLine{RunID: p.run.ID, Ref: a.Ref, EntityID: owner, At: p.now()}
	switch {
	case held != 0 && a.Reading.Modstamp <= held:
		return
	case owner == "" || (a.Deleted && held == 0):
		if !p.beyond(a.Reading, a.Ref.ID) {
			return
		}
		line.Outcome, line.Message = outcomeSkipped, whyUnowned(a)
	case a.Deleted:
		line.Outcome = outcomeDeleted
	case held != 0:
		line.Outcome = outcomeUpdated
	default:
		line.Outcome = outcomeCreated
	}
	if line.Outcome != outcomeSkipped {
		b.Engagements = append(b.Engagements, p.engagement(a, owner))
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
		if who := activities[i].Who; !who.Zero() && !seen[who] {
			seen[who] = true
			people = append(people, who)
		}
	}
	return refs, people
}

// engagement is the custom engagement an activity becomes; its type is the object's name.
func (s *session) engagement(a *conversion.Activity, owner string) conversion.Engagement {
	data := make(map[string]any, len(a.Fields))
	for _, f := range a.Fields {
		data[f.Name] = f.Value.JSON()
	}
	encoded, _ := json.Marshal(data) // scalars only: it cannot fail
	return conversion.Engagement{
		ID: s.cfg.NewID(), EntityID: owner, Type: string(a.Ref.Object), Ref: a.Ref, Subject: a.Subject,
		Occurred: a.Occurred, Data: encoded, Modstamp: a.Reading.Modstamp, Deleted: a.Deleted, Created: s.now(),
	}
}
