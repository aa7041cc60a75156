package reconcile_test

import (
	_ "embed"
	"fmt"
	"slices"
	"strings"
	"testing"

	"conversion"
	"conversion/internal/reconcile"
)

//go:embed testdata/modes.txt
var modesTable string

// modesRow is a line of the table: a mode, what happened, and what comes of it.
type modesRow struct {
	line                        int
	mode, changed, theirs, ours string
	shown, sent                 string // what comes of it
}

func (r modesRow) situation() string {
	return strings.Join([]string{r.mode, r.changed, r.theirs, r.ours}, " | ")
}

func parseModes(t *testing.T) []modesRow {
	t.Helper()
	var rows []modesRow
	for i, line := range strings.Split(modesTable, "\n") {
		if line = strings.TrimSpace(line); line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		cells := strings.Split(line, "|")
		if len(cells) != 6 {
			t.Fatalf("line %d of testdata/modes.txt has %d columns, not 6: %s", i+1, len(cells), line)
		}
		for j := range cells {
			cells[j] = strings.TrimSpace(cells[j])
		}
		rows = append(rows, modesRow{line: i + 1, mode: cells[0], changed: cells[1], theirs: cells[2], ours: cells[3], shown: cells[4], sent: cells[5]})
	}
	return rows
}

// situations are all that the table has to say something of: a side that changed nothing in
// Conversion says nothing there.
func situations() []string {
	var all []string
	for _, mode := range []conversion.Mode{conversion.ModeTwoWay, conversion.ModePreferSalesforce, conversion.ModeAlwaysSalesforce, conversion.ModeAlwaysConversion, conversion.ModeNone} {
		for _, changed := range []string{"nobody", "there", "here", "here, then there", "there, then here", "both in one second"} {
			for _, theirs := range []string{"a value", "blank"} {
				for _, ours := range []string{"a value", "blank", "-"} {
					if silent := changed == "nobody" || changed == "there"; silent == (ours == "-") {
						all = append(all, modesRow{mode: string(mode), changed: changed, theirs: theirs, ours: ours}.situation())
					}
				}
			}
		}
	}
	return all
}

// TestTheModesAreWhatTheTableSays carries every line of testdata/modes.txt out: a lead was
// linked and read, both sides changed it or did not, and the rules let everything through.
func TestTheModesAreWhatTheTableSays(t *testing.T) {
	t.Parallel()
	left := situations()
	for _, row := range parseModes(t) {
		i := slices.Index(left, row.situation())
		if i < 0 {
			t.Errorf("line %d of testdata/modes.txt is of no situation, or of one that was told before: %s", row.line, row.situation())
			continue
		}
		left = slices.Delete(left, i, i+1)
		if shown, sent := row.carryOut(); shown != row.shown || sent != row.sent {
			t.Errorf("line %d, %s: shown is %s, sent %s; the table says %s and %s", row.line, row.situation(), shown, sent, row.shown, row.sent)
		}
	}
	if len(left) > 0 {
		t.Errorf("testdata/modes.txt does not say what comes of:\n%s", strings.Join(left, "\n"))
	}
}

// carryOut lets happen what the row tells, and says what is shown and sent, in its words.
func (r modesRow) carryOut() (shown, sent string) {
	g, s := tied("L1"), withMode(title, conversion.Mode(r.mode))
	theirs, ours := map[string]conversion.Value{"a value": conversion.Text("theirs"), "blank": conversion.Null}[r.theirs], conversion.Text("ours")
	if r.ours == "blank" {
		ours = conversion.Null
	}
	read := func(value conversion.Value, modified, asked int) {
		rec := conversion.Record{Ref: refOf("L1"), ModifiedBy: "005other", Fields: []conversion.FieldValue{{Var: title, Value: value}}}
		rec.Reading = conversion.Reading{Modstamp: second(modified), Modified: second(modified), Asked: second(asked)}
		reconcile.Observe(g.Links[0], &rec, s)
	}
	edit := func() { owns(g, title, ours, 5) }
	first := theirs
	if r.changed != "nobody" && r.changed != "here" {
		first = conversion.Text("before")
	}
	read(first, 1, 2)
	switch r.changed {
	case "there":
		read(theirs, 4, 6)
	case "here":
		edit()
	case "here, then there":
		edit()
		read(theirs, 6, 7)
	case "there, then here":
		read(theirs, 4, 4)
		edit()
	case "both in one second":
		edit()
		read(theirs, 5, 6)
	}
	reconcile.Resolve(g, s)
	plan := reconcile.Send(g, s, terms(sendAll, 9))
	sent = "-"
	if len(plan.Writes) > 0 {
		sent = inWords(plan.Writes[0].Fields[0].Value)
	}
	return inWords(g.Entity.Value(title)), sent
}

func inWords(v conversion.Value) string {
	switch v {
	case conversion.Text("theirs"), conversion.Text("ours"):
		return v.String()
	case conversion.Null:
		return "blank"
	case conversion.Value{}:
		return "nothing"
	}
	return fmt.Sprintf("%#v", v)
}
