package conversion

import (
	"net/mail"
	"net/netip"
	"net/url"
	"strings"

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
	if err != nil || address.Address != email || len(email) > 80 {
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
	s := strings.ToLower(strings.TrimSpace(website))
	if s == "" || strings.ContainsAny(s, " \t\n<>\"") {
		return ""
	}
	if !strings.Contains(s, "://") {
		if at := strings.Index(s, "@"); at >= 0 && !strings.ContainsAny(s[:at], "/:") {
			return "" // an e-mail address, not a website
		}
		s = "//" + strings.TrimPrefix(s, "//")
	}
	u, err := url.Parse(s)
	if err != nil {
		return ""
	}
	domain := hostDomain(u.Hostname())
	if sharedHost(domain) {
		return ""
	}
	return domain
}

func hostDomain(host string) string {
	host = strings.TrimSuffix(host, ".")
	if _, err := netip.ParseAddr(host); err == nil {
		return ""
	}
	ascii, err := idna.Lookup.ToASCII(host)
	if err != nil {
		return ""
	}
	ascii = strings.TrimPrefix(ascii, "www.")
	if _, err := publicsuffix.EffectiveTLDPlusOne(ascii); err != nil || !strings.Contains(ascii, ".") {
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
