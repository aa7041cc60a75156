package store

import (
	"slices"
	"strings"
	"unicode/utf8"

	"conversion"
)

// terms are what a prefix search finds an entity by, besides its key: its name from the
// first word on, its last name, and one more beginning within it. "Ludwig van der Berg" is
// found by his first name, by "van der Berg", and by "Berg".
type terms struct{ whole, last, inner string }

// searchTerms returns the terms of the entity's name in lower case; "" stands for a term
// that would repeat another. A company is found by its whole name only.
func searchTerms(e *conversion.Entity) terms {
	words := lowerWords(e.Name)
	t := terms{whole: term(words)}
	if e.Kind != conversion.KindContact || len(words) < 2 {
		return t
	}
	last := lowerWords(e.LastName)
	if len(last) == 0 {
		last = words[1:] // all that may be the last name
	}
	if t.last = term(last); t.last == t.whole {
		t.last = ""
	}
	t.inner = term(inner(words, last))
	return t
}

// inner is the last word of a last name that has several, else the name from its second
// word on: a second first name. nil when that is the last name.
func inner(words, last []string) []string {
	if len(last) > 1 {
		return last[len(last)-1:]
	}
	if slices.Equal(words[1:], last) {
		return nil
	}
	return words[1:]
}

func lowerWords(name string) []string { return strings.Fields(strings.ToLower(text(name))) }

func term(words []string) string { return clip(strings.Join(words, " ")) }

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
