package salesforce

import (
	"fmt"
	"net/url"
	"regexp"
	"slices"
	"strings"
)

// Hosts decides which hosts may see a token, a client secret or a login.
type Hosts struct {
	// Extra are hosts trusted besides Salesforce's own, exactly as they stand in
	// a URL: host or host:port. Plain http is allowed for these only.
	Extra []string
}

// trustedDomains are Salesforce's own domains that serve logins and APIs.
// Everything below them is run by Salesforce: login, test, My Domains of
// production and sandboxes, and instances. Left out on purpose: force.com,
// salesforce-sites.com and site.com, which serve pages that customers write.
var trustedDomains = []string{
	"salesforce.com",
	"salesforce.mil", // Government Cloud
}

// asciiHost keeps out names that mean another host once they are mapped to ASCII.
var asciiHost = regexp.MustCompile(`^[a-z0-9]([a-z0-9.-]*[a-z0-9])?$`)

// UntrustedHostError says that a URL is none that may see a token.
type UntrustedHostError struct {
	Host   string // as it stood in the URL; empty if there was none
	Reason string // completes the sentence "the host … is not trusted: "
}

func (e *UntrustedHostError) Error() string {
	if e.Host == "" {
		return e.Reason
	}
	return fmt.Sprintf("the host %q is not trusted: %s", e.Host, e.Reason)
}

// Hint says what an admin can do about it.
func (e *UntrustedHostError) Hint() string {
	return "Use https://login.salesforce.com, https://test.salesforce.com or your My Domain address, " +
		"which ends in .my.salesforce.com; any other host has to be allowed in the settings first."
}

// Trusted parses a login, instance or identity URL and returns it if its host is
// Salesforce's own, over https on the usual port, or one of the extra ones. The
// error is an *UntrustedHostError.
func (h Hosts) Trusted(rawURL string) (*url.URL, error) {
	u, err := url.Parse(strings.TrimSpace(rawURL))
	if err != nil || u.Host == "" {
		return nil, &UntrustedHostError{Reason: "the address is not a URL with a host"}
	}
	if u.User != nil {
		return nil, &UntrustedHostError{Host: u.Host, Reason: "the address holds a user name"}
	}
	if reason := h.distrust(u); reason != "" {
		return nil, &UntrustedHostError{Host: u.Host, Reason: reason}
	}
	return u, nil
}

// distrust returns why the URL is not trusted, or nothing if it is.
func (h Hosts) distrust(u *url.URL) string {
	host := strings.ToLower(u.Host)
	extra := slices.ContainsFunc(h.Extra, func(allowed string) bool { return strings.EqualFold(allowed, host) })
	switch {
	case u.Scheme != "https" && u.Scheme != "http":
		return "the address does not begin with https"
	case extra:
		return ""
	case u.Scheme != "https":
		return "the address does not begin with https"
	case u.Port() != "" && u.Port() != "443":
		return "Salesforce is not served on port " + u.Port()
	case !isSalesforce(strings.ToLower(u.Hostname())):
		return "it is not one of Salesforce's own domains for logins and APIs"
	}
	return ""
}

func isSalesforce(host string) bool {
	return asciiHost.MatchString(host) && slices.ContainsFunc(trustedDomains, func(domain string) bool {
		return strings.HasSuffix(host, "."+domain)
	})
}
