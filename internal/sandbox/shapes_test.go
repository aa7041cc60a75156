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

func TestLimitsAreObjectsOfMaxAndRemaining(t *testing.T) {
	t.Parallel()
	c := newClient(t, Options{})
	var limits map[string]allocation
	c.want(200, &limits, "GET", v67+"/limits", nil)
	for name, limit := range limits {
		if limit.Max < limit.Remaining {
			t.Errorf("the limit %s is %+v", name, limit)
		}
	}
	if got := limits["DailyApiRequests"]; got.Max != 100_000 || got.Remaining != 99_999 {
		t.Errorf("API requests: %+v", got)
	}
	if limits["PermissionSets"].CreateCustom == nil {
		t.Error("permission sets have no limit of custom ones")
	}
	want, absent := recorded(t, "responses/limits.json")
	if absent {
		return
	}
	// This one belongs to a product that the recording org had.
	sameKeys(t, "limits", m(toMap(limits)), want, "BOZosCalloutHourlyLimit", "ActiveScratchOrgs", "CdpAiInferenceApiMonthlyLimit",
		"DailyAsyncApexTests", "DailyDeliveredPlatformEvents", "DailyScratchOrgs", "PlatformEventTriggersWithParallelProcessing")
}

func toMap(limits map[string]allocation) m {
	all := m{}
	for name, limit := range limits {
		all[name] = limit
	}
	return all
}

func TestRecordCountsAreOfTheObjectsThatAreAskedFor(t *testing.T) {
	t.Parallel()
	c := newClient(t, Options{})
	var counts struct{ SObjects []m }
	c.want(200, &counts, "GET", v67+"/limits/recordCount?sObjects=user,Foo,User", nil)
	if len(counts.SObjects) != 1 || counts.SObjects[0]["name"] != "User" || counts.SObjects[0]["count"] != 2.0 {
		t.Errorf("record counts: %v", counts)
	}
	for _, path := range []string{"/limits/recordCount?sObjects", "/limits/recordCount"} {
		c.want(200, &counts, "GET", v67+path, nil)
		if len(counts.SObjects) < 8 {
			t.Errorf("%s: %v", path, counts)
		}
	}
}

func TestDescribesAreAsRecordedOnes(t *testing.T) {
	t.Parallel()
	c := newClient(t, Options{})
	for _, name := range []string{"Account", "Contact", "Lead", "Event", "Opportunity"} {
		want, absent := recorded(t, "describe/"+name+".json")
		if absent {
			return
		}
		var got m
		c.want(200, &got, "GET", v67+"/sobjects/"+name+"/describe", nil)
		sameKeys(t, name+" urls", got["urls"], want.(m)["urls"], "defaultValues")
		for _, key := range []string{"compactLayoutable", "feedEnabled", "layoutable", "mruEnabled", "searchLayoutable", "searchable", "supportedScopes"} {
			a, _ := json.Marshal(got[key])
			b, _ := json.Marshal(want.(m)[key])
			if !bytes.Equal(a, b) {
				t.Errorf("%s: %s is %s, recorded %s", name, key, a, b)
			}
		}
		sameFields(t, name, got, want.(m))
	}
}

// sameFields compares what fields of the same name may be used for.
func sameFields(t *testing.T, object string, got, want m) {
	t.Helper()
	byName := map[any]m{}
	for _, f := range want["fields"].([]any) {
		byName[f.(m)["name"]] = f.(m)
	}
	for _, f := range got["fields"].([]any) {
		f := f.(m)
		recorded, ok := byName[f["name"]]
		if !ok || f["name"] == "ActivityDate" || f["name"] == "HasOpenActivity" || f["name"] == "HasOverdueTask" {
			continue
		}
		for _, key := range []string{"type", "soapType", "length", "nillable", "createable", "updateable", "filterable", "sortable", "aggregatable", "queryByDistance"} {
			if f[key] != recorded[key] {
				t.Errorf("%s.%v: %s is %v, recorded %v", object, f["name"], key, f[key], recorded[key])
			}
		}
	}
}

func TestTheVersionsResourcesAreListed(t *testing.T) {
	t.Parallel()
	c := newClient(t, Options{})
	var listed map[string]string
	c.want(200, &listed, "GET", v67, nil)
	for _, name := range []string{"tooling", "metadata", "eclair", "prechatForms", "composite", "limits", "sobjects", "query", "queryAll",
		"search", "parameterizedSearch", "jobs", "recent", "actions", "quickActions", "process", "tabs", "theme", "event", "ui-api"} {
		if listed[name] != v67+"/"+name {
			t.Errorf("%s: %q", name, listed[name])
		}
	}
	if listed["identity"] != c.url+"/id/"+c.org.ID()+"/"+c.org.Admin().ID() {
		t.Errorf("identity %q", listed["identity"])
	}
	var versions []m
	c.want(200, &versions, "GET", "/services/data/", nil)
	if last := versions[len(versions)-1]; last["label"] != "Summer '26" || last["version"] != "67.0" || last["url"] != v67 {
		t.Errorf("last version %v", last)
	}
}
