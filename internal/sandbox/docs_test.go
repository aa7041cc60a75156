package sandbox

import (
	"io"
	"net/http"
	"os"
	"regexp"
	"strings"
	"testing"
)

var (
	shellBlock = regexp.MustCompile("(?s)\n```sh\n(.*?)\n```")
	// needsMore are lines about what the test does not make.
	needsMore = regexp.MustCompile(`commits/|shares|leadMapping|emptyRecycleBin`)
	curlLine  = regexp.MustCompile(`^curl (?:-X ([A-Z]+) )?"?\$S(/[^\s"]*)"?(?: -d '([^']*)')?$`)
)

// TestTheAdminAPIDoesWhatItsPageSays runs the curl lines of the page against an
// org. IDs in them stand for leads of that org.
func TestTheAdminAPIDoesWhatItsPageSays(t *testing.T) {
	t.Parallel()
	page, err := os.ReadFile("../../docs/sandbox.md")
	if err != nil {
		t.Fatal(err)
	}
	ran := 0
	for _, block := range shellBlock.FindAllStringSubmatch(string(page), -1) {
		if !strings.Contains(block[1], "$S/") {
			continue
		}
		c := newClient(t, Options{})
		for line := range strings.Lines(block[1]) {
			line, _, _ = strings.Cut(line, "  #")
			parts := curlLine.FindStringSubmatch(strings.TrimSpace(line))
			if parts == nil || needsMore.MatchString(line) {
				continue
			}
			ran++
			c.runDocumented(parts[1], parts[2], parts[3])
		}
	}
	if ran < 40 {
		t.Errorf("only %d lines were run", ran)
	}
}

func (c *client) runDocumented(method, path, body string) {
	c.t.Helper()
	if method == "" {
		method = "GET"
	}
	var ids [2]string
	for i := range ids {
		var err error
		if ids[i], err = c.org.Import(c.org.Admin(), "Lead", m{"LastName": "Doe", "Company": "Acme", "Phone": "1"}); err != nil {
			c.t.Fatal(err)
		}
	}
	id, other := ids[0], ids[1]
	if strings.Contains(path, "/undelete") {
		if err := c.org.Delete(c.org.Admin(), id); err != nil {
			c.t.Fatal(err)
		}
	}
	path = strings.ReplaceAll(path, "ID", id)
	body = strings.Replace(body, `["ID"]`, `["`+other+`"]`, 1)
	body = strings.ReplaceAll(body, `"ID"`, `"`+id+`"`)
	request, err := http.NewRequest(method, c.url+"/__sandbox"+path, strings.NewReader(body))
	if err != nil {
		c.t.Fatal(err)
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		c.t.Fatal(err)
	}
	defer response.Body.Close()
	if response.StatusCode >= http.StatusBadRequest {
		answer, _ := io.ReadAll(response.Body)
		c.t.Errorf("%s %s %s: %d %s", method, path, body, response.StatusCode, answer)
	}
}
