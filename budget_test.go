package conversion_test

import (
	"testing"
	"time"

	"pgregory.net/rapid"

	"conversion"
)

func budgets(t *rapid.T) conversion.Budget {
	return conversion.Budget{
		Ours: rapid.IntRange(0, 120_000).Draw(t, "ours"), Used: rapid.IntRange(0, 120_000).Draw(t, "used"),
		Max: rapid.IntRange(1_000, 100_000).Draw(t, "max"), Percent: rapid.IntRange(1, 95).Draw(t, "percent"),
	}
}

func TestNothingIsAllowedBeyondOurShareOrTheOrgsCeiling(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		b, n := budgets(t), rapid.IntRange(1, 100).Draw(t, "n")
		l := rapid.SampledFrom(conversion.Lanes).Draw(t, "lane")
		if b.Allows(l, n) && (b.Ours+n > b.Max*b.Percent/100 || (b.Used+n)*100 > b.Max*95) {
			t.Fatalf("%+v allows %d", b, n)
		}
	})
}

func TestWhatALaneGetsTheLanesBeforeItGetToo(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		b, n := budgets(t), rapid.IntRange(1, 100).Draw(t, "n")
		for i, l := range conversion.Lanes[1:] {
			if before := conversion.Lanes[i]; b.Allows(l, n) && !b.Allows(before, n) {
				t.Fatalf("%+v gives %d to %s and not to %s", b, n, l, before)
			}
		}
	})
}

func TestNewContactsStillGoWhereBackfillsStop(t *testing.T) {
	t.Parallel()
	b := conversion.Budget{Ours: 350, Used: 400, Max: 1000, Percent: 50}
	if b.Allows(conversion.LaneBackfill, 12) || !b.Allows(conversion.LaneEdits, 12) {
		t.Error("a backfill goes on at 70 % of our share, or edits stop there")
	}
	if b.Ours = 475; b.Allows(conversion.LaneEdits, 12) || !b.Allows(conversion.LaneNews, 12) {
		t.Error("edits go on at 95 % of our share, or new contacts stop there")
	}
}

func TestEveryLaneGoesOnOnceTheWindowIsFree(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		b := budgets(t)
		b.Ours, b.Used, b.Percent = 0, 0, rapid.IntRange(5, 95).Draw(t, "a share that is worth one")
		for _, l := range conversion.Lanes {
			if !b.Allows(l, conversion.BatchCost) {
				t.Fatalf("%+v never lets a batch of %s go", b, l)
			}
		}
	})
}

func TestBeforeTheLimitIsKnownNothingWaits(t *testing.T) {
	t.Parallel()
	if b := (conversion.Budget{Ours: 1000, Percent: 50}); !b.Allows(conversion.LaneBackfill, 1000) || b.Window() != 0 || b.OrgFull(1) {
		t.Error("work waits for a limit that nobody knows")
	}
}

func TestTheWindowWidensAsTheBudgetRunsLow(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		b := budgets(t)
		more := b
		more.Ours += rapid.IntRange(0, 1000).Draw(t, "more")
		if more.Window() < b.Window() {
			t.Fatalf("%v with %d, %v with %d", b.Window(), b.Ours, more.Window(), more.Ours)
		}
	})
	b := conversion.Budget{Max: 1000, Percent: 50}
	if b.Window() != 0 {
		t.Errorf("changes are gathered for %v though nothing is used", b.Window())
	}
	for _, row := range []struct {
		ours int // of 500
		want time.Duration
	}{{249, 0}, {250, 30 * time.Second}, {350, 2 * time.Minute}, {425, 5 * time.Minute}, {475, 15 * time.Minute}} {
		if b.Ours = row.ours; b.Window() != row.want {
			t.Errorf("with %d of our share used changes are gathered for %v, want %v", row.ours, b.Window(), row.want)
		}
	}
}

func TestAChangeOfAnEntityThatWaitsSoonerGoesAlong(t *testing.T) {
	t.Parallel()
	e := conversion.Entity{}
	e.Mark(conversion.LaneBackfill, 1)
	if e.Lane != conversion.LaneBackfill {
		t.Errorf("marked for %s", e.Lane)
	}
	e.Mark(conversion.LaneNews, 2)
	e.Mark(conversion.LaneEdits, 3)
	if e.Lane != conversion.LaneNews || e.Dirty != 3 {
		t.Errorf("it waits for %s since %d", e.Lane, e.Dirty)
	}
}

func TestOursStopAt95PercentOfTheOrgsRequests(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		says string
		b    conversion.Budget
		want bool
	}{
		{"up to it they go", conversion.Budget{Used: 948, Max: 1000, Percent: 50}, true},
		{"beyond it none goes, though none was ours", conversion.Budget{Used: 949, Max: 1000, Percent: 50}, false},
	} {
		if got := row.b.Allows(conversion.LaneNews, 2); got != row.want || row.b.OrgFull(2) == row.want {
			t.Errorf("%s: allowed %v, the org full %v", row.says, got, row.b.OrgFull(2))
		}
	}
	if conversion.BudgetWindow != 24*time.Hour {
		t.Errorf("requests are counted over %v", conversion.BudgetWindow)
	}
}
