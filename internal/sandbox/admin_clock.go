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
	var steps []func()
	for _, d := range []struct {
		name string
		text *string
		set  func(time.Duration)
	}{{"skew", sent.Skew, clock.Skew}, {"perRequest", sent.PerRequest, clock.MovePerRequest}} {
		if d.text == nil {
			continue
		}
		value, err := duration(d.name, *d.text)
		if err != nil {
			return err
		}
		steps = append(steps, func() { d.set(value) })
	}
	if sent.Freeze != nil {
		map[bool]func(){true: clock.Freeze, false: clock.Resume}[*sent.Freeze]()
	}
	if !sent.Now.IsZero() {
		clock.Set(sent.Now)
	}
	for _, step := range steps {
		step()
	}
	clock.Advance(by)
	return c.adminClock()
}
