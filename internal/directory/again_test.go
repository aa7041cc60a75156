package directory_test

import (
	"testing"

	"conversion"
	"conversion/internal/directory"
)

// TestAContactMadeAgainGoesWhereItsMakerLetsIt holds that a new life goes by the rules and
// the opt-out of its own making, not by those of the one before (spec 3.11, 5.4).
func TestAContactMadeAgainGoesWhereItsMakerLetsIt(t *testing.T) {
	t.Parallel()
	for because, opted := range map[string]struct{ before, again bool }{
		"asked for Salesforce before, and not again": {false, true},
		"not before, and asked for it again":         {true, false},
	} {
		h := newHouse(t)
		h.allow(t)
		id := h.one(t, conversion.KindContact, directory.Draft{Key: "a@example.com", LocalOnly: opted.before}).View.ID
		must(t, h.Delete(ctx, workspace, conversion.KindContact, id, user, false))
		again := h.one(t, conversion.KindContact, directory.Draft{Key: "a@example.com", LocalOnly: opted.again}).View.ID
		e := h.group(t, conversion.KindContact, again).Entity
		if goes := e.Birth.Has(conversion.CreateLead); again != id || goes == opted.again {
			t.Errorf("%s: it may be created: %v", because, goes)
		}
	}
}
