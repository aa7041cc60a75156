package sandbox

func (g *generator) makeActivities() *Error {
	for range g.n {
		next := g.makeEvent
		if g.chance(65) {
			next = g.makeTask
		}
		if err := next(); err != nil {
			return err
		}
	}
	return nil
}

// about says whom an activity is about: a person, sometimes with the company,
// and sometimes the company alone.
func (g *generator) about(values map[string]any) {
	person := pick(g, g.people)
	switch {
	case g.chance(5):
		values["WhatId"] = pick(g, g.companies).id
		return
	case person.company >= 0 && g.chance(30):
		values["WhatId"] = g.companies[person.company].id
	}
	values["WhoId"] = person.id
}

func (g *generator) makeTask() *Error {
	subtype := pick(g, []string{"Task", "Task", "Email", "Call"})
	values := g.blank()
	values["Subject"] = pick(g, taskSubjects[subtype])
	values["TaskSubtype"] = subtype
	values["Priority"] = pick(g, []string{"Normal", "Normal", "Normal", "High", "Low"})
	values["Description"] = g.often(20, func() string { return pick(g, remarks) })
	g.about(values)
	g.stampHistory(values)
	created, modified := values["CreatedDate"].(int64), values["LastModifiedDate"].(int64)
	due := created + g.dice.Int64N(30*day)
	values["ActivityDate"] = dayOf(due)
	values["Status"] = pick(g, []string{"Completed", "Completed", "Completed", "Not Started", "In Progress", "Deferred"})
	if values["Status"] == "Completed" {
		values["CompletedDateTime"] = modified
		values["IsArchived"] = g.isOld(due)
	}
	if subtype == "Call" {
		values["CallType"] = pick(g, []string{"Inbound", "Outbound"})
		values["CallDurationInSeconds"] = float64(g.dice.IntN(1800))
	}
	_, err := g.place("task", values)
	return err
}

func (g *generator) makeEvent() *Error {
	values := g.blank()
	values["Subject"] = pick(g, eventSubjects)
	values["Location"] = g.often(50, func() string { return pick(g, places) })
	values["ShowAs"] = "Busy"
	values["Description"] = g.often(20, func() string { return pick(g, remarks) })
	g.about(values)
	start := g.stampHistory(values) + g.dice.Int64N(30*day)
	start -= start % 900 // on the quarter of an hour
	if g.chance(10) {
		values["IsAllDayEvent"], values["ActivityDate"] = true, dayOf(start)
	} else {
		values["StartDateTime"], values["DurationInMinutes"] = start, float64(15*(1+g.dice.IntN(8)))
	}
	values["IsArchived"] = g.isOld(start)
	_, err := g.place("event", values)
	return err
}

// isOld says that the nightly job has archived an activity of that time.
func (g *generator) isOld(at int64) bool { return g.tx.now-at >= oneYear }
