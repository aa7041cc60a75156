package prove_test

import "testing"

// Histories that once broke something stay, with the name of what they broke.
func TestHistoriesThatOnceFailedHold(t *testing.T) {
	t.Parallel()
	for name, h := range map[string]history{
		"a push before the org was ever described waits for that": {{createContact, 0, 0, 0}, {push, 0, 0, 0}},
		"an edit after one whose answer was lost is not taken for what was there before": {
			{loseAnswer, 1, 0, 0}, {newContact, 0, 0, 0}, {cycle, 0, 0, 0}, {edit, 0, 25, 1}, {push, 0, 0, 0}, {edit, 0, 0, 0},
		},
		"a value that another mode no longer shows is in the timeline": {{newLead, 0, 0, 0}, {cycle, 0, 0, 0}, {setMode, 33, 4, 0}, {edit, 0, 0, 0}},
		"a create that lands late does not undo what was edited since": {
			{loseAnswer, 3, 0, 0}, {createContact, 0, 0, 1}, {push, 0, 0, 0}, {wait, 3, 0, 0}, {edit, 0, 0, 2},
		},
		"what a killed process created is an echo: an edit of it reaches a record that came meanwhile": {
			{cycle, 0, 0, 0}, {createContact, 0, 0, 1}, {crashPush, 4, 0, 0}, {newContact, 0, 1, 2}, {wait, 4, 0, 0}, {push, 0, 0, 0},
		},
		"a record whose e-mail became that of somebody born here is not created a second time": {
			{newLead, 0, 0, 1}, {cycle, 0, 0, 0}, {createContact, 1, 0, 0}, {editEmail, 0, 1, 0},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if said := newPlace().try(append(rulesOn[:len(rulesOn):len(rulesOn)], h...), always); said != "" {
				t.Error(said)
			}
		})
	}
}

// always judges what holds in any history.
var always = []judge{
	(*model).honest, (*model).agreement, (*model).losses, (*model).oneContactAnEmail, (*model).everybodyIsLinked, (*model).nothingAtRest,
}
