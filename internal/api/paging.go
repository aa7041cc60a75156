package api

import (
	"encoding/base64"
	"slices"

	"conversion"
)

// list is a page of anything.
type list[T any] struct {
	Data       []T     `json:"data"`
	NextCursor *string `json:"next_cursor" doc:"Give it as cursor to get the next page; null at the end."`
}

// Page is the part of an input that says which page is meant.
type Page struct {
	Limit  int    `query:"limit" minimum:"1" maximum:"1000" default:"100"`
	Cursor string `query:"cursor" doc:"The next_cursor of the page before."`
}

// listOf shows every item of a page; next is the cursor of the next, "" at the end.
func listOf[From, To any](items []From, next string, show func(From) To) *answer[list[To]] {
	shown := make([]To, len(items))
	for i, item := range items {
		shown[i] = show(item)
	}
	return answerWith(list[To]{Data: shown, NextCursor: orNull(next)})
}

// pageOf cuts a page out of a list that is read whole, after the item whose name the
// cursor holds.
func pageOf[T any](items []T, name func(T) string, cursor string, limit int) (part []T, next string, err error) {
	if cursor != "" {
		after, err := base64.RawURLEncoding.DecodeString(cursor)
		i := slices.IndexFunc(items, func(item T) bool { return name(item) == string(after) })
		if err != nil || i < 0 {
			return nil, "", conversion.Invalid("cursor", "is not one of this list; begin without it")
		}
		items = items[i+1:]
	}
	if len(items) <= limit {
		return items, "", nil
	}
	last := name(items[limit-1])
	return items[:limit], base64.RawURLEncoding.EncodeToString([]byte(last)), nil
}
