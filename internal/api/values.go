package api

import (
	"encoding/json"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"conversion"
)

// answer is an output that is only a body.
type answer[T any] struct {
	Body T
}

func answerWith[T any](body T) *answer[T] { return &answer[T]{body} }

// made is an output that is new (201) or was there (200).
type made[T any] struct {
	Status int
	Body   T
}

// nothing is an input or an output without any parts.
type nothing struct{}

// ByID is the input of a call about one thing.
type ByID struct {
	ID string `path:"id"`
}

// clearable is a text of a request that may also be left out or null: not given, it leaves
// what is there; null clears it.
type clearable struct {
	given bool
	text  string // "" for null
}

// UnmarshalJSON reads a text or null.
func (c *clearable) UnmarshalJSON(data []byte) error {
	var text *string
	if err := json.Unmarshal(data, &text); err != nil {
		return err
	}
	*c = clearable{given: true}
	if text != nil {
		c.text = *text
	}
	return nil
}

// Schema describes a text or null. No database holds a NUL.
func (clearable) Schema(huma.Registry) *huma.Schema {
	return &huma.Schema{Type: huma.TypeString, Nullable: true, Pattern: `^[^\x00]*$`, PatternDescription: "text without NUL"}
}

// pointer returns nil for what was not given and "" for null.
func (c clearable) pointer() *string {
	if !c.given {
		return nil
	}
	return &c.text
}

// orNull gives null for "".
func orNull(s string) *string {
	if s == "" {
		return nil
	}
	return &s
}

// timeOrNull gives null for never, and for a retry that waits for a person.
func timeOrNull(m conversion.Moment) *time.Time {
	if m == 0 || m >= conversion.ParkedRetry {
		return nil
	}
	t := m.Time()
	return &t
}

// yes reads an optional flag that is true unless it says otherwise.
func yes(flag *bool) bool { return flag == nil || *flag }
