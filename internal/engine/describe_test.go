package engine_test

import (
	"bytes"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"

	"conversion"
	"conversion/internal/engine"
	"conversion/internal/sandbox"
	"conversion/internal/sandbox/schema"
	"conversion/internal/testkit"
)

// textField is a custom text field that everybody may write.
func textField(name, label string) schema.Field {
	return schema.Field{Name: name, Label: label, Type: schema.String, Length: 40, Nillable: true, Createable: true, Updateable: true, Custom: true}
}

func (w *world) addField(object string, f schema.Field) {
	w.t.Helper()
	if err := w.org.AddField(object, f); err != nil {
		w.t.Fatal(err)
	}
}

func (w *world) removeField(object, name string) {
	w.t.Helper()
	if err := w.org.RemoveField(object, name); err != nil {
		w.t.Fatal(err)
	}
}

func (w *world) variable(key string) *conversion.Variable {
	w.t.Helper()
	s, err := w.books.Schema(w.t.Context(), conversion.KindContact)
	if err != nil {
		w.t.Fatal(err)
	}
	v := s.ByKey(key)
	if v == nil {
		w.t.Fatalf("there is no variable %s", key)
	}
	return v
}

// tells checks which problem of a variable an admin is told of, "" for none.
func (w *world) tells(key, code string) conversion.FieldProblem {
	w.t.Helper()
	switch problems := w.variable(key).Standing(); {
	case code == "" && len(problems) == 0:
		return conversion.FieldProblem{}
	case len(problems) != 1 || problems[0].Code != code:
		w.t.Fatalf("%s tells of %+v, want %q", key, problems, code)
		return conversion.FieldProblem{}
	default:
		return problems[0]
	}
}

// longAfter lets so much time pass that what was read lies before every overlap, and runs
// two cycles with a new describe.
func (w *world) longAfter() {
	w.t.Helper()
	for range 2 {
		w.later(2 * time.Hour)
		w.leadOf(fmt.Sprintf("passer-by-%d@acme.example", w.ids.Add(1)), nil)
		w.sync()
	}
}

// holds checks what the contact jo has for a variable.
func (w *world) holds(key, want string) {
	w.t.Helper()
	if got := value(w.contact("jo@acme.example"), key); got != want {
		w.t.Errorf("%s is %q, want %q", key, got, want)
	}
}

func TestAHiddenFieldIsAProblemUntilItIsShownAndIsThenFilled(t *testing.T) {
	t.Parallel()
	testkit.Databases(t, func(t *testing.T, database string) {
		w := newWorld(t, database)
		lead := w.leadOf("jo@acme.example", map[string]any{"Title": "Clerk"})
		w.sync()
		w.tells("job_title", "")
		w.hide("Lead", "Title", true)
		w.longAfter()
		if p := w.tells("job_title", conversion.FieldGone); p.Object != conversion.Lead || p.Field != "Title" || p.Message == "" || p.Hint == "" {
			t.Errorf("an admin is told %+v", p)
		}
		w.holds("job_title", "Clerk")
		w.update(lead, map[string]any{"Title": "Head"})
		w.longAfter()
		w.holds("job_title", "Clerk")
		w.hide("Lead", "Title", false)
		w.longAfter()
		w.tells("job_title", "")
		w.holds("job_title", "Head")
	})
}

func TestADeletedFieldIsAProblemAndKeepsItsValues(t *testing.T) {
	t.Parallel()
	w := newWorld(t, testkit.SQLite(t))
	w.addField("Lead", textField("Tier__c", "Tier"))
	lead := w.leadOf("jo@acme.example", map[string]any{"Tier__c": "Gold"})
	w.sync()
	w.removeField("Lead", "Tier__c")
	w.update(lead, map[string]any{"Title": "Head"})
	w.longAfter()
	if p := w.tells("Tier__c", conversion.FieldGone); p.RenamedTo != "" {
		t.Errorf("an admin is told %+v", p)
	}
	w.holds("Tier__c", "Gold")
	w.holds("job_title", "Head")
}

