package sandbox

import (
	"fmt"
	"net/http"
)

// releaseOf names the release of an API version.
func releaseOf(version int) string {
	seasons := []string{"Winter", "Spring", "Summer"}
	n := version - firstVersion // 50.0 is Winter '21
	return fmt.Sprintf("%s '%02d", seasons[n%3], 21+n/3)
}

func (c *call) versions() *Error {
	type version struct {
		Label   string `json:"label"`
		URL     string `json:"url"`
		Version string `json:"version"`
	}
	var all []version
	for n := firstVersion; n <= lastVersion; n++ {
		all = append(all, version{releaseOf(n), fmt.Sprintf("/services/data/v%d.0", n), fmt.Sprintf("%d.0", n)})
	}
	return c.json(http.StatusOK, all)
}

// base is the path of the request's API version.
func (c *call) base() string { return "/services/data/" + c.version + c.below }
