package engine_test

import (
	"errors"
	"testing"
	"time"

	"conversion/internal/testkit"
)

// Salesforce's clock is put back by hours: what is read after a write looks older than what
// was read before. That must not be answered by writing again and again.
func TestAClockThatWentBackIsNotAnsweredWithWrites(t *testing.T) {
	t.Parallel()
	w := newWorld(t, testkit.SQLite(t))
	lead := w.insert("Lead", map[string]any{"LastName": "Doe", "Company": "Acme", "Email": "jo@acme.example", "Title": "Clerk"})
	w.sync()
	w.rules(updateAll)
	w.later(time.Minute)
	w.edit(w.contact("jo@acme.example").ID, map[string]any{"job_title": "Head of Ops", "phone": "555-0100"})
	w.org.Clock().Skew(-3 * time.Hour)
	w.update(lead, map[string]any{"Street": "1 Main St"})
	writes, tooMany := 0, errors.New("it writes and writes")
	w.step = func(name string) error {
		if name == "write" {
			writes++
		}
		if writes > 3 {
			return tooMany
		}
		return nil
	}
	w.push()
	if got := w.field(lead, "Title"); got != "Head of Ops" {
		t.Errorf("Salesforce holds %v", got)
	}
}
