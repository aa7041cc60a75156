package clients_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

func TestJSForce(t *testing.T)       { t.Parallel(); runNode(t, "jsforce.test.mjs") }
func TestNForce(t *testing.T)        { t.Parallel(); runNode(t, "nforce.test.mjs") }
func TestNodeSFBulk2(t *testing.T)   { t.Parallel(); runNode(t, "node-sf-bulk2.test.mjs") }
func TestSalesforceCLI(t *testing.T) { t.Parallel(); runNode(t, "sf.test.mjs") }

// runNode runs one file of JavaScript tests against an org of its own, with the
// Node.js that the clients need.
func runNode(t *testing.T, file string) {
	node, err := filepath.Abs("node_modules/.bin/node")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(node); err != nil {
		t.Fatal("the clients are not installed: run make test-clients")
	}
	o, home := startOrg(t), t.TempDir()
	cmd := exec.Command(node, "--test", "--test-reporter=spec", file)
	cmd.Env = append(os.Environ(), o.environment()...)
	cmd.Env = append(cmd.Env, "HOME="+home, "NODE="+node, "PATH="+filepath.Dir(node)+":"+os.Getenv("PATH"))
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Errorf("%s: %v\n%s", file, err, out)
		return
	}
	t.Logf("%s", out)
}
