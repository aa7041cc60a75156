package sandbox

import (
	"strings"

	"conversion/internal/sandbox/table"
)

// addressKeys are the members of an address, in the order they are answered.
var addressKeys = []struct{ suffix, key string }{
	{"City", "city"}, {"Country", "country"}, {"CountryCode", "countryCode"},
	{"GeocodeAccuracy", "geocodeAccuracy"}, {"Latitude", "latitude"}, {"Longitude", "longitude"},
	{"PostalCode", "postalCode"}, {"State", "state"}, {"StateCode", "stateCode"}, {"Street", "street"},
}

// part finds the component of a compound address by what its name ends with.
func (f *field) part(suffix string) (*field, bool) {
	prefix := strings.TrimSuffix(f.Name, "Address")
	for _, p := range f.parts {
		if p.Name == prefix+suffix {
			return p, true
		}
	}
	return nil, false
}

// compound puts an address together when it is read: nil when it is empty.
func (f *field) compound(r *table.Row) any {
	address, empty := map[string]any{}, true
	for _, k := range addressKeys {
		if p, ok := f.part(k.suffix); ok {
			v := p.shown(p.value(r))
			address[k.key] = v
			empty = empty && v == nil
		}
	}
	if empty {
		return nil
	}
	return address
}

// appendCompound writes an address as JSON.
func (f *field) appendCompound(b []byte, r *table.Row) []byte {
	if f.compound(r) == nil {
		return append(b, "null"...)
	}
	b = append(b, '{')
	for _, k := range addressKeys {
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
