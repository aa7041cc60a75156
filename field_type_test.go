package conversion

import "testing"

func TestValueTypesOfFields(t *testing.T) {
	t.Parallel()
	for describe, want := range map[string]Type{
		"string": TypeText, "textarea": TypeText, "picklist": TypeText, "reference": TypeText, "email": TypeText, "anytype": TypeText,
		"int": TypeNumber, "double": TypeNumber, "currency": TypeNumber, "percent": TypeNumber, "long": TypeNumber,
		"boolean": TypeBool, "date": TypeDate, "datetime": TypeDateTime, "time": TypeTime, "multipicklist": TypeMultiSelect,
	} {
		f := Field{Type: describe}
		if got := f.ValueType(); got != want || !f.Scalar() {
			t.Errorf("%s is %s, scalar %v", describe, got, f.Scalar())
		}
	}
	for _, describe := range []string{"address", "location", "base64", "complexvalue", "junctionidlist"} {
		if (Field{Type: describe}).Scalar() {
			t.Errorf("%s counts as a value", describe)
		}
	}
}
