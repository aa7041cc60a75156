package mapping

import (
	"slices"

	"conversion"
)

// findSuccessors names, for each field that disappeared with this describe, the field that
// appeared with it and is most likely the same under another name. Salesforce does not say;
// an admin decides.
func (m *mapper) findSuccessors() {
	for _, alike := range []func(gone, come conversion.Field) bool{sameLabel, sameShape} {
		for _, object := range m.kind.Objects() {
			m.pair(object, alike)
		}
	}
}

// pair names successors where there is no choice: a field that went and one that came are
// alike, and neither is like another.
func (m *mapper) pair(object conversion.Object, alike func(gone, come conversion.Field) bool) {
	var gone, come []conversion.Field
	for _, f := range m.vanished {
		if f.Object == object && m.successor(f) == "" {
			gone = append(gone, f)
		}
	}
	for _, f := range m.appeared {
		if f.Object == object && !m.succeeds(f) {
			come = append(come, f)
		}
	}
	for _, f := range gone {
		next, ok := only(come, func(c conversion.Field) bool { return alike(f, c) })
		if !ok {
			continue
		}
		if _, ok := only(gone, func(g conversion.Field) bool { return alike(g, next) }); ok {
			m.renamed[id(f)] = next.Name
		}
	}
}

func (m *mapper) successor(f conversion.Field) string { return m.renamed[id(f)] }

func (m *mapper) succeeds(f conversion.Field) bool {
	for gone, name := range m.renamed {
		if gone.object == f.Object && name == f.Name {
			return true
		}
	}
	return false
}

// only returns the one field that is wanted; ok false when none is, or several are.
func only(fields []conversion.Field, wanted func(conversion.Field) bool) (field conversion.Field, ok bool) {
	for _, f := range fields {
		if !wanted(f) {
			continue
		}
		if ok {
			return conversion.Field{}, false
		}
		field, ok = f, true
	}
	return field, ok
}

// sameLabel: whoever renames a field mostly keeps what people know it by.
func sameLabel(gone, come conversion.Field) bool {
	return gone.Label == come.Label && gone.ValueType() == come.ValueType()
}

// sameShape: the one field that went and the one that came are defined alike.
func sameShape(gone, come conversion.Field) bool {
	return gone.Type == come.Type && gone.Length == come.Length && gone.Precision == come.Precision && gone.Scale == come.Scale &&
		gone.Calculated == come.Calculated && slices.Equal(gone.References, come.References) && slices.Equal(gone.Picklist, come.Picklist)
}
