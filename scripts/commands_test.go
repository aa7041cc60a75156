package scripts

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
	"github.com/tidwall/gjson"
)

var (
	orgReady   = regexp.MustCompile(`^Salesforce sandbox at (http://\S+)`)
	serveReady = regexp.MustCompile(`^Conversion is at (http://\S+)`)
)

// org [ARGS]: starts `conversion sandbox` with the arguments; its address is $ORG, without the
// scheme $ORG_HOST.
func startOrg(ts *testscript.TestScript, neg bool, args []string) {
	noNeg(ts, neg)
	_, match := processesOf(ts).start(ts, orgReady, append([]string{"sandbox", "--listen", "127.0.0.1:0"}, args...)...)
	ts.Setenv("ORG", match[1])
	ts.Setenv("ORG_HOST", strings.TrimPrefix(match[1], "http://"))
	advanceOrg(ts, ahead(ts))
}

// serve [ARGS]: starts `conversion serve`, which trusts the org; its address is $URL, and
// $KEY an API key.
func startServe(ts *testscript.TestScript, neg bool, args []string) {
	noNeg(ts, neg)
	p := processesOf(ts)
	args = append([]string{"serve", "--listen", "127.0.0.1:0", "--salesforce-allow-host", ts.Getenv("ORG_HOST")}, args...)
	cmd, match := p.start(ts, serveReady, args...)
	p.serve = cmd
	waitReady(ts, match[1])
	ts.Setenv("URL", match[1])
	if ts.Getenv("KEY") == "" {
		key, err := run(ts, "keys", "create", "--name", "scenario")
		ts.Check(err)
		ts.Setenv("KEY", strings.TrimSpace(key))
	}
}

// stop-serve: ends the serving process, as an operator would.
func stopServe(ts *testscript.TestScript, neg bool, _ []string) {
	noNeg(ts, neg)
	end(processesOf(ts).serve)
}

// kill-serve: ends the serving process as a crash would, without a word.
func killServe(ts *testscript.TestScript, neg bool, _ []string) {
	noNeg(ts, neg)
	cmd := processesOf(ts).serve
	ts.Check(cmd.Process.Kill())
	_ = cmd.Wait()
}

// connect: connects to the org by client credentials and waits until the first sync is
// done.
func connect(ts *testscript.TestScript, neg bool, _ []string) {
	noNeg(ts, neg)
	body := fmt.Sprintf(`{"flow":"client_credentials","login_url":%q,"client_id":"sandbox-client","client_secret":"sandbox-secret"}`, ts.Getenv("ORG"))
	status, answer := call(ts, "POST", ts.Getenv("URL")+"/api/v1/integrations/salesforce/connect", body)
	if status >= 300 {
		ts.Fatalf("connect: %d %s", status, answer)
	}
	awaitJSON(ts, "/integrations/salesforce", "status", "synced")
}

// sync: runs one full cycle to its end.
func syncNow(ts *testscript.TestScript, neg bool, _ []string) {
	noNeg(ts, neg)
	out, err := run(ts, "sync", "--salesforce-allow-host", ts.Getenv("ORG_HOST"))
	ts.Check(err)
	ts.Logf("%s", out)
}

// [!] api METHOD PATH [BODY]: calls the JSON API; the answer is kept for json. With !, it
// must be refused; its status is $STATUS either way.
func callAPI(ts *testscript.TestScript, neg bool, args []string) {
	callAndKeep(ts, neg, ts.Getenv("URL")+"/api/v1", args)
}

// new-contacts N DOMAIN: makes N contacts with a last name in Conversion, p0@DOMAIN and so on.
func newContacts(ts *testscript.TestScript, neg bool, args []string) {
	noNeg(ts, neg)
	n, err := strconv.Atoi(args[0])
	ts.Check(err)
	for made := 0; made < n; {
		var people []string
		for ; made < n && len(people) < 1000; made++ {
			people = append(people, fmt.Sprintf(`{"email":"p%d@%s","variables":{"last_name":"Doe"}}`, made, args[1]))
		}
		callAPI(ts, false, []string{"POST", "/contacts/batch", `{"contacts":[` + strings.Join(people, ",") + `]}`})
	}
}

