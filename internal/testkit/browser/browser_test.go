package browser_test

import (
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"conversion/internal/testkit/browser"
)

func TestChromiumShowsAPageServedOnLoopback(t *testing.T) {
	t.Parallel()
	page := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html")
		_, _ = w.Write([]byte(`<!doctype html><title>Synced</title><p>All contacts`))
	}))
	defer page.Close()
	tab := browser.Chromium(t, time.Minute)
	if err := chromedp.Do(tab, chromedp.Navigate(page.URL)); err != nil {
		t.Fatal(err)
	}
	title, err := chromedp.Run(tab, chromedp.Title())
	if err != nil || title != "Synced" {
		t.Fatalf("title %q, %v; want Synced", title, err)
	}
}
