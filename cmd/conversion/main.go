// Command conversion keeps a marketing team's contacts and companies aligned with their
// Salesforce org. This is where everything meets: flags, wiring and signals.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"

	"github.com/alecthomas/kong"

	"conversion"
	"conversion/internal/config"
)

// cli is every command there is.
type cli struct {
	Demo       demoCmd       `cmd:"" help:"Try it: a Conversion and a Salesforce sandbox with sample data, on this machine."`
	Serve      serveCmd      `cmd:"" help:"Serve the web UI and the API, and sync."`
	Worker     workerCmd     `cmd:"" help:"Sync, without serving: one of any number of processes over one PostgreSQL database."`
	Sandbox    sandboxCmd    `cmd:"" help:"Serve a simulated Salesforce org on its own."`
	Sync       syncCmd       `cmd:"" help:"Run one full cycle, push and then pull, and wait for it."`
	Status     statusCmd     `cmd:"" help:"Show the state of the connection."`
	Plan       planCmd       `cmd:"" help:"Preview what rules would write to Salesforce, and do it with --apply."`
	Rules      rulesCmd      `cmd:"" help:"Show or change the rules of what goes to Salesforce."`
	Held       heldCmd       `cmd:"" help:"List what could not be synced, and try it again."`
	Keys       keysCmd       `cmd:"" help:"Make API keys."`
	Users      usersCmd      `cmd:"" help:"Make users."`
	Workspaces workspacesCmd `cmd:"" help:"Make and list workspaces."`
	Bench      benchCmd      `cmd:"" help:"Measure Conversion on this machine."`
	Package    packageCmd    `cmd:"" name:"salesforce-package" help:"Write the External Id field that makes creating in Salesforce safe, ready to deploy."`
}

// The exit codes (spec 8.1).
const (
	exitDone   = 0
	exitFailed = 1
	exitUsage  = 2
)

func main() { os.Exit(run(os.Args[1:], os.Stdout, os.Stderr)) }

// terminal is where a command writes: facts to out, everything else to err.
type terminal struct{ out, err io.Writer }

// errUsage reports a wrong argument that only the command itself can tell.
var errUsage = errors.New("wrong usage")

func run(args []string, out, errOut io.Writer) int {
	if err := config.UseFile(args, ownVariables...); err != nil {
		_, _ = fmt.Fprintln(errOut, "conversion:", err)
		return exitUsage
	}
	var commands cli
	code := -1
	parser, err := kong.New(&commands,
		kong.Name("conversion"),
		kong.Description("Two-way sync of contacts and companies with Salesforce."),
		kong.Writers(out, errOut),
		kong.UsageOnError(),
		kong.Exit(func(c int) { code = c }),
		kong.Bind(terminal{out, errOut}),
	)
	if err != nil {
		panic(err) // the commands above are malformed
	}
	parsed, err := parser.Parse(args)
	if code == exitDone {
		return exitDone // --help
	}
	if err != nil {
		_, _ = fmt.Fprintln(errOut, "conversion:", err)
		return exitUsage
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	parsed.BindTo(ctx, (*context.Context)(nil))
	return explain(errOut, parsed.Run())
}

// explain prints why a command failed, in a line or two, and returns the exit code.
func explain(errOut io.Writer, err error) int {
	if err == nil {
		return exitDone
	}
	if wrong, ok := errors.AsType[*config.Error](err); ok {
		_, _ = fmt.Fprintln(errOut, "conversion:", wrong)
		return exitUsage
	}
	if errors.Is(err, errUsage) {
		_, _ = fmt.Fprintln(errOut, "conversion:", err)
		return exitUsage
	}
	e, ok := errors.AsType[*conversion.Error](err)
	if !ok {
		_, _ = fmt.Fprintln(errOut, "conversion:", err)
		return exitFailed
	}
	_, _ = fmt.Fprintln(errOut, "conversion:", e.Message)
	for _, f := range e.Fields {
		_, _ = fmt.Fprintf(errOut, "  %s: %s\n", f.Field, f.Message)
	}
	if e.Hint != "" {
		_, _ = fmt.Fprintln(errOut, " ", e.Hint)
	}
	if e.Code == conversion.CodeInvalid {
		return exitUsage
	}
	return exitFailed
}
