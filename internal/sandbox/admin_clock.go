package sandbox

import (
	"net/http"
	"time"
)

type shownClock struct {
	Now        string `json:"now"`
	Frozen     bool   `json:"frozen"`
	Skew       string `json:"skew"`       // against the machine's clock
	PerRequest string `json:"perRequest"` // how far each request moves it
}

func (c *call) adminClock() *Error {
	clock := c.org.clock
	return c.json(http.StatusOK, shownClock{
		Now: clock.Now().Format(time.RFC3339Nano), Frozen: clock.Frozen(),
		Skew: clock.Ahead().Round(time.Millisecond).String(), PerRequest: clock.PerRequest().String(),
	})
}

// adminSetClock freezes or resumes the clock, then sets it, then moves it.
func (c *call) adminSetClock() *Error {
	var sent struct {
		Now        time.Time `json:"now"`
		Advance    string    `json:"advance"`
		Freeze     *bool     `json:"freeze"`
		Skew       *string   `json:"skew"`
		PerRequest *string   `json:"perRequest"`
	}
	if err := c.decode(&sent); err != nil {
		return err
	}
	by, err := duration("advance", sent.Advance)
	if err != nil {
		return err
	}
	clock := c.org.clock
	setSkew, err := durationSetting("skew", sent.Skew, clock.Skew)
	if err != nil {
		return err
	}
	setPerRequest, err := durationSetting("perRequest", sent.PerRequest, clock.MovePerRequest)
	if err != nil {
		return err
	}
	switch {
	case sent.Freeze == nil:
	case *sent.Freeze:
		clock.Freeze()
	default:
		clock.Resume()
	}
	if !sent.Now.IsZero() {
		clock.Set(sent.Now)
	}
	setSkew()
	setPerRequest()
	clock.Advance(by)
	return c.adminClock()
}

// durationSetting reads a duration that may be left out and returns what sets it,
// so that nothing is set before all of a request is understood.
func durationSetting(name string, text *string, set func(time.Duration)) (apply func(), err *Error) {
	if text == nil {
		return func() {}, nil
	}
	value, err := duration(name, *text)
	return func() { set(value) }, err
}
