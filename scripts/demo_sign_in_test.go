package scripts

import (
	"strings"
	"testing"
	"time"
)

// demoReady is how long a demo may take until it can be used.
const demoReady = 60 * time.Second

// What the demo prints is enough to sign in, without a script in the browser.
func TestTheDemoSaysHowToSignIn(t *testing.T) {
	t.Parallel()
	began := time.Now()
	d := startDemo(t)
	v, err := newVisitor()
	if err != nil {
		t.Fatal(err)
	}
	if err := v.open(d.url); err != nil || !strings.HasSuffix(v.at.Path, "/sign-in") {
		t.Fatalf("without a session %s leads to %v: %v", d.url, v.at, err)
	}
	if err := v.signIn(d.url, d.email, "not-"+d.password); err == nil && !strings.HasSuffix(v.at.Path, "/sign-in") {
		t.Fatalf("a wrong password leads to %s", v.at)
	}
	if err := v.signIn(d.url, d.email, d.password); err != nil {
		t.Fatal(err)
	}
	if err := v.open(d.url + "/settings/integrations"); err != nil {
		t.Fatal(err)
	}
	if v.at.Path != "/settings/integrations" || !strings.Contains(v.page, "Connect your CRM") {
		t.Fatalf("signed in, %s shows:\n%s", v.at, v.page)
	}
	if took := time.Since(began); took > demoReady {
		t.Errorf("it took %v", took)
	}
	if err := v.open(d.org); err != nil {
		t.Errorf("the sandbox: %v", err)
	}
}
