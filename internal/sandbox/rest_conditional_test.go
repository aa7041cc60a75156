package sandbox

import (
	"testing"
	"time"
)

const (
	atStart = "Sat, 31 Jan 2026 09:00:00 GMT"
	before  = "Sat, 31 Jan 2026 08:59:59 GMT"
)

func TestReadsDependOnTheDateOfTheLastChange(t *testing.T) {
	t.Parallel()
	c := newClient(t, Options{})
	id := c.lead("a@x.test")
	for name, tc := range map[string]struct {
		header, value string
		status        int
	}{
		"not changed since":              {"If-Modified-Since", atStart, 304},
		"changed since":                  {"If-Modified-Since", before, 200},
		"not changed since, with offset": {"If-Modified-Since", "Sat, 31 Jan 2026 10:00:00 +0100", 304},
		"still as it was":                {"If-Unmodified-Since", atStart, 200},
		"changed meanwhile":              {"If-Unmodified-Since", before, 412},
		"no date":                        {"If-Modified-Since", "yesterday", 400},
		"a tag of a lead":                {"If-Match", `"1"`, 400},
	} {
		if status, body := c.do("GET", v67+"/sobjects/Lead/"+id, nil, tc.header, tc.value); status != tc.status || status == 304 && len(body) > 0 {
			t.Errorf("%s: %d %s", name, status, body)
		}
	}
	c.refused(400, "FUNCTIONALITY_NOT_ENABLED", "GET", v67+"/query?q=SELECT+Id+FROM+Lead", nil, "If-Modified-Since", atStart)
	c.refused(400, "FUNCTIONALITY_NOT_ENABLED", "PATCH", v67+"/composite/sobjects", m{"records": []m{typed("Lead", m{"id": id})}}, "If-Unmodified-Since", before)
}

func TestWritesDependOnTheDateOfTheLastChange(t *testing.T) {
	t.Parallel()
	c := newClient(t, Options{})
	id := c.lead("a@x.test")
	path := v67 + "/sobjects/Lead/" + id
	c.org.Clock().Advance(time.Second)
	c.want(204, nil, "PATCH", path, m{"Title": "mine"}, "If-Unmodified-Since", atStart)
	c.refused(412, "PRECONDITION_FAILED", "PATCH", path, m{"Title": "lost"}, "If-Unmodified-Since", atStart)
	c.refused(412, "PRECONDITION_FAILED", "PATCH", v67+"/sobjects/Lead/Email/a@x.test", m{"Title": "lost"}, "If-Unmodified-Since", atStart)
	c.refused(412, "PRECONDITION_FAILED", "DELETE", path, nil, "If-Unmodified-Since", atStart)
	c.refused(400, "FUNCTIONALITY_NOT_ENABLED", "PATCH", path, m{"Title": "x"}, "If-Modified-Since", atStart)
	if got := c.record(id)["Title"]; got != "mine" {
		t.Errorf("Title is %v", got)
	}
}

func TestAnAccountHasAnEntityTag(t *testing.T) {
	t.Parallel()
	c := newClient(t, Options{})
	path := v67 + "/sobjects/Account/" + c.insert("Account", m{"Name": "A"})
	tagOf := func() string {
		response := c.send("GET", path, nil)
		response.Body.Close()
		return response.Header.Get("ETag")
	}
	first := tagOf()
	c.want(304, nil, "GET", path, nil, "If-None-Match", `"0", W/`+first)
	c.want(204, nil, "PATCH", path, m{"Name": "B"}, "If-Match", first)
	// Within the same second only the tag tells the states apart.
	c.refused(412, "PRECONDITION_FAILED", "PATCH", path, m{"Name": "C"}, "If-Match", first)
	c.refused(412, "PRECONDITION_FAILED", "DELETE", path, nil, "If-None-Match", "*")
	c.want(200, nil, "GET", path, nil, "If-None-Match", first)
	c.want(204, nil, "DELETE", path, nil, "If-Match", tagOf())
}

func TestDescribesHaveEntityTags(t *testing.T) {
	t.Parallel()
	c := newClient(t, Options{})
	for _, path := range []string{"/sobjects", "/sobjects/Lead", "/sobjects/Lead/describe"} {
		response := c.send("GET", v67+path, nil)
		response.Body.Close()
		tag, changed := response.Header.Get("ETag"), response.Header.Get("Last-Modified")
		if len(tag) != 10 || changed == "" {
			t.Errorf("%s: %q of %q", path, tag, changed)
		}
		c.want(304, nil, "GET", v67+path, nil, "If-None-Match", tag)
		c.want(304, nil, "GET", v67+path, nil, "If-Modified-Since", changed)
		c.refused(412, "PRECONDITION_FAILED", "GET", v67+path, nil, "If-Match", `"00000000"`)
		c.want(204, nil, "POST", "/__sandbox/fields/Lead", m{"name": "New" + string(rune('A'+len(path))) + "__c", "type": "string", "length": 5})
		c.want(200, nil, "GET", v67+path, nil, "If-None-Match", tag)
	}
}
