package mapping_test

import (
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"conversion"
	"conversion/internal/mapping"
)

var (
	names = []string{"Title", "City", "MailingCity", "OwnerId", "RecordTypeId", "Email", "HasOptedOutOfEmail", "Name", "A__c", "B__c", "C__c", "a__c"}
	types = []string{"string", "picklist", "multipicklist", "double", "boolean", "reference", "datetime", "address"}
)

// describe draws what an org could say of an object.
func describe(t *rapid.T, o conversion.Object) conversion.ObjectDef {
	def := conversion.ObjectDef{Object: o, Readable: rapid.IntRange(0, 9).Draw(t, "readable") > 0}
	for _, name := range rapid.SliceOfDistinct(rapid.SampledFrom(names), rapid.ID).Draw(t, "fields") {
		f := custom(name, rapid.SampledFrom(types).Draw(t, "type"))
		f.Custom = len(name) == 4
		f.Createable = rapid.Bool().Draw(t, "createable")
		f.Updateable = f.Createable
		f.References = rapid.SampledFrom([][]string{nil, {"User"}, {"Group", "User"}, {"Account"}}).Draw(t, "references")
		def.Fields = append(def.Fields, f)
	}
	return def
}

func org(t *rapid.T) []conversion.ObjectDef {
	return []conversion.ObjectDef{describe(t, conversion.Lead), describe(t, conversion.Contact), describe(t, conversion.Account)}
}

func shuffled(t *rapid.T, objects []conversion.ObjectDef) []conversion.ObjectDef {
	objects = rapid.Permutation(objects).Draw(t, "order of objects")
	for i := range objects {
		if len(objects[i].Fields) > 0 {
			objects[i].Fields = rapid.Permutation(objects[i].Fields).Draw(t, "order of fields")
		}
	}
	return objects
}

// history maps describe after describe and checks after each what must always hold.
func history(t *rapid.T, check func(t *rapid.T, kind conversion.Kind, objects []conversion.ObjectDef, known []conversion.Variable, at conversion.Moment)) {
	kind := rapid.SampledFrom([]conversion.Kind{conversion.KindContact, conversion.KindCompany}).Draw(t, "kind")
	var known []conversion.Variable
	for at := conversion.Moment(1); at <= 4; at++ {
		objects := org(t)
		check(t, kind, objects, known, at)
		known, _ = mapping.Variables(kind, objects, known, at)
	}
}

func TestTheOrderOfDescribesDoesNotMatter(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		history(t, func(t *rapid.T, kind conversion.Kind, objects []conversion.ObjectDef, known []conversion.Variable, at conversion.Moment) {
			want, _ := mapping.Variables(kind, objects, known, at)
			got, _ := mapping.Variables(kind, shuffled(t, objects), known, at)
			if diff := cmp.Diff(want, got, same); diff != "" {
				t.Fatal(diff)
			}
		})
	})
}

func TestMappingAgainChangesNothing(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		history(t, func(t *rapid.T, kind conversion.Kind, objects []conversion.ObjectDef, known []conversion.Variable, at conversion.Moment) {
			once, _ := mapping.Variables(kind, objects, known, at)
			twice, changed := mapping.Variables(kind, objects, once, at+100)
			if diff := cmp.Diff(once, twice, same); changed || diff != "" {
				t.Fatalf("changed %v: %s", changed, diff)
			}
		})
	})
}

func TestVariablesStayForEver(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		history(t, func(t *rapid.T, kind conversion.Kind, objects []conversion.ObjectDef, known []conversion.Variable, at conversion.Moment) {
			now, _ := mapping.Variables(kind, objects, known, at)
			schema := conversion.NewSchema(kind, now)
			highest := conversion.VarID(0)
			for _, v := range known {
				highest = max(highest, v.ID)
				if w := schema.ByID(v.ID); w == nil || w.Key != v.Key || w.Type != v.Type || len(w.Fields) < len(v.Fields) {
					t.Fatalf("%+v became %+v", v, w)
				}
			}
			for _, v := range now[min(len(known), len(now)):] {
				if v.ID <= highest {
					t.Fatalf("id %d was used before", v.ID)
				}
			}
		})
	})
}

func TestEveryFieldIsOnExactlyOneVariable(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		history(t, func(t *rapid.T, kind conversion.Kind, objects []conversion.ObjectDef, known []conversion.Variable, at conversion.Moment) {
			variables, _ := mapping.Variables(kind, objects, known, at)
			homes, keys := map[string]int{}, map[string]bool{}
			for _, v := range variables {
				if keys[v.Key] {
					t.Fatalf("two variables have the key %q", v.Key)
				}
				keys[v.Key] = true
				for i, f := range v.Fields {
					if f.Live() {
						homes[fmt.Sprint(f.Object, ".", f.Name)]++
					}
					if f.Live() && f.ValueType() != v.Type {
						t.Fatalf("%s of type %s is on a %s", f.Name, f.Type, v.Type)
					}
					if i > 0 && v.Fields[i-1].Object == f.Object {
						t.Fatalf("%q has two fields of %s", v.Key, f.Object)
					}
				}
			}
			for _, o := range objects {
				checkHomes(t, kind, o, homes)
			}
		})
	})
}

func checkHomes(t *rapid.T, kind conversion.Kind, o conversion.ObjectDef, homes map[string]int) {
	for _, f := range o.Fields {
		want := 1
		if o.Object.Kind() != kind || !o.Readable || f.Type == "address" || f.Name == "Name" && kind == conversion.KindContact {
			want = 0
		}
		if got := homes[fmt.Sprint(o.Object, ".", f.Name)]; got != want {
			t.Fatalf("%s.%s is on %d variables, want %d", o.Object, f.Name, got, want)
		}
	}
}
