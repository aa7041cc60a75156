package connection_test

import (
	"html"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"regexp"
	"testing"

	"conversion/internal/connection"
	"conversion/internal/sandbox"
)

// browser walks through the org's login pages as a person would.
type browser struct {
	http *http.Client
}

func newBrowser(t testing.TB) browser {
	t.Helper()
	jar, err := cookiejar.New(nil)
	must(t, err)
	return browser{&http.Client{Jar: jar, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}}
}

// logIn logs in at the authorize URL, decides "allow" or "deny", and returns what the
// browser brings back.
func (b browser) logIn(t testing.TB, authorizeURL, decision string) connection.CallbackInput {
	t.Helper()
	at, err := url.Parse(authorizeURL)
	must(t, err)
	origin := at.Scheme + "://" + at.Host
	_, page := b.do(t, http.MethodGet, authorizeURL, nil)
	next, _ := b.do(t, http.MethodPost, origin+"/login", url.Values{
		"username": {sandbox.AdminUser}, "password": {sandbox.AdminPassword}, "start": {field(t, page, "start")},
	})
	_, page = b.do(t, http.MethodGet, origin+next, nil)
	back, _ := b.do(t, http.MethodPost, origin+"/services/oauth2/authorize", url.Values{
		"query": {field(t, page, "query")}, "proof": {field(t, page, "proof")}, "decision": {decision},
	})
	returned, err := url.Parse(back)
	must(t, err)
	q := returned.Query()
	return connection.CallbackInput{
		State: q.Get("state"), Code: q.Get("code"), Error: q.Get("error"),
		ErrorDescription: q.Get("error_description"), SessionHash: session,
	}
}

func (b browser) do(t testing.TB, method, address string, form url.Values) (location, body string) {
	t.Helper()
	var response *http.Response
	var err error
	if method == http.MethodPost {
		response, err = b.http.PostForm(address, form)
	} else {
		response, err = b.http.Get(address)
	}
	must(t, err)
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	must(t, err)
	if response.StatusCode >= 400 {
		t.Fatalf("%s %s: %s: %s", method, address, response.Status, text)
	}
	return response.Header.Get("Location"), string(text)
}

func field(t testing.TB, page, name string) string {
	t.Helper()
	match := regexp.MustCompile(`name="` + name + `" value="([^"]*)"`).FindStringSubmatch(page)
	if match == nil {
		t.Fatalf("the page has no field %s: %s", name, page)
	}
	return html.UnescapeString(match[1])
}
