package sandbox

import (
	"bytes"
	"encoding/json"
	"errors"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"testing"
)

// recorded reads a recorded answer of a real org; absent says that the folder of
// recordings is not there.
func recorded(t *testing.T, name string) (answer any, absent bool) {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("..", "..", "..", "shared", "fixtures", "salesforce", filepath.FromSlash(name)))
	if errors.Is(err, fs.ErrNotExist) {
		t.Logf("no recording of %s to compare with", name)
		return nil, true
	}
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(bytes.TrimPrefix(text, []byte("\ufeff")), &answer); err != nil {
		t.Fatal(err)
	}
	return answer, false
}

func keysOf(v any) []string {
	var names []string
	object, _ := v.(m)
	for name := range object {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

// sameKeys compares the members of two objects, some of them aside.
func sameKeys(t *testing.T, what string, got, want any, aside ...string) {
	t.Helper()
	for _, name := range keysOf(want) {
		if !slices.Contains(keysOf(got), name) && !slices.Contains(aside, name) {
			t.Errorf("%s lacks %s", what, name)
		}
	}
	for _, name := range keysOf(got) {
		if !slices.Contains(keysOf(want), name) && !slices.Contains(aside, name) {
			t.Errorf("%s has %s, which the recording has not", what, name)
		}
	}
}

func TestADescribeHasTheKeysOfARecordedOne(t *testing.T) {
	t.Parallel()
	want, absent := recorded(t, "describe/Lead.json")
	if absent {
		return
	}
	c := newClient(t, Options{})
	var got, global m
	c.want(200, &got, "GET", v67+"/sobjects/Lead/describe", nil)
	sameKeys(t, "describe", got, want, "associateEntityType", "associateParentEntity")
	sameKeys(t, "a field", got["fields"].([]any)[0], want.(m)["fields"].([]any)[0], "dataTranslationEnabled")
	sameKeys(t, "a child relationship", got["childRelationships"].([]any)[0], want.(m)["childRelationships"].([]any)[0])
	sameKeys(t, "a record type", got["recordTypeInfos"].([]any)[0], want.(m)["recordTypeInfos"].([]any)[0])
	wantGlobal, _ := recorded(t, "describe/global.json")
	c.want(200, &global, "GET", v67+"/sobjects", nil)
	sameKeys(t, "describeGlobal", global, wantGlobal)
	sameKeys(t, "an object", global["sobjects"].([]any)[0], wantGlobal.(m)["sobjects"].([]any)[0])
}

func TestAnswersHaveTheShapesOfRecordedOnes(t *testing.T) {
	t.Parallel()
	c := newClient(t, Options{})
	c.lead("a@x.test")
	for name, path := range map[string]string{
		"aggregate-query-result.json":                 v67 + "/query?q=" + url.QueryEscape("SELECT Status, COUNT(Id) FROM Lead GROUP BY Status"),
		"restforce/query_empty_response.json":         v67 + "/query?q=" + url.QueryEscape("SELECT Id FROM Contact"),
		"identity.json":                               "/id/" + c.org.ID() + "/" + c.org.Admin().ID(),
		"restforce/get_updated_success_response.json": v67 + "/sobjects/Lead/updated?start=2026-01-31T08:00:00Z&end=2026-01-31T10:00:00Z",
		"restforce/get_deleted_success_response.json": v67 + "/sobjects/Lead/deleted?start=2026-01-31T08:00:00Z&end=2026-01-31T10:00:00Z",
	} {
		want, absent := recorded(t, "responses/"+name)
		if absent {
			return
		}
		var got m
		c.want(200, &got, "GET", path, nil)
		sameKeys(t, name, got, want)
	}
}

func TestRefusalsAreWordedLikeRecordedOnes(t *testing.T) {
	t.Parallel()
	c := newClient(t, Options{})
	want, absent := recorded(t, "responses/restforce/upsert_error_response.json")
	if absent {
		return
	}
	var got any
	c.want(404, &got, "PATCH", v67+"/sobjects/Lead/Namez/1", m{})
	a, _ := json.Marshal(got)
	b, _ := json.Marshal(want)
	if !bytes.Equal(a, b) {
		t.Errorf("got %s, recorded %s", a, b)
	}
}

func TestLimitsHaveMaxAndRemainingOnly(t *testing.T) {
	t.Parallel()
	c := newClient(t, Options{})
	var limits map[string]map[string]int
	c.want(200, &limits, "GET", v67+"/limits", nil)
	for name, limit := range limits {
		if len(limit) != 2 || limit["Max"] < limit["Remaining"] {
			t.Errorf("the limit %s is %v", name, limit)
		}
	}
	if got := limits["DailyApiRequests"]; got["Max"] != 100_000 || got["Remaining"] != 99_999 {
		t.Errorf("API requests: %v", got)
	}
	var counts struct{ SObjects []m }
	c.want(200, &counts, "GET", v67+"/limits/recordCount?sObjects=User,Foo", nil)
	if len(counts.SObjects) != 1 || counts.SObjects[0]["name"] != "User" || counts.SObjects[0]["count"] != 2.0 {
		t.Errorf("record counts: %v", counts)
	}
}
