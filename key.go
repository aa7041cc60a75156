package conversion

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"net/mail"
	"net/url"
	"strings"
	"unicode/utf8"

	"golang.org/x/net/idna"
	"golang.org/x/net/publicsuffix"
)

// Email returns the form in which e-mail addresses are compared: trimmed and
// case-folded, no dot or plus folding (spec 3.5). It does not judge the address.
func Email(s string) string { return strings.ToLower(strings.TrimSpace(s)) }

// ParseEmail returns the canonical form of an address typed by a person, or ok = false
// when it is not one: no display name, a dotted domain, at most 80 characters (what
// Salesforce holds).
func ParseEmail(s string) (email string, ok bool) {
	email = Email(s)
	address, err := mail.ParseAddress(email)
	if err != nil || address.Address != email || utf8.RuneCountInString(email) > 80 {
		return "", false
	}
	_, host, _ := strings.Cut(email, "@")
	return email, strings.Contains(host, ".") && !strings.HasPrefix(host, "[")
}

// Domain returns the domain of a website: its host in lower case and ASCII, without
// scheme, user info, port, path, trailing dot and leading "www." (spec 3.6). "" when the
// website is blank or malformed ("n/a", "localhost", an IP address, an e-mail address) or
// on a host that many organisations share: such an Account has a company of its own.
func Domain(website string) string {
	if host := websiteHost(website); !sharedHost(host) {
		return host
	}
	return ""
}

// SharedWebsite reports whether a website is on a host that many organisations share.
func SharedWebsite(website string) bool { return sharedHost(websiteHost(website)) }

// websiteHost is Domain for shared hosts too.
func websiteHost(website string) string {
	s := strings.ToLower(strings.TrimSpace(website))
	if s == "" || strings.ContainsAny(s, " \t\n<>\"") {
		return ""
	}
	if scheme, _, ok := strings.Cut(s, "://"); !ok || strings.ContainsAny(scheme, "./?#") {
		if isAddress(s) {
			return ""
		}
		s = "//" + strings.TrimPrefix(s, "//")
	}
	u, err := url.Parse(s)
	if err != nil {
		return ""
	}
	return hostDomain(u.Hostname())
}

// isAddress reports whether a website without a scheme is an e-mail address.
func isAddress(s string) bool {
	before, _, ok := strings.Cut(s, "@")
	return ok && !strings.ContainsAny(strings.TrimPrefix(before, "mailto:"), "/:?#")
}

// hostDomain returns the host in the form of Domain, "" when nobody can own it.
func hostDomain(host string) string {
	ascii, err := idna.Lookup.ToASCII(host)
	if err != nil || !utf8.ValidString(host) {
		return ""
	}
	ascii = strings.TrimSuffix(ascii, ".")
	for strings.HasPrefix(ascii, "www.") {
		ascii = strings.TrimPrefix(ascii, "www.")
	}
	top := ascii[strings.LastIndexByte(ascii, '.')+1:]
	if len(top) < 2 || strings.Trim(top, "0123456789") == "" {
		return "" // "n.a.", an IP address: no such top-level domain
	}
	if _, err := publicsuffix.EffectiveTLDPlusOne(ascii); err != nil {
		return ""
	}
	return ascii
}

// EmailDomain returns the domain of an e-mail address in the form of Domain, or "".
func EmailDomain(email string) string {
	_, host, ok := strings.Cut(Email(email), "@")
	if !ok {
		return ""
	}
	return hostDomain(host)
}

// keyHashed begins the key of an erased entity. No e-mail or domain holds a colon.
const keyHashed = "sha256:"

// KeyHash is what an erased entity keeps of its e-mail or domain, to be known again by
// (spec 3.11): its SHA-256 in hexadecimal. "" and what is a hash already stay.
func KeyHash(key string) string {
	if key == "" || strings.HasPrefix(key, keyHashed) {
		return key
	}
	sum := sha256.Sum256([]byte(key))
	return keyHashed + hex.EncodeToString(sum[:])
}

// Erased reports whether nothing is left of a deleted entity but the hash of its key.
func (e *Entity) Erased() bool { return !e.Live() && strings.HasPrefix(e.Key, keyHashed) }

// Erase leaves nothing of an entity but its id, its kind, and the hash of its key, from which
// a record with that key is known again and passed over (spec 3.11).
func (e *Entity) Erase(at Moment) {
	*e = Entity{
		ID: e.ID, Kind: e.Kind, Key: KeyHash(e.Key), Origin: e.Origin, Version: e.Version,
		Created: e.Created, Updated: at, Deleted: cmp.Or(e.Deleted, at),
	}
}
