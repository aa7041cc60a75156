package engine

import (
	"context"
	"fmt"

	"conversion"
	"conversion/internal/reconcile"
)

// previewPage is how many entities are planned at once: what a preview keeps in memory.
const previewPage = 500

// kinds in the order of a push: companies before contacts (spec 4.5).
var kinds = []conversion.Kind{conversion.KindCompany, conversion.KindContact}

// PreviewRequest is what a preview is wanted of.
type PreviewRequest struct {
	Rules *conversion.Rules // all six; nil: as they are
	Modes conversion.Modes  // those that change
	Scope conversion.PreviewScope
}

// Preview says what the rules and modes would do to what waits, or to everything that was
// ever said here, and stores the answer (spec 5.5). It is made by the planner of a push,
// page by page, and nothing but the preview is written: not here, not in Salesforce.
//
// Errors: a CodeInvalid one names what is wrong with the request.
func (e *Engine) Preview(ctx context.Context, workspaceID string, r PreviewRequest) (conversion.Preview, error) {
	if err := r.check(); err != nil {
		return conversion.Preview{}, err
	}
	t, err := e.newTrial(ctx, workspaceID, r)
	if err != nil {
		return conversion.Preview{}, err
	}
	basis, err := e.basisOf(ctx, workspaceID)
	if err != nil {
		return conversion.Preview{}, err
	}
	p := conversion.Preview{
		ID: e.cfg.NewID(), Scope: r.Scope, Rules: t.rules, Modes: r.Modes, Basis: basis,
		Expires: t.now().Add(conversion.PreviewLife),
	}
	if err := e.cfg.Step("store a preview"); err != nil {
		return p, err
	}
	if err := t.books.AddPreview(ctx, p, t.now()); err != nil {
		return p, err
	}
	w := previewing{trial: t, preview: p, doomed: make(map[conversion.Kind]*reconcile.Deletions)}
	return w.make(ctx)
}

func (r PreviewRequest) check() error {
	if !r.Scope.Valid() {
		return conversion.Invalid("scope", "must be pending or existing")
	}
	if r.Rules != nil {
		return r.Rules.Validate()
	}
	return nil
}

// basisOf reads the settings as they are now.
func (e *Engine) basisOf(ctx context.Context, workspaceID string) (string, error) {
	t, err := e.newTrial(ctx, workspaceID, PreviewRequest{})
	if err != nil {
		return "", err
	}
	return t.basis()
}

// previewing is a preview that is being made.
type previewing struct {
	*trial
	preview conversion.Preview
	doomed  map[conversion.Kind]*reconcile.Deletions
}

func (w *previewing) make(ctx context.Context) (conversion.Preview, error) {
	for _, kind := range kinds {
		if err := w.walk(ctx, kind); err != nil {
			return w.preview, fmt.Errorf("preview: %w", err)
		}
	}
	held, err := w.breaks(ctx)
	if err != nil {
		return w.preview, err
	}
	w.preview.Created = w.now()
	w.preview.Expires = w.preview.Created.Add(conversion.PreviewLife)
	return w.preview, w.books.FinishPreview(ctx, w.preview, held)
}

// walk plans every entity of the kind that the scope takes in.
func (w *previewing) walk(ctx context.Context, kind conversion.Kind) error {
	q := conversion.WalkQuery{Kind: kind, Dirty: w.onlyDirty(kind), Limit: previewPage}
	for {
		groups, err := w.books.Walk(ctx, q)
		if err != nil || len(groups) == 0 {
			return err
		}
		q.After = groups[len(groups)-1].Entity.ID
		if err := w.page(ctx, kind, groups); err != nil {
			return err
		}
	}
}

// onlyDirty reports whether what is not dirty cannot be concerned. A mode may let an old
// claim out that the rules of its time had allowed.
func (w *previewing) onlyDirty(kind conversion.Kind) bool {
	return w.scope == conversion.ScopePending && len(w.modes[kind]) == 0
}

func (w *previewing) page(ctx context.Context, kind conversion.Kind, groups []conversion.Group) error {
	found, err := w.foresee(ctx, kind, groups)
	if err != nil || len(found) == 0 {
		return err
	}
	var entities []conversion.PreviewEntity
	var items []conversion.PreviewItem
	for _, f := range found {
		w.preview.Entities++
		entities = append(entities, conversion.PreviewEntity{
			Number: w.preview.Entities, EntityID: f.group.Entity.ID, Kind: kind, Hash: f.plan.Hash(),
		})
		items = append(items, w.items(f)...)
	}
	if err := w.alongWith(ctx, kind, found); err != nil {
		return err
	}
	return w.books.AddToPreview(ctx, w.preview.ID, entities, items)
}

// items counts what would be done to an entity's records, and returns what is shown of it.
func (w *previewing) items(f foreseen) []conversion.PreviewItem {
	e := f.group.Entity
	base := conversion.PreviewItem{Entity: w.preview.Entities, EntityID: e.ID, Kind: e.Kind, Key: e.Key, Name: nameShown(e)}
	var items []conversion.PreviewItem
	add := func(it conversion.PreviewItem) {
		if it.Action != conversion.ActionDelete { // whether these go, the breaker says in the end
			w.preview.Counts.Add(it.Action, 1)
		}
		if w.preview.Listed < conversion.MaxPreviewItems {
			w.preview.Listed++
			it.Number = w.preview.Listed
			items = append(items, it)
		}
	}
	for _, write := range f.plan.Writes {
		it := base
		it.Action, it.Ref, it.Fields, it.Reason = write.Action, write.Ref, write.Fields, ruleOf(e.Kind, write.Action)
		add(it)
	}
	for _, id := range f.plan.Left.Withheld {
		it := base
		it.Action, it.Reason = conversion.ActionHold, "Waits for an admin's approval: "+w.labelOf(id)+" was changed in bulk."
		add(it)
	}
	for _, p := range f.plan.Problems {
		if p.Held {
			it := base
			it.Action, it.Ref, it.Reason = conversion.ActionHold, p.Ref, p.Message
			add(it)
		}
	}
	return items
}

// nameShown is what people call the entity besides its key: only a company has one that
// tells it apart.
func nameShown(e *conversion.Entity) string {
	if e.Kind == conversion.KindCompany {
		return e.Name
	}
	return ""
}
