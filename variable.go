package conversion

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

// Mode is the direction of a mapped field and who wins (spec 6).
type Mode string

// The modes.
const (
	ModeTwoWay           Mode = "two_way"
	ModePreferSalesforce Mode = "prefer_salesforce_unless_empty"
	ModeAlwaysSalesforce Mode = "always_salesforce"
	ModeAlwaysConversion Mode = "always_conversion"
	ModeNone             Mode = "none"
)

// Valid reports whether the mode is one of the five.
func (m Mode) Valid() bool {
	switch m {
	case ModeTwoWay, ModePreferSalesforce, ModeAlwaysSalesforce, ModeAlwaysConversion, ModeNone:
		return true
	}
	return false
}

// VarID numbers a variable within its workspace and kind. It is small, stable for ever
// and never reused: stored values are keyed by it, so they survive changes of describe.
type VarID int32

// The variables every workspace has whether or not Salesforce is connected. EmailVar and
// WebsiteVar carry an entity's key to and from records; AccountVar is the company of a
// contact as its Salesforce Contacts name it (an Account id).
const (
	EmailVar   VarID = 1 // contact: e-mail address, canonical (see Email)
	AccountVar VarID = 2 // contact: Contact.AccountId; its own claims are ids of companies (spec 3.15)
	WebsiteVar VarID = 1 // company: Account.Website
	NameVar    VarID = 2 // company: Account.Name
	FirstVarID VarID = 10
)

// Variable is a typed, named value that contacts or companies have.
type Variable struct {
	ID       VarID
	Kind     Kind
	Key      string // unique within workspace and kind
	Label    string
	Type     Type
	Fields   []Field // the Salesforce fields it is the same as: at most one an object
	Mode     Mode
	ReadOnly bool // no mapped field can be written
	LeftOut  bool // the admin keeps it out of the sync
	OptOut   bool // a true sticks (spec 3.7)
	// Problems are all there are with its fields, by object and field; Standing says which
	// of them an admin is told.
	Problems []FieldProblem
}

// Field is a Salesforce field as describe gives it, cut to what deciding and writing
// need.
type Field struct {
	Object      Object
	Name        string // API name
	Label       string
	Type        string // describe's type, in lower case
	Length      int    // characters; 0: no limit
	Precision   int    // numbers: digits in all
	Scale       int    // numbers: digits after the point
	Digits      int    // int: digits
	Required    bool   // not nillable, no default, createable
	Nillable    bool
	Createable  bool
	Updateable  bool
	Calculated  bool
	Restricted  bool     // restricted picklist
	Picklist    []string // active values
	Default     Value    // describe's default; absent when there is none
	References  []string // lookup targets
	Compound    string   // the compound field it is part of
	Controllers []string // fields of the object that decide what it may hold: of a dependent picklist, of a lookup's filter
	Custom      bool
	Gone        Moment // when it disappeared from describe; 0 while it is there
	Fill        bool   // it appeared after the first load: its values are still to be read
}

// Live reports whether the field can be read now.
func (f Field) Live() bool { return f.Gone == 0 }

// On returns the variable's field on the object.
func (v *Variable) On(o Object) (Field, bool) {
	for _, f := range v.Fields {
		if f.Object == o {
			return f, true
		}
	}
	return Field{}, false
}

// CheckMode reports why the variable cannot have the mode; nil when it can (spec 6).
func (v *Variable) CheckMode(m Mode) error {
	switch {
	case !m.Valid():
		return fmt.Errorf("%q is not a mode", m)
	case v.ReadOnly && m != ModeAlwaysSalesforce && m != ModeNone:
		return errors.New("only always_salesforce and none are possible, for Salesforce lets nobody write it")
	}
	return nil
}

// Takes reports whether inbound claims are made of the variable at all.
func (v *Variable) Takes() bool { return !v.LeftOut }

// Decides returns what of the variable decides whose claim counts and what may go out. A
// change of it applies to what is stored (spec 6).
func (v *Variable) Decides() (d struct {
	Mode            Mode
	LeftOut, OptOut bool
}) {
	d.Mode, d.LeftOut, d.OptOut = v.Mode, v.LeftOut, v.OptOut
	return d
}

