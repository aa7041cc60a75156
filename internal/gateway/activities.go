package gateway

import (
	"context"
	"maps"
	"slices"

	"conversion"
	"conversion/internal/salesforce"
	"conversion/internal/salesforce/soql"
)

// Activities reads a page of Tasks or Events as Changes does, archived ones included.
// Rows that stand for others (an invitee's copy, a series' pattern) are passed over.
func (o *Org) Activities(ctx context.Context, object conversion.Object, cursor conversion.Cursor, limit int) (conversion.ActivityPage, error) {
	def, err := o.readable(ctx, object)
	if err != nil {
		return conversion.ActivityPage{}, err
	}
	l := newActivityLayout(def)
	limit = pageSize(limit)
	q := inOrder(after(soql.Select(l.names...).From(string(object)), cursor)).Limit(limit)
	read, err := o.first(ctx, o.client.QueryAll, q, limit)
	if err != nil {
		return conversion.ActivityPage{}, err
	}
	found, err := o.withPeople(ctx, l, read)
	return conversion.ActivityPage{Activities: found, Next: read.next(cursor), More: read.full || read.moved}, err
}

// ActivitiesOf reads all activities of the object that are about one of the people, those
// in the recycle bin excepted.
func (o *Org) ActivitiesOf(ctx context.Context, object conversion.Object, people []conversion.Ref) ([]conversion.Activity, error) {
	def, err := o.def(ctx, object)
	if err != nil || !def.Readable {
		return nil, err
	}
	l := newActivityLayout(def)
	ids := append(idsOf(people, conversion.Lead), idsOf(people, conversion.Contact)...)
	there := soql.Equal("IsDeleted", soql.Bool(false))
	found, err := o.activitiesWhere(ctx, l, "WhoId", ids, there)
	if err != nil || !l.shared() {
		return found, err
	}
	related, err := o.relatedTo(ctx, object, ids)
	if err != nil {
		return nil, err
	}
	for _, a := range found {
		delete(related, a.Ref.ID)
	}
	more, err := o.activitiesWhere(ctx, l, "Id", slices.Sorted(maps.Keys(related)), there)
	return append(found, more...), err
}

// activitiesWhere reads the activities whose field is one of the ids, of those that fulfil the
// conditions.
func (o *Org) activitiesWhere(ctx context.Context, l *activityLayout, field string, ids []string, only ...soql.Condition) ([]conversion.Activity, error) {
	var found []conversion.Activity
	for _, list := range lists(ids, listExtra) {
		q := soql.Select(l.names...).From(string(l.object)).Where(soql.In(field, soql.Texts(list...)...)).Where(only...)
		read, err := o.all(ctx, o.client.QueryAll, q)
		if err != nil {
			return nil, err
		}
		some, err := o.withPeople(ctx, l, read)
		if err != nil {
			return nil, err
		}
		found = append(found, some...)
	}
	return found, nil
}

// activityLayout says where in a row what makes up an activity is.
type activityLayout struct {
	object conversion.Object
	columns
	modified, deleted, who, subject int
	whoCount                        int   // how many people it is about; -1 in an org without shared activities
	copies                          []int // boxes that are ticked on rows that stand for others
	group                           int   // kind of group event
	times                           []int // datetimes that say when it happened, the best first
	days                            []int // dates, when no time says it
	fields                          []fieldColumn
}

func newActivityLayout(def conversion.ObjectDef) *activityLayout {
	has := make(map[string]bool, len(def.Fields))
	for _, f := range def.Fields {
		has[f.Name] = true
	}
	l := &activityLayout{object: def.Object}
	for _, name := range keyColumns {
		l.index(name)
	}
	l.modified, l.deleted = l.index("LastModifiedDate"), l.index("IsDeleted")
	l.who, l.subject = l.optional(has, "WhoId"), l.optional(has, "Subject")
	l.whoCount = l.optional(has, "WhoCount")
	l.group = l.optional(has, "GroupEventType")
	for _, name := range []string{"IsChild", "IsRecurrence"} {
		l.copies = append(l.copies, l.optional(has, name))
	}
	for _, name := range []string{"CompletedDateTime", "StartDateTime", "ActivityDateTime"} {
		l.times = append(l.times, l.optional(has, name))
	}
	l.days = append(l.days, l.optional(has, "ActivityDate"))
	l.times = append(l.times, l.index("CreatedDate"))
	for _, f := range def.Fields {
		if f.Scalar() {
			l.fields = append(l.fields, fieldColumn{field: f, column: l.index(f.Name)})
		}
	}
	return l
}

func (l *activityLayout) activities(s slice) []conversion.Activity {
	found := make([]conversion.Activity, 0, len(s.rows))
	for _, row := range s.rows {
		if !standsForOthers(row, l.copies, l.group) {
			found = append(found, l.activity(row, s.asked))
		}
	}
	return found
}

// seriesPattern is the GroupEventType of the row that says how a series repeats.
const seriesPattern = "3"

func standsForOthers(row salesforce.Row, copies []int, group int) bool {
	for _, column := range copies {
		if yes(at(row, column)) {
			return true
		}
	}
	return at(row, group).Text == seriesPattern
}

func (l *activityLayout) activity(row salesforce.Row, asked asking) conversion.Activity {
	a := conversion.Activity{
		Ref:      conversion.Ref{Object: l.object, ID: recordID(row[0].Text)},
		Reading:  asked.reading(moment(row[1]), moment(row[l.modified])),
		People:   peopleOf(refOf(at(row, l.who).Text)),
		Subject:  at(row, l.subject).Text,
		Occurred: l.occurred(row),
		Deleted:  yes(row[l.deleted]),
	}
	a.Fields = make([]conversion.NamedValue, len(l.fields))
	for i, f := range l.fields {
		a.Fields[i] = conversion.NamedValue{Name: f.field.Name, Value: f.value(row)}
	}
	return a
}

func peopleOf(who conversion.Ref) []conversion.Ref {
	if who.Zero() {
		return []conversion.Ref{}
	}
	return []conversion.Ref{who}
}

// occurred returns when a Task was completed, else due, or when an Event began; else when
// it was made. The day of an Event is used when it has no time.
func (l *activityLayout) occurred(row salesforce.Row) conversion.Moment {
	last := len(l.times) - 1
	for _, column := range l.times[:last] {
		if m := moment(at(row, column)); m != 0 {
			return m
		}
	}
	for _, column := range l.days {
		if m := day(at(row, column)); m != 0 {
			return m
		}
	}
	return moment(row[l.times[last]])
}
