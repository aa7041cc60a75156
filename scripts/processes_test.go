package scripts

import (
	"bufio"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"regexp"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
)

const processesKey = "processes"

// processes are the servers of one scenario. They end with it.
type processes struct {
	env   *testscript.Env
	serve *exec.Cmd
}

func processesOf(ts *testscript.TestScript) *processes { return ts.Value(processesKey).(*processes) }

// patience is how long anything may take; scenarios wait for signals, never for time.
const patience = 60 * time.Second

// start runs the command until the scenario ends and returns the first match of want in
// what it prints.
func (p *processes) start(ts *testscript.TestScript, want *regexp.Regexp, args ...string) (*exec.Cmd, []string) {
	cmd := exec.Command(binary, args...)
	cmd.Dir = ts.Getenv("WORK")
	cmd.Env = environment(ts)
	stdout, err := cmd.StdoutPipe()
	ts.Check(err)
	errors := &tail{}
	cmd.Stderr = errors
	ts.Check(cmd.Start())
	p.env.Defer(func() { end(cmd) })
	lines := make(chan string)
	go scan(stdout, lines)
	timeout := time.After(patience)
	for {
		select {
		case line, open := <-lines:
			if !open {
				ts.Fatalf("%s ended:\n%s", args[0], errors)
			}
			if match := want.FindStringSubmatch(line); match != nil {
				go drain(lines)
				return cmd, match
			}
		case <-timeout:
			ts.Fatalf("%s did not say it was ready:\n%s", args[0], errors)
		}
	}
}

func scan(r io.Reader, lines chan<- string) {
	defer close(lines)
	for scanner := bufio.NewScanner(r); scanner.Scan(); {
		lines <- scanner.Text()
	}
}

func drain(lines <-chan string) {
	for range lines {
	}
}

// end stops a process as an operator would.
func end(cmd *exec.Cmd) {
	if cmd.ProcessState != nil {
		return
	}
	_ = cmd.Process.Signal(syscall.SIGTERM)
	_ = cmd.Wait()
}

// tail keeps what a process says on standard error.
type tail struct {
	mu   sync.Mutex
	text strings.Builder
}

func (t *tail) Write(b []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.text.Write(b)
}

func (t *tail) String() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.text.String()
}

// environment is the scenario's, for a process.
func environment(ts *testscript.TestScript) []string {
	env := os.Environ()
	for _, name := range []string{"PATH", "HOME", "CONVERSION_TEST_CLOCK_FILE", "CONVERSION_TEST_LOAD", "CONVERSION_DATABASE"} {
		env = append(env, name+"="+ts.Getenv(name))
	}
	return env
}

// waitReady returns once /readyz answers 200.
func waitReady(ts *testscript.TestScript, url string) {
	deadline := time.Now().Add(patience)
	for time.Now().Before(deadline) {
		response, err := http.Get(url + "/readyz")
		if err == nil {
			_ = response.Body.Close()
			if response.StatusCode == http.StatusOK {
				return
			}
		}
		time.Sleep(50 * time.Millisecond)
	}
	ts.Fatalf("%s/readyz never answered 200", url)
}

// run runs the command to its end and returns what it printed.
func run(ts *testscript.TestScript, args ...string) (string, error) {
	cmd := exec.Command(binary, args...)
	cmd.Dir, cmd.Env = ts.Getenv("WORK"), environment(ts)
	var errors strings.Builder
	cmd.Stderr = &errors
	out, err := cmd.Output()
	if err != nil {
		return string(out), fmt.Errorf("conversion %s: %w\n%s%s", args[0], err, out, errors.String())
	}
	return string(out), nil
}
