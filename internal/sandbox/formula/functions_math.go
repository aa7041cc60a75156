package formula

import (
	"math"
	"strconv"
	"strings"
)

// numeric makes a function of numbers that is blank when one of them is. A result
// that is no number is an error.
func numeric(params int, compute func(x []float64) float64) function {
	return function{params: repeat(Number, params), result: Number, compute: func(f *frame, args []any) any {
		numbers := make([]float64, len(args))
		for i, arg := range args {
			x, ok := arg.(float64)
			if !ok {
				return nil
			}
			numbers[i] = x
		}
		y := compute(numbers)
		if math.IsNaN(y) || math.IsInf(y, 0) {
			return f.fail("a number cannot be computed")
		}
		return y
	}}
}

func repeat(kind Type, n int) []Type {
	kinds := make([]Type, n)
	for i := range kinds {
		kinds[i] = kind
	}
	return kinds
}

func variadic(f function) function {
	f.variadic = true
	return f
}

func optional(n int, f function) function {
	f.optional = n
	return f
}

var (
	plusNumbers  = numeric(2, func(x []float64) float64 { return x[0] + x[1] })
	minusNumbers = numeric(2, func(x []float64) float64 { return x[0] - x[1] })
)

var mathFunctions = map[string]function{
	"*":     numeric(2, func(x []float64) float64 { return x[0] * x[1] }),
	"/":     numeric(2, func(x []float64) float64 { return x[0] / x[1] }),
	"^":     numeric(2, func(x []float64) float64 { return math.Pow(x[0], x[1]) }),
	"plus":  numeric(1, func(x []float64) float64 { return x[0] }),
	"minus": numeric(1, func(x []float64) float64 { return -x[0] }),

	"ABS": numeric(1, func(x []float64) float64 { return math.Abs(x[0]) }),
	// CEILING goes away from zero and FLOOR towards it; the other two go up and down.
	"CEILING":  numeric(1, func(x []float64) float64 { return awayFromZero(x[0]) }),
	"FLOOR":    numeric(1, func(x []float64) float64 { return math.Trunc(x[0]) }),
	"MCEILING": numeric(1, func(x []float64) float64 { return math.Ceil(x[0]) }),
	"MFLOOR":   numeric(1, func(x []float64) float64 { return math.Floor(x[0]) }),
	"ROUND":    numeric(2, func(x []float64) float64 { return scaled(x[0], x[1], math.Round) }),
	"TRUNC":    optional(1, numeric(2, func(x []float64) float64 { return scaled(x[0], digits(x), math.Trunc) })),
	"MOD":      numeric(2, func(x []float64) float64 { return math.Mod(x[0], x[1]) }),
	"SQRT":     numeric(1, func(x []float64) float64 { return math.Sqrt(x[0]) }),
	"EXP":      numeric(1, func(x []float64) float64 { return math.Exp(x[0]) }),
	"LN":       numeric(1, func(x []float64) float64 { return math.Log(x[0]) }),
	"LOG":      numeric(1, func(x []float64) float64 { return math.Log10(x[0]) }),
	"PI":       numeric(0, func([]float64) float64 { return math.Pi }),
	"MAX":      variadic(numeric(1, func(x []float64) float64 { return fold(x, math.Max) })),
	"MIN":      variadic(numeric(1, func(x []float64) float64 { return fold(x, math.Min) })),
}

func fold(x []float64, pick func(a, b float64) float64) float64 {
	if len(x) == 0 {
		return math.NaN()
	}
	best := x[0]
	for _, v := range x[1:] {
		best = pick(best, v)
	}
	return best
}

func awayFromZero(x float64) float64 { return math.Copysign(math.Ceil(math.Abs(x)), x) }

// digits is the optional second argument of TRUNC.
func digits(x []float64) float64 {
	if len(x) > 1 {
		return x[1]
	}
	return 0
}

// scaled rounds at a decimal place. Decimal text decides, so that 1.005 is seen
// as what was written.
func scaled(x, places float64, round func(float64) float64) float64 {
	power := math.Pow10(int(math.Max(-20, math.Min(20, places))))
	y := tidy(x * power)
	if math.Abs(y) >= 1<<53 {
		return x
	}
	return tidy(round(y) / power)
}

// tidy drops what binary fractions add behind the fifteenth digit.
func tidy(x float64) float64 {
	if x == math.Trunc(x) && math.Abs(x) < 1e15 {
		return x
	}
	y, err := strconv.ParseFloat(strconv.FormatFloat(x, 'g', 15, 64), 64)
	if err != nil {
		return x
	}
	return y
}

// parseNumber reads a plain decimal number.
func parseNumber(s string) (float64, bool) {
	s = strings.TrimSpace(s)
	if strings.ContainsAny(s, "xXpP_nNiI") {
		return 0, false
	}
	x, err := strconv.ParseFloat(s, 64)
	return x, err == nil
}
