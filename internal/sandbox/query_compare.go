package sandbox

import (
	"cmp"
	"strings"
	"time"

	"conversion/internal/sandbox/soql"
	"conversion/internal/sandbox/table"
)

// ordered makes a test of a comparison with a value. Null is unequal to every
// value and neither less nor greater.
func ordered(op soql.Op, compare func(any) (int, bool)) func(any) bool {
	return func(got any) bool {
		c, ok := compare(got)
		if !ok {
			return op == soql.NotEqual
		}
		return holds(op, c)
	}
}

// holds says whether an operator accepts a result of comparing. IN is a list of
// equalities.
func holds(op soql.Op, c int) bool {
	switch op {
	case soql.Less:
		return c < 0
	case soql.LessEqual:
		return c <= 0
	case soql.Greater:
		return c > 0
	case soql.GreaterEqual:
		return c >= 0
	case soql.NotEqual:
		return c != 0
	}
	return c == 0
}

// spanned compares a point with the half-open span [from, to): equal means
// inside, less means before all of it.
func spanned[T cmp.Ordered](at, from, to T) int {
	switch {
	case at < from:
		return -1
	case at >= to:
		return 1
	}
	return 0
}

func sign(x float64) int { return cmp.Compare(x, 0) }

// compareSeconds compares a stored time with one that may have a fraction.
func compareSeconds(at int64, with time.Time) int {
	if c := cmp.Compare(at, with.Unix()); c != 0 || with.Nanosecond() == 0 {
		return c
	}
	return -1
}

// compareStored compares two stored values of one field: ids as they are, other
// text in any case.
func (f *field) compareStored(a, b any) int {
	switch a := a.(type) {
	case string:
		if !f.foldsCase() {
			return strings.Compare(a, b.(string))
		}
		return table.CompareFold(a, b.(string))
	case float64:
		return cmp.Compare(a, b.(float64))
	case int64:
		return cmp.Compare(a, b.(int64))
	case bool:
		switch {
		case a == b:
			return 0
		case a:
			return 1
		}
		return -1
	}
	return 0
}
