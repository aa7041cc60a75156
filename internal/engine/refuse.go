package engine

import (
	"time"

	"conversion"
	"conversion/internal/reconcile"
)

// refuse holds a record that Salesforce would not take (spec 4.9).
func (c *confirmation) refuse(g conversion.Group, w conversion.Write, f *conversion.RemoteError) {
	c.drop(g, w)
	e := g.Entity
	if f.Retry || (len(f.Duplicates) > 0 || f.Code == "DUPLICATES_DETECTED") && e.Tries == 0 {
		c.delay(e, quickBackoff) // a duplicate is looked up, and linked (spec 4.2)
		if f.Retry && e.Tries < patience {
			return
		}
	} else {
		c.delay(e, slowBackoff)
	}
	c.refused = append(c.refused, conversion.Held{
		EntityID: e.ID, Ref: w.Ref, Code: f.Code, Message: f.Message, Hint: f.Hint, Retry: c.delays[e.ID],
	})
	c.line(g, w, w.Ref, outcomeHeld, f.Message)
}

// patience is how often something that goes away by itself is tried before people see it.
const patience = 4

// unsent forgets a write that never left.
func (c *confirmation) unsent(g conversion.Group, w conversion.Write) {
	c.drop(g, w)
	c.delay(g.Entity, quickBackoff)
}

// drop takes the intents of a write back: it surely did nothing.
func (c *confirmation) drop(g conversion.Group, w conversion.Write) {
	if w.Action == conversion.ActionCreate {
		g.Entity.Creating = nil
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
