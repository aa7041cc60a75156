// Command mutate breaks the decisions of the engine one at a time and sees whether a test
// notices: it negates every condition of identity and reconcile, and leaves out every
// durable step of the engine.
//
// All mutants are built once, into test binaries of a copy of the sources: which of them is
// alive is said by an environment variable when a binary runs. Nothing of them is ever part
// of the product. A mutant that no test notices survives; survivors.txt says of each why it
// may. The exit code is 1 when one survives that is not there, or one is there that does
// not.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"regexp"
	"sync"
	"time"
)

func main() {
	jobs := flag.Int("j", 2, "how many mutants are tried at once")
	only := flag.String("only", "", "a regular expression: try only the mutants whose name it matches")
	list := flag.Bool("list", false, "print the mutants and try none")
	histories := flag.Int("histories", 200, "how many histories each property is held to for one mutant")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	err := run(ctx, *jobs, *only, *list, *histories)
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "mutate:", err)
		os.Exit(1)
	}
}

const explained = "internal/prove/mutate/survivors.txt"

func run(ctx context.Context, jobs int, only string, list bool, histories int) error {
	wanted, err := regexp.Compile(only)
	if err != nil {
		return err
	}
	folder, err := os.MkdirTemp("", "mutate")
	if err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(folder) }()
	copy, err := mutated(folder)
	if err != nil {
		return fmt.Errorf("write the mutants: %w", err)
	}
	var chosen []mutant
	for _, m := range copy.mutants {
		if wanted.MatchString(m.name) {
			chosen = append(chosen, m)
			if list {
				fmt.Println(m.name)
			}
		}
	}
	if list {
		return nil
	}
	tests, err := built(ctx, folder, copy.overlay, histories)
	if err != nil {
		return err
	}
	if by, said := tests.notice(ctx, mutant{}); by != "" {
		return fmt.Errorf("%s fails without any mutant:\n%s", by, said)
	}
	survivors := try(ctx, tests, chosen, jobs)
	if ctx.Err() != nil {
		return ctx.Err()
	}
	return compare(explained, survivors, chosen, only == "")
}

// try runs the tests against each mutant and returns those that none noticed.
func try(ctx context.Context, tests binaries, mutants []mutant, jobs int) []mutant {
	var mu sync.Mutex
	var survivors []mutant
	done, began := 0, time.Now()
	queue := make(chan mutant)
	var workers sync.WaitGroup
	for range jobs {
		workers.Go(func() {
			for m := range queue {
				by, _ := tests.notice(ctx, m)
				mu.Lock()
				done++
				if by == "" && ctx.Err() == nil {
					survivors = append(survivors, m)
					fmt.Println("SURVIVES", m.name)
				}
				if done%50 == 0 {
					fmt.Printf("%d of %d tried, %d survive, %s\n", done, len(mutants), len(survivors), time.Since(began).Round(time.Second))
				}
				mu.Unlock()
			}
		})
	}
	for _, m := range mutants {
		if ctx.Err() == nil {
			queue <- m
		}
	}
	close(queue)
	workers.Wait()
	fmt.Printf("%d mutants, %d survive, %s\n", len(mutants), len(survivors), time.Since(began).Round(time.Second))
	return survivors
}
