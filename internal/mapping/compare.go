package mapping

import (
	"cmp"
	"reflect"
	"slices"

	"conversion"
)

func byID(a, b conversion.Variable) int { return cmp.Compare(a.ID, b.ID) }

// sorted returns a copy by id that shares nothing that is written.
func sorted(variables []conversion.Variable) []conversion.Variable {
	variables = slices.Clone(variables)
	for i := range variables {
		variables[i].Fields = slices.Clone(variables[i].Fields)
		variables[i].Problems = slices.Clone(variables[i].Problems)
	}
	slices.SortFunc(variables, byID)
	return variables
}

func equal(a, b []conversion.Variable) bool {
	return slices.EqualFunc(a, b, func(a, b conversion.Variable) bool {
		if !slices.EqualFunc(a.Fields, b.Fields, equalField) || !slices.Equal(a.Problems, b.Problems) {
			return false
		}
		a.Fields, b.Fields, a.Problems, b.Problems = nil, nil, nil, nil
		return reflect.DeepEqual(a, b)
	})
}

// equalField does not tell an empty list from none: a store may not either.
func equalField(a, b conversion.Field) bool {
	if !slices.Equal(a.Picklist, b.Picklist) || !slices.Equal(a.References, b.References) {
		return false
	}
	a.Picklist, a.References, b.Picklist, b.References = nil, nil, nil, nil
	return reflect.DeepEqual(a, b)
}
