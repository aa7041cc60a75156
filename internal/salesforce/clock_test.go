package salesforce

import (
	"testing"
	"time"
)

func TestClockOffsetNarrowsWithEveryAnswer(t *testing.T) {
	t.Parallel()
	const ahead = 90*time.Second + 300*time.Millisecond
	start := time.Date(2026, 1, 31, 9, 0, 0, 0, time.UTC)
	var clock serverClock
	if _, known := clock.offset(); known {
		t.Error("an offset is known before any answer")
	}
	for i := range 10 {
		asked := start.Add(time.Duration(i) * 5_170 * time.Millisecond)
		answered := asked.Add(200 * time.Millisecond)
		server := asked.Add(100 * time.Millisecond).Add(ahead).Truncate(time.Second)
		clock.learn(server, asked, answered)
	}
	got, known := clock.offset()
	if off := (got - ahead).Abs(); !known || off > 250*time.Millisecond {
		t.Errorf("the offset is %v, want about %v", got, ahead)
	}
}

func TestClockOffsetFollowsAClockThatIsSet(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 1, 31, 9, 0, 0, 0, time.UTC)
	var clock serverClock
	clock.learn(now, now, now)
	clock.learn(now.Add(time.Hour), now, now)
	if got, _ := clock.offset(); (got - time.Hour).Abs() > time.Second {
		t.Errorf("the offset is %v, want about an hour", got)
	}
}
