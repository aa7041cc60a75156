package engine_test

import (
	"context"
	"fmt"
	"net/http"
	"runtime/debug"
	"strings"
	"syscall"
	"testing"
	"time"

	"conversion"
	"conversion/internal/engine"
	"conversion/internal/salesforce"
	"conversion/internal/testkit"
)

// BenchmarkFirstLoad reads an org of N people, N/10 companies and as many activities as
// people for the first time, and holds it against two floors of the same run: the same bulk
// results downloaded, parsed and thrown away; and the rows that came of it written into an
// empty database without any logic. The org is simulated by the same process, on the same
// cores.
//
//	go test ./internal/engine -run '^$' -bench FirstLoad -benchtime 1x
func BenchmarkFirstLoad(b *testing.B) {
	for _, people := range []int{10_000, 100_000} {
		for name, database := range map[string]func(testing.TB) string{"sqlite": testkit.SQLite, "postgres": testkit.Postgres} {
			b.Run(fmt.Sprintf("%s/%d", name, people), func(b *testing.B) {
				for b.Loop() {
					firstLoad(b, database, people)
				}
			})
		}
	}
}

func firstLoad(b *testing.B, database func(testing.TB) string, people int) {
	b.Helper()
	b.StopTimer()
	w := newWorld(b, database(b))
	w.loadAbove = 100
	w.build()
	w.generate(people)
	debug.FreeOSMemory()
	before, memory := cpu(), watchMemory(b)
	b.StartTimer()
	took := w.firstLoad()
	b.StopTimer()
	b.ReportMetric(memory(), "MB-more")
	b.ReportMetric(float64((cpu()-before).Microseconds())/float64(people), "cpu-µs/person")
	parse, rows := w.floor(), w.rowsFloor(database(b))
	b.StartTimer()
	b.ReportMetric(float64(people)/took.Seconds(), "people/s")
	b.ReportMetric(float64(people)/parse.Seconds(), "parse-people/s")
	b.ReportMetric(float64(people)/rows.Seconds(), "rows-people/s")
	b.ReportMetric(took.Seconds()/max(parse, rows).Seconds(), "x-floor")
}

// cpu is what this process has used of its cores, the simulated org's part included.
func cpu() time.Duration {
	var used syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &used); err != nil {
		return 0
	}
	return time.Duration(used.Utime.Nano() + used.Stime.Nano())
}

// firstLoad is the first cycle, with the help that a runner gives.
func (w *world) firstLoad() time.Duration {
	w.t.Helper()
	ctx, stop := context.WithCancel(w.t.Context())
	helped := make(chan error, 1)
	began := time.Now()
	go func() { helped <- help(ctx, engine.New(w.config)) }()
	w.sync()
	took := time.Since(began)
	stop()
	if err := <-helped; err != nil {
		w.t.Fatal(err)
	}
	return took
}

// help looks for pages to take as often as a runner would, but for its second.
func help(ctx context.Context, e *engine.Engine) error {
	look := time.NewTicker(100 * time.Millisecond)
	defer look.Stop()
	for ctx.Err() == nil {
		if err := e.Help(ctx, workspace); err != nil && ctx.Err() == nil {
			return err
		}
		<-look.C
	}
	return nil
}

// floor has the results gathered that a first load reads, and reads them for nothing.
func (w *world) floor() time.Duration {
	w.t.Helper()
	ctx := w.t.Context()
	client := salesforce.New(salesforce.Config{
		Hosts: salesforce.Hosts{Extra: []string{strings.TrimPrefix(w.instance, "http://")}},
		Token: salesforce.Token{AccessToken: w.org.IssueToken(), InstanceURL: w.instance},
		HTTP:  http.DefaultClient, Now: w.here,
	})
	began := time.Now()
	for _, o := range []conversion.Object{conversion.Account, conversion.Contact, conversion.Lead, conversion.Task, conversion.Event} {
		l, err := w.gathered(o)
		for locator, more := "", err == nil; more; {
			err = client.StreamQueryJobPage(ctx, l.JobID, locator, salesforce.Stream{
				Rows: 20_000, Batch: 2_000,
				Opened: func(h salesforce.PageHead) error { locator = h.Next; return nil },
				Take:   func([]salesforce.Row) error { return nil },
			})
			more = err == nil && locator != ""
		}
		if err != nil {
			w.t.Fatal(err)
		}
	}
	return time.Since(began)
}

func (w *world) gathered(o conversion.Object) (conversion.Load, error) {
	ctx := w.t.Context()
	s, err := w.books.Schema(ctx, o.Kind())
	if o.Kind() == "" {
		s, err = nil, nil
	}
	if err != nil {
		return conversion.Load{}, err
	}
	l, err := w.gate.BeginLoad(ctx, s, o, conversion.Cursor{})
	for err == nil && !l.Ready {
		w.later(time.Second)
		l, err = w.gate.AskLoad(ctx, l)
	}
	return l, err
}
