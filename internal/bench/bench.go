package bench

import (
	"context"
	"fmt"
	"os"
	"runtime"
	"strings"
	"time"
)

// Options say what is measured, and where.
type Options struct {
	Binary   string   // the conversion binary
	Postgres string   // postgres:// URL of a server on which databases may be made; "" measures SQLite alone
	People   []int    // sizes of the org, the smaller first
	Edits    int      // how many edits, and how many new contacts, are pushed
	Changes  int      // how many records change before the cycle with changes
	Seconds  int      // how long the API is asked, and edits are made steadily
	Only     []string // scenarios; empty: all
	Say      func(line string)
}

// Report is what a run came to.
type Report struct {
	At      time.Time `json:"at"`
	Machine string    `json:"machine"`
	Command string    `json:"command"`
	Figures []Figure  `json:"figures"`
}

// Figure is one thing that was measured. What does not apply is 0.
type Figure struct {
	Scenario string  `json:"scenario"`
	What     string  `json:"what"` // Conversion, or what its floor does
	Database string  `json:"database,omitempty"`
	People   int     `json:"people"`            // in the org
	Count    int     `json:"count,omitempty"`   // things done
	Seconds  float64 `json:"seconds,omitempty"` // all of them took
	Requests int     `json:"requests,omitempty"`
	CPU      float64 `json:"cpu_seconds,omitempty"` // of the server's process
	PeakMB   float64 `json:"peak_mb,omitempty"`     // of the server's process since it began
	OfFloor  float64 `json:"of_floor,omitempty"`    // times as long as its floor
	P50      float64 `json:"p50_ms,omitempty"`
	P95      float64 `json:"p95_ms,omitempty"`
	P99      float64 `json:"p99_ms,omitempty"`
}

// Rate is how many were done in a second.
func (f Figure) Rate() float64 {
	if f.Seconds == 0 {
		return 0
	}
	return float64(f.Count) / f.Seconds
}

// run is one measuring of everything.
type run struct {
	Options
	folder  string
	figures []Figure
}

// Run measures everything and returns what it came to. Nothing is left behind.
func Run(ctx context.Context, o Options) (Report, error) {
	folder, err := os.MkdirTemp("", "conversion-bench-")
	if err != nil {
		return Report{}, fmt.Errorf("make a folder for the databases: %w", err)
	}
	defer func() { _ = os.RemoveAll(folder) }()
	r := &run{Options: o, folder: folder}
	for _, people := range o.People {
		if err := r.org(ctx, people); err != nil {
			return Report{}, fmt.Errorf("an org of %d people: %w", people, err)
		}
	}
	return Report{
		At: time.Now().UTC(), Machine: fmt.Sprintf("%s/%s, %d cores", runtime.GOOS, runtime.GOARCH, runtime.NumCPU()),
		Command: strings.Join(os.Args[1:], " "), Figures: r.figures,
	}, nil
}

// org measures one size of an org on each database.
func (r *run) org(ctx context.Context, people int) error {
	r.Say(fmt.Sprintf("generating an org of %d people", people))
	org, err := startOrg(ctx, r.Binary, people)
	if err != nil {
		return err
	}
	defer org.stop()
	if err := org.keep(ctx); err != nil {
		return err
	}
	floor, err := r.floor(ctx, org, people)
	if err != nil {
		return fmt.Errorf("measure the floor: %w", err)
	}
	databases, err := r.databases(ctx)
	if err != nil {
		return err
	}
	for _, d := range databases {
		if err := r.database(ctx, org, d, people, floor); err != nil {
			return fmt.Errorf("on %s: %w", d.name, err)
		}
	}
	return nil
}

// database measures one Conversion from its first load on.
func (r *run) database(ctx context.Context, org *org, d database, people int, floor time.Duration) error {
	defer d.drop()
	if err := org.restore(ctx); err != nil {
		return err
	}
	s, err := startServer(ctx, r.Binary, d.url, org)
	if err != nil {
		return err
	}
	defer s.stop()
	m := &measuring{run: r, org: org, server: s, database: d.name, people: people}
	if err := m.firstLoad(ctx, floor); err != nil {
		return fmt.Errorf("first load: %w", err)
	}
	for _, scenario := range []struct {
		name    string
		measure func(context.Context) error
	}{
		{"idle cycle", m.idle},
		{"cycle with changes", m.changes},
		{"API", m.api},
		{"push of edits", m.edits},
		{"push of new contacts", m.creates},
		{"latency", m.latency},
	} {
		if !r.wants(scenario.name) {
			continue
		}
		if err := scenario.measure(ctx); err != nil {
			return fmt.Errorf("%s: %w", scenario.name, err)
		}
	}
	return nil
}

func (r *run) wants(scenario string) bool {
	for _, name := range r.Only {
		if name == scenario {
			return true
		}
	}
	return len(r.Only) == 0
}

// measuring is one Conversion under measure.
type measuring struct {
	*run
	org      *org
	server   *server
	database string
	people   int
}

// note keeps a figure and tells it.
func (r *run) note(f Figure) {
	r.figures = append(r.figures, f)
	r.Say(strings.TrimRight(line(f), " "))
}

// figure measures what do does: its time, the requests it spends and the server's share of the
// processor.
func (m *measuring) figure(ctx context.Context, scenario string, do func() (count int, err error)) (Figure, error) {
	f := Figure{Scenario: scenario, What: "Conversion", Database: m.database, People: m.people}
	number, err := m.org.asked(ctx)
	if err != nil {
		return f, err
	}
	cpu, began := m.server.cpu(), time.Now()
	if f.Count, err = do(); err != nil {
		return f, err
	}
	f.Seconds, f.CPU, f.PeakMB = time.Since(began).Seconds(), (m.server.cpu() - cpu).Seconds(), m.server.peak()
	after, err := m.org.asked(ctx)
	f.Requests = after - number
	return f, err
}
