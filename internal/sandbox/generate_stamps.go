package sandbox

import "time"

const (
	day       = int64(24 * time.Hour / time.Second)
	twoYears  = 730 * day
	oneYear   = 365 * day
	oneMinute = int64(60)
)

// past is a second of the last two years, the present minute left out.
func (g *generator) past() int64 {
	return g.tx.now - oneMinute - g.dice.Int64N(twoYears)
}

// moment is when something was saved: mostly together with much else, as
// imports and nightly jobs do it.
func (g *generator) moment() int64 {
	if g.chance(60) {
		return pick(g, g.busy)
	}
	return g.past()
}

// stampHistory gives a record an author and the times of its creation, of its last
// change by a user and of its last change by anything. It returns the first.
func (g *generator) stampHistory(values map[string]any) (created int64) {
	created, modified := g.moment(), g.moment()
	if modified < created {
		created, modified = modified, created
	}
	g.stampAt(values, created, modified)
	return created
}

func (g *generator) stampAt(values map[string]any, created, modified int64) {
	stamp := modified
	if g.chance(15) { // a nightly job of the platform came by
		stamp = min(modified+g.dice.Int64N(7*day), g.tx.now-oneMinute)
	}
	values["CreatedDate"], values["LastModifiedDate"], values["SystemModstamp"] = created, modified, max(stamp, modified)
	values["CreatedById"], values["LastModifiedById"] = pick(g, g.owners), pick(g, g.owners)
	values["OwnerId"] = pick(g, g.owners)
}
