package reconcile

import "conversion"

// Widen lets what Conversion said of the entity in the past go where the reach allows: its
// own claims, its making and its deletion. It is *Apply to existing* (spec 5.2). What was
// made with sync_to_crm: false stays where it is (spec 5.4).
func Widen(e *conversion.Entity, reach conversion.Reach) {
	for i := range e.Own {
		e.Own[i].Reach = e.Own[i].Reach.Widened(reach)
	}
	if e.Origin != conversion.OriginSalesforce {
		e.Birth = e.Birth.Widened(reach.Creates())
	}
	if !e.Live() {
		e.Death = e.Death.Widened(reach.Deletes())
	}
}
