// Package browser starts a headless Chromium for the tests of the web UI.
//
// It stands apart from testkit so that only the tests which drive a browser
// compile its protocol. It must never reach out of the machine: the switches
// keep Chromium from the look-ups and downloads it makes on its own.
package browser

import (
	"context"
	"os"
	"os/exec"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
)

// names are the programs that will do, the first one found being taken.
var names = []string{"chromium", "chromium-browser", "google-chrome"}

// Chromium starts a browser with a fresh profile and returns the chromedp
// context of its first tab, for chromedp.Do and chromedp.Run. The browser ends
// with the test, and everything asked of the tab ends within timeout. Without
// Chromium the test fails.
func Chromium(t testing.TB, timeout time.Duration) context.Context {
	t.Helper()
	ctx, stop := chromedp.NewExecAllocator(t.Context(), options(find(t))...)
	t.Cleanup(stop)
	tab, closeTab := chromedp.NewContext(ctx, chromedp.WithLogf(t.Logf), chromedp.WithErrorf(t.Logf))
	t.Cleanup(closeTab)
	if err := chromedp.Do(tab); err != nil {
		t.Fatalf("start Chromium: %v", err)
	}
	limited, cancel := context.WithTimeout(tab, timeout)
	t.Cleanup(cancel)
	return limited
}

func find(t testing.TB) string {
	t.Helper()
	for _, name := range names {
		if path, err := exec.LookPath(name); err == nil {
			return path
		}
	}
	t.Fatalf("none of %v is in PATH: install Chromium (Debian: apt-get install chromium; `make test` does)", names)
	return ""
}

func options(path string) []chromedp.ExecAllocatorOption {
	opts := append(chromedp.DefaultExecAllocatorOptions[:],
		chromedp.ExecPath(path),
		chromedp.DisableGPU,
		chromedp.WindowSize(1280, 900),
		chromedp.Flag("disable-component-update", true),
		chromedp.Flag("disable-quic", true),
	)
	if os.Geteuid() == 0 {
		opts = append(opts, chromedp.NoSandbox) // Chromium refuses to run sandboxed as root
	}
	return opts
}
