package reconcile

import (
	"cmp"
	"slices"
	"strings"

	"conversion"
)

// CreateAs returns the object that the entity still has to be created as in Salesforce, ""
// when it has not: it must have been born in Conversion under a rule that allowed it, the
// rule must allow it now, and no record may have been linked in its life (spec 4.2, 5.2).
// parked reports that only the rule of now stands in the way.
func CreateAs(g conversion.Group, rules conversion.Rules) (o conversion.Object, parked bool) {
	e := g.Entity
	if !e.Live() || hadRecord(g) || e.Origin == conversion.OriginSalesforce {
		return "", false
	}
	for _, o := range e.Kind.Objects() {
		if !e.Birth.Has(conversion.Creating(o)) {
			continue
		}
		if rules.Reach().Has(conversion.Creating(o)) {
			return o, false
		}
		parked = true
	}
	return "", parked
}

// hadRecord reports whether a record was ever linked to the entity in this life: one that
// was deleted here and created again begins a new one, and what was deleted in Salesforce
// too before that is nothing to it. Whatever else is gone is never resurrected.
func hadRecord(g conversion.Group) bool {
	return slices.ContainsFunc(g.Links, func(l *conversion.Link) bool {
		return l.State != conversion.LinkDeleted || l.Linked >= g.Entity.Created
	})
}

// Create plans the record for an entity that has none, and stores the intent in the group:
// every variable as a field, then what the company gives, then the admin's defaults (spec
// 4.4, 4.5). A required field that stays without a value holds the entity: the plan then
// has a problem and no write.
func Create(g conversion.Group, s *conversion.Schema, o conversion.Object, t Terms) conversion.Plan {
	plan := conversion.Plan{Group: g, Expect: g.Entity.Version}
	write := conversion.Write{Action: conversion.ActionCreate, Ref: conversion.Ref{Object: o}, EntityID: g.Entity.ID}
	write.Fields = withoutHeld(g.Entity, createFields(g.Entity, s, o, t), s, o)
	if missing := missingRequired(s, o, write.Fields); len(missing) > 0 {
		plan.Problems = append(plan.Problems, conversion.Problem{
			EntityID: g.Entity.ID, Ref: write.Ref, Held: true, Code: "REQUIRED_FIELD_MISSING",
			Message: "Salesforce requires " + strings.Join(missing, " and ") + ": there is no value for it here.",
			Hint:    "Fill it in, or set a default for it in the rules.",
		})
		return plan
	}
	g.Entity.Creating = &conversion.Creation{
		Object: o, At: t.Now, Number: g.Entity.Numbers, Key: g.Entity.Key, Name: recordName(write.Fields),
		Sent: claimsIn(write.Fields),
	}
	if t.Keyed[o] {
		g.Entity.Creating.Keyed, write.ExternalID = true, g.Entity.ID
	}
	if o == conversion.Contact {
		write.Parent = t.AccountID
	}
	plan.Writes = []conversion.Write{write}
	return plan
}

// Repeats reports whether a create is the same request as an earlier one that got no answer:
// whichever of the two takes effect, and in whatever order, the record is one.
func Repeats(earlier, c *conversion.Creation) bool {
	return c != nil && c.Keyed && earlier.Keyed && c.Object == earlier.Object && c.Key == earlier.Key && slices.Equal(c.Sent, earlier.Sent)
}

// claimsIn returns the own claims among the fields; the others are defaults of the admin's.
func claimsIn(fields []conversion.FieldWrite) []conversion.Sent {
	var sent []conversion.Sent
	for _, f := range fields {
		if f.Number > 0 {
			sent = append(sent, conversion.Sent{Var: f.Var, Value: f.Value, Number: f.Number})
		}
	}
	slices.SortFunc(sent, func(a, b conversion.Sent) int { return cmp.Compare(a.Var, b.Var) })
	return sent
}

// recordName returns the name that Salesforce gives a record with the fields: an Account's
// is a field, a person's is put together.
func recordName(fields []conversion.FieldWrite) string {
	parts := make(map[string]string, 3)
	for _, f := range fields {
		parts[f.Field] = f.Value.String()
	}
	if name := parts["Name"]; name != "" {
		return name
	}
	return strings.TrimSpace(parts["FirstName"] + " " + parts["LastName"])
}

