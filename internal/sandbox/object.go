package sandbox

import (
	"strings"

	"conversion/internal/sandbox/formula"
	"conversion/internal/sandbox/schema"
	"conversion/internal/sandbox/table"
)

// Column numbers of values that a row does not pack.
const (
	columnID = -1 - iota
	columnStamp
	columnDeleted
	columnCompound // put together from other fields when read
	columnOfName   // of the pseudo-object Name: found in the record it stands for
	columnFormula  // computed when read
	columnMade     // by a function of a query
)

// object is one kind of record: its description, its fields by column, its rows.
type object struct {
	schema.Object
	fields  []*field          // in describe order
	byName  map[string]*field // by lower-case name, and by the name itself
	columns int               // how many column numbers were ever given out
	// rows is the latest state, which writers work on; seen is what readers see
	// of it: queries, gets, anything that answers a client. Whoever reads takes
	// seen, or a change shows that is not committed or not visible yet.
	rows     *table.Table
	sharing  Sharing // "" is ReadWrite
	seen     *table.View
	purged   []purged
	pending  map[string]bool // records that a transaction holds which is not committed yet
	issued   uint64          // sequence number of the last record id
	changed  int64           // when the description last changed, Unix seconds
	triggers []*trigger
	onSave   []func(before, after map[string]any)
	id       string    // of the definition of a custom object, 01I…
	views    []*object // that show a part of the rows
}

// field is a described field and where its values are kept. A column number is
// never reused, so rows outlive changes of the schema.
type field struct {
	schema.Field
	column int
	hidden bool // by field-level security, from every user
	parts  []*field

	id       string           // of the definition of a custom field, 00N…
	formula  *formula.Formula // of a calculated field
	standard *formula.Formula // computes the default value
	counted  int              // of an auto-number field: the last number given out
	// derive computes what is shown where a row does not hold it as it is.
	derive func(o *Org, obj *object, r *table.Row) any
}

func newObject(described *schema.Object, now int64) *object {
	rows := table.New()
	o := &object{Object: *described, byName: map[string]*field{}, rows: rows, seen: table.NewView(rows), pending: map[string]bool{}, changed: now}
	o.Fields = nil
	for _, f := range described.Fields {
		o.addField(f)
	}
	return o
}

func (o *object) addField(described schema.Field) *field {
	f := &field{Field: described}
	switch {
	case f.Name == "Id":
		f.column = columnID
	case f.Name == "SystemModstamp":
		f.column = columnStamp
	case f.Name == "IsDeleted":
		f.column = columnDeleted
	case f.Formula != "":
		f.column = columnFormula
	case f.Type == schema.Address, f.Type == schema.Location:
		f.column = columnCompound
	default:
		f.column = o.columns
		o.columns++
	}
	o.fields = append(o.fields, f)
	o.byName[strings.ToLower(f.Name)] = f
	o.byName[f.Name] = f
	o.bindParts()
	if f.column >= 0 && f.wantsIndex() {
		o.rows.IndexColumn(f.column, f.foldsCase())
	}
	return f
}

// bindParts ties each compound field to its components.
func (o *object) bindParts() {
	for _, compound := range o.fields {
		if compound.column != columnCompound {
			continue
		}
		compound.parts = compound.parts[:0]
		for _, f := range o.fields {
			if f.CompoundFieldName == compound.Name {
				compound.parts = append(compound.parts, f)
			}
		}
	}
}

func (o *object) removeField(f *field) {
	for i := range o.fields {
		if o.fields[i] == f {
			o.fields = append(o.fields[:i:i], o.fields[i+1:]...)
			break
		}
	}
	delete(o.byName, strings.ToLower(f.Name))
	delete(o.byName, f.Name)
	o.bindParts()
}

// field finds a field by name in any case, hidden ones included.
func (o *object) field(name string) (*field, bool) {
	f, ok := o.byName[name]
	if !ok {
		f, ok = o.byName[strings.ToLower(name)]
	}
	return f, ok
}

// has says whether the object has a field of exactly this name.
func (o *object) has(name string) bool {
	_, ok := o.field(name)
	return ok
}

// column returns the column of a field that the org's own rules work with, and
// false on objects without it.
func (o *object) column(name string) (int, bool) {
	f, ok := o.field(name)
	if !ok || f.column < 0 {
		return 0, false
	}
	return f.column, true
}

// must returns a field that the standard schema has.
func (o *object) must(name string) *field {
	f, ok := o.field(name)
	if !ok {
		panic("sandbox: " + o.Name + " has no field " + name)
	}
	return f
}

// wantsIndex follows what Salesforce indexes: lookups, e-mail, unique and
// external-id fields. References to users are left out: nothing looks records up
// by them, and they would index every row.
func (f *field) wantsIndex() bool {
	if f.Type == schema.Reference {
		return len(f.ReferenceTo) != 0 && !f.refersTo("User")
	}
	return f.isText() && (f.Type == schema.Email || f.ExternalID || f.Unique || f.IDLookup) || f.isNumber() && (f.ExternalID || f.Unique)
}

// foldsCase says whether values that differ in case only are equal.
func (f *field) foldsCase() bool {
	return f.Type != schema.Reference && f.Type != schema.ID && !f.CaseSensitive
}

func (f *field) refersTo(object string) bool {
	for _, name := range f.ReferenceTo {
		if name == object {
			return true
		}
	}
	return false
}

// required says whether a new record cannot do without a value.
func (f *field) required() bool {
	return !f.Nillable && f.Createable && !f.DefaultedOnCreate && f.Type != schema.Boolean
}

// read gets the value of a row's field in its stored form, nil for a compound.
// It is the one way by which anything that shows, compares or sorts records gets
// at a value: a row holds only what was stored in it. The caller holds the lock.
func (o *Org) read(obj *object, f *field, r *table.Row) any {
	if f.derive != nil {
		return f.derive(o, obj, r)
	}
	return f.value(r)
}

// value is what a row itself holds of a field.
func (f *field) value(r *table.Row) any {
	switch f.column {
	case columnID:
		return r.ID
	case columnStamp:
		return r.Stamp
	case columnDeleted:
		return r.Deleted
	case columnCompound:
		return nil
	}
	v := r.Get(f.column)
	if v == nil && f.Type == schema.Boolean {
		return false
	}
	return v
}

// mustColumn returns the column of a field that the standard schema has.
func mustColumn(obj *object, name string) int {
	column, ok := obj.column(name)
	if !ok {
		panic("sandbox: " + obj.Name + " has no field " + name)
	}
	return column
}
