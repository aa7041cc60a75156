// Package clients_test runs Salesforce's real clients, unmodified and pinned,
// against a fresh `conversion sandbox`. It is a module of its own, so that what
// the clients need is no dependency of the product; `make test-clients` installs
// and runs it.
package clients_test

import (
	"bufio"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

var conversion string // the binary under test

func TestMain(m *testing.M) {
	os.Exit(run(m))
}

func run(m *testing.M) int {
	dir, err := os.MkdirTemp("", "clients-")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer func() { _ = os.RemoveAll(dir) }()
	conversion = filepath.Join(dir, "conversion")
	build := exec.Command("go", "build", "-o", conversion, "./cmd/conversion")
	build.Dir = filepath.Join("..", "..", "..")
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := build.CombinedOutput(); err != nil {
		fmt.Fprintf(os.Stderr, "build conversion: %v\n%s", err, out)
		return 1
	}
	return m.Run()
}

// org is a running sandbox of one test.
type org struct {
	url, token             string
	username, password     string
	clientID, clientSecret string
}

// startOrg starts a sandbox on a free port; it ends with the test.
func startOrg(t *testing.T) org {
	t.Helper()
	cmd := exec.Command(conversion, "sandbox", "--listen", "127.0.0.1:0", "--print-token")
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = cmd.Process.Signal(syscall.SIGTERM)
		_ = cmd.Wait()
	})
	var o org
	for lines := bufio.NewScanner(out); o.token == "" && lines.Scan(); {
		o.read(lines.Text())
	}
	if o.token == "" {
		t.Fatal("the sandbox printed no access token")
	}
	return o
}

// read takes one line of what the sandbox prints when it starts.
func (o *org) read(line string) {
	for label, value := range map[string]*string{
		"Salesforce sandbox at": &o.url, "user": &o.username, "password": &o.password,
		"client id": &o.clientID, "client secret": &o.clientSecret, "access token": &o.token,
	} {
		if rest, ok := strings.CutPrefix(strings.TrimSpace(line), label+" "); ok {
			*value = strings.TrimSpace(rest)
		}
	}
}

func (o *org) environment() []string {
	return []string{
		"SANDBOX_URL=" + o.url, "SANDBOX_TOKEN=" + o.token,
		"SANDBOX_USERNAME=" + o.username, "SANDBOX_PASSWORD=" + o.password,
		"SANDBOX_CLIENT_ID=" + o.clientID, "SANDBOX_CLIENT_SECRET=" + o.clientSecret,
	}
}
