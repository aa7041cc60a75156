package sandbox

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
)

func FuzzRouter(f *testing.F) {
	for _, seed := range [][3]string{
		{"GET", v67 + "/sobjects/Lead/describe", ""}, {"POST", "//services/data/v50.0/composite/sobjects/", `{"records":[{"attributes":{"type":"Lead"},"LastName":"D"}]}`},
		{"PATCH", v67 + "/sobjects/Lead/Email/a%2Fb?updateOnly=true", `{"Account":{"Name":1}}`}, {"GET", v67 + "/query/01g-2000", ""},
		{"POST", "/services/oauth2/token", "grant_type=refresh_token"}, {"GET", "/id/x/y", ""}, {"POST", "/__sandbox/faults", `{"nth":1,"drop":"x"}`},
		{"DELETE", v67 + "/composite/sobjects?ids=,,00Q&allOrNone=x", ""}, {"GET", v67 + "/query?q=SELECT+FIELDS(ALL)+FROM+User+LIMIT+2", ""},
	} {
		f.Add(seed[0], seed[1], seed[2])
	}
	f.Fuzz(func(t *testing.T, method, target, body string) {
		address, err := url.ParseRequestURI(target)
		if err != nil || !strings.HasPrefix(target, "/") || strings.Contains(body, "delay") {
			return
		}
		org := New(Options{})
		request, err := http.NewRequest(method, "http://sandbox.test", strings.NewReader(body))
		if err != nil {
			return
		}
		address.Scheme, address.Host = "http", "sandbox.test"
		request.URL, request.RequestURI = address, target
		request.Header.Set("Authorization", "Bearer "+org.IssueToken())
		answer := httptest.NewRecorder()
		org.Handler().ServeHTTP(answer, request)
		if answer.Code == http.StatusInternalServerError {
			t.Fatalf("%s %s crashed the org: %s", method, target, answer.Body)
		}
	})
}
