package prove_test

import "testing"

func TestWhatIsToBeSentGoesAlongWithTheContactThatItsRecordEmpties(t *testing.T) {
	t.Parallel()
	h := history{
		{commitLate, 40, 0, 0}, {createContact, 0, 0, 0}, {cycle, 0, 0, 0}, {commitLate, 94, 102, 0}, {crashCycle, 0, 0, 0},
		{editEmail, 114, 14, 0}, {edit, 0, 0, 1},
	}
	if said := newPlace().try(append(rulesOn[:len(rulesOn):len(rulesOn)], h...), always); said != "" {
		t.Error(said)
	}
}

func TestAnEditOfWhatWasReadLongAgoComesToRest(t *testing.T) {
	t.Parallel()
	h := history{{newContact, 1, 0, 0}, {cycle, 0, 0, 0}, {wait, 4, 0, 0}, {newContact, 0, 0, 0}, {cycle, 0, 0, 0}, {edit, 0, 0, 0}}
	if said := newPlace().try(append(rulesOn[:len(rulesOn):len(rulesOn)], h...), always); said != "" {
		t.Error(said)
	}
}
