// Package static serves the files that pages refer to: style sheets, scripts and the
// font, all embedded in the binary.
//
// It must never hold a file loaded from elsewhere at run time, nor one without a licence
// that allows it to be passed on.
package static

import (
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"io/fs"
	"net/http"
	"strings"
)

//go:embed *.css *.js *.woff2 *.svg *.LICENSE
var files embed.FS

// version changes whenever a file does, so that browsers may keep files for ever.
var version = hash()

// Path returns the address of the file, below Prefix.
func Path(name string) string { return Prefix + version + "/" + name }

// Prefix is the path below which Handler expects requests.
const Prefix = "/static/"

// Handler serves the files under the addresses that Path gives. Under another version it
// serves them too, but does not let them be kept.
func Handler() http.Handler {
	server := http.FileServerFS(files)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked, name, _ := strings.Cut(strings.TrimPrefix(r.URL.Path, Prefix), "/")
		if info, err := fs.Stat(files, name); err != nil || info.IsDir() {
			http.NotFound(w, r)
			return
		}
		w.Header().Set("Cache-Control", "no-cache")
		if asked == version {
			w.Header().Set("Cache-Control", "public, max-age=31536000, immutable")
		}
		inside := r.Clone(r.Context())
		inside.URL.Path = "/" + name
		server.ServeHTTP(w, inside)
	})
}

func hash() string {
	h := sha256.New()
	err := fs.WalkDir(files, ".", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		data, err := files.ReadFile(path)
		h.Write(data)
		return err
	})
	if err != nil {
		panic(err) // embedded files can be read
	}
	return hex.EncodeToString(h.Sum(nil)[:6])
}
