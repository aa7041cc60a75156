package conversion

import (
	"fmt"
	"testing"

	"pgregory.net/rapid"
)

// at is the n-th second, or a part of it.
func at(second float64) Moment { return Moment(second * 1e6) }

func TestStampsOrderClaims(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		because      string
		older, newer Stamp
	}{
		{"the later second is the newer", Stamp{At: at(1), Record: "a"}, Stamp{At: at(2), Record: "b"}},
		{"so it is among own claims", Stamp{At: at(1), Number: 2}, Stamp{At: at(2), Number: 1}},
		{"and between the systems", Stamp{At: at(1), Record: "a"}, Stamp{At: at(2), Number: 1}},
		{"a tie between the systems goes to Salesforce", Stamp{At: at(1), Number: 9}, Stamp{At: at(1), Record: "z"}},
		{"parts of a second do not count", Stamp{At: at(1.9), Number: 9}, Stamp{At: at(1.1), Record: "z"}},
		{"a tie between records goes to the lower id", Stamp{At: at(1), Record: "b"}, Stamp{At: at(1), Record: "a"}},
		{"own claims of one second follow by number", Stamp{At: at(1.5), Number: 1}, Stamp{At: at(1), Number: 2}},
		{"an answer is above the claim it answers", Stamp{At: at(1), Number: 1}, Stamp{At: at(1), Record: "a", Number: 1}},
		{"but below the next own claim", Stamp{At: at(1), Record: "a", Number: 1}, Stamp{At: at(1), Number: 2}},
		{"and below what a record claims by itself", Stamp{At: at(1), Record: "a", Number: 1}, Stamp{At: at(1), Record: "z"}},
		{"of two answers the lower id's is above", Stamp{At: at(1), Record: "b", Number: 1}, Stamp{At: at(1), Record: "a", Number: 1}},
		{"a weak claim yields to an older one", Stamp{At: at(9), Record: "a", Weak: true}, Stamp{At: at(1), Record: "b"}},
		{"and to an own one", Stamp{At: at(9), Record: "a", Weak: true}, Stamp{At: at(1), Number: 1}},
		{"a weak own claim yields too", Stamp{At: at(9), Number: 1, Weak: true}, Stamp{At: at(1), Record: "a"}},
		{"among weak ones the later is the newer", Stamp{At: at(1), Record: "a", Weak: true}, Stamp{At: at(2), Record: "b", Weak: true}},
		{"before 1970 too", Stamp{At: at(-1.5), Record: "a"}, Stamp{At: at(-0.5), Record: "b"}},
	} {
		if test.newer.Compare(test.older) != 1 || test.older.Compare(test.newer) != -1 {
			t.Errorf("%s: %+v is not below %+v", test.because, test.older, test.newer)
		}
	}
}

func drawStamp(t *rapid.T, label string) Stamp {
	return Stamp{
		At:     Moment(rapid.IntRange(0, 2).Draw(t, label+" second"))*1e6 + Moment(rapid.IntRange(0, 1).Draw(t, label+" microsecond")),
		Record: rapid.SampledFrom([]string{"", "a", "b"}).Draw(t, label+" record"),
		Number: rapid.Int64Range(0, 2).Draw(t, label+" number"),
		Weak:   rapid.Bool().Draw(t, label+" weak"),
	}
}

func TestStampsAreInStrictTotalOrder(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		a, b, c := drawStamp(t, "a"), drawStamp(t, "b"), drawStamp(t, "c")
		if a.Compare(b) != -b.Compare(a) {
			t.Fatalf("%+v and %+v are each below the other", a, b)
		}
		if a.Compare(b) <= 0 && b.Compare(c) <= 0 && a.Compare(c) > 0 {
			t.Fatalf("%+v, %+v and %+v go round in a circle", a, b, c)
		}
		sameSecond := func(s Stamp) Stamp { s.At = Moment(s.At.Second()); return s }
		if (a.Compare(b) == 0) != (sameSecond(a) == sameSecond(b)) {
			t.Fatalf("%+v and %+v compare as %d", a, b, a.Compare(b))
		}
	})
}

func TestStampsOfClaims(t *testing.T) {
	t.Parallel()
	record := Claim{Value: Text("x"), At: 5, Weak: true, Answers: 3}
	if got, want := record.Stamp("00Q1"), (Stamp{At: 5, Record: "00Q1", Number: 3, Weak: true}); got != want {
		t.Errorf("a record's claim is stamped %+v, want %+v", got, want)
	}
	own := OwnClaim{Var: 10, Value: Text("x"), At: 5, Number: 3, Weak: true}
	if got, want := own.Stamp(), (Stamp{At: 5, Number: 3, Weak: true}); got != want {
		t.Errorf("an own claim is stamped %+v, want %+v", got, want)
	}
	if !(Claim{Value: Null}).Made() || (Claim{}).Made() {
		t.Error("a claim of null is made, and the zero claim is not")
	}
}

func TestAReadingStampsWhatChanged(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		because     string
		now, before Reading
		want        Moment
	}{
		{"at first sight it is the last modification", Reading{Modstamp: 9, Modified: 5, Asked: 20}, Reading{}, 5},
		{"when that moved it is it again", Reading{Modstamp: 9, Modified: 8, Asked: 20}, Reading{Modstamp: 5, Modified: 5}, 8},
		{"else an automated process did it, at the SystemModstamp", Reading{Modstamp: 9, Modified: 5, Asked: 20}, Reading{Modstamp: 5, Modified: 5}, 9},
	} {
		if got := test.now.Stamp(test.before); got != test.want {
			t.Errorf("%s: %d, want %d", test.because, got, test.want)
		}
	}
}

func TestReadingsOfARecordFollowEachOther(t *testing.T) {
	t.Parallel()
	inOrder := []Reading{{Modstamp: 1, Asked: 9}, {Modstamp: 2, Asked: 1}, {Modstamp: 2, Asked: 2, Modified: 1}, {Modstamp: 3, Modified: 2}}
	for i, a := range inOrder {
		for j, b := range inOrder {
			if got := a.Compare(b); (got < 0) != (i < j) || (got > 0) != (i > j) {
				t.Errorf("%+v compares to %+v as %d", a, b, got)
			}
		}
	}
	if (Reading{Modstamp: 1, Asked: 1, Modified: 1}).Compare(Reading{Modstamp: 1, Asked: 1}) != 0 {
		t.Error("a reading is told from itself by the last modification")
	}
}

func TestMomentsFallInSeconds(t *testing.T) {
	t.Parallel()
	for m, want := range map[Moment]int64{0: 0, 1: 0, 999_999: 0, 1_000_000: 1, -1: -1, -1_000_000: -1, -1_000_001: -2} {
		if got := m.Second(); got != want {
			t.Errorf("%d µs fall in second %d, want %d", int64(m), got, want)
		}
	}
	if got := fmt.Sprint(Moment(0), Moment(1_700_000_000_500_000)); got != " 2023-11-14T22:13:20.5Z" {
		t.Errorf("never and a moment read %q", got)
	}
	if m := Moment(1_700_000_000_500_000); MomentOf(m.Time()) != m || !Moment(0).Time().IsZero() || MomentOf(Moment(0).Time()) != 0 {
		t.Error("a moment does not survive being a time")
	}
	if m := Moment(5); m.Add(m.Sub(2)) != 8 {
		t.Error("a difference added is not the sum")
	}
}
