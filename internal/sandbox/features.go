package sandbox

import (
	"maps"
	"slices"
	"strings"

	"conversion/internal/sandbox/schema"
	"conversion/internal/sandbox/table"
)

// Enable turns on a feature of the org: schema.SharedActivities or
// schema.PersonAccounts. As in Salesforce it cannot be turned off again.
func (o *Org) Enable(feature string) error {
	if feature != schema.SharedActivities && feature != schema.PersonAccounts {
		return refusal("INVALID_FIELD", "the org has no feature "+feature)
	}
	o.mu.Lock()
	enabled := o.enabled(feature)
	if !enabled {
		o.features = append(o.features, feature)
		o.grow()
	}
	o.mu.Unlock()
	if enabled {
		return nil
	}
	if feature == schema.PersonAccounts {
		return o.furnishPersons()
	}
	return o.relateActivities()
}

// enabled says whether the org has a feature. The caller holds the lock.
func (o *Org) enabled(feature string) bool { return slices.Contains(o.features, feature) }

// grow adds the standard objects, fields and relations that the org lacks and
// its features bring.
func (o *Org) grow() {
	standard := schema.Standard(o.features...)
	for _, name := range slices.Sorted(maps.Keys(standard)) {
		if obj, ok := o.object(name); ok {
			for _, f := range obj.grow(standard[name]) {
				o.openField(obj, f)
			}
			o.describeChanged(obj)
		} else if standard[name].View == "" {
			o.openObject(o.addObject(standard[name]))
		}
	}
	for _, name := range slices.Sorted(maps.Keys(standard)) {
		if _, ok := o.object(name); !ok {
			o.openObject(o.addView(standard[name]))
		}
	}
}

// grow adds the fields and relations that the object lacks, and returns the former.
func (o *object) grow(described *schema.Object) []*field {
	var added []*field
	for _, f := range described.Fields {
		if !o.has(f.Name) {
			added = append(added, o.addField(f))
		}
	}
	for _, child := range described.Children {
		known := func(c schema.Child) bool { return c.ChildSObject == child.ChildSObject && c.Field == child.Field }
		if !slices.ContainsFunc(o.Children, known) {
			o.Children = append(o.Children, child)
		}
	}
	return added
}

func (o *Org) addObject(described *schema.Object) *object {
	obj := newObject(described, o.clock.second())
	o.register(obj)
	return obj
}

func (o *Org) register(obj *object) {
	o.objects[strings.ToLower(obj.Name)] = obj
	if obj.KeyPrefix != "" {
		o.byPrefix[obj.KeyPrefix] = append(o.byPrefix[obj.KeyPrefix], obj)
	}
}

// addView adds an object that shows a part of another's records: its fields are
// kept where the other's are.
func (o *Org) addView(described *schema.Object) *object {
	base, ok := o.object(described.View)
	if !ok {
		panic("sandbox: " + described.Name + " is a view of an object that is not there")
	}
	view := newObject(described, o.clock.second())
	view.fields, view.byName, view.columns, view.rows = nil, map[string]*field{}, base.columns, table.New()
	view.seen = table.NewView(view.rows)
	for _, f := range described.Fields {
		of, ok := base.field(f.Name)
		if !ok {
			panic("sandbox: " + base.Name + " has no field " + f.Name)
		}
		view.bind(f, of.column)
	}
	o.register(view)
	base.views = append(base.views, view)
	return view
}

// bind adds a field whose values are kept in a column that is there already.
func (o *object) bind(described schema.Field, column int) {
	f := &field{Field: described, column: column}
	o.fields = append(o.fields, f)
	o.byName[strings.ToLower(f.Name)] = f
	if column >= 0 && f.wantsIndex() {
		o.rows.IndexColumn(column, f.foldsCase())
	}
}

// keep stores a state of a row, in the views that show it too, and returns the
// state before.
func (o *object) keep(row table.Row) (before table.Row) {
	for _, view := range o.views {
		if o.shownBy(view, &row) {
			view.rows.Put(row)
		} else {
			view.rows.Drop(row.ID)
		}
	}
	return o.rows.Put(row)
}

// forget removes a row for good.
func (o *object) forget(id string) {
	for _, view := range o.views {
		view.rows.Drop(id)
	}
	o.rows.Drop(id)
}

// shownBy says whether a view shows a row of the object.
func (o *object) shownBy(view *object, row *table.Row) bool {
	text := func(name string) string {
		column, _ := o.column(name)
		return row.Text(column)
	}
	switch view.Name {
	case "TaskWhoRelation", "EventWhoRelation":
		return isWho(text("RelationId")) && (view.View == "TaskRelation" || o.flagged(row, "IsParent"))
	case "AcceptedEventRelation":
		return text("Status") == "Accepted"
	case "DeclinedEventRelation":
		return text("Status") == "Declined"
	}
	return text("Status") == "New"
}

// flagged says whether a row has a flag; without the field it has not.
func (o *object) flagged(row *table.Row, name string) bool {
	column, ok := o.column(name)
	return ok && row.Get(column) == true
}

// isWho says whether an id is one of a contact or a lead.
func isWho(id string) bool { return strings.HasPrefix(id, "003") || strings.HasPrefix(id, "00Q") }
