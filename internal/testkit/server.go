package testkit

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"net/url"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"sort"
	"strconv"
	"sync"
	"syscall"
)

// server is a PostgreSQL server of the test binary's own.
type server struct {
	url   string
	stdin io.Closer // of its supervisor: open, and out of the garbage collector's reach, while tests run
}

// startOnce starts the server with the first test that asks for one. What it holds need not
// outlive the tests.
var startOnce = sync.OnceValues(func() (*server, error) {
	return newServer("-c fsync=off -c synchronous_commit=off -c full_page_writes=off")
})

// NewPostgres starts a PostgreSQL server that keeps what it is told, as one in use would, and
// returns its URL. It ends with this process, or when it is closed.
func NewPostgres() (where string, server io.Closer, err error) {
	s, err := newServer("")
	if err != nil {
		return "", nil, err
	}
	return s.url, s.stdin, nil
}

// newServer starts a server with options of its own beside those that all have.
func newServer(options string) (*server, error) {
	bin, err := postgresBinaries()
	if err != nil {
		return nil, err
	}
	owner, err := serverOwner()
	if err != nil {
		return nil, err
	}
	dir, err := serverDir(owner)
	if err != nil {
		return nil, err
	}
	stdin, err := supervise(bin, dir, owner, options)
	if err != nil {
		return nil, err
	}
	u := url.URL{Scheme: "postgres", User: url.User("conversion"), Path: "/postgres"}
	u.RawQuery = url.Values{"host": {dir}}.Encode()
	return &server{url: u.String(), stdin: stdin}, nil
}

// supervisor is the shell script that owns the server. It waits for the end of
// its standard input, which the test binary holds open: the system closes it
// however the binary ends, kill -9 included, and then server and data go away.
// Signals meant for the tests (Ctrl-C) must not end the script before that.
// The server listens on a Unix socket alone, so that test binaries side by
// side cannot fight for a port.
const supervisor = `
trap '' HUP INT TERM
if {
	"$1/initdb" -D "$2/data" -U conversion -A trust -E UTF8 --locale=C --no-sync &&
	"$1/pg_ctl" -D "$2/data" -l "$2/server.log" -w start -o \
		"-c listen_addresses='' -c unix_socket_directories='$2' -c max_connections=300
		 $3"
} >"$2/start.log" 2>&1
then
	echo ready
	cat >/dev/null
else
	cat "$2"/*.log
fi
"$1/pg_ctl" -D "$2/data" -m immediate stop >/dev/null 2>&1
rm -rf "$2"
`

// supervise starts the supervisor, waits until the server answers and returns
// the supervisor's standard input.
func supervise(bin, dir string, owner *syscall.Credential, options string) (io.Closer, error) {
	cmd := exec.Command("/bin/sh", "-c", supervisor, "sh", bin, dir, options)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "LC_ALL=C")
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Credential: owner}
	stdin, stdinErr := cmd.StdinPipe()
	stdout, stdoutErr := cmd.StdoutPipe()
	if err := errors.Join(stdinErr, stdoutErr, cmd.Start()); err != nil {
		return nil, err
	}
	answer := bufio.NewReader(stdout)
	first, err := answer.ReadString('\n')
	if err == nil && first == "ready\n" {
		return stdin, nil
	}
	rest, _ := io.ReadAll(answer)
	return nil, fmt.Errorf("initdb or pg_ctl failed:\n%s%s", first, rest)
}

// postgresBinaries returns the folder that holds initdb and pg_ctl: that of
// the initdb in PATH, else Debian's, of which the newest version counts.
func postgresBinaries() (string, error) {
	if path, err := exec.LookPath("initdb"); err == nil {
		if path, err = filepath.EvalSymlinks(path); err == nil {
			return filepath.Dir(path), nil
		}
	}
	found, err := filepath.Glob("/usr/lib/postgresql/*/bin/initdb")
	if err != nil || len(found) == 0 {
		return "", errors.New("PostgreSQL's initdb is neither in PATH nor under /usr/lib/postgresql/*/bin: " +
			"install it (Debian: apt-get install postgresql; `make test` does) or set DATABASE_URL")
	}
	sort.Slice(found, func(i, j int) bool { return majorVersion(found[i]) < majorVersion(found[j]) })
	return filepath.Dir(found[len(found)-1]), nil
}

// majorVersion reads 15 from /usr/lib/postgresql/15/bin/initdb.
func majorVersion(initdb string) int {
	n, _ := strconv.Atoi(filepath.Base(filepath.Dir(filepath.Dir(initdb))))
	return n
}

// serverOwner is the user under whom the server runs: nil, which stands for
// the present one, unless that is root, under whom PostgreSQL refuses to run.
func serverOwner() (*syscall.Credential, error) {
	if os.Geteuid() != 0 {
		return nil, nil
	}
	for _, name := range []string{"postgres", "nobody"} {
		u, err := user.Lookup(name)
		if err != nil {
			continue
		}
		uid, uidErr := strconv.ParseUint(u.Uid, 10, 32)
		gid, gidErr := strconv.ParseUint(u.Gid, 10, 32)
		if err := errors.Join(uidErr, gidErr); err != nil {
			return nil, fmt.Errorf("read the ids of user %s: %w", name, err)
		}
		return &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}, nil
	}
	return nil, errors.New("PostgreSQL refuses to run as root, and there is neither a user postgres nor nobody")
}

// serverDir makes the folder for data and socket. Its path is kept short: a
// Unix socket's may have 107 bytes.
func serverDir(owner *syscall.Credential) (string, error) {
	dir, err := os.MkdirTemp("", "conversion-pg")
	if err != nil || owner == nil {
		return dir, err
	}
	return dir, os.Chown(dir, int(owner.Uid), int(owner.Gid))
}
