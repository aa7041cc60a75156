package sandbox

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/url"
	"regexp"
	"strconv"
	"strings"
)

// references resolves what the later subrequests of a composite take from the
// answers of earlier ones: @{referenceId.path}.
type references struct {
	answers map[string]any // by reference id, as decoded JSON
	// nulls says whether a null may be taken over, as it may from v52.0 on.
	nulls bool
}

func newReferences(version int) *references {
	return &references{answers: map[string]any{}, nulls: version >= 52}
}

// keep remembers the answer of a subrequest.
func (r *references) keep(id string, answer []byte) {
	d := json.NewDecoder(bytes.NewReader(answer))
	d.UseNumber()
	var v any
	if d.Decode(&v) == nil {
		r.answers[id] = v
	}
}

var (
	bodyReference = regexp.MustCompile(`@\{([^{}]*)\}`)
	urlReference  = regexp.MustCompile(`(?i)(?:@|%40)(?:\{|%7B)(.*?)(?:\}|%7D)`)
)

// mentioned lists the reference ids that a subrequest makes use of.
func mentioned(address string, body []byte) []string {
	var ids []string
	for _, found := range bodyReference.FindAllSubmatch(body, -1) {
		ids = append(ids, referenceName(string(found[1])))
	}
	for _, found := range urlReference.FindAllStringSubmatch(address, -1) {
		ids = append(ids, referenceName(unescaped(found[1])))
	}
	return ids
}

// referenceName is the id that a reference begins with.
func referenceName(reference string) string {
	if end := strings.IndexAny(reference, ".["); end >= 0 {
		return reference[:end]
	}
	return reference
}

func unescaped(s string) string {
	if plain, err := url.QueryUnescape(s); err == nil {
		return plain
	}
	return s
}

// unresolved is the message about a reference without a value.
func unresolved(reference string) string {
	return fmt.Sprintf("Invalid reference specified. No value for %s found in %s. Provided referenceId ('%s') must start with a letter or a number, and it can contain only letters, numbers and underscores ('_').",
		reference, referenceName(reference), reference)
}

// value finds what a reference stands for: a text, a number, a boolean or null.
func (r *references) value(reference string) (any, bool) {
	name := referenceName(reference)
	v, ok := r.answers[name]
	path := reference[len(name):]
	for ok && path != "" {
		var step string
		step, path = nextStep(path)
		v, ok = follow(v, step)
	}
	switch v.(type) {
	case nil:
		return nil, ok && r.nulls
	case map[string]any, []any:
		return nil, false
	}
	return v, ok
}

// nextStep cuts ".name" or "[n]" off a path.
func nextStep(path string) (step, rest string) {
	end := strings.IndexAny(path[1:], ".[")
	if end < 0 {
		return path, ""
	}
	return path[:end+1], path[end+1:]
}

func follow(v any, step string) (any, bool) {
	if name, isField := strings.CutPrefix(step, "."); isField {
		object, _ := v.(map[string]any)
		field, ok := object[name]
		return field, ok
	}
	index, err := strconv.Atoi(strings.TrimSuffix(strings.TrimPrefix(step, "["), "]"))
	list, _ := v.([]any)
	if err != nil || !strings.HasSuffix(step, "]") || index < 0 || index >= len(list) {
		return nil, false
	}
	return list[index], true
}

// inURL puts values into an address, escaped; missing is the first reference
// without a value.
func (r *references) inURL(address string) (resolved, missing string) {
	resolved = urlReference.ReplaceAllStringFunc(address, func(found string) string {
		reference := unescaped(urlReference.FindStringSubmatch(found)[1])
		v, ok := r.value(reference)
		if !ok && missing == "" {
			missing = reference
		}
		return url.QueryEscape(text(v))
	})
	return strings.ReplaceAll(resolved, "+", "%20"), missing
}

// inBody puts values into the texts of a JSON body. A text that is one reference
// and nothing else takes over the type of the value.
func (r *references) inBody(body []byte) (resolved []byte, missing string) {
	if !bodyReference.Match(body) {
		return body, ""
	}
	d := json.NewDecoder(bytes.NewReader(body))
	d.UseNumber()
	var v any
	if d.Decode(&v) != nil {
		return body, ""
	}
	v = r.within(v, &missing)
	resolved, _ = json.Marshal(v) // it was JSON before
	return resolved, missing
}

func (r *references) within(v any, missing *string) any {
	switch v := v.(type) {
	case map[string]any:
		for name := range v {
			v[name] = r.within(v[name], missing)
		}
	case []any:
		for i := range v {
			v[i] = r.within(v[i], missing)
		}
	case string:
		return r.inText(v, missing)
	}
	return v
}

func (r *references) inText(s string, missing *string) any {
	take := func(reference string) any {
		v, ok := r.value(reference)
		if !ok && *missing == "" {
			*missing = reference
		}
		return v
	}
	if found := bodyReference.FindStringSubmatch(s); found != nil && found[0] == s {
		return take(found[1])
	}
	return bodyReference.ReplaceAllStringFunc(s, func(found string) string {
		return text(take(found[2 : len(found)-1]))
	})
}

// text is a referenced value as a part of a longer text.
func text(v any) string {
	if v == nil {
		return ""
	}
	return fmt.Sprint(v)
}
