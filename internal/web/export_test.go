package web

// Route is a route as tests see it.
type Route struct {
	Pattern             string
	Everyone, AdminOnly bool
}

// Routes lists the table of contents.
func Routes() []Route {
	var list []Route
	for _, r := range (&site{}).routes() {
		list = append(list, Route{r.pattern, r.access == everyone, r.access == admins})
	}
	return list
}
