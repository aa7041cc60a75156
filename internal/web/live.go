package web

import (
	"bytes"
	"net/http"
	"strings"
	"time"

	"conversion/internal/httpx"
	"conversion/internal/web/page"
)

const (
	// streamLasts bounds a stream. The page opens another one, which asks anew whether its
	// reader is still signed in.
	streamLasts = 10 * time.Minute
	// aliveEvery is how often a stream without news says that it is there, so that no proxy
	// takes it for dead.
	aliveEvery = 15 * time.Second
)

// live streams the live part of the integration page as server-sent events: all of it on
// connecting, and again whenever it looks different. So a stream that broke off, or was
// paused in a hidden tab, needs no memory of what was missed.
func (s *site) live(w http.ResponseWriter, r *http.Request, v visitor) error {
	event, err := s.liveEvent(r, v)
	if err != nil {
		return err
	}
	w.Header().Set("Content-Type", "text/event-stream")
	w.Header().Set("Cache-Control", "no-store")
	w.Header().Set("X-Accel-Buffering", "no")
	stream := stream{w: w, control: http.NewResponseController(w)}
	if stream.send(event) != nil {
		return nil // the reader is gone
	}
	s.follow(r, v, &stream)
	return nil
}

// follow sends news until somebody ends the stream.
func (s *site) follow(r *http.Request, v visitor, stream *stream) {
	look, alive, end := time.NewTicker(s.Refresh), time.NewTicker(aliveEvery), time.NewTimer(streamLasts)
	defer look.Stop()
	defer alive.Stop()
	defer end.Stop()
	for {
		var err error
		select {
		case <-r.Context().Done():
			return
		case <-httpx.Draining(r.Context()):
			return
		case <-end.C:
			return
		case <-alive.C:
			err = stream.write(": alive\n\n")
		case <-look.C:
			var event string
			if event, err = s.liveEvent(r, v); err == nil {
				err = stream.send(event)
			}
		}
		if err != nil {
			s.Log.DebugContext(r.Context(), "live page ended", "error", err)
			return
		}
	}
}

// liveEvent draws the live part as one unnamed event: only these are swapped in.
func (s *site) liveEvent(r *http.Request, v visitor) (string, error) {
	snapshot, err := s.snapshot(r, v)
	if err != nil {
		return "", err
	}
	var html bytes.Buffer
	if err := page.LivePart(snapshot).Render(r.Context(), &html); err != nil {
		return "", err
	}
	return "data: " + strings.ReplaceAll(html.String(), "\n", "\ndata: ") + "\n\n", nil
}

// stream remembers what it sent last, to send nothing twice.
type stream struct {
	w       http.ResponseWriter
	control *http.ResponseController
	last    string
}

func (s *stream) send(event string) error {
	if event == s.last {
		return nil
	}
	s.last = event
	return s.write(event)
}

func (s *stream) write(text string) error {
	if _, err := s.w.Write([]byte(text)); err != nil {
		return err
	}
	return s.control.Flush()
}