// [!] org-api METHOD PATH [BODY]: calls the sandbox's admin API, as another user of the
// org; the answer is kept for json.
func callOrg(ts *testscript.TestScript, neg bool, args []string) {
	callAndKeep(ts, neg, ts.Getenv("ORG")+"/__sandbox", args)
}

func callAndKeep(ts *testscript.TestScript, neg bool, base string, args []string) {
	if len(args) < 2 || len(args) > 3 {
		ts.Fatalf("usage: METHOD PATH [BODY]")
	}
	body := ""
	if len(args) == 3 {
		body = expand(ts, args[2])
	}
	status, answer := call(ts, args[0], base+args[1], body)
	ts.Setenv("STATUS", strconv.Itoa(status))
	keep(ts, answer)
	if refused := status >= 400; refused != neg {
		ts.Fatalf("%s %s: %d %s", args[0], args[1], status, answer)
	}
}

const answerFile = "answer.json"

func keep(ts *testscript.TestScript, answer []byte) {
	ts.Check(os.WriteFile(ts.MkAbs(answerFile), answer, 0o600))
}

func kept(ts *testscript.TestScript) []byte {
	answer, err := os.ReadFile(ts.MkAbs(answerFile))
	ts.Check(err)
	return answer
}

// [!] json PATH VALUE: the last answer has the value at the path (of gjson's syntax:
// 'data.#', data.0.email, 'data.#(email=="x").id'; quote a #); null for what is not there.
func checkJSON(ts *testscript.TestScript, neg bool, args []string) {
	if len(args) != 2 {
		ts.Fatalf("usage: json PATH VALUE")
	}
	path, want := expand(ts, args[0]), expand(ts, args[1])
	if got := lookUp(kept(ts), path); (got == want) == neg {
		ts.Fatalf("%s is %q; the answer: %s", path, got, kept(ts))
	}
}

// variable is how scenarios write the name of a value they remember.
var variable = regexp.MustCompile(`\$[A-Z][A-Z0-9_]*`)

// expand replaces $NAME, which testscript itself does only outside quotes.
func expand(ts *testscript.TestScript, text string) string {
	return variable.ReplaceAllStringFunc(text, func(name string) string { return ts.Getenv(name[1:]) })
}

func lookUp(answer []byte, path string) string {
	found := gjson.GetBytes(answer, path)
	if !found.Exists() || found.Type == gjson.Null {
		return "null"
	}
	return found.String()
}

// remember NAME PATH: keeps the value at the path of the last answer in $NAME.
func remember(ts *testscript.TestScript, neg bool, args []string) {
	noNeg(ts, neg)
	if len(args) != 2 {
		ts.Fatalf("usage: remember NAME PATH")
	}
	path := expand(ts, args[1])
	value := lookUp(kept(ts), path)
	if value == "null" {
		ts.Fatalf("nothing at %s in %s", path, kept(ts))
	}
	ts.Setenv(args[0], value)
}

// advance DURATION: moves the clocks of the org and of Conversion.
func advance(ts *testscript.TestScript, neg bool, args []string) {
	noNeg(ts, neg)
	by, err := time.ParseDuration(args[0])
	ts.Check(err)
	ts.Check(os.WriteFile(ts.Getenv("CONVERSION_TEST_CLOCK_FILE"), []byte((ahead(ts) + by).String()), 0o600))
	advanceOrg(ts, by)
}

// ahead is by how much the clock of Conversion is ahead now.
func ahead(ts *testscript.TestScript) time.Duration {
	text, err := os.ReadFile(ts.Getenv("CONVERSION_TEST_CLOCK_FILE"))
	ts.Check(err)
	by, err := time.ParseDuration(string(text))
	ts.Check(err)
	return by
}

func advanceOrg(ts *testscript.TestScript, by time.Duration) {
	status, answer := call(ts, "POST", ts.Getenv("ORG")+"/__sandbox/clock", fmt.Sprintf(`{"advance":%q}`, by))
	if status >= 300 {
		ts.Fatalf("advance the org's clock: %d %s", status, answer)
	}
}

