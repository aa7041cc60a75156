package soql

import "strings"

// functions names the functions of the language and how many arguments each has.
var functions = map[string]int{
	"COUNT": 1, "COUNT_DISTINCT": 1, "SUM": 1, "AVG": 1, "MIN": 1, "MAX": 1, "GROUPING": 1,
	"CALENDAR_MONTH": 1, "CALENDAR_QUARTER": 1, "CALENDAR_YEAR": 1,
	"FISCAL_MONTH": 1, "FISCAL_QUARTER": 1, "FISCAL_YEAR": 1,
	"DAY_IN_MONTH": 1, "DAY_IN_WEEK": 1, "DAY_IN_YEAR": 1, "DAY_ONLY": 1,
	"HOUR_IN_DAY": 1, "WEEK_IN_MONTH": 1, "WEEK_IN_YEAR": 1, "CONVERTTIMEZONE": 1,
	"TOLABEL": 1, "FORMAT": 1, "CONVERTCURRENCY": 1,
	"DISTANCE": 3, "GEOLOCATION": 2,
}

// checkArguments refuses arguments that a function does not take.
func (p *parser) checkArguments(e Expr) *Error {
	several := e.Func == "COUNT" || e.Func == "GROUPING" // told apart when their fields are known
	if len(e.Args) != functions[e.Func] && !several {
		return syntaxError(p.query, e.Pos, "wrong number of arguments for function: %s", e.Func)
	}
	switch e.Func {
	case "DISTANCE":
		return p.checkDistance(e)
	case "GEOLOCATION":
		return p.checkNumbers(e.Args)
	}
	for _, a := range e.Args {
		if a.Value != nil || a.Func == "GEOLOCATION" || a.Func == "DISTANCE" && e.Func != "FORMAT" {
			return syntaxError(p.query, a.Pos, "unexpected argument of function: %s", e.Func)
		}
	}
	return nil
}

// checkDistance wants a field, a field or a GEOLOCATION, and a unit.
func (p *parser) checkDistance(e Expr) *Error {
	from, to, unit := e.Args[0], e.Args[1], e.Args[2]
	switch {
	case len(from.Path) == 0:
		return syntaxError(p.query, from.Pos, "DISTANCE function must have a location field as its first argument")
	case len(to.Path) == 0 && to.Func != "GEOLOCATION":
		return syntaxError(p.query, to.Pos, "DISTANCE function must have a location as its second argument")
	case unit.Value == nil || unit.Value.Kind != Text || !isUnit(unit.Value.Text):
		return syntaxError(p.query, unit.Pos, "DISTANCE function must have 'mi' or 'km' as its unit")
	}
	return nil
}

func isUnit(s string) bool { return strings.EqualFold(s, "mi") || strings.EqualFold(s, "km") }

func (p *parser) checkNumbers(args []Expr) *Error {
	for _, a := range args {
		if a.Value == nil || a.Value.Kind != Number {
			return syntaxError(p.query, a.Pos, "GEOLOCATION function must have numbers as its arguments")
		}
	}
	return nil
}
