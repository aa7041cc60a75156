package mapping_test

import (
	"strings"
	"testing"

	"conversion"
)

func labelled(name, label, of string) conversion.Field {
	f := custom(name, of)
	f.Label = label
	return f
}

func readable(f conversion.Field) conversion.Field {
	f.Createable, f.Updateable = false, false
	return f
}

func TestWhatAppearsWhenAFieldDisappearsIsNamedAsItsSuccessor(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		because string
		before  []conversion.Field
		after   []conversion.Field
		want    string // the successor of Tier__c
	}{
		{"nothing appeared", []conversion.Field{custom("Tier__c", "string")}, nil, ""},
		{"it has the same label", []conversion.Field{labelled("Tier__c", "Tier", "string")},
			[]conversion.Field{labelled("Level__c", "Tier", "string"), labelled("Other__c", "Other", "string")}, "Level__c"},
		{"it is the only one that came and defined alike", []conversion.Field{labelled("Tier__c", "Tier", "picklist")},
			[]conversion.Field{labelled("Level__c", "Level", "picklist")}, "Level__c"},
		{"two of the same label may be it", []conversion.Field{labelled("Tier__c", "Tier", "string")},
			[]conversion.Field{labelled("A__c", "Tier", "string"), labelled("B__c", "Tier", "string")}, ""},
		{"two that went may be what came", []conversion.Field{labelled("Tier__c", "Tier", "string"), labelled("Zone__c", "Zone", "string")},
			[]conversion.Field{labelled("New__c", "New", "string")}, ""},
		{"of two that went the label tells which", []conversion.Field{labelled("Tier__c", "Tier", "string"), labelled("Zone__c", "Zone", "string")},
			[]conversion.Field{labelled("New__c", "Tier", "string")}, "New__c"},
		{"what came is of another type", []conversion.Field{labelled("Tier__c", "Tier", "string")},
			[]conversion.Field{labelled("Level__c", "Tier", "double")}, ""},
		{"what has the label was there before", []conversion.Field{labelled("Tier__c", "Tier", "string"), labelled("Level__c", "Tier", "string")},
			[]conversion.Field{labelled("Level__c", "Tier", "string")}, ""},
	} {
		t.Run(test.because, func(t *testing.T) {
			t.Parallel()
			variables, _ := contacts(t, nil, monday, lead(test.before...))
			for at := tuesday; at < tuesday+2; at++ { // it stays so with every later describe
				variables, _ = contacts(t, variables, at, lead(test.after...))
				problems := byKey(t, variables, "Tier__c").Problems
				if len(problems) != 1 || problems[0].Code != conversion.FieldGone || problems[0].RenamedTo != test.want {
					t.Fatalf("problems %+v", problems)
				}
				if asks := strings.Contains(problems[0].Message, "renamed to Lead."+test.want+"?"); asks != (test.want != "") {
					t.Errorf("an admin reads %q", problems[0].Message)
				}
			}
		})
	}
}

func TestASuccessorIsAVariableOfItsOwnAndIsForgottenWhenItGoes(t *testing.T) {
	t.Parallel()
	variables, _ := contacts(t, nil, monday, lead(labelled("Tier__c", "Tier", "string")))
	variables, _ = contacts(t, variables, tuesday, lead(labelled("Level__c", "Tier", "string")))
	if old, now := byKey(t, variables, "Tier__c"), byKey(t, variables, "Level__c"); old.ID == now.ID || len(now.Problems) > 0 {
		t.Errorf("%+v became %+v", old, now)
	}
	variables, _ = contacts(t, variables, tuesday+1, lead())
	if p := byKey(t, variables, "Tier__c").Problems; p[0].RenamedTo != "" {
		t.Errorf("problems %+v name a field that is gone", p)
	}
}

func TestAPermissionThatIsLostIsAProblemUntilItIsBack(t *testing.T) {
	t.Parallel()
	tier := custom("Tier__c", "string")
	onlyNew, onlyEdit := tier, tier
	onlyNew.Updateable, onlyEdit.Createable = false, false
	for _, test := range []struct {
		because string
		before  conversion.Field
		now     conversion.Field
		want    string // code of the problem, "" for none
	}{
		{"nothing is lost", tier, tier, ""},
		{"it can only be read", tier, readable(tier), conversion.FieldNotEditable},
		{"it can only be set on new records", tier, onlyNew, conversion.FieldNotEditable},
		{"it can only be changed later", tier, onlyEdit, conversion.FieldNotCreatable},
		{"it could never be written", readable(tier), readable(tier), ""},
	} {
		t.Run(test.because, func(t *testing.T) {
			t.Parallel()
			variables, _ := contacts(t, nil, monday, lead(test.before))
			for at := tuesday; at < tuesday+2; at++ {
				var problems []conversion.FieldProblem
				variables, problems = contacts(t, variables, at, lead(test.now))
				if test.want == "" && len(problems) == 0 {
					continue
				}
				if len(problems) != 1 || problems[0].Code != test.want || problems[0].Since != tuesday {
					t.Fatalf("problems %+v, want %q", problems, test.want)
				}
			}
			if _, problems := contacts(t, variables, tuesday+2, lead(tier)); len(problems) != 0 {
				t.Errorf("with the permission back: %+v", problems)
			}
		})
	}
}

func TestWhatAnAdminSetDecidesWhichProblemsMatter(t *testing.T) {
	t.Parallel()
	variables, _ := contacts(t, nil, monday, lead(custom("Tier__c", "string")))
	variables, _ = contacts(t, variables, tuesday, lead(readable(custom("Tier__c", "string"))))
	v := byKey(t, variables, "Tier__c")
	for mode, told := range map[conversion.Mode]int{
		conversion.ModeTwoWay: 1, conversion.ModePreferSalesforce: 1, conversion.ModeAlwaysConversion: 1,
		conversion.ModeAlwaysSalesforce: 0, conversion.ModeNone: 0,
	} {
		v.Mode = mode
		if got := v.Standing(); len(got) != told {
			t.Errorf("%s: %+v", mode, got)
		}
	}
}
