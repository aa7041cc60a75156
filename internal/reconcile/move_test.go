package reconcile_test

import (
	"testing"

	"conversion"
	"conversion/internal/reconcile"
)

// moved lets L1 go from a contact it shares with L2 to that of C1, once both hold what the
// test says, and resolves both.
func moved(prepare func(from, to conversion.Group)) (from, to conversion.Group) {
	from, to = tied("L1", "L2"), named(tied("C1"), "t", "t@b.test")
	prepare(from, to)
	reconcile.Move(&from, &to, from.Link(refOf("L1")), schema(), second(9))
	reconcile.Resolve(from, schema())
	reconcile.Resolve(to, schema())
	return from, to
}

func TestARecordThatMovesTakesItsClaimsAlongAsOldAsTheyAre(t *testing.T) {
	t.Parallel()
	text, no := conversion.Text, conversion.Value{}
	for _, row := range []struct {
		because  string
		prepare  func(from, to conversion.Group)
		from, to conversion.Value
	}{
		{"where nobody says anything, it is the value",
			func(from, _ conversion.Group) { holds(from, "L1", title, text("L1's"), 3) }, no, text("L1's")},
		{"a newer one there stays the value",
			func(from, to conversion.Group) {
				holds(from, "L1", title, text("L1's"), 3)
				holds(to, "C1", title, text("C1's"), 4)
			}, no, text("C1's")},
		{"an older one there yields to it",
			func(from, to conversion.Group) {
				holds(from, "L1", title, text("L1's"), 3)
				holds(to, "C1", title, text("C1's"), 2)
			}, no, text("L1's")},
		{"a newer own one there stays the value",
			func(from, to conversion.Group) {
				holds(from, "L1", title, text("L1's"), 3)
				owns(to, title, text("ours"), 4)
			}, no, text("ours")},
		{"behind it, the next newest is the value again",
			func(from, _ conversion.Group) {
				holds(from, "L1", title, text("L1's"), 3)
				holds(from, "L2", title, text("L2's"), 2)
			}, text("L2's"), text("L1's")},
		{"what the contact itself said stays with the contact",
			func(from, _ conversion.Group) {
				holds(from, "L1", title, text("L1's"), 3)
				owns(from, title, text("ours"), 4)
			}, text("ours"), text("L1's")},
		{"a weak one stays weak",
			func(from, to conversion.Group) {
				holds(from, "L1", title, conversion.Null, 3).Claim.Weak = true
				holds(to, "C1", title, text("C1's"), 2)
			}, no, text("C1's")},
	} {
		t.Run(row.because, func(t *testing.T) {
			t.Parallel()
			from, to := moved(row.prepare)
			if got := from.Entity.Value(title); got != row.from {
				t.Errorf("where it was the title is %#v, want %#v", got, row.from)
			}
			if got := to.Entity.Value(title); got != row.to {
				t.Errorf("where it went the title is %#v, want %#v", got, row.to)
			}
		})
	}
}

func TestTheOptOutsOfARecordThatMovesStayAsWell(t *testing.T) {
	t.Parallel()
	yes, no := conversion.Bool(true), conversion.Bool(false)
	for _, row := range []struct {
		because  string
		prepare  func(from, to conversion.Group)
		from, to bool // opted out
	}{
		{"a true is with both",
			func(from, _ conversion.Group) { holds(from, "L1", optOut, yes, 3) }, true, true},
		{"it stays though the other record never opted out",
			func(from, _ conversion.Group) {
				holds(from, "L1", optOut, yes, 3)
				holds(from, "L2", optOut, no, 4).Claim.Weak = true
			}, true, true},
		{"a change back that is newer wins, on either side",
			func(from, to conversion.Group) {
				holds(from, "L1", optOut, yes, 3)
				holds(from, "L2", optOut, no, 4)
				holds(to, "C1", optOut, no, 5)
			}, false, false},
		{"and one that is older does not",
			func(from, to conversion.Group) {
				holds(from, "L1", optOut, yes, 3)
				holds(from, "L2", optOut, no, 2)
				holds(to, "C1", optOut, no, 1)
			}, true, true},
		{"one taken back before it moved is left nowhere",
			func(from, _ conversion.Group) { holds(from, "L1", optOut, no, 3) }, false, false},
	} {
		t.Run(row.because, func(t *testing.T) {
			t.Parallel()
			from, to := moved(row.prepare)
			if got := from.Entity.Value(optOut).True(); got != row.from {
				t.Errorf("where it was, opted out is %v", got)
			}
			if got := to.Entity.Value(optOut).True(); got != row.to {
				t.Errorf("where it went, opted out is %v", got)
			}
		})
	}
}

func TestAnOptOutThatStayedIsNotUndoneWhereTheRecordWent(t *testing.T) {
	t.Parallel()
	from, to := moved(func(from, _ conversion.Group) { holds(from, "L1", optOut, conversion.Bool(true), 3) })
	holds(to, "L1", optOut, conversion.Bool(false), 11)
	reconcile.Resolve(to, schema())
	reconcile.Resolve(from, schema())
	if to.Entity.Value(optOut).True() || !from.Entity.Value(optOut).True() {
		t.Errorf("opted out where it went: %v, where it was: %v", to.Entity.Value(optOut), from.Entity.Value(optOut))
	}
}
