package scripts

import (
	"bufio"
	"os/exec"
	"strings"
	"testing"
	"time"
)

// demo is a running `conversion demo`.
type demo struct {
	url, email, password string
	org                  string // the sandbox's address
}

// startDemo runs the demo with free ports and reads from its greeting where it is and how
// to sign in.
func startDemo(t *testing.T) *demo {
	t.Helper()
	cmd := exec.Command(binary, "demo", "--listen", "127.0.0.1:0", "--sandbox-listen", "127.0.0.1:0", "--records", "100")
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	cmd.Stderr = t.Output()
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { end(cmd) })
	greeting := make(chan *demo, 1)
	go func() {
		defer close(greeting)
		scanner := bufio.NewScanner(stdout)
		greeting <- readGreeting(scanner)
		for scanner.Scan() {
		}
	}()
	select {
	case d := <-greeting:
		if d == nil {
			t.Fatal("the demo ended without a greeting")
		}
		return d
	case <-time.After(patience):
		t.Fatal("the demo never said it was ready")
	}
	return nil
}

// readGreeting reads the demo's addresses and sign-in; nil when it ends before.
func readGreeting(lines *bufio.Scanner) *demo {
	var d demo
	for lines.Scan() {
		label, value, _ := strings.Cut(strings.TrimSpace(lines.Text()), " ")
		value = strings.TrimSpace(value)
		switch {
		case strings.HasPrefix(lines.Text(), "Conversion demo:"):
			d.url = strings.TrimSpace(strings.TrimPrefix(lines.Text(), "Conversion demo:"))
		case strings.HasPrefix(lines.Text(), "Salesforce sandbox:"):
			d.org = strings.TrimSpace(strings.TrimPrefix(lines.Text(), "Salesforce sandbox:"))
		case label == "sign" && d.email == "":
			_, d.email, _ = strings.Cut(value, " ")
			d.email = strings.TrimSpace(d.email)
		case label == "password" && d.password == "":
			d.password = value
		case label == "Stop":
			return &d
		}
	}
	return nil
}
