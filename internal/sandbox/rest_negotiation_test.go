package sandbox

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"
)

func TestWhatCanBeGotHasHeaders(t *testing.T) {
	t.Parallel()
	c := newClient(t, Options{})
	for _, path := range []string{v67, v67 + "/sobjects/Lead/describe", v67 + "/query?q=SELECT+Id+FROM+Lead"} {
		if status, body := c.do("HEAD", path, nil); status != 200 || len(body) != 0 {
			t.Errorf("HEAD %s: %d %s", path, status, body)
		}
	}
	for method, path := range map[string]string{"OPTIONS": "/sobjects/Lead", "PUT": "/sobjects/Lead", "DELETE": "/query", "GET": "/composite/graph", "POST": "/limits"} {
		response := c.send(method, v67+path, nil)
		response.Body.Close()
		if response.StatusCode != 405 || response.Header.Get("Allow") == "" {
			t.Errorf("%s %s: %d, allowed are %q", method, path, response.StatusCode, response.Header.Get("Allow"))
		}
	}
	if got := c.refused(405, "METHOD_NOT_ALLOWED", "POST", v67+"/sobjects/Lead/"+c.lead(""), m{}); got != "HTTP Method 'POST' not allowed. Allowed are HEAD,GET,PATCH,DELETE" {
		t.Errorf("message %q", got)
	}
}

func TestAnswersAreJSON(t *testing.T) {
	t.Parallel()
	c := newClient(t, Options{})
	c.refused(406, "NOT_ACCEPTABLE", "GET", v67+"/sobjects", nil, "Accept", "application/xml")
	c.refused(406, "NOT_ACCEPTABLE", "GET", v67+"/sobjects/Lead.xml", nil)
	c.want(200, nil, "GET", v67+"/sobjects", nil, "Accept", "text/html,application/xml;q=0.9,*/*;q=0.8")
	c.want(200, nil, "GET", v67+"/sobjects/Lead.json", nil)
	c.want(200, nil, "GET", v67+"/limits.json", nil)
	if got := c.refused(415, "UNSUPPORTED_MEDIA_TYPE", "POST", v67+"/sobjects/Lead", m{}, "Content-Type", "application/x-www-form-urlencoded"); !strings.HasSuffix(got, "is not supported: application/x-www-form-urlencoded") {
		t.Errorf("message %q", got)
	}
	_, pretty := c.do("GET", v67+"/sobjects/Lead/"+c.lead("")+"?fields=Company", nil, "X-PrettyPrint", "1")
	if !strings.Contains(string(pretty), "\n  \"Company\": \"Acme\",\n") {
		t.Errorf("pretty: %s", pretty)
	}
}

func TestAddressesAndHeadersHaveALength(t *testing.T) {
	t.Parallel()
	c := newClient(t, Options{})
	c.refused(414, "URI_TOO_LONG", "GET", v67+"/query?q="+strings.Repeat("x", 16_400), nil)
	c.refused(431, "REQUEST_HEADER_FIELDS_TOO_LARGE", "GET", v67+"/limits?"+strings.Repeat("x", 10_000), nil, "X-Long", strings.Repeat("x", 6_400))
	c.refused(400, "ILLEGAL_QUERY_PARAMETER_VALUE", "GET", v67+"/query?q=%zz", nil)
	c.refused(400, "ILLEGAL_QUERY_PARAMETER_VALUE", "GET", v67+"/query?q=a&q=b", nil)
}

func TestBodiesAreRefusedWithTheirMistake(t *testing.T) {
	t.Parallel()
	c := newClient(t, Options{})
	for body, want := range map[string]string{
		"":                                "The HTTP entity body is required, but this request has no entity body.",
		`[]`:                              "Can not deserialize SObject out of START_ARRAY token at [line:1, column:1]",
		`null`:                            "Can not deserialize SObject out of VALUE_NULL token at [line:1, column:1]",
		`{"LastName":"D" "Company":"A"}`:  "Unexpected character ('\"' (code 34)): was expecting comma to separate OBJECT entries at [line:1, column:17]",
		`{"LastName":"D","LastName":"E"}`: "Duplicate field 'LastName' at [line:1, column:17]",
		"{\"LastName\":\"D\",\n \"Birthdate\":\"x\"}": "Cannot deserialize instance of date from VALUE_STRING value x or request may be missing a required field at [line:2, column:14]",
	} {
		request, err := http.NewRequest("POST", c.url+v67+"/sobjects/Contact", strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		request.Header.Set("Authorization", "Bearer "+c.token)
		response, err := http.DefaultClient.Do(request)
		if err != nil {
			t.Fatal(err)
		}
		refused := readErrors(t, response)
		if response.StatusCode != 400 || refused[0].ErrorCode != "JSON_PARSER_ERROR" || refused[0].Message != want {
			t.Errorf("%s: %d %+v, want %s", body, response.StatusCode, refused, want)
		}
	}
	lead := v67 + "/sobjects/Lead"
	c.refused(400, "INVALID_FIELD", "POST", lead, m{"LastName": "D", "lastname": "E", "Company": "A"})
	c.refused(400, "INVALID_TYPE", "POST", lead, typed("Contact", m{"LastName": "D", "Company": "A"}))
	c.want(201, nil, "POST", lead, typed("lead", m{"lastNAME": "D", "company": "A"}))
}

func readErrors(t *testing.T, response *http.Response) []errorBody {
	t.Helper()
	defer response.Body.Close()
	var errors []errorBody
	if err := json.NewDecoder(response.Body).Decode(&errors); err != nil || len(errors) == 0 {
		t.Fatalf("no errors: %v", err)
	}
	return errors
}
