package static

import (
	"net/http"
	"net/http/httptest"
	"testing"
)

func TestFilesOfThisVersionAreKeptForEver(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		path   string
		status int
		cache  string
	}{
		{Path("base.css"), http.StatusOK, "public, max-age=31536000, immutable"},
		{Prefix + "older/base.css", http.StatusOK, "no-cache"},
		{Path("missing.css"), http.StatusNotFound, ""},
		{Path(""), http.StatusNotFound, ""},
		{Path("../static.go"), http.StatusNotFound, ""},
	} {
		w := httptest.NewRecorder()
		Handler().ServeHTTP(w, httptest.NewRequest(http.MethodGet, c.path, nil))
		if w.Code != c.status || w.Header().Get("Cache-Control") != c.cache {
			t.Errorf("GET %s: %d, Cache-Control %q; want %d, %q", c.path, w.Code, w.Header().Get("Cache-Control"), c.status, c.cache)
		}
	}
}
