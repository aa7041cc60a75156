package sandbox

import (
	"strings"

	"conversion/internal/sandbox/schema"
	"conversion/internal/sandbox/table"
)

// compoundKey is a member of a compound value and what its component's name ends
// with.
type compoundKey struct{ suffix, key string }

// The members of compound values, in the order they are answered.
var (
	addressKeys = []compoundKey{
		{"City", "city"}, {"Country", "country"}, {"CountryCode", "countryCode"},
		{"GeocodeAccuracy", "geocodeAccuracy"}, {"Latitude", "latitude"}, {"Longitude", "longitude"},
		{"PostalCode", "postalCode"}, {"State", "state"}, {"StateCode", "stateCode"}, {"Street", "street"},
	}
	locationKeys = []compoundKey{{"Latitude__s", "latitude"}, {"Longitude__s", "longitude"}}
)

func (f *field) compoundKeys() []compoundKey {
	if f.Type == schema.Location {
		return locationKeys
	}
	return addressKeys
}

// part finds the component of a compound by what its name ends with.
func (f *field) part(suffix string) (*field, bool) {
	prefix := strings.TrimSuffix(f.Name, "Address")
	if f.Type == schema.Location {
		prefix = strings.TrimSuffix(f.Name, "c") // Place__c has Place__Latitude__s
	}
	for _, p := range f.parts {
		if p.Name == prefix+suffix {
			return p, true
		}
	}
	return nil, false
}

// compound puts a compound together when it is read: nil when it is empty.
func (f *field) compound(r *table.Row) any {
	whole, empty := map[string]any{}, true
	for _, k := range f.compoundKeys() {
		if p, ok := f.part(k.suffix); ok {
			v := p.shown(p.value(r))
			whole[k.key] = v
			empty = empty && v == nil
		}
	}
	if empty {
		return nil
	}
	return whole
}

// appendCompound writes a compound as JSON.
func (f *field) appendCompound(b []byte, r *table.Row) []byte {
	if f.compound(r) == nil {
		return append(b, "null"...)
	}
	b = append(b, '{')
	for _, k := range f.compoundKeys() {
		p, ok := f.part(k.suffix)
		if !ok {
			continue
		}
		if b[len(b)-1] != '{' {
			b = append(b, ',')
		}
		b = append(appendString(b, k.key), ':')
		b = p.appendJSON(b, p.value(r))
	}
	return append(b, '}')
}

// appendField writes one field of a row as JSON.
func (o *Org) appendField(b []byte, obj *object, f *field, r *table.Row) []byte {
	if f.column == columnCompound {
		return f.appendCompound(b, r)
	}
	return f.appendJSON(b, o.read(obj, f, r))
}

// isPart says that a stored field is a component of a custom location.
func (f *field) isPart() bool { return strings.HasSuffix(f.Name, "__s") }
