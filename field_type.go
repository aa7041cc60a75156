package conversion

// ValueType is the type of the values a field of describe's type holds. Types without one
// of their own (a reference, a phone, one that is new to us) are text.
func (f Field) ValueType() Type {
	switch f.Type {
	case "int", "long", "double", "currency", "percent":
		return TypeNumber
	case "boolean":
		return TypeBool
	case "date":
		return TypeDate
	case "datetime":
		return TypeDateTime
	case "time":
		return TypeTime
	case "multipicklist":
		return TypeMultiSelect
	}
	return TypeText
}

// Scalar reports whether the field holds a value at all: compound fields only group
// others, and files are not values.
func (f Field) Scalar() bool {
	switch f.Type {
	case "address", "location", "base64", "complexvalue", "junctionidlist":
		return false
	}
	return true
}

// Derived reports whether the field's value is worked out from others: it changes without
// moving the record's SystemModstamp (spec 6).
func (f Field) Derived() bool { return f.Calculated }

// Writable reports whether the field can be set by the connected user in some way.
func (f Field) Writable() bool { return f.Createable || f.Updateable }
