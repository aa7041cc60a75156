package docs_test

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"testing"

	"conversion/internal/config"
)

var (
	composeCommand = regexp.MustCompile(`(?m)^ +command: (\[.*\])$`)
	imageCommand   = regexp.MustCompile(`(?m)^CMD (\[.*\])$`)
	settingName    = regexp.MustCompile(`CONVERSION_[A-Z_]+`)
)

// TestContainersRunCommandsAndSettingsThatExist holds compose.yaml and the Dockerfile to the
// command.
func TestContainersRunCommandsAndSettingsThatExist(t *testing.T) {
	t.Parallel()
	binary := filepath.Join(t.TempDir(), "conversion")
	if out, err := exec.Command("go", "build", "-o", binary, "../cmd/conversion").CombinedOutput(); err != nil {
		t.Fatalf("build the command: %v\n%s", err, out)
	}
	for _, file := range []struct {
		name     string
		command  *regexp.Regexp
		commands []string // the first words of all there are
	}{
		{"../compose.yaml", composeCommand, []string{"serve", "worker"}},
		{"../Dockerfile", imageCommand, []string{"serve"}},
	} {
		text, err := os.ReadFile(file.name)
		if err != nil {
			t.Fatal(err)
		}
		var commands []string
		for _, found := range file.command.FindAllSubmatch(text, -1) {
			var args []string
			if err := json.Unmarshal(found[1], &args); err != nil {
				t.Fatalf("%s: %s: %v", file.name, found[1], err)
			}
			commands = append(commands, args[0])
			if out, err := exec.Command(binary, append(args, "--help")...).CombinedOutput(); err != nil {
				t.Errorf("%s: %v: %v\n%s", file.name, args, err, out)
			}
		}
		if !slices.Equal(commands, file.commands) {
			t.Errorf("%s runs %v, want %v", file.name, commands, file.commands)
		}
		named := settingName.FindAllString(string(text), -1)
		if len(named) == 0 {
			t.Errorf("%s names no setting", file.name)
		}
		for _, name := range named {
			if !slices.Contains(config.Names(), name) {
				t.Errorf("%s: %s names no setting", file.name, name)
			}
		}
	}
}
