package api_test

import (
	"os"
	"os/exec"
	"regexp"
	"testing"
)

// example is a block of shell commands in the API's page.
var example = regexp.MustCompile("(?s)```sh\n(.*?)```")

func TestTheExamplesOfTheDocumentationWork(t *testing.T) {
	t.Parallel()
	page, err := os.ReadFile("../../docs/api.md")
	must(t, err)
	c := newHouse(t).home
	contact := c.call("POST", "/contacts", `{"email":"example@example.org"}`).is(201).textAt("id")
	examples := example.FindAllSubmatch(page, -1)
	if len(examples) == 0 {
		t.Fatal("the page has no examples")
	}
	for _, found := range examples {
		command := exec.CommandContext(t.Context(), "sh", "-e", "-c", string(found[1]))
		command.Env = append(os.Environ(), "CONVERSION="+c.url, "KEY="+c.key, "CONTACT="+contact, "NO_PROXY=127.0.0.1")
		if out, err := command.CombinedOutput(); err != nil {
			t.Errorf("%s\n%v\n%s", found[1], err, out)
		}
	}
}
