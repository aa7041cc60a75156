// Command mutate breaks the decisions of the engine one at a time and sees whether a test
// notices: it negates every condition of identity and reconcile, leaves out every case of
// their choices, and leaves out every durable step of the engine.
//
// All mutants are built once, into test binaries of a copy of the sources: which of them is
// alive is said by an environment variable when a binary runs. Nothing of them is ever part
// of the product. A mutant that no test notices survives; survivors.txt says of each why it
// may. The exit code is 1 when one survives that is not there, or one is there that does
// not.
//
// A run that is stopped goes on where it was, as long as neither code nor tests changed.
//
// With -rules it breaks the rules of docs/proof.md instead, as rules.txt says: each with one
// change of a line, of which one of the tests that the page names for it has to fail.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"regexp"
	"slices"
	"sync"
	"syscall"
	"time"
)

type flags struct {
	jobs      int
	only      string
	names     string
	stages    string
	list      bool
	rules     bool
	histories int
}

func main() {
	var f flags
	flag.IntVar(&f.jobs, "j", 2, "how many mutants are tried at once")
	flag.StringVar(&f.only, "only", "", "a regular expression: try only the mutants whose name it matches")
	flag.StringVar(&f.names, "names", "", "a file in the form of survivors.txt: try only the mutants it names")
	flag.StringVar(&f.stages, "stages", "", "a regular expression: ask only the tests whose name it matches, and explain nothing")
	flag.BoolVar(&f.list, "list", false, "print the mutants and try none")
	flag.IntVar(&f.histories, "histories", 200, "how many histories each property is held to for one mutant")
	flag.BoolVar(&f.rules, "rules", false, "break the rules of docs/proof.md as rules.txt says, and ask the tests of each; -only chooses by rule")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := f.does()(ctx, f)
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "mutate:", err)
		os.Exit(1)
	}
}

// does is what the flags ask for.
func (f flags) does() func(context.Context, flags) error {
	if f.rules {
		return runRules
	}
	return run
}

const explained = "internal/prove/mutate/survivors.txt"

func run(ctx context.Context, f flags) error {
	folder, err := os.MkdirTemp("", "mutate")
	if err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(folder) }()
	sources, err := mutated(folder)
	if err != nil {
		return fmt.Errorf("write the mutants: %w", err)
	}
	chosen, err := f.chosen(sources.mutants)
	if err != nil {
		return err
	}
	if f.list {
		for _, m := range chosen {
			fmt.Println(m.name)
		}
		return nil
	}
	stages, err := f.asked()
	if err != nil {
		return err
	}
	if err := build(ctx, folder, sources.overlay, stages); err != nil {
		return err
	}
	survivors, err := tried(ctx, folder, stages, chosen, f.jobs)
	if err != nil || f.stages != "" {
		return err
	}
	return compare(explained, survivors, chosen, len(chosen) == len(sources.mutants))
}

// chosen are the mutants to try.
func (f flags) chosen(all []mutant) ([]mutant, error) {
	wanted, err := f.wanted()
	if err != nil {
		return nil, err
	}
	return slices.DeleteFunc(slices.Clone(all), func(m mutant) bool { return !wanted(m.name) }), nil
}

// wanted tells by its name whether something is to be tried.
func (f flags) wanted() (func(name string) bool, error) {
	pattern, err := regexp.Compile(f.only)
	if err != nil {
		return nil, err
	}
	if f.names == "" {
		return pattern.MatchString, nil
	}
	named, err := reasons(f.names)
	return func(name string) bool {
		_, is := named[name]
		return is && pattern.MatchString(name)
	}, err
}

// asked are the tests to ask.
func (f flags) asked() ([]stage, error) {
	wanted, err := regexp.Compile(f.stages)
	if err != nil {
		return nil, err
	}
	return slices.DeleteFunc(stages(f.histories), func(s stage) bool { return !wanted.MatchString(s.name) }), nil
}

// tried runs stage after stage against the mutants that none before noticed, and returns
// those that are left.
func tried(ctx context.Context, folder string, stages []stage, mutants []mutant, jobs int) ([]mutant, error) {
	p, err := goOn(folder, stages)
	if err != nil {
		return nil, err
	}
	defer func() { _ = p.file.Close() }()
	began, alive := time.Now(), mutants
	for _, s := range stages {
		if slices.ContainsFunc(alive, s.asks) {
			if err := s.measure(ctx, folder, jobs); err != nil {
				return nil, err
			}
		}
		if alive, err = try(ctx, folder, s, p, alive, jobs); err != nil {
			return nil, err
		}
	}
	for _, m := range alive {
		fmt.Println("SURVIVES", m.name)
	}
	fmt.Printf("%d mutants, %d survive, %s\n", len(mutants), len(alive), time.Since(began).Round(time.Second))
	return alive, nil
}

// try asks one stage about the mutants, and returns those that it does not notice or is not
// asked about.
func try(ctx context.Context, folder string, s stage, p *progress, mutants []mutant, jobs int) (alive []mutant, err error) {
	var mu sync.Mutex // guards alive, err and p
	began, asked := time.Now(), 0
	queue := make(chan mutant)
	var workers sync.WaitGroup
	for range jobs {
		workers.Go(func() {
			for m := range queue {
				noticed, _ := s.notices(ctx, folder, m, jobs)
				mu.Lock()
				if ctx.Err() != nil {
					err = ctx.Err()
				} else if failed := p.note(s, m, noticed); failed != nil {
					err = failed
				}
				if !noticed {
					alive = append(alive, m)
				}
				mu.Unlock()
			}
		})
	}
	var others []mutant
	for _, m := range mutants {
		noticed, known := p.answer(s, m)
		switch {
		case s.asks(m) && !known && ctx.Err() == nil:
			asked++
			queue <- m
		case !noticed:
			others = append(others, m)
		}
	}
	close(queue)
	workers.Wait()
	alive = append(alive, others...)
	slices.SortFunc(alive, func(a, b mutant) int { return a.number - b.number })
	fmt.Printf("%s: asked about %d, %d of %d are left, %s\n", s.name, asked, len(alive), len(mutants), time.Since(began).Round(time.Second))
	return alive, err
}
