// Package docs_test holds the documentation to the code: what a page links to, names or
// tells a reader to type has to be there.
package docs_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"conversion/internal/api"
	"conversion/internal/config"
)

// page is one Markdown file; its path is relative to the root of the module.
type page struct {
	path, text string
}

func pages(t *testing.T) []page {
	t.Helper()
	var all []page
	for _, pattern := range []string{"../*.md", "*.md", "decisions/*.md"} {
		paths, err := filepath.Glob(pattern)
		if err != nil {
			t.Fatal(err)
		}
		for _, path := range paths {
			text, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			all = append(all, page{filepath.Join("docs", path), string(text)})
		}
	}
	if len(all) < 10 {
		t.Fatalf("only %d pages were found", len(all))
	}
	return all
}

// commands returns the lines of a page's shell blocks, joined where a backslash breaks
// them, without comments.
func (p page) commands() []string {
	var lines []string
	for _, block := range shellBlock.FindAllStringSubmatch(p.text, -1) {
		for line := range strings.Lines(strings.ReplaceAll(block[1], "\\\n", " ")) {
			line, _, _ = strings.Cut(" "+line, " #")
			if line = strings.TrimSpace(line); line != "" {
				lines = append(lines, line)
			}
		}
	}
	return lines
}

var (
	shellBlock = regexp.MustCompile("(?s)\n```sh\n(.*?)\n```")
	link       = regexp.MustCompile(`\]\(([^)\s]+)\)`)
	heading    = regexp.MustCompile(`(?m)^#+ +(.+)$`)
	makeTarget = regexp.MustCompile("(?:^|[`\n])make ([a-z]+)")
	apiPath    = regexp.MustCompile(`(?:\$URL|/api/v1)(/[A-Za-z0-9_{}$/.-]+)`)
)

func TestLinksLeadSomewhere(t *testing.T) {
	t.Parallel()
	for _, p := range pages(t) {
		for _, found := range link.FindAllStringSubmatch(p.text, -1) {
			if strings.Contains(found[1], "://") {
				continue
			}
			file, anchor, _ := strings.Cut(found[1], "#")
			target := filepath.Join("..", filepath.Dir(p.path), file)
			if file == "" {
				target = filepath.Join("..", p.path)
			}
			if _, err := os.Stat(target); err != nil {
				t.Errorf("%s links to %s, which is not there", p.path, found[1])
				continue
			}
			if anchor != "" && !slices.Contains(anchors(t, target), anchor) {
				t.Errorf("%s links to %s, which has no such heading", p.path, found[1])
			}
		}
	}
}

// anchors returns the names by which the headings of a page are linked to.
func anchors(t *testing.T, path string) []string {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, found := range heading.FindAllStringSubmatch(string(text), -1) {
		plain := regexp.MustCompile(`[^a-z0-9 _-]`).ReplaceAllString(strings.ToLower(found[1]), "")
		names = append(names, strings.ReplaceAll(plain, " ", "-"))
	}
	return names
}

func TestMakeTargetsExist(t *testing.T) {
	t.Parallel()
	makefile, err := os.ReadFile("../Makefile")
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range pages(t) {
		for _, found := range makeTarget.FindAllStringSubmatch(p.text, -1) {
			if !strings.Contains(string(makefile), "\n"+found[1]+":") {
				t.Errorf("%s names make %s, which the Makefile does not have", p.path, found[1])
			}
		}
	}
}

// TestCommandLinesAreUnderstood asks the command for the help of each line: that needs
// its subcommands and flags to exist, and does nothing.
func TestCommandLinesAreUnderstood(t *testing.T) {
	t.Parallel()
	binary := filepath.Join(t.TempDir(), "conversion")
	if out, err := exec.Command("go", "build", "-o", binary, "../cmd/conversion").CombinedOutput(); err != nil {
		t.Fatalf("build the command: %v\n%s", err, out)
	}
	checked := 0
	for _, p := range pages(t) {
		for _, line := range p.commands() {
			words := strings.Fields(line)
			if name := words[0]; name != "conversion" && name != "bin/conversion" {
				continue
			}
			line, _, _ = strings.Cut(line, " < ")
			checked++
			if out, err := exec.Command(binary, arguments(line)...).CombinedOutput(); err != nil {
				t.Errorf("%s: %s: %v\n%s", p.path, line, err, out)
			}
		}
	}
	if checked == 0 {
		t.Error("no command line was found")
	}
}

// arguments are those of a line, without a settings file, which is not on this machine,
// and with the wish for help.
func arguments(line string) []string {
	args := strings.Fields(line)[1:]
	if i := slices.Index(args, "--config"); i >= 0 {
		args = slices.Delete(args, i, i+2)
	}
	return append(args, "--help")
}

func TestEverySettingIsExplained(t *testing.T) {
	t.Parallel()
	operations, err := os.ReadFile("operations.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range config.Names() {
		if !strings.Contains(string(operations), "`"+name+"`") {
			t.Errorf("docs/operations.md does not explain %s", name)
		}
	}
}

func TestPathsOfTheAPIExist(t *testing.T) {
	t.Parallel()
	served := servedPaths(t)
	for _, p := range pages(t) {
		for _, found := range apiPath.FindAllStringSubmatch(p.text, -1) {
			path := strings.TrimRight(found[1], "/.")
			if path != "/openapi.json" && !slices.ContainsFunc(served, func(s string) bool { return matches(s, path) }) {
				t.Errorf("%s names %s, which the API does not serve", p.path, path)
			}
		}
	}
}

// servedPaths are those of the OpenAPI document. Asking for it needs none of the services.
func servedPaths(t *testing.T) []string {
	t.Helper()
	answer := httptest.NewRecorder()
	api.New(api.Config{}).ServeHTTP(answer, httptest.NewRequest(http.MethodGet, api.Prefix+"/openapi.json", nil))
	var document struct {
		Paths map[string]json.RawMessage `json:"paths"`
	}
	if err := json.Unmarshal(answer.Body.Bytes(), &document); err != nil || len(document.Paths) == 0 {
		t.Fatalf("read the OpenAPI document: status %d, %v", answer.Code, err)
	}
	var paths []string
	for path := range document.Paths {
		paths = append(paths, strings.TrimPrefix(path, api.Prefix))
	}
	return paths
}

// matches reports whether a path fits one of the document's, of which the parts in braces
// may be anything.
func matches(served, path string) bool {
	want, have := strings.Split(served, "/"), strings.Split(path, "/")
	return len(want) == len(have) && !slices.ContainsFunc(want, func(part string) bool {
		i := slices.Index(want, part)
		return part != have[i] && !strings.HasPrefix(part, "{")
	})
}

func TestDecisionsAreNumberedAndListed(t *testing.T) {
	t.Parallel()
	list, err := os.ReadFile("decisions/README.md")
	if err != nil {
		t.Fatal(err)
	}
	paths, err := filepath.Glob("decisions/0*.md")
	if err != nil || len(paths) == 0 {
		t.Fatalf("decisions: %v, %v", paths, err)
	}
	for i, path := range paths {
		name := filepath.Base(path)
		if !strings.HasPrefix(name, fmt.Sprintf("%04d-", i+1)) || !strings.Contains(string(list), "("+name+")") {
			t.Errorf("%s should be number %d, and in the list", name, i+1)
		}
	}
}
