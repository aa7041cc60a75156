package connection_test

import (
	"testing"
	"time"

	"conversion"
)

func TestWhatChangesWhileNothingCanBeSentPilesUp(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	_, url := org(t, 1)
	s := h.process(url)
	must(t, s.ConnectClientCredentials(ctx, workspace, admin, credentials(url)))
	if since := h.row(t).Offline; since != 0 {
		t.Errorf("offline since %v while it is connected", since)
	}
	must(t, s.Pause(ctx, workspace, admin))
	paused := conversion.MomentOf(h.clock.Now())
	h.clock.Advance(time.Hour)
	must(t, s.Disconnect(ctx, workspace, admin))
	must(t, s.ConnectClientCredentials(ctx, workspace, admin, credentials(url)))
	if since := h.row(t).Offline; since != paused {
		t.Errorf("offline since %v, want the pause at %v: the engine has dealt with nothing yet", since, paused)
	}
}
