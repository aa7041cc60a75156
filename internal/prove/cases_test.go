package prove_test

import "testing"

// Histories that once broke something stay, with the name of what they broke.
func TestHistoriesThatOnceFailedHold(t *testing.T) {
	t.Parallel()
	for name, h := range map[string]history{
		"an opt-out that was written to a record stands as Salesforce's when another mode prefers it": {
			{stubborn, 0, 0, 0}, {createContact, 251, 0, 0}, {edit, 0, 254, 0}, {cycle, 0, 0, 0}, {newContact, 163, 0, 0}, {setMode, 44, 122, 0},
		},
		"a record that opted out elsewhere is nothing to the contact it has left": {
			{stubborn, 0, 0, 0}, {newContact, 107, 0, 0}, {newLead, 11, 0, 0}, {cycle, 0, 0, 0}, {editEmail, 2, 106, 0}, {cycle, 0, 0, 0}, {editRecord, 26, 99, 0},
		},
		"what a Contact was given within the second of its conversion is nobody's copy": {
			{newLead, 0, 89, 28}, {crashCycle, 54, 0, 0}, {editRecord, 0, 173, 0}, {convert, 0, 0, 0}, {editRecord, 0, 245, 148},
		},
		"whoever is created again leaves a record whose e-mail is another's by now": {
			{newLead, 25, 0, 0}, {createCompany, 0, 0, 0}, {cycle, 0, 0, 0}, {newContact, 0, 0, 0}, {editKey, 0, 163, 0}, {drop, 0, 0, 0},
			{createContact, 49, 0, 0}, {newLead, 41, 0, 0}, {newAccount, 0, 0, 0}, {wait, 1, 0, 0}, {editRecord, 31, 0, 0}, {createContact, 131, 0, 0},
		},
		"what was seen before an edit is no reason not to send it": {
			{createCompany, 0, 37, 0}, {crashCycle, 176, 0, 0}, {editRecord, 0, 129, 1}, {wait, 135, 0, 0}, {edit, 34, 58, 5},
		},
		"what a lead was given within the second of its conversion is its own claim": {
			{newLead, 0, 25, 21}, {cycle, 0, 0, 0}, {editKey, 0, 1, 0}, {editRecord, 0, 223, 62}, {meanwhile, 245, 66, 0}, {convert, 0, 0, 0},
			{drop, 0, 0, 0}, {crashCycle, 5, 0, 0},
		},
		"whoever has the address that a record is about to lose is created once it has lost it": {
			{loseAnswer, 48, 0, 0}, {createContact, 123, 0, 0}, {push, 0, 0, 0}, {editKey, 0, 193, 0}, {createContact, 35, 0, 0},
		},
		"nobody is created with the address of a record that an edit here overruled": {
			{newContact, 0, 0, 0}, {cycle, 0, 0, 0}, {editKey, 0, 26, 0}, {cycle, 0, 0, 0}, {editEmail, 0, 201, 0}, {createContact, 85, 0, 0},
		},
		"whoever changes both name and address of what we made without learning so hides it": {
			{loseAnswer, 246, 0, 0}, {createContact, 0, 0, 0}, {push, 0, 0, 0}, {editRecord, 0, 20, 1}, {editEmail, 0, 1, 0},
		},
		"an edit made while a record was merged away reaches it when it comes back": {
			{createContact, 59, 0, 0}, {createContact, 33, 0, 0}, {edit, 58, 132, 1}, {cycle, 0, 0, 0}, {merge, 1, 0, 63}, {createContact, 3, 2, 12},
			{cycle, 0, 0, 0}, {undelete, 0, 0, 0},
		},
		"what was written to a lead for somebody who was deleted is its Contact's own claim": {
			{createContact, 0, 0, 0}, {push, 0, 0, 0}, {drop, 0, 0, 0}, {editEmail, 0, 26, 0}, {convert, 0, 0, 0},
		},
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
		"of two creates of one name the record without a website is the one's that has none": {
			{createCompany, 0, 0, 0}, {crashPush, 5, 0, 0}, {createCompany, 2, 0, 0}, {loseAnswer, 1, 0, 0}, {cycle, 0, 0, 0},
		},
		"an opt-out that was written to a record goes along with it": {
			{newLead, 3, 0, 0}, {crashCycle, 6, 0, 0}, {newContact, 0, 0, 0}, {editEmail, 0, 1, 0}, {edit, 0, 3, 0},
		},
		"what was answered otherwise is not stored again and again": {
			{lossyTrigger, 0, 0, 0}, {cycle, 0, 0, 0}, {createContact, 0, 0, 0}, {edit, 0, 1, 3}, {crashPush, 4, 0, 0}, {cycle, 0, 0, 0},
		},
		"a create's answer that was lost is forgotten in its time though its e-mail was changed": {
			{push, 0, 0, 0}, {createContact, 0, 0, 0}, {crashCycle, 4, 0, 0}, {editEmail, 0, 1, 0}, {cycle, 0, 0, 0},
		},
		"an intent on a record that was deleted is not stored again and again": {
			{newAccount, 0, 1, 0}, {cycle, 0, 0, 0}, {edit, 134, 1, 0}, {crashPush, 3, 0, 0}, {remove, 0, 0, 0},
		},
		"a request that was sent twice and lands late does not undo what was edited since": {
			{createCompany, 0, 0, 0}, {crashCycle, 6, 0, 0}, {createCompany, 3, 0, 1}, {loseAnswer, 3, 0, 0}, {cycle, 0, 0, 0},
			{crashPush, 4, 0, 0}, {push, 0, 0, 0}, {edit, 4, 0, 0}, {push, 0, 0, 0},
		},
		"a blank that lands late is known for ours": {
			{loseAnswer, 3, 0, 0}, {newContact, 0, 2, 1}, {cycle, 0, 0, 0}, {edit, 0, 2, 0}, {push, 0, 0, 0}, {edit, 0, 2, 1},
		},
		"no conversion unsets an opt-out": {
			{newLead, 0, 4, 0}, {newLead, 0, 0, 0}, {cycle, 0, 0, 0}, {newContact, 0, 0, 0}, {convert, 0, 0, 0}, {newLead, 0, 0, 0},
			{crashCycle, 4, 0, 0}, {remove, 3, 0, 0}, {editRecord, 2, 4, 1}, {convert, 0, 51, 0},
		},
		"a record that got a known contact's e-mail before its create was answered is not created a second time": {
			{push, 0, 0, 0}, {createContact, 178, 0, 1}, {crashPush, 148, 0, 0}, {editEmail, 0, 236, 0}, {newContact, 193, 0, 0}, {cycle, 0, 0, 0},
		},
		"of two creates of one name the record is that of the one whose values it holds": {
			{loseAnswer, 37, 0, 0}, {createCompany, 238, 0, 0}, {cycle, 0, 0, 0}, {loseAnswer, 248, 0, 0}, {createCompany, 78, 0, 1}, {push, 0, 0, 0},
		},
		"the same where the process was killed over the second": {
			{createCompany, 42, 0, 0}, {loseAnswer, 82, 0, 0}, {push, 0, 0, 0}, {createCompany, 2, 0, 61}, {crashPush, 51, 0, 0},
		},
		"a lead that was converted before its create was answered goes on as its Contact": {
			{cycle, 0, 0, 0}, {createContact, 0, 99, 101}, {crashPush, 208, 0, 0}, {convert, 0, 0, 0}, {edit, 0, 25, 102}, {cycle, 0, 0, 0},
		},
		"the same where it was edited while the next request was lost": {
			{createContact, 0, 0, 0}, {crashPush, 26, 0, 0}, {edit, 0, 236, 1}, {crashPush, 196, 0, 0}, {convert, 0, 0, 0}, {edit, 0, 141, 2}, {crashCycle, 7, 0, 0},
		},
		"an upsert that is sent twice makes one record": {
			{loseAnswer, 98, 0, 0}, {deployField, 0, 0, 0}, {meanwhile, 72, 0, 0}, {cycle, 0, 0, 0}, {setMode, 0, 1, 0}, {cycle, 0, 0, 0},
		},
		"of two edits of an opt-out in one second the later stands where contacts are combined": {
			{meanwhile, 14, 0, 0}, {cycle, 0, 0, 0}, {edit, 0, 24, 10}, {newLead, 90, 0, 0}, {edit, 0, 24, 41}, {cycle, 0, 0, 0}, {editEmail, 153, 77, 0},
		},
		"whoever has the e-mail that a record is about to lose gets a record of its own": {
			{cycle, 0, 0, 0}, {meanwhile, 171, 115, 0}, {createContact, 11, 0, 0}, {crashCycle, 148, 0, 0}, {createContact, 43, 0, 0},
		},
		"an edit made while a record was deleted reaches it when it comes back": {
			{newContact, 0, 0, 0}, {crashCycle, 53, 0, 0}, {edit, 0, 0, 1}, {remove, 0, 0, 0}, {push, 0, 0, 0}, {undelete, 0, 0, 0},
		},
		"an edit reaches whom the look-up found, though what it was copied to says the same second": {
			{loseAnswer, 1, 0, 0}, {createContact, 27, 1, 11}, {push, 0, 0, 0}, {newContact, 35, 0, 0}, {wait, 51, 0, 0}, {convert, 0, 0, 0},
			{edit, 0, 51, 2},
		},
		"what a look-up finds for one and is another's gets what that one says": {
			{commitLate, 122, 117, 0}, {loseAnswer, 58, 0, 0}, {createContact, 125, 0, 0}, {meanwhile, 96, 82, 0}, {cycle, 0, 0, 0}, {editKey, 0, 58, 0},
			{createContact, 209, 0, 0},
		},
		"an edit does not yield to what a conversion copied, whoever the look-up found first": {
			{createContact, 97, 250, 1}, {crashCycle, 30, 0, 0}, {createContact, 19, 175, 22}, {convert, 0, 0, 0}, {editEmail, 0, 45, 0},
		},
		"records of one e-mail are on one contact, though one of them came by a create with that e-mail before it was edited": {
			{createContact, 27, 0, 0}, {answerLate, 0, 0, 0}, {cycle, 0, 0, 0}, {editKey, 0, 1, 0}, {crashCycle, 0, 0, 0}, {newLead, 0, 0, 0}, {newContact, 107, 0, 0}, {cycle, 0, 0, 0},
		},
		"what somebody enters that is like a write of ours which never left is its echo": {
			{newLead, 219, 0, 0}, {newAccount, 0, 0, 0}, {cycle, 0, 0, 0}, {createContact, 27, 9, 213}, {editRecord, 150, 255, 150}, {newContact, 0, 0, 0},
			{crashPush, 16, 0, 0}, {createContact, 43, 69, 0}, {editRecord, 93, 150, 98},
		},
		"a contact whose company's Account went meanwhile is created without it": {
			{createCompany, 3, 0, 0}, {push, 0, 0, 0}, {setRule, 0, 38, 0}, {remove, 0, 0, 0}, {createContact, 0, 0, 0},
		},
		"what was written for a contact that was deleted here is claimed by the Contact it was copied to": {
			{newContact, 241, 0, 0}, {createContact, 114, 0, 31}, {cycle, 0, 0, 0}, {drop, 26, 0, 0}, {convert, 0, 0, 0}, {editEmail, 233, 106, 0},
		},
		"what was edited while a deleted record was back for a moment counts": {
			{newAccount, 0, 0, 0}, {cycle, 0, 0, 0}, {remove, 0, 0, 0}, {cycle, 0, 0, 0}, {commitLate, 228, 0, 0}, {wait, 243, 0, 0}, {editRecord, 0, 0, 1}, {remove, 0, 0, 0},
		},
		"a company that is made again gets an Account with its domain": {
			{newAccount, 3, 0, 0}, {cycle, 0, 0, 0}, {drop, 4, 49, 0}, {crashCycle, 151, 0, 0}, {createCompany, 187, 0, 0},
		},
		"a record whose e-mail was changed while it was ignored goes where that is": {
			{newLead, 211, 0, 0}, {cycle, 0, 0, 0}, {drop, 0, 164, 0}, {editEmail, 0, 181, 0}, {cycle, 0, 0, 0}, {newLead, 21, 0, 0}, {createContact, 27, 0, 0},
		},
		"a record that moves to somebody born here keeps its values, though it was looked up first": {
			{newLead, 59, 0, 0}, {newLead, 203, 0, 0}, {crashCycle, 246, 0, 0}, {createContact, 162, 0, 1}, {editEmail, 0, 237, 0},
		},
		"of two creates without an answer each gets a record of its own though people exchanged their e-mails": {
			{createContact, 246, 0, 0}, {createContact, 165, 0, 0}, {newLead, 115, 0, 0}, {edit, 0, 182, 1}, {crashCycle, 90, 0, 0},
			{editEmail, 152, 37, 0}, {editEmail, 235, 3, 0},
		},
		"a website that is given while its company is being created goes there afterwards": {
			{createCompany, 42, 0, 0}, {meanwhile, 52, 184, 0}, {crashCycle, 5, 0, 0},
		},
		"what was made without learning so is found by the e-mail that it had then": {
			{loseAnswer, 156, 0, 0}, {createContact, 0, 0, 0}, {cycle, 0, 0, 0}, {editRecord, 0, 254, 1}, {editKey, 0, 9, 0},
		},
		"an upsert that lands late does not undo what was edited before it was sent again": {
			{deployField, 0, 0, 0}, {answerLate, 0, 0, 0}, {createContact, 19, 134, 1}, {push, 0, 0, 0}, {createContact, 123, 242, 0}, {crashPush, 244, 0, 0},
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

func TestWhoeverIsLeftByTheRecordThatWasFoundForHimGetsOneOfHisOwn(t *testing.T) {
	t.Parallel()
	h := history{
		{cycle, 0, 0, 0}, {createContact, 107, 0, 0}, {crashPush, 171, 0, 0}, {newContact, 43, 0, 0}, {crashCycle, 30, 0, 0}, {editEmail, 0, 66, 0},
	}
	if said := newPlace().try(append(rulesOn[:len(rulesOn):len(rulesOn)], h...), append(always, (*model).bornIsThere)); said != "" {
		t.Error(said)
	}
}

// always judges what holds in any history.
var always = []judge{
	(*model).honest, (*model).agreement, (*model).losses, (*model).oneContactAnEmail, (*model).everybodyIsLinked, (*model).nothingAtRest,
	(*model).createdOnce, (*model).optOutsNeverLost,
}

// optOutsNeverLost is optOutsStay where nobody in the history takes one back.
func (m *model) optOutsNeverLost(t testing.TB) {
	for _, e := range m.w.truth.events {
		if e.after == false && e.before == true {
			return
		}
	}
	m.optOutsStay(t)
}
