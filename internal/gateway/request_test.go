package gateway_test

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"conversion"
	"conversion/internal/gateway"
	"conversion/internal/salesforce"
)

// posted is one write request as it was sent.
type posted struct {
	header  http.Header
	records []map[string]any
}

// listener answers collections with answer, which may refuse a request by its status, and
// keeps what was sent.
type listener struct {
	mu     sync.Mutex
	sent   []posted
	answer func(records []map[string]any) (status int, body string)
}

func (l *listener) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	var request struct {
		Records []map[string]any `json:"records"`
	}
	if err := json.Unmarshal(body, &request); err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	l.mu.Lock()
	l.sent = append(l.sent, posted{r.Header, request.Records})
	l.mu.Unlock()
	status, answer := l.answer(request.Records)
	w.Header().Set("Content-Type", "application/json;charset=UTF-8")
	w.WriteHeader(status)
	fmt.Fprint(w, answer)
}

func listen(t *testing.T, l *listener) *gateway.Org {
	t.Helper()
	server := httptest.NewServer(l)
	t.Cleanup(server.Close)
	now := func() time.Time { return start }
	return gateway.New(salesforce.New(salesforce.Config{
		Hosts: salesforce.Hosts{Extra: []string{strings.TrimPrefix(server.URL, "http://")}},
		Token: salesforce.Token{AccessToken: "access", InstanceURL: server.URL},
		HTTP:  server.Client(), Now: now, Backoff: salesforce.Backoff{Attempts: 1},
	}), now)
}

// allDone answers that every record was written.
func allDone(records []map[string]any) (status int, body string) {
	results := make([]string, len(records))
	for i := range records {
		results[i] = fmt.Sprintf(`{"id":"00Q5g0000%09d","success":true,"errors":[]}`, i)
	}
	return http.StatusOK, "[" + strings.Join(results, ",") + "]"
}

func TestAssignmentRulesRunOnCreatesOnlyAndOnlyIfWanted(t *testing.T) {
	t.Parallel()
	l := &listener{answer: allDone}
	org := listen(t, l)
	update := change(conversion.Lead, "00Q5g00000000000AA", text("Title", "CTO"))
	for _, wanted := range []bool{false, true} {
		if _, err := org.Write(t.Context(), []conversion.Write{newLead("ann@acme.com"), update}, conversion.WriteOptions{AssignmentRules: wanted}); err != nil {
			t.Fatal(err)
		}
	}
	for i, want := range []string{"FALSE", "FALSE", "TRUE", "FALSE"} {
		if got := l.sent[i].header.Get("Sforce-Auto-Assign"); got != want {
			t.Errorf("request %d: assignment rules %s, want %s", i, got, want)
		}
	}
}

func TestACreateLeavesBlanksOutAndAnUpdateSendsThem(t *testing.T) {
	t.Parallel()
	l := &listener{answer: allDone}
	blank := conversion.FieldWrite{Field: "Phone", Value: conversion.Null}
	_, err := listen(t, l).Write(t.Context(), []conversion.Write{
		newLead("ann@acme.com", blank), change(conversion.Lead, "00Q5g00000000000AA", blank),
	}, conversion.WriteOptions{})
	if err != nil {
		t.Fatal(err)
	}
	if _, sent := l.sent[0].records[0]["Phone"]; sent {
		t.Error("the create names a blank field")
	}
	if phone, sent := l.sent[1].records[0]["Phone"]; !sent || phone != nil {
		t.Errorf("the update sends %v", phone)
	}
}

// cannotRead refuses every request that holds the title, without saying which record it is.
func cannotRead(title string) func([]map[string]any) (int, string) {
	return func(records []map[string]any) (int, string) {
		for _, r := range records {
			if r["Title"] == title {
				return http.StatusBadRequest, `[{"errorCode":"JSON_PARSER_ERROR","message":"cannot be read"}]`
			}
		}
		return allDone(records)
	}
}

func TestOneUnreadableValueStopsNoOtherRecord(t *testing.T) {
	t.Parallel()
	l := &listener{answer: cannotRead("bad")}
	var writes []conversion.Write
	for i := range 50 {
		title := "good"
		if i == 17 {
			title = "bad"
		}
		writes = append(writes, newLead("ann@acme.com", text("Title", title)))
	}
	outcomes, err := listen(t, l).Write(t.Context(), writes, conversion.WriteOptions{})
	if err != nil {
		t.Fatal(err)
	}
	for i, o := range outcomes {
		if failed := o.Failure != nil; failed != (i == 17) || !o.Sent {
			t.Errorf("write %d: %+v", i, o)
		}
	}
}

func TestARefusalOfTheWholeIsNotAskedForOneByOne(t *testing.T) {
	t.Parallel()
	l := &listener{answer: func([]map[string]any) (int, string) {
		return http.StatusBadRequest, `[{"errorCode":"INVALID_TYPE","message":"no such object"}]`
	}}
	writes := []conversion.Write{newLead("a@acme.com"), newLead("b@acme.com"), newLead("c@acme.com")}
	outcomes, err := listen(t, l).Write(t.Context(), writes, conversion.WriteOptions{})
	if err != nil {
		t.Fatal(err)
	}
	for i, o := range outcomes {
		if o.Failure == nil || o.Failure.Code != "INVALID_TYPE" {
			t.Errorf("write %d: %+v", i, o)
		}
	}
	if len(l.sent) != 1 {
		t.Errorf("%d requests", len(l.sent))
	}
}

func TestAVoidLoginAsksForAPerson(t *testing.T) {
	t.Parallel()
	l := &listener{answer: func([]map[string]any) (int, string) {
		return http.StatusUnauthorized, `[{"errorCode":"INVALID_SESSION_ID","message":"Session expired or invalid"}]`
	}}
	outcomes, err := listen(t, l).Write(t.Context(), []conversion.Write{newLead("ann@acme.com")}, conversion.WriteOptions{})
	if conversion.ErrorCode(err) != conversion.CodeReconnect || outcomes[0].Sent {
		t.Errorf("%v, %+v", err, outcomes[0])
	}
}