// Check reports why the variable's type forbids the value, as describe gives it: length,
// restricted picklist, number. nil when it may be held.
func (v *Variable) Check(value Value) error {
	if value.Blank() {
		return nil
	}
	for _, f := range v.Fields {
		if !f.Live() {
			continue
		}
		if err := f.Check(value); err != nil {
			return err
		}
	}
	return nil
}

// Check reports why the field's definition forbids the value; nil when Salesforce may take
// it.
func (f Field) Check(value Value) error {
	text := value.String()
	if f.Length > 0 && (value.form == formText || value.form == formMultiSelect) && utf8.RuneCountInString(text) > f.Length {
		return fmt.Errorf("is longer than %d characters", f.Length)
	}
	if f.Restricted && len(f.Picklist) > 0 {
		for chosen := range strings.SplitSeq(text, ";") {
			if !slices.Contains(f.Picklist, chosen) {
				return fmt.Errorf("%q is not one of the allowed values", chosen)
			}
		}
	}
	if value.form == formNumber {
		return f.checkNumber(text)
	}
	return nil
}

func (f Field) checkNumber(text string) error {
	whole, fraction, _ := strings.Cut(strings.TrimPrefix(text, "-"), ".")
	limit := f.Precision - f.Scale
	if f.Digits > 0 {
		limit = f.Digits
	}
	limited := f.Precision > 0 || f.Digits > 0
	if limited && len(strings.TrimPrefix(whole, "0")) > limit {
		return fmt.Errorf("has more than %d digits before the point", limit)
	}
	if f.Type == "int" && fraction != "" {
		return fmt.Errorf("is not a whole number")
	}
	if n, err := strconv.ParseFloat(text, 64); f.Type == "int" && (err != nil || n > 1<<31-1 || n < -1<<31) {
		return fmt.Errorf("is out of range")
	}
	return nil
}

// Schema is a workspace's variables of one kind, ready for look-up. It is immutable.
type Schema struct {
	Kind      Kind
	Variables []Variable // by ID, ascending
	// Revision counts what makes stored values be recomputed: changes of variables that were
	// there already (see Variable.Decides), and that Salesforce's clock became known (spec 3.7).
	Revision int64
	byKey    map[string]int
	byField  map[Object]map[string]int
}

// NewSchema builds the look-ups; it takes ownership of variables.
func NewSchema(kind Kind, variables []Variable) *Schema {
	slices.SortFunc(variables, func(a, b Variable) int { return int(a.ID - b.ID) })
	s := &Schema{Kind: kind, Variables: variables, byKey: make(map[string]int, len(variables)), byField: make(map[Object]map[string]int)}
	for i := range variables {
		s.byKey[variables[i].Key] = i
		for _, f := range variables[i].Fields {
			if s.byField[f.Object] == nil {
				s.byField[f.Object] = make(map[string]int)
			}
			s.byField[f.Object][f.Name] = i
		}
	}
	return s
}

// ByID finds a variable by its number; nil when there is none.
func (s *Schema) ByID(id VarID) *Variable {
	i, ok := slices.BinarySearchFunc(s.Variables, id, func(v Variable, id VarID) int { return int(v.ID - id) })
	if !ok {
		return nil
	}
	return &s.Variables[i]
}

// ByKey finds a variable by its key; nil when there is none.
func (s *Schema) ByKey(key string) *Variable {
	if i, ok := s.byKey[key]; ok {
		return &s.Variables[i]
	}
	return nil
}

// ByField finds the variable a Salesforce field is mapped to; nil when there is none.
func (s *Schema) ByField(o Object, name string) *Variable {
	if i, ok := s.byField[o][name]; ok {
		return &s.Variables[i]
	}
	return nil
}

// ObjectDef is what describe says of an object, cut to what the product needs.
type ObjectDef struct {
	Object     Object
	Label      string
	Readable   bool
	Createable bool
	Updateable bool
	Deletable  bool
	ExternalID bool    // it has ExternalIDField, unique, for the connected user to fill
	Fields     []Field // the system fields too
	At         time.Time
}
