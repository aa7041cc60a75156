// Command postgres runs another with a PostgreSQL server of its own, whose URL it finds in
// CONVERSION_BENCH_POSTGRES. The server goes away with it.
package main

import (
	"errors"
	"fmt"
	"os"
	"os/exec"

	"conversion/internal/testkit"
)

func main() { os.Exit(run(os.Args[1:])) }

func run(args []string) int {
	if len(args) == 0 {
		_, _ = fmt.Fprintln(os.Stderr, "usage: postgres COMMAND [ARGUMENT …]")
		return 2
	}
	where, server, err := testkit.NewPostgres()
	if err != nil {
		_, _ = fmt.Fprintln(os.Stderr, "postgres:", err)
		return 1
	}
	defer func() { _ = server.Close() }()
	cmd := exec.Command(args[0], args[1:]...)
	cmd.Env = append(os.Environ(), "CONVERSION_BENCH_POSTGRES="+where)
	cmd.Stdin, cmd.Stdout, cmd.Stderr = os.Stdin, os.Stdout, os.Stderr
	err = cmd.Run()
	if ended, ok := errors.AsType[*exec.ExitError](err); ok {
		return ended.ExitCode()
	}
	if err != nil {
		_, _ = fmt.Fprintln(os.Stderr, "postgres:", err)
		return 1
	}
	return 0
}
