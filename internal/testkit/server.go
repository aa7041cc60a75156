package testkit

import (
	"bytes"
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

// startOnce starts the test binary's own PostgreSQL server with the first
// test that asks for one and returns its URL.
var startOnce = sync.OnceValues(func() (string, error) {
	bin, err := postgresBinaries()
	if err != nil {
		return "", err
	}
	owner, err := serverOwner()
	if err != nil {
		return "", err
	}
	dir, err := serverDir(owner)
	if err != nil {
		return "", err
	}
	if err := supervise(bin, dir, owner); err != nil {
		return "", err
	}
	u := url.URL{Scheme: "postgres", User: url.User("conversion"), Path: "/postgres"}
	u.RawQuery = url.Values{"host": {dir}}.Encode()
	return u.String(), nil
})

// supervisor is the shell script that owns the server. It waits for the end of
// its standard input, which the test binary holds open: the system closes it
// however the binary ends, kill -9 included, and then server and data go away.
// Signals meant for the tests (Ctrl-C) must not end the script before that.
// The server listens on a Unix socket alone, so that test binaries side by
// side cannot fight for a port.
const supervisor = `
trap '' HUP INT TERM
{
	"$1/initdb" -D "$2/data" -U conversion -A trust -E UTF8 --locale=C --no-sync &&
	"$1/pg_ctl" -D "$2/data" -l "$2/server.log" -w start -o \
		"-c listen_addresses='' -c unix_socket_directories='$2' -c max_connections=300
		 -c fsync=off -c synchronous_commit=off -c full_page_writes=off"
} >&2 && echo ready && cat >/dev/null
"$1/pg_ctl" -D "$2/data" -m immediate stop >/dev/null 2>&1
rm -rf "$2"
`

// holdOpen keeps the supervisor's standard input from being closed by the
// garbage collector while tests run.
var holdOpen io.Closer

func supervise(bin, dir string, owner *syscall.Credential) error {
	var trouble bytes.Buffer
	cmd := exec.Command("/bin/sh", "-c", supervisor, "sh", bin, dir)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "LC_ALL=C")
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Credential: owner}
	stdin, stdout, stderr, err := pipes(cmd)
	if err != nil {
		return err
	}
	if err := cmd.Start(); err != nil {
		return err
	}
	holdOpen = stdin
	said := make(chan struct{})
	go func() {
		defer close(said)
		_, _ = io.Copy(&trouble, stderr)
	}()
	if _, err := io.ReadFull(stdout, make([]byte, len("ready\n"))); err != nil {
		<-said
		return fmt.Errorf("initdb or pg_ctl failed:\n%s", trouble.String())
	}
	return nil
}

func pipes(cmd *exec.Cmd) (stdin io.WriteCloser, stdout, stderr io.ReadCloser, err error) {
	var errs [3]error
	stdin, errs[0] = cmd.StdinPipe()
	stdout, errs[1] = cmd.StdoutPipe()
	stderr, errs[2] = cmd.StderrPipe()
	return stdin, stdout, stderr, errors.Join(errs[:]...)
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
