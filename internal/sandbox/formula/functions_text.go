package formula

import (
	"math"
	"strconv"
	"strings"
	"unicode"
)

// maxText bounds what a formula may build.
const maxText = 100_000

func textOf(v any) string {
	s, _ := v.(string)
	return s
}

func join(a, b any) any {
	if a == nil && b == nil {
		return nil
	}
	return textOf(a) + textOf(b)
}

// asText writes a value as TEXT does.
func asText(v any) any {
	switch v := v.(type) {
	case float64:
		return strconv.FormatFloat(tidy(v), 'f', -1, 64)
	case Day:
		return v.String()
	case Moment:
		return v.time().Format("2006-01-02 15:04:05Z")
	case Clock:
		return v.String()
	}
	return v
}

// onText makes a function of one text that leaves blanks blank.
func onText(change func(string) string) function {
	return function{params: []Type{Text}, result: Text, compute: func(_ *frame, a []any) any {
		if a[0] == nil {
			return nil
		}
		return change(textOf(a[0]))
	}}
}

// count is a number of characters: a whole number from 0 to maxText.
func count(v any) int {
	x, _ := v.(float64)
	return int(math.Max(0, math.Min(x, maxText)))
}

var textFunctions = map[string]function{
	"&":  {params: []Type{Text, Text}, result: Text, compute: func(_ *frame, a []any) any { return join(a[0], a[1]) }},
	"BR": {result: Text, compute: func(*frame, []any) any { return "<br>" }},

	"LEN": {params: []Type{Text}, result: Number, compute: func(_ *frame, a []any) any { return float64(len([]rune(textOf(a[0])))) }},
	"LEFT": {params: []Type{Text, Number}, result: Text, compute: func(_ *frame, a []any) any {
		return cut(textOf(a[0]), 0, count(a[1]))
	}},
	"RIGHT": {params: []Type{Text, Number}, result: Text, compute: func(_ *frame, a []any) any {
		n := len([]rune(textOf(a[0])))
		return cut(textOf(a[0]), max(0, n-count(a[1])), n)
	}},
	"MID": {params: []Type{Text, Number, Number}, result: Text, compute: func(_ *frame, a []any) any {
		start := max(0, count(a[1])-1)
		return cut(textOf(a[0]), start, start+count(a[2]))
	}},
	"UPPER":   optional(1, withLocale(onText(strings.ToUpper))),
	"LOWER":   optional(1, withLocale(onText(strings.ToLower))),
	"TRIM":    onText(strings.TrimSpace),
	"INITCAP": onText(initCap),
	"REVERSE": onText(reversed),

	"CONTAINS": {params: []Type{Text, Text}, result: Boolean, compute: func(_ *frame, a []any) any {
		return strings.Contains(textOf(a[0]), textOf(a[1]))
	}},
	"BEGINS": {params: []Type{Text, Text}, result: Boolean, compute: func(_ *frame, a []any) any {
		return strings.HasPrefix(textOf(a[0]), textOf(a[1]))
	}},
	"FIND": {params: []Type{Text, Text, Number}, optional: 1, result: Number, compute: func(_ *frame, a []any) any {
		start := 0
		if len(a) > 2 {
			start = max(0, count(a[2])-1)
		}
		return find(textOf(a[0]), textOf(a[1]), start)
	}},
	"SUBSTITUTE": {params: []Type{Text, Text, Text}, result: Text, compute: substituted},
	"LPAD":       {params: []Type{Text, Number, Text}, optional: 1, result: Text, compute: padded(true)},
	"RPAD":       {params: []Type{Text, Number, Text}, optional: 1, result: Text, compute: padded(false)},
	"VALUE": {params: []Type{Text}, result: Number, compute: func(f *frame, a []any) any {
		if emptied(a[0]) == nil {
			return nil
		}
		x, ok := parseNumber(textOf(a[0]))
		if !ok {
			return f.fail("The value '%s' is not a valid number.", textOf(a[0]))
		}
		return x
	}},
	"ASCII": {params: []Type{Text}, result: Number, compute: func(_ *frame, a []any) any {
		for _, r := range textOf(a[0]) {
			return float64(r)
		}
		return nil
	}},
	"CHR": {params: []Type{Number}, result: Text, compute: func(_ *frame, a []any) any { return string(rune(count(a[0]))) }},

	"HYPERLINK": {params: []Type{Text, Text, Text}, optional: 1, result: Text, compute: hyperlink},
	"IMAGE":     {params: []Type{Text, Text, Number, Number}, optional: 2, result: Text, compute: image},
}

// withLocale takes a second argument, the locale: the rules of one are used.
func withLocale(f function) function {
	f.params = []Type{Text, Text}
	return f
}

// cut is the characters from..to of a text, as far as it has them.
func cut(s string, from, to int) any {
	runes := []rune(s)
	from, to = min(from, len(runes)), min(to, len(runes))
	if from >= to {
		return nil
	}
	return string(runes[from:to])
}

func initCap(s string) string {
	inWord := false
	return strings.Map(func(r rune) rune {
		first := !inWord
		inWord = unicode.IsLetter(r) || unicode.IsDigit(r)
		if first {
			return unicode.ToUpper(r)
		}
		return unicode.ToLower(r)
	}, s)
}

func reversed(s string) string {
	runes := []rune(s)
	for i, j := 0, len(runes)-1; i < j; i, j = i+1, j-1 {
		runes[i], runes[j] = runes[j], runes[i]
	}
	return string(runes)
}

// find counts characters from 1; 0 means that the text is not there.
func find(wanted, text string, start int) any {
	runes := []rune(text)
	if wanted == "" || start > len(runes) {
		return 0.0
	}
	at := strings.Index(string(runes[start:]), wanted)
	if at < 0 {
		return 0.0
	}
	return float64(start + len([]rune(string(runes[start:])[:at])) + 1)
}

func substituted(f *frame, a []any) any {
	text, old, with := textOf(a[0]), textOf(a[1]), textOf(a[2])
	if old == "" {
		return a[0]
	}
	if n := strings.Count(text, old); len(text)+n*len(with) > maxText {
		return f.fail("a text is too long")
	}
	return strings.ReplaceAll(text, old, with)
}

// padded makes LPAD and RPAD, which also cut a text that is too long.
func padded(left bool) func(*frame, []any) any {
	return func(_ *frame, a []any) any {
		if a[0] == nil || a[1] == nil {
			return nil
		}
		text, pad, n := textOf(a[0]), " ", count(a[1])
		if len(a) > 2 {
			pad = textOf(a[2])
		}
		missing := n - len([]rune(text))
		if missing <= 0 || pad == "" {
			return cut(text, 0, n)
		}
		fill := []rune(strings.Repeat(pad, missing/len([]rune(pad))+1))[:missing]
		if left {
			return string(fill) + text
		}
		return text + string(fill)
	}
}

func hyperlink(_ *frame, a []any) any {
	target := "_blank"
	if len(a) > 2 {
		target = textOf(a[2])
	}
	return `<a href="` + textOf(a[0]) + `" target="` + target + `">` + textOf(a[1]) + `</a>`
}

// image takes a height and a width in pixels.
func image(_ *frame, a []any) any {
	size := ""
	if len(a) > 3 {
		size = ` style="height:` + textOf(asText(a[2])) + `px; width:` + textOf(asText(a[3])) + `px;"`
	}
	return `<img src="` + textOf(a[0]) + `" alt="` + textOf(a[1]) + `"` + size + ` border="0"/>`
}
