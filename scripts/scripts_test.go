package scripts

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
)

// binary is the command under test, built once.
var binary string

func TestMain(m *testing.M) { os.Exit(runWithBinary(m)) }

func runWithBinary(m *testing.M) int {
	folder, err := os.MkdirTemp("", "conversion-scripts-")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer func() { _ = os.RemoveAll(folder) }()
	binary = filepath.Join(folder, "conversion")
	build := exec.Command("go", "build", "-o", binary, "conversion/cmd/conversion")
	if out, err := build.CombinedOutput(); err != nil {
		fmt.Fprintf(os.Stderr, "build the command: %v\n%s", err, out)
		return 1
	}
	return m.Run()
}

func TestScenarios(t *testing.T) {
	t.Parallel()
	params := language()
	params.Dir = "."
	testscript.Run(t, params)
}

// language is what scenarios are written in, without the scenarios.
func language() testscript.Params {
	return testscript.Params{
		RequireExplicitExec: true,
		Setup:               setUp,
		Cmds: map[string]func(ts *testscript.TestScript, neg bool, args []string){
			"org": startOrg, "serve": startServe, "stop-serve": stopServe, "kill-serve": killServe, "connect": connect, "sync": syncNow,
			"deploy": deploy, "api": callAPI, "new-contacts": newContacts, "org-api": callOrg, "json": checkJSON, "remember": remember,
			"advance": advance, "await": await, "writes": countWrites,
			"fails": fails, "refused": refused, "use-key": useKey, "connect-web": connectWeb, "page": seePage,
		},
	}
}

func setUp(env *testscript.Env) error {
	clock := filepath.Join(env.WorkDir, "clock")
	err := os.WriteFile(clock, []byte(untilNoon(time.Now()).String()), 0o600)
	if err != nil {
		return err
	}
	env.Setenv("PATH", filepath.Dir(binary)+string(os.PathListSeparator)+env.Getenv("PATH"))
	env.Setenv("HOME", env.WorkDir)
	env.Setenv("CONVERSION_TEST_CLOCK_FILE", clock)
	env.Setenv("CONVERSION_DATABASE", "sqlite:"+filepath.Join(env.WorkDir, "conversion.db"))
	env.Setenv("ROOT", repository())
	env.Values[processesKey] = &processes{env: env}
	env.Values[visitorKey], err = newVisitor()
	return err
}

// untilNoon is how far the clocks of a scenario are ahead when it begins. Some work is done at an
// hour of the night: what a scenario sees of it must not depend on when the tests are run.
func untilNoon(now time.Time) time.Duration {
	noon := time.Date(now.Year(), now.Month(), now.Day(), 12, 0, 0, 0, now.Location())
	if noon.Before(now) {
		noon = noon.AddDate(0, 0, 1)
	}
	return noon.Sub(now)
}

// repository is the folder of the module.
func repository() string {
	folder, err := filepath.Abs("..")
	if err != nil {
		panic(err)
	}
	return folder
}