func TestARenamedFieldNamesItsSuccessorWhichIsAVariableOfItsOwn(t *testing.T) {
	t.Parallel()
	w := newWorld(t, testkit.SQLite(t))
	w.addField("Lead", textField("Tier__c", "Tier"))
	lead := w.leadOf("jo@acme.example", map[string]any{"Tier__c": "Gold"})
	w.sync()
	w.longAfter()
	w.removeField("Lead", "Tier__c")
	w.addField("Lead", textField("Level__c", "Tier"))
	w.addField("Lead", textField("Other__c", "Other"))
	w.update(lead, map[string]any{"Level__c": "Platinum"})
	w.longAfter()
	if p := w.tells("Tier__c", conversion.FieldGone); p.RenamedTo != "Level__c" || !strings.Contains(p.Message, "renamed to Lead.Level__c?") {
		t.Errorf("an admin is told %+v", p)
	}
	w.tells("Level__c", "")
	w.holds("Tier__c", "Gold")
	w.holds("Level__c", "Platinum")
}

func TestARetypedFieldGoesOnAsAnotherVariableAndIsFilled(t *testing.T) {
	t.Parallel()
	w := newWorld(t, testkit.SQLite(t))
	w.addField("Lead", textField("Tier__c", "Tier"))
	lead := w.leadOf("jo@acme.example", map[string]any{"Tier__c": "Gold"})
	w.sync()
	w.removeField("Lead", "Tier__c")
	number := textField("Tier__c", "Tier")
	number.Type, number.Length, number.Precision = schema.Double, 0, 5
	w.addField("Lead", number)
	w.update(lead, map[string]any{"Tier__c": 3})
	w.longAfter()
	if p := w.tells("Tier__c", conversion.FieldRetyped); !strings.Contains(p.Message, "from string to double") || !strings.Contains(p.Message, "Tier__c_lead") {
		t.Errorf("an admin is told %+v", p)
	}
	w.holds("Tier__c", "Gold")
	w.holds("Tier__c_lead", "3")
	w.removeField("Lead", "Tier__c")
	w.addField("Lead", textField("Tier__c", "Tier"))
	w.update(lead, map[string]any{"Tier__c": "Silver"})
	w.longAfter()
	w.tells("Tier__c", "")
	w.tells("Tier__c_lead", conversion.FieldRetyped)
	w.holds("Tier__c", "Silver")
	w.holds("Tier__c_lead", "3")
}

func TestAPermissionThatIsLostIsAProblemAndTheFieldIsStillRead(t *testing.T) {
	t.Parallel()
	w := newWorld(t, testkit.SQLite(t))
	permit := func(title string) {
		if err := w.org.Permit("System Administrator", sandbox.Permissions{Fields: map[string]string{"Lead.Title": title}}); err != nil {
			t.Fatal(err)
		}
	}
	lead := w.leadOf("jo@acme.example", map[string]any{"Title": "Clerk"})
	w.sync()
	permit("read")
	w.update(lead, map[string]any{"Title": "Head"})
	w.longAfter()
	w.tells("job_title", conversion.FieldNotEditable)
	w.holds("job_title", "Head")
	permit("edit")
	w.longAfter()
	w.tells("job_title", "")
}

func TestWhatIsWrongWithAFieldIsLoggedOnceWithoutValues(t *testing.T) {
	t.Parallel()
	w := newWorld(t, testkit.SQLite(t))
	var log bytes.Buffer
	w.config.Logger = slog.New(slog.NewTextHandler(&log, nil))
	w.engine = engine.New(w.config)
	w.leadOf("jo@acme.example", map[string]any{"Title": "Clerk"})
	w.sync()
	w.hide("Lead", "Title", true)
	w.longAfter()
	w.hide("Lead", "Title", false)
	w.longAfter()
	for _, line := range []string{"a field changed in Salesforce", "a field's problem is over"} {
		if n := strings.Count(log.String(), line); n != 1 {
			t.Errorf("%q is logged %d times", line, n)
		}
	}
	if strings.Contains(log.String(), "Clerk") || strings.Contains(log.String(), "@acme.example") {
		t.Errorf("the log has values:\n%s", log.String())
	}
}
