package sandbox

import (
	"encoding/base64"
	"slices"
	"strconv"
	"strings"

	"conversion/internal/sandbox/schema"
)

// byController finds the field that controls a dependent picklist.
func (o *object) byController(f *field) *field {
	if f.Controller == "" {
		return nil
	}
	c, _ := o.field(f.Controller)
	return c
}

// checkDependent refuses a value of a restricted dependent picklist that its
// controlling value does not allow. Unrestricted ones take any value, as they do
// in Salesforce: there the dependency binds the screens only.
func (t *tx) checkDependent(d *draft) *Error {
	var all problems
	for _, f := range d.object.fields {
		controller := d.object.byController(f)
		if controller == nil || !f.RestrictedPicklist || controller.column < 0 {
			continue
		}
		if !d.changed(f.Name) && !d.changed(controller.Name) {
			continue
		}
		chosen, _ := d.values[f.column].(string)
		controlling := controllingText(d.values[controller.column], controller)
		for value := range strings.SplitSeq(chosen, ";") {
			if value != "" && !f.allows(value, controlling) {
				all.add(f.notOffered(value))
			}
		}
	}
	return all.err()
}

// controllingText is a controlling value as ValidFor lists it.
func controllingText(v any, controller *field) string {
	if controller.Type == schema.Boolean {
		return strconv.FormatBool(v == true)
	}
	s, _ := v.(string)
	return s
}

// allows says whether a dependent picklist offers a value for a controlling one.
func (f *field) allows(value, controlling string) bool {
	for _, p := range f.Picklist {
		if strings.EqualFold(p.Value, value) {
			return slices.ContainsFunc(p.ValidFor, func(c string) bool { return strings.EqualFold(c, controlling) })
		}
	}
	return false
}

// validFor is the bits by which a describe says for which controlling values a
// dependent picklist offers one: bit i, from the left, for the i-th value of the
// controller; of a checkbox, false comes first.
func validFor(p schema.PicklistValue, controller *field) any {
	if controller == nil {
		return nil
	}
	names := []string{"false", "true"}
	if controller.Type != schema.Boolean {
		names = names[:0]
		for _, c := range controller.Picklist {
			names = append(names, c.Value)
		}
	}
	bits := make([]byte, max(1, (len(names)+23)/24)*3) // base64 without padding
	for i, name := range names {
		if slices.ContainsFunc(p.ValidFor, func(c string) bool { return strings.EqualFold(c, name) }) {
			bits[i>>3] |= 0x80 >> (i & 7)
		}
	}
	return base64.StdEncoding.EncodeToString(bits)
}
