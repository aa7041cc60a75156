package sandbox

import (
	"net/http"
	"strings"
	"testing"
	"time"
)

func TestAttributesThatMeanNothingAreRefused(t *testing.T) {
	t.Parallel()
	c := newClient(t, Options{})
	lead := m{"attributes": m{"type": "Lead", "sort": 1}, "LastName": "Doe", "Company": "Acme"}
	c.refused(400, "JSON_PARSER_ERROR", "POST", v67+"/sobjects/Lead", lead)
	var results []outcome
	c.want(200, &results, "POST", v67+"/composite/sobjects", m{"records": []m{lead}})
	if len(results) != 1 || results[0].Success {
		t.Errorf("in a collection: %+v", results)
	}
	c.want(400, nil, "POST", v67+"/composite/tree/Lead", m{"records": []m{
		{"attributes": m{"type": "Lead", "referenceId": "a", "sort": 1}, "LastName": "Doe", "Company": "Acme"}}})
	c.want(201, nil, "POST", v67+"/sobjects/Lead", m{"attributes": m{"type": "Lead", "url": "/services/data/v67.0/sobjects/Lead/x"}, "LastName": "Doe", "Company": "Acme"})
	if n := c.query("SELECT COUNT() FROM Lead").TotalSize; n != 1 {
		t.Errorf("%d leads", n)
	}
}

func TestTheListOfVersionsTakesNoParameterAndNoOtherMethod(t *testing.T) {
	t.Parallel()
	c := newClient(t, Options{})
	c.refused(400, "ILLEGAL_QUERY_PARAMETER_VALUE", "GET", "/services/data?sort=1", nil)
	c.refused(405, "METHOD_NOT_ALLOWED", "POST", "/services/data", m{})
	c.want(200, nil, "GET", "//services/data/", nil)
}

func TestAValueOfTheWrongTypeIsShownAsItWasSent(t *testing.T) {
	t.Parallel()
	c := newClient(t, Options{})
	for value, want := range map[any]string{1.5: "1.5", true: "true"} {
		if got := c.refused(400, "INVALID_TYPE_ON_FIELD_IN_RECORD", "POST", v67+"/sobjects/Lead", m{"LastName": value}); !strings.HasSuffix(got, ": "+want) {
			t.Errorf("%v: %s", value, got)
		}
	}
	if got := c.refused(400, "INVALID_TYPE_ON_FIELD_IN_RECORD", "POST", v67+"/sobjects/Lead", m{"LastName": m{"a": []int{1}}}); !strings.HasSuffix(got, `: {"a":[1]}`) {
		t.Error(got)
	}
}

func TestANewOrgIsDescribedSinceItsBeginning(t *testing.T) {
	t.Parallel()
	c := newClient(t, Options{Features: []string{"PersonAccounts", "SharedActivities"}})
	for _, object := range []string{"Lead", "Account", "User"} {
		response := c.send("GET", v67+"/sobjects/"+object+"/describe", nil)
		_ = response.Body.Close()
		if at, err := http.ParseTime(response.Header.Get("Last-Modified")); err != nil || !at.Equal(start) {
			t.Errorf("%s: %v, %v", object, at, err)
		}
	}
	c.want(304, nil, "GET", v67+"/sobjects/Lead/describe", nil, "If-Modified-Since", start.Add(time.Minute).Format(http.TimeFormat))
}
