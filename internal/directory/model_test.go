package directory_test

import (
	"fmt"
	"testing"

	"pgregory.net/rapid"

	"conversion"
	"conversion/internal/directory"
	"conversion/internal/store"
	"conversion/internal/testkit"
)

// person is a contact as the model knows it.
type person struct {
	id      string
	email   string
	city    string
	deleted int // the step it was deleted in; 0 while live
}

// model is the directory as a list.
type model struct {
	people []*person
	step   int
}

func (m *model) live(email string) *person {
	for _, p := range m.people {
		if p.deleted == 0 && p.email == email {
			return p
		}
	}
	return nil
}

// tomb returns whoever was deleted last with the e-mail.
func (m *model) tomb(email string) (last *person) {
	for _, p := range m.people {
		if p.deleted > 0 && p.email == email && (last == nil || p.deleted > last.deleted) {
			last = p
		}
	}
	return last
}

// Whatever people do, in any order: an e-mail is one live contact's, an upsert finds who
// has or had it, and a value is the last one written.
func TestTheDirectoryBehavesLikeAList(t *testing.T) {
	t.Parallel()
	s, err := store.Open(ctx, testkit.SQLite(t), store.Options{})
	must(t, err)
	t.Cleanup(func() { must(t, s.Close()) })
	clock := testkit.NewClock(start)
	d := directory.New(func(id string) directory.Books { return s.Workspace(id) }, clock.Now, func(string) {})
	run := 0
	rapid.Check(t, func(t *rapid.T) {
		run++
		m, w := &model{}, fmt.Sprintf("w%d", run)
		emails := rapid.SampledFrom([]string{"a@example.com", "b@example.com", "c@example.com"})
		cities := rapid.SampledFrom([]string{"Oslo", "Rome", "Bonn"})
		somebody := func(t *rapid.T) *person { return rapid.SampledFrom(m.people).Draw(t, "person") }
		m.upsert(t, d, w, emails.Draw(t, "first"), cities.Draw(t, "city"))
		t.Repeat(map[string]func(*rapid.T){
			"": func(t *rapid.T) {
				m.step++
				clock.Advance(1000)
				for _, p := range m.people {
					checkPerson(t, d, w, p)
				}
			},
			"upsert":  func(t *rapid.T) { m.upsert(t, d, w, emails.Draw(t, "email"), cities.Draw(t, "city")) },
			"rename":  func(t *rapid.T) { m.rename(t, d, w, somebody(t), emails.Draw(t, "email")) },
			"delete":  func(t *rapid.T) { m.delete(t, d, w, somebody(t)) },
			"restore": func(t *rapid.T) { m.restore(t, d, w, somebody(t)) },
		})
	})
}

func (m *model) upsert(t *rapid.T, d *directory.Service, w, email, city string) {
	results, err := d.Upsert(ctx, w, conversion.KindContact, key, []directory.Draft{{Key: email, Values: map[string]any{"city": city}}})
	if err != nil || results[0].Err != nil {
		t.Fatal(err, results)
	}
	p, created := m.live(email), false
	if p == nil {
		p, created = m.tomb(email), true
	}
	if p == nil {
		p = &person{id: results[0].View.ID, email: email}
		m.people = append(m.people, p)
	}
	p.city, p.deleted = city, 0
	if results[0].Created != created || results[0].View.ID != p.id {
		t.Fatalf("created %v %s, want %v %s", results[0].Created, results[0].View.ID, created, p.id)
	}
}

func (m *model) rename(t *rapid.T, d *directory.Service, w string, p *person, email string) {
	_, err := d.Update(ctx, w, conversion.KindContact, p.id, user, directory.Patch{Key: &email})
	other := m.live(email)
	switch {
	case p.deleted > 0:
		wantCode(t, err, conversion.CodeNotFound)
	case other != nil && other != p:
		wantCode(t, err, conversion.CodeConflict)
	default:
		wantCode(t, err, "")
		p.email = email
	}
}

func (m *model) delete(t *rapid.T, d *directory.Service, w string, p *person) {
	err := d.Delete(ctx, w, conversion.KindContact, p.id, user, false)
	if p.deleted > 0 {
		wantCode(t, err, conversion.CodeNotFound)
		return
	}
	wantCode(t, err, "")
	p.deleted = m.step
}

func (m *model) restore(t *rapid.T, d *directory.Service, w string, p *person) {
	_, err := d.Restore(ctx, w, conversion.KindContact, p.id, user)
	if p.deleted > 0 && m.live(p.email) != nil {
		wantCode(t, err, conversion.CodeConflict)
		return
	}
	wantCode(t, err, "")
	p.deleted = 0
}

func checkPerson(t *rapid.T, d *directory.Service, w string, p *person) {
	got, err := d.Get(ctx, w, conversion.KindContact, p.id)
	if p.deleted > 0 {
		wantCode(t, err, conversion.CodeNotFound)
		return
	}
	if err != nil || got.Key != p.email || value(got, "city") != conversion.Text(p.city) {
		t.Fatalf("got %+v, %v, want %+v", got, err, *p)
	}
}

func wantCode(t *rapid.T, err error, code conversion.Code) {
	if conversion.ErrorCode(err) != code {
		t.Fatalf("got error %v, want code %q", err, code)
	}
}
