package store

import (
	"strings"
	"unicode/utf8"

	"conversion"
)

// terms are what a prefix search finds an entity by, besides its key: its name from the
// first word on, from the second on, and its last word. "Anna Maria van Dyk" is found by
// her first names, by all that may be the last name of "Anna", and by "Dyk".
type terms struct{ whole, later, last string }

// searchTerms returns the terms of the entity's name in lower case; "" stands for a term
// that would repeat another. A company is found by its whole name only.
func searchTerms(e *conversion.Entity) terms {
	words := strings.Fields(strings.ToLower(text(e.Name)))
	t := terms{whole: clip(strings.Join(words, " "))}
	if e.Kind != conversion.KindContact || len(words) < 2 {
		return t
	}
	t.later = clip(strings.Join(words[1:], " "))
	if len(words) > 2 {
		t.last = clip(words[len(words)-1])
	}
	return t
}

// maxTerm is how many bytes of a term, or of a prefix, are looked at: PostgreSQL's
// indexes hold no row of more than 2,700.
const maxTerm = 500

// clip cuts the text at maxTerm, between two characters.
func clip(s string) string {
	if len(s) <= maxTerm {
		return s
	}
	end := maxTerm
	for !utf8.RuneStart(s[end]) {
		end--
	}
	return s[:end]
}

// keyDomain returns the domain of a contact's e-mail, by which its company is found when
// no claim names one (spec 3.15); "" for free-mail domains, which belong to nobody.
func keyDomain(e *conversion.Entity) string {
	if e.Kind != conversion.KindContact {
		return ""
	}
	domain := conversion.EmailDomain(e.Key)
	if conversion.FreeMail(domain) {
		return ""
	}
	return domain
}
