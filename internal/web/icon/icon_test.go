package icon

import (
	"os"
	"strings"
	"testing"
)

func TestIconsAreHiddenFromScreenReaders(t *testing.T) {
	t.Parallel()
	var b strings.Builder
	if err := Gear.Render(t.Context(), &b); err != nil {
		t.Fatal(err)
	}
	if got := b.String(); !strings.HasPrefix(got, `<svg class="icon" `) || !strings.Contains(got, `aria-hidden="true"`) || !strings.HasSuffix(got, "</svg>") {
		t.Errorf("the gear is %s", got)
	}
}

func TestEveryVendoredIconIsUsed(t *testing.T) {
	t.Parallel()
	source, err := os.ReadFile("icon.go")
	if err != nil {
		t.Fatal(err)
	}
	entries, err := files.ReadDir("svg")
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		name, isIcon := strings.CutSuffix(e.Name(), ".svg")
		if isIcon && !strings.Contains(string(source), `"`+name+`"`) {
			t.Errorf("%s is vendored and not used", e.Name())
		}
	}
}