// [!] await PATH JSONPATH VALUE: asks the API until the value is there; with !, until it is
// another.
func await(ts *testscript.TestScript, neg bool, args []string) {
	if len(args) != 3 {
		ts.Fatalf("usage: await PATH JSONPATH VALUE")
	}
	path, want := expand(ts, args[1]), expand(ts, args[2])
	awaitThat(ts, args[0], path+" "+want, func(answer []byte) bool { return (lookUp(answer, path) == want) != neg })
}

func awaitJSON(ts *testscript.TestScript, path, jsonPath, want string) {
	awaitThat(ts, path, jsonPath+" "+want, func(answer []byte) bool { return lookUp(answer, jsonPath) == want })
}

func awaitThat(ts *testscript.TestScript, path, what string, there func(answer []byte) bool) {
	deadline := time.Now().Add(patience)
	var answer []byte
	for time.Now().Before(deadline) {
		_, answer = call(ts, "GET", ts.Getenv("URL")+"/api/v1"+path, "")
		if there(answer) {
			keep(ts, answer)
			return
		}
		time.Sleep(50 * time.Millisecond)
	}
	ts.Fatalf("waited in vain for %s: %s", what, answer)
}

// writes N: clients wrote so many records to the org so far.
func countWrites(ts *testscript.TestScript, neg bool, args []string) {
	_, answer := call(ts, "GET", ts.Getenv("ORG")+"/__sandbox/requests", "")
	keep(ts, answer)
	if got := lookUp(answer, "writes"); (got == args[0]) == neg {
		ts.Fatalf("%s records were written", got)
	}
}

// fails CODE ARGS: runs conversion, which must end with the exit code.
func fails(ts *testscript.TestScript, neg bool, args []string) {
	noNeg(ts, neg)
	if len(args) < 2 {
		ts.Fatalf("usage: fails CODE ARGS")
	}
	err := ts.Exec(binary, args[1:]...)
	exit, ended := errors.AsType[*exec.ExitError](err)
	if !ended || strconv.Itoa(exit.ExitCode()) != args[0] {
		ts.Fatalf("it ended with %v:\n%s", err, ts.ReadFile("stderr"))
	}
}

// refused REGEXP ARGS: conversion must find its usage wrong, and say so in one line on
// standard error, which matches, and nothing else.
func refused(ts *testscript.TestScript, neg bool, args []string) {
	fails(ts, neg, append([]string{"2"}, args[1:]...))
	said := strings.TrimSuffix(ts.ReadFile("stderr"), "\n")
	if out := ts.ReadFile("stdout"); out != "" || strings.Contains(said, "\n") || !regexp.MustCompile(args[0]).MatchString(said) {
		ts.Fatalf("it said:\n%s%s", out, said)
	}
}

// use-key FILE: calls the API with the key in the file from now on.
func useKey(ts *testscript.TestScript, neg bool, args []string) {
	noNeg(ts, neg)
	ts.Setenv("KEY", strings.TrimSpace(ts.ReadFile(args[0])))
}

func call(ts *testscript.TestScript, method, url, body string) (status int, answer []byte) {
	status, answer = request(ts, method, url, body)
	var indented bytes.Buffer
	if json.Indent(&indented, answer, "", "  ") == nil {
		ts.Logf("%s %s: %d\n%s", method, url, status, indented.String())
	}
	return status, answer
}

// get calls the API without a word in the log, for what is called very often.
func get(ts *testscript.TestScript, path string) (status int, answer []byte) {
	return request(ts, http.MethodGet, ts.Getenv("URL")+"/api/v1"+path, "")
}

func request(ts *testscript.TestScript, method, url, body string) (status int, answer []byte) {
	r, err := http.NewRequest(method, url, strings.NewReader(body))
	ts.Check(err)
	r.Header.Set("Authorization", "Bearer "+ts.Getenv("KEY"))
	if body != "" {
		r.Header.Set("Content-Type", "application/json")
	}
	response, err := http.DefaultClient.Do(r)
	ts.Check(err)
	defer func() { _ = response.Body.Close() }()
	answer, err = io.ReadAll(response.Body)
	ts.Check(err)
	return response.StatusCode, answer
}

func noNeg(ts *testscript.TestScript, neg bool) {
	if neg {
		ts.Fatalf("this command takes no !")
	}
}
