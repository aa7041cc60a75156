package scripts

import (
	"fmt"
	"html"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"os/exec"
	"regexp"
	"strings"

	"github.com/rogpeppe/go-internal/testscript"
)

// visitor is a browser without script: it follows links and redirects, keeps cookies and
// sends forms with what they hold.
type visitor struct {
	client http.Client
	at     *url.URL // of the page it sees
	page   string
}

func newVisitor() (*visitor, error) {
	jar, err := cookiejar.New(nil)
	return &visitor{client: http.Client{Jar: jar, Timeout: patience}}, err
}

// open shows a page.
func (v *visitor) open(address string) error {
	response, err := v.client.Get(address)
	if err != nil {
		return err
	}
	defer func() { _ = response.Body.Close() }()
	return v.see(response)
}

func (v *visitor) see(response *http.Response) error {
	body, err := io.ReadAll(response.Body)
	if err != nil {
		return err
	}
	v.at, v.page = response.Request.URL, string(body)
	if response.StatusCode >= 400 {
		return fmt.Errorf("%s: %s\n%s", v.at.Redacted(), response.Status, body)
	}
	return nil
}

var (
	form   = regexp.MustCompile(`(?s)<form[^>]*\saction="([^"]*)".*?</form>`)
	hidden = regexp.MustCompile(`<input[^>]*type="hidden"[^>]*>`)
	attr   = regexp.MustCompile(`\s(name|value)="([^"]*)"`)
)

// send sends the form of the page that goes to the path, filled in.
func (v *visitor) send(path string, fields map[string]string) error {
	for _, f := range form.FindAllStringSubmatch(v.page, -1) {
		if html.UnescapeString(f[1]) != path {
			continue
		}
		values := make(url.Values)
		for _, input := range hidden.FindAllString(f[0], -1) {
			attributes := make(map[string]string)
			for _, a := range attr.FindAllStringSubmatch(input, -1) {
				attributes[a[1]] = html.UnescapeString(a[2])
			}
			values.Set(attributes["name"], attributes["value"])
		}
		for name, value := range fields {
			values.Set(name, value)
		}
		response, err := v.client.PostForm(v.at.ResolveReference(&url.URL{Path: path}).String(), values)
		if err != nil {
			return err
		}
		defer func() { _ = response.Body.Close() }()
		return v.see(response)
	}
	return fmt.Errorf("%s has no form that goes to %s", v.at.Redacted(), path)
}

// signIn signs in at the origin.
func (v *visitor) signIn(origin, email, password string) error {
	if err := v.open(origin + "/sign-in"); err != nil {
		return err
	}
	return v.send("/sign-in", map[string]string{"email": email, "password": password})
}

const visitorKey = "visitor"

// Who visits the pages of scenarios.
const (
	adminEmail    = "admin@acme.example"
	adminPassword = "correct horse battery staple"
)

// signed returns the scenario's visitor, signed in as an admin.
func signed(ts *testscript.TestScript) *visitor {
	v := ts.Value(visitorKey).(*visitor)
	if v.at != nil {
		return v
	}
	cmd := exec.Command(binary, "users", "create", "--email", adminEmail, "--name", "Admin", "--role", "admin")
	cmd.Dir, cmd.Env, cmd.Stdin = ts.Getenv("WORK"), environment(ts), strings.NewReader(adminPassword+"\n")
	if out, err := cmd.CombinedOutput(); err != nil {
		ts.Fatalf("make an admin: %v\n%s", err, out)
	}
	ts.Check(v.signIn(ts.Getenv("URL"), adminEmail, adminPassword))
	return v
}

// connect-web: connects as an admin does in a browser, through Salesforce's own login page,
// and waits until the sync is done.
func connectWeb(ts *testscript.TestScript, neg bool, _ []string) {
	noNeg(ts, neg)
	v := signed(ts)
	ts.Check(v.open(ts.Getenv("URL") + "/settings/integrations"))
	ts.Check(v.send("/settings/integrations/connect", map[string]string{
		"environment": "custom", "login_url": ts.Getenv("ORG"), "client_id": "sandbox-client", "client_secret": "sandbox-secret",
	}))
	if strings.Contains(v.page, `action="/login"`) {
		ts.Check(v.send("/login", map[string]string{"username": "admin@sandbox.test", "password": "sandbox"}))
	}
	ts.Check(v.send("/services/oauth2/authorize", map[string]string{"decision": "allow"}))
	awaitJSON(ts, "/integrations/salesforce", "status", "synced")
}

// [!] page PATH REGEXP: what an admin sees at the path matches.
func seePage(ts *testscript.TestScript, neg bool, args []string) {
	if len(args) != 2 {
		ts.Fatalf("usage: page PATH REGEXP")
	}
	v := signed(ts)
	ts.Check(v.open(ts.Getenv("URL") + args[0]))
	if regexp.MustCompile(expand(ts, args[1])).MatchString(v.page) == neg {
		ts.Fatalf("%s shows:\n%s", args[0], v.page)
	}
}
