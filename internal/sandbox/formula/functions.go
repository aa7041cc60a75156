package formula

import "maps"

// functions are the operations with arguments of fixed types, by name.
var functions = func() map[string]function {
	all := map[string]function{}
	for _, group := range []map[string]function{logicFunctions, mathFunctions, textFunctions, dateFunctions} {
		maps.Copy(all, group)
	}
	return all
}()

var logicFunctions = map[string]function{
	"NOT": {params: []Type{Boolean}, result: Boolean, compute: func(_ *frame, a []any) any {
		if a[0] == nil {
			return nil
		}
		return a[0] != true
	}},
	"ISNUMBER": {params: []Type{Text}, result: Boolean, compute: func(_ *frame, a []any) any {
		_, ok := parseNumber(textOf(a[0]))
		return ok
	}},
	"ISNEW":      {result: Boolean, compute: func(f *frame, _ []any) any { return f.IsNew() }},
	"CASESAFEID": {params: []Type{Text}, result: Text, compute: func(f *frame, a []any) any { return f.CaseSafeID(textOf(a[0])) }},
}
