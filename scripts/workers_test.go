package scripts

import (
	"os/exec"
	"path/filepath"
	"regexp"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"conversion/internal/testkit"
)

// TestWorkersSyncWhatAServerServes runs a server that does not work and a worker as
// processes of their own over one PostgreSQL database.
func TestWorkersSyncWhatAServerServes(t *testing.T) {
	t.Parallel()
	params := onPostgres(t)
	params.Files = []string{filepath.Join("testdata", "workers.txtar")}
	testscript.Run(t, params)
}

// onPostgres is the language with a database on PostgreSQL, and with workers.
func onPostgres(t *testing.T) testscript.Params {
	params := language()
	params.Setup = func(env *testscript.Env) error {
		if err := setUp(env); err != nil {
			return err
		}
		env.Setenv("CONVERSION_DATABASE", testkit.Postgres(t))
		return nil
	}
	var workers []*exec.Cmd
	params.Cmds["worker"] = func(ts *testscript.TestScript, neg bool, _ []string) {
		noNeg(ts, neg)
		workers = append(workers, startWorker(ts))
	}
	params.Cmds["stop-workers"] = func(ts *testscript.TestScript, neg bool, _ []string) {
		noNeg(ts, neg)
		for _, worker := range workers {
			end(worker)
			if !worker.ProcessState.Success() {
				ts.Fatalf("a worker that was stopped: %v", worker.ProcessState)
			}
		}
		workers = nil
	}
	return params
}

var workerReady = regexp.MustCompile(`^A worker is ready`)

// startWorker starts `conversion worker`, which trusts the org.
func startWorker(ts *testscript.TestScript) *exec.Cmd {
	cmd, _ := processesOf(ts).start(ts, workerReady, "worker", "--salesforce-allow-host", ts.Getenv("ORG_HOST"))
	return cmd
}
