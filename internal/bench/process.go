package bench

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"regexp"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// process is a command of the binary that serves until it is stopped.
type process struct{ cmd *exec.Cmd }

// patience is how long a process may take to say that it is ready: an org of a million people
// is generated first.
const patience = 10 * time.Minute

// start runs a command and returns the first match of ready in what it prints, once it is
// printed.
func start(ctx context.Context, ready *regexp.Regexp, binary string, env []string, args ...string) (*process, []string, error) {
	ctx, stop := context.WithTimeout(ctx, patience)
	defer stop()
	cmd := exec.Command(binary, args...)
	cmd.Env, cmd.Stderr = append(os.Environ(), env...), os.Stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		return nil, nil, err
	}
	if err := cmd.Start(); err != nil {
		return nil, nil, fmt.Errorf("start %s: %w", args[0], err)
	}
	p, said := &process{cmd}, make(chan []string, 1)
	go func() { defer close(said); watch(out, ready, said) }()
	select {
	case match, ok := <-said:
		if ok {
			return p, match, nil
		}
		err = errors.New("it ended at once")
	case <-ctx.Done():
		err = ctx.Err()
	}
	p.stop()
	return nil, nil, fmt.Errorf("wait until %s is ready: %w", args[0], err)
}

// watch tells the first match in what is printed, and reads on until there is no more.
func watch(out io.Reader, ready *regexp.Regexp, said chan<- []string) {
	told := false
	for lines := bufio.NewScanner(out); lines.Scan(); {
		if match := ready.FindStringSubmatch(lines.Text()); match != nil && !told {
			told = true
			said <- match
		}
	}
}

// stop ends the process as an operator would.
func (p *process) stop() {
	_ = p.cmd.Process.Signal(syscall.SIGTERM)
	_ = p.cmd.Wait()
}

// cpu is how long the process has used a processor, and peak the most memory it ever had, in
// MB. Both are 0 where the system does not tell in /proc.
func (p *process) cpu() time.Duration {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", p.cmd.Process.Pid))
	if err != nil {
		return 0
	}
	_, after, _ := strings.Cut(string(text), ") ") // the name may hold anything
	fields := strings.Fields(after)
	if len(fields) < 13 {
		return 0
	}
	const tick = time.Second / 100 // of proc(5): fields 14 and 15 of the line
	user, _ := strconv.Atoi(fields[11])
	system, _ := strconv.Atoi(fields[12])
	return time.Duration(user+system) * tick
}

var peakLine = regexp.MustCompile(`VmHWM:\s+(\d+) kB`)

func (p *process) peak() float64 {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", p.cmd.Process.Pid))
	if err != nil {
		return 0
	}
	match := peakLine.FindSubmatch(text)
	if match == nil {
		return 0
	}
	kB, _ := strconv.Atoi(string(match[1]))
	return float64(kB) / 1024
}
