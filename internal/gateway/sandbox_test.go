package gateway_test

import (
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"conversion"
	"conversion/internal/gateway"
	"conversion/internal/mapping"
	"conversion/internal/salesforce"
	"conversion/internal/sandbox"
)

// world is a simulated org with the gateway to it, and the variables its describes give.
type world struct {
	*testing.T
	org       *sandbox.Org
	gate      *gateway.Org
	contacts  *conversion.Schema
	companies *conversion.Schema
}

// start is when the org's frozen clock begins.
var start = time.Date(2026, 1, 31, 9, 8, 7, 0, time.UTC)

func newWorld(t *testing.T) *world {
	t.Helper()
	now := func() time.Time { return start }
	org := sandbox.New(sandbox.Options{Seed: 1, Now: now})
	org.Clock().Freeze()
	server := httptest.NewServer(org.Handler())
	t.Cleanup(server.Close)
	client := salesforce.New(salesforce.Config{
		Hosts:      salesforce.Hosts{Extra: []string{strings.TrimPrefix(server.URL, "http://")}},
		Token:      salesforce.Token{AccessToken: org.IssueToken(), InstanceURL: server.URL},
		HTTP:       server.Client(),
		ClientName: "conversion",
		Now:        now,
		Backoff:    salesforce.Backoff{Attempts: 1},
	})
	return &world{T: t, org: org, gate: gateway.New(client, now)}
}

// described maps the org's fields to variables.
func (w *world) described() *world {
	w.Helper()
	defs, err := w.gate.Describe(w.Context())
	w.ok(err)
	at := conversion.MomentOf(start)
	var known [2][]conversion.Variable
	if w.contacts != nil {
		known = [2][]conversion.Variable{w.contacts.Variables, w.companies.Variables}
	}
	contacts, _ := mapping.Variables(conversion.KindContact, defs, known[0], at)
	companies, _ := mapping.Variables(conversion.KindCompany, defs, known[1], at)
	w.contacts = conversion.NewSchema(conversion.KindContact, contacts)
	w.companies = conversion.NewSchema(conversion.KindCompany, companies)
	return w
}

func (w *world) ok(err error) {
	w.Helper()
	if err != nil {
		w.Fatal(err)
	}
}

type fields map[string]any

func (w *world) insert(object string, f fields) string {
	w.Helper()
	id, err := w.org.Insert(w.org.Admin(), object, f)
	w.ok(err)
	return id
}

func (w *world) lead(email string, more fields) string {
	w.Helper()
	f := fields{"LastName": "Doe", "Company": "Acme", "Email": email}
	for name, value := range more {
		f[name] = value
	}
	return w.insert("Lead", f)
}

func (w *world) update(id string, f fields) {
	w.Helper()
	w.ok(w.org.Update(w.org.Admin(), id, f))
}

// changes reads all pages of an object after the zero cursor.
func (w *world) changes(s *conversion.Schema, object conversion.Object, limit int) []conversion.Record {
	w.Helper()
	var all []conversion.Record
	var cursor conversion.Cursor
	for more := true; more; {
		page, err := w.gate.Changes(w.Context(), s, object, cursor, limit)
		w.ok(err)
		all = append(all, page.Records...)
		cursor, more = page.Next, page.More
	}
	return all
}

func (w *world) read(s *conversion.Schema, object conversion.Object, ids ...string) []conversion.Record {
	w.Helper()
	var refs []conversion.Ref
	for _, id := range ids {
		refs = append(refs, conversion.Ref{Object: object, ID: id})
	}
	records, err := w.gate.Read(w.Context(), s, refs)
	w.ok(err)
	return records
}

// one is read for exactly one record.
func (w *world) one(s *conversion.Schema, object conversion.Object, id string) conversion.Record {
	w.Helper()
	records := w.read(s, object, id)
	if len(records) != 1 {
		w.Fatalf("%d records of %s", len(records), id)
	}
	return records[0]
}

func (w *world) value(r conversion.Record, key string) conversion.Value {
	w.Helper()
	s := w.contacts
	if r.Ref.Object.Kind() == conversion.KindCompany {
		s = w.companies
	}
	v := s.ByKey(key)
	if v == nil {
		w.Fatalf("there is no variable %q", key)
	}
	return r.Value(v.ID)
}

func idsOf(records []conversion.Record) []string {
	var ids []string
	for _, r := range records {
		ids = append(ids, r.Ref.ID)
	}
	return ids
}

func sameIDs(got, want []string) bool {
	return slices.Equal(slices.Sorted(slices.Values(got)), slices.Sorted(slices.Values(want)))
}
