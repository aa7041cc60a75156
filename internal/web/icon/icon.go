// Package icon holds the few lucide icons that the pages use, as inline SVG.
//
// Icons are decoration: they are hidden from screen readers, and the text beside them
// (or the label of their button) must say what they mean. The package must never hold an
// icon that no page uses.
package icon

import (
	"context"
	"embed"
	"io"
	"strings"

	"github.com/a-h/templ"
)

//go:embed svg
var files embed.FS

// The icons, ready to be placed in a template: @icon.Users.
var (
	Activity     = load("activity")
	Alert        = load("triangle-alert")
	ArrowIn      = load("arrow-down-left")
	ArrowOut     = load("arrow-up-right")
	Calendar     = load("calendar")
	Check        = load("circle-check")
	Cloud        = load("cloud")
	Companies    = load("building-2")
	Contacts     = load("users")
	Disconnect   = load("unplug")
	Edit         = load("pencil")
	External     = load("external-link")
	Gear         = load("settings")
	Held         = load("octagon-alert")
	History      = load("history")
	Integrations = load("plug")
	Keys         = load("key-round")
	Lead         = load("user-round-plus")
	Link         = load("link-2")
	Members      = load("user")
	Menu         = load("menu")
	Next         = load("chevron-right")
	Pause        = load("pause")
	Plus         = load("plus")
	Previous     = load("chevron-left")
	Resume       = load("play")
	Search       = load("search")
	SignOut      = load("log-out")
	Sync         = load("refresh-cw")
	Task         = load("list-todo")
	Trash        = load("trash-2")
	X            = load("x")
)

// load reads a vendored icon and dresses it for the page. A missing file is a programming
// error: the process must not start with it.
func load(name string) templ.Component {
	data, err := files.ReadFile("svg/" + name + ".svg")
	if err != nil {
		panic(err)
	}
	svg := dress(string(data))
	return templ.ComponentFunc(func(_ context.Context, w io.Writer) error {
		_, err := io.WriteString(w, svg)
		return err
	})
}

// dress keeps the shapes of an icon and gives it our own <svg> element: lucide's has
// its size as attributes, ours has it from the style sheet.
func dress(svg string) string {
	_, shapes, _ := strings.Cut(svg, "<svg")
	_, shapes, _ = strings.Cut(shapes, ">")
	shapes, _, _ = strings.Cut(shapes, "</svg>")
	return `<svg class="icon" viewBox="0 0 24 24" fill="none" stroke="currentColor" stroke-width="2"` +
		` stroke-linecap="round" stroke-linejoin="round" aria-hidden="true">` +
		strings.Join(strings.Fields(shapes), " ") + `</svg>`
}
