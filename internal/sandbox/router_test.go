package sandbox

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"
)

// FuzzRouter asks anything of an org: it always answers, and on the data API with
// JSON.
func FuzzRouter(f *testing.F) {
	for _, seed := range [][4]string{
		{"GET", v67 + "/sobjects/Lead/describe", "", "If-None-Match: *"},
		{"POST", "//services/data/v50.0/composite/sobjects/", `{"records":[{"attributes":{"type":"Lead"},"LastName":"D"}]}`, "Sforce-Mru: updateMru=true"},
		{"PATCH", v67 + "/sobjects/Lead/Email/a%2Fb?updateOnly=true", `{"Account":{"Name":1}}`, ""},
		{"GET", v67 + "/query/01g-2000", "", "Sforce-Query-Options: batchSize=1"},
		{"POST", "/services/oauth2/token", "grant_type=refresh_token", "Content-Type: application/x-www-form-urlencoded"},
		{"GET", "/id/x/y", "", ""},
		{"POST", "/__sandbox/faults", `{"nth":1,"drop":"x"}`, ""},
		{"DELETE", v67 + "/composite/sobjects?ids=,,00Q&allOrNone=x", "", ""},
		{"GET", v67 + "/query?q=SELECT+FIELDS(ALL)+FROM+User+LIMIT+2", "", "Accept-Encoding: gzip"},
		{"POST", v67 + "/composite", `{"allOrNone":true,"compositeRequest":[{"method":"GET","url":"v67.0/sobjects/Lead/@{a[0].id}","referenceId":"a"}]}`, "X-PrettyPrint: 1"},
		{"POST", v67 + "/composite/graph", `{"graphs":[{"graphId":"1","compositeRequest":[{"method":"POST","url":"/services/data/v67.0/sobjects/Lead","referenceId":"a","body":{"LastName":"@{b.id}"}}]}]}`, ""},
		{"POST", v67 + "/composite/batch", `{"batchRequests":[{"method":"GET","url":"v67.0/query?q=SELECT+Id+FROM+Lead"}]}`, ""},
		{"POST", v67 + "/composite/tree/Account", `{"records":[{"attributes":{"type":"Account","referenceId":"r"},"Name":"A","Contacts":{"records":[{"attributes":{"type":"Contact","referenceId":"s"},"LastName":"D"}]}}]}`, ""},
		{"GET", v67 + "/sobjects/User/005000000000001AAA/Contacts?fields=Id", "", "If-Modified-Since: Sat, 31 Jan 2026 09:00:00 GMT"},
		{"POST", v67 + "/sobjects/Lead?_HttpMethod=PATCH", `{"a":[1,{"b":null}]}`, "Content-Encoding: gzip"},
	} {
		f.Add(seed[0], seed[1], seed[2], seed[3])
	}
	f.Fuzz(func(t *testing.T, method, target, body, header string) {
		address, err := url.ParseRequestURI(target)
		if err != nil || !strings.HasPrefix(target, "/") || strings.Contains(body, "delay") {
			return
		}
		org := New(Options{Now: func() time.Time { return start }})
		request, err := http.NewRequest(method, "http://sandbox.test", strings.NewReader(body))
		if err != nil {
			return
		}
		address.Scheme, address.Host = "http", "sandbox.test"
		request.URL, request.RequestURI = address, target
		if name, value, ok := strings.Cut(header, ": "); ok && name != "" {
			request.Header.Set(name, value)
		}
		request.Header.Set("Authorization", "Bearer "+org.IssueToken())
		answer := httptest.NewRecorder()
		answered := make(chan struct{}) // or the request hangs
		go func() {
			defer close(answered)
			org.Handler().ServeHTTP(answer, request)
		}()
		select {
		case <-answered:
		case <-time.After(20 * time.Second):
			panic(method + " " + target + " is not answered: " + header + " " + body) // with the stacks
		}
		if answer.Code == http.StatusInternalServerError {
			t.Fatalf("%s %s crashed the org: %s", method, target, answer.Body)
		}
		if isJSON(answer.Header().Get("Content-Type")) && answer.Header().Get("Content-Encoding") == "" && !json.Valid(answer.Body.Bytes()) {
			t.Fatalf("%s %s is answered with no JSON: %s", method, target, answer.Body)
		}
	})
}
