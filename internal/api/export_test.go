package api

import (
	"net/http"
	"slices"
)

// recordingMux notes the patterns it is given.
type recordingMux struct {
	*http.ServeMux
	patterns []string
}

func (m *recordingMux) HandleFunc(pattern string, handler func(http.ResponseWriter, *http.Request)) {
	m.patterns = append(m.patterns, pattern)
	m.ServeMux.HandleFunc(pattern, handler)
}

// Patterns returns what New puts on its mux, but the document.
func Patterns() []string {
	mux := &recordingMux{ServeMux: http.NewServeMux()}
	a := &api{huma: newHuma(mux)}
	a.routes()
	return slices.Clone(mux.patterns)
}