func createFields(e *conversion.Entity, s *conversion.Schema, o conversion.Object, t Terms) []conversion.FieldWrite {
	fields := make(map[string]conversion.FieldWrite)
	for i := range s.Variables {
		v := &s.Variables[i]
		field, ok := v.On(o)
		if !ok || !field.Live() || !field.Createable || v.LeftOut {
			continue
		}
		if w, ok := createField(e, v, field, o, t); ok {
			fields[field.Name] = w
		}
	}
	addDefaults(fields, s, o, t.Rules.Defaults)
	list := make([]conversion.FieldWrite, 0, len(fields))
	for _, w := range fields {
		list = append(list, w)
	}
	sortFields(list)
	return list
}

// createField returns what a variable gives the new record. An own claim goes only to the
// kinds of record that the rules of its time allowed (spec 5.2), the key always: the record
// is made for it.
func createField(e *conversion.Entity, v *conversion.Variable, f conversion.Field, o conversion.Object, t Terms) (conversion.FieldWrite, bool) {
	w := conversion.FieldWrite{Field: f.Name, Var: v.ID}
	c := e.OwnClaim(v.ID)
	switch {
	case isKey(v):
		w.Value = conversion.Text(e.Key)
	case isCompany(v):
		w.Value = conversion.Text(t.AccountID)
	case o == conversion.Lead && f.Name == "Company" && t.CompanyName != "":
		w.Value = conversion.Text(t.CompanyName)
	case c != nil && c.Reach&(conversion.Creating(o)|conversion.Updating(o)) != 0 && sends(v.Mode):
		w.Value = c.Value
	}
	if isWebsite(v) && w.Value.Blank() {
		w.Value = websiteOf(e)
	}
	if c != nil && (c.Value == w.Value || isCompany(v)) {
		w.Number = c.Number
	}
	return w, !w.Value.Blank()
}

func isWebsite(v *conversion.Variable) bool {
	return v.Kind == conversion.KindCompany && v.ID == conversion.WebsiteVar
}

// websiteOf is the website of a company that has a domain and says nothing of it itself: an
// Account had it that is gone.
func websiteOf(e *conversion.Entity) conversion.Value {
	if shown := e.Value(conversion.WebsiteVar); e.Key != "" && conversion.Domain(shown.String()) == e.Key {
		return shown
	}
	return conversion.Text(e.Key)
}

// sends reports whether a mode lets anything out.
func sends(m conversion.Mode) bool {
	return m != conversion.ModeAlwaysSalesforce && m != conversion.ModeNone
}

// addDefaults sets the admin's default of every field of the object that has no value yet
// (spec 4.4). Fields that are no variables may have one too.
func addDefaults(fields map[string]conversion.FieldWrite, s *conversion.Schema, o conversion.Object, defaults map[string]string) {
	for key, text := range defaults {
		object, name, _ := strings.Cut(key, ".")
		if conversion.Object(object) != o || text == "" {
			continue
		}
		if _, ok := fields[name]; ok {
			continue
		}
		w := conversion.FieldWrite{Field: name, Value: conversion.Text(text)}
		if v := s.ByField(o, name); v != nil {
			w.Var = v.ID
			if typed, err := conversion.Parse(v.Type, text); err == nil {
				w.Value = typed
			}
		}
		fields[name] = w
	}
}

func missingRequired(s *conversion.Schema, o conversion.Object, fields []conversion.FieldWrite) []string {
	var missing []string
	for i := range s.Variables {
		f, ok := s.Variables[i].On(o)
		if !ok || !f.Required || !f.Live() {
			continue
		}
		_, has := slices.BinarySearchFunc(fields, f.Name, func(w conversion.FieldWrite, name string) int {
			return cmp.Compare(w.Field, name)
		})
		if !has {
			missing = append(missing, string(o)+"."+f.Name)
		}
	}
	slices.Sort(missing)
	return missing
}
