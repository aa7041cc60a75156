package gateway

import (
	"cmp"
	"slices"

	"conversion"
	"conversion/internal/salesforce"
)

// columns are what is selected of an object, each once.
type columns struct {
	names []string
	at    map[string]int
}

// index returns the column's place, and selects it if it is not yet.
func (c *columns) index(name string) int {
	if i, ok := c.at[name]; ok {
		return i
	}
	if c.at == nil {
		c.at = make(map[string]int)
	}
	c.at[name] = len(c.names)
	c.names = append(c.names, name)
	return len(c.names) - 1
}

// optional selects the column if the object has it; -1 if not.
func (c *columns) optional(has map[string]bool, name string) int {
	if !has[name] {
		return -1
	}
	return c.index(name)
}

// at returns the cell of a column, absent for one that was not selected.
func at(row salesforce.Row, column int) salesforce.Cell {
	if column < 0 {
		return salesforce.Cell{}
	}
	return row[column]
}

// keyColumns are in every query: they join its parts and are its order.
var keyColumns = []string{"Id", "SystemModstamp"}

// layout says where in a row what makes up a record is. It is worked out once a page.
type layout struct {
	object conversion.Object
	columns
	modified, modifiedBy, created, deleted, master, name int
	createdBy, externalID                                int
	converted, convertedContact, convertedAccount        int
	person                                               int
	key                                                  int
	fields                                               []fieldColumn // by variable
}

// fieldColumn is a mapped field's place in a row.
type fieldColumn struct {
	variable conversion.VarID
	field    conversion.Field
	column   int
	email    bool // the e-mail that is compared with others
}

// newLayout selects the schema's fields on the object, and what tells a record's state.
// Id is column 0 and SystemModstamp column 1.
func newLayout(s *conversion.Schema, def conversion.ObjectDef) *layout {
	has := make(map[string]bool, len(def.Fields))
	for _, f := range def.Fields {
		has[f.Name] = true
	}
	l := &layout{object: def.Object}
	for _, name := range keyColumns {
		l.index(name)
	}
	l.modified, l.modifiedBy = l.index("LastModifiedDate"), l.index("LastModifiedById")
	l.created, l.deleted = l.index("CreatedDate"), l.index("IsDeleted")
	l.createdBy, l.externalID = l.index("CreatedById"), l.optional(has, conversion.ExternalIDField)
	l.master, l.name = l.optional(has, "MasterRecordId"), l.optional(has, "Name")
	l.converted = l.optional(has, "IsConverted")
	l.convertedContact = l.optional(has, "ConvertedContactId")
	l.convertedAccount = l.optional(has, "ConvertedAccountId")
	l.person = l.optional(has, "IsPersonAccount")
	l.key = l.optional(has, keyField(def.Object))
	l.addFields(s)
	return l
}

func (l *layout) addFields(s *conversion.Schema) {
	for i := range s.Variables {
		v := &s.Variables[i]
		if f, ok := v.On(l.object); ok && f.Live() && v.Takes() {
			isEmail := v.ID == conversion.EmailVar && s.Kind == conversion.KindContact
			l.fields = append(l.fields, fieldColumn{v.ID, f, l.index(f.Name), isEmail})
		}
	}
	slices.SortFunc(l.fields, func(a, b fieldColumn) int { return cmp.Compare(a.variable, b.variable) })
}

// keyField names the field that says who a record is.
func keyField(object conversion.Object) string {
	if object.Kind() == conversion.KindCompany {
		return "Website"
	}
	return "Email"
}

// record reads a row of the layout.
func (l *layout) record(row salesforce.Row, asked asking) conversion.Record {
	r := conversion.Record{
		Ref:        conversion.Ref{Object: l.object, ID: recordID(row[0].Text)},
		Reading:    asked.reading(moment(row[1]), moment(row[l.modified])),
		Read:       asked.theirs,
		Created:    moment(row[l.created]),
		CreatedBy:  recordID(row[l.createdBy].Text),
		ExternalID: at(row, l.externalID).Text,
		ModifiedBy: recordID(row[l.modifiedBy].Text),
		Deleted:    yes(row[l.deleted]),
		MasterID:   recordID(at(row, l.master).Text),
		Converted:  yes(at(row, l.converted)),
		Person:     yes(at(row, l.person)),
		Key:        l.keyOf(row),
		KeyRead:    l.key >= 0,
		Name:       at(row, l.name).Text,

		ConvertedContactID: recordID(at(row, l.convertedContact).Text),
		ConvertedAccountID: recordID(at(row, l.convertedAccount).Text),
	}
	r.Fields = make([]conversion.FieldValue, len(l.fields))
	for i, f := range l.fields {
		r.Fields[i] = conversion.FieldValue{Var: f.variable, Value: f.value(row)}
	}
	return r
}

func (l *layout) keyOf(row salesforce.Row) string {
	raw := at(row, l.key).Text
	if l.object.Kind() == conversion.KindCompany {
		return conversion.Domain(raw)
	}
	return conversion.Email(raw)
}

func (f fieldColumn) value(row salesforce.Row) conversion.Value {
	if f.email {
		return email(row[f.column])
	}
	return value(f.field, row[f.column])
}
