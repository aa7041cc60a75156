package schema

import (
	"encoding/json"
	"os"
	"path/filepath"
	"testing"
)

// ownRelations are relations that the recorded orgs do not report.
var ownRelations = map[string]string{
	"Account/EventRelation.RelationId":     "of Shared Activities",
	"Opportunity/EventRelation.RelationId": "of Shared Activities",
}

func TestChildRelationshipsAgreeWithRecordedDescribes(t *testing.T) {
	t.Parallel()
	if _, err := os.Stat(recordedDescribes); err != nil {
		t.Log("no recorded describes beside the module: nothing to compare with")
		return
	}
	for _, name := range []string{"Account", "Contact", "Event", "Lead", "Opportunity"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			compareChildren(t, Standard()[name], readRecordedChildren(t, name))
		})
	}
}

type recordedChild struct {
	ChildSObject, Field, RelationshipName string
	CascadeDelete, RestrictedDelete       bool
}

func readRecordedChildren(t *testing.T, name string) map[string]recordedChild {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(recordedDescribes, name+".json"))
	if err != nil {
		t.Fatal(err)
	}
	var recorded struct{ ChildRelationships []recordedChild }
	if err := json.Unmarshal(text, &recorded); err != nil {
		t.Fatal(err)
	}
	children := map[string]recordedChild{}
	for _, child := range recorded.ChildRelationships {
		children[child.ChildSObject+"."+child.Field] = child
	}
	return children
}

func compareChildren(t *testing.T, ours *Object, recorded map[string]recordedChild) {
	t.Helper()
	for _, child := range ours.Children {
		key := child.ChildSObject + "." + child.Field
		want, ok := recorded[key]
		if _, own := ownRelations[ours.Name+"/"+key]; !ok && !own {
			t.Errorf("%s has the child %s, no recorded one does", ours.Name, key)
		}
		got := recordedChild{child.ChildSObject, child.Field, child.RelationshipName, child.CascadeDelete, child.RestrictedDelete}
		if ok && got != want {
			t.Errorf("%s: child %+v, recorded %+v", ours.Name, got, want)
		}
	}
}
