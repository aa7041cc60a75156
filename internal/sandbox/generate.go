package sandbox

import (
	"hash/fnv"
	"math/rand/v2"
	"strconv"

	"github.com/brianvoe/gofakeit/v7"
)

// Generate fills the org with n people, about half of them Leads and half
// Contacts, with n/10 Accounts and about as many Tasks and Events as people.
// They are invented, down to domains and phone numbers that nobody can own, but
// as untidy as real ones: shared e-mails, one website in several spellings,
// converted leads, blanks, opt-outs, odd characters, and the stamps of two years
// with many records in one second.
//
// The same seed, clock and previous content give the same data. A negative n is
// refused.
func (o *Org) Generate(n int) error {
	if n < 0 {
		return refusal("INVALID_BATCH_SIZE", "the number of people to generate is negative")
	}
	return o.write(o.Admin(), func(t *tx) *Error {
		t.unlogged = true
		return t.fill(newGenerator(t, n).run)
	})
}

// generator invents records one by one and remembers of each only what later
// ones refer to.
type generator struct {
	tx   *tx
	n    int
	dice *rand.Rand
	fake *gofakeit.Faker

	owners    []string
	companies []inventedCompany
	people    []inventedPerson
	busy      []int64 // seconds in which many records were saved
	addresses map[string]bool
	domains   map[string]int // how many have begun alike
	values    map[string]any // of the record that is being invented
}

type inventedCompany struct {
	id, name, domain string
}

type inventedPerson struct {
	id, email, first, last string
	isLead                 bool
	isPaired               bool // shares the e-mail of another, or was a lead once
	company                int  // index of the Account of a Contact, -1 for none
	created                int64
}

func newGenerator(t *tx, n int) *generator {
	source := rand.NewPCG(t.org.generation(), uint64(n))
	g := &generator{
		tx: t, n: n, dice: rand.New(source), fake: gofakeit.NewFaker(source, false),
		addresses: map[string]bool{}, domains: map[string]int{}, values: map[string]any{},
	}
	for range max(1, n/200) {
		g.busy = append(g.busy, g.past())
	}
	return g
}

// generation seeds the dice: by the org, and by what it holds, so that a second
// round brings other people.
func (o *Org) generation() uint64 {
	h := fnv.New64a()
	_, _ = h.Write([]byte(o.id + strconv.Itoa(o.standard("Lead").rows.Len()+o.standard("Contact").rows.Len())))
	return h.Sum64()
}

func (g *generator) run() *Error {
	if g.n == 0 {
		return nil
	}
	for _, step := range []func() *Error{g.makeOwners, g.makeCompanies, g.makePeople, g.makeActivities} {
		if err := step(); err != nil {
			return err
		}
	}
	return nil
}

// blank gives the values of the next record, still empty. They are good until
// the one after.
func (g *generator) blank() map[string]any {
	clear(g.values)
	return g.values
}

// place stores an invented record under a new id.
func (g *generator) place(object string, values map[string]any) (id string, err *Error) {
	obj := g.tx.org.objects[object]
	id = g.tx.org.newID(obj)
	values["Id"] = id
	return id, g.tx.place(obj, values)
}

// salesTeam is how many users own the records of a larger org.
const salesTeam = 5

func (g *generator) makeOwners() *Error {
	users := g.tx.org.standard("User")
	active, _ := users.field("IsActive")
	for row := range users.rows.ByID().All() {
		if active.value(row) == true {
			g.owners = append(g.owners, row.ID)
		}
	}
	for len(g.owners) < salesTeam && g.n >= 100 {
		first, last := g.fake.FirstName(), g.fake.LastName()
		values := map[string]any{"FirstName": first, "LastName": last, "Email": emailName(first, last) + "@sandbox.test", "Title": "Account Executive"}
		id := g.tx.org.newID(users)
		completeUser(id, values)
		values["Id"] = id
		if err := g.tx.place(users, values); err != nil {
			return err
		}
		g.owners = append(g.owners, id)
	}
	return nil
}

// chance is true with a probability of percent in a hundred.
func (g *generator) chance(percent int) bool { return g.dice.IntN(100) < percent }

// often gives what make makes, or a blank.
func (g *generator) often(percent int, make func() string) any {
	if !g.chance(percent) {
		return nil
	}
	return make()
}

func pick[T any](g *generator, from []T) T { return from[g.dice.IntN(len(from))] }

// pickOf gives one of the values that a picklist offers.
func (g *generator) pickOf(object, name string) string {
	f, _ := g.tx.org.objects[object].field(name)
	return pick(g, f.Picklist).Value
}
