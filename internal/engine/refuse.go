package engine

import (
	"time"

	"conversion"
	"conversion/internal/reconcile"
)

// refuse holds what Salesforce would not take: the fields to blame, or the record (spec
// 4.9). What else there is to send to the record goes at once.
func (c *confirmation) refuse(g conversion.Group, w conversion.Write, f *conversion.RemoteError) {
	reconcile.Hold(g, w, f, c.schemas[c.d.kind], c.terms())
	if w.Action == conversion.ActionCreate {
		forgo(g.Entity)
	}
	if staleDefinition[f.Code] {
		c.describeSoon()
	}
	if !f.Retry || passedPatience(g, w) {
		c.line(g, w, w.Ref, outcomeHeld, f.Message)
	}
}

// forgo ends a create that surely did nothing, unless it was sent before and nobody knows what
// came of that.
func forgo(e *conversion.Entity) {
	if e.Creating != nil && !e.Creating.Again {
		e.Creating = nil
	}
}

// passedPatience reports whether what goes away by itself did not for so long that people
// are told.
func passedPatience(g conversion.Group, w conversion.Write) bool {
	holds := g.Entity.Holds
	if l := g.Link(w.Ref); l != nil {
		holds = l.Holds
	}
	i, ok := conversion.FindHold(holds, 0)
	return ok && holds[i].Tries >= reconcile.Patience
}

// staleDefinition are the refusals which say that a field is not what describe told us: it
// is described again with the next cycle, so that the edits of others are not refused too.
var staleDefinition = map[string]bool{
	"INVALID_FIELD": true, "INVALID_FIELD_FOR_INSERT_UPDATE": true, "FIELD_NOT_UPDATABLE": true,
	"INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST": true, "STRING_TOO_LONG": true, "INVALID_TYPE_ON_FIELD_IN_RECORD": true,
}

// describeSoon lets the next cycle describe the org, however long ago it was last done.
func (s *session) describeSoon() {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.described, s.workspace)
}

// heldRows are the held rows of a group: records whose e-mail or domain could not be
// followed, and what Salesforce refused.
func (s *session) heldRows(g conversion.Group) []conversion.Held {
	object, _ := reconcile.CreateAs(g, s.rules)
	return append(reconcile.HeldKeyRows(g), reconcile.HeldRows(g, object)...)
}

// wakeHeld lets an entity be planned now whose record changed in Salesforce: what was held
// of it may be superseded, or welcome (spec 4.9).
func wakeHeld(g *conversion.Group, l *conversion.Link, news reconcile.News) {
	if news > reconcile.Nothing && len(l.Holds) > 0 && g.Entity.Dirty > 0 {
		g.Entity.Retry = 0
	}
}

// unsent forgets a write that never left.
func (c *confirmation) unsent(g conversion.Group, w conversion.Write) {
	c.drop(g, w)
	c.delay(g.Entity, quickBackoff)
}

// drop takes the intents of a write back: it surely did nothing.
func (c *confirmation) drop(g conversion.Group, w conversion.Write) {
	if w.Action == conversion.ActionCreate {
		forgo(g.Entity)
	} else if l := g.Link(w.Ref); l != nil {
		reconcile.Refuse(l, w)
	}
}

func (c *confirmation) delay(e *conversion.Entity, backoff func(int) time.Duration) {
	if _, again := c.delays[e.ID]; !again {
		e.Tries++
	}
	c.delays[e.ID] = max(c.delays[e.ID], c.now().Add(backoff(e.Tries)))
}
